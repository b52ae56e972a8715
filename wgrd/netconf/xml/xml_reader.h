/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_XML_XML_READER_H
#define WGRD_NETCONF_XML_XML_READER_H

/*
 * The small pieces of XML, for xml_parse.c alone: memory that goes with the document, text
 * with its references, names, attributes. What cannot be is noted, the first reason counts,
 * and false or NULL returned. Main thread only.
 */

#include <stdbool.h>

#include "wgrd/netconf/xml/xml.h"

struct xml_reader {
	struct xml_doc *doc;
	const char *p, *begin; /* the text ends with a NUL, which is nowhere in it */
	struct xml_node *node; /* that we are in */
	const struct xml_scope *scope;
	struct strbuf text; /* of @node, as far as it has been read */
	unsigned depth, scopes;
	int err;
	char *why;
	size_t why_len;
};

/* A name as it is written. */
struct xml_name {
	const char *s;
	size_t len, prefix_len; /* 0: no prefix */
};

bool xml_reader_fail(struct xml_reader *x, int err, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* Zeroed, until xml_free(). */
void *xml_reader_get(struct xml_reader *x, size_t size, size_t align);
/* A copy; "" when there is nothing, or no memory. */
const char *xml_reader_keep(struct xml_reader *x, const char *s, size_t len);

bool xml_is_blank(char c);
void xml_reader_skip_blanks(struct xml_reader *x);
bool xml_reader_begins(const struct xml_reader *x, const char *with);
/* Up to one of @stop. Ends of lines become '\n'; in an attribute each blank is ' '. */
bool xml_reader_text(struct xml_reader *x, struct strbuf *out, const char *stop,
		     bool attr);
bool xml_reader_name(struct xml_reader *x, struct xml_name *q);
/* All of an element's, up to its '>' or '/', with what they declare. */
bool xml_reader_attrs(struct xml_reader *x, struct xml_node *n);
const char *xml_local_name(const char *qname);

#endif
