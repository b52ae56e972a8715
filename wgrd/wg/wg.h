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
struct kmon_link;      /* wgrd/kernel/kmon.h */
struct wg_device;
struct wg_peer;
struct wg_group;

/* Why a message of the handshake that means a known peer was refused. */
enum wg_refusal {
	WG_REFUSED_FORGED, /* whoever sent it has not the peer's key, or it was damaged */
	WG_REFUSED_REPLAYED,  /* the peer sent it before, or a newer one */
	WG_REFUSED_TOO_OFTEN, /* initiations that follow each other too soon */
	WG_REFUSALS,
};

/* Something is odd about handshakes with a peer. */
struct wg_anomaly {
	const char *kind; /* "forged", "replayed", "too-often"; "unanswered" */
	uint64_t count;   /* messages since it was last told; of "unanswered" 0 */
};

struct wg_events {
	/* After apply(): an interface has come (its ifindex is known) or is about to go. Or
	 * it has got another ifindex, because somebody else has removed it. */
	void (*device)(void *arg, struct wg_device *d, bool gone);
	/* The peer's first handshake of a session completed, or its last session died. */
	void (*session)(void *arg, struct wg_peer *p, bool up);
	/* It is heard from elsewhere; @old has family 0 when that is not known. Not more
	 * often for a peer than WG_MOVE_PAUSE_S, with where it is then. */
	void (*moved)(void *arg, struct wg_peer *p, const struct ip_addr *old,
		      uint16_t old_port);
	/* WG_ANOMALY_MIN messages within WG_ANOMALY_PAUSE_S were refused, not told more often
	 * than that; or no handshake was answered to the end, told once until one is. */
	void (*anomaly)(void *arg, struct wg_peer *p, const struct wg_anomaly *a);
	void *arg;
};
enum {
	WG_MOVE_PAUSE_S = 10,
	WG_ANOMALY_MIN = 5,
	WG_ANOMALY_PAUSE_S = 60,
};

/* @be_arg is handed to the back end's functions (backend_user: struct dplane). */
struct wg *wg_new(struct loop *loop, const struct wg_backend_ops *ops, void *be_arg,
		  const struct wg_events *ev);
/* For interfaces that are configured so. Before the first commit. */
void wg_add_backend(struct wg *wg, enum conf_backend which,
		    const struct wg_backend_ops *ops, void *be_arg);
void wg_free(struct wg *wg);
/* Everything that is wanted has been asked for: what a former run left behind and nobody wants may
 * go now. */
void wg_adopt_end(struct wg *wg);
/* Compares what a back end has beside us with what it was told, now, and mends the difference. */
void wg_resync(struct wg *wg);
extern const struct conf_subsys wg_conf_subsys;
/* A link of the kernel has changed, or is @gone. If it is one of ours, what somebody else has
 * done to it is mended; one that was removed is announced again with another ifindex. */
void wg_link_changed(struct wg *wg, const struct kmon_link *l, bool gone);

/* Lookups do not take a reference. NULL: no such thing in the running configuration. */
struct wg_device *wg_device_find(const struct wg *wg, const char *name);
struct wg_device *wg_device_find_index(const struct wg *wg, uint32_t ifindex);
struct wg_peer *wg_peer_find(const struct wg_device *d, const char *name);
/* On the first interface by name that has one. */
struct wg_peer *wg_peer_find_any(const struct wg *wg, const char *name);
/* The peer that has @a as an overlay address. */
struct wg_peer *wg_peer_by_overlay(const struct wg_device *d, const struct ip_addr *a);

struct wg_device *wg_device_get(struct wg_device *d);
void wg_device_put(struct wg_device *d);
const char *wg_device_name(const struct wg_device *d);
uint32_t wg_device_ifindex(const struct wg_device *d);
bool wg_device_gone(const struct wg_device *d);
/* The kernel forwards its packets, and answers wg(8). */
bool wg_device_in_kernel(const struct wg_device *d);

struct wg_peer *wg_peer_get(struct wg_peer *p);
void wg_peer_put(struct wg_peer *p);
const char *wg_peer_name(const struct wg_peer *p);
struct wg_device *wg_peer_device(const struct wg_peer *p);
/* Its part of the running configuration; NULL once it is gone. */
const struct conf_peer *wg_peer_conf(const struct wg_peer *p);
bool wg_peer_gone(const struct wg_peer *p);
/* Has it a public key, and is neither it nor its interface shut down? */
bool wg_peer_usable(const struct wg_peer *p);
/* Has it a session, and answered to what it was sent? */
bool wg_peer_answers(const struct wg_peer *p);

