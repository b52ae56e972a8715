/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_LIB_FAKE_BACKEND_H
#define WGRD_TESTS_LIB_FAKE_BACKEND_H

/*
 * A back end that forwards nothing: it remembers what wgrd/wg asks for, so that a test
 * can ask what a data plane would do now, and it keeps a log of every call. Interfaces
 * get the indexes 101, 102... in the order they are made. It fails the test (assert) when
 * it is used against the contract of backend.h: an object of another device, a group
 * freed while a table has it, a call after device_stop().
 *
 *	struct fake_backend *be = fake_backend_new();
 *	struct wg *wg = wg_new(loop, &fake_backend_ops, be, &events);
 *	...
 *	assert_string_equal(fake_backend_egress(be, "wg0", "10.1.0.0/16"), "site-a
 *site-b*2");
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/wg/backend.h"

struct fake_backend;

extern const struct wg_backend_ops fake_backend_ops;

struct fake_backend *fake_backend_new(void);
/* Asserts that all objects have been freed. */
void fake_backend_free(struct fake_backend *b);

/* One line per call since the last clear, e.g. "egress_set wg0 10.0.0.0/24 site-a\n".
 * Reading calls (peer_state, device_port...) are not in it. */
const char *fake_backend_log(const struct fake_backend *b);
void fake_backend_clear_log(struct fake_backend *b);

/* The members of the group that the table has for exactly this prefix, in their order,
 * "a" or with a weight other than one "a*2", separated by spaces; NULL if it has none.
 * Retired peers are in parentheses. Valid until the next call for the same table. */
const char *fake_backend_egress(struct fake_backend *b, const char *dev,
				const char *prefix);
const char *fake_backend_ingress(struct fake_backend *b, const char *dev,
				 const char *prefix);
/* The same by longest match, as a packet would find it. @addr without a length. */
const char *fake_backend_route(struct fake_backend *b, const char *dev, const char *addr);
const char *fake_backend_source(struct fake_backend *b, const char *dev,
				const char *addr);
size_t fake_backend_egress_count(const struct fake_backend *b, const char *dev);
size_t fake_backend_ingress_count(const struct fake_backend *b, const char *dev);

/* Is there such a device (not stopped), and such a peer (not retired) on it? */
bool fake_backend_has_device(const struct fake_backend *b, const char *dev);
bool fake_backend_has_peer(const struct fake_backend *b, const char *dev,
			   const char *peer);
/* As device_link() was told last. */
bool fake_backend_is_up(const struct fake_backend *b, const char *dev);

/* The next device_new() or device_prepare() for @dev fails with -EBUSY and this. */
void fake_backend_refuse(struct fake_backend *b, const char *dev, const char *why);
/* The next @n calls that may run out of memory do. */
void fake_backend_fail_memory(struct fake_backend *b, unsigned n);
/* The session of a peer comes or goes: reported to wgrd/wg and shown in its state. */
void fake_backend_session(struct fake_backend *b, const char *dev, const char *peer,
			  bool up);
/* Something of its state that is watched has risen. */
void fake_backend_news(struct fake_backend *b, const char *dev, const char *peer);
/* What peer_state() is to say of the peer from now on, session aside. */
void fake_backend_state(struct fake_backend *b, const char *dev, const char *peer,
			const struct wg_backend_peer_state *st);

#endif
