/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_RELAY_H
#define WGRD_RELAY_H

/*
 * Who tells whom: layers know nothing of those above or beside them, so what one says
 * comes here, and goes on to whom it concerns. Main thread only.
 */

#include "wgrd/conf/commit_log.h"
#include "wgrd/fib/fib.h"
#include "wgrd/kernel/kmon.h"
#include "wgrd/tenant/tenant.h"
#include "wgrd/wg/wg.h"
#include "wgrd/zebra/zclient.h"

struct daemon;

/* To be given to the layer when it is made. */
struct kmon_events relay_kmon_events(struct daemon *d);
struct wg_events relay_wg_events(struct daemon *d);
struct zclient_events relay_zebra_events(struct daemon *d);
struct fib_advertise_ops relay_advertise_ops(struct daemon *d);
struct tenants_events relay_tenants_events(struct daemon *d);

/* Callbacks; their void * is the daemon. */
bool relay_link(const struct kmon_link *l, void *arg); /* one that was there before */
void relay_table_read(void *arg, uint32_t vrf);
void relay_permissions(void *arg);
void relay_commit(void *arg, const struct commit_record *r);

/* Reads the rules of access again. 0, or a negative errno with a sentence. */
int relay_reload_access(void *arg, char *why, size_t why_len);
/* Asks all others again what they have, and mends what differs from what is wanted. Nothing
 * that is still wanted goes meanwhile. */
void relay_resync(void *arg);

/* Leftovers of a former run that nobody wants can go: all wishes are known. */
void relay_end_adoption(struct daemon *d);

#endif
