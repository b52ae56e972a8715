/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TENANT_TENANT_INTERNAL_H
#define WGRD_TENANT_TENANT_INTERNAL_H

/*
 * What the files of wgrd/tenant share. Private to this folder, main thread only.
 *
 *	configuration, devices --> tenant, member (a peer)      tenant.c, member.c, quota.c
 *	next hops of a route   --> path: peers, groups, tenant  resolve.c, path.c
 *	route of the RIB       --> learned: path, verdict       learned.c, question.c, routes.c
 *	allowed-ip, overlay and interface addresses --> claim   claim.c, local.c
 *	rules, guards, own prefixes of a tenant                 tables.c
 *	what a commit changes of all that                       follow.c
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

#include "wgrd/lib/pchain.h"
#include "wgrd/lib/pmap.h"
#include "wgrd/lib/slab.h"
#include "wgrd/tenant/tenant.h"

enum {
	TENANT_METRIC = 20, /* of every route but the guard; not 0, which IPv6 rewrites */
};
#define TENANT_GUARD_METRIC UINT32_MAX

struct member;

/* How many learned prefixes somebody may have. A prefix that was refused for it waits. */
struct quota {
	struct tenants *tenants;
	struct member *member; /* whose; NULL: a tenant's */
	uint32_t max;          /* 0: no limit */
	uint32_t wanted, used; /* how many there are for it, and how many have room */
	uint32_t hold_s;       /* 0: who comes first keeps */
	uint8_t warning_percent;
	bool warned; /* of so many being used */
	bool held;   /* nobody has room */
	bool ended;  /* the hold, by a commit, and nobody has been told */
	uint64_t held_until_ns;
	struct loop_timer timer;
	struct cds_list_head waiting;   /* of struct learned_queued, oldest first */
	struct cds_list_head roomy;     /* on tenants.roomy while there may be room */
	struct cds_list_head unsettled; /* on tenants.unsettled */
};

/* What tenants keep about a peer; as long as somebody refers to it. */
struct member {
	UT_hash_handle hh;
	unsigned refs;
	struct wg_peer *peer; /* the hash key, referenced */
	struct quota quota;
	struct decide_filter filter;
	struct wg_group *group; /* of this peer alone, NULL until needed */
	bool touched; /* while a commit is applied that changes its limits or its list */
	/* health.c */
	bool watched;
	bool answers;       /* or has until a short time ago */
	uint64_t silent_ns; /* since when it does not; 0: it does */
	uint64_t called_ns; /* when it was asked for a session; 0: never */
};

/* What a tenant has a prefix by, without any routing daemon. */
struct claim {
	enum tenant_origin origin;
	bool usable;  /* the peer is; true for connected ones */
	uint32_t oif; /* 0: no route; it is link-local, or there is no interface */
	struct member *member; /* referenced; NULL: connected */
	char *ifname;          /* of a connected one */
	/* Referenced: whose group the permission was stated with; NULL: the peer's own. */
	struct bundle *bundle;
};

/* One prefix can have several claims; the first that is effective has the route, and the
 * first of each device the permission. In order of origin, device, peer. */
struct claim_run {
	unsigned count;
	struct claim v[];
};

struct claims {
	struct pmap map; /* to struct claim_run * */
	size_t count;
	uint32_t table; /* what the wishes were stated with */
};

struct tenant {
	char name[CONF_NAME_LEN];
	const struct conf_tenant *conf; /* NULL: built in, or named but not configured */
	char vrf[IFNAMSIZ];             /* of zebra, where own prefixes are given to it */
	char from[RIB_VRF_NAME_LEN]; /* VRF of the RIB it learns from: that, or a table */
	uint32_t table;              /* 0: none */
	struct quota quota;
	struct decide_filter filter;
	size_t refused; /* learned prefixes */
	struct claims claims;
	/* Between the two halves of a change: all that there should be, or instead of what some
	 * prefixes have now. */
	struct claims wanted_claims;
};

/* A tag that a tenant learns by. */
struct tenant_tag {
	uint32_t tag;
	const struct tenant *owner;
};

/* The static prefixes of an interface's peers. */
struct covers {
	struct pmap map; /* to struct cover * */
};

