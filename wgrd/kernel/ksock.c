/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/ksock.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* The kernel fills dumps up to 32 KiB at a time when the reader offers that much. */
	RECV_BYTES = 32768,
};

static void set_option(int fd, int option)
{
	int on = 1;

	/* each of them makes things better; an old kernel does without */
	(void)setsockopt(fd, SOL_NETLINK, option, &on, sizeof(on));
}

int ksock_open(int flags)
{
	/* no number of our own chosen, and the kernel as the other end */
	const struct sockaddr_nl any = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE);
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
	set_option(fd, NETLINK_CAP_ACK);        /* refusals do not repeat the request */
	set_option(fd, NETLINK_EXT_ACK);        /* but say why in words */
	set_option(fd, NETLINK_GET_STRICT_CHK); /* dumps may be limited to a protocol */
	return fd;
}

size_t ksock_set_rcvbuf(int fd, size_t bytes)
{
	int want = (int)bytes, got = 0;
	socklen_t len = sizeof(got);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &want, sizeof(want)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &want, sizeof(want));
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &got, &len) < 0)
		return 0;
	return (size_t)got;
}

int ksock_attach_filter(int fd, struct sock_filter *code, size_t n)
{
	const struct sock_fprog program = {.len = (unsigned short)n, .filter = code};

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		return -errno;
	return 0;
}

int ksock_join(int fd, const int *groups, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])) < 0)
			return -errno;
	return 0;
}

int ksock_message(int type, int flags, const void *head, size_t head_bytes,
		  struct nl_msg **out)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (!msg)
		return -ENOMEM;
	if (nlmsg_append(msg, (void *)head, head_bytes, NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	*out = msg;
	return 0;
}

int ksock_verdict(const struct nlmsghdr *h)
{
	const struct nlmsgerr *verdict = NLMSG_DATA(h);

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*verdict)))
		return -EBADMSG;
	return verdict->error;
}

const char *ksock_complaint(const struct nlmsghdr *h)
{
	const int head_bytes = NLMSG_ALIGN(sizeof(struct nlmsgerr));
	struct nlattr *attrs;

	/* without NLM_F_CAPPED the request is repeated before the attributes: not looked for */
	if (h->nlmsg_type != NLMSG_ERROR || !(h->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    !(h->nlmsg_flags & NLM_F_CAPPED) ||
	    (int)h->nlmsg_len < NLMSG_HDRLEN + head_bytes)
		return "";
	attrs = nlmsg_find_attr((struct nlmsghdr *)h, head_bytes, NLMSGERR_ATTR_MSG);
	if (!attrs || nla_len(attrs) < 1 ||
	    nla_get_string(attrs)[nla_len(attrs) - 1] != '\0')
		return "";
	return nla_get_string(attrs);
}

/* Sends one message and numbers it, so that a late answer to the one before is not taken for
 * its own. Returns the number through *@seq. */
static int send_one(int fd, struct nl_msg *msg, uint32_t *seq)
{
	static uint32_t last_seq;
	struct nlmsghdr *h = nlmsg_hdr(msg);
	ssize_t sent;

	h->nlmsg_seq = *seq = ++last_seq;
	do
		sent = send(fd, h, h->nlmsg_len, 0);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static ssize_t receive(int fd, void *buf)
{
	ssize_t len;

	do
		len = recv(fd, buf, RECV_BYTES, MSG_TRUNC);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	return len > RECV_BYTES ? -EMSGSIZE : len;
}

struct dump {
	uint32_t seq;
	int (*each)(const struct nlmsghdr *h, void *arg);
	void *arg;
	bool interrupted, finished;
};

/* One message of the answer. Returns 0 to go on. */
static int take_answer(struct dump *d, const struct nlmsghdr *h)
{
	if (h->nlmsg_seq != d->seq)
		return 0;
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		d->interrupted = true;
	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
		d->finished = true;
		/* both begin with an int; DONE of an old kernel may be without */
		if (h->nlmsg_len < NLMSG_LENGTH(sizeof(int)))
			return h->nlmsg_type == NLMSG_DONE ? 0 : -EBADMSG;
		return *(const int *)NLMSG_DATA(h);
	}
	return d->each ? d->each(h, d->arg) : 0;
}

/* Reads until the answer is complete, even after an error of @each, to leave none behind. */
static int read_answer(int fd, struct dump *d)
{
	void *buf = malloc(RECV_BYTES);
	int err = buf ? 0 : -ENOMEM;
	ssize_t len;

	while (buf && !d->finished) {
		len = receive(fd, buf);
		if (len < 0) {
			err = (int)len;
			break;
		}
		for (struct nlmsghdr *h = buf; NLMSG_OK(h, len) && !d->finished;
		     h = NLMSG_NEXT(h, len)) {
			int one = take_answer(d, h);

			if (!err)
				err = one;
		}
	}
	free(buf);
	return err;
}

int ksock_dump(int fd, struct nl_msg *msg,
	       int (*each)(const struct nlmsghdr *h, void *arg), void *arg)
{
	struct dump d = {.each = each, .arg = arg};
	int err;

	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_DUMP;
	err = send_one(fd, msg, &d.seq);
	nlmsg_free(msg);
	if (!err)
		err = read_answer(fd, &d);
	return err ?: d.interrupted ? -EAGAIN : 0;
}

int ksock_talk(int fd, struct nl_msg *msg)
{
	struct dump d = {0};
	int err;

	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_ACK;
	err = send_one(fd, msg, &d.seq);
	nlmsg_free(msg);
	return err ?: read_answer(fd, &d);
}
