/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/klinks.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/kernel/kaddr.h"
#include "wgrd/lib/util.h"

static struct klinks_entry *find(const struct klinks *t, uint32_t ifindex)
{
	struct klinks_entry *e;

	HASH_FIND(hh, t->by_index, &ifindex, sizeof(ifindex), e);
	return e;
}

static void insert(struct klinks *t, struct klinks_entry *e)
{
	HASH_ADD(hh, t->by_index, link.ifindex, sizeof(e->link.ifindex), e);
}

static void drop(struct klinks *t, struct klinks_entry *e)
{
	HASH_DELETE(hh, t->by_index, e);
	free(e->link.address);
	free(e);
}

void klinks_drop(struct klinks *t, const struct kmon_link *link)
{
	drop(t, find(t, link->ifindex));
}

void klinks_fini(struct klinks *t)
{
	struct klinks_entry *e, *next;

	HASH_ITER (hh, t->by_index, e, next)
		drop(t, e);
}

/* ---- links ---- */

/* The table of a VRF device; 0 when it is something else. */
static uint32_t vrf_table(struct nlattr *linkinfo)
{
	static const struct nla_policy info_policy[IFLA_INFO_MAX + 1] = {
		[IFLA_INFO_KIND] = {.type = NLA_NUL_STRING},
		[IFLA_INFO_DATA] = {.type = NLA_NESTED},
	};
	static const struct nla_policy vrf_policy[IFLA_VRF_MAX + 1] = {
		[IFLA_VRF_TABLE] = {.type = NLA_U32},
	};
	struct nlattr *info[IFLA_INFO_MAX + 1], *vrf[IFLA_VRF_MAX + 1];

	if (nla_parse_nested(info, IFLA_INFO_MAX, linkinfo, info_policy) < 0 ||
	    !info[IFLA_INFO_KIND] || !info[IFLA_INFO_DATA] ||
	    nla_strcmp(info[IFLA_INFO_KIND], "vrf") != 0 ||
	    nla_parse_nested(vrf, IFLA_VRF_MAX, info[IFLA_INFO_DATA], vrf_policy) < 0 ||
	    !vrf[IFLA_VRF_TABLE])
		return 0;
	return nla_get_u32(vrf[IFLA_VRF_TABLE]);
}

/* A message need not say everything: what it leaves out stays. */
static bool update(struct kmon_link *l, const struct ifinfomsg *head,
		   struct nlattr *attrs[IFLA_MAX + 1])
{
	struct kmon_link was = *l;

	l->ipv4_lost = false;
	l->admin_up = head->ifi_flags & IFF_UP;
	l->up = l->admin_up && head->ifi_flags & IFF_RUNNING;
	if (attrs[IFLA_IFNAME])
		nla_strlcpy(l->name, attrs[IFLA_IFNAME], sizeof(l->name));
	if (attrs[IFLA_MTU])
		l->mtu = nla_get_u32(attrs[IFLA_MTU]);
	if (attrs[IFLA_LINKINFO])
		l->vrf_table = vrf_table(attrs[IFLA_LINKINFO]);
	return l->vrf_table != was.vrf_table || l->admin_up != was.admin_up ||
	       l->up != was.up || l->mtu != was.mtu || strcmp(l->name, was.name) != 0;
}

static enum klinks_change take_link(struct klinks *t, const struct nlmsghdr *h,
				    const struct kmon_link **link)
{
	static const struct nla_policy policy[IFLA_MAX + 1] = {
		[IFLA_IFNAME] = {.type = NLA_NUL_STRING, .maxlen = IFNAMSIZ},
		[IFLA_MTU] = {.type = NLA_U32},
		[IFLA_LINKINFO] = {.type = NLA_NESTED},
	};
	const struct ifinfomsg *head = NLMSG_DATA(h);
	struct nlattr *attrs[IFLA_MAX + 1];
	struct klinks_entry *e;
	bool is_new;

	/* a bridge speaks of its ports as AF_BRIDGE links, which come and go by themselves */
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*head)) || head->ifi_family != AF_UNSPEC ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(*head), attrs, IFLA_MAX, policy) < 0)
		return KLINKS_SAME;
	e = find(t, (uint32_t)head->ifi_index);
	is_new = !e;
	if (h->nlmsg_type == RTM_DELLINK) {
		*link = e ? &e->link : NULL;
		return e ? KLINKS_GONE : KLINKS_SAME;
	}
	if (is_new) {
		e = xcalloc(1, sizeof(*e));
		e->link.ifindex = (uint32_t)head->ifi_index;
		insert(t, e);
	}
	*link = &e->link;
	return update(&e->link, head, attrs) || is_new ? KLINKS_CHANGED : KLINKS_SAME;
}

