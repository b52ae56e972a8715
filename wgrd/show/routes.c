/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "wgrd/lib/loop.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"
#include "wgrd/tenant/tenant.h"

struct walk {
	const struct mgmt *m;
	const struct show_route_filter *only;
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
const char *show_route_progress(const struct tenant_route_view *v)
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

static bool has_peer(const struct tenant_route_view *v, const char *name)
{
	for (unsigned i = 0; i < v->peer_count; i++)
		if (!strcmp(v->peer[i], name))
			return true;
	for (unsigned i = 0; i < v->backup_count; i++)
		if (!strcmp(v->backup[i], name))
			return true;
	return false;
}

static bool is_wanted(const struct walk *w, const struct tenant_route_view *v)
{
	const struct show_route_filter *f = w->only;

	return (!f->peer || has_peer(v, f->peer)) &&
	       (!f->state || !strcmp(f->state, show_route_progress(v))) &&
	       show_in_prefixes(&f->in, &v->prefix);
}

/* Not over what is another tenant's, nor for one prefix over the others. */
static void walk_routes(struct walk *w,
			bool (*fn)(const struct tenant_route_view *v, void *arg))
{
	const struct tenants *t = w->m->deps.tenants;
	const struct show_route_filter *f = w->only;
	const struct prefix *p = f->in.given && !f->in.longer ? &f->in.prefix : NULL;

	if (f->tenant)
		tenants_walk_routes_of(t, f->tenant, p, fn, w);
	else
		tenants_walk_routes(t, p, fn, w);
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
		strbuf_printf(w->out, "Tenant %s, %s%s\n", v->tenant,
			      rib_vrf_is_table(v->from) ? "" : "VRF ", v->from);
	else
		strbuf_puts(w->out, "No tenant\n");
	row(w->out,
	    (const char *[]){"Prefix", "From", "Interface", "Peer", "State", "Since"});
}

static void add_names(struct strbuf *out, const char *const *name, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		strbuf_printf(out, "%s%s", i ? "," : "", name[i]);
}

/* "a,b", and "a,b (hub)" when there are backups. */
static void add_peers(struct strbuf *out, const struct tenant_route_view *v)
{
	add_names(out, v->peer, v->peer_count);
	if (v->backup_count) {
		strbuf_puts(out, " (");
		add_names(out, v->backup, v->backup_count);
		strbuf_puts(out, ")");
	}
	if (!v->peer_count)
		strbuf_puts(out, "-");
}

static bool route_text(const struct tenant_route_view *v, void *arg)
{
	struct walk *w = arg;
	char prefix[PREFIX_STRLEN], age[SHOW_FIELD_LEN];
	struct strbuf peers = {0};

	if (!is_wanted(w, v))
		return true;
	heading(w, v);
	add_peers(&peers, v);
	row(w->out,
	    (const char *[]){
		    prefix_str(&v->prefix, prefix), origin(v),
		    *v->device ? v->device : "-", peers.s, show_route_progress(v),
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
	json_str(j, "state", show_route_progress(v));
	json_str(j, "permission-state",
		 v->permission_known ? fib_state_name(v->permission) : NULL);
	json_str(j, "route-state", v->route_known ? fib_state_name(v->route) : NULL);
	json_str(j, "route-error", v->route_error ? strerror(-v->route_error) : NULL);
}

static void json_names(struct json *j, const char *key, const char *const *name,
		       unsigned n)
{
	json_array(j, key);
	for (unsigned i = 0; i < n; i++)
		json_str(j, NULL, name[i]);
	json_array_end(j);
}

void show_route_members(struct json *j, const struct tenant_route_view *v,
			uint64_t now_ns)
{
	char prefix[PREFIX_STRLEN];

	json_str(j, "tenant", *v->tenant ? v->tenant : NULL);
	json_str(j, "vrf", v->vrf);
	json_str(j, "prefix", prefix_str(&v->prefix, prefix));
	json_str(j, "origin", tenant_origin_name(v->origin));
	json_str(j, "protocol", *v->protocol ? v->protocol : NULL);
	json_str(j, "source", v->source);
	json_num(j, "tag", v->tag);
	json_nexthops(j, v);
	json_str(j, "verdict", decide_verdict_name(v->verdict));
	json_str(j, "reason", v->reason);
	json_str(j, "interface", *v->device ? v->device : NULL);
	json_names(j, "peers", v->peer, v->peer_count);
	json_names(j, "backups", v->backup, v->backup_count);
	json_num(j, "table", v->table);
	json_progress(j, v);
	if (v->changed_ns)
		json_num(j, "changed-seconds",
			 show_elapsed(now_ns, v->changed_ns) / NS_PER_S);
	else
		json_null(j, "changed-seconds");
}

static bool route_json(const struct tenant_route_view *v, void *arg)
{
	struct walk *w = arg;

	if (!is_wanted(w, v))
		return true;
	json_object(&w->json, NULL);
	show_route_members(&w->json, v, w->now_ns);
	json_object_end(&w->json);
	return !show_is_full(w->out);
}

void show_routes(const struct mgmt *m, const struct show_route_filter *only, bool json,
		 struct strbuf *out)
{
	struct walk w = {
		.m = m, .only = only, .out = out, .now_ns = loop_now_ns(m->deps.loop)};
	char count[SHOW_FIELD_LEN], prefix[PREFIX_STRLEN];

	w.json.out = out;
	if (!json) {
		walk_routes(&w, route_text);
		strbuf_printf(out, "%s%s, %zu refused\n", w.routes ? "\n" : "",
			      show_count(w.routes, "route", count), w.refused);
		if (!w.routes && only->in.given && !only->in.longer)
			strbuf_printf(out,
				      "`show wireguard why %s` has what covers it.\n",
				      prefix_str(&only->in.prefix, prefix));
		return;
	}
	json_object(&w.json, NULL);
	json_array(&w.json, "routes");
	walk_routes(&w, route_json);
	json_array_end(&w.json);
	json_object_end(&w.json);
	json_end(&w.json);
}
