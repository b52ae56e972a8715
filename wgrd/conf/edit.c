/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/edit.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/conf/draft.h"
#include "wgrd/conf/tree.h"
#include "wgrd/conf/value.h"

/*
 * A path is taken apart into steps from the top container down; each knows its schema
 * node and, for a list, the name of the entry. All lists of the model have one key.
 */
enum {
	STEPS_MAX = 8,
	/* More than a name may have. Of a longer one the rest is dropped, and what is left
	 * is refused for its length. */
	KEY_LEN_MAX = 256
};

struct step {
	const struct lysc_node *schema;
	char key[KEY_LEN_MAX]; /* value of a list's key, or "" */
};

struct steps {
	struct step v[STEPS_MAX];
	size_t count;
};

static bool is_term(const struct lysc_node *schema)
{
	return schema->nodetype & (LYS_LEAF | LYS_LEAFLIST);
}

/* "[name='wg0']" at *@p into @step; moves *@p behind it. */
static bool parse_key(const char **p, struct step *step)
{
	const struct lysc_node *key = lysc_node_child(step->schema);
	size_t name_len = strlen(key->name), len;
	const char *s = *p;

	if (*s++ != '[' || strncmp(s, key->name, name_len) != 0)
		return false;
	s += name_len;
	if (s[0] != '=' || s[1] != '\'')
		return false;
	s += 2;
	len = strcspn(s, "'");
	if (s[len] != '\'' || s[len + 1] != ']')
		return false;
	snprintf(step->key, sizeof(step->key), "%.*s", (int)len, s);
	*p = s + len + 2;
	return true;
}

static bool parse_step(const struct lys_module *module, const char **p,
		       const struct lysc_node *parent, struct step *step)
{
	size_t len = strcspn(*p, "[/");

	if (len == 0)
		return false;
	step->key[0] = '\0';
	step->schema = lys_find_child(parent, module, *p, len, 0, 0);
	if (!step->schema)
		return false;
	*p += len;
	return step->schema->nodetype != LYS_LIST || parse_key(p, step);
}

/* False when the model has no such path. */
static bool parse_path(const struct lys_module *module, const char *path,
		       struct steps *steps)
{
	const struct lysc_node *parent = lys_find_child(NULL, module, "wgrd", 0, 0, 0);

	for (steps->count = 0; steps->count < STEPS_MAX; path++) {
		struct step *step = &steps->v[steps->count];

		if (is_term(parent) || !parse_step(module, &path, parent, step))
			return false;
		parent = step->schema;
		steps->count++;
		if (*path == '\0')
			return true;
		if (*path != '/')
			return false;
	}
	return false;
}

/* ---- finding ---- */

/* @value picks the entry of a leaf-list. */
static struct lyd_node *find_step(const struct lyd_node *parent, const struct step *step,
				  const char *value)
{
	char key[KEY_LEN_MAX + 64];
	const char *text = NULL;
	struct lyd_node *found = NULL;

	if (step->schema->nodetype == LYS_LIST) {
		snprintf(key, sizeof(key), "[%s='%s']",
			 lysc_node_child(step->schema)->name, step->key);
		text = key;
	} else if (step->schema->nodetype == LYS_LEAFLIST && value) {
		text = value;
	} else if (step->schema->nodetype == LYS_LEAFLIST) {
		LY_LIST_FOR(lyd_child(parent), found)
		{
			if (found->schema == step->schema)
				break;
		}
		return found;
	}
	if (lyd_find_sibling_val(lyd_child(parent), step->schema, text, 0, &found))
		return NULL;
	return found;
}

static struct lyd_node *find_steps(struct lyd_node *tree, const struct steps *steps,
				   const char *value)
{
	struct lyd_node *node = tree;

	for (size_t i = 0; i < steps->count && node; i++)
		node = find_step(node, &steps->v[i], value);
	return node;
}

struct lyd_node *edit_find(const struct lys_module *module, const struct lyd_node *tree,
			   const char *path, const char *value)
{
	struct steps steps;

	if (!parse_path(module, path, &steps))
		return NULL;
	return find_steps((struct lyd_node *)tree, &steps, value);
}

const struct lysc_node *edit_schema(const struct lys_module *module, const char *path)
{
	struct steps steps;

	return parse_path(module, path, &steps) ? steps.v[steps.count - 1].schema : NULL;
}

unsigned edit_line(const struct lyd_node *node)
{
	return (unsigned)(uintptr_t)node->priv;
}

/* ---- checking ---- */

static int refuse_edit(const struct edit *e, const char *path, const char *value,
		       const char *fmt, ...) PRINTF_LIKE(4, 5);

static int refuse_edit(const struct edit *e, const char *path, const char *value,
		       const char *fmt, ...)
{
	struct refusal *r = e->refusal;
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, args);
	va_end(args);
	snprintf(r->path, sizeof(r->path), "%s", path);
	snprintf(r->value, sizeof(r->value), "%s", value ?: "");
	return -EINVAL;
}

