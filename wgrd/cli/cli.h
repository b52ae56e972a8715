/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_CLI_H
#define WGRD_CLI_CLI_H

/*
 * The command line as main() has it: behind the vty socket, and as the configuration file,
 * which is lines of it. Main thread only.
 */

#include <stddef.h>
#include <sys/types.h>

#include "wgrd/lib/util.h"

struct cli;
struct mgmt;

/* @m is the caller's and must outlive it. To load a file its loop, datastore and version
 * are enough. */
struct cli *cli_new(struct mgmt *m);
/* Closes all sessions; edits they had not committed are dropped. NULL is allowed. */
void cli_free(struct cli *cli);

/*
 * Opens the vty socket at @path, mode 0660, owned by group @group ((gid_t)-1: left as it
 * is). A socket left behind by a daemon that is gone is replaced; one that answers is
 * -EADDRINUSE. May be called once.
 */
int cli_listen(struct cli *cli, const char *path, gid_t group, char *why,
	       size_t why_len) MUST_USE;

/*
 * Makes @path the running configuration, in one commit. On failure @why is
 * `FILE:LINE: "WORD": sentence` and nothing has changed: -ENOENT when there is no such file,
 * -EINVAL when what it says is refused.
 */
int config_load(struct cli *cli, const char *path, char *why, size_t why_len) MUST_USE;

/*
 * Writes the running configuration, secrets included, to @path (mode 0600) so that a
 * crash leaves either the old file or the new one. On failure @why is a sentence and the
 * old file is as it was.
 */
int config_save(const struct cli *cli, const char *path, char *why,
		size_t why_len) MUST_USE;

#endif
