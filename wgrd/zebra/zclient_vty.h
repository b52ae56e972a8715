/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_ZEBRA_ZCLIENT_VTY_H
#define WGRD_ZEBRA_ZCLIENT_VTY_H

/*
 * Asks a running zebra for its release: "show version" on its vty socket, as vtysh would. That
 * is the release of the process, not of the installed package. Main thread only; embedded,
 * starts as {0}.
 *
 * A command is text and a NUL; the answer is text, three NULs and a status byte.
 */

#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/loop.h"

enum {
	ZVTY_RELEASE_LEN = 32,
	ZVTY_ANSWER_MAX = 4096
};

struct zvty {
	struct loop *loop;
	/* Called once for each zvty_ask(), from the loop or from zvty_ask() itself. On success
	 * @release is set and @why NULL; otherwise @release is "" and @why a phrase. */
	void (*done)(void *arg, const char *release, const char *why);
	void *arg;
	/* private */
	int fd;
	struct loop_io *io;
	struct loop_timer timer;
	char answer[ZVTY_ANSWER_MAX];
	size_t len;
};

/* @path is the socket. Gives up after three seconds. */
void zvty_ask(struct zvty *v, const char *path);
void zvty_cancel(struct zvty *v); /* done is not called; also when nothing was asked */

/* The release in zebra's answer: "8.4.4" of "FRRouting 8.4.4 (r1).". -ENOENT if none. */
int zvty_parse(const char *text, char release[static ZVTY_RELEASE_LEN]);

#endif
