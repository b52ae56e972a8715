/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_MGMT_FAKE_STATE_H
#define WGRD_TESTS_MGMT_FAKE_STATE_H

/*
 * What show prints, as a scene that does not change: in place of wgrd/wg, tenant, fib,
 * rib, learn and zebra, for tests of whatever looks at the daemon from outside. Two
 * interfaces, wg0 with the peers hub and spoke2, wg1 without a key; a tenant with routes
 * of every kind. Tests may empty it, make it large, and see what was cleared. The clock of
 * the scene is that of the fake loop at its start.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_state {
	bool empty;         /* nothing is configured */
	bool zebra_waiting; /* zebra is not there */
	bool zebra_off;     /* by configuration */
	bool large; /* numbers of a large site, and texts of people who like to write */
	bool no_instance;     /* zebra has closed the session of instance 253 */
	bool zebra_given_up;  /* zebra is of a release that wgrd does not know */
	unsigned repeat;      /* each route is told so often; 0 is 1 */
	unsigned cleared;     /* calls of wg_peer_clear() */
	unsigned many_peers;  /* so many more of wg0, x000000 and so on */
	bool in_kernel;       /* who forwards for wg0 */
	bool no_probe;        /* peers cannot be asked */
	unsigned probed;      /* calls of wg_peer_probe() */
	uint64_t answered_ns; /* when peers last answered */
	unsigned more; /* is added to every counter of interfaces, peers and threads */
	unsigned released;    /* peers and tenants that were */
	unsigned whole_walks; /* over the routes of all tenants */
};
extern struct fake_state fake_state;

/* To be put into struct mgmt_deps; never looked into. */
#define FAKE_OBJECT(type) ((struct type *)&fake_state)

#endif
