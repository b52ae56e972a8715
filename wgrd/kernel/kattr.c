/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kattr.h"

#include <netlink/attr.h>

static bool get_addr(const struct nlattr *attr, sa_family_t family, struct ip_addr *a)
{
	if (!ip_family_len(family) || (size_t)nla_len(attr) != ip_family_len(family))
		return false;
	*a = ip_addr_from(family, nla_data(attr));
	return true;
}

/* struct rtvia: a family and an address */
static bool get_via(const struct nlattr *attr, struct ip_addr *a)
{
	const struct rtvia *via = nla_data(attr);
	size_t bytes = (size_t)nla_len(attr), len;

	if (bytes < sizeof(*via))
		return false;
	len = ip_family_len(via->rtvia_family);
	if (!len || bytes != sizeof(*via) + len)
		return false;
	*a = ip_addr_from(via->rtvia_family, via->rtvia_addr);
	return true;
}

bool kattr_gate(struct nlattr *const attrs[RTA_MAX + 1], sa_family_t family,
		struct ip_addr *a)
{
	*a = (struct ip_addr){0};
	if (attrs[RTA_GATEWAY])
		return get_addr(attrs[RTA_GATEWAY], family, a);
	return !attrs[RTA_VIA] || get_via(attrs[RTA_VIA], a);
}

bool kattr_dst(struct nlattr *const attrs[RTA_MAX + 1], const struct rtmsg *head,
	       struct prefix *dst)
{
	static const uint8_t zeroes[16];

	if (!ip_family_len(head->rtm_family) ||
	    head->rtm_dst_len > prefix_max_len(head->rtm_family))
		return false;
	dst->addr = ip_addr_from(head->rtm_family, zeroes);
	dst->len = head->rtm_dst_len;
	if (!attrs[RTA_DST])
		return dst->len == 0;
	return get_addr(attrs[RTA_DST], head->rtm_family, &dst->addr);
}
