/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TENANT_TENANT_INTERNAL_H
#define WGRD_TENANT_TENANT_INTERNAL_H

/*
 * What the files of wgrd/tenant share. Private to this folder, main thread only.
 *
 *	configuration, devices --> tenant, member (a peer)      tenant.c, member.c
 *	next hops of a route   --> path: peers, groups, tenant  resolve.c, path.c
 *	route of the RIB       --> learned: path, verdict       learned.c
 *	allowed-ip, overlay and interface addresses --> claim   local.c
 *	rules, guards, own prefixes of a tenant                 tables.c
 *
 * A wish to the FIB has a key (device and prefix, or table and prefix) that another holder
 * may be about to take over in the same turn. So wishes that end are taken back first and
 * new ones stated afterwards; the FIB sees a change, not a hole.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <urcu/list.h>
#include <uthash.h>

#include "wgrd/lib/ptree.h"
#include "wgrd/tenant/tenant.h"

enum {
	TENANT_METRIC = 20, /* of every route but the guard; not 0, which IPv6 rewrites */
};
#define TENANT_GUARD_METRIC UINT32_MAX

/* How many learned prefixes somebody may have. A prefix that was refused for it waits. */
struct quota {
	uint32_t max; /* 0: no limit */
	uint32_t used;
	struct cds_list_head waiting; /* of struct learned, oldest first */
	struct cds_list_head roomy;   /* on tenants.roomy while there may be room */
};

/* What tenants keep about a peer; as long as somebody refers to it. */
struct member {
	UT_hash_handle hh;
	unsigned refs;
	struct wg_peer *peer; /* the hash key, referenced */
	struct quota quota;
	struct wg_group *group; /* of this peer alone, NULL until needed */
};

/* A prefix of a tenant that no routing daemon is needed for. One prefix can have several
 * claims; the first that is effective has the route, and the first of each device the
 * permission. In order of prefix, origin, device, peer. */
struct claim {
	struct prefix prefix;
	enum tenant_origin origin;
	bool usable;  /* the peer is; true for connected ones */
	uint32_t oif; /* 0: no route; it is link-local, or there is no interface */
	struct wg_device *dev; /* referenced; NULL: connected */
	struct member *member; /* referenced; NULL: connected */
	char ifname[IFNAMSIZ];
};

struct claims {
	struct claim *v;
	size_t count, room;
	uint32_t table; /* what the wishes were stated with */
};

struct tenant {
	char name[CONF_NAME_LEN];
	const struct conf_tenant *conf; /* NULL: built in, or named but not configured */
	char vrf[IFNAMSIZ];
	uint32_t table; /* 0: none */
	struct quota quota;
	size_t refused; /* learned prefixes */
	struct claims claims;
	struct claims wanted_claims; /* between the two halves of local_sync() */
};

/* A WireGuard interface of the configuration that exists. */
struct tenant_device {
	struct wg_device *dev; /* referenced */
	const struct conf_wireguard *conf;
	struct tenant *tenant;
};

struct link {
	UT_hash_handle hh;
	uint32_t ifindex;
	char name[IFNAMSIZ];
	bool up;
	struct klink_address *address;
	size_t address_count;
};

/* ---- resolve.c ---- */

struct resolved_member {
	const struct tenant_device *device;
	struct wg_peer *peer;
	uint16_t weight;
};

/* What the next hops of a route come to, and the usable peers they mean in their order,
 * each once. Nothing in it is referenced. */
struct resolution {
	enum decide_hop kind;
	struct rib_nexthop nexthop;         /* the one that decides */
	const struct tenant_device *device; /* on which it lies, NULL: none */
	struct wg_peer *peer;               /* NULL: none */
	bool behind;
	unsigned member_count;
	struct resolved_member member[RIB_NEXTHOP_MAX];
};

void resolve(const struct tenants *t, uint32_t vrf, const struct rib_nexthop *nh,
	     unsigned nh_count, struct resolution *r);
/* Why wg_peer_usable() says no: "is shut down". */
const char *resolve_why_unusable(const struct tenant_device *d, const struct wg_peer *p);

/* ---- path.c ---- */

struct path_leg {
	struct wg_device *dev;  /* referenced by the group */
	struct wg_group *group; /* one reference */
};

/*
 * A set of next hops in a VRF, shared by all prefixes that have it. While it leads to the
 * same devices in the same tenant, other peers behind it are one wg_group_set() for all
 * those prefixes. Otherwise it is detached: nobody finds it any more, and its prefixes
 * move to its successor one by one.
 */
struct path {
	UT_hash_handle hh;
	unsigned refs;
	bool detached;
	enum decide_hop kind;
	struct tenant
		*tenant; /* NULL for HOP_NOT_OURS, HOP_OTHER_VRF and HOP_NO_MEMORY */
	uint32_t table;
	unsigned leg_count, member_count;
	struct path_leg *leg; /* the first has the route */
	struct member **member;
	unsigned key_len;
	uint8_t key[];
};

/* With a reference. NULL: no memory. */
struct path *path_obtain(struct tenants *t, uint32_t vrf, const struct rib_route *r);
void path_put(struct tenants *t, struct path *p);
/* After a change of devices, peers or tenants. */
void path_resolve_all(struct tenants *t);

