/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_LPM_LPM_H
#define WGRD_DPLANE_LPM_LPM_H

/*
 * A table of prefixes, IPv4 and IPv6: longest-prefix match from address to permit, into which
 * it does not look. Each interface has one (wgrd/dplane/permit.h). One writer (the main
 * thread), any number of readers, who never wait and never retry. A reader may use the
 * permit until it is next quiescent (rcu.h). The writer waits for readers only when there is
 * no memory left.
 *
 * A lookup is of the table as it was at one instant of it: an address that has an owner at
 * all times has one in every lookup, whatever moves from prefix to prefix meanwhile.
 *
 * The table holds no references: whoever frees a permit has deleted its prefixes before,
 * and frees it after a grace period.
 */

#include <stddef.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/util.h"

struct lpm;
struct dp_permit;

struct lpm *lpm_new(void);    /* NULL: no memory */
void lpm_free(struct lpm *t); /* no readers may be left */

/* Returns 0 or -ENOMEM, in which case the table is as before. A prefix that is there
 * already gets the new permit in one step. @p has no host bits. */
int lpm_set(struct lpm *t, const struct prefix *p, struct dp_permit *to) MUST_USE;
/* Returns 0 or -ENOENT. Needs no memory. */
int lpm_del(struct lpm *t, const struct prefix *p);
/* Exactly this prefix; the writer only. */
struct dp_permit *lpm_get(const struct lpm *t, const struct prefix *p);
size_t lpm_count(const struct lpm *t);

/* Any thread. @addr: 4 or 16 bytes, at any alignment. NULL: no prefix covers it. */
struct dp_permit *lpm_lookup4(const struct lpm *t, const void *addr);
struct dp_permit *lpm_lookup6(const struct lpm *t, const void *addr);

#endif
