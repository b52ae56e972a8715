/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/krule.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/route/rule.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/kernel/ksock.h"

/* ---- building ---- */

static bool has_good_src(const struct krule *r)
{
	if (!r->src.addr.family)
		return true;
	return r->src.addr.family == r->family && r->src.len &&
	       r->src.len <= prefix_max_len(r->family) && !prefix_has_host_bits(&r->src);
}

int krule_check(const struct krule *r)
{
	bool good = ip_family_len(r->family) && r->priority && r->table &&
		    memchr(r->iif, '\0', sizeof(r->iif)) && has_good_src(r);

	return good ? 0 : -EINVAL;
}

static int set_src(const struct krule *r, struct rtnl_rule *rule)
{
	struct nl_addr *src = nl_addr_build(r->family, (void *)r->src.addr.bytes,
					    ip_family_len(r->family));
	int err;

	if (!src)
		return -ENOMEM;
	nl_addr_set_prefixlen(src, r->src.len);
	err = rtnl_rule_set_src(rule, src) ? -EINVAL : 0;
	nl_addr_put(src);
	return err;
}

static int new_rule(const struct krule *r, struct rtnl_rule **out)
{
	struct rtnl_rule *rule;
	int err = krule_check(r);

	if (err)
		return err;
	rule = rtnl_rule_alloc();
	if (!rule)
		return -ENOMEM;
	rtnl_rule_set_family(rule, r->family);
	rtnl_rule_set_prio(rule, r->priority);
	rtnl_rule_set_table(rule, r->table);
	rtnl_rule_set_action(rule, FR_ACT_TO_TBL);
	rtnl_rule_set_protocol(rule, WGRD_RTPROT);
	if (r->iif[0])
		err = rtnl_rule_set_iif(rule, r->iif) ? -EINVAL : 0;
	if (r->fwmark) {
		rtnl_rule_set_mark(rule, r->fwmark);
		rtnl_rule_set_mask(rule, UINT32_MAX);
	}
	if (!err && r->src.addr.family)
		err = set_src(r, rule);
	if (err) {
		rtnl_rule_put(rule);
		return err;
	}
	*out = rule;
	return 0;
}

int krule_add_message(const struct krule *r, struct nl_msg **msg)
{
	struct rtnl_rule *rule;
	int err = new_rule(r, &rule);

	if (err)
		return err;
	if (rtnl_rule_build_add_request(rule, NLM_F_CREATE | NLM_F_EXCL, msg))
		err = -ENOMEM;
	else
		nlmsg_hdr(*msg)->nlmsg_flags |= NLM_F_REQUEST;
	rtnl_rule_put(rule);
	return err;
}

int krule_del_message(const struct krule *r, struct nl_msg **msg)
{
	struct rtnl_rule *rule;
	int err = new_rule(r, &rule);

	if (err)
		return err;
	if (rtnl_rule_build_delete_request(rule, 0, msg))
		err = -ENOMEM;
	else
		nlmsg_hdr(*msg)->nlmsg_flags |= NLM_F_REQUEST;
	rtnl_rule_put(rule);
	return err;
}

int krule_dump_message(sa_family_t family, struct nl_msg **msg)
{
	const struct fib_rule_hdr head = {.family = (uint8_t)family};

	return ksock_message(RTM_GETRULE, 0, &head, sizeof(head), msg);
}

/* ---- parsing ---- */

/* Selectors and modifiers that struct krule has no field for. */
static bool says_more(const struct fib_rule_hdr *head, struct nlattr *attrs[FRA_MAX + 1])
{
	static const int foreign[] = {
		FRA_DST,         FRA_OIFNAME,          FRA_GOTO,
		FRA_FLOW,        FRA_TUN_ID,           FRA_UID_RANGE,
		FRA_IP_PROTO,    FRA_SPORT_RANGE,      FRA_L3MDEV,
		FRA_DPORT_RANGE, FRA_SUPPRESS_IFGROUP,
	};

	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
		if (attrs[foreign[i]])
			return true;
	if (attrs[FRA_SUPPRESS_PREFIXLEN] &&
	    nla_get_u32(attrs[FRA_SUPPRESS_PREFIXLEN]) != UINT32_MAX)
		return true;
	if (attrs[FRA_FWMARK] && attrs[FRA_FWMASK] &&
	    nla_get_u32(attrs[FRA_FWMASK]) != UINT32_MAX)
		return true;
	return head->dst_len || head->tos || head->flags & FIB_RULE_INVERT ||
	       head->action != FR_ACT_TO_TBL;
}

