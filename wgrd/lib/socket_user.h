/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_SOCKET_USER_H
#define WGRD_LIB_SOCKET_USER_H

/*
 * Who is at the other end of a UNIX stream socket: the user that connected, as the kernel
 * noted it then (SO_PEERCRED, unix(7)), and what the password database says of him. Whoever
 * got the descriptor since, or changes his user, is taken for the one that connected. Main
 * thread only, which waits while the database is a server on the network.
 */

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "wgrd/lib/util.h"

enum {
	SOCKET_USER_NAME_LEN = LOGIN_NAME_MAX, /* with its NUL */
};

struct socket_user {
	uid_t uid;  /* effective, when he connected */
	bool known; /* the database has a name for it, and one that fits */
	gid_t gid;  /* his group in the database; (gid_t)-1 when he is not known */
	char name[SOCKET_USER_NAME_LEN]; /* the number in digits when he is not known */
};

/* 0, or a negative errno, -ENOTCONN when nobody has connected; then *@who is as it was. */
int socket_user_find(int fd, struct socket_user *who) MUST_USE;

#endif
