/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The ladder of a commit: validate, build, check, prepare, apply, note. */
#include <inttypes.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/conf_build.h"
#include "wgrd/conf/datastore_priv.h"
#include "wgrd/conf/draft.h"
#include "wgrd/conf/validate.h"
#include "wgrd/lib/log.h"

/* Has the model something against it? Its part of the rules is checked at each edit. */
static int validate_whole(struct datastore *ds)
{
	if (!lyd_validate_module(&ds->whole, ds->module, LYD_VALIDATE_NO_STATE, NULL))
		return 0;
	return refuse(&ds->refusal, &(struct refusal_at){0},
		      "the model refuses this configuration: %s %s",
		      ly_errmsg(ds->ctx) ?: "", ly_errpath(ds->ctx) ?: "");
}

/* Our own rules first, because they speak in sentences; then the model has its say. */
static int build_candidate(struct datastore *ds, struct conf **out)
{
	struct lyd_node **tree = ds_candidate_tree(ds);
	const struct edit e = ds_edit_of(ds, tree);
	struct refusal *r = &ds->refusal;
	int err = edit_begin(&e);

	if (!err && ds->is_whole)
		err = conf_build(*tree, out, r);
	else if (!err)
		err = conf_rebuild(*tree, ds->draft, ds->conf, out, r);
	if (err)
		return err;
	conf_share(*out, ds->conf);
	err = conf_validate(ds->conf, *out, &ds->claims, r);
	if (!err && ds->is_whole)
		err = validate_whole(ds);
	if (err) {
		claims_undo(&ds->claims);
		conf_release(*out, ds->conf);
	}
	return err;
}

static int ask_subscribers(struct datastore *ds, struct conf *new)
{
	struct refusal *r = &ds->refusal;
	struct conf_outcome outcome;
	int err;

	new->serial = ds->conf->serial + 1;
	ds->committing = true;
	err = conf_commit_at(ds->subs, ds->sub_count, ds->conf, new, &outcome, r->why,
			     sizeof(r->why));
	ds->committing = false;
	refusal_set_node(r, &outcome.refused);
	memcpy(ds->notice, outcome.notice, sizeof(ds->notice));
	return err;
}

/* The line of the edit that made the refused node, which is still in the candidate. */
static unsigned find_refused_line(const struct datastore *ds)
{
	const struct refusal *r = &ds->refusal;
	const struct lyd_node *node = NULL;

	if (r->path[0] != '\0')
		node = edit_find(ds->module, datastore_candidate(ds), r->path,
				 r->value[0] != '\0' ? r->value : NULL);
	return node ? edit_line(node) : 0;
}

void datastore_set_origin(struct datastore *ds, const struct commit_origin *origin)
{
	ds->origin = *origin;
}

void datastore_guard(struct datastore *ds, datastore_guard_fn guard, void *arg)
{
	ds->guard = guard;
	ds->guard_arg = arg;
}

/* Before anything is built: the answer may be no for reasons of its own. */
static int ask_guard(struct datastore *ds)
{
	struct refusal *r = &ds->refusal;

	if (!ds->guard)
		return 0;
	refusal_set_node(r, &(struct refusal_at){0});
	return ds->guard(ds->guard_arg, ds->holder, r->why, sizeof(r->why));
}

static int put_in_force(struct datastore *ds)
{
	struct conf *new;
	int err = ask_guard(ds);

	if (!err)
		err = build_candidate(ds, &new);
	if (err)
		return err;
	err = ask_subscribers(ds, new);
	if (err)
		claims_undo(&ds->claims);
	else
		claims_keep(&ds->claims);
	conf_release(err ? new : ds->conf, err ? ds->conf : new);
	if (!err)
		ds->conf = new;
	return err;
}

static void note_commit(struct datastore *ds, bool is_first)
{
	size_t len = strlen(ds->notice);
	struct datastore_changes changes;
	const char *trouble;

	if (is_first) {
		commit_log_begin(ds->history, &ds->origin, datastore_candidate(ds));
	} else {
		datastore_changes(ds, &changes);
		commit_log_add(ds->history, &ds->origin, changes.before, changes.after);
		datastore_changes_free(&changes);
	}
	trouble = commit_log_trouble(ds->history);
	if (*trouble)
		snprintf(ds->notice + len, sizeof(ds->notice) - len,
			 "%sthe commit is in force, but not in the history: %s",
			 len ? "; " : "", trouble);
}

/* Lines are of the candidate's file, not of what is in force. */
static void forget_lines(struct datastore *ds)
{
	struct draft_object *v;
	size_t count;

	if (!ds->has_lines)
		return;
	if (ds->is_whole) {
		edit_forget_lines(ds->whole);
		return;
	}
	v = draft_objects(ds->draft, &count);
	for (size_t i = 0; i < count; i++) {
		struct lyd_node *node = draft_find(ds->running, &v[i].name);

		if (node)
			edit_forget_lines(node);
	}
	free(v);
}

/* It is running now. Who was told of the commit may have looked at what was before. */
static void accept_candidate(struct datastore *ds)
{
	if (!ds->is_whole)
		ds_show_draft(ds, true);
	forget_lines(ds);
	if (ds->is_whole) {
		lyd_free_tree(ds->running);
		ds->running = ds->whole;
		ds->whole = NULL;
	}
	ds_forget_candidate(ds);
}

int datastore_commit(struct datastore *ds, char *why, size_t why_len)
{
	bool is_first = ds->conf->serial == 0;
	int err;

	if (ds->committing) {
		err = ds_refuse_busy(ds);
		ds_note_refusal(ds, 0, why, why_len);
		return err;
	}
	ds->notice[0] = '\0';
	if (!ds->open)
		return 0;
	err = put_in_force(ds);
	if (err) {
		ds_note_refusal(ds, find_refused_line(ds), why, why_len);
		ds_close_candidate(ds);
	} else {
		note_commit(ds, is_first);
		accept_candidate(ds);
	}
	ds->origin = (struct commit_origin){0};
	if (err)
		return err;
	log_debug(LOG_CONF, "configuration %" PRIu64 " is in force", ds->conf->serial);
	if (ds->notice[0])
		log_notice(LOG_CONF, "%s", ds->notice);
	return 0;
}

struct commit_log *datastore_commit_log(const struct datastore *ds)
{
	return ds->history;
}

int datastore_validate(struct datastore *ds, char *why, size_t why_len)
{
	struct conf *new;
	int err = ds->committing ? ds_refuse_busy(ds) : 0;

	if (!err && !ds->open)
		return 0; /* running is right */
	if (!err)
		err = build_candidate(ds, &new);
	if (err) {
		ds_note_refusal(ds, 0, why, why_len);
		return err;
	}
	err = conf_check(ds->subs, ds->sub_count, new, ds->refusal.why,
			 sizeof(ds->refusal.why));
	claims_undo(&ds->claims);
	conf_release(new, ds->conf);
	if (err) {
		refusal_set_node(&ds->refusal, &(struct refusal_at){0});
		ds_note_refusal(ds, 0, why, why_len);
	}
	return err;
}

const char *datastore_notice(const struct datastore *ds)
{
	return ds->notice;
}
