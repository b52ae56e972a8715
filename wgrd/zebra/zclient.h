/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_ZEBRA_ZCLIENT_H
#define WGRD_ZEBRA_ZCLIENT_H

/*
 * The sessions with FRR's zebra: connect and reconnect, learn VRFs, interfaces and
 * routes into the RIB, and inject our own prefixes. One session learns and gives prefixes with
 * instance 0; each other instance has one that only gives. Main thread only. Losing zebra
 * removes nothing: the RIB's generations decide when it is back (see rib.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"
#include "wgrd/rib/rib.h"

struct zapi_dialect;
struct zclient;

struct zclient_options {
	char socket[108];
	const struct zapi_dialect *dialect; /* the one it speaks; NULL: find out */
	enum rib_proto protocol;            /* what to subscribe to */
	uint64_t settle_ns;                 /* silence that ends a resynchronisation */
};

enum zclient_state {
	ZCLIENT_OFF,      /* not configured */
	ZCLIENT_WAITING,  /* zebra is not there; the next attempt is timed */
	ZCLIENT_GIVEN_UP, /* it speaks no dialect we know; one attempt a minute */
	ZCLIENT_PROBING,  /* finding out which dialect it speaks */
	ZCLIENT_SYNCING,  /* routes are arriving; settle timer runs */
	ZCLIENT_UP,
};

/*
 * An own prefix as zebra is to hear it: type TABLE, via @ifindex. VRF, prefix and instance
 * tell it from others. ZAPI has 16 bits for an instance, but zebra keeps eight of them in a route
 * (zebra_rib_route_entry_new(), from 8.4 to the newest): bgpd would not find the route, and zebra
 * not sweep it.
 */
struct zclient_own {
	const char *vrf; /* by name: it may come later, be gone, or have another id */
	struct prefix prefix;
	uint8_t instance; /* of "redistribute table"; 0: without a number */
	uint32_t ifindex; /* it is announced only while this interface is up */
	uint32_t tag;     /* 0: none */
};

struct zclient_events {
	/* Any change of state or of what zclient_view() shows. May be NULL. */
	void (*state)(void *arg, enum zclient_state now);
	/* Of the session of an instance: ZCLIENT_UP, then any other once it is not up any more,
	 * and ZCLIENT_GIVEN_UP. May be NULL. */
	void (*instance_state)(void *arg, uint8_t instance, enum zclient_state now);
	/* zebra answered for an own prefix of instance 0. May be NULL. */
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
 * Asks a zebra that is there for all its routes anew. Nothing leaves at once: what it has not
 * told again when it falls silent (settle_ns) does. Without a session there is nothing to do,
 * for the next one begins like that.
 */
void zclient_resync(struct zclient *z);

/*
 * Own prefixes are remembered and sent again after a reconnect and when their interface
 * comes up. Adding one that is there with the same content is a no-op. Returns 0,
 * -ENAMETOOLONG for a VRF that cannot be, or -ENOMEM.
 */
int zclient_own_add(struct zclient *z, const struct zclient_own *own) MUST_USE;
/* These look at what tells it from others only. One that has been added with another instance
 * stays until zebra has been told of that, for ten seconds at most. */
void zclient_own_del(struct zclient *z, const struct zclient_own *own);
/* Whether zebra has been told of it in this session, and whether it has confirmed it. */
void zclient_own_state(const struct zclient *z, const struct zclient_own *own, bool *sent,
		       bool *installed);
/* Instances that have a session even without a prefix; any other has one while it has
 * prefixes. None is 0; the array is copied. */
void zclient_set_instances(struct zclient *z, const uint8_t *instance, size_t n);

/*
 * Whether somebody else has to learn: true from when zebra turned out to speak no dialect that
 * we know, until a session with it is up or zebra is turned off. What it had told before stays
 * in the RIB. Each change comes with a call of state().
 */
bool zclient_gave_up(const struct zclient *z);
/*
 * Somebody else has told the RIB all routes of @vrf: what zebra had told of them leaves, so a
 * prefix that both know passes over without being without a route. Does nothing unless zebra
 * was given up and no session has begun since. Returns 0 or -ENOMEM, and nothing has left.
 */
int zclient_yield(struct zclient *z, uint32_t vrf) MUST_USE;

/*
 * Kernel tables whose routes zebra is to tell, as it can from FRR 10.0 on: into the VRF of the
 * RIB that stands for each (rib_table_vrf()). What is told of a table that is not among them any
 * more leaves. Each is 1 to 65535; the array is copied.
 */
void zclient_set_tables(struct zclient *z, const uint32_t *table, size_t n);
/* Does zebra tell of tables? What it told stays while it is away. False: somebody else has to
 * read them. Each change comes with a call of state(). */
bool zclient_tells_tables(const struct zclient *z);

struct zclient_view {
	uint8_t instance; /* 0: the session that learns, too */
	enum zclient_state state;
	bool gave_up; /* as zclient_gave_up() */
	const char *socket;
	const char *release; /* "8.4.4", or "" while unknown */
	const char *dialect; /* name of the command table, or "" */
	/* how it was found: "release and probe", "probe", "zapi-version", or "" */
	const char *evidence;
	uint32_t router_id; /* network order, 0: none */
	uint64_t since_ns;  /* loop time of the last change of state */
	unsigned connects, disconnects;
	uint64_t messages_rcvd, messages_sent, routes_added, routes_deleted;
	uint64_t malformed, ignored, errors; /* counted, never fatal on their own */
	size_t own_count, own_installed;
	char last_error[160]; /* why the last session ended or could not be opened; ""
				 none */
};
void zclient_view(const struct zclient *z, struct zclient_view *v);
const char *zclient_state_name(enum zclient_state s);

/* The sessions of instances, in their order, until @fn returns false. */
void zclient_instances_walk(const struct zclient *z,
			    bool (*fn)(const struct zclient_view *v, void *arg),
			    void *arg);
/* Each own prefix of one instance, in no particular order, until @fn returns false. */
void zclient_own_walk(const struct zclient *z, uint8_t instance,
		      bool (*fn)(const struct zclient_own *own, bool sent, bool installed,
				 void *arg),
		      void *arg);

#endif
