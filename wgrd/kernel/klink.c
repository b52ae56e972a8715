/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/klink.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/route/link.h>
#include <stdlib.h>
#include <string.h>
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

/* ---- coming and going ---- */

struct identify {
	const char *name;
	struct klink_identity *id;
	bool found;
};

static int identify_one(const struct nlmsghdr *h, void *arg)
{
	struct nlattr *attrs[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1] = {0};
	struct identify *s = arg;

	if (h->nlmsg_type != RTM_NEWLINK || s->found ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(struct ifinfomsg), attrs, IFLA_MAX,
			NULL) < 0 ||
	    !attrs[IFLA_IFNAME] || nla_strcmp(attrs[IFLA_IFNAME], s->name))
		return 0;
	s->found = true;
	*s->id = (struct klink_identity){
		.ifindex = (uint32_t)((const struct ifinfomsg *)nlmsg_data(h))->ifi_index,
	};
	if (attrs[IFLA_IFALIAS])
		nla_strlcpy(s->id->alias, attrs[IFLA_IFALIAS], sizeof(s->id->alias));
	if (attrs[IFLA_LINKINFO] &&
	    nla_parse_nested(info, IFLA_INFO_MAX, attrs[IFLA_LINKINFO], NULL) >= 0 &&
	    info[IFLA_INFO_KIND])
		nla_strlcpy(s->id->kind, info[IFLA_INFO_KIND], sizeof(s->id->kind));
	return 0;
}

int klink_identify(const char *name, struct klink_identity *id)
{
	const struct ifinfomsg head = {.ifi_family = AF_UNSPEC};
	struct identify search = {.name = name, .id = id};
	int fd = ksock_open(0), err = -EAGAIN;

	if (fd < 0)
		return fd;
	for (int try = 0; try < SYNC_ROUNDS && err == -EAGAIN; try++) {
		struct nl_msg *msg;

		err = ksock_message(RTM_GETLINK, 0, &head, sizeof(head), &msg);
		if (!err)
			err = ksock_dump(fd, msg, identify_one, &search);
		if (search.found)
			err = 0;
	}
	close(fd);
	return err ?: search.found ? 0 : -ENODEV;
}

/* Not taken by the kernel when a link is made. */
static int set_alias(const char *name, const char *alias)
{
	const struct ifinfomsg head = {.ifi_family = AF_UNSPEC};
	struct nl_msg *msg;
	int err = ksock_message(RTM_NEWLINK, 0, &head, sizeof(head), &msg);

	if (err)
		return err;
	if (nla_put_string(msg, IFLA_IFNAME, name) ||
	    nla_put(msg, IFLA_IFALIAS, (int)strlen(alias), alias)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return talk(msg);
}

int klink_new(const char *name, const char *kind, const char *alias)
{
	struct rtnl_link *link = rtnl_link_alloc();
	struct nl_msg *msg = NULL;
	int err = -ENOMEM;

	if (!link)
		return err;
	rtnl_link_set_name(link, name);
	if (!rtnl_link_set_type(link, kind) &&
	    !rtnl_link_build_add_request(link, NLM_F_CREATE | NLM_F_EXCL, &msg))
		err = 0;
	rtnl_link_put(link);
	if (err)
		return err;
	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_REQUEST;
	return talk(msg) ?: set_alias(name, alias);
}

int klink_del(uint32_t ifindex)
{
	const struct ifinfomsg head = {.ifi_family = AF_UNSPEC,
				       .ifi_index = (int)ifindex};
	struct nl_msg *msg;
	int err = ksock_message(RTM_DELLINK, 0, &head, sizeof(head), &msg);

	if (!err)
		err = talk(msg);
	return err == -ENODEV ? 0 : err;
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

/* To change something about a link. NULL: no memory. */
static struct nl_msg *link_message(uint32_t ifindex)
{
	const struct ifinfomsg link = {.ifi_family = AF_UNSPEC,
				       .ifi_index = (int)ifindex};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_REQUEST);

	if (msg && nlmsg_append(msg, (void *)&link, sizeof(link), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

int klink_set_gso_max_segs(uint32_t ifindex, uint32_t segs)
{
	struct nl_msg *msg = link_message(ifindex);

	if (!msg)
		return -ENOMEM;
	if (nla_put_u32(msg, IFLA_GSO_MAX_SEGS, segs)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return talk(msg);
}

int klink_delete(uint32_t ifindex)
{
	const struct ifinfomsg link = {.ifi_family = AF_UNSPEC,
				       .ifi_index = (int)ifindex};
	struct nl_msg *msg;
	int err = ksock_message(RTM_DELLINK, 0, &link, sizeof(link), &msg);

	return err ?: talk(msg);
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

static bool is_linklocal(const struct klink_address *a)
{
	return a->addr.family == AF_INET6 && ip_addr_is_linklocal(&a->addr);
}

static bool has_linklocal(const struct klink_address *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_linklocal(&v[i]))
			return true;
	return false;
}

static int put_address_mode(struct nl_msg *msg, uint8_t mode)
{
	struct nlattr *spec = nla_nest_start(msg, IFLA_AF_SPEC);
	struct nlattr *inet6 = spec ? nla_nest_start(msg, AF_INET6) : NULL;

	if (!inet6 || nla_put_u8(msg, IFLA_INET6_ADDR_GEN_MODE, mode))
		return -ENOMEM;
	nla_nest_end(msg, inet6);
	nla_nest_end(msg, spec);
	return 0;
}

/* Whether the kernel makes a link-local address of its own when the link goes up. Where there is
 * no IPv6 it makes none. */
static int make_linklocal(uint32_t ifindex, bool yes)
{
	/* the mode for hardware addresses is what interfaces without any begin with */
	uint8_t mode = yes ? IN6_ADDR_GEN_MODE_EUI64 : IN6_ADDR_GEN_MODE_NONE;
	struct nl_msg *msg = link_message(ifindex);
	int err;

	if (!msg)
		return -ENOMEM;
	if (put_address_mode(msg, mode)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	err = talk(msg);
	return err == -EAFNOSUPPORT ? 0 : err;
}

/* One round: adds what is missing, then removes the rest. *@changed: whether there was any. */
static int sync_once(uint32_t ifindex, const struct klink_address *want, size_t n,
		     const struct addresses *have, bool *changed)
{
	bool keep_linklocal = !has_linklocal(want, n);
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
		if ((keep_linklocal && is_linklocal(&have->v[i])) ||
		    is_among(&have->v[i], want, n))
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
	int err = make_linklocal(ifindex, !has_linklocal(want, n));
	bool changed = true;

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
