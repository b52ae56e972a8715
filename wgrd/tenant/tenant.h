/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TENANT_TENANT_H
#define WGRD_TENANT_TENANT_H

/*
 * Tenants decide what a learned prefix means: which peers it belongs to, whether it may
 * become a permission, and which table it is routed in. The decision itself is a pure
 * function (decide.h) that can explain every refusal; this file keeps the tenants,
 * follows the RIB, the configuration and the interfaces, and turns decisions into wishes
 * to the FIB. Main thread only.
 *
 * A prefix belongs to the tenant of the WireGuard interface its next hop lies on.
 * Interfaces without a tenant share the built-in one, "" : permissions, but no table and
 * no rules.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/conf/commit.h"
#include "wgrd/fib/fib.h"
#include "wgrd/kernel/kmon.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"
#include "wgrd/rib/rib.h"
#include "wgrd/tenant/decide.h"
#include "wgrd/wg/wg.h"

struct tenants;

struct tenants *tenants_new(struct loop *loop, struct rib *rib, struct wg *wg,
			    struct fib *fib);
void tenants_free(struct tenants *t); /* NULL is allowed */
/* Subscribe after wg_conf_subsys: peers must be there when tenants decide again. */
extern const struct conf_subsys tenants_conf_subsys;

/*
 * To be called by main() from the kernel monitor and from wg's events. Links may be told
 * again unchanged. What a link's state means for routes is passed on to the FIB from
 * here (fib_link_down(), fib_link_up()).
 */
void tenants_link_changed(struct tenants *t, const struct kmon_link *l, bool gone);
void tenants_device_changed(struct tenants *t, struct wg_device *d, bool gone);
/* Decides everything that is dirty now instead of at the end of this turn. */
void tenants_run(struct tenants *t);

/* ---- what show prints ---- */

struct tenant_view {
	const char *name;     /* "" for the built-in one */
	const char *inactive; /* NULL, or why: "no table" */
	uint32_t table, priority;
	const char *vrf;
	size_t interfaces, peers; /* of WireGuard */
	size_t learned, accepted, refused,
		fixed; /* fixed: static, overlay and connected */
	uint32_t max_prefix;
};
void tenants_walk(const struct tenants *t,
		  bool (*fn)(const struct tenant_view *v, void *arg), void *arg);

enum tenant_origin {
	TENANT_LEARNED,    /* from a routing daemon */
	TENANT_STATIC,     /* allowed-ip of a peer */
	TENANT_OVERLAY,    /* overlay-address of a peer */
	TENANT_CONNECTED,  /* of a local interface of the tenant */
	TENANT_ADVERTISED, /* given to zebra */
};
const char *tenant_origin_name(enum tenant_origin o);

/* One prefix of a tenant with the whole story. Strings are valid during the call only. */
struct tenant_route_view {
	const char *tenant, *vrf;
	struct prefix prefix;
	enum tenant_origin origin;
	const char *protocol; /* "bgp"; "" when not learned */
	unsigned nexthop_count;
	const struct rib_nexthop *nexthop;
	enum decide_verdict verdict;
	const char *reason; /* a sentence, also for DECIDE_ACCEPT */
	const char *device; /* "" none */
	unsigned peer_count;
	const char *peer[WG_GROUP_MAX];
	uint32_t table; /* 0: none */
	bool permission_known, route_known;
	enum fib_state permission, route; /* progress, when known */
	int route_error;
	uint64_t changed_ns; /* loop time, 0: since the configuration */
};
/* In order of tenant, then prefix; learned routes that are no tenant's last, with the
 * tenant "". @prefix NULL: all; otherwise exactly that one. */
void tenants_walk_routes(const struct tenants *t, const struct prefix *prefix,
			 bool (*fn)(const struct tenant_route_view *v, void *arg),
			 void *arg);

#endif