/* A WireGuard interface of the configuration that exists. */
struct tenant_device {
	struct wg_device *dev; /* referenced */
	const struct conf_wireguard *conf;
	struct tenant *tenant;
	struct covers covers;
};

struct link {
	UT_hash_handle hh;
	uint32_t ifindex;
	char name[IFNAMSIZ];
	bool up;
	uint32_t vrf_table; /* of a VRF device; 0: it is something else */
	struct klink_address *address;
	size_t address_count;
};

enum {
	HOP_BACKUPS_MAX = 4, /* of one next hop; more ways to lose a packet help nobody */
};

/* ---- cover.c ---- */

/* 0, or -ENOMEM: not all are in it, but it can be used. */
int covers_init(struct covers *c, const struct wg_device *dev) MUST_USE;
void covers_fini(struct covers *c);
/* The static prefixes that a peer has; and those that one of that name had. */
int covers_add(struct covers *c, struct wg_peer *p) MUST_USE;
void covers_remove(struct covers *c, const struct conf_peer *was);
/* A peer that an address lies behind, and by a prefix how long. */
struct covering {
	struct wg_peer *peer;
	uint8_t len;
};
/* The usable peers that @a lies behind, the longest prefix first and equal ones by name, each
 * once, not more than @room; without any, the first that is not usable. Prefixes below @shortest
 * do not count. Returns how many. */
unsigned covers_find(const struct covers *c, const struct ip_addr *a, unsigned shortest,
		     struct covering *best, unsigned room);

/* ---- resolve.c ---- */

struct resolved_member {
	const struct tenant_device *device;
	struct wg_peer *peer;
	uint16_t weight;
	uint8_t rank; /* 0: primary */
};

/* What the next hops of a route come to, and the usable peers they mean in their order,
 * each once: primaries, then their backups. Nothing in it is referenced. */
struct resolution {
	enum decide_hop kind;
	struct rib_nexthop nexthop;         /* the one that decides */
	const struct tenant_device *device; /* on which it lies, NULL: none */
	struct wg_peer *peer;               /* NULL: none */
	bool behind;
	const struct wg_peer *backup; /* the first, NULL: none */
	unsigned member_count, primary_count;
	struct resolved_member member[RIB_NEXTHOP_MAX];
};

/* @tag is what tag_of() says. */
void resolve(const struct tenants *t, uint32_t vrf, uint32_t tag,
	     const struct rib_nexthop *nh, unsigned nh_count, struct resolution *r);
/* The route's tag if a tenant of the VRF learns it by its tag; otherwise 0, whatever it
 * is. */
uint32_t tag_of(const struct tenants *t, uint32_t vrf, const struct rib_route *r);
/* To be called when the tenants or their configuration changed. */
void tags_rebuild(struct tenants *t);
/* Who stands in for @peer, which is usable and has the address @a, the best first. Returns how
 * many. */
unsigned resolve_backups(const struct tenant_device *d, const struct ip_addr *a,
			 struct wg_peer *peer,
			 struct wg_peer *backup[static HOP_BACKUPS_MAX]);
/* Why wg_peer_usable() says no: "is shut down". */
const char *resolve_why_unusable(const struct tenant_device *d, const struct wg_peer *p);

/* ---- path.c ---- */

struct path_leg {
	struct wg_device *dev;  /* referenced by the group */
	struct wg_group *group; /* one reference */
};

/*
 * A set of next hops in a VRF, with a tag that matters, shared by all prefixes that have it. While it leads to the
 * same devices in the same tenant, other peers behind it are one wg_group_set() for all
 * those prefixes. Otherwise it is detached: nobody finds it any more, and its prefixes
 * move to its successor one by one.
 */
struct path {
	UT_hash_handle hh;
	unsigned refs; /* of prefixes */
	bool detached;
	bool stale;                   /* its prefixes have to be decided again */
	struct cds_list_head touched; /* on tenants.touched */
	struct path_link *link;       /* for each next hop, in order */
	enum decide_hop kind;
	struct tenant *tenant; /* NULL for HOP_NOT_OURS and what comes after it */
	uint32_t table;
	unsigned leg_count, member_count, primary_count;
	struct path_leg *leg;   /* the first has the route */
	struct member **member; /* primaries, whose quotas count, before backups */
	unsigned key_len;
	uint8_t key[];
};

