/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_ACCOUNT_H
#define WGRD_ACCOUNT_H

/*
 * Whom the process runs as. Called by main() before there are threads: capabilities are a
 * thread's own.
 */

#include <stddef.h>
#include <sys/types.h>

#include "wgrd/lib/util.h"

struct account {
	const char *user; /* the caller's */
	uid_t uid;
	gid_t gid;
};

/* @group NULL: the user's own. On failure @why is a sentence. */
int account_find(struct account *a, const char *user, const char *group, char *why,
		 size_t why_len) MUST_USE;

/* Makes @dir, and what leads there, for this user alone. A directory that is there stays
 * as it is. */
int account_make_dir(const struct account *a, const char *dir, char *why,
		     size_t why_len) MUST_USE;

/*
 * Becomes this user, in its groups, with CAP_NET_ADMIN and no other capability, and with no
 * way to get one. Does nothing if that is who runs already, but says so if it may not.
 */
int account_become(const struct account *a, char *why, size_t why_len) MUST_USE;

#endif