static bool get_src(const struct fib_rule_hdr *head, const struct nlattr *attr,
		    struct prefix *src)
{
	if (!head->src_len)
		return true;
	if (!attr || (size_t)nla_len(attr) != ip_family_len(head->family))
		return false;
	src->addr = ip_addr_from(head->family, nla_data(attr));
	src->len = head->src_len;
	return src->len <= prefix_max_len(head->family);
}

bool krule_parse(const struct nlmsghdr *h, sa_family_t family, struct krule *r)
{
	static const struct nla_policy policy[FRA_MAX + 1] = {
		[FRA_PRIORITY] = {.type = NLA_U32},
		[FRA_FWMARK] = {.type = NLA_U32},
		[FRA_FWMASK] = {.type = NLA_U32},
		[FRA_TABLE] = {.type = NLA_U32},
		[FRA_SUPPRESS_PREFIXLEN] = {.type = NLA_U32},
		[FRA_IIFNAME] = {.type = NLA_NUL_STRING, .maxlen = sizeof(r->iif)},
		[FRA_PROTOCOL] = {.type = NLA_U8},
	};
	const struct fib_rule_hdr *head = NLMSG_DATA(h);
	struct nlattr *attrs[FRA_MAX + 1];

	if (h->nlmsg_type != RTM_NEWRULE && h->nlmsg_type != RTM_DELRULE)
		return false;
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*head)) || head->family != family ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*head), attrs, FRA_MAX, policy) < 0)
		return false;
	if (!attrs[FRA_PROTOCOL] || nla_get_u8(attrs[FRA_PROTOCOL]) != WGRD_RTPROT ||
	    says_more(head, attrs))
		return false;
	*r = (struct krule){
		.family = family,
		.priority = attrs[FRA_PRIORITY] ? nla_get_u32(attrs[FRA_PRIORITY]) : 0,
		.table = attrs[FRA_TABLE] ? nla_get_u32(attrs[FRA_TABLE]) : head->table,
		.fwmark = attrs[FRA_FWMARK] ? nla_get_u32(attrs[FRA_FWMARK]) : 0,
	};
	if (attrs[FRA_IIFNAME])
		nla_strlcpy(r->iif, attrs[FRA_IIFNAME], sizeof(r->iif));
	return get_src(head, attrs[FRA_SRC], &r->src);
}

/* ---- comparing ---- */

bool krule_hits(const struct krule *asked, const struct krule *there)
{
	if (asked->family != there->family || asked->priority != there->priority ||
	    asked->table != there->table)
		return false;
	if (asked->iif[0] && strcmp(asked->iif, there->iif) != 0)
		return false;
	if (asked->fwmark && asked->fwmark != there->fwmark)
		return false;
	return !asked->src.addr.family || prefix_equal(&asked->src, &there->src);
}

bool krule_equal(const struct krule *a, const struct krule *b)
{
	return krule_hits(a, b) && krule_hits(b, a);
}

const char *krule_str(const struct krule *r, char buf[static KRULE_STRLEN])
{
	char src[PREFIX_STRLEN];
	int len =
		snprintf(buf, KRULE_STRLEN,
			 "%s %u:", r->family == AF_INET6 ? "IPv6" : "IPv4", r->priority);

	if (r->src.addr.family)
		len += snprintf(buf + len, KRULE_STRLEN - (size_t)len, " from %s",
				prefix_str(&r->src, src));
	if (r->iif[0])
		len += snprintf(buf + len, KRULE_STRLEN - (size_t)len, " iif %.15s",
				r->iif);
	if (r->fwmark)
		len += snprintf(buf + len, KRULE_STRLEN - (size_t)len, " fwmark %#x",
				r->fwmark);
	snprintf(buf + len, KRULE_STRLEN - (size_t)len, " lookup %u", r->table);
	return buf;
}
