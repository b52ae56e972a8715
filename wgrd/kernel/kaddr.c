/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kaddr.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/route/addr.h>

#include "wgrd/kernel/ksock.h"

static int new_addr(uint32_t ifindex, const struct klink_address *a,
		    struct rtnl_addr **out)
{
	sa_family_t family = a->addr.family;
	struct rtnl_addr *addr;
	struct nl_addr *local;
	int err;

	if (!ip_family_len(family) || a->len > prefix_max_len(family))
		return -EINVAL;
	addr = rtnl_addr_alloc();
	local = nl_addr_build(family, a->addr.bytes, ip_family_len(family));
	err = addr && local ? 0 : -ENOMEM;
	if (!err) {
		nl_addr_set_prefixlen(local, a->len);
		rtnl_addr_set_ifindex(addr, (int)ifindex);
		err = rtnl_addr_set_local(addr, local) ? -EINVAL : 0;
	}
	nl_addr_put(local);
	if (err)
		rtnl_addr_put(addr);
	else
		*out = addr;
	return err;
}

int kaddr_add_message(uint32_t ifindex, const struct klink_address *a,
		      struct nl_msg **msg)
{
	struct rtnl_addr *addr;
	int err = new_addr(ifindex, a, &addr);

	if (err)
		return err;
	if (rtnl_addr_build_add_request(addr, NLM_F_CREATE | NLM_F_EXCL, msg))
		err = -ENOMEM;
	else
		nlmsg_hdr(*msg)->nlmsg_flags |= NLM_F_REQUEST;
	rtnl_addr_put(addr);
	return err;
}

int kaddr_del_message(uint32_t ifindex, const struct klink_address *a,
		      struct nl_msg **msg)
{
	struct rtnl_addr *addr;
	int err = new_addr(ifindex, a, &addr);

	if (err)
		return err;
	if (rtnl_addr_build_delete_request(addr, 0, msg))
		err = -ENOMEM;
	else
		nlmsg_hdr(*msg)->nlmsg_flags |= NLM_F_REQUEST;
	rtnl_addr_put(addr);
	return err;
}

int kaddr_dump_message(uint32_t ifindex, struct nl_msg **msg)
{
	const struct ifaddrmsg head = {.ifa_index = ifindex};

	return ksock_message(RTM_GETADDR, 0, &head, sizeof(head), msg);
}

bool kaddr_parse(const struct nlmsghdr *h, uint32_t *ifindex, struct klink_address *a)
{
	const struct ifaddrmsg *head = NLMSG_DATA(h);
	struct nlattr *attrs[IFA_MAX + 1], *addr;
	size_t len;

	if (h->nlmsg_type != RTM_NEWADDR && h->nlmsg_type != RTM_DELADDR)
		return false;
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*head)) ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*head), attrs, IFA_MAX, NULL) < 0)
		return false;
	len = ip_family_len(head->ifa_family);
	/* IPv6 leaves IFA_LOCAL out unless IFA_ADDRESS is the other end */
	addr = attrs[IFA_LOCAL] ?: attrs[IFA_ADDRESS];
	if (!len || !addr || (size_t)nla_len(addr) != len)
		return false;
	*ifindex = head->ifa_index;
	a->addr = ip_addr_from(head->ifa_family, nla_data(addr));
	a->len = head->ifa_prefixlen;
	return true;
}

bool kaddr_equal(const struct klink_address *a, const struct klink_address *b)
{
	return a->len == b->len && ip_addr_equal(&a->addr, &b->addr);
}
