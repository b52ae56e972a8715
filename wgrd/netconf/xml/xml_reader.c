/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/xml/xml_reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XMLNS "http://www.w3.org/2000/xmlns/"

enum {
	BLOCK_SIZE = 64 * 1024
};

struct xml_block {
	struct xml_block *next;
	size_t used, size;
	char data[];
};

/* ---- memory ---- */

static void *arena_get(struct xml_doc *doc, size_t size, size_t align)
{
	struct xml_block *b = doc->blocks;
	size_t at = b ? (b->used + align - 1) & ~(align - 1) : 0;

	if (!b || at + size > b->size) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		b = calloc(1, sizeof(*b) + room);
		if (!b)
			return NULL;
		b->size = room;
		b->next = doc->blocks;
		doc->blocks = b;
		at = 0;
	}
	b->used = at + size;
	return b->data + at;
}

void xml_free(struct xml_doc *doc)
{
	while (doc->blocks) {
		struct xml_block *b = doc->blocks;

		doc->blocks = b->next;
		explicit_bzero(b->data, b->used);
		free(b);
	}
	*doc = (struct xml_doc){0};
}

bool xml_reader_fail(struct xml_reader *x, int err, const char *fmt, ...)
{
	va_list args;

	if (x->err)
		return false;
	x->err = err;
	va_start(args, fmt);
	vsnprintf(x->why, x->why_len, fmt, args);
	va_end(args);
	return false;
}

void *xml_reader_get(struct xml_reader *x, size_t size, size_t align)
{
	void *p = arena_get(x->doc, size, align);

	if (!p)
		xml_reader_fail(x, -E2BIG, "out of memory");
	return p;
}

const char *xml_reader_keep(struct xml_reader *x, const char *s, size_t len)
{
	char *copy = len ? xml_reader_get(x, len + 1, 1) : NULL;

	if (!copy)
		return "";
	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

/* ---- characters ---- */

bool xml_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c & 0x80;
}