/* Can @leaf take @text? @word is what the operator knows it by. */
static int check_text(const struct edit *e, const char *path, const char *word,
		      const struct lysc_node *leaf, const char *text, const char **canon,
		      char buf[static VALUE_CANON_LEN])
{
	char problem[VALUE_PROBLEM_LEN];

	if (!value_check(leaf, text ?: "", canon, buf, problem))
		return 0;
	if (!text)
		return refuse_edit(e, path, NULL, "%s: a value is missing; expected %s",
				   word,
				   strncmp(problem, "not ", 4) ? problem : problem + 4);
	if (value_is_secret(leaf))
		return refuse_edit(e, path, NULL, "%s: the value is %s", word, problem);
	return refuse_edit(e, path, text, "%s: \"%s\" is %s", word, text, problem);
}

/* Takes @path apart and sees that the names in it can be. */
static int check_path(const struct edit *e, const char *path, struct steps *steps)
{
	char buf[VALUE_CANON_LEN];
	const char *canon;

	if (!parse_path(e->module, path, steps))
		return refuse_edit(e, path, NULL, "\"%s\" is not in the model", path);
	for (size_t i = 0; i < steps->count; i++) {
		const struct lysc_node *schema = steps->v[i].schema;

		if (schema->nodetype == LYS_LIST &&
		    check_text(e, path, schema->name, lysc_node_child(schema),
			       steps->v[i].key, &canon, buf))
			return -EINVAL;
	}
	return 0;
}

/* Gives the canonical form of @value, NULL for a container or a list entry. */
static int check_value(const struct edit *e, const char *path, const struct steps *steps,
		       const char *value, const char **canon,
		       char buf[static VALUE_CANON_LEN])
{
	const struct lysc_node *schema = steps->v[steps->count - 1].schema;

	*canon = NULL;
	if (lysc_is_key(schema))
		return refuse_edit(e, path, NULL,
				   "%s: it names its %s and stays as it is", schema->name,
				   schema->parent->name);
	if (is_term(schema))
		return check_text(e, path, schema->name, schema, value, canon, buf);
	if (value)
		return refuse_edit(e, path, value,
				   "%s: \"%s\" is too much: no value is expected",
				   schema->name, value);
	return 0;
}

/* ---- setting ---- */

static void mark_line(const struct edit *e, struct lyd_node *node)
{
	node->priv = (void *)(uintptr_t)e->line;
}

void edit_forget_lines(struct lyd_node *node)
{
	struct lyd_node *n;

	LYD_TREE_DFS_BEGIN(node, n)
	{
		n->priv = NULL;
		LYD_TREE_DFS_END(node, n);
	}
}

/* @steps are about to change; with @whole, what they lead to goes. */
static void touch(const struct edit *e, const struct steps *steps, bool whole)
{
	const struct step *top = &steps->v[0], *second = &steps->v[1];
	const bool of_peer =
		steps->count > 1 && strcmp(second->schema->name, "peer") == 0;
	const struct draft_name of = {is_term(top->schema) ? "" : top->schema->name,
				      top->key, of_peer ? second->key : NULL};

	if (e->draft)
		draft_touch(e->draft, *e->tree, &of,
			    whole && steps->count == (of_peer ? 2 : 1));
}

/* ---- default values ---- */

/* libyang would look at all below; ours has explicit nodes first. */
void edit_settle(struct lyd_node *container)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(container), child)
	{
		if (!(child->flags & LYD_DEFAULT)) {
			container->flags &= ~LYD_DEFAULT;
			return;
		}
	}
	container->flags |= LYD_DEFAULT;
}

/* libyang believes a container that is marked as default, as a new one is, to be complete. */
static int add_defaults(const struct edit *e, struct lyd_node *node)
{
	node->flags &= ~LYD_DEFAULT;
	if (lyd_new_implicit_tree(node, LYD_IMPLICIT_NO_STATE, NULL))
		return refuse_no_memory(e->refusal);
	return 0;
}

int edit_begin(const struct edit *e)
{
	if (!*e->tree &&
	    lyd_new_implicit_module(e->tree, e->module, LYD_IMPLICIT_NO_STATE, NULL))
		return refuse_no_memory(e->refusal);
	return 0;
}

/* After a node of @schema has gone from @parent. */
static int restore_default(const struct edit *e, struct lyd_node *parent,
			   const struct lysc_node *schema)
{
	const struct lysc_node_leaf *leaf = (const struct lysc_node_leaf *)schema;
	struct lyd_node *node;

	if (schema->nodetype == LYS_CONTAINER) {
		if (lyd_new_inner(parent, e->module, schema->name, 0, &node) ||
		    add_defaults(e, node))
			return refuse_no_memory(e->refusal);
		tree_inserted(node);
		node->flags |= LYD_DEFAULT;
	} else if (schema->nodetype == LYS_LEAF && leaf->dflt) {
		if (lyd_new_term(parent, e->module, schema->name,
				 lyd_value_get_canonical(e->module->ctx, leaf->dflt), 0,
				 &node))
			return refuse_no_memory(e->refusal);
		tree_inserted(node);
		node->flags |= LYD_DEFAULT;
	}
	if (parent->schema->nodetype == LYS_CONTAINER)
		edit_settle(parent);
	if (lyd_parent(parent))
		edit_settle(*e->tree);
	return 0;
}

