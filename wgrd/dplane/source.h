/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_SOURCE_H
#define WGRD_DPLANE_SOURCE_H

/*
 * What a worker waits on: a queue of an interface or a socket of a port. Owned by the
 * main thread, which hands it to one worker and takes it back with dp_worker_add() and
 * dp_worker_remove(); in between only that worker touches it.
 */

struct dp_worker;

struct dp_source {
	int fd;
	/* Reads one batch and sees it through to the other side. */
	void (*ready)(struct dp_worker *w, struct dp_source *s);
};

#endif
