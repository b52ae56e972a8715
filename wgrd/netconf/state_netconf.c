/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libyang/libyang.h>
#include <stdio.h>

#include "wgrd/netconf/hello.h"
#include "wgrd/netconf/nacm/nacm.h"
#include "wgrd/netconf/session.h"
#include "wgrd/netconf/state_node.h"

/* ietf-netconf-monitoring: RFC 6022 section 2 */

static bool add_capability(const char *uri, void *arg)
{
	state_leaf(arg, "capability", uri);
	return true;
}

static void add_datastore(const struct netconf *n, struct lyd_node *list,
			  const char *name, enum netconf_target target)
{
	const struct netconf_lock *lock = &n->lock[target];
	struct lyd_node *node = state_entry(list, "datastore", name, NULL);

	if (!lock->holder)
		return;
	node = state_container(state_container(node, "locks"), "global-lock");
	state_number(node, "locked-by-session", lock->holder->id);
	state_time(node, "locked-time", lock->since);
}

static void add_datastores(const struct netconf *n, struct lyd_node *top)
{
	struct lyd_node *list = state_container(top, "datastores");

	add_datastore(n, list, "running", TARGET_RUNNING);
	add_datastore(n, list, "candidate", TARGET_CANDIDATE);
	add_datastore(n, list, "startup", TARGET_STARTUP);
}

static void add_schemas(const struct ly_ctx *ctx, struct lyd_node *top)
{
	struct lyd_node *list = state_container(top, "schemas"), *node;
	const struct lys_module *m;
	uint32_t index = 0;

	while ((m = ly_ctx_get_module_iter(ctx, &index))) {
		node = NULL;
		if (lyd_new_list(list, NULL, "schema", 0, &node, m->name,
				 m->revision ?: "", "ietf-netconf-monitoring:yang"))
			continue;
		state_leaf(node, "namespace", m->ns);
		state_leaf(node, "location", "NETCONF");
	}
}

static void add_session(const struct netconf_session *s, struct lyd_node *list)
{
	struct lyd_node *node;
	char id[16];

	snprintf(id, sizeof(id), "%u", s->id);
	node = state_entry(list, "session", id, NULL);
	state_leaf(node, "transport", "ietf-netconf-monitoring:netconf-ssh");
	state_leaf(node, "username", s->user);
	state_time(node, "login-time", s->since);
	state_number(node, "in-rpcs", s->rpcs);
	state_number(node, "in-bad-rpcs", s->bad_rpcs);
	state_number(node, "out-rpc-errors", s->errors);
	state_number(node, "out-notifications", s->notifications);
}

static void add_statistics(const struct netconf *n, struct lyd_node *top)
{
	struct lyd_node *node = state_container(top, "statistics");

	state_time(node, "netconf-start-time", n->started);
	state_number(node, "in-bad-hellos", n->bad_hellos);
	state_number(node, "in-sessions", n->sessions_in);
	state_number(node, "dropped-sessions", n->dropped_sessions);
	state_number(node, "in-rpcs", n->rpcs);
	state_number(node, "in-bad-rpcs", n->bad_rpcs);
	state_number(node, "out-rpc-errors", n->errors);
	state_number(node, "out-notifications", n->notifications);
}

void state_monitoring(const struct netconf *n, struct lyd_node **out)
{
	struct lyd_node *top =
		state_top(n, "ietf-netconf-monitoring", "netconf-state", out);
	struct lyd_node *sessions;

	hello_walk_capabilities(n, add_capability, state_container(top, "capabilities"));
	add_datastores(n, top);
	add_schemas(netconf_ctx(n), top);
	sessions = state_container(top, "sessions");
	for (const struct netconf_session *s = n->sessions; s; s = s->next)
		if (s->greeted)
			add_session(s, sessions);
	add_statistics(n, top);
}

/* nc-notifications: RFC 5277 section 3.4 */
void state_streams(const struct netconf *n, struct lyd_node **out)
{
	struct lyd_node *top = state_top(n, "nc-notifications", "netconf", out);
	struct lyd_node *stream =
		state_entry(state_container(top, "streams"), "stream", "NETCONF", NULL);

	state_leaf(stream, "description", "All events of the daemon.");
	state_leaf(stream, "replaySupport", "true");
	state_time(stream, "replayLogCreationTime", n->started);
}

/* ietf-netconf-acm: RFC 8341 section 3.5. The rules are those that were read. */
struct lyd_node *state_access(const struct netconf *n)
{
	const struct lyd_node *rules = nacm_tree(n->nacm);
	struct lyd_node *nacm = NULL;

	if (rules)
		(void)!lyd_dup_single(rules, NULL, LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS,
				      &nacm);
	else
		state_top(n, "ietf-netconf-acm", "nacm", &nacm);
	state_number(nacm, "denied-operations", n->denied_operations);
	state_number(nacm, "denied-data-writes", n->denied_writes);
	state_number(nacm, "denied-notifications", n->denied_notifications);
	return nacm;
}
