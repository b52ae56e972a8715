/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "wgrd/conf/commit_log.h"
#include "wgrd/conf/confirm.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/netconf/state_node.h"

/* What was committed. */

static void add_commit(struct lyd_node *top, const struct commit_record *r)
{
	char number[24];
	struct lyd_node *node;

	snprintf(number, sizeof(number), "%" PRIu64, r->id);
	node = state_entry(top, "commit", number, NULL);
	state_time(node, "time", (time_t)r->when);
	state_leaf(node, "user", r->origin.user);
	state_leaf(node, "from", r->origin.from);
	state_number(node, "added", edits_count_set(&r->forward));
	state_number(node, "removed", edits_count_set(&r->back));
}

bool state_commits(const struct netconf *n, const struct filter *f, struct state_at *at,
		   struct lyd_node *top)
{
	const struct commit_log *h = datastore_commit_log(n->deps.datastore);

	(void)f;
	(void)at;
	for (size_t i = 0; i < commit_log_count(h); i++)
		add_commit(top, commit_log_get(h, i));
	return false;
}

bool state_trial(const struct netconf *n, const struct filter *f, struct state_at *at,
		 struct lyd_node *top)
{
	struct confirm_view v;
	struct lyd_node *node;

	(void)f;
	(void)at;
	if (!confirm_view(n->deps.confirm, &v))
		return false;
	node = state_container(top, "trial");
	state_number(node, "back-to", v.base);
	state_number(node, "seconds-left", v.left_s);
	state_leaf(node, "by", v.by);
	return false;
}
