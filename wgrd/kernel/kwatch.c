/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kwatch.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/kernel/ksock.h"

static int subscribe(int fd, const struct kwatch_conf *conf)
{
	return ksock_attach_filter(fd, conf->filter, conf->filter_len)
		       ?: ksock_join(fd, conf->groups, conf->group_count);
}

int kwatch_open(struct kwatch *w, struct loop *loop, const struct kwatch_conf *conf,
		char *why, size_t why_len)
{
	const char *step = "opening a socket";
	int err;

	w->fd = err = ksock_open(SOCK_NONBLOCK);
	if (err < 0)
		goto explain;
	ksock_set_rcvbuf(w->fd, conf->rcvbuf_bytes);
	w->ask_fd = err = ksock_open(0);
	if (err < 0)
		goto close_fd;
	step = "subscribing";
	err = subscribe(w->fd, conf);
	if (err)
		goto close_ask_fd;
	step = "waiting for announcements";
	err = loop_io_add(loop, w->fd, LOOP_READ, conf->readable, conf->arg, &w->io);
	if (err)
		goto close_ask_fd;
	return 0;

close_ask_fd:
	close(w->ask_fd);
close_fd:
	close(w->fd);
explain:
	snprintf(why, why_len, "rtnetlink: %s: %s", step, strerror(-err));
	return err;
}

void kwatch_close(struct kwatch *w)
{
	loop_io_del(w->io);
	close(w->ask_fd);
	close(w->fd);
}
