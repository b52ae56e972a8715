/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KWATCH_H
#define WGRD_KERNEL_KWATCH_H

/*
 * Two rtnetlink sockets of somebody who follows what the kernel announces: one for the
 * announcements, filtered in the kernel and read from the loop, and one to ask with. For the
 * files of this folder. Main thread only.
 */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"

struct nlmsghdr;
struct sock_filter;

enum {
	/* a link with many virtual functions is the largest */
	KWATCH_MESSAGE_BYTES = 32768,
};

struct kwatch {
	int fd;     /* what the kernel announces, non-blocking */
	int ask_fd; /* what we ask */
	struct loop_io *io;
	_Alignas(8) char message[KWATCH_MESSAGE_BYTES];
};

struct kwatch_conf {
	size_t rcvbuf_bytes; /* of the announcements */
	/* Only what passes it takes room and wakes us. */
	struct sock_filter *filter;
	size_t filter_len;
	const int *groups; /* RTNLGRP_* */
	size_t group_count;
	void (*readable)(void *arg, unsigned what);
	void *arg;
};

/* Returns 0 or a negative errno with a sentence in @why. Announcements of what happens from
 * now on are not missed. */
int kwatch_open(struct kwatch *w, struct loop *loop, const struct kwatch_conf *conf,
		char *why, size_t why_len) MUST_USE;
void kwatch_close(struct kwatch *w);

/* Gives what has been announced to @take, up to @most messages: readable() comes again for the
 * rest. Returns false if announcements were lost. Then what was still to be read, with its gaps
 * and older than what is there to be asked, has been thrown away. */
bool kwatch_read(struct kwatch *w, unsigned most,
		 void (*take)(void *arg, const struct nlmsghdr *h), void *arg) MUST_USE;

#endif
