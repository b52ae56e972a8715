/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/tenant/decide.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const verdict_name[DECIDE_VERDICT_COUNT] = {
	[DECIDE_ACCEPT] = "accepted",
	[DECIDE_NO_PEER] = "no-peer",
	[DECIDE_NOT_OURS] = "not-ours",
	[DECIDE_PEER_UNUSABLE] = "peer-unusable",
	[DECIDE_OUTSIDE_SUPERNET] = "outside-supernet",
	[DECIDE_DEFAULT_ROUTE] = "default-route",
	[DECIDE_COVERED_LOCALLY] = "covered-locally",
	[DECIDE_PEER_LIMIT] = "peer-limit",
	[DECIDE_TENANT_LIMIT] = "tenant-limit",
	[DECIDE_OWN] = "own",
	[DECIDE_NO_MEMORY] = "no-memory",
};

const char *decide_verdict_name(enum decide_verdict v)
{
	return v < DECIDE_VERDICT_COUNT ? verdict_name[v] : "?";
}

enum decide_verdict decide_verdict_parse(const char *name)
{
	unsigned v = 0;

	while (v < DECIDE_VERDICT_COUNT && strcmp(name, verdict_name[v]))
		v++;
	return v;
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
	if (q->full_peer)
		return DECIDE_PEER_LIMIT;
	return q->tenant_full ? DECIDE_TENANT_LIMIT : DECIDE_ACCEPT;
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
}

static void say_no_peer(struct sentence *s, const struct decide_nexthop *h)
{
	say_hop(s, h);
	say(s,
	    h->gate.family ? " on %s is no peer's overlay address"
			   : " is %s and says no peer",
	    h->device);
}

static void say_not_ours(struct sentence *s, const struct decide_nexthop *h)
{
	say_hop(s, h);
	if (h->kind == HOP_OTHER_VRF)
		say(s, " lies on %s, whose tenant learns from VRF %s", h->device, h->vrf);
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
		say_not_ours(&s, h);
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
	case DECIDE_COVERED_LOCALLY:
		say(&s, "%s is %s, which comes before what is learned", p,
		    q->local ?: "known without a routing daemon");
		break;
	case DECIDE_PEER_LIMIT:
		say(&s, "%s is one more than the %u prefixes that peer %s may have", p,
		    q->full_peer_max, q->full_peer ?: h->peer);
		break;
	case DECIDE_TENANT_LIMIT:
		say(&s, "%s is one more than the %u prefixes", p, q->tenant_max);
		say_tenant(&s, q);
		break;
	case DECIDE_OWN:
		say_own(&s, q, p);
		break;
	case DECIDE_NO_MEMORY:
		say(&s, "there was no memory for it, it is tried again");
		break;
	case DECIDE_VERDICT_COUNT:
		break;
	}
	return buf;
}
