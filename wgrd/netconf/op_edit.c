/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wgrd/cli/cli.h"
#include "wgrd/conf/confirm.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/netconf/change.h"
#include "wgrd/netconf/op.h"
#include "wgrd/netconf/report.h"
#include "wgrd/netconf/source.h"

enum {
	WHY_LEN = 512
};

/* ---- edit-config's options: RFC 6241 section 7.2 ---- */

struct edit_options {
	enum netconf_target target;
	enum change_op op;
	bool test, set; /* test-option */
	bool go_on;     /* error-option continue-on-error */
};

static bool is_one_of(const char *const *words, const char *word, unsigned *which)
{
	for (*which = 0; words[*which]; ++*which)
		if (!strcmp(words[*which], word))
			return true;
	return false;
}

/* The number of the word that the parameter says, 0 when it is not there. */
static bool read_choice(struct rpc *r, const char *param, const char *const *words,
			unsigned *which)
{
	char buf[32], message[100];
	const char *word = rpc_word(r, param, buf, sizeof(buf));

	*which = 0;
	if (!word || is_one_of(words, word, which))
		return true;
	snprintf(message, sizeof(message), "%s cannot be that", param);
	rpc_fail(r, &(struct rpc_error){.type = "protocol",
					.tag = "invalid-value",
					.message = message,
					.bad_element = param});
	return false;
}

static bool read_default_op(struct rpc *r, enum change_op *op)
{
	static const char *const ops[] = {"merge", "replace", "none", NULL};
	static const enum change_op op_of[] = {CHANGE_MERGE, CHANGE_REPLACE, CHANGE_NONE};
	unsigned which;

	if (!read_choice(r, "default-operation", ops, &which))
		return false;
	*op = op_of[which];
	return true;
}

static bool read_options(struct rpc *r, struct edit_options *o)
{
	static const char *const tests[] = {"test-then-set", "set", "test-only", NULL};
	static const char *const errors[] = {"stop-on-error", "continue-on-error",
					     "rollback-on-error", NULL};
	unsigned test, error;

	if (!op_target(r, "target", &o->target) || !read_default_op(r, &o->op) ||
	    !read_choice(r, "test-option", tests, &test) ||
	    !read_choice(r, "error-option", errors, &error))
		return false;
	o->set = test != 2;
	/* Only when it is said: edits of a candidate may come in an order of their own. */
	o->test = test == 2 || (test == 0 && rpc_param(r, "test-option"));
	o->go_on = error == 1;
	if (o->target != TARGET_STARTUP)
		return true;
	rpc_fail(r,
		 &(struct rpc_error){.type = "protocol",
				     .tag = "operation-not-supported",
				     .message = "startup is not edited: edit running and "
						"copy it",
				     .bad_element = "startup"});
	return false;
}

/* ---- edits ---- */

static bool make_edits(struct rpc *r, struct candidate *c, const struct edits *edits)
{
	char why[WHY_LEN];

	if (candidate_take(c, why, sizeof(why))) {
		rpc_fail_simply(r, "in-use", "%s", why);
		return false;
	}
	for (size_t i = 0; i < edits->count; i++) {
		if (!candidate_edit(c, &edits->edit[i], why, sizeof(why)))
			continue;
		rpc_fail_refused(r, why);
		return false;
	}
	return true;
}

/* What was remembered comes back without these edits. */
static void undo(struct candidate *c)
{
	candidate_release(c);
}

static bool test(struct rpc *r)
{
	char why[WHY_LEN];

	if (!datastore_validate(r->n->deps.datastore, why, sizeof(why)))
		return true;
	rpc_fail_refused(r, why);
	return false;
}

static void edit_candidate(struct rpc *r, const struct edit_options *o,
			   const struct edits *edits)
{
	struct candidate *c = &r->n->candidate;

	if (!make_edits(r, c, edits) || (o->test && !test(r)) || !o->set) {
		undo(c);
		return;
	}
	for (size_t i = 0; i < edits->count; i++)
		candidate_remember(c, &edits->edit[i]);
}

static void edit_running(struct rpc *r, const struct edit_options *o,
			 const struct edits *edits)
{
	struct candidate c = {.ds = r->n->deps.datastore, .owner = r->n};

	if (make_edits(r, &c, edits)) {
		if (!o->set)
			test(r);
		else
			(void)!op_make_commit(r, &c);
	}
	candidate_drop(&c);
}

