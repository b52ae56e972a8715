/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KMON_H
#define WGRD_KERNEL_KMON_H

/*
 * Watches the kernel: links, addresses, and our own rules and routes (so that a foreign
 * hand that deletes one is noticed). Keeps a table of links and their addresses. Main
 * thread only. After an overrun (ENOBUFS) it dumps again and calls resync.
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
	bool up; /* IFF_UP and IFF_RUNNING */
	uint32_t mtu;
	struct klink_address *address;
	size_t address_count;
};

struct kmon_events {
	/* A link came, changed (state, name or addresses), or went (@gone; last look at
	 * it). */
	void (*link)(void *arg, const struct kmon_link *l, bool gone);
	/* One of ours was deleted, by whomever. Our own deletions are reported too. */
	void (*route_gone)(void *arg, const struct kroute *r);
	void (*rule_gone)(void *arg, const struct krule *r);
	/* Messages were lost: what is installed must be compared with what is wanted. */
	void (*resync)(void *arg);
	void *arg;
};

/* Has dumped all links before it returns; link() is called for each of them. */
int kmon_open(struct loop *loop, const struct kmon_events *ev, struct kmon **out,
	      char *why, size_t why_len) MUST_USE;
void kmon_close(struct kmon *m);
const struct kmon_link *kmon_find(const struct kmon *m, const char *name);
const struct kmon_link *kmon_find_index(const struct kmon *m, uint32_t ifindex);
void kmon_walk(const struct kmon *m, bool (*fn)(const struct kmon_link *l, void *arg),
	       void *arg);

#endif
