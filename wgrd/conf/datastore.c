/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/datastore.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/conf.h"
#include "wgrd/conf/conf_build.h"
#include "wgrd/conf/edit.h"
#include "wgrd/conf/validate.h"
#include "wgrd/conf/value.h"
#include "wgrd/lib/log.h"

struct datastore {
	struct ly_ctx *ctx;
	const struct lys_module *module;
	struct lyd_node *running, *candidate; /* NULL: empty */
	struct conf *conf;                    /* of running */
	bool open;                            /* is there a candidate? */
	bool committing;
	struct conf_subscriber *subs;
	size_t sub_count;
	struct refusal refusal;
	char refused_word[64];
	unsigned line, refused_line;
};

/* ---- life ---- */

int datastore_new(const char *yang_dir, struct datastore **out, char *why, size_t why_len)
{
	struct datastore *ds = xcalloc(1, sizeof(*ds));

	/* Process-wide: libyang's messages are kept for us to ask, not printed. */
	ly_log_options(LY_LOSTORE_LAST);
	if (ly_ctx_new(yang_dir,
		       LY_CTX_DISABLE_SEARCHDIR_CWD | LY_CTX_NO_YANGLIBRARY |
			       LY_CTX_SET_PRIV_PARSED,
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
	*out = ds;
	return 0;

free_ctx:
	ly_ctx_destroy(ds->ctx);
free_ds:
	free(ds);
	return -ENOENT;
}

void datastore_free(struct datastore *ds)
{
	if (!ds)
		return;
	lyd_free_tree(ds->candidate);
	lyd_free_tree(ds->running);
	ly_ctx_destroy(ds->ctx);
	conf_free(ds->conf);
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

/* A subscriber may not edit: what it looks at is being committed. */
static int refuse_busy(struct datastore *ds)
{
	refuse(&ds->refusal, &(struct refusal_at){0},
	       "another commit is running; try again when it has ended");
	return -EBUSY;
}

static int open_candidate(struct datastore *ds)
{
	if (ds->committing)
		return refuse_busy(ds);
	if (ds->open)
		return 0;
	assert(!ds->candidate);
	if (ds->running &&
	    lyd_dup_single(ds->running, NULL, LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS,
			   &ds->candidate))
		return refuse_no_memory(&ds->refusal);
	ds->open = true;
	return 0;
}

static void close_candidate(struct datastore *ds)
{
	lyd_free_tree(ds->candidate);
	ds->candidate = NULL;
	ds->open = false;
}

void datastore_discard(struct datastore *ds)
{
	if (!ds->committing)
		close_candidate(ds);
}

int datastore_start_empty(struct datastore *ds)
{
	if (ds->committing)
		return -EBUSY;
	close_candidate(ds);
	ds->open = true;
	return 0;
}

bool datastore_candidate_open(const struct datastore *ds)
{
	return ds->open;
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

static void note_refusal(struct datastore *ds, unsigned line, char *why, size_t why_len)
{
	snprintf(why, why_len, "%s", ds->refusal.why);
	last_word(ds->refusal.path, ds->refused_word, sizeof(ds->refused_word));
	ds->refused_line = line;
}

static int edit(struct datastore *ds,
		int (*how)(const struct edit *, const char *, const char *),
		const char *path, const char *value, char *why, size_t why_len)
{
	struct edit e = {.module = ds->module,
			 .tree = &ds->candidate,
			 .line = ds->line,
			 .refusal = &ds->refusal};
	bool was_open = ds->open;
	int err = open_candidate(ds);

	if (!err)
		err = how(&e, path, value);
	if (err) {
		note_refusal(ds, ds->line, why, why_len);
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

bool datastore_exists(const struct datastore *ds, const char *path)
{
	const struct lyd_node *tree = ds->open ? ds->candidate : ds->running;
	const struct lyd_node *node = edit_find(ds->module, tree, path, NULL);

	return node && !(node->flags & LYD_DEFAULT);
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

/* ---- commit ---- */

/*
 * libyang believes a container that is marked as default to be complete. One that an edit
 * made and left empty, or deleted the last explicit leaf of, is so marked and is not: such
 * ones are made anew.
 */
static int add_defaults(struct datastore *ds)
{
	struct lyd_node *child, *next;

	LY_LIST_FOR_SAFE(lyd_child(ds->candidate), next, child)
	{
		if (child->flags & LYD_DEFAULT)
			lyd_free_tree(child);
	}
	if (ds->candidate && ds->candidate->flags & LYD_DEFAULT) {
		lyd_free_tree(ds->candidate);
		ds->candidate = NULL;
	}
	if (lyd_new_implicit_module(&ds->candidate, ds->module, LYD_IMPLICIT_NO_STATE,
				    NULL))
		return -ENOMEM;
	return 0;
}

/* Our own rules first, because they speak in sentences; then the model has its say. */
static int build_candidate(struct datastore *ds, struct conf **out)
{
	struct refusal *r = &ds->refusal;
	int err;

	if (add_defaults(ds))
		return refuse_no_memory(r);
	err = conf_build(ds->candidate, out, r);
	if (err)
		return err;
	err = conf_validate(*out, r);
	if (!err &&
	    lyd_validate_module(&ds->candidate, ds->module, LYD_VALIDATE_NO_STATE, NULL))
		err = refuse(r, &(struct refusal_at){0},
			     "the model refuses this configuration: %s %s",
			     ly_errmsg(ds->ctx) ?: "", ly_errpath(ds->ctx) ?: "");
	if (err)
		conf_free(*out);
	return err;
}

static int ask_subscribers(struct datastore *ds, struct conf *new)
{
	struct refusal *r = &ds->refusal;
	struct refusal_at at;
	int err;

	new->serial = ds->conf->serial + 1;
	ds->committing = true;
	err = conf_commit_at(ds->subs, ds->sub_count, ds->conf, new, &at, r->why,
			     sizeof(r->why));
	ds->committing = false;
	refusal_set_node(r, &at);
	return err;
}

/* The line of the edit that made the refused node, which is still in the candidate. */
static unsigned find_refused_line(const struct datastore *ds)
{
	const struct refusal *r = &ds->refusal;
	const struct lyd_node *node = NULL;

	if (r->path[0] != '\0')
		node = edit_find(ds->module, ds->candidate, r->path,
				 r->value[0] != '\0' ? r->value : NULL);
	return node ? edit_line(node) : 0;
}

int datastore_commit(struct datastore *ds, char *why, size_t why_len)
{
	struct conf *new;
	int err;

	if (ds->committing) {
		err = refuse_busy(ds);
		note_refusal(ds, 0, why, why_len);
		return err;
	}
	if (!ds->open)
		return 0;
	err = build_candidate(ds, &new);
	if (!err) {
		err = ask_subscribers(ds, new);
		if (err)
			conf_free(new);
	}
	if (err) {
		note_refusal(ds, find_refused_line(ds), why, why_len);
		close_candidate(ds);
		return err;
	}
	lyd_free_tree(ds->running);
	ds->running = ds->candidate;
	ds->candidate = NULL;
	ds->open = false;
	conf_free(ds->conf);
	ds->conf = new;
	log_info(LOG_CONF, "configuration %" PRIu64 " is in force", new->serial);
	return 0;
}

/* ---- the trees ---- */

const struct lyd_node *datastore_running(const struct datastore *ds)
{
	return ds->running;
}

const struct lyd_node *datastore_candidate(const struct datastore *ds)
{
	return ds->candidate;
}

const struct lys_module *datastore_module(const struct datastore *ds)
{
	return ds->module;
}

bool datastore_is_secret(const struct lysc_node *leaf)
{
	return value_is_secret(leaf);
}
