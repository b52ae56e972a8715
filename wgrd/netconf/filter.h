/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_FILTER_H
#define WGRD_NETCONF_FILTER_H

/*
 * What of a tree a client gets: what his filter selects (RFC 6241 section 6 and 8.9), of
 * what he may read. Main thread only.
 */

#include <stdbool.h>

#include "wgrd/lib/strbuf.h"
#include "wgrd/netconf/print.h"
#include "wgrd/netconf/xml/xml.h"

struct lyd_node;
struct rpc;

struct filter {
	const struct xml_node
		*subtree;    /* the elements in it select; NULL: no such filter */
	struct strbuf xpath; /* for libyang; empty: no such filter */
	struct xml_doc path; /* what @subtree is in, if it was written as an XPath */
	unsigned max_depth;  /* levels; 0: all (RFC 8526) */
	bool no_defaults; /* what is there by default is not there: nothing selects it */
};

/* <filter>, in one of its two types; NULL is all. False: it cannot be, which is told. */
bool filter_read(struct rpc *r, const struct xml_node *node, struct filter *f) MUST_USE;
bool filter_read_subtree(struct rpc *r, const struct xml_node *node,
			 struct filter *f) MUST_USE;
bool filter_read_xpath(struct rpc *r, const struct xml_node *at, const char *text,
		       struct filter *f) MUST_USE;
void filter_fini(struct filter *f);

/*
 * For who makes trees to be filtered, so that he makes less. Could there be something of what
 * stands at the top by this name; in it, by the name @child; and which one value does it
 * demand of @leaf there? NULL: of none, or of several.
 */
bool filter_wants(const struct filter *f, const char *top);
bool filter_wants_in(const struct filter *f, const char *top, const char *child);
const char *filter_demands(const struct filter *f, const char *top, const char *child,
			   const char *leaf);

/*
 * Appends the selected part of @tree, which may be nothing, to @out. False: the filter cannot be
 * evaluated, which is told; then nothing is appended.
 */
bool filter_print(struct rpc *r, const struct filter *f, const struct lyd_node *tree,
		  enum print_defaults d, struct strbuf *out) MUST_USE;

#endif
