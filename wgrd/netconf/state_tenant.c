/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libyang/libyang.h>
#include <string.h>

#include "proto/net/prefix.h"
#include "wgrd/netconf/state_node.h"
#include "wgrd/show/format.h"
#include "wgrd/tenant/tenant.h"

/* ---- tenants ---- */

static bool visit_tenant(const struct tenant_view *v, void *arg)
{
	struct lyd_node *node = state_entry(arg, "tenant", v->name, NULL);

	state_leaf(node, "inactive-reason", v->inactive);
	state_number(node, "table", v->table);
	state_number(node, "interfaces", v->interfaces);
	state_number(node, "peers", v->peers);
	state_number(node, "learned", v->learned);
	state_number(node, "accepted", v->accepted);
	state_number(node, "refused", v->refused);
	state_number(node, "fixed", v->fixed);
	if (v->held_s)
		state_number(node, "held-seconds", v->held_s);
	return true;
}

bool state_tenants(const struct netconf *n, const struct filter *f, struct state_at *at,
		   struct lyd_node *top)
{
	(void)f;
	(void)at;
	tenants_walk(n->deps.tenants, visit_tenant, top);
	return false;
}

/* ---- routes ---- */

struct route_walk {
	const struct netconf *n;
	struct lyd_node *top;
	const char *tenant; /* only this one's; NULL: all */
};

static void add_next_hops(struct lyd_node *node, const struct tenant_route_view *v)
{
	char gate[IP_ADDR_STRLEN];

	for (unsigned i = 0; i < v->nexthop_count; i++) {
		const struct rib_nexthop *nh = &v->nexthop[i];
		struct lyd_node *hop = state_entry(node, "next-hop", NULL, NULL);

		if (nh->gate.family)
			state_leaf(hop, "gate", ip_addr_str(&nh->gate, gate));
		state_number(hop, "ifindex", nh->ifindex);
		state_number(hop, "weight", nh->weight);
	}
}

static void add_progress(struct lyd_node *node, const struct tenant_route_view *v)
{
	state_leaf(node, "state", show_route_progress(v));
	if (v->permission_known)
		state_leaf(node, "permission-state", fib_state_name(v->permission));
	if (v->route_known)
		state_leaf(node, "route-state", fib_state_name(v->route));
	if (v->route_error)
		state_leaf(node, "route-error", strerror(-v->route_error));
}

void state_route(const struct netconf *n, struct lyd_node *node,
		 const struct tenant_route_view *v)
{
	state_leaf(node, "protocol", v->protocol);
	state_leaf(node, "source", v->source);
	state_number(node, "tag", v->tag);
	add_next_hops(node, v);
	state_leaf(node, "verdict", decide_verdict_name(v->verdict));
	state_leaf(node, "reason", v->reason);
	state_leaf(node, "interface", v->device);
	for (unsigned i = 0; i < v->peer_count; i++)
		state_leaf(node, "peer", v->peer[i]);
	for (unsigned i = 0; i < v->backup_count; i++)
		state_leaf(node, "backup", v->backup[i]);
	state_number(node, "table", v->table);
	add_progress(node, v);
	if (v->changed_ns)
		state_number(node, "changed-seconds",
			     state_seconds_since(n, v->changed_ns));
}

static void visit_route(const struct tenant_route_view *v, void *arg)
{
	const struct route_walk *w = arg;
	char prefix[PREFIX_STRLEN];
	struct lyd_node *node;

	if (w->tenant && strcmp(w->tenant, v->tenant) != 0)
		return;
	if (!lyd_new_list(w->top, NULL, "route", 0, &node, v->tenant, v->vrf,
			  prefix_str(&v->prefix, prefix), tenant_origin_name(v->origin)))
		state_route(w->n, node, v);
}

static bool visit_one(const struct tenant_route_view *v, void *arg)
{
	visit_route(v, arg);
	return true;
}

bool state_routes(const struct netconf *n, const struct filter *f, struct state_at *at,
		  struct lyd_node *top)
{
	const char *text = filter_demands(f, STATE_TOP, "route", "prefix");
	struct route_walk w = {n, top, filter_demands(f, STATE_TOP, "route", "tenant")};
	struct prefix only;

	if (!text || prefix_parse(&only, text))
		return tenants_walk_routes_on(n->deps.tenants, &at->routes, STATE_SLICE,
					      visit_route, &w);
	tenants_walk_routes(n->deps.tenants, &only, visit_one, &w);
	return false;
}
