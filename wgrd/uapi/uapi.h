/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_UAPI_UAPI_H
#define WGRD_UAPI_UAPI_H

/*
 * The sockets that wg(8) speaks to, one for each interface: DIR/NAME.sock. Main thread only.
 *
 * A client gets one answer at a time, and while it does not take it nothing more is read
 * from it. One that does nothing for UAPI_PATIENCE_S is dropped. So what it costs is a
 * line, a request (see request.h) and an answer, for a while.
 */

#include <stdbool.h>

struct datastore;
struct loop;
struct uapi;
struct wg;
struct wg_device;

enum {
	UAPI_CLIENTS_MAX = 8, /* of one interface; others wait */
	UAPI_PATIENCE_S = 30,
};

/* @dir is copied. The others must outlive it. */
struct uapi *uapi_new(struct loop *loop, struct datastore *ds, const struct wg *wg,
		      const char *dir);
/* Closes and removes all sockets. NULL is allowed. */
void uapi_free(struct uapi *u);

/*
 * An interface has come, or is about to go (see wg_events): so does its socket, for which
 * the directory is made if need be. What a killed daemon left is replaced. That it cannot
 * be made is logged: the interface works without.
 */
void uapi_device_changed(struct uapi *u, const struct wg_device *d, bool gone);

#endif
