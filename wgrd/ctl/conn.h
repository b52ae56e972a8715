/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_CONN_H
#define WGRD_CTL_CONN_H

/*
 * wgrctl's connection to a vty socket: a command and a NUL go out; text, three NULs and a
 * status octet come back. Blocking; one thread.
 */

#include <stdbool.h>

#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

struct conn {
	const char *path;
	int fd; /* -1: not connected */
};

/* On failure @why is a sentence that says what to do. */
int conn_open(struct conn *c, char *why, size_t why_len) MUST_USE;
void conn_close(struct conn *c);

/*
 * Sends @line and waits. Returns 0 with the @status and its text appended to @text, or a
 * negative errno when the connection is lost (it is closed then): EPIPE when wgrd hung
 * up, EINTR when a signal came, ETIMEDOUT when it says nothing for too long.
 */
int conn_ask(struct conn *c, const char *line, struct strbuf *text, int *status) MUST_USE;

#endif
