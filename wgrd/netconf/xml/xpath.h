/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_XML_XPATH_H
#define WGRD_NETCONF_XML_XPATH_H

/*
 * XPath of a client, made ready for libyang. What could cost more than one walk over the
 * tree is refused: looking up ("..", axes, absolute paths in a predicate) and comparing
 * anything but with a literal. Otherwise one line of a client would hold the daemon up for
 * minutes. Pure.
 */

#include <stddef.h>

#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

struct ly_ctx;
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

#endif
