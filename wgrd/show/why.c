/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The whole story of a prefix, and of each shorter one that covers it: what was heard,
 * what was decided and by which rule, who may send and receive, and how far it is
 * installed. Every line comes from the view that the other commands print too.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/lib/loop.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"
#include "wgrd/tenant/tenant.h"
#include "wgrd/zebra/zclient.h"

enum {
	LABEL = 14, /* columns before what a line says */
};

struct story {
	const struct mgmt *m;
	struct strbuf *out;
	struct json json;
	uint64_t now_ns;
	bool as_json;
	size_t told;
};

static void label(struct story *s, const char *word)
{
	strbuf_printf(s->out, "  %-*s", LABEL - 2, word);
}

static void line(struct story *s, const char *word, const char *text)
{
	label(s, word);
	show_wrapped(s->out, LABEL, LABEL, text);
}

/* ---- heard ---- */

static void add_since(const struct story *s, struct strbuf *text, uint64_t then_ns)
{
	char buf[SHOW_FIELD_LEN];

	if (then_ns)
		strbuf_printf(text, ", %s", show_age(s->now_ns, then_ns, buf));
}

static void heard_learned(struct story *s, const struct tenant_route_view *v)
{
	struct strbuf text = {0};

	strbuf_printf(&text, "%s, from %s", v->protocol, v->source);
	if (!strcmp(v->source, "zebra"))
		strbuf_printf(&text, " in VRF %s", v->vrf);
	if (v->tag)
		strbuf_printf(&text, ", tag %" PRIu32, v->tag);
	add_since(s, &text, v->changed_ns);
	line(s, "Heard", text.s);
	strbuf_free(&text);
	for (unsigned i = 0; i < v->nexthop_count; i++) {
		const struct rib_nexthop *nh = &v->nexthop[i];
		char gate[IP_ADDR_STRLEN];

		label(s, "");
		strbuf_printf(s->out, "next hop %s",
			      nh->gate.family ? ip_addr_str(&nh->gate, gate)
					      : "without an address");
		if (nh->ifindex)
			strbuf_printf(s->out, ", interface %" PRIu32, nh->ifindex);
		strbuf_printf(s->out, ", weight %u\n", nh->weight);
	}
}

static void heard(struct story *s, const struct tenant_route_view *v)
{
	switch (v->origin) {
	case TENANT_LEARNED:
		heard_learned(s, v);
		return;
	case TENANT_STATIC:
	case TENANT_OVERLAY:
	case TENANT_ADVERTISED:
		line(s, "Heard", "not from a routing daemon: it is configured");
		return;
	case TENANT_CONNECTED:
		line(s, "Heard", "not from a routing daemon: a local interface has it");
		return;
	}
}

/* ---- permission ---- */

struct groups {
	const struct wg_group *egress, *ingress;
};

static struct groups groups_of(const struct story *s, const struct tenant_route_view *v)
{
	struct wg_device *d =
		*v->device ? wg_device_find(s->m->deps.wg, v->device) : NULL;

	if (!d)
		return (struct groups){0};
	return (struct groups){wg_egress_get(d, &v->prefix),
			       wg_ingress_get(d, &v->prefix)};
}

static const char *session_of(const struct wg_nexthop *nh)
{
	struct wg_peer_view peer;

	wg_peer_view(nh->peer, &peer);
	return peer.inactive ?: wg_session_name(peer.session);
}

/* "a (up), b (backup, handshake)"; as sources all members are equal. */
static void members_line(struct story *s, const char *what, const struct wg_group *g,
			 bool ranked)
{
	const struct wg_nexthop *nh = NULL;
	unsigned n = g ? wg_group_members(g, &nh) : 0;
	struct strbuf text = {0};

	strbuf_puts(&text, what);
	for (unsigned i = 0; i < n; i++)
		strbuf_printf(&text, "%s %s (%s%s)", i ? "," : "",
			      wg_peer_name(nh[i].peer),
			      ranked && nh[i].rank ? "backup, " : "", session_of(&nh[i]));
	if (!n)
		strbuf_puts(&text, " nobody");
	line(s, "", text.s);
	strbuf_free(&text);
}

