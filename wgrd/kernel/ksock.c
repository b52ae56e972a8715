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

#include "wgrd/kernel/knl.h"

static void set_option(int fd, int option)
{
	int on = 1;

	/* each of them makes things better; an old kernel does without */
	(void)setsockopt(fd, SOL_NETLINK, option, &on, sizeof(on));
}

int ksock_open(int flags)
{
	int fd = knl_open(NETLINK_ROUTE, flags);

	if (fd < 0)
		return fd;
	set_option(fd, NETLINK_EXT_ACK);        /* refusals say why in words */
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

/* Takes @msg. */
static int ask(int fd, struct nl_msg *msg, int flags,
	       int (*each)(const struct nlmsghdr *h, void *arg), void *arg)
{
	void *buf = malloc(KNL_ANSWER_BYTES);
	struct nlmsghdr *h = nlmsg_hdr(msg);
	int err = -ENOMEM;

	h->nlmsg_flags |= flags;
	if (buf)
		err = knl_ask(fd, h, buf, each, arg);
	free(buf);
	nlmsg_free(msg);
	return err;
}

int ksock_dump(int fd, struct nl_msg *msg,
	       int (*each)(const struct nlmsghdr *h, void *arg), void *arg)
{
	return ask(fd, msg, NLM_F_DUMP, each, arg);
}

int ksock_talk(int fd, struct nl_msg *msg)
{
	return ask(fd, msg, NLM_F_ACK, NULL, NULL);
}
