/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_WG_WG_INTERNAL_H
#define WGRD_WG_WG_INTERNAL_H

/*
 * The objects behind wg.h, for the files of this folder only. Main thread only.
 *
 * Every object has two lives. Its back-end half (be) goes when the configuration drops
 * its interface, or for a peer when nothing names it any more. The rest goes with the
 * last reference. be is NULL in between, and whoever calls the back end looks first.
 *
 *	wg --> device[] (by name) --> peer[] (by name)      what is configured
 *	       device --> peers, groups                     all with a back-end half
 *	       device --> permissions --> group --> peer
 *	peer, group --reference--> device;  group --reference--> peer
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uthash.h>

#include "wgrd/lib/pmap.h"
#include "wgrd/wg/backend.h"
#include "wgrd/wg/wg.h"

struct wg_backend {
	const struct wg_backend_ops *ops; /* NULL: there is none */
	void *arg;
};

struct wg {
	struct loop *loop;
	/* The one with the data plane. */
	const struct wg_backend_ops *ops;
	void *be;
	struct wg_backend backend[CONF_BACKENDS];
	struct wg_events events;
	struct wg_device **device; /* running ones, sorted by name, one reference each */
	size_t device_count;
	struct loop_timer mend;
	uint64_t mend_from_ns; /* not earlier than this */
	/* wg_watch.c */
	struct loop_timer watch;
	struct wg_peer *moving, **moving_end; /* who is to be told of later, by time */
};

enum wg_table {
	WG_EGRESS,
	WG_INGRESS,
	WG_TABLES,
};

struct wg_device {
	unsigned refs;
	bool gone;
	struct wg *wg;
	char name[IFNAMSIZ];
	uint32_t ifindex;
	const struct wg_backend_ops *ops; /* of its back end, and what they are handed */
	void *be_arg;
	const struct conf_wireguard *conf; /* running; NULL once gone */
	void *be;
	const char *link_error; /* why its addresses or state are not as configured */
	/* by somebody else: see wg_link.c */
	bool was_up, down, removed, changed;
	/* Running ones, one reference each; in the order of conf->peer, which is by name. */
	struct wg_peer **peer;
	size_t peer_count, peer_room;
	struct pmap overlays;  /* addresses, to struct wg_peer * */
	struct wg_peer *peers; /* all with a back-end half, in no order */
	struct wg_group *groups;
	struct pmap permissions; /* to struct wg_pair * */
	struct wg_pair *pairs;   /* by their groups */
	size_t permission_count[WG_TABLES];
};

/* What was told of a peer: wg_watch.c. */
struct wg_watch {
	struct ip_addr endpoint; /* family 0: not known */
	uint16_t port;
	bool unanswered;         /* since there was a session */
	uint64_t moves, gave_up; /* counters of the back end, as far as they were told */
	uint64_t move_ns;        /* not earlier than this */
	uint64_t seen[WG_REFUSALS];     /* counters of the back end, at last */
	uint64_t refused[WG_REFUSALS];  /* what they were before the window */
	uint64_t told;                  /* of all kinds */
	uint64_t window_ns, anomaly_ns; /* the window ends; not told before this */
	struct wg_peer *next;           /* of wg->moving; it has a reference then */
	bool moving;
};

struct wg_peer {
	unsigned refs;
	bool gone, up;
	struct wg_device *device;
	char name[CONF_NAME_LEN];
	const struct conf_peer *conf; /* running; NULL once gone */
	void *be;
	struct wg_peer *next, **pprev; /* device->peers */
	struct wg_watch watch;
};

struct wg_group {
	unsigned refs;
	struct wg_device *device;
	void *be;
	struct wg_nexthop *nexthop;
	unsigned nexthop_count;
	struct wg_group *next, **pprev; /* device->groups */
};

/* ---- wg_device.c ---- */

/* Makes the back-end half; what may refuse. The device has one reference. @later: its name is
 * another back end's; wg_link_make() makes the interface when that has gone. */
int wg_device_new(struct wg *wg, const struct conf_wireguard *conf, bool later,
		  struct wg_device **out, char *why, size_t why_len) MUST_USE;
/* Takes over @conf: settings, peers and addresses that differ from the former ones. */
void wg_device_apply(struct wg_device *d, const struct conf_wireguard *conf);
/* Ends its back-end half, and those of its peers and groups. Keeps the reference. */
void wg_device_stop(struct wg_device *d);
/* Makes addresses, MTU and state of the interface as configured. */
void wg_device_apply_link(struct wg_device *d);
/* Do the interfaces differ in more than their peers? */
bool wg_device_settings_equal(const struct conf_wireguard *a,
			      const struct conf_wireguard *b);

/* ---- wg_link.c ---- */

void wg_link_mend(struct loop_timer *t);
/* Of wg_device_new() @later, after wg_device_apply(). If it fails it is tried again. */
void wg_link_make(struct wg_device *d);

/* ---- wg_peer.c ---- */

struct wg_peer *wg_peer_new(struct wg_device *d, const struct conf_peer *conf);
/* Has left the configuration, or its device has. */
void wg_peer_retire(struct wg_peer *p);
void wg_peer_drop_backend(struct wg_peer *p);
/* From the back end. */
void wg_peer_session(void *wg, void *peer, bool up);

/* ---- wg_watch.c ---- */

void wg_watch_init(struct wg *wg);
void wg_watch_fini(struct wg *wg);
/* From the back end. */
void wg_watch_news(void *wg, void *peer);
/* The peer's session came: it is where it is. */
void wg_watch_session(struct wg_peer *p);

/* ---- wg_group.c ---- */

void wg_group_drop_backend(struct wg_group *g);

/* ---- wg_permission.c ---- */

void wg_permissions_init(struct wg_device *d);
/* Forgets all, without telling the back end. */
void wg_permissions_clear(struct wg_device *d);

#endif