/* A path among those with the same next hop, if that has an address. */
struct path_link {
	struct pchain_node node;
	struct path *path;
};

/* With a reference. NULL: no memory. */
struct path *path_obtain(struct tenants *t, uint32_t vrf, const struct rib_route *r);
void path_put(struct tenants *t, struct path *p);
/* After a change of devices, peers or tenants. First what only gets other members: half a
 * million prefixes move with their group before any of them is looked at. */
void path_switch_all(struct tenants *t);
void path_resolve_all(struct tenants *t);
/* The same for those of @vrf with a next hop in one of the prefixes that were given. Says of
 * each whether it is stale: it leads elsewhere, or to peers that want to decide anew
 * (member.touched). path_forget_touched() at the end, when all is decided. */
void path_touch(struct tenants *t, uint32_t vrf, const struct prefix *under);
void path_switch_touched(struct tenants *t);
void path_resolve_touched(struct tenants *t);
void path_forget_touched(struct tenants *t);
uint32_t path_vrf(const struct path *p);

/* ---- member.c ---- */

/* NULL: nobody refers to the peer here. */
struct member *member_find(const struct tenants *t, const struct wg_peer *p);
/* With a reference. */
struct member *member_obtain(struct tenants *t, struct wg_peer *p);
struct member *member_get(struct member *m);
void member_put(struct tenants *t, struct member *m);
/* The group of this peer alone; -ENOMEM. */
int member_group(struct member *m, struct wg_group **out) MUST_USE;
/* Takes limits and lists over from the configuration. */
void member_refresh(const struct tenants *t, struct member *m);
void member_refresh_all(struct tenants *t);

/* The prefix-list @name as @conf has it now. */
struct decide_filter filter_find(const struct conf *conf, const char *name,
				 const char *peer);

/* ---- quota.c ---- */

/* @m: whose it is; NULL: it is that of a struct tenant. */
void quota_init(struct quota *q, struct tenants *t, struct member *m);
void quota_fini(struct quota *q);
/* As configured. Another limit or another time ends a hold. */
void quota_set(struct quota *q, uint32_t max, uint8_t warning_percent, uint32_t hold_s);
/* Is there no room, as it has as many as it may, or is held? */
bool quota_closed(const struct quota *q);
/* There is one more for it, whether it has room or waits; or one less. */
void quota_want(struct quota *q);
void quota_unwant(struct quota *q);
/* It has room. */
void quota_take(struct quota *q);
/* Room for one that waits, if there is one. */
void quota_give(struct quota *q);
/* For how many more seconds it is held; 0: it is not. */
uint32_t quota_held_s(const struct quota *q);
/* Ends the hold: what waits is decided shortly. */
void quota_release(struct quota *q);
/* At the end of a turn: warns, and begins the hold if there is more than fits. True: it
 * does, and all that are counted have to leave. */
bool quota_settle(struct quota *q);

/* ---- routes.c ---- */

/* The learned routes of a VRF that are some tenant's business; there is one as long as it
 * has any. */
struct vrf_routes {
	UT_hash_handle hh;
	uint32_t vrf;
	struct pmap learned; /* to struct learned */
	struct pmap waiting; /* for a quota; to struct learned_queued * */
};

/* How far a learned prefix gets with the quotas of its path: with each step it wants the
 * next one. */
enum learned_stage {
	STAGE_NONE,     /* the policy refuses it */
	STAGE_WANTED,   /* it wants room with its peers */
	STAGE_COUNTED,  /* it has that, and wants it with the tenant */
	STAGE_ACCEPTED, /* it has both */
};

/* What the map of a VRF has for a prefix, and there are a million of them. */
struct learned {
	struct path *path;    /* NULL until decided, or without memory */
	uint16_t verdict : 8; /* DECIDE_VERDICT_COUNT: none so far */
	uint16_t dirty : 1;   /* on tenants.dirty */
	uint16_t waiting : 1; /* for a quota */
	uint16_t stage : 2;   /* enum learned_stage */
	uint16_t wished : 1;  /* the FIB has been told */
} __attribute__((packed, aligned(2)));

