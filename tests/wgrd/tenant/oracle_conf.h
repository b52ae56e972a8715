/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_WGRD_TENANT_ORACLE_CONF_H
#define WGRD_TESTS_WGRD_TENANT_ORACLE_CONF_H

/* The oracle's half that needs no RIB: what the configuration and the interfaces say. For
 * oracle.c. */

#include <stdbool.h>

#include "tests/scenarios/world.h"
#include "wgrd/lib/strbuf.h"

/* The VRF that the tenant of @d learns from. */
const char *oracle_vrf_of(const struct conf *c, const struct conf_wireguard *d);
bool oracle_usable(const struct conf_wireguard *d, const struct conf_peer *p);
bool oracle_has_overlay(const struct conf_peer *p, const struct ip_addr *a);
/* Over which interface the tenant has @prefix by itself, or NULL. */
const char *oracle_local_device(struct world *w, const char *tenant,
				const struct prefix *prefix);

/* What they ask for without any learned route; a line may come more than once. */
void oracle_print_device(struct world *w, struct strbuf *out,
			 const struct conf_wireguard *d);
void oracle_print_tenant(struct world *w, struct strbuf *out,
			 const struct conf_tenant *t);

#endif
