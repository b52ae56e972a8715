/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_MGMT_MGMT_H
#define WGRD_MGMT_MGMT_H

/*
 * The daemon's side towards people and machines: the command line behind the vty socket,
 * the configuration file, and what show prints. main() makes one of these when everything
 * it shows exists. Main thread only.
 */

#include <stddef.h>
#include <sys/types.h>

#include "wgrd/lib/util.h"

struct datastore;
struct fib;
struct loop;
struct mgmt;
struct rib;
struct tenants;
struct wg;
struct zclient;

/* All are the caller's and must outlive the struct mgmt; the strings are copied. */
struct mgmt_deps {
	struct loop *loop;
	struct datastore *datastore;
	struct rib *rib;
	struct wg *wg;
	struct tenants *tenants;
	struct fib *fib;
	struct zclient *zclient; /* NULL: this daemon does not talk to zebra */
	const char *version;
	const char *config_path; /* what write memory writes; NULL: it is refused */
};

struct mgmt *mgmt_new(const struct mgmt_deps *deps);
/* Closes all sessions; edits they had not committed are dropped. NULL is allowed. */
void mgmt_free(struct mgmt *m);

/*
 * Opens the vty socket at @path, mode 0660, owned by group @group ((gid_t)-1: left as it
 * is). A socket left behind by a daemon that is gone is replaced; one that answers is
 * -EADDRINUSE. May be called once.
 */
int mgmt_listen(struct mgmt *m, const char *path, gid_t group, char *why,
		size_t why_len) MUST_USE;

/*
 * Makes @path the running configuration, in one commit. On failure @why is
 * `FILE:LINE: "WORD": sentence` and nothing has changed: -ENOENT when there is no such file,
 * -EINVAL when what it says is refused.
 */
int config_load(struct mgmt *m, const char *path, char *why, size_t why_len) MUST_USE;

/*
 * Writes the running configuration, secrets included, to @path (mode 0600) so that a
 * crash leaves either the old file or the new one. On failure @why is a sentence and the
 * old file is as it was.
 */
int config_save(const struct mgmt *m, const char *path, char *why,
		size_t why_len) MUST_USE;

#endif
