/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/diff.h"

#include <libyang/libyang.h>
#include <string.h>

#include "wgrd/lib/strbuf.h"

struct walk {
	struct strbuf path; /* of the node whose children are compared */
	void (*tell)(void *arg, const struct conf_edit *e);
	void *arg;
};

static bool is_explicit(const struct lyd_node *node)
{
	return !(node->flags & LYD_DEFAULT) && !lysc_is_key(node->schema);
}

/* Asked by value, a leaf would be found only if it had the same one. */
static const struct lyd_node *counterpart(const struct lyd_node *parent,
					  const struct lyd_node *node)
{
	struct lyd_node *found = NULL;
	LY_ERR rc;

	if (!parent)
		return NULL;
	if (node->schema->nodetype & (LYS_LIST | LYS_LEAFLIST))
		rc = lyd_find_sibling_first(lyd_child(parent), node, &found);
	else
		rc = lyd_find_sibling_val(lyd_child(parent), node->schema, NULL, 0,
					  &found);
	return !rc && is_explicit(found) ? found : NULL;
}

/* Returns the length to go back to. All lists of the model have one key. */
static size_t enter(struct walk *w, const struct lyd_node *node)
{
	size_t before = w->path.len;

	strbuf_printf(&w->path, "%s%s", before ? "/" : "", node->schema->name);
	if (node->schema->nodetype == LYS_LIST)
		strbuf_printf(&w->path, "[%s='%s']", lyd_child(node)->schema->name,
			      lyd_get_value(lyd_child(node)));
	return before;
}

static const char *value_of(const struct lyd_node *node)
{
	const char *value = NULL;

	if (node->schema->nodetype & (LYS_LEAF | LYS_LEAFLIST))
		value = lyd_get_value(node);
	return value && *value ? value : NULL;
}

static void add(struct walk *w, bool unset, const struct lyd_node *node)
{
	bool is_entry = node->schema->nodetype == LYS_LEAFLIST;
	struct conf_edit e = {.unset = unset, .path = w->path.s};

	if (!unset || is_entry)
		e.value = (char *)value_of(node);
	w->tell(w->arg, &e);
}

static void remove_gone(struct walk *w, const struct lyd_node *from,
			const struct lyd_node *to)
{
	const struct lyd_node *child;

	LY_LIST_FOR(from ? lyd_child(from) : NULL, child)
	{
		size_t before;

		if (!is_explicit(child) || counterpart(to, child))
			continue;
		before = enter(w, child);
		add(w, true, child);
		strbuf_truncate(&w->path, before);
	}
}

static bool differs(const struct lyd_node *was, const struct lyd_node *node)
{
	return !was || strcmp(lyd_get_value(was), lyd_get_value(node)) != 0;
}

static void compare_children(struct walk *w, const struct lyd_node *from,
			     const struct lyd_node *to);

static void compare(struct walk *w, const struct lyd_node *was,
		    const struct lyd_node *node)
{
	size_t before = enter(w, node);

	switch (node->schema->nodetype) {
	case LYS_LEAF:
	case LYS_LEAFLIST:
		if (differs(was, node))
			add(w, false, node);
		break;
	case LYS_LIST:
		if (!was)
			add(w, false, node);
		compare_children(w, was, node);
		break;
	default:
		compare_children(w, was, node);
	}
	strbuf_truncate(&w->path, before);
}

static void compare_children(struct walk *w, const struct lyd_node *from,
			     const struct lyd_node *to)
{
	const struct lyd_node *child;

	remove_gone(w, from, to);
	LY_LIST_FOR(to ? lyd_child(to) : NULL, child)
	{
		if (is_explicit(child))
			compare(w, counterpart(from, child), child);
	}
}

void diff_trees(const struct lyd_node *from, const struct lyd_node *to,
		void (*tell)(void *arg, const struct conf_edit *e), void *arg)
{
	struct walk w = {.tell = tell, .arg = arg};

	compare_children(&w, from, to);
	strbuf_free(&w.path);
}
