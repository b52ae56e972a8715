/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/confirm.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/netconf/change.h"
#include "wgrd/netconf/nacm/access.h"
#include "wgrd/netconf/op.h"
#include "wgrd/netconf/source.h"

enum {
	WHY_LEN = 512
};

static bool take(struct rpc *r)
{
	char why[WHY_LEN];

	if (!candidate_take(&r->n->candidate, why, sizeof(why)))
		return true;
	rpc_fail_simply(r, "in-use", "%s", why);
	return false;
}

/* RFC 8341 section 3.2.8: whoever made the edits, who commits must be allowed all of them. */
static bool may_commit(struct rpc *r)
{
	struct datastore_changes changes;
	bool may;

	datastore_changes(r->n->deps.datastore, &changes);
	may = access_may_change(r->s->nacm, changes.before, changes.after);
	datastore_changes_free(&changes);
	if (may)
		return true;
	rpc_fail_simply(r, "access-denied",
			"the candidate has changes that this user may not make");
	return false;
}

struct commit_origin op_origin(const struct rpc *r)
{
	struct commit_origin origin = {.from = "netconf"};

	snprintf(origin.user, sizeof(origin.user), "%.*s", COMMIT_LOG_USER_LEN - 1,
		 r->s->user);
	return origin;
}

bool op_make_commit(struct rpc *r, struct candidate *c)
{
	struct commit_origin origin = op_origin(r);
	char why[WHY_LEN];
	int err;

	datastore_set_origin(c->ds, &origin);
	err = candidate_commit(c, why, sizeof(why));
	if (err == -EBUSY)
		rpc_fail_simply(r, "in-use", "%s", why);
	else if (err)
		rpc_fail_refused(r, why);
	return !err;
}

static bool commit_candidate(struct rpc *r)
{
	struct candidate *c = &r->n->candidate;

	if (!c->edits.count)
		return true;
	if (!take(r) || !may_commit(r) || !op_make_commit(r, c))
		return false;
	candidate_drop(c);
	return true;
}

/* ---- confirmed commit: RFC 6241 section 8.4 ---- */

/* A request to commit, as it is written. */
struct terms {
	bool confirmed;
	unsigned seconds;
	const char *persist, *persist_id; /* NULL: not there */
	char persist_buf[CONFIRM_TOKEN_LEN], persist_id_buf[CONFIRM_TOKEN_LEN];
};

static void fail_param(struct rpc *r, const char *param, const char *why)
{
	rpc_fail(r, &(struct rpc_error){.type = "protocol",
					.tag = "invalid-value",
					.message = why,
					.bad_element = param});
}

static bool read_token(struct rpc *r, const char *param, char buf[CONFIRM_TOKEN_LEN],
		       const char **token)
{
	const struct xml_node *node = rpc_param(r, param);

	*token = node ? rpc_trim(node, buf, CONFIRM_TOKEN_LEN) : NULL;
	if (!node || (**token && strlen(node->text) < CONFIRM_TOKEN_LEN))
		return true;
	fail_param(r, param, "a token has 1 to 255 characters");
	return false;
}

static bool read_seconds(struct rpc *r, struct terms *t)
{
	char word[16], *end;
	const char *text = rpc_word(r, "confirm-timeout", word, sizeof(word));
	unsigned long seconds = text ? strtoul(text, &end, 10) : CONFIRM_SECONDS_DEFAULT;

	t->seconds = (unsigned)seconds;
	if (!text || (*text && !*end && seconds >= CONFIRM_SECONDS_MIN &&
		      seconds <= CONFIRM_SECONDS_MAX))
		return true;
	fail_param(r, "confirm-timeout", "not a number of seconds from 1 to 86400");
	return false;
}

static bool read_terms(struct rpc *r, struct terms *t)
{
	t->confirmed = rpc_param(r, "confirmed");
	if (!read_seconds(r, t) ||
	    !read_token(r, "persist", t->persist_buf, &t->persist) ||
	    !read_token(r, "persist-id", t->persist_id_buf, &t->persist_id))
		return false;
	if (!t->confirmed && (t->persist || rpc_param(r, "confirm-timeout"))) {
		rpc_fail_missing(r, NULL, "confirmed");
		return false;
	}
	return true;
}

/* Is there a trial that NETCONF began? */
static bool is_on_trial(const struct netconf *n)
{
	struct confirm_view v;

	return confirm_view(n->deps.confirm, &v) && v.base == n->trial_base;
}

