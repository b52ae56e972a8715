/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_STREAM_H
#define WGRD_LIB_STREAM_H

/*
 * A client of a socket, who asks and is answered, and who may be slow. One answer at a
 * time: until it has been taken nothing more is read. Input is wiped when it is done with,
 * and an answer if the owner has set out.secret. Main thread only.
 */

#include <stdbool.h>

#include "wgrd/lib/loop.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

/* Embedded in the owner's client. */
struct stream {
	/* Set by the owner before stream_open(). */
	char *in; /* room for @in_size octets */
	size_t in_size;
	size_t *unread; /* of all clients: octets posted that they have not taken */
	/* Takes what it can of the input; called whenever there may be something to do.
	 * False: enough of this client. */
	bool (*input)(struct stream *s);
	/* It is over: the owner calls stream_close() and frees the client. */
	void (*ended)(struct stream *s);

	size_t in_len;
	struct strbuf out; /* written by the owner; from stream_post() on, not changed */
	/* what follows is stream.c's */
	int fd;
	struct loop_io *io;
	size_t sent;
	bool posted, held;
};

/* Takes @fd, non-blocking. On failure, a negative errno, it is closed. */
int stream_open(struct stream *s, struct loop *loop, int fd) MUST_USE;
void stream_close(struct stream *s);
/* Is no answer on its way? */
bool stream_is_idle(const struct stream *s);
/* The answer will come later: nothing is read until stream_resume(), which posts it and takes
 * what input there is. Not from inside input() again for the same answer. */
void stream_hold(struct stream *s);
void stream_resume(struct stream *s); /* may end the client */
/* The answer is complete: begins to send it. False when the client is gone. */
bool stream_post(struct stream *s) MUST_USE;
/* Takes @len octets off the front of the input. */
void stream_consume(struct stream *s, size_t len);

#endif
