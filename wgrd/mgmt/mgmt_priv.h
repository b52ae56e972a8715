/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_MGMT_MGMT_PRIV_H
#define WGRD_MGMT_MGMT_PRIV_H

/* What the files of this folder share. Main thread only. */

#include <stdint.h>

#include "wgrd/mgmt/cli_form.h"
#include "wgrd/mgmt/mgmt.h"

struct cli_session;
struct vty_server;

struct mgmt {
	struct mgmt_deps deps; /* version and config_path are our own copies */
	struct cli_forms *forms;
	struct vty_server *server; /* NULL until mgmt_listen() */
	/*
	 * There is one candidate for all. Whoever edits takes it; a session whose group
	 * lost it to another builds it again from its list of edits. NULL: nobody's.
	 */
	const struct cli_session *candidate_owner;
	uint64_t started_ns;
};

enum {
	/* A longer reply is replaced by a sentence: nobody reads it, and the client's
	 * slowness must not cost the daemon its memory. */
	MGMT_REPLY_MAX = 64 * 1024 * 1024,
};

#endif