/* A prefix that is to be decided: now, if it is dirty; or when a quota has room. */
struct learned_queued {
	struct cds_list_head link;
	uint32_t vrf;
	struct prefix prefix;
};

/* NULL: the VRF has none. */
struct vrf_routes *routes_find(const struct tenants *t, uint32_t vrf);
/* To be given up with routes_drop_if_empty(), or filled. */
struct vrf_routes *routes_obtain(struct tenants *t, uint32_t vrf);
void routes_drop_if_empty(struct tenants *t, struct vrf_routes *v);
/* One that is not there yet. NULL: no memory, and @v is gone if it is empty. */
struct learned *routes_add(struct tenants *t, struct vrf_routes *v,
			   const struct prefix *p);
/* @fn may remove the one it is given. */
void routes_each(struct tenants *t,
		 void (*fn)(struct tenants *t, struct vrf_routes *v,
			    const struct prefix *p, struct learned *l));
/* The last one of @queue. NULL: no memory. */
struct learned_queued *queue_add(struct tenants *t, struct cds_list_head *queue,
				 uint32_t vrf, const struct prefix *p);
void queue_remove(struct tenants *t, struct learned_queued *q);
/* For room; -ENOMEM. */
int routes_wait(struct tenants *t, struct quota *quota, struct vrf_routes *v,
		const struct prefix *p, struct learned *l) MUST_USE;
void routes_stop_waiting(struct tenants *t, struct vrf_routes *v, const struct prefix *p,
			 struct learned *l);

/* ---- stage.c ---- */

/* Takes what its verdict says it has of the quotas of its path; and gives it back. */
void stage_enter(struct learned *l);
void stage_leave(struct learned *l);
/* Of the first of the primaries that has no room; NULL: all have. */
struct quota *stage_closed_peer(const struct path *p);
/* Is one of them held? */
bool stage_has_held_peer(const struct path *p);

/* ---- question.c ---- */

/* The question as it stands now. @r and what it points to must outlive @q. */
void question_fill(const struct tenants *t, const struct rib_route *route,
		   const struct resolution *r, char local[static 128],
		   struct decide_question *q);
/* The answer to it for a route over @p, without the sentences. */
enum decide_verdict question_verdict(const struct path *p, const struct prefix *prefix);

/* ---- learned.c ---- */

struct learned *learned_find(const struct tenants *t, uint32_t vrf,
			     const struct prefix *p);
/* Something about this prefix has changed. -ENOMEM: everything has to be looked at. */
int learned_mark(struct tenants *t, uint32_t vrf, const struct prefix *p, bool gone);
/* The tenant itself has got, or lost, a claim to the prefix: takes the wishes back and has
 * it decided again. */
void learned_claim_changed(struct tenants *t, const struct tenant *owner,
			   const struct prefix *p);
/* What is dirty; and then, who has too much and who waits. */
void learned_run_dirty(struct tenants *t);
/* Deciding everything, in three steps: forgets who was counted and who waits, takes back
 * what will move, and decides. */
void learned_start_over(struct tenants *t);
void learned_release_detached(struct tenants *t);
void learned_decide_all(struct tenants *t);
void learned_free_all(struct tenants *t);

/* Prefixes, by the VRF of their routes. Starts as {0}. */
struct learned_set {
	struct learned_key *v;
	size_t count, room;
};

/* The same three steps for those whose path is stale. */
void learned_gather_stale(struct tenants *t, struct learned_set *set);
void learned_start_over_some(struct tenants *t, const struct learned_set *set);
void learned_release_some(struct tenants *t, const struct learned_set *set);
void learned_decide_some(struct tenants *t, const struct learned_set *set);
void learned_set_fini(struct learned_set *set);
/* Routes of @vrf that were nobody's business so far and have a next hop in @gates, a set of
 * prefixes. */
void learned_adopt(struct tenants *t, uint32_t vrf, const struct pmap *gates);
/* ---- bundle.c ---- */

/* The group of @peer and its backups, in that order, with a reference; 0 or -ENOMEM. It is the
 * same one as long as somebody has it. */
int bundle_obtain(struct tenants *t, struct wg_peer *peer, struct wg_peer *const *backup,
		  unsigned backups, struct bundle **out) MUST_USE;
