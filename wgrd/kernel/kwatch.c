/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kwatch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/kernel/ksock.h"
#include "wgrd/lib/log.h"

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

static ssize_t receive(struct kwatch *w)
{
	ssize_t len;

	do
		len = recv(w->fd, w->message, sizeof(w->message), MSG_DONTWAIT);
	while (len < 0 && errno == EINTR);
	return len < 0 ? -errno : len;
}

static void throw_away(struct kwatch *w)
{
	ssize_t len;

	do
		len = receive(w);
	while (len >= 0 || len == -ENOBUFS);
}

bool kwatch_read(struct kwatch *w, unsigned most,
		 void (*take)(void *arg, const struct nlmsghdr *h), void *arg)
{
	for (; most; most--) {
		ssize_t len = receive(w);

		if (len == -EAGAIN)
			return true;
		if (len == -ENOBUFS) {
			throw_away(w);
			return false;
		}
		if (len < 0) {
			log_err(LOG_KERNEL, "netlink: reading announcements: %s",
				strerror((int)-len));
			return true;
		}
		for (const struct nlmsghdr *h = (void *)w->message; NLMSG_OK(h, len);
		     h = NLMSG_NEXT(h, len))
			take(arg, h);
	}
	return true;
}
