/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_LISTENER_H
#define WGRD_LIB_LISTENER_H

/*
 * A UNIX stream socket that takes clients on the loop. Main thread only.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"

struct listener {
	struct loop *loop;
	char *path;
	int fd;
	struct loop_io *io;
	struct loop_timer again; /* descriptors were scarce */
	bool paused;
	/* @fd is non-blocking, and from here on the callee's. It may pause the listener. */
	void (*client)(void *arg, int fd);
	void *arg;
};

struct listener_conf {
	const char *path; /* copied */
	mode_t mode;
	gid_t group; /* (gid_t)-1: as it comes */
	void (*client)(void *arg, int fd);
	void *arg;
};

/*
 * Opens the socket alone, non-blocking, for who takes clients in another way; the caller closes
 * it and removes its name. The errors of listener_open(); @conf->client does not matter.
 */
int listener_socket(const struct listener_conf *conf, int *fd) MUST_USE;
/*
 * Opens the socket and begins. What a dead program left at the path is replaced. On
 * failure @why is a sentence: -EADDRINUSE when somebody answers there, -ENOTSOCK when
 * something else is there, or another negative errno.
 */
int listener_open(struct listener *l, struct loop *loop, const struct listener_conf *conf,
		  char *why, size_t why_len) MUST_USE;
/* Removes the socket from the file system too. One that is not open is allowed. */
void listener_close(struct listener *l);
/* While it is paused clients wait in the kernel's queue. */
void listener_pause(struct listener *l, bool paused);

#endif
