/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/confirm.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/lib/log.h"
#include "wgrd/netconf/op.h"

/* ---- locks: RFC 6241 section 7.5 ---- */

/* Other front ends edit running; they find the lock in the datastore. */
static void set_lock(struct netconf *n, enum netconf_target target,
		     struct netconf_session *holder)
{
	char who[SESSION_USER_LEN + 40];

	n->lock[target] = (struct netconf_lock){holder, time(NULL)};
	if (target != TARGET_RUNNING)
		return;
	if (!holder) {
		datastore_unlock(n->deps.datastore);
		return;
	}
	snprintf(who, sizeof(who), "NETCONF session %u of %s", holder->id, holder->user);
	datastore_lock(n->deps.datastore, n, who);
}

static void deny_lock(struct rpc *r, uint32_t session_id, const char *why)
{
	rpc_fail(r, &(struct rpc_error){.type = "protocol",
					.tag = "lock-denied",
					.message = why,
					.session_id = &session_id});
}

void op_lock(struct rpc *r)
{
	const struct netconf_session *holder;
	enum netconf_target target;
	char why[SESSION_USER_LEN + 64];

	if (!op_target(r, "target", &target))
		return;
	holder = r->n->lock[target].holder;
	if (holder) {
		snprintf(why, sizeof(why), "session %u of %s has this lock", holder->id,
			 holder->user);
		deny_lock(r, holder->id, why);
	} else if (target == TARGET_CANDIDATE && r->n->candidate.edits.count) {
		deny_lock(r, 0,
			  "there are changes that are not committed; "
			  "discard-changes drops them");
	} else {
		set_lock(r->n, target, r->s);
	}
}

void op_unlock(struct rpc *r)
{
	enum netconf_target target;

	if (!op_target(r, "target", &target))
		return;
	if (r->n->lock[target].holder == r->s)
		set_lock(r->n, target, NULL);
	else
		rpc_fail(r,
			 &(struct rpc_error){.type = "protocol",
					     .tag = "operation-failed",
					     .message = "this session has no such lock"});
}

void op_session_gone(struct netconf_session *s)
{
	struct netconf *n = s->n;

	/* RFC 6241 section 8.3.5.2: who locked the candidate takes its changes along. */
	if (n->lock[TARGET_CANDIDATE].holder == s)
		candidate_drop(&n->candidate);
	for (unsigned i = 0; i < TARGET_COUNT; i++)
		if (n->lock[i].holder == s)
			set_lock(n, i, NULL);
	if (n->trial_session == s) {
		n->trial_session = NULL;
		confirm_session_ended(n->deps.confirm, &n->candidate);
	}
}

/* ---- ends ---- */

void op_close_session(struct rpc *r)
{
	r->last = true;
}

void op_kill_session(struct rpc *r)
{
	struct netconf_session *other;
	char word[16], *end;
	unsigned long id;

	rpc_word(r, "session-id", word, sizeof(word));
	id = strtoul(word, &end, 10);
	other = *word && !*end && id <= UINT32_MAX
			? netconf_session_find(r->n, (uint32_t)id)
			: NULL;
	if (!other || other == r->s) {
		rpc_fail(r, &(struct rpc_error){
				    .type = "protocol",
				    .tag = "invalid-value",
				    .message = other ? "close-session ends this session"
						     : "there is no such session",
				    .bad_element = "session-id"});
		return;
	}
	log_notice(LOG_MGMT, "netconf session %u of %s: killed by session %u of %s",
		   other->id, other->user, r->s->id, r->s->user);
	other->ending = "killed";
	other->killed_by = r->s->id;
	netconf_session_end(other);
	r->n->current = r->s;
}
