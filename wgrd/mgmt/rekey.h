/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_MGMT_REKEY_H
#define WGRD_MGMT_REKEY_H

/*
 * New session keys now, for a peer or for many: a handshake beside the session there is, which
 * goes on carrying packets until the new one does. Command line and NETCONF share it. Main
 * thread only.
 */

#include <stdbool.h>
#include <stddef.h>

struct wg;

/* Whose: each that is not NULL has to fit. */
struct rekey_scope {
	const char *peer, *interface, *tenant;
};

struct rekey_result {
	size_t found; /* peers in the scope */
	size_t begun; /* a handshake is under way with so many of them */
	/* The others: nothing says where they are; they are inactive; the kernel forwards, which
	 * begins handshakes when it thinks fit. */
	size_t without_endpoint, inactive, in_kernel;
};

void rekey(const struct wg *wg, const struct rekey_scope *scope, struct rekey_result *r);

/* "peer a", "tenant red": what was looked for, for a sentence that there is none. */
void rekey_scope_str(const struct rekey_scope *scope, char *buf, size_t len);

#endif
