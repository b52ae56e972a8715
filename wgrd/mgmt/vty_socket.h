/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_MGMT_VTY_SOCKET_H
#define WGRD_MGMT_VTY_SOCKET_H

/* The system calls behind the vty socket. Main thread only. */

#include <sys/types.h>

#include "wgrd/lib/util.h"

/*
 * A listening UNIX stream socket, non-blocking, mode 0660. Returns 0 or a negative errno:
 * EADDRINUSE when somebody answers at @path, ENOTSOCK when something else is there. What
 * a dead daemon left is replaced.
 */
int vty_socket_listen(const char *path, gid_t group, int *fd) MUST_USE;
/* The next client, non-blocking, or a negative errno: EAGAIN when there is none. */
int vty_socket_accept(int fd) MUST_USE;

#endif
