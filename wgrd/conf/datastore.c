/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/datastore.h"

#include <assert.h>
#include <errno.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/datastore_priv.h"
#include "wgrd/conf/draft.h"

/* ---- life ---- */

int datastore_new(const char *yang_dir, struct datastore **out, char *why, size_t why_len)
{
	struct datastore *ds = xcalloc(1, sizeof(*ds));

	/* Process-wide: libyang's messages are kept for us to ask, not printed. */
	ly_log_options(LY_LOSTORE_LAST);
	if (ly_ctx_new(yang_dir, LY_CTX_DISABLE_SEARCHDIR_CWD | LY_CTX_SET_PRIV_PARSED,
		       &ds->ctx)) {
		snprintf(why, why_len, "%s: not a directory with YANG modules", yang_dir);
		goto free_ds;
	}
	ds->module = ly_ctx_load_module(ds->ctx, "wgrd", NULL, NULL);
	if (!ds->module) {
		snprintf(why, why_len, "%s: the model wgrd.yang cannot be loaded: %s",
			 yang_dir, ly_errmsg(ds->ctx) ?: "unknown reason");
		goto free_ctx;
	}
	ds->conf = xcalloc(1, sizeof(*ds->conf));
	ds->draft = xcalloc(1, sizeof(*ds->draft));
	ds->history = commit_log_new();
	*out = ds;
	return 0;

free_ctx:
	ly_ctx_destroy(ds->ctx);
free_ds:
	free(ds);
	return -ENOENT;
}

int datastore_load_module(struct datastore *ds, const char *name,
			  const char *const *features, char *why, size_t why_len)
{
	assert(!ds->running && !ds->open);
	ly_err_clean(ds->ctx, NULL);
	if (ly_ctx_load_module(ds->ctx, name, NULL, (const char **)features))
		return 0;
	snprintf(why, why_len, "the model %s.yang cannot be loaded: %s", name,
		 ly_errmsg(ds->ctx) ?: "unknown reason");
	return -ENOENT;
}

void datastore_free(struct datastore *ds)
{
	if (!ds)
		return;
	draft_keep(ds->draft);
	free(ds->draft);
	lyd_free_tree(ds->whole);
	lyd_free_tree(ds->running);
	ly_ctx_destroy(ds->ctx);
	claims_free(&ds->claims);
	conf_free(ds->conf);
	commit_log_free(ds->history);
	free(ds->subs);
	free(ds);
}

void datastore_subscribe(struct datastore *ds, const struct conf_subsys *ops, void *ctx)
{
	ds->subs = xrealloc(ds->subs, ds->sub_count + 1, sizeof(*ds->subs));
	ds->subs[ds->sub_count++] = (struct conf_subscriber){.ops = ops, .ctx = ctx};
}

const struct conf *datastore_conf(const struct datastore *ds)
{
	return ds->conf;
}

/* ---- candidate ---- */

int ds_refuse_busy(struct datastore *ds)
{
	refuse(&ds->refusal, &(struct refusal_at){0},
	       "another commit is running; try again when it has ended");
	return -EBUSY;
}

static int open_candidate(struct datastore *ds)
{
	if (ds->committing)
		return ds_refuse_busy(ds);
	if (!ds->open)
		ds->is_whole = !ds->running;
	ds->open = true;
	return 0;
}

void ds_show_draft(const struct datastore *ds, bool edited)
{
	if (ds->running && ds->draft->swapped == edited)
		draft_swap(ds->draft, ds->running);
}

struct lyd_node **ds_candidate_tree(struct datastore *ds)
{
	if (ds->is_whole)
		return &ds->whole;
	ds_show_draft(ds, true);
	return &ds->running;
}

void ds_forget_candidate(struct datastore *ds)
{
	draft_keep(ds->draft);
	lyd_free_tree(ds->whole);
	ds->whole = NULL;
	ds->open = ds->is_whole = ds->has_lines = false;
	ds->holder = NULL;
}

void ds_close_candidate(struct datastore *ds)
{
	ds_show_draft(ds, false);
	ds_forget_candidate(ds);
}

