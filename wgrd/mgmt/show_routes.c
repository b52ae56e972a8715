/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/lib/loop.h"
#include "wgrd/mgmt/json.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/mgmt/show.h"
#include "wgrd/tenant/tenant.h"

struct walk {
	const struct mgmt *m;
	struct strbuf *out;
	struct json json;
	uint64_t now_ns;
	char tenant[CONF_NAME_LEN]; /* of the heading printed last */
	size_t routes, refused;
};

static const char *origin(const struct tenant_route_view *v)
{
	return *v->protocol ? v->protocol : tenant_origin_name(v->origin);
}

/* How far it is, in one word: the permission comes before the route. */
static const char *progress(const struct tenant_route_view *v)
{
	if (v->verdict != DECIDE_ACCEPT)
		return "refused";
	if (v->permission_known && v->permission != FIB_INSTALLED)
		return fib_state_name(v->permission);
	if (v->route_known)
		return fib_state_name(v->route);
	if (v->permission_known)
		return fib_state_name(v->permission);
	return v->origin == TENANT_ADVERTISED ? "advertised" : "accepted";
}

static void row(struct strbuf *out, const char *const cell[6])
{
	static const unsigned at[6] = {2, 23, 34, 44, 60, 71};

	show_row(out, at, cell, 6);
}

static void heading(struct walk *w, const struct tenant_route_view *v)
{
	if (w->routes++ && !strcmp(w->tenant, v->tenant))
		return;
	snprintf(w->tenant, sizeof(w->tenant), "%s", v->tenant);
	if (w->out->len)
		strbuf_puts(w->out, "\n");
	if (*v->tenant)
		strbuf_printf(w->out, "Tenant %s, VRF %s\n", v->tenant, v->vrf);
	else
		strbuf_puts(w->out, "No tenant\n");
	row(w->out,
	    (const char *[]){"Prefix", "From", "Interface", "Peer", "State", "Since"});
}

static void add_peers(struct strbuf *out, const struct tenant_route_view *v)
{
	for (unsigned i = 0; i < v->peer_count; i++)
		strbuf_printf(out, "%s%s", i ? "," : "", v->peer[i]);
	if (!v->peer_count)
		strbuf_puts(out, "-");
}

static bool route_text(const struct tenant_route_view *v, void *arg)
{
	struct walk *w = arg;
	char prefix[PREFIX_STRLEN], age[SHOW_FIELD_LEN];
	struct strbuf peers = {0};

	heading(w, v);
	add_peers(&peers, v);
	row(w->out,
	    (const char *[]){
		    prefix_str(&v->prefix, prefix), origin(v),
		    *v->device ? v->device : "-", peers.s, progress(v),
		    v->changed_ns
			    ? show_duration(show_elapsed(w->now_ns, v->changed_ns), age)
			    : "-"});
	strbuf_free(&peers);
	if (v->verdict != DECIDE_ACCEPT) {
		w->refused++;
		strbuf_printf(w->out, "%6s", "");
		show_wrapped(w->out, 6, 6, v->reason);
	} else if (v->route_error) {
		strbuf_printf(w->out, "%6skernel: %s\n", "", strerror(-v->route_error));
	}
	return !show_is_full(w->out);
}

static void json_nexthops(struct json *j, const struct tenant_route_view *v)
{
	char gate[IP_ADDR_STRLEN];

	json_array(j, "nexthops");
	for (unsigned i = 0; i < v->nexthop_count; i++) {
		const struct rib_nexthop *nh = &v->nexthop[i];

		json_object(j, NULL);
		json_str(j, "gate",
			 nh->gate.family ? ip_addr_str(&nh->gate, gate) : NULL);
		json_num(j, "ifindex", nh->ifindex);
		json_num(j, "weight", nh->weight);
		json_object_end(j);
	}
	json_array_end(j);
}

static void json_progress(struct json *j, const struct tenant_route_view *v)
{
	json_str(j, "state", progress(v));
	json_str(j, "permission-state",
		 v->permission_known ? fib_state_name(v->permission) : NULL);
	json_str(j, "route-state", v->route_known ? fib_state_name(v->route) : NULL);
	json_str(j, "route-error", v->route_error ? strerror(-v->route_error) : NULL);
}

static bool route_json(const struct tenant_route_view *v, void *arg)
{
	struct walk *w = arg;
	struct json *j = &w->json;
	char prefix[PREFIX_STRLEN];

	json_object(j, NULL);
	json_str(j, "tenant", *v->tenant ? v->tenant : NULL);
	json_str(j, "vrf", v->vrf);
	json_str(j, "prefix", prefix_str(&v->prefix, prefix));
	json_str(j, "origin", tenant_origin_name(v->origin));
	json_str(j, "protocol", *v->protocol ? v->protocol : NULL);
	json_nexthops(j, v);
	json_str(j, "verdict", decide_verdict_name(v->verdict));
	json_str(j, "reason", v->reason);
	json_str(j, "interface", *v->device ? v->device : NULL);
	json_array(j, "peers");
	for (unsigned i = 0; i < v->peer_count; i++)
		json_str(j, NULL, v->peer[i]);
	json_array_end(j);
	json_num(j, "table", v->table);
	json_progress(j, v);
	if (v->changed_ns)
		json_num(j, "changed-seconds",
			 show_elapsed(w->now_ns, v->changed_ns) / NS_PER_S);
	else
		json_null(j, "changed-seconds");
	json_object_end(j);
	return !show_is_full(w->out);
}

void show_routes(const struct mgmt *m, bool json, struct strbuf *out)
{
	struct walk w = {.m = m, .out = out, .now_ns = loop_now_ns(m->deps.loop)};
	char count[SHOW_FIELD_LEN];

	w.json.out = out;
	if (!json) {
		tenants_walk_routes(m->deps.tenants, NULL, route_text, &w);
		strbuf_printf(out, "%s%s, %zu refused\n", w.routes ? "\n" : "",
			      show_count(w.routes, "route", count), w.refused);
		return;
	}
	json_object(&w.json, NULL);
	json_array(&w.json, "routes");
	tenants_walk_routes(m->deps.tenants, NULL, route_json, &w);
	json_array_end(&w.json);
	json_object_end(&w.json);
	json_end(&w.json);
}
