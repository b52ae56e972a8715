/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/xml/xml.h"

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

#define CONTROLS                                                                         \
	"\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16" \
	"\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"

static void escape(struct strbuf *out, const char *text, const char *special)
{
	for (;;) {
		size_t len = strcspn(text, special);

		strbuf_add(out, text, len);
		text += len;
		if (!*text)
			return;
		strbuf_puts(out, reference_for(*text++));
	}
}

void xml_escape(struct strbuf *out, const char *text)
{
	escape(out, text, "<>&" CONTROLS);
}

void xml_escape_attr(struct strbuf *out, const char *text)
{
	escape(out, text, "<>&\"\t\n" CONTROLS);
}

void xml_put(struct strbuf *out, const char *name, const char *text)
{
	if (!text)
		return;
	strbuf_printf(out, "<%s>", name);
	xml_escape(out, text);
	strbuf_printf(out, "</%s>", name);
}
