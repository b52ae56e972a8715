/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_PRINT_H
#define WGRD_NETCONF_PRINT_H

/* Trees as XML, with defaults as RFC 6243 has it. Main thread only. */

#include <stdbool.h>

#include "wgrd/lib/strbuf.h"

struct lyd_node;

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

#endif
