/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/xml/xpath.h"

#include <ctype.h>
#include <errno.h>
#include <libyang/libyang.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/netconf/xml/xml.h"

struct reader {
	const struct ly_ctx *ctx;
	const struct xml_node *at;
	const char *p;
	struct strbuf *out;
	unsigned brackets;
	char before; /* the last character that was no blank */
	char *why;
	size_t why_len;
};

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c & 0x80;
}

static int refuse(struct reader *x, int err, const char *why)
{
	snprintf(x->why, x->why_len, "XPath: %s", why);
	return err;
}

static int take_literal(struct reader *x)
{
	const char *end = strchr(x->p + 1, *x->p);

	if (!end)
		return refuse(x, -EINVAL, "a literal has no end");
	strbuf_add(x->out, x->p, (size_t)(end - x->p) + 1);
	x->p = end + 1;
	return 0;
}

/* "w:" becomes "wgrd:". */
static int take_prefix(struct reader *x, size_t len)
{
	const char *ns = xml_prefix_ns(x->at, x->p, len);
	const struct lys_module *module =
		ns ? ly_ctx_get_module_implemented_ns(x->ctx, ns) : NULL;

	if (!module)
		return refuse(x, -EINVAL, "a prefix stands for no model of this server");
	strbuf_printf(x->out, "%s:", module->name);
	x->p += len + 1;
	return 0;
}

static int take_name(struct reader *x)
{
	size_t len = 0;

	while (is_name(x->p[len]))
		len++;
	if (x->p[len] == ':' && x->p[len + 1] == ':')
		return refuse(x, -ENOTSUP, "axes are not supported");
	if (x->p[len] == ':')
		return take_prefix(x, len);
	strbuf_add(x->out, x->p, len);
	x->p += len;
	return 0;
}

static bool begins_path(char before)
{
	return before == '\0' || strchr("[(|,", before);
}

static int check_operator(struct reader *x)
{
	const char *next = x->p + 1;

	switch (*x->p) {
	case '/':
		if (x->brackets && begins_path(x->before))
			return refuse(x, -ENOTSUP,
				      "a predicate may look down from its node only");
		return 0;
	case '.':
		return next[0] == '.' ? refuse(x, -ENOTSUP, "looking up is not supported")
				      : 0;
	case '$':
		return refuse(x, -EINVAL, "there are no variables");
	case '!':
	case '<':
	case '>':
	case '=':
		while (*next == '=' || *next == ' ')
			next++;
		if (*next != '\'' && *next != '"' && !isdigit((unsigned char)*next))
			return refuse(x, -ENOTSUP, "comparing is with literals only");
		return 0;
	case '[':
		x->brackets++;
		return 0;
	case ']':
		return x->brackets-- ? 0 : refuse(x, -EINVAL, "a ']' too much");
	default:
		return 0;
	}
}

static int take_operator(struct reader *x)
{
	int err = check_operator(x);

	if (err)
		return err;
	strbuf_add(x->out, x->p, 1);
	x->p++;
	return 0;
}

static int take_token(struct reader *x)
{
	if (*x->p == '\'' || *x->p == '"')
		return take_literal(x);
	if (is_name(*x->p) && *x->p != '.' && *x->p != '-')
		return take_name(x);
	return take_operator(x);
}

int xpath_prepare(const struct ly_ctx *ctx, const struct xml_node *at, const char *text,
		  struct strbuf *out, char *why, size_t why_len)
{
	struct reader x = {.ctx = ctx,
			   .at = at,
			   .p = text,
			   .out = out,
			   .why = why,
			   .why_len = why_len};
	int err = 0;

	if (strlen(text) > XPATH_LEN_MAX)
		return refuse(&x, -EINVAL, "it is too long");
	while (!err && *x.p) {
		char c = *x.p;

		err = take_token(&x);
		if (!isspace((unsigned char)c))
			x.before = is_name(c) && c != '.' ? 'a' : c;
	}
	if (!err && x.brackets)
		err = refuse(&x, -EINVAL, "a ']' is missing");
	return err;
}
