/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_PRINT_H
#define WGRD_NETCONF_PRINT_H

/*
 * Trees as XML, with defaults as RFC 6243 has it: whole ones, or node by node for who tells
 * parts of one. The text is what libyang's printer writes with LYD_PRINT_SHRINK, which makes each
 * piece of it with printf and so takes much longer. The models have no anydata and no metadata.
 * Main thread only.
 */

#include <libyang/libyang.h>
#include <stdbool.h>

#include "wgrd/lib/strbuf.h"

enum print_defaults {
	PRINT_EXPLICIT, /* what was set; what this server does when it is not asked */
	PRINT_ALL,
	PRINT_ALL_TAGGED,
	PRINT_TRIM, /* without what is as it is by default */
};
/* False: there is no such mode. */
bool print_defaults_parse(const char *name, enum print_defaults *out) MUST_USE;

/* Appends @tree alone, without its siblings; NULL: nothing. */
void print_tree(struct strbuf *out, const struct lyd_node *tree, enum print_defaults d);

/* ---- node by node ---- */

struct printer {
	struct strbuf *out;
	enum print_defaults defaults;
	const struct lys_module *module; /* whose namespace holds here; NULL: none */
	bool open;                       /* the last tag has no end yet: "/>" or ">" */
	struct ly_set prefix; /* modules that a value has named; the first is none */
};

void printer_init(struct printer *p, struct strbuf *out, enum print_defaults d);
void printer_fini(struct printer *p);

/* How things were before an element was begun. */
struct print_mark {
	size_t len;
	const struct lys_module *module;
	bool open;
};

/* An element, which has others in it or nothing; what is printed until its end stands in it. */
struct print_mark print_begin(struct printer *p, const struct lyd_node *node);
void print_end(struct printer *p, const struct lyd_node *node,
	       const struct print_mark *mark);
/* In place of print_end(): it and all in it was never printed. */
void print_undo(struct printer *p, const struct print_mark *mark);

/* A leaf, or a value of a leaf-list, whatever its value. */
void print_leaf(struct printer *p, const struct lyd_node *leaf);
/* Is it to be printed, as far as defaults go? */
bool print_wants(const struct printer *p, const struct lyd_node *node);
/* All of @node, if it is to be. Returns whether it was. */
bool print_all(struct printer *p, const struct lyd_node *node);

#endif
