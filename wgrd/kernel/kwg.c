/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kwg.h"

#include <errno.h>
#include <linux/wireguard.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/kernel/kgenl.h"
#include "wgrd/kernel/kwg_message.h"

const char kwg_alias[] = "made by wgrd";

struct kernel {
	struct kwg base;
	struct kgenl *genl; /* NULL: not asked for yet */
};

static struct kernel *of(struct kwg *k)
{
	return (struct kernel *)k;
}

/* ---- links ---- */

static int kernel_link_find(struct kwg *k, const char *name, struct kwg_link *l)
{
	struct klink_identity id;
	int err = klink_identify(name, &id);

	(void)k;
	if (err)
		return err;
	*l = (struct kwg_link){
		.ifindex = id.ifindex,
		.is_wireguard = !strcmp(id.kind, WG_GENL_NAME),
		.is_ours = !strcmp(id.alias, kwg_alias),
	};
	return 0;
}

static int kernel_link_new(struct kwg *k, const char *name, uint32_t *ifindex)
{
	struct klink_identity id;
	int err = klink_new(name, WG_GENL_NAME, kwg_alias);

	(void)k;
	if (!err)
		err = klink_identify(name, &id);
	if (!err)
		*ifindex = id.ifindex;
	return err;
}

static int kernel_link_del(struct kwg *k, uint32_t ifindex)
{
	(void)k;
	return klink_del(ifindex);
}

static int kernel_link_up(struct kwg *k, uint32_t ifindex, uint32_t mtu_bytes)
{
	(void)k;
	return klink_set_up(ifindex, mtu_bytes);
}

static int kernel_link_down(struct kwg *k, uint32_t ifindex)
{
	(void)k;
	return klink_set_down(ifindex);
}

static int kernel_addr_add(struct kwg *k, uint32_t ifindex, const struct klink_address *a)
{
	(void)k;
	return klink_addr_add(ifindex, a);
}

static int kernel_addr_del(struct kwg *k, uint32_t ifindex, const struct klink_address *a)
{
	(void)k;
	return klink_addr_del(ifindex, a);
}

static int kernel_addr_sync(struct kwg *k, uint32_t ifindex,
			    const struct klink_address *want, size_t n)
{
	(void)k;
	return klink_addr_sync(ifindex, want, n);
}

/* As the module will bind it when the interface comes up. */
static int try_port(int family, uint16_t port)
{
	const struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	const struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
					 .sin6_port = htons(port)};
	const bool six = family == AF_INET6;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1, err;

	if (fd < 0)
		return errno == EAFNOSUPPORT ? 0 : -errno;
	if (six)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	err = bind(fd, six ? (const void *)&in6 : (const void *)&in,
		   six ? sizeof(in6) : sizeof(in)) < 0
		      ? -errno
		      : 0;
	close(fd);
	return err;
}

static int kernel_port_free(struct kwg *k, uint16_t port)
{
	(void)k;
	return try_port(AF_INET, port) ?: try_port(AF_INET6, port);
}

/* ---- devices ---- */

static int ask_first(struct kernel *k)
{
	int err = k->genl ? 0 : kgenl_open(WG_GENL_NAME, &k->genl);

	return err == -ENOENT ? -EOPNOTSUPP : err;
}

static int kernel_set(struct kwg *base, struct nlmsghdr *h)
{
	struct kernel *k = of(base);

	return ask_first(k) ?: kgenl_talk(k->genl, h);
}

static int kernel_get(struct kwg *base, uint32_t ifindex,
		      int (*each)(const struct nlmsghdr *h, void *arg), void *arg)
{
	struct kernel *k = of(base);
	uint64_t buf[8];
	int err = ask_first(k);

	if (err)
		return err;
	return kgenl_dump(k->genl, kwg_get_message(buf, kgenl_family(k->genl), ifindex),
			  each, arg);
}

static int kernel_family(struct kwg *base, uint16_t *family)
{
	struct kernel *k = of(base);
	int err = ask_first(k);

	if (!err)
		*family = kgenl_family(k->genl);
	return err;
}

static const struct kwg_ops kernel_ops = {
	.link_find = kernel_link_find,
	.link_new = kernel_link_new,
	.link_del = kernel_link_del,
	.link_up = kernel_link_up,
	.link_down = kernel_link_down,
	.addr_add = kernel_addr_add,
	.addr_del = kernel_addr_del,
	.addr_sync = kernel_addr_sync,
	.port_free = kernel_port_free,
	.family = kernel_family,
	.set = kernel_set,
	.get = kernel_get,
};

struct kwg *kwg_open(void)
{
	struct kernel *k = xcalloc(1, sizeof(*k));

	k->base.ops = &kernel_ops;
	return &k->base;
}

void kwg_close(struct kwg *base)
{
	if (!base)
		return;
	kgenl_close(of(base)->genl);
	free(base);
}