static void permission(struct story *s, const struct tenant_route_view *v)
{
	struct groups g = groups_of(s, v);
	struct strbuf text = {0};

	if (!v->permission_known && !g.egress && !g.ingress) {
		line(s, "Permission", "none");
		return;
	}
	strbuf_printf(&text, "%s on %s",
		      v->permission_known ? fib_state_name(v->permission)
					  : "of another route",
		      v->device);
	line(s, "Permission", text.s);
	strbuf_free(&text);
	members_line(s, "send to", g.egress, true);
	members_line(s, "accept from", g.ingress, false);
}

/* ---- route ---- */

/* What is not there yet waits for zebra, or for nothing. */
static void to_zebra(const struct story *s, const struct tenant_route_view *v,
		     struct strbuf *text)
{
	struct zclient_view zebra = {.state = ZCLIENT_OFF};

	strbuf_printf(text, "%s to zebra", fib_state_name(v->route));
	if (s->m->deps.zclient)
		zclient_view(s->m->deps.zclient, &zebra);
	if (v->route != FIB_INSTALLED && zebra.state != ZCLIENT_UP)
		strbuf_printf(text, ", which is %s", zclient_state_name(zebra.state));
}

static void route(struct story *s, const struct tenant_route_view *v)
{
	struct strbuf text = {0};

	if (!v->route_known)
		strbuf_puts(&text, v->table || v->verdict != DECIDE_ACCEPT
					   ? "none"
					   : "none: the tenant has no table");
	else if (v->table)
		strbuf_printf(&text, "%s in table %" PRIu32, fib_state_name(v->route),
			      v->table);
	else
		to_zebra(s, v, &text);
	if (v->route_error)
		strbuf_printf(&text, ": %s", strerror(-v->route_error));
	line(s, "Route", text.s);
	strbuf_free(&text);
}

/* ---- all of it ---- */

static void story_text(struct story *s, const struct tenant_route_view *v)
{
	char prefix[PREFIX_STRLEN];
	struct strbuf text = {0};

	if (s->told)
		strbuf_puts(s->out, "\n");
	strbuf_printf(s->out, "Prefix %s, %s%s\n", prefix_str(&v->prefix, prefix),
		      *v->tenant ? "tenant " : "no tenant", v->tenant);
	heard(s, v);
	if (v->verdict == DECIDE_ACCEPT)
		strbuf_puts(&text, "accepted");
	else
		strbuf_printf(&text, "refused, %s", decide_verdict_name(v->verdict));
	if (*v->reason)
		strbuf_printf(&text, ": %s", v->reason);
	line(s, "Decided", text.s);
	strbuf_free(&text);
	permission(s, v);
	route(s, v);
}

static void members_json(struct json *j, const char *key, const struct wg_group *g)
{
	const struct wg_nexthop *nh = NULL;
	unsigned n = g ? wg_group_members(g, &nh) : 0;

	json_array(j, key);
	for (unsigned i = 0; i < n; i++) {
		json_object(j, NULL);
		show_member(j, &nh[i]);
		json_str(j, "session", session_of(&nh[i]));
		json_object_end(j);
	}
	json_array_end(j);
}

static void story_json(struct story *s, const struct tenant_route_view *v)
{
	struct groups g = groups_of(s, v);

	json_object(&s->json, NULL);
	show_route_members(&s->json, v, s->now_ns);
	members_json(&s->json, "egress", g.egress);
	members_json(&s->json, "ingress", g.ingress);
	json_object_end(&s->json);
}

static bool tell(const struct tenant_route_view *v, void *arg)
{
	struct story *s = arg;

	if (s->as_json)
		story_json(s, v);
	else
		story_text(s, v);
	s->told++;
	return !show_is_full(s->out);
}

bool show_why(const struct mgmt *m, const struct prefix *asked, bool json,
	      struct strbuf *out)
{
	struct story s = {.m = m,
			  .out = out,
			  .json = {.out = out},
			  .now_ns = loop_now_ns(m->deps.loop),
			  .as_json = json};
	struct prefix p = *asked;

	if (json) {
		json_object(&s.json, NULL);
		json_array(&s.json, "routes");
	}
	for (unsigned len = asked->len + 1u; len-- > 0;) {
		p.len = (uint8_t)len;
		prefix_mask(&p);
		tenants_walk_routes(m->deps.tenants, &p, tell, &s);
	}
	if (json) {
		json_array_end(&s.json);
		json_object_end(&s.json);
		json_end(&s.json);
	}
	return s.told > 0;
}