static void edit(struct rpc *r, const struct edit_options *o,
		 const struct xml_node *config)
{
	struct edits edits = {0};
	struct source now;

	if (!source_open(r, o->target, &now))
		return;
	change_plan(r, config, now.tree, o->op, &edits);
	source_close(&now);
	if ((!r->error_count || o->go_on) && edits.count) {
		if (o->target == TARGET_CANDIDATE)
			edit_candidate(r, o, &edits);
		else
			edit_running(r, o, &edits);
	}
	edits_fini(&edits);
}

void op_edit_config(struct rpc *r)
{
	const struct xml_node *config = rpc_config(r->op);
	struct edit_options o;

	if (!read_options(r, &o) || !op_may_write(r, o.target))
		return;
	if (config)
		edit(r, &o, config);
	else
		rpc_fail_missing(r, NULL, "config");
}

/* RFC 8526 section 3.1.2 */
void op_edit_data(struct rpc *r)
{
	const struct xml_node *config = rpc_config(r->op) ?: rpc_param(r, "config");
	struct edit_options o = {.set = true};

	if (!op_datastore(r, &o.target) || !read_default_op(r, &o.op))
		return;
	if (o.target != TARGET_RUNNING && o.target != TARGET_CANDIDATE)
		rpc_fail(r, &(struct rpc_error){.type = "protocol",
						.tag = "invalid-value",
						.message = "running and candidate can be "
							   "edited",
						.bad_element = "datastore"});
	else if (!config)
		rpc_fail_missing(r, NULL, "config");
	else if (op_may_write(r, o.target))
		edit(r, &o, config);
}

/* ---- copy-config, delete-config ---- */

static void save(struct rpc *r)
{
	struct confirm_view trial;
	char why[WHY_LEN];

	/* A restart goes back to what was saved, and is to go back to what was before. */
	if (confirm_view(r->n->deps.confirm, &trial))
		rpc_fail_simply(
			r, "in-use",
			"what %s committed is on trial: confirm it before saving it",
			trial.by);
	else if (config_save(r->n->deps.cli, r->n->deps.config_path, why, sizeof(why)))
		rpc_fail_simply(r, "operation-failed", "%s", why);
	else
		report_saved(r->s);
}

static void copy_between(struct rpc *r, enum netconf_target from, enum netconf_target to)
{
	const struct edit_options o = {.target = to, .op = CHANGE_REPLACE, .set = true};
	struct source_copy copy;

	if (to == TARGET_STARTUP && from == TARGET_RUNNING) {
		save(r);
		return;
	}
	if (to == TARGET_STARTUP) {
		rpc_fail_simply(r, "operation-not-supported",
				"startup is what running is: commit first");
		return;
	}
	if (from == TARGET_RUNNING) { /* then the candidate is to be what running is */
		candidate_drop(&r->n->candidate);
		return;
	}
	if (!source_copy(r, from, &copy))
		return;
	edit(r, &o, copy.config);
	source_copy_free(&copy);
}

void op_copy_config(struct rpc *r)
{
	const struct xml_node *config = rpc_config(rpc_param(r, "source"));
	struct edit_options o = {.op = CHANGE_REPLACE, .set = true};
	enum netconf_target from;

	if (!op_target(r, "target", &o.target) || !op_may_write(r, o.target))
		return;
	if (config && o.target == TARGET_STARTUP) {
		rpc_fail_simply(r, "operation-not-supported",
				"startup is what running is: copy to running first");
	} else if (config) {
		edit(r, &o, config);
	} else if (op_target(r, "source", &from)) {
		if (from == o.target)
			rpc_fail_simply(r, "invalid-value",
					"source and target are the same");
		else
			copy_between(r, from, o.target);
	}
}

void op_delete_config(struct rpc *r)
{
	const char *path = r->n->deps.config_path;
	enum netconf_target target;

	if (!op_target(r, "target", &target) || !op_may_write(r, target))
		return;
	if (target != TARGET_STARTUP)
		rpc_fail_simply(r, "operation-not-supported",
				"only startup can be deleted");
	else if (unlink(path) && errno != ENOENT)
		rpc_fail_simply(r, "operation-failed", "%s: %s", path, strerror(errno));
}
