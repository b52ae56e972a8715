/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/klink.h"

#include <errno.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/route/link.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/kernel/kaddr.h"
#include "wgrd/kernel/ksock.h"

enum {
	SYNC_ROUNDS = 5,
};

/* One request on a socket of its own: there are few. Takes @msg. */
static int talk(struct nl_msg *msg)
{
	int fd = ksock_open(0), err;

	if (fd < 0) {
		nlmsg_free(msg);
		return fd;
	}
	err = ksock_talk(fd, msg);
	close(fd);
	return err;
}

/* ---- state ---- */

static int set_link(uint32_t ifindex, bool up, uint32_t mtu_bytes)
{
	struct rtnl_link *now = rtnl_link_alloc(), *then = rtnl_link_alloc();
	struct nl_msg *msg = NULL;
	int err = -ENOMEM;

	if (now && then) {
		rtnl_link_set_ifindex(now, (int)ifindex);
		rtnl_link_set_ifindex(then, (int)ifindex);
		/* the kernel is told to touch no flag but those set or unset here */
		if (up)
			rtnl_link_set_flags(then, IFF_UP);
		else
			rtnl_link_unset_flags(then, IFF_UP);
		if (mtu_bytes)
			rtnl_link_set_mtu(then, mtu_bytes);
		if (!rtnl_link_build_change_request(now, then, 0, &msg))
			err = 0;
	}
	rtnl_link_put(now);
	rtnl_link_put(then);
	if (err)
		return err;
	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_REQUEST;
	return talk(msg);
}

int klink_set_up(uint32_t ifindex, uint32_t mtu_bytes)
{
	return set_link(ifindex, true, mtu_bytes);
}

int klink_set_down(uint32_t ifindex)
{
	return set_link(ifindex, false, 0);
}

/* ---- addresses ---- */

struct addresses {
	uint32_t ifindex;
	struct klink_address *v;
	size_t count;
};

static int gather_one(const struct nlmsghdr *h, void *arg)
{
	struct addresses *all = arg;
	struct klink_address a;
	uint32_t ifindex;

	if (!kaddr_parse(h, &ifindex, &a) || ifindex != all->ifindex)
		return 0;
	all->v = xrealloc(all->v, all->count + 1, sizeof(*all->v));
	all->v[all->count++] = a;
	return 0;
}

/* To be freed by the caller, in any case. */
static int gather(uint32_t ifindex, struct addresses *all)
{
	struct nl_msg *msg;
	int fd = ksock_open(0), err;

	if (fd < 0)
		return fd;
	for (int try = 0; try < SYNC_ROUNDS; try++) {
		free(all->v);
		*all = (struct addresses){.ifindex = ifindex};
		err = kaddr_dump_message(ifindex, &msg);
		if (!err)
			err = ksock_dump(fd, msg, gather_one, all);
		if (err != -EAGAIN)
			break;
	}
	close(fd);
	return err;
}

static bool is_among(const struct klink_address *a, const struct klink_address *v,
		     size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (kaddr_equal(a, &v[i]))
			return true;
	return false;
}

static bool is_there(uint32_t ifindex, const struct klink_address *a)
{
	struct addresses all = {0};
	bool there = !gather(ifindex, &all) && is_among(a, all.v, all.count);

	free(all.v);
	return there;
}

int klink_addr_add(uint32_t ifindex, const struct klink_address *a)
{
	struct nl_msg *msg;
	int err = kaddr_add_message(ifindex, a, &msg);

	if (!err)
		err = talk(msg);
	/* IPv6 says this of another length too */
	return err == -EEXIST && is_there(ifindex, a) ? 0 : err;
}

int klink_addr_del(uint32_t ifindex, const struct klink_address *a)
{
	struct nl_msg *msg;
	int err = kaddr_del_message(ifindex, a, &msg);

	if (!err)
		err = talk(msg);
	return err == -EADDRNOTAVAIL ? 0 : err;
}

static bool is_kernels_own(const struct klink_address *a)
{
	return a->addr.family == AF_INET6 && ip_addr_is_linklocal(&a->addr);
}

/* One round: adds what is missing, then removes the rest. *@changed: whether there was any. */
static int sync_once(uint32_t ifindex, const struct klink_address *want, size_t n,
		     const struct addresses *have, bool *changed)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		if (is_among(&want[i], have->v, have->count))
			continue;
		*changed = true;
		err = klink_addr_add(ifindex, &want[i]);
		if (err == -EEXIST) /* with another length, which goes below */
			err = 0;
	}
	for (size_t i = 0; i < have->count && !err; i++) {
		if (is_kernels_own(&have->v[i]) || is_among(&have->v[i], want, n))
			continue;
		*changed = true;
		err = klink_addr_del(ifindex, &have->v[i]);
	}
	return err;
}

/*
 * More than one round may be needed: an IPv6 address that only changes its length has to go
 * before it can come, and an IPv4 address that goes takes with it those that the kernel made its
 * secondaries (devinet.c, unless promote_secondaries is set). The last round changes nothing.
 */
int klink_addr_sync(uint32_t ifindex, const struct klink_address *want, size_t n)
{
	bool changed = true;
	int err = 0;

	for (int round = 0; round < SYNC_ROUNDS && changed && !err; round++) {
		struct addresses have = {0};

		changed = false;
		err = gather(ifindex, &have);
		if (!err)
			err = sync_once(ifindex, want, n, &have, &changed);
		free(have.v);
	}
	return err ?: changed ? -EAGAIN : 0;
}