static bool is_name(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

void xml_reader_skip_blanks(struct xml_reader *x)
{
	while (xml_is_blank(*x->p))
		x->p++;
}

bool xml_reader_begins(const struct xml_reader *x, const char *with)
{
	return strncmp(x->p, with, strlen(with)) == 0;
}

/* XML 1.0 section 2.2. */
static bool is_char(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) ||
	       (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

static void add_utf8(struct strbuf *out, uint32_t c)
{
	char s[4];
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (len == 1) {
		s[0] = (char)c;
	} else {
		for (size_t i = len - 1; i > 0; i--, c >>= 6)
			s[i] = (char)(0x80 | (c & 0x3f));
		s[0] = (char)((0xf00 >> len & 0xff) | c);
	}
	strbuf_add(out, s, len);
}

/* "#10;" or "#xa;" at x->p. */
static bool add_number(struct xml_reader *x, struct strbuf *out)
{
	bool hex = x->p[1] == 'x';
	const char *digits = x->p + (hex ? 2 : 1);
	char *end = NULL;
	unsigned long c = 0;

	if (strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") > 0)
		c = strtoul(digits, &end, hex ? 16 : 10);
	if (!end || *end != ';' || c > 0x10ffff || !is_char((uint32_t)c))
		return xml_reader_fail(x, -EINVAL,
				       "a reference to a character that is none");
	add_utf8(out, (uint32_t)c);
	x->p = end + 1;
	return true;
}

/* Behind the '&'. */
static bool add_reference(struct xml_reader *x, struct strbuf *out)
{
	static const struct {
		const char *name;
		char c;
	} known[] = {{"lt;", '<'},
		     {"gt;", '>'},
		     {"amp;", '&'},
		     {"quot;", '"'},
		     {"apos;", '\''}};

	if (*x->p == '#')
		return add_number(x, out);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!xml_reader_begins(x, known[i].name))
			continue;
		strbuf_add(out, &known[i].c, 1);
		x->p += strlen(known[i].name);
		return true;
	}
	return xml_reader_fail(x, -EINVAL,
			       "a reference to an entity that XML does not have");
}

bool xml_reader_text(struct xml_reader *x, struct strbuf *out, const char *stop,
		     bool attr)
{
	char special[8];

	snprintf(special, sizeof(special), "%s&\r%s", stop, attr ? "\n\t" : "");
	for (;;) {
		size_t len = strcspn(x->p, special);

		strbuf_add(out, x->p, len);
		x->p += len;
		if (*x->p == '\0' || strchr(stop, *x->p))
			return true;
		if (*x->p == '&') {
			x->p++;
			if (!add_reference(x, out))
				return false;
			continue;
		}
		if (x->p[0] == '\r' && x->p[1] == '\n')
			x->p++;
		x->p++;
		strbuf_add(out, attr ? " " : "\n", 1);
	}
}

/* ---- names ---- */

bool xml_reader_name(struct xml_reader *x, struct xml_name *q)
{
	*q = (struct xml_name){.s = x->p};
	if (!is_name_start(*x->p))
		return xml_reader_fail(x, -EINVAL, "a name is expected in octet %zu",
				       (size_t)(x->p - x->begin));
	while (is_name(*x->p))
		x->p++;
	if (*x->p == ':' && is_name_start(x->p[1])) {
		q->prefix_len = (size_t)(x->p - q->s);
		for (x->p++; is_name(*x->p);)
			x->p++;
	}
	q->len = (size_t)(x->p - q->s);
	return *x->p != ':' ||
	       xml_reader_fail(x, -EINVAL, "a name with more than one colon");
}

static const char *look_up(const struct xml_scope *scope, const char *prefix, size_t len)
{
	for (; scope; scope = scope->next)
		if (strlen(scope->prefix) == len && !memcmp(scope->prefix, prefix, len))
			return scope->ns;
	return NULL;
}

const char *xml_prefix_ns(const struct xml_node *node, const char *prefix, size_t len)
{
	return look_up(node->scope, prefix, len);
}

const char *xml_local_name(const char *qname)
{
	const char *colon = strchr(qname, ':');

	return colon ? colon + 1 : qname;
}

static bool resolve(struct xml_reader *x, const char *qname, bool attr, const char **ns)
{
	size_t len = (size_t)(xml_local_name(qname) - qname);

	*ns = "";
	if (!len && attr)
		return true;
	*ns = look_up(x->scope, qname, len ? len - 1 : 0);
	if (*ns)
		return true;
	*ns = len == 4 && !strncmp(qname, "xml", 3)
		      ? "http://www.w3.org/XML/1998/namespace"
		      : "";
	return !len || **ns ||
	       xml_reader_fail(x, -EINVAL, "the prefix of \"%.64s\" is not declared",
			       qname);
}

/* ---- attributes ---- */

static bool is_declaration(const char *qname)
{
	return !strcmp(qname, "xmlns") || !strncmp(qname, "xmlns:", 6);
}

static bool declare(struct xml_reader *x, const struct xml_attr *a)
{
	struct xml_scope *s;

	if (++x->scopes > XML_SCOPES_MAX)
		return xml_reader_fail(x, -E2BIG, "more than %d namespaces are declared",
				       XML_SCOPES_MAX);
	if (a->qname[5] && !*a->value)
		return xml_reader_fail(x, -EINVAL, "%.64s is declared to be nothing",
				       a->qname);
	s = xml_reader_get(x, sizeof(*s), sizeof(void *));
	if (!s)
		return false;
	*s = (struct xml_scope){a->qname[5] ? a->qname + 6 : "", a->value, x->scope};
	x->scope = s;
	return true;
}

static const char *read_value(struct xml_reader *x)
{
	struct strbuf value = {.secret = true};
	const char *kept = NULL, quote[2] = {*x->p, '\0'};

	if (*quote != '"' && *quote != '\'') {
		xml_reader_fail(x, -EINVAL, "the value of an attribute stands in quotes");
		return NULL;
	}
	x->p++;
	if (xml_reader_text(x, &value, *quote == '"' ? "\"<" : "'<", true)) {
		if (*x->p == *quote)
			kept = xml_reader_keep(x, strbuf_str(&value), value.len);
		else
			xml_reader_fail(x, -EINVAL,
					"the value of an attribute does not end");
	}
	strbuf_free(&value);
	if (kept)
		x->p++;
	return kept;
}

static bool read_attr(struct xml_reader *x, struct xml_attr **out)
{
	struct xml_attr *a = xml_reader_get(x, sizeof(*a), sizeof(void *));
	struct xml_name q;

	if (!a || !xml_reader_name(x, &q))
		return false;
	*a = (struct xml_attr){.qname = xml_reader_keep(x, q.s, q.len)};
	a->name = xml_local_name(a->qname);
	xml_reader_skip_blanks(x);
	if (*x->p != '=')
		return xml_reader_fail(x, -EINVAL, "attribute %.64s has no value",
				       a->qname);
	x->p++;
	xml_reader_skip_blanks(x);
	a->value = read_value(x);
	*out = a;
	return a->value != NULL;
}

static bool is_twice(const struct xml_node *n, const struct xml_attr *a)
{
	for (const struct xml_attr *b = n->attr; b != a; b = b->next)
		if (!strcmp(a->name, b->name) && !strcmp(a->ns, b->ns))
			return true;
	return false;
}

/* Names are looked up when all declarations of the element are known. */
static bool resolve_all(struct xml_reader *x, struct xml_node *n)
{
	for (struct xml_attr *a = n->attr; a; a = a->next) {
		if (is_declaration(a->qname))
			a->ns = XMLNS;
		else if (!resolve(x, a->qname, true, &a->ns))
			return false;
		if (is_twice(n, a))
			return xml_reader_fail(x, -EINVAL,
					       "attribute %.64s stands there twice",
					       a->qname);
	}
	return resolve(x, n->qname, false, &n->ns);
}

bool xml_reader_attrs(struct xml_reader *x, struct xml_node *n)
{
	struct xml_attr **end = &n->attr;
	unsigned count = 0;

	for (;;) {
		const char *before = x->p;

		xml_reader_skip_blanks(x);
		if (*x->p == '>' || *x->p == '/')
			break;
		if (x->p == before)
			return xml_reader_fail(x, -EINVAL, "element %.64s does not end",
					       n->qname);
		if (++count > XML_ATTRS_MAX)
			return xml_reader_fail(x, -E2BIG, "more than %d attributes",
					       XML_ATTRS_MAX);
		if (!read_attr(x, end))
			return false;
		if (is_declaration((*end)->qname) && !declare(x, *end))
			return false;
		end = &(*end)->next;
	}
	n->scope = x->scope;
	return resolve_all(x, n);
}
