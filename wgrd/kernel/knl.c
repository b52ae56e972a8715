/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/knl.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

int knl_open(int protocol, int flags)
{
	/* no number of our own chosen, and the kernel as the other end */
	const struct sockaddr_nl any = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, protocol);
	const int on = 1;
	int err;

	if (fd < 0)
		return -errno;
	/* once connected, other programs can no longer send to it */
	if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0 ||
	    connect(fd, (const struct sockaddr *)&any, sizeof(any)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	/* refusals do not repeat the request, which may have keys in it; an old kernel does
	 * without */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	return fd;
}

static int send_one(int fd, const struct nlmsghdr *h)
{
	ssize_t sent;

	do
		sent = send(fd, h, h->nlmsg_len, 0);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static ssize_t receive(int fd, void *buf)
{
	ssize_t len;

	do
		len = recv(fd, buf, KNL_ANSWER_BYTES, MSG_TRUNC);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	return len > KNL_ANSWER_BYTES ? -EMSGSIZE : len;
}

struct answer {
	uint32_t seq;
	int (*each)(const struct nlmsghdr *h, void *arg);
	void *arg;
	bool interrupted, finished;
};

/* One message of it. Returns 0 to go on. */
static int take(struct answer *a, const struct nlmsghdr *h)
{
	/* a late answer to a request that was given up */
	if (h->nlmsg_seq != a->seq)
		return 0;
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		a->interrupted = true;
	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
		a->finished = true;
		/* both begin with an int; DONE of an old kernel may be without */
		if (h->nlmsg_len < NLMSG_LENGTH(sizeof(int)))
			return h->nlmsg_type == NLMSG_DONE ? 0 : -EBADMSG;
		return *(const int *)NLMSG_DATA(h);
	}
	if (h->nlmsg_type < NLMSG_MIN_TYPE)
		return 0;
	return a->each ? a->each(h, a->arg) : 0;
}

static int read_answer(int fd, struct answer *a, void *buf)
{
	int err = 0;

	while (!a->finished) {
		ssize_t len = receive(fd, buf);

		if (len < 0)
			return (int)len;
		for (const struct nlmsghdr *h = buf; NLMSG_OK(h, len) && !a->finished;
		     h = NLMSG_NEXT(h, len)) {
			int one = take(a, h);

			if (!err)
				err = one;
		}
	}
	return err;
}

int knl_ask(int fd, struct nlmsghdr *h, void *buf,
	    int (*each)(const struct nlmsghdr *h, void *arg), void *arg)
{
	static uint32_t last_seq;
	struct answer a = {.seq = ++last_seq, .each = each, .arg = arg};
	int err;

	h->nlmsg_seq = a.seq;
	err = send_one(fd, h);
	if (!err)
		err = read_answer(fd, &a, buf);
	return err ?: a.interrupted ? -EAGAIN : 0;
}
