/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The trees of running and the candidate, and what is different in them. */
#include <libyang/libyang.h>
#include <stdlib.h>

#include "wgrd/conf/datastore_priv.h"
#include "wgrd/conf/draft.h"
#include "wgrd/conf/value.h"

const struct lyd_node *datastore_running(const struct datastore *ds)
{
	ds_show_draft(ds, false);
	return ds->running;
}

const struct lyd_node *datastore_candidate(const struct datastore *ds)
{
	if (!ds->open || ds->is_whole)
		return ds->whole;
	ds_show_draft(ds, true);
	return ds->running;
}

void datastore_changes(const struct datastore *ds, struct datastore_changes *out)
{
	struct lyd_node *before, *after;

	if (!ds->open || ds->is_whole) {
		*out = (struct datastore_changes){
			.before = ds->running,
			.after = ds->open ? ds->whole : ds->running,
		};
		return;
	}
	draft_trees(ds->draft, datastore_candidate(ds), &before, &after);
	*out = (struct datastore_changes){before, after, {before, after}};
}

void datastore_changes_free(struct datastore_changes *c)
{
	lyd_free_tree(c->copy[0]);
	lyd_free_tree(c->copy[1]);
	*c = (struct datastore_changes){0};
}

const struct lys_module *datastore_module(const struct datastore *ds)
{
	return ds->module;
}

const struct lysc_node *datastore_schema(const struct datastore *ds, const char *path)
{
	return edit_schema(ds->module, path);
}

static const struct lyd_node *find_key(const struct lyd_node *tree)
{
	struct lyd_node *n;

	LYD_TREE_DFS_BEGIN(tree, n)
	{
		if (n->schema->nodetype == LYS_LEAF && value_is_secret(n->schema))
			return n;
		LYD_TREE_DFS_END(tree, n);
	}
	return NULL;
}

bool datastore_changes_have_key(const struct datastore *ds, struct strbuf *path)
{
	struct datastore_changes changes;
	const struct lyd_node *key;

	datastore_changes(ds, &changes);
	key = find_key(changes.after);
	if (key) {
		char *at = lyd_path(key, LYD_PATH_STD, NULL, 0);

		strbuf_puts(path, at ?: key->schema->name);
		free(at);
	}
	datastore_changes_free(&changes);
	return key != NULL;
}

bool datastore_path_is_secret(const struct datastore *ds, const char *path)
{
	const struct lysc_node *leaf = datastore_schema(ds, path);

	return leaf && value_is_secret(leaf);
}
