/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_XML_XML_H
#define WGRD_NETCONF_XML_XML_H

/*
 * A NETCONF message as a tree of elements: XML 1.0 in UTF-8 with namespaces, without document
 * types, and without text beside elements (RFC 6241 section 3). Everything that a client
 * can make large has a limit. Main thread only.
 *
 * What is written stays beside it: escaping.
 */

#include <stddef.h>

#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

enum {
	XML_DEPTH_MAX = 64,
	XML_ELEMENTS_MAX = 4 << 20,
	XML_ATTRS_MAX = 64,  /* of an element */
	XML_SCOPES_MAX = 64, /* namespace declarations that hold at one place */
};

struct xml_attr {
	const char *qname; /* as it was written, a declaration of a namespace too */
	const char *name;  /* without its prefix */
	const char *ns;    /* "": none, which is usual */
	const char *value;
	struct xml_attr *next;
};

struct xml_scope {
	const char *prefix; /* "": what has none */
	const char *ns;
	const struct xml_scope *next; /* the one it stands in, which it may hide */
};

struct xml_node {
	const char *qname, *name;
	const char *ns;   /* "": none */
	const char *text; /* "" when there are elements in it */
	struct xml_attr *attr;
	const struct xml_scope *scope;
	struct xml_node *parent, *first, *last, *next;
};

struct xml_block;
struct xml_doc {
	struct xml_node *root;
	struct xml_block *blocks;
	size_t elements;
};

/*
 * @text has @len octets and is not needed afterwards. 0; -EINVAL: it is not such XML;
 * -E2BIG: it goes beyond a limit. In both cases @why is a sentence. xml_free() in any case.
 */
int xml_parse(struct xml_doc *doc, const char *text, size_t len, char *why,
	      size_t why_len) MUST_USE;
/* Wipes what was in it: there may have been keys. */
void xml_free(struct xml_doc *doc);

/* The element of this name in this namespace below @parent; NULL: none. */
const struct xml_node *xml_child(const struct xml_node *parent, const char *ns,
				 const char *name);
/* @ns "": one without a prefix. NULL: none. */
const struct xml_attr *xml_attr_find(const struct xml_node *node, const char *ns,
				     const char *name);
/* What @prefix of @len octets means at @node; NULL: nothing. */
const char *xml_prefix_ns(const struct xml_node *node, const char *prefix, size_t len);

/* Text for the content of an element; and for the value of an attribute in '"'. */
void xml_escape(struct strbuf *out, const char *text);
void xml_escape_attr(struct strbuf *out, const char *text);
/* <name>text</name>; @text NULL: nothing at all. */
void xml_put(struct strbuf *out, const char *name, const char *text);

#endif
