/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_MGMT_CLEAR_PEER_H
#define WGRD_MGMT_CLEAR_PEER_H

/*
 * Begins anew with a peer: its sessions are dropped, a handshake is begun if it has an endpoint,
 * and prefixes that max-prefix-hold keeps out are decided again. Command line and NETCONF share
 * it. Main thread only.
 */

#include <stddef.h>

struct tenants;
struct wg;

/* Whose: @interface NULL is every interface that has one so called. */
struct clear_peer_scope {
	const char *peer, *interface;
};

/* How many there were of them. */
size_t clear_peer(const struct wg *wg, struct tenants *tenants,
		  const struct clear_peer_scope *scope);

#endif
