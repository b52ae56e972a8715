/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KMON_H
#define WGRD_KERNEL_KMON_H

/*
 * Watches the kernel: links, addresses, and our own rules and routes (so that a foreign hand
 * that deletes one is noticed). Keeps a table of links and their addresses. Main thread only.
 * Other people's routes are filtered out in the kernel, so a full table of zebra's costs us
 * nothing.
 *
 * What a link does to routes, and who says so:
 *
 *	set down	routes over it leave; IPv6 ones are reported by route_gone,
 *			IPv4 ones leave WITHOUT a message
 *	set up again	none of them comes back
 *	carrier lost	routes stay, marked linkdown
 *	removed		as set down
 *	last IPv4	IPv4 routes over it leave WITHOUT a message
 *	address lost
 *
 * So link() is the only word on IPv4 routes: after a report with !admin_up or ipv4_lost, or
 * after one that brings admin_up back, every route over the link has to be set again. link() is called for
 * each state the kernel announces, in order, never only for the last of several: down and up
 * in quick succession are two reports. When messages were lost, and with them perhaps such
 * a pair, resync() says so, and stands for all that link() and route_gone() might have said.
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/kernel/klink.h"
#include "wgrd/kernel/nlq.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"

struct kmon;

struct kmon_link {
	uint32_t ifindex;
	char name[IFNAMSIZ];
	bool up;        /* IFF_UP and IFF_RUNNING: packets can leave */
	bool admin_up;  /* IFF_UP: routes can be had */
	bool ipv4_lost; /* in this report: its last IPv4 address has left */
	uint32_t mtu;
	uint32_t vrf_table; /* of a VRF device; 0: it is something else */
	struct klink_address *address;
	size_t address_count;
};

/* Each may be called while kmon_open() runs or later from the loop; kmon_close() is not for
 * them to call. */
struct kmon_events {
	/* A link came, changed (state, name, MTU, table or addresses), or went (@gone; last
	 * look). */
	void (*link)(void *arg, const struct kmon_link *l, bool gone);
	/* One of ours was deleted, by whomever. Our own deletions are reported too. */
	void (*route_gone)(void *arg, const struct kroute *r);
	void (*rule_gone)(void *arg, const struct krule *r);
	/* A route of somebody else has replaced one with this table, prefix and metric, which
	 * may have been ours; nothing else of @r is filled in. Of the main table, only those
	 * with KROUTE_SHARED_METRIC are told. */
	void (*route_taken)(void *arg, const struct kroute *r);
	/* Messages were lost: what is installed must be compared with what is wanted. */
	void (*resync)(void *arg);
	void *arg;
};

/*
 * Has dumped all links before it returns; link() is called for each of them. Watching starts
 * before the dump, so that nothing falls between.
 */
int kmon_open(struct loop *loop, const struct kmon_events *ev, struct kmon **out,
	      char *why, size_t why_len) MUST_USE;
void kmon_close(struct kmon *m); /* NULL is allowed */

/* The links stay valid until the next turn of the loop. NULL when there is none. */
const struct kmon_link *kmon_find(const struct kmon *m, const char *name);
const struct kmon_link *kmon_find_index(const struct kmon *m, uint32_t ifindex);
/* Until @fn returns false. */
void kmon_walk(const struct kmon *m, bool (*fn)(const struct kmon_link *l, void *arg),
	       void *arg);

/* Reads all links again, as if messages had been lost: resync() of the events follows. Not from
 * inside of one of them. */
void kmon_resync(struct kmon *m);

/* How often messages were lost. */
uint64_t kmon_overruns(const struct kmon *m);

#endif
