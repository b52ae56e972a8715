/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kroute.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <stdio.h>

#include "wgrd/kernel/kattr.h"
#include "wgrd/kernel/ksock.h"

/* ---- building ---- */

int kroute_check_key(const struct kroute *r)
{
	sa_family_t family = r->dst.addr.family;
	bool good = r->table && r->metric && ip_family_len(family) &&
		    r->dst.len <= prefix_max_len(family) &&
		    !prefix_has_host_bits(&r->dst);

	return good ? 0 : -EINVAL;
}

static bool has_good_target(const struct kroute *r)
{
	sa_family_t family = r->dst.addr.family;

	if (r->type == KROUTE_UNREACHABLE)
		return !r->oif && !r->gate.family;
	if (!r->oif)
		return false;
	return r->gate.family == 0 || r->gate.family == family ||
	       r->gate.family == AF_INET6;
}

int kroute_check(const struct kroute *r)
{
	return kroute_check_key(r) ?: has_good_target(r) ? 0 : -EINVAL;
}

static struct nl_addr *build_addr(const struct ip_addr *a, unsigned len)
{
	struct nl_addr *addr =
		nl_addr_build(a->family, (void *)a->bytes, ip_family_len(a->family));

	if (addr)
		nl_addr_set_prefixlen(addr, (int)len);
	return addr;
}

/* What a set and a delete have in common: the key, and whose it is. */
static struct rtnl_route *new_keyed(const struct kroute *r)
{
	struct rtnl_route *route = rtnl_route_alloc();
	struct nl_addr *dst;

	if (!route)
		return NULL;
	dst = build_addr(&r->dst.addr, r->dst.len);
	if (!dst || rtnl_route_set_family(route, (uint8_t)r->dst.addr.family) ||
	    rtnl_route_set_dst(route, dst)) {
		nl_addr_put(dst);
		rtnl_route_put(route);
		return NULL;
	}
	nl_addr_put(dst);
	rtnl_route_set_table(route, r->table);
	rtnl_route_set_priority(route, r->metric);
	rtnl_route_set_protocol(route, WGRD_RTPROT);
	return route;
}

/*
 * The gateway is behind our own interface by decree of the tenant, whether or not a connected
 * route says so: RTNH_F_ONLINK. IPv6 gateways of IPv4 prefixes travel as RTA_VIA (RFC 8950).
 */
static int set_gateway(const struct kroute *r, struct rtnl_nexthop *hop)
{
	struct nl_addr *gate = build_addr(&r->gate, prefix_max_len(r->gate.family));
	int err = 0;

	if (!gate)
		return -ENOMEM;
	rtnl_route_nh_set_flags(hop, RTNH_F_ONLINK);
	if (r->gate.family == r->dst.addr.family)
		rtnl_route_nh_set_gateway(hop, gate);
	else if (rtnl_route_nh_set_via(hop, gate))
		err = -ENOMEM;
	nl_addr_put(gate);
	return err;
}

static int add_next_hop(const struct kroute *r, struct rtnl_route *route)
{
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();

	if (!hop)
		return -ENOMEM;
	rtnl_route_nh_set_ifindex(hop, (int)r->oif);
	if (r->gate.family && set_gateway(r, hop)) {
		rtnl_route_nh_free(hop);
		return -ENOMEM;
	}
	rtnl_route_add_nexthop(route, hop); /* takes it */
	return 0;
}

int kroute_set_message(const struct kroute *r, bool replace, struct nl_msg **msg)
{
	struct rtnl_route *route;
	int err = kroute_check(r);

	if (err)
		return err;
	route = new_keyed(r);
	if (!route)
		return -ENOMEM;
	rtnl_route_set_type(route, r->type == KROUTE_UNREACHABLE ? RTN_UNREACHABLE
								 : RTN_UNICAST);
	if (r->type == KROUTE_UNICAST)
		err = add_next_hop(r, route);
	if (!err &&
	    rtnl_route_build_add_request(
		    route, NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL), msg))
		err = -ENOMEM;
	rtnl_route_put(route);
	if (!err)
		nlmsg_hdr(*msg)->nlmsg_flags |= NLM_F_REQUEST;
	return err;
}

