/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kgenl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* The kernel fills dumps up to 32 KiB at a time when the reader offers that much. */
	RECV_BYTES = 32768,
	/* Of a request, which the kernel copies as one piece: beyond the usual 208 KiB. */
	SEND_BUFFER_BYTES = 1 << 20,
	FAMILY_REQUEST_BYTES = 256,
};

struct kgenl {
	int fd;
	uint32_t seq;
	uint16_t family;
	_Alignas(struct nlmsghdr) uint8_t buf[RECV_BYTES];
};

uint16_t kgenl_family(const struct kgenl *g)
{
	return g->family;
}

static int send_one(struct kgenl *g, struct nlmsghdr *h)
{
	ssize_t sent;

	h->nlmsg_seq = ++g->seq;
	do
		sent = send(g->fd, h, h->nlmsg_len, 0);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static ssize_t receive(struct kgenl *g)
{
	ssize_t len;

	do
		len = recv(g->fd, g->buf, sizeof(g->buf), MSG_TRUNC);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	return len > (ssize_t)sizeof(g->buf) ? -EMSGSIZE : len;
}

struct answer {
	int (*each)(const struct nlmsghdr *h, void *arg);
	void *arg;
	bool interrupted, finished;
};

/* One message of it. Returns 0 to go on. */
static int take(const struct kgenl *g, struct answer *a, const struct nlmsghdr *h)
{
	/* late answers to a request that was given up */
	if (h->nlmsg_seq != g->seq)
		return 0;
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		a->interrupted = true;
	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
		a->finished = true;
		/* both begin with an int */
		if (h->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(int))
			return h->nlmsg_type == NLMSG_DONE ? 0 : -EBADMSG;
		return *(const int *)mnl_nlmsg_get_payload(h);
	}
	if (h->nlmsg_type < NLMSG_MIN_TYPE)
		return 0;
	return a->each ? a->each(h, a->arg) : 0;
}

/* Reads until the answer is complete, even after an error of @each, to leave none behind. */
static int read_answer(struct kgenl *g, struct answer *a)
{
	int err = 0;

	while (!a->finished) {
		ssize_t got = receive(g);
		int len = (int)got;

		if (got < 0)
			return (int)got;
		for (struct nlmsghdr *h = (void *)g->buf;
		     mnl_nlmsg_ok(h, len) && !a->finished; h = mnl_nlmsg_next(h, &len)) {
			int one = take(g, a, h);

			if (!err)
				err = one;
		}
	}
	return err;
}

int kgenl_talk(struct kgenl *g, struct nlmsghdr *h)
{
	struct answer a = {0};
	int err;

	h->nlmsg_flags |= NLM_F_ACK;
	err = send_one(g, h);
	return err ?: read_answer(g, &a);
}

int kgenl_dump(struct kgenl *g, struct nlmsghdr *h,
	       int (*each)(const struct nlmsghdr *h, void *arg), void *arg)
{
	struct answer a = {.each = each, .arg = arg};
	int err;

	h->nlmsg_flags |= NLM_F_DUMP;
	err = send_one(g, h);
	if (!err)
		err = read_answer(g, &a);
	return err ?: a.interrupted ? -EAGAIN : 0;
}

/* ---- its number ---- */

static int find_family(const struct nlattr *a, void *arg)
{
	uint16_t *family = arg;

	if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID &&
	    mnl_attr_validate(a, MNL_TYPE_U16) == 0)
		*family = mnl_attr_get_u16(a);
	return MNL_CB_OK;
}

static int take_family(const struct nlmsghdr *h, void *arg)
{
	mnl_attr_parse(h, sizeof(struct genlmsghdr), find_family, arg);
	return 0;
}

static int ask_family(struct kgenl *g, const char *name)
{
	struct answer a = {.each = take_family, .arg = &g->family};
	uint64_t buf[FAMILY_REQUEST_BYTES / sizeof(uint64_t)];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(h, sizeof(*genl));
	int err;

	h->nlmsg_type = GENL_ID_CTRL;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(h, CTRL_ATTR_FAMILY_NAME, name);
	err = send_one(g, h);
	if (!err)
		err = read_answer(g, &a);
	return err ?: g->family ? 0 : -ENOENT;
}

static int open_socket(void)
{
	const struct sockaddr_nl any = {.nl_family = AF_NETLINK};
	const int on = 1, bytes = SEND_BUFFER_BYTES;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC), err;

	if (fd < 0)
		return -errno;
	/* once connected, other programs can no longer send to it */
	if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0 ||
	    connect(fd, (const struct sockaddr *)&any, sizeof(any)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	/* refusals do not repeat the request, which has keys in it */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	return fd;
}

int kgenl_open(const char *family, struct kgenl **out)
{
	struct kgenl *g = xcalloc(1, sizeof(*g));
	int err;

	g->fd = open_socket();
	err = g->fd < 0 ? g->fd : ask_family(g, family);
	if (err) {
		kgenl_close(g);
		return err;
	}
	*out = g;
	return 0;
}

void kgenl_close(struct kgenl *g)
{
	if (!g)
		return;
	if (g->fd >= 0)
		close(g->fd);
	/* dumps have private keys in them */
	explicit_bzero(g->buf, sizeof(g->buf));
	free(g);
}
