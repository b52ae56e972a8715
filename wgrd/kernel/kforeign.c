/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kforeign.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>

#include "wgrd/kernel/kattr.h"
#include "wgrd/kernel/ksock.h"
#include "wgrd/kernel/nlq.h"

const char *kforeign_kind_name(enum kforeign_kind k)
{
	switch (k) {
	case KFOREIGN_UNICAST:
		return "unicast";
	case KFOREIGN_REJECTS:
		return "blackhole or unreachable";
	case KFOREIGN_NO_HOP:
		return "without a next hop that works";
	case KFOREIGN_TOO_WIDE:
		return "with more than 64 next hops";
	case KFOREIGN_PARTIAL:
		return "for one TOS or source only";
	case KFOREIGN_OTHER:
		return "local, multicast or encapsulated";
	case KFOREIGN_KIND_COUNT:
		break;
	}
	return "?";
}

/* ---- next hops ---- */

/* One element of RTA_MULTIPATH. A dead one is skipped: its link is down. */
static bool add_path(const struct rtnexthop *nh, struct kforeign *r)
{
	struct nlattr *attrs[RTA_MAX + 1];
	struct kforeign_hop hop = {
		.oif = (uint32_t)nh->rtnh_ifindex,
		.weight = (uint16_t)(nh->rtnh_hops + 1),
	};

	if (nla_parse(attrs, RTA_MAX, (struct nlattr *)RTNH_DATA(nh),
		      nh->rtnh_len - (int)RTNH_LENGTH(0), NULL) < 0 ||
	    !kattr_gate(attrs, r->dst.addr.family, &hop.gate))
		return false;
	if (attrs[RTA_ENCAP])
		r->kind = KFOREIGN_OTHER;
	if (nh->rtnh_flags & RTNH_F_DEAD || !hop.oif)
		return true;
	if (r->hop_count == KFOREIGN_HOP_MAX)
		r->kind = KFOREIGN_TOO_WIDE;
	else
		r->hop[r->hop_count++] = hop;
	return true;
}

static bool get_multipath(const struct nlattr *attr, struct kforeign *r)
{
	const struct rtnexthop *nh = nla_data(attr);
	int left = nla_len(attr);

	for (; left > 0; left -= RTNH_ALIGN(nh->rtnh_len), nh = RTNH_NEXT(nh))
		if (!RTNH_OK(nh, left) || nh->rtnh_len < RTNH_LENGTH(0) ||
		    !add_path(nh, r))
			return false;
	return true;
}

static bool get_hops(struct nlattr *const attrs[RTA_MAX + 1], const struct rtmsg *head,
		     struct kforeign *r)
{
	struct kforeign_hop hop = {.weight = 1};

	if (attrs[RTA_MULTIPATH])
		return get_multipath(attrs[RTA_MULTIPATH], r);
	if (attrs[RTA_ENCAP])
		r->kind = KFOREIGN_OTHER;
	if (!attrs[RTA_OIF] || head->rtm_flags & RTNH_F_DEAD)
		return true;
	hop.oif = nla_get_u32(attrs[RTA_OIF]);
	if (!kattr_gate(attrs, r->dst.addr.family, &hop.gate))
		return false;
	r->hop[r->hop_count++] = hop;
	return true;
}

/* ---- the route ---- */

static enum kforeign_kind kind_of(const struct rtmsg *head,
				  struct nlattr *const attrs[RTA_MAX + 1])
{
	switch (head->rtm_type) {
	case RTN_BLACKHOLE:
	case RTN_UNREACHABLE:
	case RTN_PROHIBIT:
	case RTN_THROW:
		return KFOREIGN_REJECTS;
	case RTN_UNICAST:
		break;
	default:
		return KFOREIGN_OTHER;
	}
	/* IPv6 has no routes by TOS, and its source prefixes stand in RTA_SRC */
	return head->rtm_tos || head->rtm_src_len || attrs[RTA_SRC] ? KFOREIGN_PARTIAL
								    : KFOREIGN_UNICAST;
}

static const struct nla_policy policy[RTA_MAX + 1] = {
	[RTA_TABLE] = {.type = NLA_U32},
	[RTA_PRIORITY] = {.type = NLA_U32},
	[RTA_OIF] = {.type = NLA_U32},
	[RTA_NH_ID] = {.type = NLA_U32},
};

static uint32_t u32_or(const struct nlattr *attr, uint32_t otherwise)
{
	return attr ? nla_get_u32(attr) : otherwise;
}

bool kforeign_parse(const struct nlmsghdr *h, struct kforeign *r)
{
	const struct rtmsg *head = NLMSG_DATA(h);
	struct nlattr *attrs[RTA_MAX + 1];

	if (h->nlmsg_type != RTM_NEWROUTE && h->nlmsg_type != RTM_DELROUTE)
		return false;
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*head)) ||
	    head->rtm_protocol == WGRD_RTPROT || head->rtm_flags & RTM_F_CLONED)
		return false;
	if (nlmsg_parse((struct nlmsghdr *)h, sizeof(*head), attrs, RTA_MAX, policy) < 0)
		return false;
	r->kind = kind_of(head, attrs);
	r->protocol = head->rtm_protocol;
	r->table = u32_or(attrs[RTA_TABLE], head->rtm_table);
	r->metric = u32_or(attrs[RTA_PRIORITY], 0);
	r->nexthop_id = u32_or(attrs[RTA_NH_ID], 0);
	r->hop_count = 0;
	if (!kattr_dst(attrs, head, &r->dst) || prefix_has_host_bits(&r->dst))
		return false;
	if (r->kind != KFOREIGN_UNICAST)
		return true;
	if (!get_hops(attrs, head, r))
		return false;
	if (r->kind == KFOREIGN_UNICAST && !r->hop_count)
		r->kind = KFOREIGN_NO_HOP;
	if (r->kind != KFOREIGN_UNICAST)
		r->hop_count = 0;
	return true;
}

int kforeign_dump_message(uint32_t table, sa_family_t family, struct nl_msg **msg)
{
	const struct rtmsg head = {.rtm_family = (unsigned char)family};
	int err = ksock_message(RTM_GETROUTE, 0, &head, sizeof(head), msg);

	if (err)
		return err;
	if (nla_put_u32(*msg, RTA_TABLE, table) < 0) {
		nlmsg_free(*msg);
		return -ENOMEM;
	}
	return 0;
}
