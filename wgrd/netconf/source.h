/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_SOURCE_H
#define WGRD_NETCONF_SOURCE_H

/*
 * A configuration datastore as something to read: running and candidate as they are,
 * startup from its file. Main thread only.
 */

#include <stdbool.h>

#include "wgrd/netconf/rpc.h"

struct datastore;
struct lyd_node;

struct source {
	const struct lyd_node *tree; /* the "wgrd" container; NULL: empty */
	struct datastore *own;       /* that it is of; NULL: the daemon's */
};

/* False: it cannot be read, which is told. The tree is valid until the next edit. */
bool source_open(struct rpc *r, enum netconf_target target, struct source *s) MUST_USE;
void source_close(struct source *s);

/* The same as a <config> of a request. */
struct source_copy {
	struct xml_doc doc;
	const struct xml_node *config;
};
bool source_copy(struct rpc *r, enum netconf_target target,
		 struct source_copy *c) MUST_USE;
void source_copy_free(struct source_copy *c);

#endif
