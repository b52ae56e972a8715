/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_WG_WG_H
#define WGRD_WG_WG_H

/*
 * WireGuard interfaces and their peers as the control plane sees them, whichever back end
 * forwards the packets. Main thread only.
 *
 * Interfaces and peers follow the configuration: wg_conf_subsys is a subscriber of the
 * datastore, with the struct wg as its context. Others hold them by reference: one that
 * has left the configuration stops forwarding at once, stays a valid object until the
 * last wg_*_put(), and quietly accepts what is still asked of it (wg_device_gone(),
 * wg_peer_gone()).
 *
 * A prefix is permitted in two tables of an interface. Egress says which group of peers
 * gets packets to it, ingress which peers may send from it. Both refer to group objects,
 * so moving a next hop changes one group and not each of its prefixes.
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/conf/commit.h"
#include "wgrd/conf/conf.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"

struct wg;
struct wg_backend_ops; /* wgrd/wg/backend.h */
struct wg_device;
struct wg_peer;
struct wg_group;

struct wg_events {
	/* After apply(): an interface has come (its ifindex is known) or is about to go.
	 */
	void (*device)(void *arg, struct wg_device *d, bool gone);
	/* The peer's first handshake of a session completed, or its last session died. */
	void (*session)(void *arg, struct wg_peer *p, bool up);
	void *arg;
};

/* @be_arg is handed to the back end's functions (backend_user: struct dplane). */
struct wg *wg_new(struct loop *loop, const struct wg_backend_ops *ops, void *be_arg,
		  const struct wg_events *ev);
void wg_free(struct wg *wg);
extern const struct conf_subsys wg_conf_subsys;

/* Lookups do not take a reference. NULL: no such thing in the running configuration. */
struct wg_device *wg_device_find(const struct wg *wg, const char *name);
struct wg_device *wg_device_find_index(const struct wg *wg, uint32_t ifindex);
struct wg_peer *wg_peer_find(const struct wg_device *d, const char *name);
/* The peer that has @a as an overlay address. */
struct wg_peer *wg_peer_by_overlay(const struct wg_device *d, const struct ip_addr *a);

struct wg_device *wg_device_get(struct wg_device *d);
void wg_device_put(struct wg_device *d);
const char *wg_device_name(const struct wg_device *d);
uint32_t wg_device_ifindex(const struct wg_device *d);
bool wg_device_gone(const struct wg_device *d);

struct wg_peer *wg_peer_get(struct wg_peer *p);
void wg_peer_put(struct wg_peer *p);
const char *wg_peer_name(const struct wg_peer *p);
struct wg_device *wg_peer_device(const struct wg_peer *p);
/* Its part of the running configuration; NULL once it is gone. */
const struct conf_peer *wg_peer_conf(const struct wg_peer *p);
bool wg_peer_gone(const struct wg_peer *p);
/* Has it a public key, and is neither it nor its interface shut down? */
bool wg_peer_usable(const struct wg_peer *p);

/* A member of a group. Groups hold references to their peers. */
struct wg_nexthop {
	struct wg_peer *peer;
	uint16_t weight; /* at least 1 */
};
enum {
	WG_GROUP_MAX = 64
};

/* The group starts with one reference. Fails with -ENOMEM. */
int wg_group_new(struct wg_device *d, const struct wg_nexthop *nh, unsigned n,
		 struct wg_group **out) MUST_USE;
/* Replaces the members in one step, for every prefix that uses the group. 0 or -ENOMEM.
 */
int wg_group_set(struct wg_group *g, const struct wg_nexthop *nh, unsigned n) MUST_USE;
struct wg_group *wg_group_get(struct wg_group *g);
void wg_group_put(struct wg_group *g);
unsigned wg_group_members(const struct wg_group *g, const struct wg_nexthop **nh);
struct wg_device *wg_group_device(const struct wg_group *g);

/*
 * Setting replaces in one step: a prefix that moves is never without an owner. The tables
 * take a reference to the group. 0 or -ENOMEM, in which case nothing changed.
 */
int wg_egress_set(struct wg_device *d, const struct prefix *p,
		  struct wg_group *g) MUST_USE;
void wg_egress_del(struct wg_device *d, const struct prefix *p);
int wg_ingress_set(struct wg_device *d, const struct prefix *p,
		   struct wg_group *g) MUST_USE;
void wg_ingress_del(struct wg_device *d, const struct prefix *p);
/* What exactly this prefix has in each table, or NULL. */
const struct wg_group *wg_egress_get(const struct wg_device *d, const struct prefix *p);
const struct wg_group *wg_ingress_get(const struct wg_device *d, const struct prefix *p);

/* Drops the sessions of the peer and starts a handshake if it has an endpoint. */
void wg_peer_clear(struct wg_peer *p);

/* ---- what show prints ---- */

struct wg_device_view {
	const char *name;
	uint32_t ifindex; /* 0 when it does not exist */
	bool up;
	const char *inactive; /* NULL, or why it does not forward: "no private key" */
	bool public_key_set;
	uint8_t public_key[32];
	uint16_t listen_port; /* in use */
	uint32_t fwmark;
	uint16_t mtu;
	const char *tenant; /* "" none */
	size_t peers, peers_up, egress_prefixes, ingress_prefixes;
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
};

enum wg_session {
	WG_SESSION_NONE,
	WG_SESSION_HANDSHAKE,
	WG_SESSION_UP,
	WG_SESSION_EXPIRED
};

struct wg_peer_view {
	const char *name, *device;
	const char
		*inactive; /* NULL, or why it is not used: "no public key", "shutdown" */
	bool public_key_set, preshared_key_set;
	uint8_t public_key[32];
	struct ip_addr endpoint; /* family 0: not known */
	uint16_t endpoint_port;
	enum wg_session session;
	uint64_t last_handshake_s;  /* UNIX time, 0: never */
	uint64_t last_handshake_ns; /* loop time, 0: never */
	uint16_t persistent_keepalive;
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
	uint64_t handshakes, handshakes_failed; /* completed; timed out */
};

void wg_device_view(const struct wg_device *d, struct wg_device_view *v);
void wg_peer_view(const struct wg_peer *p, struct wg_peer_view *v);
const char *wg_session_name(enum wg_session s);

/* In order of name or prefix, until @fn returns false. */
void wg_walk_devices(const struct wg *wg, bool (*fn)(struct wg_device *d, void *arg),
		     void *arg);
void wg_walk_peers(const struct wg_device *d, bool (*fn)(struct wg_peer *p, void *arg),
		   void *arg);
/* @egress or @ingress may be NULL, not both. IPv4 first. */
void wg_walk_permissions(const struct wg_device *d,
			 bool (*fn)(const struct prefix *p, const struct wg_group *egress,
				    const struct wg_group *ingress, void *arg),
			 void *arg);
/* The name of the code that encrypts packets, such as "avx2". */
const char *wg_encryption_name(void);
/* Each counter of the data plane: a word, a sentence, a number; drops are marked. */
void wg_walk_counters(const struct wg *wg,
		      bool (*fn)(const char *name, const char *what, bool drop,
				 uint64_t value, void *arg),
		      void *arg);

#endif