void datastore_discard(struct datastore *ds)
{
	if (!ds->committing)
		ds_close_candidate(ds);
}

int datastore_start_empty(struct datastore *ds)
{
	if (ds->committing)
		return -EBUSY;
	ds_close_candidate(ds);
	ds->open = ds->is_whole = true;
	return 0;
}

bool datastore_candidate_open(const struct datastore *ds)
{
	return ds->open;
}

void datastore_lock(struct datastore *ds, const void *owner, const char *who)
{
	ds->owner = owner;
	snprintf(ds->owner_name, sizeof(ds->owner_name), "%s", who);
}

void datastore_unlock(struct datastore *ds)
{
	ds->owner = NULL;
}

const void *datastore_owner(const struct datastore *ds)
{
	return ds->owner;
}

const char *datastore_owner_name(const struct datastore *ds)
{
	return ds->owner_name;
}

void datastore_hold(struct datastore *ds, const void *holder)
{
	ds->holder = holder;
}

const void *datastore_holder(const struct datastore *ds)
{
	return ds->holder;
}

/* The name of the last step of @path, without its key; a key may have a slash in it. */
static void last_word(const char *path, char *word, size_t size)
{
	const char *from = path;
	bool quoted = false;

	for (const char *p = path; *p; p++) {
		if (*p == '\'')
			quoted = !quoted;
		else if (*p == '/' && !quoted)
			from = p + 1;
	}
	snprintf(word, size, "%.*s", (int)strcspn(from, "["), from);
}

void ds_note_refusal(struct datastore *ds, unsigned line, char *why, size_t why_len)
{
	snprintf(why, why_len, "%s", ds->refusal.why);
	last_word(ds->refusal.path, ds->refused_word, sizeof(ds->refused_word));
	ds->refused_line = line;
}

struct edit ds_edit_of(struct datastore *ds, struct lyd_node **tree)
{
	return (struct edit){
		.module = ds->module,
		.tree = tree,
		.draft = ds->is_whole ? NULL : ds->draft,
		.line = ds->line,
		.refusal = &ds->refusal,
	};
}

static int edit(struct datastore *ds,
		int (*how)(const struct edit *, const char *, const char *),
		const char *path, const char *value, char *why, size_t why_len)
{
	bool was_open = ds->open;
	int err = open_candidate(ds);

	if (!err) {
		const struct edit e = ds_edit_of(ds, ds_candidate_tree(ds));

		ds->has_lines |= ds->line != 0;
		err = how(&e, path, value);
	}
	if (err) {
		ds_note_refusal(ds, ds->line, why, why_len);
		if (!was_open)
			datastore_discard(ds);
	}
	return err;
}

int datastore_set(struct datastore *ds, const char *path, const char *value, char *why,
		  size_t why_len)
{
	return edit(ds, edit_set, path, value, why, why_len);
}

int datastore_unset(struct datastore *ds, const char *path, const char *value, char *why,
		    size_t why_len)
{
	return edit(ds, edit_unset, path, value, why, why_len);
}

static const struct lyd_node *find(const struct datastore *ds, const char *path)
{
	const struct lyd_node *tree =
		ds->open ? datastore_candidate(ds) : datastore_running(ds);

	return edit_find(ds->module, tree, path, NULL);
}

bool datastore_exists(const struct datastore *ds, const char *path)
{
	const struct lyd_node *node = find(ds, path);

	return node && !(node->flags & LYD_DEFAULT);
}

bool datastore_is_empty(const struct datastore *ds, const char *path)
{
	const struct lyd_node *entry = find(ds, path), *n;

	LY_LIST_FOR(lyd_child(entry), n)
	if (!lysc_is_key(n->schema) && !(n->flags & LYD_DEFAULT))
		return false;
	return entry != NULL;
}

void datastore_mark_line(struct datastore *ds, unsigned line)
{
	ds->line = line;
}

struct datastore_refusal datastore_refused(const struct datastore *ds)
{
	return (struct datastore_refusal){
		.path = ds->refusal.path,
		.word = ds->refused_word,
		.value = ds->refusal.value,
		.line = ds->refused_line,
	};
}
