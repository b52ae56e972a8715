/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/state.h"

#include <libyang/libyang.h>

#include "wgrd/fib/fib.h"
#include "wgrd/netconf/state_node.h"

static bool add_system(const struct netconf *n, const struct filter *f,
		       struct state_at *at, struct lyd_node *top)
{
	struct lyd_node *system = state_container(top, "system");

	(void)f;
	(void)at;
	state_leaf(system, "version", n->deps.version);
	state_number(system, "uptime-seconds", state_seconds_since(n, n->started_ns));
	return false;
}

static bool add_installed(const struct netconf *n, const struct filter *f,
			  struct state_at *at, struct lyd_node *top)
{
	struct lyd_node *node = state_container(top, "installed");
	struct fib_view v;

	(void)f;
	(void)at;
	fib_view(n->deps.fib, &v);
	state_number(node, "permissions", v.permissions);
	state_number(node, "routes", v.routes);
	state_number(node, "rules", v.rules);
	state_number(node, "advertised", v.advertised);
	state_number(node, "pending", v.pending);
	state_number(node, "failed", v.failed);
	state_number(node, "adopted", v.adopted);
	state_number(node, "orphans-removed", v.orphans_removed);
	state_number(node, "put-back", v.put_back);
	state_number(node, "resyncs", v.resyncs);
	return false;
}

static const struct {
	const char *name;
	state_part *add;
} parts[] = {
	{"system", add_system},
	{"interface", state_interfaces},
	{"peer", state_peers},
	{"tenant", state_tenants},
	{"route", state_routes},
	{"permission", state_permissions},
	{"learn-table", state_learn_tables},
	{"learn-tables", state_learn_reads},
	{"installed", add_installed},
	{"zebra", state_zebra},
	{"dataplane", state_dataplane},
	{"commit", state_commits},
	{"trial", state_trial},
};

static bool is_wanted(const struct filter *f, unsigned part)
{
	return filter_wants(f, STATE_TOP) &&
	       filter_wants_in(f, STATE_TOP, parts[part].name);
}

bool state_slice(struct netconf *n, const struct filter *f, struct state_at *at,
		 struct lyd_node **top)
{
	while (at->part < ARRAY_SIZE(parts) && !is_wanted(f, at->part))
		at->part++;
	if (at->part == ARRAY_SIZE(parts))
		return false;
	if (!*top)
		state_top(n, "wgrd-state", STATE_TOP, top);
	if (!parts[at->part].add(n, f, at, *top))
		*at = (struct state_at){.part = at->part + 1};
	return true;
}

static void add_library(const struct netconf *n, struct lyd_node **out)
{
	struct ly_ctx *ctx = netconf_ctx(n);
	struct lyd_node *library = NULL;

	if (!ly_ctx_get_yanglib_data(ctx, &library, "%u",
				     (unsigned)ly_ctx_get_change_count(ctx)))
		lyd_insert_sibling(*out, library, out);
}

void state_others(struct netconf *n, const struct filter *f, struct lyd_node **out)
{
	if (filter_wants(f, "netconf-state"))
		state_monitoring(n, out);
	if (filter_wants(f, "netconf"))
		state_streams(n, out);
	if (filter_wants(f, "yang-library") || filter_wants(f, "modules-state"))
		add_library(n, out);
}
