/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/xml/xml.h"

#include <stdbool.h>
#include <string.h>

/* ---- looking ---- */

const struct xml_node *xml_child(const struct xml_node *parent, const char *ns,
				 const char *name)
{
	for (const struct xml_node *n = parent->first; n; n = n->next)
		if (!strcmp(n->name, name) && !strcmp(n->ns, ns))
			return n;
	return NULL;
}

const struct xml_attr *xml_attr_find(const struct xml_node *node, const char *ns,
				     const char *name)
{
	for (const struct xml_attr *a = node->attr; a; a = a->next)
		if (!strcmp(a->name, name) && !strcmp(a->ns, ns))
			return a;
	return NULL;
}

/* ---- writing ---- */

static const char *reference_for(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\r':
		return "&#13;";
	case '\t':
		return "&#9;";
	case '\n':
		return "&#10;";
	default:
		return "\xef\xbf\xbd"; /* U+FFFD for what XML cannot have */
	}
}

static bool is_special(char c, bool in_attr)
{
	switch (c) {
	case '<':
	case '>':
	case '&':
		return true;
	case '"':
	case '\t':
	case '\n':
		return in_attr;
	default:
		return (unsigned char)c < ' ';
	}
}

static void escape(struct strbuf *out, const char *text, bool in_attr)
{
	for (;;) {
		size_t len = 0;

		while (text[len] && !is_special(text[len], in_attr))
			len++;
		strbuf_add(out, text, len);
		text += len;
		if (!*text)
			return;
		strbuf_puts(out, reference_for(*text++));
	}
}

void xml_escape(struct strbuf *out, const char *text)
{
	escape(out, text, false);
}

void xml_escape_attr(struct strbuf *out, const char *text)
{
	escape(out, text, true);
}

void xml_put(struct strbuf *out, const char *name, const char *text)
{
	if (!text)
		return;
	strbuf_printf(out, "<%s>", name);
	xml_escape(out, text);
	strbuf_printf(out, "</%s>", name);
}
