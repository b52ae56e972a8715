/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_NLQ_H
#define WGRD_KERNEL_NLQ_H

/*
 * A queue of rtnetlink requests: many are on their way at once, and each acknowledgement
 * is matched to its request by sequence number, so a thousand routes cost a few system
 * calls. Main thread only. struct nlq_ops is the seam where tests put a fake kernel.
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

enum kroute_type {
	KROUTE_UNICAST,
	KROUTE_UNREACHABLE
};

/* One route of a policy table. The key is (table, dst, metric). */
struct kroute {
	uint32_t table;
	struct prefix dst;
	uint32_t metric;
	enum kroute_type type;
	uint32_t oif;        /* for KROUTE_UNICAST */
	struct ip_addr gate; /* family 0: none */
};

enum krule_action {
	KRULE_LOOKUP
};

/* One policy rule. All fields are its key. */
struct krule {
	sa_family_t family;
	uint32_t priority;
	uint32_t table;
	char iif[16];      /* "": any */
	struct prefix src; /* addr.family 0: any */
	uint32_t fwmark;   /* 0: any */
};

/* Called once for each request: 0 or the kernel's negative errno. */
typedef void (*nlq_done_fn)(void *arg, int err);

struct nlq;

/*
 * EEXIST on add and ESRCH/ENOENT on delete are reported as success: the wish is
 * fulfilled. route_set replaces a route of the same key in one step (make before break).
 */
struct nlq_ops {
	void (*route_set)(struct nlq *q, const struct kroute *r, nlq_done_fn done,
			  void *arg);
	void (*route_del)(struct nlq *q, const struct kroute *r, nlq_done_fn done,
			  void *arg);
	void (*rule_add)(struct nlq *q, const struct krule *r, nlq_done_fn done,
			 void *arg);
	void (*rule_del)(struct nlq *q, const struct krule *r, nlq_done_fn done,
			 void *arg);
	/* Dumps what carries WGRD_RTPROT. each() per object, then done(). Returns 0 or
	 * -errno. */
	int (*dump_routes)(struct nlq *q, void (*each)(void *arg, const struct kroute *r),
			   void *arg);
	int (*dump_rules)(struct nlq *q, void (*each)(void *arg, const struct krule *r),
			  void *arg);
	/* Sends what is queued. Called by the loop too, after each turn. */
	void (*flush)(struct nlq *q);
};

/* Embedded first in each implementation. */
struct nlq {
	const struct nlq_ops *ops;
};

/* The real one. @why gets a sentence when netlink cannot be opened. */
int nlq_open(struct loop *loop, struct nlq **out, char *why, size_t why_len) MUST_USE;
void nlq_close(struct nlq *q);

struct nlq_view {
	uint64_t requests, acks, errors, overruns;
	size_t in_flight, queued;
};
void nlq_view(const struct nlq *q, struct nlq_view *v); /* of the real one */

#endif
