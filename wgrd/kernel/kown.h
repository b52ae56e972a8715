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

#include "wgrd/kernel/nlq.h"
#include "wgrd/lib/util.h"

struct kown {
	struct kown_table *tables;
	struct krule *rules;
	size_t rule_count, rule_cap;
};

void kown_fini(struct kown *o);

/*
 * A request for this route is about to be made. Returns 0, and *@ours tells whether what is
 * there may be replaced; -EBUSY while another for the same key is on its way; or -ENOMEM.
 */
int kown_route_begin(struct kown *o, const struct kroute *r, bool *ours) MUST_USE;
/* It is over, and the route is ours or it is not. */
void kown_route_end(struct kown *o, const struct kroute *r, bool ours);
bool kown_route_is_ours(const struct kown *o, const struct kroute *r);
size_t kown_route_count(const struct kown *o); /* those on their way too */
/* Corrects everything that is not on its way by a complete dump. */
void kown_sync_routes(struct kown *o, const struct kroute *dumped, size_t n);
void kown_sync_rules(struct kown *o, const struct krule *dumped, size_t n);

/* Whether a request naming @r could hit another rule of ours, or one naming that could hit @r. */
bool kown_rule_clashes(const struct kown *o, const struct krule *r);
void kown_rule_add(struct kown *o, const struct krule *r);
void kown_rule_del(struct kown *o, const struct krule *r);

#endif