/* ---- addresses ---- */

static struct klink_address *find_address(struct kmon_link *l,
					  const struct klink_address *a)
{
	for (size_t i = 0; i < l->address_count; i++)
		if (kaddr_equal(&l->address[i], a))
			return &l->address[i];
	return NULL;
}

static bool add_address(struct kmon_link *l, const struct klink_address *a)
{
	if (find_address(l, a))
		return false;
	l->address = xrealloc(l->address, l->address_count + 1, sizeof(*l->address));
	l->address[l->address_count++] = *a;
	return true;
}

static bool del_address(struct kmon_link *l, const struct klink_address *a)
{
	struct klink_address *there = find_address(l, a), *end;

	if (!there)
		return false;
	end = l->address + --l->address_count;
	memmove(there, there + 1, (size_t)(end - there) * sizeof(*there));
	return true;
}

static bool has_ipv4(const struct kmon_link *l)
{
	for (size_t i = 0; i < l->address_count; i++)
		if (l->address[i].addr.family == AF_INET)
			return true;
	return false;
}

static enum klinks_change take_address(struct klinks *t, const struct nlmsghdr *h,
				       const struct kmon_link **link)
{
	struct klink_address a;
	struct klinks_entry *e;
	uint32_t ifindex;
	bool changed;

	if (!kaddr_parse(h, &ifindex, &a))
		return KLINKS_SAME;
	e = find(t, ifindex);
	if (!e)
		return KLINKS_SAME; /* the link is gone, and its addresses follow */
	*link = &e->link;
	changed = h->nlmsg_type == RTM_NEWADDR ? add_address(&e->link, &a)
					       : del_address(&e->link, &a);
	e->link.ipv4_lost = changed && h->nlmsg_type == RTM_DELADDR &&
			    a.addr.family == AF_INET && !has_ipv4(&e->link);
	return changed ? KLINKS_CHANGED : KLINKS_SAME;
}

enum klinks_change klinks_take(struct klinks *t, const struct nlmsghdr *h,
			       const struct kmon_link **link)
{
	*link = NULL;
	if (h->nlmsg_type == RTM_NEWLINK || h->nlmsg_type == RTM_DELLINK)
		return take_link(t, h, link);
	return take_address(t, h, link);
}

/* ---- a whole new picture ---- */

static bool is_same(const struct kmon_link *a, const struct kmon_link *b)
{
	if (a->up != b->up || a->admin_up != b->admin_up || a->mtu != b->mtu ||
	    strcmp(a->name, b->name) != 0 || a->address_count != b->address_count)
		return false;
	for (size_t i = 0; i < a->address_count; i++)
		if (!kaddr_equal(&a->address[i], &b->address[i]))
			return false;
	return true;
}

void klinks_become(struct klinks *t, struct klinks *fresh,
		   void (*report)(void *arg, const struct kmon_link *l, bool gone),
		   void *arg)
{
	struct klinks_entry *e, *now, *next;

	HASH_ITER (hh, t->by_index, e, next) {
		if (!find(fresh, e->link.ifindex)) {
			report(arg, &e->link, true);
			drop(t, e);
		}
	}
	HASH_ITER (hh, fresh->by_index, now, next) {
		e = find(t, now->link.ifindex);
		if (e && is_same(&e->link, &now->link)) {
			drop(fresh, now);
			continue;
		}
		if (e)
			drop(t, e);
		HASH_DELETE(hh, fresh->by_index, now);
		insert(t, now);
		report(arg, &now->link, false);
	}
}

const struct kmon_link *klinks_find_index(const struct klinks *t, uint32_t ifindex)
{
	struct klinks_entry *e = find(t, ifindex);

	return e ? &e->link : NULL;
}

const struct kmon_link *klinks_find(const struct klinks *t, const char *name)
{
	struct klinks_entry *e, *next;

	HASH_ITER (hh, t->by_index, e, next)
		if (strcmp(e->link.name, name) == 0)
			return &e->link;
	return NULL;
}
