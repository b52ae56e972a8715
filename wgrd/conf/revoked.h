/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_REVOKED_H
#define WGRD_CONF_REVOKED_H

/*
 * Revoked keys: what the list means for a peer, wherever it is configured and by whom. Main
 * thread only.
 */

struct conf;
struct conf_peer;

/* Marks @p and its additional keys when they are among c->revoked_key, which is sorted. */
void conf_mark_revoked(const struct conf *c, struct conf_peer *p);

#endif
