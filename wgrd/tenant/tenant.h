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

enum tenant_limit_news {
	TENANT_LIMIT_NEAR,     /* as many as max-prefix-warning says */
	TENANT_LIMIT_HELD,     /* more than max-prefix, and max-prefix-hold is set */
	TENANT_LIMIT_RELEASED, /* that is over */
};

/* Strings are valid during the call only. */
struct tenant_limit_event {
	enum tenant_limit_news news;
	const char *peer, *device; /* whose limit it is; NULL: the tenant's */
	const char *tenant;        /* "" otherwise, and for the built-in one */
	uint32_t wanted, used;     /* how many there are, and how many have room */
	uint32_t max, hold_s;
};

struct tenants_events {
	/* It may look at tenants from inside, but neither change nor run them. */
	void (*limit)(void *arg, const struct tenant_limit_event *e);
	void *arg;
};

/* @ev is copied; NULL: nobody wants to know. */
struct tenants *tenants_new(struct loop *loop, struct rib *rib, struct wg *wg,
			    struct fib *fib, const struct tenants_events *ev);
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
/* Ends what max-prefix-hold began, if it did; what waits is decided shortly. */
void tenants_release_peer(struct tenants *t, const struct wg_peer *p);
/* The same for a tenant. False: there is none of that name. */
bool tenants_release(struct tenants *t, const char *name);

/* ---- what show prints ---- */

struct tenant_view {
	const char *name;     /* "" for the built-in one */
	const char *inactive; /* NULL, or why: "no table" */
	uint32_t table, priority;
	const char *vrf;
	uint32_t learn_table;     /* learned from instead of zebra's VRF; 0: that */
	size_t interfaces, peers; /* of WireGuard */
	size_t learned, accepted, refused,
		fixed; /* fixed: static, overlay and connected */
	uint32_t max_prefix, max_prefix_hold;
	uint8_t max_prefix_warning;
	uint32_t held_s;         /* for so many seconds more; 0: not */
	const char *prefix_list; /* "": none */
};
void tenants_walk(const struct tenants *t,
		  bool (*fn)(const struct tenant_view *v, void *arg), void *arg);
/* Also one that is not configured, while an interface names it. */
bool tenants_has(const struct tenants *t, const char *name);

/* What tenants know of a peer. */
struct tenant_peer_view {
	/* Learned prefixes that count for its limit, and those that wait for lack of room. */
	size_t counted, waiting;
	uint32_t held_s; /* none is accepted for so many seconds more; 0: not */
};
void tenants_peer_view(const struct tenants *t, const struct wg_peer *p,
		       struct tenant_peer_view *v);

enum tenant_origin {
	TENANT_LEARNED,    /* from a routing daemon */
	TENANT_STATIC,     /* allowed-ip of a peer */
	TENANT_OVERLAY,    /* overlay-address of a peer */
	TENANT_CONNECTED,  /* of a local interface of the tenant */
	TENANT_ADVERTISED, /* given to zebra, or to BIRD through a table */
};
const char *tenant_origin_name(enum tenant_origin o);

/* One prefix of a tenant with the whole story. Strings are valid during the call only. */
struct tenant_route_view {
	const char *tenant, *vrf;
	const char *from; /* where the tenant learns from: that VRF, or "table 1009" */
	struct prefix prefix;
	enum tenant_origin origin;
	const char *protocol; /* "bgp"; "" when not learned */
	const char *source;   /* "zebra" or "table 1009"; NULL when not learned */
	uint32_t tag;         /* of the route; 0: none, or not learned */
	unsigned nexthop_count;
	const struct rib_nexthop *nexthop;
	enum decide_verdict verdict;
	const char *reason; /* a sentence, also for DECIDE_ACCEPT */
	const char *device; /* "" none */
	unsigned peer_count, backup_count;
	const char *peer[WG_GROUP_MAX]; /* who has it, or would have */
	const char
		*backup[WG_GROUP_MAX]; /* who stands in for them, the first one first */
	uint32_t table;                /* 0: none */
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
/* Those of the tenant of this name alone: the others, and what they learned, cost nothing. */
void tenants_walk_routes_of(const struct tenants *t, const char *name,
			    const struct prefix *prefix,
			    bool (*fn)(const struct tenant_route_view *v, void *arg),
			    void *arg);

/* Where a walk in several steps stands; it starts as {0}. Anything may change meanwhile: what is
 * there all the time is told once. */
struct tenant_routes_at {
	enum {
		TENANT_ROUTES_START,
		TENANT_ROUTES_OWN,
		TENANT_ROUTES_FOREIGN, /* those that are no tenant's */
	} stage;
	char tenant[CONF_NAME_LEN]; /* whose source is walked */
	bool inside;                /* behind @prefix; else at its beginning */
	struct prefix prefix;
};
/* All of them, but stops after looking at about @most. Returns whether there are more. */
bool tenants_walk_routes_on(const struct tenants *t, struct tenant_routes_at *at,
			    size_t most,
			    void (*fn)(const struct tenant_route_view *v, void *arg),
			    void *arg);

#endif
