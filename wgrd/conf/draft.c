/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/draft.h"

#include <assert.h>
#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "wgrd/conf/edit.h"
#include "wgrd/conf/tree.h"
#include "wgrd/lib/strbuf.h"

struct draft_entry {
	UT_hash_handle hh;
	char *path, *top, *name, *peer;
	bool own;
	struct lyd_node *aside; /* what is not in the tree now; NULL: nothing */
};

enum {
	DUP = LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS
};

/* libyang fails here for want of memory alone, and then does not end well anyway. */
static void must(LY_ERR rc)
{
	if (rc)
		abort();
}

/* ---- nodes ---- */

static struct lyd_node *find_entry(const struct lyd_node *parent, const char *list,
				   const char *name)
{
	const struct lysc_node *schema =
		lys_find_child(parent->schema, parent->schema->module, list, 0, 0, 0);
	struct strbuf key = {0};
	struct lyd_node *found = NULL;

	if (schema->nodetype == LYS_LIST)
		strbuf_printf(&key, "[%s='%s']", lysc_node_child(schema)->name, name);
	if (lyd_find_sibling_val(lyd_child(parent), schema, key.s, 0, &found))
		found = NULL;
	strbuf_free(&key);
	return found;
}

struct lyd_node *draft_find(const struct lyd_node *tree, const struct draft_name *of)
{
	struct lyd_node *node;

	if (!*of->top)
		return (struct lyd_node *)tree;
	node = find_entry(tree, of->top, of->name);
	return node && of->peer ? find_entry(node, "peer", of->peer) : node;
}

/*
 * From @n on, the next that is its parent's own: of the root what is in no object, of an
 * interface what stands before its peers, which may be very many.
 */
static struct lyd_node *own_from(struct lyd_node *n)
{
	if (n && n->parent->schema->nodetype == LYS_LIST)
		return strcmp(n->schema->name, "peer") != 0 ? n : NULL;
	while (n && !(n->schema->nodetype & LYD_NODE_TERM))
		n = n->next;
	return n;
}

static struct lyd_node *first_own(const struct lyd_node *parent)
{
	return own_from(lyd_child_no_keys(parent));
}

static struct lyd_node *dup_node(const struct lyd_node *node)
{
	struct lyd_node *copy;

	must(lyd_dup_single(node, NULL, DUP, &copy));
	return copy;
}

static void dup_own_into(struct lyd_node *copy, const struct lyd_node *node)
{
	for (struct lyd_node *n = first_own(node); n; n = own_from(n->next))
		must(lyd_dup_single(n, (struct lyd_node_inner *)copy, DUP, NULL));
}

/* What has parts that are objects, without them. */
static struct lyd_node *dup_own(const struct lyd_node *entry)
{
	struct lyd_node *copy;

	must(lyd_dup_single(entry, NULL, LYD_DUP_WITH_FLAGS, &copy));
	dup_own_into(copy, entry);
	return copy;
}

/* ---- what is in the tree, and what is aside ---- */

/* Takes all that is its own out of @entry. */
static struct lyd_node **take_own(struct lyd_node *entry, size_t *count)
{
	struct lyd_node **taken = NULL, *n;

	for (*count = 0; (n = first_own(entry)); ++*count) {
		tree_unlink(n);
		taken = xrealloc(taken, *count + 1, sizeof(*taken));
		taken[*count] = n;
	}
	return taken;
}

static void exchange_own(struct lyd_node *a, struct lyd_node *b)
{
	size_t count_a, count_b;
	struct lyd_node **from_a = take_own(a, &count_a);
	struct lyd_node **from_b = take_own(b, &count_b);

	for (size_t i = 0; i < count_a; i++)
		tree_insert(b, from_a[i]);
	for (size_t i = 0; i < count_b; i++)
		tree_insert(a, from_b[i]);
	free(from_a);
	free(from_b);
}

static struct draft_name name_of(const struct draft_entry *e)
{
	return (struct draft_name){e->top, e->name, e->peer};
}

static void exchange(struct draft_entry *e, struct lyd_node *tree)
{
	const struct draft_name of = name_of(e);
	struct lyd_node *node = draft_find(tree, &of);
	struct lyd_node *parent = e->peer ? find_entry(tree, e->top, e->name) : tree;

	if (e->own) {
		exchange_own(node, e->aside);
		return;
	}
	if (node)
		tree_unlink(node);
	if (e->aside)
		tree_insert(parent, e->aside);
	e->aside = node;
}

static void forget(struct draft *d, struct draft_entry *e)
{
	HASH_DEL(d->entries, e);
	lyd_free_tree(e->aside);
	free(e->path);
	free(e->top);
	free(e->name);
	free(e->peer);
	free(e);
}

/* ---- touching ---- */

