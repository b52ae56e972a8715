/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_MGMT_MGMT_PRIV_H
#define WGRD_MGMT_MGMT_PRIV_H

/* The inside of a struct mgmt, for wgrd/show and wgrd/cli alone. Main thread only. */

#include <stdint.h>

#include "wgrd/mgmt/mgmt.h"

struct cleared;

struct mgmt {
	struct mgmt_deps deps; /* version and config_path are our own copies */
	uint64_t started_ns;
	struct cleared *cleared; /* what show subtracts from counters */
};

enum {
	/* A longer reply is replaced by a sentence: nobody reads it, and the client's
	 * slowness must not cost the daemon its memory. */
	MGMT_REPLY_MAX = 64 * 1024 * 1024,
};

#endif
