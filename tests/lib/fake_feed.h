/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_FAKE_FEED_H
#define TESTS_LIB_FAKE_FEED_H

/*
 * A kernel whose routes others change, behind struct kfeed_ops: it keeps them as the real one
 * does, in both families, and tells of each change at once. Main thread only.
 *
 * What is done to it are lines as ip(8) has them, with numbers for interfaces:
 *
 *	add 192.168.2.0/24 via 10.99.0.1 oif 5 weight 2 via 10.99.0.2 oif 5 table 9 metric 32
 *	append|replace ... proto bgp nhid 7
 *	add 10.0.0.0/8 blackhole table 9
 *	del 192.168.2.0/24 table 9 metric 32 [via ... oif ...]
 *
 * Metric 32 and BIRD's protocol are what there is when they are not said.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/kernel/kfeed.h"

struct fake_feed;

/* The one that fake_feed_open() opens until it is freed. */
struct fake_feed *fake_feed_new(void);
void fake_feed_free(struct fake_feed *f);
int fake_feed_open(struct loop *loop, const struct kfeed_events *ev, struct kfeed **out,
		   char *why, size_t why_len);

/* False when there is nothing to replace or delete, or the line cannot be read. */
bool fake_feed_do(struct fake_feed *f, const char *line);
/* A link goes down: IPv4 routes over it go without a word, of the others it is told. */
void fake_feed_link_down(struct fake_feed *f, uint32_t ifindex);
/* A next hop object goes, and the IPv4 routes that use it. */
void fake_feed_nexthop_gone(struct fake_feed *f, uint32_t id);

/* From here on nothing is told; then that something was not. */
void fake_feed_mute(struct fake_feed *f);
void fake_feed_tell_lost(struct fake_feed *f);
/* The next dump, or opening, ends so. A dump with -EAGAIN misses every other route. */
void fake_feed_fail_next(struct fake_feed *f, int err);

bool fake_feed_is_open(const struct fake_feed *f);
unsigned fake_feed_dumps(const struct fake_feed *f);
/* The route the kernel would use for this prefix, of protocol @protocol; NULL: none. */
const struct kforeign *fake_feed_best(const struct fake_feed *f, uint32_t table,
				      const struct prefix *p, uint8_t protocol);

#endif
