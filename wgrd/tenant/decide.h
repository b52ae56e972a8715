/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TENANT_DECIDE_H
#define WGRD_TENANT_DECIDE_H

/*
 * The decision about one learned route, as a pure function of the route and of what the
 * caller says about its next hops: no state is read or changed in here, so that the same
 * question answers "what was decided" and, at any later time, "why". Any thread.
 *
 * A question is filled in by the tenant layer; tests write them by hand.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/conf/conf.h"
#include "wgrd/lib/util.h"

enum decide_verdict {
	DECIDE_ACCEPT,
	DECIDE_NO_PEER,          /* the next hop is no peer's overlay address */
	DECIDE_NOT_OURS,         /* no next hop lies on a WireGuard interface */
	DECIDE_PEER_UNUSABLE,    /* the peer is shut down or has no key */
	DECIDE_OUTSIDE_SUPERNET, /* no supernet of the tenant contains it */
	DECIDE_DEFAULT_ROUTE,    /* 0.0.0.0/0 or ::/0 without an explicit supernet */
	DECIDE_PREFIX_LIST,      /* refused by a prefix-list of the tenant or of a peer */
	DECIDE_COVERED_LOCALLY,  /* the same prefix is static, an overlay address or
				    connected */
	DECIDE_PEER_LIMIT,       /* over the peer's max-prefix */
	DECIDE_PEER_HELD,        /* and for a while none of it is accepted */
	DECIDE_TENANT_LIMIT,     /* over the tenant's max-prefix */
	DECIDE_TENANT_HELD,      /* and for a while none of it is accepted */
	DECIDE_PEER_DOWN,        /* of an own prefix: whose it is does not answer */
	DECIDE_OWN,              /* we gave it to zebra ourselves, or are its next hop */
	DECIDE_NO_MEMORY,        /* tried again shortly */
	DECIDE_VERDICT_COUNT,
};
/* A word for JSON: "outside-supernet". */
const char *decide_verdict_name(enum decide_verdict v);

/* What one next hop turned out to be. In order of preference: of several next hops of a
 * route the lowest kind decides. */
enum decide_hop {
	HOP_PEER,      /* a usable peer */
	HOP_UNUSABLE,  /* a peer that is shut down or has no key */
	HOP_NO_PEER,   /* on one of our interfaces, but nobody's address */
	HOP_OWN,       /* an address of our own */
	HOP_NOT_OURS,  /* on some other interface */
	HOP_OTHER_VRF, /* on an interface whose tenant learns from another VRF */
	HOP_OTHER_TAG, /* on an interface whose tenant does not learn the route's tag */
	HOP_NO_MEMORY, /* could not be recorded */
};

/* The next hop that decides for all: see enum decide_hop. Strings may be "" where they
 * have no meaning. */
struct decide_nexthop {
	enum decide_hop kind;
	struct ip_addr gate; /* family 0: none */
	const char *device;  /* on which it lies; "" unknown */
	const char *peer;    /* of HOP_PEER and HOP_UNUSABLE */
	bool behind;         /* a static prefix of that peer covers the gate */
	const char *backup;  /* who stands in for it first; NULL: nobody */
	const char *why;     /* of HOP_UNUSABLE: "is shut down" */
	/* of HOP_OTHER_VRF: where that interface's tenant learns from, as the RIB names it:
	 * "red", or "table 1009" */
	const char *vrf;
	uint32_t tag; /* of HOP_OTHER_TAG: the route's */
};

/* A prefix-list that somebody demands. */
struct decide_filter {
	const char *name;                    /* "": none is demanded */
	const struct conf_prefix_list *list; /* NULL: none has that name */
	const char *peer;                    /* who demands it; NULL: the tenant */
};

/* What is known of a limit that leaves no room. */
struct decide_room {
	uint32_t max;
	bool held;       /* it was exceeded, and nothing is accepted */
	uint32_t held_s; /* for so many seconds more */
};

struct decide_question {
	struct prefix prefix;
	struct decide_nexthop nexthop;
	const char *tenant;                   /* "" for the built-in one */
	const struct conf_prefixes *supernet; /* NULL: no policy */
	const struct decide_filter *filter;   /* the first that refuses it, or NULL */
	bool advertised;                      /* the tenant gives it to zebra itself */
	/* What exactly this prefix is without any routing daemon: "an allowed-ip of peer
	 * b on wg0"; NULL: nothing. */
	const char *local;
	/* The first peer of the route that has as many prefixes as it may, or NULL. */
	const char *full_peer;
	struct decide_room peer;
	bool tenant_full;
	struct decide_room of_tenant;
};

enum decide_verdict decide(const struct decide_question *q);

/*
 * A sentence for @v, which is what decide() gave for @q, then or now: the counts of
 * prefixes may have moved since, so a limit is told by its maximum, and a hold by the time
 * that is left. Returns @buf.
 */
const char *decide_explain(const struct decide_question *q, enum decide_verdict v,
			   char *buf, size_t len);

/* Does @f let @p pass? */
bool decide_filter_permits(const struct decide_filter *f, const struct prefix *p);

/* May a peer of a tenant with this policy announce @p? DECIDE_ACCEPT,
 * DECIDE_OUTSIDE_SUPERNET or DECIDE_DEFAULT_ROUTE. @supernet NULL: no policy. */
enum decide_verdict decide_supernet(const struct conf_prefixes *supernet,
				    const struct prefix *p);

#endif
