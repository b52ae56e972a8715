/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_XML_XPATH_H
#define WGRD_NETCONF_XML_XPATH_H

/*
 * XPath of a client, made ready for libyang. What could cost more than one walk over the
 * tree is refused: looking up ("..", axes, absolute paths in a predicate) and comparing
 * anything but with a literal. Otherwise one line of a client would hold the daemon up for
 * minutes. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

struct ly_ctx;
struct xml_doc;
struct xml_node;

enum {
	XPATH_LEN_MAX = 2048
};

/*
 * @text stands at @at, whose declarations give its prefixes a meaning; @out gets it with names
 * of modules in their place. 0; -EINVAL; -ENOTSUP for what is refused as above. @why is a
 * sentence.
 */
int xpath_prepare(const struct ly_ctx *ctx, const struct xml_node *at, const char *text,
		  struct strbuf *out, char *why, size_t why_len) MUST_USE;

/*
 * If it, made ready, is but a path from the top by names and keys, or several with '|' between
 * them: the same as elements of a subtree filter, in the root of @out. There the values of keys
 * are not asked for but only name an entry. False: it is more than that, and @out is empty.
 */
bool xpath_to_subtree(const struct ly_ctx *ctx, const char *prepared,
		      struct xml_doc *out) MUST_USE;

#endif
