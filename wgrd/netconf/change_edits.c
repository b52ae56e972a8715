/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/change_edits.h"

#include <libyang/libyang.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/conf/commit_log.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/netconf/nacm/nacm.h"
#include "wgrd/netconf/state_node.h"

/* ---- where an edit is ---- */

enum {
	DEPTH_MAX = 8,
	NAME_LEN = 64,
	/* A way back that is longer is not searched: what was there before is not told from
	 * what was not. */
	SEARCH_MAX = 10 * CHANGE_EDITS_MAX,
};

/* "tenant[name='red']/table", a step at a time. */
struct step {
	char name[NAME_LEN], key[2 * NAME_LEN];
};

/* False: that was all. */
static bool next_step(const char **path, struct step *s)
{
	size_t len = strcspn(*path, "/[");
	const char *quote, *end;

	if (!len || len >= sizeof(s->name))
		return false;
	snprintf(s->name, sizeof(s->name), "%.*s", (int)len, *path);
	*path += len;
	s->key[0] = '\0';
	if (**path == '[') {
		quote = strchr(*path, '\'');
		end = quote ? strstr(quote + 1, "']") : NULL;
		if (!end)
			return false;
		snprintf(s->key, sizeof(s->key), "%.*s", (int)(end - quote - 1),
			 quote + 1);
		*path = end + 2;
	}
	*path += **path == '/';
	return true;
}

/* Each node on the way must be one that @u may read. */
static bool may_read(const struct netconf *n, const struct nacm_user *u, const char *path)
{
	const struct lys_module *m = datastore_module(n->deps.datastore);
	const struct lysc_node *schema = lys_find_child(NULL, m, "wgrd", 0, 0, 0);
	struct nacm_place place[DEPTH_MAX] = {nacm_place_in(NULL, schema, NULL, NULL)};
	struct step step[DEPTH_MAX];

	if (nacm_may_all(u))
		return true;
	for (unsigned i = 0;; i++) {
		if (!nacm_may(u, &place[i], NACM_READ))
			return false;
		if (i + 1 == DEPTH_MAX || !next_step(&path, &step[i]))
			return !*path;
		schema = lys_find_child(schema, m, step[i].name, 0, 0, 0);
		if (!schema)
			return false;
		place[i + 1] = nacm_place_in(&place[i], schema, NULL,
					     *step[i].key ? step[i].key : NULL);
	}
}

/* ---- edits ---- */

/* An edit of the way back that is about the same node. */
static const struct conf_edit *find_back(const struct edits *back,
					 const struct conf_edit *e, bool is_entry)
{
	for (size_t i = 0; i < back->count; i++)
		if (!strcmp(back->edit[i].path, e->path) &&
		    (!is_entry || !strcmp(back->edit[i].value ?: "", e->value ?: "")))
			return &back->edit[i];
	return NULL;
}

/* Entries of a leaf-list have one path and their values. */
static bool is_leaf_list(const struct netconf *n, const char *path)
{
	const struct lysc_node *schema = datastore_schema(n->deps.datastore, path);

	return schema && schema->nodetype == LYS_LEAFLIST;
}

static void add_edit(struct lyd_node *tree, const char *path, const char *value,
		     const char *operation)
{
	struct strbuf target = {0};
	struct lyd_node *node = state_entry(tree, "edit", NULL, NULL);

	strbuf_printf(&target, "/wgrd:wgrd%s%s", *path ? "/" : "", path);
	if (value)
		strbuf_printf(&target, strchr(value, '\'') ? "[.=\"%s\"]" : "[.='%s']",
			      value);
	state_leaf(node, "target", target.s);
	state_leaf(node, "operation", operation);
	strbuf_free(&target);
}

static bool is_below(const char *path, const char *top)
{
	size_t len = strlen(top);

	return !strncmp(path, top, len) && path[len] == '/';
}

static const char *operation_of(const struct commit_record *r, const struct conf_edit *e,
				bool is_entry)
{
	const struct conf_edit *back;

	if (e->unset)
		return "delete";
	if (r->back.count > SEARCH_MAX)
		return "merge";
	back = find_back(&r->back, e, is_entry);
	return back && !back->unset ? "replace" : "create";
}

static void add_all(const struct netconf *n, const struct nacm_user *u,
		    const struct commit_record *r, struct lyd_node *tree)
{
	/* Made or taken away, which says so of all that is in it. */
	const char *last = NULL;

	for (size_t i = 0; i < r->forward.count; i++) {
		const struct conf_edit *e = &r->forward.edit[i];
		bool is_entry = is_leaf_list(n, e->path);
		const char *operation;

		if (last && is_below(e->path, last))
			continue;
		operation = operation_of(r, e, is_entry);
		last = strcmp(operation, "replace") != 0 ? e->path : NULL;
		if (may_read(n, u, e->path))
			add_edit(tree, e->path, is_entry ? e->value : NULL, operation);
	}
}

void change_edits(const struct netconf *n, const struct nacm_user *u, uint64_t id,
		  struct lyd_node *tree)
{
	const struct commit_record *r =
		commit_log_find(datastore_commit_log(n->deps.datastore), id);

	if (!r)
		return;
	if (r->forward.count <= CHANGE_EDITS_MAX)
		add_all(n, u, r, tree);
	else if (may_read(n, u, ""))
		add_edit(tree, "", NULL, "merge");
}
