/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libyang/libyang.h>
#include <stdio.h>
#include <string.h>

#include "proto/net/prefix.h"
#include "wgrd/netconf/nacm/nacm.h"
#include "wgrd/netconf/op.h"
#include "wgrd/netconf/print.h"
#include "wgrd/netconf/state_node.h"
#include "wgrd/tenant/tenant.h"
#include "wgrd/wg/wg.h"

/* The story of a prefix, as `show wireguard why` tells it. */

struct story {
	struct rpc *r;
	struct lyd_node *rpc; /* what is told hangs below it */
};

static const char *session_of(const struct wg_peer *p)
{
	struct wg_peer_view v;

	wg_peer_view(p, &v);
	return v.inactive ?: wg_session_name(v.session);
}

static void add_members(struct lyd_node *route, const char *list,
			const struct wg_group *g, bool ranked)
{
	const struct wg_nexthop *nh = NULL;
	unsigned n = g ? wg_group_members(g, &nh) : 0;

	for (unsigned i = 0; i < n; i++) {
		struct lyd_node *node =
			state_entry(route, list, wg_peer_name(nh[i].peer), NULL);

		state_leaf(node, "session", session_of(nh[i].peer));
		if (!ranked)
			continue;
		state_number(node, "weight", nh[i].weight);
		state_number(node, "rank", nh[i].rank);
	}
}

static bool tell(const struct tenant_route_view *v, void *arg)
{
	const struct story *s = arg;
	const struct netconf *n = s->r->n;
	const struct wg_device *d =
		*v->device ? wg_device_find(n->deps.wg, v->device) : NULL;
	char prefix[PREFIX_STRLEN];
	struct lyd_node *route;

	if (lyd_new_list(s->rpc, NULL, "route", 1, &route))
		return false;
	state_leaf(route, "tenant", v->tenant);
	state_leaf(route, "prefix", prefix_str(&v->prefix, prefix));
	state_leaf(route, "vrf", v->vrf);
	state_leaf(route, "origin", tenant_origin_name(v->origin));
	state_route(n, route, v);
	if (!d)
		return true;
	add_members(route, "egress", wg_egress_get(d, &v->prefix), true);
	add_members(route, "ingress", wg_ingress_get(d, &v->prefix), false);
	return true;
}

/* It tells what stands in the list of routes, and to nobody else. */
static bool may_ask(const struct rpc *r)
{
	const struct lys_module *m =
		ly_ctx_get_module_implemented(netconf_ctx(r->n), "wgrd-state");
	const struct lysc_node *top = lys_find_child(NULL, m, STATE_TOP, 0, 0, 0);
	const struct lysc_node *route = lys_find_child(top, m, "route", 0, 0, 0);
	const struct nacm_place above = nacm_place_in(NULL, top, NULL, NULL);
	const struct nacm_place place = nacm_place_in(&above, route, NULL, NULL);

	return nacm_may(r->s->nacm, &above, NACM_READ) &&
	       nacm_may(r->s->nacm, &place, NACM_READ);
}

static bool read_prefix(struct rpc *r, struct prefix *p)
{
	char word[PREFIX_STRLEN + 1];

	if (!prefix_parse(p, rpc_word(r, "prefix", word, sizeof(word))))
		return true;
	rpc_fail(r, &(struct rpc_error){.tag = "invalid-value",
					.message = "not a prefix or an address",
					.bad_element = "prefix"});
	return false;
}

static void answer(struct rpc *r, const struct prefix *asked)
{
	const struct lys_module *m =
		ly_ctx_get_module_implemented(netconf_ctx(r->n), "wgrd-actions");
	struct story s = {.r = r};
	struct prefix p = *asked;
	const struct lyd_node *node;

	if (lyd_new_inner(NULL, m, "why", 0, &s.rpc)) {
		rpc_fail_simply(r, "operation-failed", "there is no memory for it");
		return;
	}
	for (unsigned len = asked->len + 1u; len-- > 0;) {
		p.len = (uint8_t)len;
		prefix_mask(&p);
		tenants_walk_routes(r->n->deps.tenants, &p, tell, &s);
	}
	LY_LIST_FOR(lyd_child(s.rpc), node)
	{
		print_tree(r->data, node, PRINT_ALL);
	}
	lyd_free_tree(s.rpc);
}

void op_why(struct rpc *r)
{
	struct prefix p;

	if (!may_ask(r))
		rpc_fail(r,
			 &(struct rpc_error){.type = "protocol",
					     .tag = "access-denied",
					     .message = "this user may not read routes"});
	else if (read_prefix(r, &p))
		answer(r, &p);
}
