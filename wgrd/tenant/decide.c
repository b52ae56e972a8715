/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/tenant/decide.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/rib/rib.h"

static const char *const verdict_name[DECIDE_VERDICT_COUNT] = {
	[DECIDE_ACCEPT] = "accepted",
	[DECIDE_NO_PEER] = "no-peer",
	[DECIDE_NOT_OURS] = "not-ours",
	[DECIDE_PEER_UNUSABLE] = "peer-unusable",
	[DECIDE_OUTSIDE_SUPERNET] = "outside-supernet",
	[DECIDE_DEFAULT_ROUTE] = "default-route",
	[DECIDE_PREFIX_LIST] = "prefix-list",
	[DECIDE_COVERED_LOCALLY] = "covered-locally",
	[DECIDE_PEER_LIMIT] = "peer-limit",
	[DECIDE_PEER_HELD] = "peer-held",
	[DECIDE_TENANT_LIMIT] = "tenant-limit",
	[DECIDE_TENANT_HELD] = "tenant-held",
	[DECIDE_PEER_DOWN] = "peer-down",
	[DECIDE_OWN] = "own",
	[DECIDE_NO_MEMORY] = "no-memory",
};

const char *decide_verdict_name(enum decide_verdict v)
{
	return v < DECIDE_VERDICT_COUNT ? verdict_name[v] : "?";
}

/* ---- the decision ---- */

enum decide_verdict decide_supernet(const struct conf_prefixes *supernet,
				    const struct prefix *p)
{
	bool is_default = prefix_is_default(p);

	for (size_t i = 0; supernet && i < supernet->count; i++) {
		const struct prefix *s = &supernet->v[i];

		if (is_default ? prefix_equal(s, p) : prefix_contains(s, p))
			return DECIDE_ACCEPT;
	}
	if (is_default)
		return DECIDE_DEFAULT_ROUTE;
	return supernet && supernet->count ? DECIDE_OUTSIDE_SUPERNET : DECIDE_ACCEPT;
}

bool decide_filter_permits(const struct decide_filter *f, const struct prefix *p)
{
	return !f->name[0] || conf_prefix_list_permits(f->list, p);
}

static enum decide_verdict judge_hop(enum decide_hop kind)
{
	switch (kind) {
	case HOP_PEER:
		return DECIDE_ACCEPT;
	case HOP_UNUSABLE:
		return DECIDE_PEER_UNUSABLE;
	case HOP_NO_PEER:
		return DECIDE_NO_PEER;
	case HOP_OWN:
		return DECIDE_OWN;
	case HOP_NOT_OURS:
	case HOP_OTHER_VRF:
	case HOP_OTHER_TAG:
		return DECIDE_NOT_OURS;
	case HOP_NO_MEMORY:
		return DECIDE_NO_MEMORY;
	}
	return DECIDE_NOT_OURS;
}

enum decide_verdict decide(const struct decide_question *q)
{
	enum decide_verdict v = judge_hop(q->nexthop.kind);

	if (q->advertised && q->nexthop.kind <= HOP_OWN)
		return DECIDE_OWN;
	if (v != DECIDE_ACCEPT)
		return v;
	if (q->local)
		return DECIDE_COVERED_LOCALLY;
	v = decide_supernet(q->supernet, &q->prefix);
	if (v != DECIDE_ACCEPT)
		return v;
	if (q->filter)
		return DECIDE_PREFIX_LIST;
	if (q->full_peer)
		return q->peer.held ? DECIDE_PEER_HELD : DECIDE_PEER_LIMIT;
	if (q->tenant_full)
		return q->of_tenant.held ? DECIDE_TENANT_HELD : DECIDE_TENANT_LIMIT;
	return DECIDE_ACCEPT;
}

/* ---- the explanation ---- */

struct sentence {
	char *buf;
	size_t len, used;
};

