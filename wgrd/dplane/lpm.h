/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_LPM_H
#define WGRD_DPLANE_LPM_H

/*
 * A table of prefixes, IPv4 and IPv6: longest-prefix match from address to group. Egress
 * and ingress of each interface are one each. One writer (the main thread), any number of
 * readers, who never wait and never retry. A reader may use the group until it is next
 * quiescent (rcu.h). The writer never waits for readers.
 *
 * The table holds no references: whoever frees a group has deleted its prefixes before,
 * and frees it after a grace period.
 */

#include <stddef.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/util.h"

struct lpm;
struct dp_group;

struct lpm *lpm_new(void);    /* NULL: no memory */
void lpm_free(struct lpm *t); /* no readers may be left */

/* Returns 0 or -ENOMEM, in which case the table is as before. A prefix that is there
 * already gets the new group in one step. @p has no host bits. */
int lpm_set(struct lpm *t, const struct prefix *p, struct dp_group *g) MUST_USE;
/* Returns 0 or -ENOENT. */
int lpm_del(struct lpm *t, const struct prefix *p);
/* Exactly this prefix; the writer only. */
struct dp_group *lpm_get(const struct lpm *t, const struct prefix *p);
size_t lpm_count(const struct lpm *t);

/* Any thread. @addr: 4 or 16 bytes, at any alignment. NULL: no prefix covers it. */
struct dp_group *lpm_lookup4(const struct lpm *t, const void *addr);
struct dp_group *lpm_lookup6(const struct lpm *t, const void *addr);

#endif