/* Does the trial belong to this session, or to who knows this token? */
static bool may_end(struct rpc *r, const char *token)
{
	const void *session = r->n->trial_session == r->s ? &r->n->candidate : NULL;
	char why[WHY_LEN];
	int err = confirm_check(r->n->deps.confirm, session, token, why, sizeof(why));

	if (err && token)
		fail_param(r, "persist-id", why);
	else if (err)
		rpc_fail_simply(r, err == -EPERM ? "in-use" : "operation-failed", "%s",
				why);
	return !err;
}

static bool begin_trial(struct rpc *r, const struct terms *t)
{
	struct netconf *n = r->n;
	struct confirm_terms terms = {.seconds = t->seconds,
				      .session = &n->candidate,
				      .token = t->confirmed ? t->persist : t->persist_id,
				      .shown = t->persist_id};
	char by[SESSION_USER_LEN + 16], why[WHY_LEN];
	struct confirm_view v;

	snprintf(by, sizeof(by), "netconf of %s", r->s->user);
	terms.by = by;
	if (confirm_begin(n->deps.confirm, &terms, why, sizeof(why))) {
		rpc_fail_simply(r, "in-use", "%s", why);
		return false;
	}
	n->trial_session = r->s;
	if (confirm_view(n->deps.confirm, &v))
		n->trial_base = v.base;
	return true;
}

static void commit_on_trial(struct rpc *r, const struct terms *t)
{
	struct netconf *n = r->n;
	struct confirm_view before;
	bool was_open = confirm_view(n->deps.confirm, &before), joins = is_on_trial(n);

	if ((joins && !may_end(r, t->persist_id)) || !begin_trial(r, t))
		return;
	if (!commit_candidate(r)) {
		if (!was_open)
			confirm_forget(n->deps.confirm); /* nothing came of it */
		return;
	}
	if (t->confirmed)
		return;
	confirm_keep(n->deps.confirm);
	n->trial_session = NULL;
}

void op_commit(struct rpc *r)
{
	struct terms t;

	if (!op_may_write(r, TARGET_RUNNING) || !op_may_write(r, TARGET_CANDIDATE) ||
	    !read_terms(r, &t))
		return;
	if (t.confirmed || is_on_trial(r->n))
		commit_on_trial(r, &t);
	else if (t.persist_id)
		fail_param(r, "persist-id", "there is nothing on trial");
	else
		(void)!commit_candidate(r);
}

void op_cancel_commit(struct rpc *r)
{
	struct commit_origin origin = op_origin(r);
	char buf[CONFIRM_TOKEN_LEN], why[WHY_LEN];
	const char *token;

	if (!read_token(r, "persist-id", buf, &token) || !may_end(r, token))
		return;
	if (confirm_revert(r->n->deps.confirm, &origin, why, sizeof(why)))
		rpc_fail_refused(r, why);
	else
		r->n->trial_session = NULL;
}

void op_discard_changes(struct rpc *r)
{
	if (op_may_write(r, TARGET_CANDIDATE))
		candidate_drop(&r->n->candidate);
}

/* ---- validate ---- */

static void validate_here(struct rpc *r)
{
	char why[WHY_LEN];

	if (datastore_validate(r->n->deps.datastore, why, sizeof(why)))
		rpc_fail_refused(r, why);
}

/* A configuration that comes with the request. */
static void validate_given(struct rpc *r, const struct xml_node *config)
{
	struct candidate c = {.ds = r->n->deps.datastore, .owner = r->n};
	struct edits edits = {0};
	char why[WHY_LEN];
	bool ok = false;

	change_plan(r, config, NULL, CHANGE_REPLACE, &edits);
	if (!r->error_count) {
		ok = !candidate_take(&c, why, sizeof(why)) &&
		     !datastore_start_empty(c.ds);
		datastore_hold(c.ds, &c);
		for (size_t i = 0; ok && i < edits.count; i++)
			ok = !candidate_edit(&c, &edits.edit[i], why, sizeof(why));
		if (ok)
			validate_here(r);
		else
			rpc_fail_refused(r, why);
	}
	candidate_drop(&c);
	edits_fini(&edits);
}

void op_validate(struct rpc *r)
{
	const struct xml_node *config = rpc_config(rpc_param(r, "source"));
	struct source_copy copy;
	enum netconf_target from;

	if (config) {
		validate_given(r, config);
		return;
	}
	if (!op_target(r, "source", &from))
		return;
	if (from == TARGET_STARTUP && source_copy(r, from, &copy)) {
		validate_given(r, copy.config);
		source_copy_free(&copy);
	}
	if (from == TARGET_CANDIDATE && r->n->candidate.edits.count && take(r))
		validate_here(r);
	/* running is what has been found right */
}
