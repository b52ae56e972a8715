/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_ZEBRA_ZCLIENT_SOCKET_H
#define WGRD_ZEBRA_ZCLIENT_SOCKET_H

/* Connecting to the Unix sockets of a daemon of FRR. Any thread. */

#include "wgrd/lib/util.h"

/*
 * A non-blocking stream socket connected to @path, to be closed by the caller. A Unix socket is
 * connected at once or not at all: a full backlog is -EAGAIN, to be tried again later.
 */
int zsocket_connect(const char *path, int *fd) MUST_USE;

#endif