static char *path_of(const struct draft_name *of)
{
	struct strbuf path = {0};

	strbuf_printf(&path, "/%s", of->top);
	if (*of->name)
		strbuf_printf(&path, "[name='%s']", of->name);
	if (of->peer)
		strbuf_printf(&path, "/peer[name='%s']", of->peer);
	return path.s;
}

static struct draft_entry *find(const struct draft *d, const struct draft_name *of)
{
	char *path = path_of(of);
	struct draft_entry *e;

	HASH_FIND_STR(d->entries, path, e);
	free(path);
	return e;
}

static bool is_interface(const struct draft_name *of)
{
	return strcmp(of->top, "wireguard") == 0 && !of->peer;
}

static bool has_parts(const struct draft_name *of)
{
	return is_interface(of) || !*of->top;
}

/* It goes with its peers: what was touched of it so far is one with it from now on. */
static void gather(struct draft *d, struct lyd_node *tree, const struct draft_name *of)
{
	struct draft_entry *e, *next;

	HASH_ITER (hh, d->entries, e, next) {
		if (strcmp(e->top, of->top) != 0 || strcmp(e->name, of->name) != 0)
			continue;
		exchange(e, tree);
		forget(d, e);
	}
}

static void put_aside(struct draft *d, struct lyd_node *tree, const struct draft_name *of,
		      bool whole)
{
	struct draft_entry *e = xcalloc(1, sizeof(*e));
	struct lyd_node *node = draft_find(tree, of);

	e->path = path_of(of);
	e->top = xstrdup(of->top);
	e->name = xstrdup(of->name);
	e->peer = of->peer ? xstrdup(of->peer) : NULL;
	e->own = node && has_parts(of) && !whole;
	if (node && whole)
		tree_unlink(node);
	e->aside = !node || whole ? node : e->own ? dup_own(node) : dup_node(node);
	HASH_ADD_KEYPTR(hh, d->entries, e->path, strlen(e->path), e);
}

void draft_touch(struct draft *d, struct lyd_node *tree, const struct draft_name *of,
		 bool whole)
{
	const struct draft_name above = {of->top, of->name, NULL};
	const struct draft_entry *e = find(d, &above);

	assert(!d->swapped);
	if (e && !e->own)
		return;
	if (of->peer && draft_find(tree, &above)) {
		if (!find(d, of))
			put_aside(d, tree, of, whole);
		return;
	}
	if (e && !whole)
		return;
	if (whole && is_interface(of))
		gather(d, tree, of);
	put_aside(d, tree, &above, whole);
}

void draft_swap(struct draft *d, struct lyd_node *tree)
{
	struct draft_entry *e, *next;

	HASH_ITER (hh, d->entries, e, next) {
		exchange(e, tree);
	}
	edit_settle(tree);
	d->swapped = !d->swapped;
}

void draft_keep(struct draft *d)
{
	struct draft_entry *e, *next;

	HASH_ITER (hh, d->entries, e, next) {
		forget(d, e);
	}
	*d = (struct draft){0};
}

/* ---- asking ---- */

static int cmp_objects(const void *a, const void *b)
{
	const struct draft_object *x = a, *y = b;
	int order = strcmp(x->name.top, y->name.top);

	if (!order)
		order = strcmp(x->name.name, y->name.name);
	return order ?: strcmp(x->name.peer ?: "", y->name.peer ?: "");
}

struct draft_object *draft_objects(const struct draft *d, size_t *count)
{
	struct draft_object *v = xcalloc(HASH_COUNT(d->entries) + 1, sizeof(*v));
	struct draft_entry *e, *next;
	size_t n = 0;

	HASH_ITER (hh, d->entries, e, next) {
		v[n++] = (struct draft_object){name_of(e), e->own, e->aside};
	}
	qsort(v, n, sizeof(*v), cmp_objects);
	*count = n;
	return v;
}

/* Into @tree, which is of nothing but objects, the one that @node is; NULL: it is not there,
 * but its interface is. */
static void place(struct lyd_node *tree, const struct draft_object *o,
		  const struct lyd_node *node)
{
	struct lyd_node *parent = tree;

	if (!*o->name.top) {
		dup_own_into(tree, node);
		return;
	}
	if (o->name.peer)
		parent = find_entry(tree, o->name.top, o->name.name);
	if (!parent)
		must(lyd_new_list(tree, NULL, o->name.top, 0, &parent, o->name.name));
	if (node)
		tree_insert(parent, o->own ? dup_own(node) : dup_node(node));
}

void draft_trees(const struct draft *d, const struct lyd_node *tree,
		 struct lyd_node **before, struct lyd_node **after)
{
	size_t count;
	struct draft_object *v = draft_objects(d, &count);

	must(lyd_dup_single(tree, NULL, 0, before));
	must(lyd_dup_single(tree, NULL, 0, after));
	for (size_t i = 0; i < count; i++) {
		const struct draft_object *o = &v[i];

		place(*before, o, o->aside);
		place(*after, o, draft_find(tree, &o->name));
	}
	free(v);
}
