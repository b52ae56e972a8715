/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kgenl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/kernel/knl.h"

enum {
	/* Of a request, which the kernel copies as one piece: beyond the usual 208 KiB. */
	SEND_BUFFER_BYTES = 1 << 20,
	FAMILY_REQUEST_BYTES = 256,
};

struct kgenl {
	int fd;
	uint16_t family;
	_Alignas(struct nlmsghdr) uint8_t buf[KNL_ANSWER_BYTES];
};

uint16_t kgenl_family(const struct kgenl *g)
{
	return g->family;
}

int kgenl_talk(struct kgenl *g, struct nlmsghdr *h)
{
	h->nlmsg_flags |= NLM_F_ACK;
	return knl_ask(g->fd, h, g->buf, NULL, NULL);
}

int kgenl_dump(struct kgenl *g, struct nlmsghdr *h,
	       int (*each)(const struct nlmsghdr *h, void *arg), void *arg)
{
	h->nlmsg_flags |= NLM_F_DUMP;
	return knl_ask(g->fd, h, g->buf, each, arg);
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
	uint64_t buf[FAMILY_REQUEST_BYTES / sizeof(uint64_t)];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(h, sizeof(*genl));
	int err;

	h->nlmsg_type = GENL_ID_CTRL;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(h, CTRL_ATTR_FAMILY_NAME, name);
	err = knl_ask(g->fd, h, g->buf, take_family, &g->family);
	return err ?: g->family ? 0 : -ENOENT;
}

static int open_socket(void)
{
	const int bytes = SEND_BUFFER_BYTES;
	int fd = knl_open(NETLINK_GENERIC, 0);

	if (fd >= 0)
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