int kroute_del_message(const struct kroute *r, struct nl_msg **msg)
{
	struct rtnl_route *route;
	int err = kroute_check_key(r);

	if (err)
		return err;
	route = new_keyed(r);
	if (!route)
		return -ENOMEM;
	/* "any", where libnl would put its own guess */
	rtnl_route_set_scope(route, RT_SCOPE_NOWHERE);
	rtnl_route_set_type(route, RTN_UNSPEC);
	if (rtnl_route_build_del_request(route, 0, msg))
		err = -ENOMEM;
	rtnl_route_put(route);
	if (!err)
		nlmsg_hdr(*msg)->nlmsg_flags |= NLM_F_REQUEST;
	return err;
}

int kroute_dump_message(sa_family_t family, struct nl_msg **msg)
{
	const struct rtmsg head = {.rtm_family = (unsigned char)family,
				   .rtm_protocol = WGRD_RTPROT};

	return ksock_message(RTM_GETROUTE, 0, &head, sizeof(head), msg);
}

/* ---- parsing ---- */

/* Leaves "unicast without interface" when it is not a single next hop of ours. */
static bool get_next_hop(struct nlattr *attrs[RTA_MAX + 1], sa_family_t family,
			 struct kroute *r)
{
	if (attrs[RTA_MULTIPATH] || !attrs[RTA_OIF])
		return true;
	r->oif = nla_get_u32(attrs[RTA_OIF]);
	return kattr_gate(attrs, family, &r->gate);
}

bool kroute_parse(const struct nlmsghdr *h, sa_family_t family, struct kroute *r)
{
	static const struct nla_policy policy[RTA_MAX + 1] = {
		[RTA_TABLE] = {.type = NLA_U32},
		[RTA_PRIORITY] = {.type = NLA_U32},
		[RTA_OIF] = {.type = NLA_U32},
	};
	const struct rtmsg *head = NLMSG_DATA(h);
	struct nlattr *attrs[RTA_MAX + 1];

	if (h->nlmsg_type != RTM_NEWROUTE && h->nlmsg_type != RTM_DELROUTE)
		return false;
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*head)) || head->rtm_family != family ||
	    head->rtm_protocol != WGRD_RTPROT || head->rtm_flags & RTM_F_CLONED)
		return false;
	if (nlmsg_parse((struct nlmsghdr *)h, sizeof(*head), attrs, RTA_MAX, policy) < 0)
		return false;
	*r = (struct kroute){
		.table = attrs[RTA_TABLE] ? nla_get_u32(attrs[RTA_TABLE])
					  : head->rtm_table,
		.metric = attrs[RTA_PRIORITY] ? nla_get_u32(attrs[RTA_PRIORITY]) : 0,
	};
	if (!kattr_dst(attrs, head, &r->dst))
		return false;
	if (head->rtm_type == RTN_UNICAST)
		return get_next_hop(attrs, family, r);
	/* IPv6 hangs rejecting routes on lo, which says nothing */
	if (head->rtm_type == RTN_UNREACHABLE)
		r->type = KROUTE_UNREACHABLE;
	return true;
}

/* ---- for callers of nlq.h ---- */

bool kroute_equal(const struct kroute *a, const struct kroute *b)
{
	return a->table == b->table && a->metric == b->metric && a->type == b->type &&
	       a->oif == b->oif && prefix_equal(&a->dst, &b->dst) &&
	       ip_addr_equal(&a->gate, &b->gate);
}

const char *kroute_str(const struct kroute *r, char buf[static KROUTE_STRLEN])
{
	char dst[PREFIX_STRLEN], gate[IP_ADDR_STRLEN];
	int len = snprintf(buf, KROUTE_STRLEN, "%s%s table %u metric %u",
			   r->type == KROUTE_UNREACHABLE ? "unreachable " : "",
			   prefix_str(&r->dst, dst), r->table, r->metric);

	if (r->gate.family)
		len += snprintf(buf + len, KROUTE_STRLEN - (size_t)len, " via %s",
				ip_addr_str(&r->gate, gate));
	if (r->oif)
		snprintf(buf + len, KROUTE_STRLEN - (size_t)len, " oif %u", r->oif);
	return buf;
}