/* ---- setting ---- */

static struct lyd_node *make_inner(const struct edit *e, struct lyd_node *parent,
				   const struct step *step)
{
	const char *name = step->schema->name;
	struct lyd_node *node = NULL;
	LY_ERR rc;

	if (step->schema->nodetype == LYS_LIST)
		rc = lyd_new_list(parent, e->module, name, 0, &node, step->key);
	else
		rc = lyd_new_inner(parent, e->module, name, 0, &node);
	if (rc || add_defaults(e, node))
		return NULL;
	tree_inserted(node);
	mark_line(e, node);
	return node;
}

/* A choice holds one case: what is in the others gives way. */
static void drop_other_cases(struct lyd_node *parent, const struct lysc_node *schema)
{
	const struct lysc_node *own = schema->parent, *other, *leaf;
	struct lyd_node *found;

	if (!own || own->nodetype != LYS_CASE)
		return;
	LY_LIST_FOR(lysc_node_child(own->parent), other)
	{
		if (other == own)
			continue;
		LY_LIST_FOR(lysc_node_child(other), leaf)
		{
			if (!lyd_find_sibling_val(lyd_child(parent), leaf, NULL, 0,
						  &found))
				tree_free(found);
		}
	}
}

static int set_term(const struct edit *e, struct lyd_node *parent,
		    const struct step *step, const char *value)
{
	struct lyd_node *node = find_step(parent, step, value);
	LY_ERR rc;

	if (!node) {
		drop_other_cases(parent, step->schema);
		rc = lyd_new_term(parent, e->module, step->schema->name, value, 0, &node);
		if (!rc)
			tree_inserted(node);
	} else {
		rc = lyd_change_term(node, value);
		if (rc == LY_EEXIST || rc == LY_ENOT) /* it has this value already */
			rc = LY_SUCCESS;
	}
	if (rc)
		return refuse_no_memory(e->refusal);
	mark_line(e, node);
	if (parent->schema->nodetype == LYS_CONTAINER)
		edit_settle(parent);
	edit_settle(*e->tree);
	return 0;
}

int edit_set(const struct edit *e, const char *path, const char *value)
{
	char buf[VALUE_CANON_LEN];
	struct lyd_node *parent;
	struct steps steps;
	const char *canon;

	if (check_path(e, path, &steps) ||
	    check_value(e, path, &steps, value, &canon, buf))
		return -EINVAL;
	if (edit_begin(e))
		return -ENOMEM;
	touch(e, &steps, false);
	parent = *e->tree;
	for (size_t i = 0; i < steps.count; i++) {
		const struct step *step = &steps.v[i];
		struct lyd_node *node;

		if (is_term(step->schema))
			return set_term(e, parent, step, canon);
		node = find_step(parent, step, NULL) ?: make_inner(e, parent, step);
		if (!node)
			return refuse_no_memory(e->refusal);
		parent = node;
	}
	return 0;
}

/* ---- unsetting ---- */

/* Has it the value that is to go? Any will do when @value is NULL. */
static int check_value_is(const struct edit *e, const char *path,
			  const struct lyd_node *node, const char *value)
{
	const char *name = node->schema->name;

	if (value &&
	    lyd_value_compare((const struct lyd_node_term *)node, value, strlen(value))) {
		if (value_is_secret(node->schema))
			return refuse_edit(e, path, NULL,
					   "%s: it is another one, and stays", name);
		return refuse_edit(e, path, value,
				   "%s: it is \"%s\", not \"%s\", and stays", name,
				   lyd_get_value(node), value);
	}
	return 0;
}

/* All but the last are there. */
static struct lyd_node *find_parent(const struct edit *e, const struct steps *steps)
{
	struct steps above = *steps;

	above.count--;
	return find_steps(*e->tree, &above, NULL);
}

int edit_unset(const struct edit *e, const char *path, const char *value)
{
	const char *canon = NULL;
	char buf[VALUE_CANON_LEN];
	const struct step *last;
	struct lyd_node *node;
	struct steps steps;
	int err = check_path(e, path, &steps);

	if (!err && (value || lysc_is_key(steps.v[steps.count - 1].schema)))
		err = check_value(e, path, &steps, value, &canon, buf);
	if (err || !(node = find_steps(*e->tree, &steps, canon)) ||
	    node->flags & LYD_DEFAULT)
		return err;
	err = check_value_is(e, path, node, canon);
	if (err)
		return err;
	last = &steps.v[steps.count - 1];
	touch(e, &steps, !is_term(last->schema));
	/* Once, but for a leaf-list without a value: that is all its entries. */
	while ((node = find_steps(*e->tree, &steps, canon)))
		tree_free(node);
	return restore_default(e, find_parent(e, &steps), last->schema);
}
