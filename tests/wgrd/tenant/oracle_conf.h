/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_WGRD_TENANT_ORACLE_CONF_H
#define WGRD_TESTS_WGRD_TENANT_ORACLE_CONF_H

/* The oracle's half that needs no RIB: what the configuration and the interfaces say. For
 * oracle.c. */

#include <stdbool.h>

#include "tests/scenarios/world.h"
#include "wgrd/lib/strbuf.h"

/* Does the tenant of @d learn from this VRF of the RIB? */
bool oracle_learns_from(const struct conf *c, const struct conf_wireguard *d,
			const char *vrf);
bool oracle_usable(const struct conf_wireguard *d, const struct conf_peer *p);
bool oracle_has_overlay(const struct conf_peer *p, const struct ip_addr *a);
enum {
	ORACLE_WAYS = 5, /* whom a next hop may go by, at most */
};
/* How well @p covers @gate: the length of its longest static prefix that does; -1: not. Without
 * @recursive a default route counts. */
int oracle_cover_of(const struct conf_peer *p, const struct ip_addr *gate,
		    bool recursive);
/* The usable ones that cover @gate, the most specific ones first. */
unsigned oracle_covers(const struct conf_wireguard *d, const struct ip_addr *gate,
		       bool recursive, const struct conf_peer *v[static ORACLE_WAYS]);
/* Over which interface the tenant has @prefix by itself, or NULL. */
const char *oracle_local_device(struct world *w, const char *tenant,
				const struct prefix *prefix);

/* Does the tenant of @d learn routes of its VRF that have @tag? */
bool oracle_takes(const struct conf *c, const struct conf_wireguard *d, uint32_t tag);
/* What the prefix-list @name says; "" permits everything. */
bool oracle_list_permits(const struct conf *c, const char *name, const struct prefix *p);

/* What they ask for without any learned route; a line may come more than once. */
void oracle_print_device(struct world *w, struct strbuf *out,
			 const struct conf_wireguard *d);
void oracle_print_tenant(struct world *w, struct strbuf *out,
			 const struct conf_tenant *t);

#endif