static void say(struct sentence *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void say(struct sentence *s, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(s->buf + s->used, s->len - s->used, fmt, args);
	va_end(args);
	if (n > 0)
		s->used +=
			(size_t)n < s->len - s->used ? (size_t)n : s->len - s->used - 1;
}

/* " of tenant red", or nothing for the built-in one. */
static void say_tenant(struct sentence *s, const struct decide_question *q)
{
	if (q->tenant[0])
		say(s, " of tenant %s", q->tenant);
}

static void say_hop(struct sentence *s, const struct decide_nexthop *h)
{
	char gate[IP_ADDR_STRLEN];

	if (h->gate.family)
		say(s, "next hop %s", ip_addr_str(&h->gate, gate));
	else
		say(s, "the next hop, an interface without an address,");
}

static void say_accepted(struct sentence *s, const struct decide_nexthop *h)
{
	say_hop(s, h);
	say(s, h->behind ? " lies behind peer %s of %s" : " is peer %s of %s", h->peer,
	    h->device);
	if (h->backup)
		say(s, ", for which peer %s stands in", h->backup);
}

static void say_no_peer(struct sentence *s, const struct decide_nexthop *h)
{
	say_hop(s, h);
	say(s,
	    h->gate.family ? " on %s is no peer's overlay address"
			   : " is %s and says no peer",
	    h->device);
}

static void say_other_tag(struct sentence *s, const struct decide_question *q)
{
	const struct decide_nexthop *h = &q->nexthop;

	if (q->tenant[0])
		say(s, " lies on %s, whose tenant %s does not learn routes ", h->device,
		    q->tenant);
	else
		say(s, " lies on %s, which has no tenant to learn routes ", h->device);
	if (h->tag)
		say(s, "with tag %u", h->tag);
	else
		say(s, "without a tag");
}

static void say_not_ours(struct sentence *s, const struct decide_question *q)
{
	const struct decide_nexthop *h = &q->nexthop;

	say_hop(s, h);
	if (h->kind == HOP_OTHER_VRF)
		say(s, " lies on %s, whose tenant learns from %s%s", h->device,
		    rib_vrf_is_table(h->vrf) ? "" : "VRF ", h->vrf);
	else if (h->kind == HOP_OTHER_TAG)
		say_other_tag(s, q);
	else
		say(s, " lies on no WireGuard interface");
}

static void say_supernets(struct sentence *s, const struct conf_prefixes *list)
{
	char buf[PREFIX_STRLEN];
	size_t shown = list->count <= 4 ? list->count : 3;

	say(s, " (");
	for (size_t i = 0; i < shown; i++)
		say(s, "%s%s", i ? ", " : "", prefix_str(&list->v[i], buf));
	if (shown < list->count)
		say(s, " and %zu more", list->count - shown);
	say(s, ")");
}

static void say_outside(struct sentence *s, const struct decide_question *q,
			const char *p)
{
	say(s, "%s from peer %s is outside the supernets", p, q->nexthop.peer);
	say_tenant(s, q);
	if (q->supernet)
		say_supernets(s, q->supernet);
}

static void say_default(struct sentence *s, const struct decide_question *q,
			const char *p)
{
	say(s, "%s from peer %s needs ", p, q->nexthop.peer);
	if (q->tenant[0])
		say(s, "itself in the supernets of tenant %s", q->tenant);
	else
		say(s, "a tenant that has it as a supernet");
}

/* "... is refused by prefix-list spokes seq 20 of tenant red" */
static void say_filter(struct sentence *s, const struct decide_question *q, const char *p)
{
	const struct decide_filter *f = q->filter;
	const struct conf_prefix_rule *r = NULL;

	say(s, "%s from peer %s is refused by ", p, q->nexthop.peer);
	if (!f) { /* the list has changed since */
		say(s, "a prefix-list");
		return;
	}
	say(s, "prefix-list %s", f->name);
	if (f->list)
		r = conf_prefix_list_find(f->list, &q->prefix);
	if (r)
		say(s, " seq %u", r->seq);
	if (f->peer)
		say(s, " of peer %s", f->peer);
	else
		say_tenant(s, q);
	if (!f->list || !f->list->rule_count)
		say(s, ", which has no entries");
	else if (!r)
		say(s, ", no entry of which matches");
}

/* The built-in tenant has no hold, so there is a name. */
static void say_held(struct sentence *s, const struct decide_room *r, const char *what,
		     const char *name)
{
	say(s, "%s %s had more than the %u prefixes it may have, and has none", what,
	    name, r->max);
	if (r->held_s)
		say(s, " for another %u s", r->held_s);
	say(s, "; clear wireguard %s %s ends that", what, name);
}

static void say_own(struct sentence *s, const struct decide_question *q, const char *p)
{
	if (!q->advertised) {
		say_hop(s, &q->nexthop);
		say(s, " is this router's own address on %s", q->nexthop.device);
		return;
	}
	say(s, "%s is advertised by this router", p);
	if (q->tenant[0])
		say(s, " for tenant %s", q->tenant);
}

const char *decide_explain(const struct decide_question *q, enum decide_verdict v,
			   char *buf, size_t len)
{
	struct sentence s = {.buf = buf, .len = len};
	const struct decide_nexthop *h = &q->nexthop;
	char p[PREFIX_STRLEN];

	buf[0] = '\0';
	prefix_str(&q->prefix, p);
	switch (v) {
	case DECIDE_ACCEPT:
		say_accepted(&s, h);
		break;
	case DECIDE_NO_PEER:
		say_no_peer(&s, h);
		break;
	case DECIDE_NOT_OURS:
		say_not_ours(&s, q);
		break;
	case DECIDE_PEER_UNUSABLE:
		say(&s, "peer %s of %s %s", h->peer, h->device, h->why);
		break;
	case DECIDE_OUTSIDE_SUPERNET:
		say_outside(&s, q, p);
		break;
	case DECIDE_DEFAULT_ROUTE:
		say_default(&s, q, p);
		break;
	case DECIDE_PREFIX_LIST:
		say_filter(&s, q, p);
		break;
	case DECIDE_COVERED_LOCALLY:
		say(&s, "%s is %s, which comes before what is learned", p,
		    q->local ?: "known without a routing daemon");
		break;
	case DECIDE_PEER_LIMIT:
		say(&s, "%s is one more than the %u prefixes that peer %s may have", p,
		    q->peer.max, q->full_peer ?: h->peer);
		break;
	case DECIDE_PEER_HELD:
		say_held(&s, &q->peer, "peer", q->full_peer ?: h->peer);
		break;
	case DECIDE_TENANT_LIMIT:
		say(&s, "%s is one more than the %u prefixes", p, q->of_tenant.max);
		say_tenant(&s, q);
		break;
	case DECIDE_TENANT_HELD:
		say_held(&s, &q->of_tenant, "tenant", q->tenant);
		break;
	case DECIDE_OWN:
		say_own(&s, q, p);
		break;
	case DECIDE_NO_MEMORY:
		say(&s, "there was no memory for it, it is tried again");
		break;
	case DECIDE_PEER_DOWN: /* no verdict about what is learned */
	case DECIDE_VERDICT_COUNT:
		break;
	}
	return buf;
}
