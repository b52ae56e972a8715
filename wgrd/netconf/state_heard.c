/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <stdio.h>

#include "proto/net/prefix.h"
#include "wgrd/learn/learn.h"
#include "wgrd/netconf/state_node.h"
#include "wgrd/rib/rib.h"
#include "wgrd/zebra/zclient.h"

/* Where routes come from: zebra, and kernel tables. */

/* ---- zebra ---- */

/* What every session has. */
static void add_counters(struct lyd_node *session, const struct zclient_view *v)
{
	state_number(session, "connects", v->connects);
	state_number(session, "disconnects", v->disconnects);
	state_number(session, "messages-received", v->messages_rcvd);
	state_number(session, "messages-sent", v->messages_sent);
	state_number(session, "malformed", v->malformed);
	state_number(session, "errors", v->errors);
}

static void add_router_id(struct lyd_node *zebra, uint32_t id)
{
	const struct in_addr a = {.s_addr = id};
	char text[INET_ADDRSTRLEN];

	if (id)
		state_leaf(zebra, "router-id",
			   inet_ntop(AF_INET, &a, text, sizeof(text)));
}

static bool visit_own(const struct zclient_own *own, bool sent, bool installed, void *arg)
{
	char prefix[PREFIX_STRLEN];
	struct lyd_node *node = state_entry(arg, "own-prefix", own->vrf,
					    prefix_str(&own->prefix, prefix));

	state_number(node, "ifindex", own->ifindex);
	state_number(node, "tag", own->tag);
	state_flag(node, "sent", sent);
	state_flag(node, "installed", installed);
	return true;
}

struct instance_walk {
	const struct netconf *n;
	struct lyd_node *zebra;
};

static bool visit_instance(const struct zclient_view *v, void *arg)
{
	const struct instance_walk *w = arg;
	struct lyd_node *node;
	char instance[8];

	snprintf(instance, sizeof(instance), "%u", v->instance);
	node = state_entry(w->zebra, "instance", instance, NULL);
	state_leaf(node, "state", zclient_state_name(v->state));
	state_number(node, "state-seconds", state_seconds_since(w->n, v->since_ns));
	state_leaf(node, "last-error", v->last_error);
	add_counters(node, v);
	zclient_own_walk(w->n->deps.zclient, v->instance, visit_own, node);
	return true;
}

static void add_session(const struct netconf *n, struct lyd_node *zebra,
			const struct zclient_view *v)
{
	struct instance_walk instances = {n, zebra};

	state_number(zebra, "state-seconds", state_seconds_since(n, v->since_ns));
	state_leaf(zebra, "socket", v->socket);
	state_leaf(zebra, "release", v->release);
	state_leaf(zebra, "dialect", v->dialect);
	state_leaf(zebra, "dialect-found-by", v->evidence);
	state_flag(zebra, "given-up", v->gave_up);
	add_router_id(zebra, v->router_id);
	state_leaf(zebra, "last-error", v->last_error);
	state_number(zebra, "routes", rib_count(n->deps.rib, RIB_FROM_ZEBRA));
	add_counters(zebra, v);
	state_number(zebra, "routes-added", v->routes_added);
	state_number(zebra, "routes-deleted", v->routes_deleted);
	state_number(zebra, "ignored", v->ignored);
	zclient_own_walk(n->deps.zclient, 0, visit_own, zebra);
	zclient_instances_walk(n->deps.zclient, visit_instance, &instances);
}

bool state_zebra(const struct netconf *n, const struct filter *f, struct state_at *at,
		 struct lyd_node *top)
{
	struct lyd_node *zebra = state_container(top, "zebra");
	struct zclient_view v = {.state = ZCLIENT_OFF};

	(void)f;
	(void)at;
	if (n->deps.zclient)
		zclient_view(n->deps.zclient, &v);
	state_leaf(zebra, "state", zclient_state_name(v.state));
	if (v.state != ZCLIENT_OFF)
		add_session(n, zebra, &v);
	return false;
}

/* ---- kernel tables ---- */

static bool visit_table(const struct learn_table_view *v, void *arg)
{
	struct lyd_node *node, *ignored;
	char table[16];

	snprintf(table, sizeof(table), "%u", v->table);
	node = state_entry(arg, "learn-table", table, NULL);
	state_number(node, "routes", v->routes);
	state_flag(node, "complete", v->complete);
	for (unsigned k = 0; k < KFOREIGN_KIND_COUNT; k++) {
		if (!v->ignored[k])
			continue;
		ignored = state_entry(node, "ignored", kforeign_kind_name(k), NULL);
		state_number(ignored, "announcements", v->ignored[k]);
	}
	return true;
}

bool state_learn_tables(const struct netconf *n, const struct filter *f,
			struct state_at *at, struct lyd_node *top)
{
	(void)f;
	(void)at;
	if (n->deps.learn)
		learn_walk(n->deps.learn, visit_table, top);
	return false;
}

bool state_learn_reads(const struct netconf *n, const struct filter *f,
		       struct state_at *at, struct lyd_node *top)
{
	uint64_t overruns, reads;
	struct lyd_node *node;

	(void)f;
	(void)at;
	if (!n->deps.learn)
		return false;
	learn_counts(n->deps.learn, &overruns, &reads);
	node = state_container(top, "learn-tables");
	state_number(node, "reads", reads);
	state_number(node, "overruns", overruns);
	return false;
}
