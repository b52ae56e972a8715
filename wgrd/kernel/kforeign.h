/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KFOREIGN_H
#define WGRD_KERNEL_KFOREIGN_H

/*
 * A route that somebody else has put into the kernel, as rtnetlink tells it: BIRD, an FRR we
 * do not understand, or a person. Pure; any thread. What is ours is kroute.h's business.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/util.h"

struct nl_msg;
struct nlmsghdr;

enum {
	KFOREIGN_HOP_MAX = 64,
	KFOREIGN_MAIN_TABLE = 254,
};

enum kforeign_kind {
	KFOREIGN_UNICAST, /* has next hops; of the other kinds none are filled in */
	KFOREIGN_REJECTS, /* blackhole, unreachable, prohibit, throw */
	KFOREIGN_NO_HOP, /* a next hop object the kernel did not spell out, or all are dead */
	KFOREIGN_TOO_WIDE, /* more than KFOREIGN_HOP_MAX next hops */
	KFOREIGN_PARTIAL,  /* for one TOS or one source only */
	KFOREIGN_OTHER,    /* local, broadcast, multicast, or encapsulated */
	KFOREIGN_KIND_COUNT,
};
/* "blackhole or unreachable": why such a route is not learned. */
const char *kforeign_kind_name(enum kforeign_kind k);

struct kforeign_hop {
	struct ip_addr
		gate; /* family 0: none; IPv6 for an IPv4 prefix may be (RFC 8950) */
	uint32_t oif;
	uint16_t weight; /* 1 to 256 */
};

struct kforeign {
	struct prefix dst;
	enum kforeign_kind kind;
	uint8_t protocol; /* RTPROT_* of the kernel */
	uint32_t table, metric;
	uint32_t nexthop_id; /* 0: its next hops are its own */
	unsigned hop_count;
	struct kforeign_hop hop[KFOREIGN_HOP_MAX];
};

/* False when @h is no route, one of ours, a cached one, or cannot be read. */
bool kforeign_parse(const struct nlmsghdr *h, struct kforeign *r);

/* All routes of a table in one family. Kernels before 4.20 dump every table. Given to the
 * caller: nlmsg_free(). -ENOMEM. */
int kforeign_dump_message(uint32_t table, sa_family_t family,
			  struct nl_msg **msg) MUST_USE;

#endif
