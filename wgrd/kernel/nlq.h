/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_NLQ_H
#define WGRD_KERNEL_NLQ_H

/*
 * A queue of rtnetlink requests: many are on their way at once, and each acknowledgement is
 * matched to its request by sequence number, so a thousand routes cost a few system calls.
 * Main thread only. struct nlq_ops is the seam where tests put a fake kernel.
 *
 * Requests are carried out in the order given. Nothing but what carries WGRD_RTPROT is ever
 * replaced or deleted.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"

enum {
	/* Routes we install carry this protocol number; nothing else is ever touched. */
	WGRD_RTPROT = 157,
	/* Rules we install carry the same in FRA_PROTOCOL. */
};

/*
 * The metric of ours in tables that are zebra's as well, the main one and those of VRFs. Any
 * route that somebody else has there comes before; and zebra takes the first byte for the
 * distance, 150, and the others for the metric, 0 (FRR, rt_netlink.c).
 */
#define KROUTE_SHARED_METRIC (150u << 24)

enum kroute_type {
	KROUTE_UNICAST,
	KROUTE_UNREACHABLE
};

/* One route of a table. The key is (table, dst, metric). */
struct kroute {
	uint32_t table; /* not 0 */
	struct prefix dst;
	uint32_t metric; /* not 0: IPv6 has none, and in a delete it would mean any */
	enum kroute_type type;
	uint32_t oif;        /* for KROUTE_UNICAST */
	struct ip_addr gate; /* family 0: none */
};

/* One policy rule, "lookup table". All fields are its key. */
struct krule {
	sa_family_t family;
	uint32_t priority; /* not 0 */
	uint32_t table;    /* not 0 */
	char iif[16];      /* "": any */
	struct prefix src; /* addr.family 0: any; a length of 0 is refused */
	uint32_t fwmark;   /* 0: any */
};

bool kroute_equal(const struct kroute *a, const struct kroute *b);
bool krule_equal(const struct krule *a, const struct krule *b);

/* For logs and tests: "10.0.0.0/8 table 100 metric 20 oif 3". Return @buf. */
#define KROUTE_STRLEN 176
#define KRULE_STRLEN  144
const char *kroute_str(const struct kroute *r, char buf[static KROUTE_STRLEN]);
const char *krule_str(const struct krule *r, char buf[static KRULE_STRLEN]);

/*
 * Called once for each request, in the order given, and never from inside an operation: 0 or
 * a negative errno. -ENOBUFS: the answer was lost, so the request may or may not have been
 * carried out; ask again, or dump. @done may be NULL.
 */
typedef void (*nlq_done_fn)(void *arg, int err);

struct nlq;

/*
 * The structs are copied. What cannot be asked (see the fields above) gets -EINVAL.
 *
 * Routes over an interface leave the kernel when it goes down, IPv4 ones without a message:
 * see kmon.h. Setting such a route again is right at any time, whether or not it is there.
 */
struct nlq_ops {
	/*
	 * Adds, or replaces ours of the same key in one step (make before break). -EEXIST when
	 * the key is taken by a route with another protocol number, which is left alone.
	 */
	void (*route_set)(struct nlq *q, const struct kroute *r, nlq_done_fn done,
			  void *arg);
	/* By key alone. Success when there is none. */
	void (*route_del)(struct nlq *q, const struct kroute *r, nlq_done_fn done,
			  void *arg);
	/*
	 * Success when it is there already. -ENOTUNIQ when one of our rules with the same
	 * priority and table matches a part of what this one does: the kernel would take
	 * either for the other when one is to be deleted. Give them different priorities.
	 */
	void (*rule_add)(struct nlq *q, const struct krule *r, nlq_done_fn done,
			 void *arg);
	/* Success when there is none. */
	void (*rule_del)(struct nlq *q, const struct krule *r, nlq_done_fn done,
			 void *arg);
	/*
	 * What carries WGRD_RTPROT, both families: each() per object, before the call returns.
	 * Requests not done yet may or may not show. Returns 0 or a negative errno, and then
	 * each() has not been called. each() must not call into @q.
	 */
	int (*dump_routes)(struct nlq *q, void (*each)(void *arg, const struct kroute *r),
			   void *arg);
	int (*dump_rules)(struct nlq *q, void (*each)(void *arg, const struct krule *r),
			  void *arg);
	/* Sends what is queued, as far as there is room. Called by the loop too, each turn. */
	void (*flush)(struct nlq *q);
};

/* Embedded first in each implementation. */
struct nlq {
	const struct nlq_ops *ops;
};

/* The real one: nlq_rtnl.c. @why gets a sentence when netlink cannot be opened. */
int nlq_open(struct loop *loop, struct nlq **out, char *why, size_t why_len) MUST_USE;
/* NULL is allowed; not from inside a done(). Requests not done are forgotten. */
void nlq_close(struct nlq *q);

struct nlq_view {
	uint64_t requests, acks, errors, overruns;
	size_t in_flight, queued;
};
void nlq_view(const struct nlq *q, struct nlq_view *v); /* of the real one */

#endif
