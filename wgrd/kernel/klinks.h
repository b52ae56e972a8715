/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KLINKS_H
#define WGRD_KERNEL_KLINKS_H

/*
 * The table of links behind kmon.h: fed with rtnetlink messages, it says what each of them
 * changed. No socket; for kmon.c and tests. Main thread only.
 */

#include <stdbool.h>
#include <uthash.h>

#include "wgrd/kernel/kmon.h"

struct nlmsghdr;

struct klinks_entry {
	struct kmon_link link;
	UT_hash_handle hh;
};

struct klinks {
	struct klinks_entry *by_index;
};

enum klinks_change {
	KLINKS_SAME, /* nothing that struct kmon_link shows */
	KLINKS_CHANGED,
	KLINKS_GONE,
};

void klinks_fini(struct klinks *t);

/*
 * Takes RTM_{NEW,DEL}{LINK,ADDR}; anything else changes nothing. *@link is what the message
 * was about. After KLINKS_GONE the caller has had its last look when it calls klinks_drop().
 */
enum klinks_change klinks_take(struct klinks *t, const struct nlmsghdr *h,
			       const struct kmon_link **link);
void klinks_drop(struct klinks *t, const struct kmon_link *link);

/*
 * Makes @t what @fresh says, which is emptied, and calls @report for each difference: first for
 * what is gone, then for what came or changed.
 */
void klinks_become(struct klinks *t, struct klinks *fresh,
		   void (*report)(void *arg, const struct kmon_link *l, bool gone),
		   void *arg);

const struct kmon_link *klinks_find(const struct klinks *t, const char *name);
const struct kmon_link *klinks_find_index(const struct klinks *t, uint32_t ifindex);

#endif