struct bundle *bundle_get(struct bundle *b);
void bundle_put(struct tenants *t, struct bundle *b);
struct wg_group *bundle_group(const struct bundle *b);

/* ---- claim.c ---- */

/* NULL: it is a connected one. */
struct wg_device *claim_device(const struct claim *c);
const char *claim_device_name(const struct claim *c);
/* *Takes* @b, which may be NULL. */
void claim_set_bundle(struct tenants *t, struct claim *c, struct bundle *b);
void claim_fini(struct tenants *t, struct claim *c);
/* @r NULL: an empty one. */
struct claim_run *claim_run_copy(const struct claim_run *r);
void claim_run_free(struct tenants *t, struct claim_run *r); /* NULL is allowed */
/* *Takes* what is in @claim. @r grows, and may move. */
struct claim_run *claim_run_insert(struct claim_run *r, const struct claim *claim);
/* Those of the peer of that name on @dev. */
void claim_run_drop_peer(struct tenants *t, struct claim_run *r,
			 const struct wg_device *dev, const char *name);
/* Whatever the bundles. NULL is an empty one. */
bool claim_run_equal(const struct claim_run *a, const struct claim_run *b);
/* The claim that has the route, or NULL. */
const struct claim *claim_run_route(const struct claim_run *r);
/* Has @c, one of @r, the permission of its device? */
bool claim_has_permission(const struct claim_run *r, const struct claim *c);
void claims_init(struct claims *c);
void claims_fini(struct tenants *t, struct claims *c); /* usable again, empty */
/* All claims to exactly this prefix, or NULL. */
struct claim_run *claims_run(const struct claims *c, const struct prefix *p);
struct claim_run *claims_run_at(const struct pmap_at *at);
/* The claim for exactly this prefix that comes first, usable or not; NULL: none. */
const struct claim *claim_first(const struct tenant *owner, const struct prefix *p);
/* The effective claim for exactly this prefix, or NULL. */
const struct claim *claim_find(const struct tenant *owner, const struct prefix *p);
/* Does @c, a claim to @p, hold the permission of its device, or the route if it is a connected
 * one? If not, @instead is the claim that does, or NULL when it is unusable. */
bool claim_effective(const struct tenant *owner, const struct prefix *p,
		     const struct claim *c, const struct claim **instead);
/* "an allowed-ip of peer b on wg0". Returns @buf. */
const char *claim_describe(const struct claim *c, char *buf, size_t len);

/* ---- local.c ---- */

/* Brings claims into line with configuration, devices and links. First half: takes back
 * what ends. Second half: states what is new. */
void local_release(struct tenants *t);
void local_state(struct tenants *t);
/* The same for the peers that a commit changes: those that were, then those that are, and the
 * two halves. */
void local_drop_peer(struct tenants *t, const struct tenant_device *d,
		     const struct conf_peer *was);
void local_add_peer(struct tenants *t, const struct tenant_device *d, struct wg_peer *p);
void local_release_edited(struct tenants *t);
void local_state_edited(struct tenants *t);
/* Other peers may stand in for those with an overlay address in @under. */
void local_restate_overlays(struct tenants *t, const struct tenant_device *d,
			    const struct prefix *under);
/* The tenant leaves: takes back all it has claimed. */
void local_withdraw(struct tenants *t, struct tenant *owner);
/* Forgets its claims without a word to the FIB. */
void local_abandon(struct tenants *t, struct tenant *owner);

/* ---- tables.c ---- */

/* Where a tenant's own prefixes go. */
struct advert_place {
	uint32_t table; /* of the kernel; 0: zebra, in the tenant's VRF */
	uint32_t metric;
};

struct advert {
	struct prefix prefix;
	char vrf[IFNAMSIZ];
	struct advert_place place;
	uint8_t instance; /* for zebra */
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
	struct member *
		*gate; /* referenced: whose prefixes are advertised while they answer */
	size_t gate_count;
};

