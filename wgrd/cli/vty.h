/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_VTY_H
#define WGRD_CLI_VTY_H

/*
 * The vty socket, in the wire format of FRR's vtysh: a client sends a command and a NUL;
 * the answer is text, three NULs, and the status as one octet (enum cli_status). Main
 * thread only.
 *
 * A client gets one answer at a time: until it has taken it all, nothing more is read
 * from it. So what a slow client costs is one line and one reply.
 */

#include <sys/types.h>

#include "wgrd/lib/util.h"

struct cli;
struct vty_server;

enum {
	VTY_CLIENTS_MAX = 128,
};

/* See cli_listen(). */
int vty_server_new(struct cli *cli, const char *path, gid_t group,
		   struct vty_server **out, char *why, size_t why_len) MUST_USE;
/* Closes all clients and removes the socket. NULL is allowed. */
void vty_server_free(struct vty_server *v);

#endif
