/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KOWN_H
#define WGRD_KERNEL_KOWN_H

/*
 * What we know to be ours in the kernel. A replacing route request hits whatever has the key,
 * whosever it is, so nlq_rtnl.c asks here first and replaces only its own; and rules that the
 * kernel could mistake for each other are kept from coming into being. For nlq_rtnl.c; main
 * thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#include "wgrd/kernel/nlq.h"

/* Compared as bytes: no padding inside, unused tail of the address cleared. */
struct kown_key {
	uint32_t table, metric;
	uint8_t addr[16];
	uint16_t family;
	uint16_t len;
};

struct kown_route {
	struct kown_key key;
	bool ours; /* installed, as far as we know */
	bool busy; /* a request for this key is on its way */
	bool seen; /* in the dump being compared */
	UT_hash_handle hh;
};

struct kown {
	struct kown_route *routes;
	struct krule *rules;
	size_t rule_count, rule_cap;
};

void kown_fini(struct kown *o);

/* The entry of @r's key, made if need be. It stays while it is ours or busy. */
struct kown_route *kown_route(struct kown *o, const struct kroute *r);
/* The request for it is over: no longer busy. Gone unless @ours. */
void kown_route_settle(struct kown *o, struct kown_route *e, bool ours);
/* Corrects everything that is not busy by a complete dump. */
void kown_sync_routes(struct kown *o, const struct kroute *dumped, size_t n);
void kown_sync_rules(struct kown *o, const struct krule *dumped, size_t n);

/* Whether a request naming @r could hit another rule of ours, or one naming that could hit @r. */
bool kown_rule_clashes(const struct kown *o, const struct krule *r);
void kown_rule_add(struct kown *o, const struct krule *r);
void kown_rule_del(struct kown *o, const struct krule *r);

#endif
