/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_ZEBRA_ZCLIENT_H
#define WGRD_ZEBRA_ZCLIENT_H

/*
 * The session with FRR's zebra: connects and reconnects, learns VRFs, interfaces and
 * routes into the RIB, and injects our own prefixes. Main thread only. Losing zebra
 * removes nothing: the RIB's generations decide when it is back (see rib.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"
#include "wgrd/rib/rib.h"

struct zclient;

struct zclient_options {
	char socket[108];
	enum rib_proto protocol; /* what to subscribe to */
	uint64_t settle_ns;      /* silence that ends a resynchronisation */
};

enum zclient_state {
	ZCLIENT_OFF,     /* not configured */
	ZCLIENT_WAITING, /* zebra is not there; the next attempt is timed */
	ZCLIENT_PROBING, /* finding out which dialect it speaks */
	ZCLIENT_SYNCING, /* routes are arriving; settle timer runs */
	ZCLIENT_UP,
};

/* An own prefix as zebra is to hear it: type TABLE, instance 0, via @ifindex. */
struct zclient_own {
	uint32_t vrf;
	struct prefix prefix;
	uint32_t ifindex; /* it is announced only while this interface is up */
	uint32_t tag;     /* 0: none */
};

struct zclient_events {
	/* Any change of state or of what zclient_view() shows. May be NULL. */
	void (*state)(void *arg, enum zclient_state now);
	/* zebra answered for an own prefix. May be NULL. */
	void (*own_installed)(void *arg, uint32_t vrf, const struct prefix *p,
			      bool installed);
	void *arg;
};

struct zclient *zclient_new(struct loop *loop, struct rib *rib,
			    const struct zclient_events *ev);
void zclient_free(struct zclient *z);
/*
 * Starts, or moves to other options. NULL stops: the routes and VRFs zebra told leave the
 * RIB, and zebra sweeps own prefixes, which are remembered here all the same.
 */
void zclient_configure(struct zclient *z, const struct zclient_options *opt);

/*
 * Own prefixes are remembered and sent again after a reconnect and when their interface
 * comes up. Adding one that is there with the same content is a no-op. They belong to the
 * name of their VRF, which zebra may give another id later. Returns 0, -ENOENT if own->vrf
 * is no VRF of the RIB, or -ENOMEM.
 */
int zclient_own_add(struct zclient *z, const struct zclient_own *own) MUST_USE;
void zclient_own_del(struct zclient *z, uint32_t vrf, const struct prefix *p);
/* The same by name: the VRF may come later, or be gone. own->vrf is not looked at. */
int zclient_own_add_named(struct zclient *z, const char *vrf,
			  const struct zclient_own *own) MUST_USE;
void zclient_own_del_named(struct zclient *z, const char *vrf, const struct prefix *p);

struct zclient_view {
	enum zclient_state state;
	const char *socket;
	const char *release; /* "8.4.4", or "" while unknown */
	const char *dialect; /* name of the command table, or "" */
	uint32_t router_id;  /* network order, 0: none */
	uint64_t since_ns;   /* loop time of the last change of state */
	unsigned connects, disconnects;
	uint64_t messages_rcvd, messages_sent, routes_added, routes_deleted;
	uint64_t malformed, ignored, errors; /* counted, never fatal on their own */
	size_t own_count, own_installed;
	char last_error[160]; /* why the last session ended or could not be opened; ""
				 none */
};
void zclient_view(const struct zclient *z, struct zclient_view *v);
const char *zclient_state_name(enum zclient_state s);

/* Each own prefix, in no particular order, until @fn returns false. own->vrf is UINT32_MAX
 * while its VRF has no id. */
void zclient_own_walk(const struct zclient *z,
		      bool (*fn)(const struct zclient_own *own, bool sent, bool installed,
				 void *arg),
		      void *arg);

#endif