/* A member of a group. Groups hold references to their peers. */
struct wg_nexthop {
	struct wg_peer *peer;
	uint16_t weight; /* at least 1 */
	uint8_t rank;    /* 0: primary; higher: a backup for when no lower one answers */
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
/* @g and @p may be NULL. */
bool wg_group_has(const struct wg_group *g, const struct wg_peer *p);
struct wg_device *wg_group_device(const struct wg_group *g);

/*
 * Setting replaces in one step: a prefix that moves is never without an owner. A group that
 * is NULL: the prefix is not in that table; not both. The tables take a reference to
 * each. 0 or -ENOMEM, in which case nothing changed.
 */
int wg_permission_set(struct wg_device *d, const struct prefix *p,
		      struct wg_group *egress, struct wg_group *ingress) MUST_USE;
void wg_permission_del(struct wg_device *d, const struct prefix *p);
/* What exactly this prefix has in each table, or NULL. Without a reference for the caller. */
struct wg_group *wg_egress_get(const struct wg_device *d, const struct prefix *p);
struct wg_group *wg_ingress_get(const struct wg_device *d, const struct prefix *p);

/* What tables were told is in force when it returns, where a back end gathers. */
void wg_settle(struct wg *wg);
/*
 * A back end may have one table instead of two, where each prefix has one owner: who that is now,
 * or NULL. What the groups demand beyond it is not had (degraded_prefixes counts).
 */
bool wg_has_owners(const struct wg_device *d);
struct wg_peer *wg_prefix_owner(const struct wg_device *d, const struct prefix *p);

/* Drops the sessions of the peer and starts a handshake if it has an endpoint. */
void wg_peer_clear(struct wg_peer *p);
/* Begins a handshake beside the session there is, unless one is under way. False: its back end
 * cannot. */
bool wg_peer_probe(struct wg_peer *p) MUST_USE;
/* Packets to it go to its configured endpoint again, wherever it was heard from since. */
void wg_peer_home(struct wg_peer *p);

/* ---- what show prints ---- */

/* An additional key; the private or public key itself may be yet to come. */
struct wg_key_view {
	const char *name;
	bool public_key_set;
	uint8_t public_key[32];
};

struct wg_device_view {
	const char *name;
	uint32_t ifindex; /* 0 when it does not exist */
	bool up;
	const char *inactive; /* NULL, or why it does not forward: "no private key" */
	bool public_key_set;
	uint8_t public_key[32];
	struct wg_key_view additional_key[CONF_ADDITIONAL_KEYS_MAX];
	size_t additional_keys;
	uint16_t listen_port; /* in use */
	uint32_t fwmark;
	uint16_t mtu;
	uint8_t dscp;        /* of encrypted packets; CONF_DSCP_COPY: each packet's own */
	const char *tenant;  /* "" none */
	const char *backend; /* "user", "kernel" */
	/* Of the kernel's back end: somebody else made the interface; what it has that is
	 * not configured; prefixes that should have more than one owner. */
	bool adopted;
	size_t foreign_peers, foreign_prefixes, degraded_prefixes;
	bool packets_unknown; /* only octets are counted */
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
	const char *
		inactive; /* NULL, or why it is not used: "no public key", "shutdown", "revoked" */
	bool public_key_set, preshared_key_set;
	uint8_t public_key[32];
	struct ip_addr endpoint; /* family 0: not known */
	uint16_t endpoint_port;
	enum wg_session session;
	/* The two keys that the session in use came from, "" being the name of those that
	 * are not additional; NULL: not known, or no session. */
	const char *own_key_name, *peer_key_name;
	uint64_t last_handshake_s;  /* UNIX time, 0: never */
	uint64_t last_handshake_ns; /* loop time, 0: never */
	/* When it last answered a handshake of ours, loop time, and how soon; 0: not known. */
	uint64_t answered_ns, answered_in_ns;
	uint16_t persistent_keepalive;
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
	bool packets_unknown, failures_unknown;
	uint64_t handshakes, handshakes_failed; /* completed; timed out */
	uint64_t moves;                         /* to another address or port */
	uint64_t
		refused; /* messages of handshakes; with packets_unknown it is not known */
};

void wg_device_view(const struct wg_device *d, struct wg_device_view *v);
void wg_peer_view(const struct wg_peer *p, struct wg_peer_view *v);
const char *wg_session_name(enum wg_session s);

/* In order of name or prefix, until @fn returns false. */
void wg_walk_devices(const struct wg *wg, bool (*fn)(struct wg_device *d, void *arg),
		     void *arg);
void wg_walk_peers(const struct wg_device *d, bool (*fn)(struct wg_peer *p, void *arg),
		   void *arg);
/* The same from behind @after on, which need not be there; NULL: all. */
void wg_walk_peers_after(const struct wg_device *d, const char *after,
			 bool (*fn)(struct wg_peer *p, void *arg), void *arg);
/* @egress or @ingress may be NULL, not both. IPv4 first. */
void wg_walk_permissions(const struct wg_device *d,
			 bool (*fn)(const struct prefix *p, const struct wg_group *egress,
				    const struct wg_group *ingress, void *arg),
			 void *arg);
void wg_walk_permissions_after(const struct wg_device *d, const struct prefix *after,
			       bool (*fn)(const struct prefix *p,
					  const struct wg_group *egress,
					  const struct wg_group *ingress, void *arg),
			       void *arg);
/* The name of the code that encrypts packets, such as "avx2". */
const char *wg_encryption_name(void);
/* The data plane: what is configured, and what there is. */
struct wg_dataplane_view {
	unsigned workers, workers_configured;
	bool workers_fixed; /* by the command line */
	/* Octets, of a UDP socket; 0: none is open. */
	uint32_t receive_buffer, receive_buffer_configured;
	uint32_t send_buffer, send_buffer_configured;
	/* Configured for what is made now; and who has it. */
	bool interface_offload, udp_offload;
	unsigned interfaces, interfaces_offloaded, ports, ports_offloaded;
};
void wg_dataplane_view(const struct wg *wg, struct wg_dataplane_view *v);
/* A thread of the data plane, and what it has counted. */
struct wg_thread_view {
	const char *name;
	int cpu; /* that it is pinned to, or -1 */
	uint64_t tx_packets, tx_bytes, rx_packets, rx_bytes, drops;
	uint64_t tx_batches, rx_batches, wakeups;
};
void wg_walk_threads(const struct wg *wg,
		     bool (*fn)(const struct wg_thread_view *v, void *arg), void *arg);
/* Each counter of the data plane, of all threads: a word, a sentence, a number; drops are marked. */
void wg_walk_counters(const struct wg *wg,
		      bool (*fn)(const char *name, const char *what, bool drop,
				 uint64_t value, void *arg),
		      void *arg);

#endif
