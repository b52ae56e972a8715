/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_RIB_RIB_H
#define WGRD_RIB_RIB_H

/*
 * What the routing daemons said: one table per (VRF, family), and in it at most one route
 * per (prefix, source). The RIB records and nothing else; what wgrd makes of a route is
 * the tenant layer's business. Main thread only.
 *
 * A source that restarts begins a new generation: routes it does not confirm before
 * rib_sync_end() are withdrawn then, so a restart of zebra loses nothing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/util.h"

struct pmap; /* wgrd/lib/pmap.h */
struct rib;

enum rib_source {
	RIB_FROM_ZEBRA,
	RIB_FROM_KERNEL,
	RIB_SOURCE_COUNT,
};

enum {
	RIB_NEXTHOP_MAX = 64,
	RIB_VRF_NAME_LEN = 36
};

struct rib_nexthop {
	struct ip_addr gate; /* family 0: none, the interface alone */
	uint32_t ifindex;    /* 0: recursive, to be resolved */
	uint16_t weight;     /* 1 when the daemon gave none */
};

struct rib_route {
	struct prefix prefix;
	enum rib_source source;
	uint8_t proto; /* rib_proto of the daemon that made it, see rib_proto_name() */
	uint8_t distance;
	uint16_t instance;
	uint32_t metric, tag;
	uint8_t nh_count;
	const struct rib_nexthop *nh; /* of the RIB: until this route next changes */
	/* When that last changed, to the millisecond; set by the RIB. */
	uint64_t changed_ns;
};

/* Protocols by our own numbers: zebra's change between releases. */
enum rib_proto {
	RIB_PROTO_OTHER,
	RIB_PROTO_KERNEL,
	RIB_PROTO_CONNECT,
	RIB_PROTO_STATIC,
	RIB_PROTO_RIP,
	RIB_PROTO_OSPF,
	RIB_PROTO_ISIS,
	RIB_PROTO_BGP,
	RIB_PROTO_EIGRP,
	RIB_PROTO_NHRP,
	RIB_PROTO_TABLE,
	RIB_PROTO_BABEL,
	RIB_PROTO_BIRD,
	RIB_PROTO_ZEBRA, /* in the kernel, where some of FRR's daemons are not told apart */
	RIB_PROTO_COUNT,
};
const char *rib_proto_name(enum rib_proto p);
/* Returns RIB_PROTO_COUNT when @name is none. */
enum rib_proto rib_proto_parse(const char *name);

/*
 * Told after each change of content. @now is NULL when the prefix has no route left from
 * any source; otherwise it is the preferred one. @vrf is the id the source used. The
 * watcher may not change the RIB from inside.
 */
struct rib_watcher {
	void (*changed)(struct rib_watcher *w, uint32_t vrf, const struct prefix *p,
			const struct rib_route *now);
	/*
	 * A VRF got or lost its id; @name is NULL when the id means no VRF now. Ids can pass
	 * from one VRF to another, so what was found by name has to be looked up again. May
	 * be NULL.
	 */
	void (*vrf_changed)(struct rib_watcher *w, uint32_t vrf, const char *name);
	struct rib_watcher *next;
};

struct rib *rib_new(uint64_t (*now_ns)(void *arg), void *arg);
void rib_free(struct rib *rib);

/*
 * VRFs by name; ids are the kernel's or zebra's and can change when zebra restarts. Routes
 * belong to the name: they move with it when rib_vrf_set() gives it another id, and wait
 * out of reach, without watchers being told, while another name has its id. Returns 0,
 * -EINVAL if @name is empty or too long or @vrf is 0 and it is not "default", or -ENOMEM.
 */
int rib_vrf_set(struct rib *rib, uint32_t vrf, const char *name) MUST_USE;
/* Withdraws its routes. VRF 0 stays, empty. */
void rib_vrf_del(struct rib *rib, uint32_t vrf);
/* If no source has a route in it. */
void rib_vrf_del_empty(struct rib *rib, uint32_t vrf);
#define RIB_VRF_DEFAULT "default"
/* NULL when unknown. VRF 0 is "default" from the start. */
const char *rib_vrf_name(const struct rib *rib, uint32_t vrf);
/* Returns 0 or -ENOENT. */
int rib_vrf_find(const struct rib *rib, const char *name, uint32_t *vrf) MUST_USE;

/*
 * A kernel table that is learned from is a VRF of the RIB beside zebra's: its name cannot be
 * that of one, for it has a blank, nor its id, for zebra's and the kernel's are small.
 * 1 <= @table <= RIB_TABLE_MAX. rib_table_name() returns @buf.
 */
enum {
	RIB_TABLE_MAX = INT32_MAX - 1
};
uint32_t rib_table_vrf(uint32_t table);
/* The id of zebra's VRF that is our network namespace, as long as zebra gave it none. */
#define RIB_VRF_OWN_NETNS (UINT32_C(1) << 31)
/* Neither zebra's nor the kernel's: of a table, or of our namespace. */
bool rib_vrf_is_ours(uint32_t vrf);
const char *rib_table_name(uint32_t table, char buf[static RIB_VRF_NAME_LEN]);
bool rib_vrf_is_table(const char *name);

/*
 * Copies @r. A route that says what is known already only gets the new generation. A VRF
 * nobody has named yet comes into being without a name. @r has no host bits and at most
 * RIB_NEXTHOP_MAX next hops. Returns 0 or -ENOMEM.
 */
int rib_update(struct rib *rib, uint32_t vrf, const struct rib_route *r) MUST_USE;
/* Returns 0 or -ENOENT. */
int rib_withdraw(struct rib *rib, uint32_t vrf, const struct prefix *p,
		 enum rib_source source);

/* A new session of @source. */
void rib_sync_begin(struct rib *rib, enum rib_source source);
/* Withdraws what the session did not confirm. Returns how many. */
size_t rib_sync_end(struct rib *rib, enum rib_source source);

void rib_watch(struct rib *rib, struct rib_watcher *w);
void rib_unwatch(struct rib *rib, struct rib_watcher *w);

/* The preferred route for exactly @p; false: there is none. Sources are preferred in order
 * of the enum. */
bool rib_find(const struct rib *rib, uint32_t vrf, const struct prefix *p,
	      struct rib_route *r);
/* Every preferred route of @vrf, IPv4 first, in order of prefix, until @fn returns false.
 */
void rib_walk(const struct rib *rib, uint32_t vrf,
	      bool (*fn)(const struct rib_route *r, void *arg), void *arg);
/* The same from behind @after on, which need not be there; NULL: all. */
void rib_walk_after(const struct rib *rib, uint32_t vrf, const struct prefix *after,
		    bool (*fn)(const struct rib_route *r, void *arg), void *arg);
/* Has any route, of whatever VRF and source, a next hop with an address that @under contains? */
bool rib_has_gate(const struct rib *rib, const struct prefix *under);
/* Every preferred route of @vrf with a next hop in one of @gates, a set of prefixes, in no order,
 * until @fn returns false. */
void rib_walk_via(const struct rib *rib, uint32_t vrf, const struct pmap *gates,
		  bool (*fn)(const struct rib_route *r, void *arg), void *arg);
size_t rib_count(const struct rib *rib, enum rib_source source);

#endif
