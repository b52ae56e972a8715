/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_MGMT_REVOKE_H
#define WGRD_MGMT_REVOKE_H

/*
 * Takes a key, or all keys of a peer, out of service at once and for good. `shutdown` says that
 * a peer is not to be used, and removing it that it is not known: both are undone by whoever
 * configures it again, be it a script that knows nothing of the reason. A revoked key is let
 * in by nobody, on no interface, until `no revoked-key` says so; a rollback does not. The peer
 * comes back with another key.
 *
 * It is a commit like others, and so is refused when others would be: while somebody has locked
 * the configuration, or has a trial of his own. Command line and NETCONF share it. Main
 * thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/conf/commit_log.h"
#include "wgrd/conf/conf.h"
#include "wgrd/lib/util.h"

struct datastore;

/* Where it is to be remembered. */
struct revoke_place {
	struct datastore *datastore;
	const char *config_path; /* the startup configuration; NULL: there is none */
	bool in_frr;             /* that is frr.conf, which vtysh writes */
	const void *owner;       /* who edits, as for candidate.h */
	const struct commit_origin *by;
};

/* Of a peer, or of no peer and one key. */
struct revoke_what {
	const char *peer,
		*interface; /* @interface NULL: of every interface that has one so called */
	const uint8_t *key; /* NULL: those of the peer */
};

struct revoke_result {
	size_t keys; /* that were not revoked before */
	/* Why it is not in the startup configuration, and so would be forgotten by a restart;
	 * "": it is. */
	char unsaved[256];
};

/* 0; -ENOENT: there is no such peer, or it has no key; or as a commit. On failure @why is a
 * sentence and nothing has changed. */
int revoke(const struct revoke_place *place, const struct revoke_what *what,
	   struct revoke_result *r, char *why, size_t why_len) MUST_USE;

#endif