/* ---- member.c ---- */

/* With a reference. */
struct member *member_obtain(struct tenants *t, struct wg_peer *p);
struct member *member_get(struct member *m);
void member_put(struct tenants *t, struct member *m);
/* The group of this peer alone; -ENOMEM. */
int member_group(struct member *m, struct wg_group **out) MUST_USE;
/* Takes the limits over from the configuration. */
void member_refresh_all(struct tenants *t);

void quota_init(struct quota *q);
bool quota_full(const struct quota *q);
void quota_take(struct quota *q);
/* Room for one that waits, if there is one. */
void quota_give(struct tenants *t, struct quota *q);

/* ---- learned.c ---- */

/* The learned routes of a VRF that are some tenant's business. */
struct vrf_routes {
	UT_hash_handle hh;
	uint32_t vrf;
	struct ptree v4, v6;
};

struct learned {
	struct ptree_node node;
	struct cds_list_head link; /* on tenants.dirty, or waiting for a quota */
	struct vrf_routes *routes;
	struct path *path; /* NULL until decided, or without memory */
	uint8_t verdict;
	bool dirty;
	bool counted; /* in the quotas of its path */
	bool wished;  /* the FIB has been told */
};

struct learned *learned_find(const struct tenants *t, uint32_t vrf,
			     const struct prefix *p);
/* Something about this prefix has changed. -ENOMEM: everything has to be looked at. */
int learned_mark(struct tenants *t, uint32_t vrf, const struct prefix *p, bool gone);
/* The tenant itself has got, or lost, a claim to the prefix: takes the wishes back and has
 * it decided again. */
void learned_claim_changed(struct tenants *t, const struct tenant *owner,
			   const struct prefix *p);
void learned_run_dirty(struct tenants *t);
/* Deciding everything, in three steps: forgets who was counted and who waits, takes back
 * what will move, and decides. */
void learned_start_over(struct tenants *t);
void learned_release_detached(struct tenants *t);
void learned_decide_all(struct tenants *t);
void learned_free_all(struct tenants *t);
/* The question as it stands now. @r and what it points to must outlive @q. */
void learned_question(const struct tenants *t, const struct rib_route *route,
		      const struct resolution *r, char local[static 128],
		      struct decide_question *q);

/* ---- local.c ---- */

/* Brings claims into line with configuration, devices and links. First half: takes back
 * what ends. Second half: states what is new. */
void local_release(struct tenants *t);
void local_state(struct tenants *t);
/* The tenant leaves: takes back all it has claimed. */
void local_withdraw(struct tenants *t, struct tenant *owner);
/* Forgets its claims without a word to the FIB. */
void local_abandon(struct tenants *t, struct tenant *owner);
/* The effective claim for exactly this prefix, or NULL. */
const struct claim *local_find(const struct tenant *owner, const struct prefix *p);
/* Does @c hold the permission of its device, or the route if it is a connected one? If not,
 * @instead is the claim that does, or NULL when it is unusable. */
bool local_effective(const struct tenant *owner, const struct claim *c,
		     const struct claim **instead);
/* "an allowed-ip of peer b on wg0". Returns @buf. */
const char *local_describe(const struct claim *c, char *buf, size_t len);

/* ---- tables.c ---- */

struct advert {
	struct prefix prefix;
	char vrf[IFNAMSIZ];
	uint32_t ifindex, tag;
	const struct tenant *owner;
};

/* Wishes that follow from the configuration and the devices alone. */
struct tables {
	struct krule *rule;
	size_t rule_count;
	uint32_t *guard; /* tables with an unreachable default */
	size_t guard_count;
	struct advert *advert;
	size_t advert_count;
};

void tables_sync(struct tenants *t);
void tables_free(struct tables *tb);
/* The prefix as it is given to zebra, or NULL. */
const struct advert *tables_find_advert(const struct tables *tb, const char *vrf,
					const struct prefix *p);
/* The interface a tenant's own prefixes are announced through, or NULL. */
const struct tenant_device *tables_advert_device(const struct tenants *t,
						 const struct tenant *owner);

/* ---- tenant.c ---- */

struct tenants {
	struct loop *loop;
	struct rib *rib;
	struct wg *wg;
	struct fib *fib;
	const struct conf *conf; /* NULL until the first commit */
	struct tenant **tenant;  /* sorted by name: the built-in one, "", first */
	size_t tenant_count;
	struct tenant_device *device; /* sorted by name */
	size_t device_count;
	struct link *links;
	struct member *members;
	struct path *paths;
	struct path *detached; /* empty but while everything is decided */
	struct vrf_routes *vrfs;
	struct tables tables;
	struct cds_list_head dirty, roomy;
	struct rib_watcher watcher;
	struct loop_job job;
	struct loop_timer retry;
	bool all_dirty, locals_dirty;
};

struct tenant *tenants_find(const struct tenants *t, const char *name);
const struct tenant_device *tenants_device(const struct tenants *t,
					   const struct wg_device *dev);
/* Is tenant @i the first one of its VRF? For walks that want each VRF once. */
bool tenants_vrf_is_first(const struct tenants *t, size_t i);
void tenants_ask(struct tenants *t);
/* Something failed for lack of memory: everything is looked at again shortly. */
void tenants_retry(struct tenants *t);

#endif
