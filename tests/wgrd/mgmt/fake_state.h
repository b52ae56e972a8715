/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_MGMT_FAKE_STATE_H
#define WGRD_TESTS_MGMT_FAKE_STATE_H

/*
 * What show prints, as a scene that does not change: in place of wgrd/wg, tenant, fib,
 * rib and zebra, for tests of wgrd/mgmt. Two interfaces, wg0 with the peers hub and
 * spoke2, wg1 without a key; a tenant with routes of every kind. Tests may empty it, make
 * it large, and see what was cleared. The clock of the scene is that of the fake loop at
 * its start.
 */

#include <stdbool.h>
#include <stddef.h>

struct fake_state {
	bool empty;         /* nothing is configured */
	bool zebra_waiting; /* zebra is not there */
	unsigned repeat;    /* each route is told so often; 0 is 1 */
	unsigned cleared;   /* calls of wg_peer_clear() */
};
extern struct fake_state fake_state;

/* To be put into struct mgmt_deps; never looked into. */
#define FAKE_OBJECT(type) ((struct type *)&fake_state)

#endif
