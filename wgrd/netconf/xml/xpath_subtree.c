/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /a:x/y[k='1']/z says of each step its name and of some its keys, and so does
 *
 *     <x xmlns="..."><y><k>1</k><z/></y></x>
 *
 * which can be asked of a tree, or of parts of it as they are made, without looking anywhere else.
 */
#include <ctype.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/netconf/xml/xml.h"
#include "wgrd/netconf/xml/xpath.h"

enum {
	NAME_LEN = 64,
	PATHS_MAX = 16, /* of "A | B": a filter may name one node that often */
};

struct path_reader {
	const struct ly_ctx *ctx;
	const char *p;
	struct strbuf *out;
	const struct lysc_node *at; /* the step that was read last */
};

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c & 0x80;
}

static void skip_blanks(struct path_reader *x)
{
	while (isspace((unsigned char)*x->p))
		x->p++;
}

static bool take(struct path_reader *x, char c)
{
	skip_blanks(x);
	if (*x->p != c)
		return false;
	x->p++;
	return true;
}

static bool take_word(struct path_reader *x, char word[static NAME_LEN])
{
	size_t len = 0;

	while (is_name(x->p[len]))
		len++;
	if (!len || len >= NAME_LEN)
		return false;
	memcpy(word, x->p, len);
	word[len] = '\0';
	x->p += len;
	return true;
}

/* "module:name", or a name of the module that it stands in. NULL: no configuration or state. */
static const struct lysc_node *take_node(struct path_reader *x)
{
	const struct lys_module *module = x->at ? x->at->module : NULL;
	char word[NAME_LEN];

	skip_blanks(x);
	if (!take_word(x, word))
		return NULL;
	if (*x->p == ':') {
		x->p++;
		module = ly_ctx_get_module_implemented(x->ctx, word);
		if (!take_word(x, word))
			return NULL;
	}
	return module ? lys_find_child(x->at, module, word, 0,
				       LYS_CONTAINER | LYS_LIST | LYS_LEAF | LYS_LEAFLIST,
				       0)
		      : NULL;
}

/* As libyang compares it: in the canonical form. What XML would change is not taken. */
static bool put_literal(struct path_reader *x, const struct lysc_node *key,
			const char *literal, size_t len)
{
	const char *canonical = NULL;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)literal[i] < ' ')
			return false;
	if (!len || *literal == ' ' || literal[len - 1] == ' ' ||
	    lyd_value_validate(NULL, key, literal, len, NULL, NULL, &canonical))
		return false;
	strbuf_printf(x->out, "<%s>", key->name);
	xml_escape(x->out, canonical);
	strbuf_printf(x->out, "</%s>", key->name);
	lydict_remove(x->ctx, canonical);
	return true;
}

/* "k='1']" */
static bool take_key(struct path_reader *x)
{
	const struct lysc_node *key = take_node(x);
	const char *literal, *end;

	if (!key || !lysc_is_key(key) || !take(x, '='))
		return false;
	skip_blanks(x);
	if (*x->p != '\'' && *x->p != '"')
		return false;
	literal = x->p + 1;
	end = strchr(literal, *x->p);
	if (!end || !put_literal(x, key, literal, (size_t)(end - literal)))
		return false;
	x->p = end + 1;
	return take(x, ']');
}

static bool take_step(struct path_reader *x)
{
	const struct lysc_node *step = take_node(x);

	if (!step)
		return false;
	x->at = step;
	strbuf_printf(x->out, "<%s xmlns=\"", step->name);
	xml_escape_attr(x->out, step->module->ns);
	strbuf_puts(x->out, "\">");
	while (take(x, '['))
		if (!take_key(x))
			return false;
	return true;
}

static bool take_path(struct path_reader *x)
{
	x->at = NULL;
	if (!take(x, '/'))
		return false;
	do {
		if (!take_step(x))
			return false;
	} while (take(x, '/'));
	for (; x->at; x->at = lysc_data_parent(x->at))
		strbuf_printf(x->out, "</%s>", x->at->name);
	return true;
}

static bool take_paths(struct path_reader *x)
{
	unsigned left = PATHS_MAX;

	do {
		if (!left-- || !take_path(x))
			return false;
	} while (take(x, '|'));
	return !*x->p;
}

bool xpath_to_subtree(const struct ly_ctx *ctx, const char *prepared, struct xml_doc *out)
{
	struct strbuf text = {0};
	struct path_reader x = {.ctx = ctx, .p = prepared, .out = &text};
	char why[80];
	bool is;

	*out = (struct xml_doc){0};
	strbuf_puts(&text, "<filter>");
	is = take_paths(&x);
	strbuf_puts(&text, "</filter>");
	if (is && xml_parse(out, text.s, text.len, why, sizeof(why))) {
		xml_free(out);
		is = false;
	}
	strbuf_free(&text);
	return is;
}