void tables_sync(struct tenants *t);
/* Own prefixes alone. */
void tables_sync_adverts(struct tenants *t);
/* Is @p one of the own prefixes of @owner? */
bool tables_advertises(const struct tenant *owner, const struct prefix *p);
void tables_free(struct tenants *t, struct tables *tb);
/* The peer that an own prefix of the tenant belongs to, and without which it is not
 * advertised; NULL: none. */
struct member *tables_gate(const struct tenant *owner, const struct prefix *p);
/* False: the kernel has no table for its VRF. */
bool tables_place(const struct tenants *t, const struct tenant *owner,
		  struct advert_place *place);
/* The prefix as it is given at @place, which is @owner's: a table, or zebra. Or NULL. */
const struct advert *tables_find_advert(const struct tables *tb,
					const struct tenant *owner,
					const struct advert_place *place,
					const struct prefix *p);
struct fib_advert tables_advert_of(const struct advert *a);
/* The interface a tenant's own prefixes are announced through, or NULL. */
const struct tenant_device *tables_advert_device(const struct tenants *t,
						 const struct tenant *owner);

/* ---- health.c ---- */

void health_init(struct tenants *t);
/* Does one that is watched answer, or has it until a short time ago? */
bool health_is_good(const struct member *m);
/* Begins to look whether it answers. */
void health_watch(struct tenants *t, struct member *m);
/* Looks on while there is anybody in tables.gate. */
void health_go_on(struct tenants *t);

/* ---- follow.c ---- */

/* Follows a commit that changes nothing but peers, and what routing does not depend on. False:
 * it changes more, nothing has been done, and everything has to be decided. */
bool follow_commit(struct tenants *t, const struct conf_change *c);

/* ---- route_view.c ---- */

/* Who is told of prefixes, until fn() returns false. */
struct route_reader {
	bool (*fn)(const struct tenant_route_view *v, void *arg);
	void *arg;
	bool stopped;
};
/* @l is NULL for a route that is no tenant's. */
void route_view_learned(const struct tenants *t, const struct rib_route *route,
			uint32_t vrf, const struct learned *l, struct route_reader *out);
/* @c is one of @owner's claims to @p. */
void route_view_claim(const struct tenants *t, const struct tenant *owner,
		      const struct prefix *p, const struct claim *c,
		      struct route_reader *out);
/* @p is one of those that @owner advertises. */
void route_view_advert(const struct tenants *t, const struct tenant *owner,
		       const struct prefix *p, struct route_reader *out);

/* ---- tenant.c ---- */

struct tenants {
	struct loop *loop;
	struct rib *rib;
	struct wg *wg;
	struct fib *fib;
	const struct conf *conf; /* NULL until the first commit */
	struct tenant **tenant;  /* sorted by name: the built-in one, "", first */
	size_t tenant_count;
	struct tenant_tag *tag; /* of all tenants, sorted */
	size_t tag_count;
	struct tenant_device *device; /* sorted by name */
	size_t device_count;
	struct link *links;
	struct member *members;
	struct bundle *bundles;
	struct path *paths;
	struct path *detached;        /* empty but while something is decided anew */
	struct pchain gates;          /* addresses of next hops, of struct path_link */
	struct cds_list_head touched; /* of struct path, while a commit is followed */
	struct vrf_routes *vrfs;
	struct tables tables;
	struct cds_list_head dirty;            /* of struct learned_queued */
	struct slab queued;                    /* all of these */
	struct cds_list_head roomy, unsettled; /* of struct quota */
	struct tenants_events events;
	struct rib_watcher watcher;
	struct loop_job job;
	struct loop_timer retry, health;
	bool all_dirty, locals_dirty;
};

struct tenant *tenants_find(const struct tenants *t, const char *name);
/* Takes over @conf, which is NULL for the built-in tenant and for one that is only named
 * by an interface. */
void tenant_refresh(struct tenant *owner, const struct conf *all,
		    const struct conf_tenant *conf);
const struct tenant_device *tenants_device(const struct tenants *t,
					   const struct wg_device *dev);
/* Is tenant @i the first one that learns from there? For walks that want each VRF of the RIB
 * once. */
bool tenants_source_is_first(const struct tenants *t, size_t i);
void tenants_ask(struct tenants *t);
/* Something failed for lack of memory: everything is looked at again shortly. */
void tenants_retry(struct tenants *t);

#endif
