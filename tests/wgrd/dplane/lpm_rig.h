/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_WGRD_DPLANE_LPM_RIG_H
#define TESTS_WGRD_DPLANE_LPM_RIG_H

/* What the tests of the lookup table share: groups, random prefixes, and a list that
 * answers as the table should. One thread, but for rig_group() and rig_lookup(). */

#include "wgrd/dplane/lpm/lpm.h"

enum {
	RIG_GROUPS = 64,
};

/* The table never looks into a group: these are only addresses. */
struct dp_permit *rig_group(unsigned i);
/* -1: not one of ours, NULL for example */
int rig_group_index(const struct dp_permit *g);

struct prefix rig_prefix(const char *s);
struct dp_permit *rig_lookup(const struct lpm *t, const struct ip_addr *a);
struct dp_permit *rig_lookup_str(const struct lpm *t, const char *s);
void rig_set(struct lpm *t, const char *s, unsigned g);

/* Of rng.h. Few different bits, so that prefixes nest, part late and meet again. */
struct ip_addr rig_random_addr(void);
struct prefix rig_random_prefix(void);
struct ip_addr rig_random_addr_in(const struct prefix *p);

struct rig_list {
	struct {
		struct prefix p;
		struct dp_permit *g;
	} * v;
	size_t count, max;
};

/* The place of @p, or l->count. */
size_t rig_list_find(const struct rig_list *l, const struct prefix *p);
struct dp_permit *rig_list_lookup(const struct rig_list *l, const struct ip_addr *a);
/* @at: what rig_list_find() gave. */
void rig_list_set(struct rig_list *l, size_t at, const struct prefix *p,
		  struct dp_permit *g);
void rig_list_del(struct rig_list *l, size_t at);
void rig_list_fini(struct rig_list *l);

#endif
