/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/filter.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/netconf/nacm/nacm.h"
#include "wgrd/netconf/rpc.h"
#include "wgrd/netconf/xml/xpath.h"

enum {
	ELEMENTS_MAX = 2048, /* of a subtree filter: each is held against each entry */
	AT_ONCE_MAX = 64,    /* filters that select one and the same node */
};

/* ---- reading one ---- */

static size_t count_elements(const struct xml_node *node)
{
	size_t count = 1;

	for (const struct xml_node *c = node->first; c; c = c->next)
		count += count_elements(c);
	return count;
}

bool filter_read_subtree(struct rpc *r, const struct xml_node *node, struct filter *f)
{
	f->subtree = node;
	if (count_elements(node) <= ELEMENTS_MAX)
		return true;
	rpc_fail_simply(r, "too-big", "a filter has %d elements at most", ELEMENTS_MAX);
	return false;
}

bool filter_read_xpath(struct rpc *r, const struct xml_node *at, const char *text,
		       struct filter *f)
{
	char why[120];
	int err = xpath_prepare(netconf_ctx(r->n), at, text, &f->xpath, why, sizeof(why));

	if (!err)
		return true;
	rpc_fail(r, &(struct rpc_error){.tag = err == -ENOTSUP ? "operation-not-supported"
							       : "invalid-value",
					.message = why,
					.bad_element = at->name});
	return false;
}

/* RFC 6241 section 8.9.5.1. */
static bool read_select(struct rpc *r, const struct xml_node *node, struct filter *f)
{
	const struct xml_attr *select = xml_attr_find(node, "", "select");

	if (select)
		return filter_read_xpath(r, node, select->value, f);
	rpc_fail(r, &(struct rpc_error){.type = "protocol",
					.tag = "missing-attribute",
					.message = "a filter of this type has a select",
					.bad_attribute = "select",
					.bad_element = "filter"});
	return false;
}

bool filter_read(struct rpc *r, const struct xml_node *node, struct filter *f)
{
	const struct xml_attr *type;

	*f = (struct filter){0};
	if (!node)
		return true;
	type = xml_attr_find(node, "", "type") ?: xml_attr_find(node, NS_BASE, "type");
	if (!type || !strcmp(type->value, "subtree"))
		return filter_read_subtree(r, node, f);
	if (!strcmp(type->value, "xpath"))
		return read_select(r, node, f);
	rpc_fail(r, &(struct rpc_error){.type = "protocol",
					.tag = "bad-attribute",
					.message = "a filter is subtree or xpath",
					.bad_attribute = "type",
					.bad_element = "filter"});
	return false;
}

void filter_fini(struct filter *f)
{
	strbuf_free(&f->xpath);
}

bool filter_is_all(const struct filter *f, const struct nacm_user *u)
{
	return !f->subtree && !f->xpath.len && !f->max_depth && nacm_may_all(u);
}

/* ---- for who makes trees ---- */

static bool xpath_wants(const struct filter *f, const char *name)
{
	return strstr(f->xpath.s, "//") || strpbrk(f->xpath.s, "*|") ||
	       strstr(f->xpath.s, name);
}

/* Elements of this name in @in, and the last of them. */
static unsigned count_named(const struct xml_node *in, const char *name,
			    const struct xml_node **last)
{
	unsigned count = 0;

	for (const struct xml_node *c = in->first; c; c = c->next) {
		if (strcmp(c->name, name) != 0)
			continue;
		*last = c;
		count++;
	}
	return count;
}

bool filter_wants(const struct filter *f, const char *top)
{
	const struct xml_node *at;

	if (f->xpath.len)
		return xpath_wants(f, top);
	return !f->subtree || count_named(f->subtree, top, &at);
}

bool filter_wants_in(const struct filter *f, const char *top, const char *child)
{
	const struct xml_node *at, *in;

	if (f->xpath.len)
		return xpath_wants(f, top) && xpath_wants(f, child);
	if (!f->subtree)
		return true;
	return count_named(f->subtree, top, &at) != 1
		       ? filter_wants(f, top)
		       : !at->first || count_named(at, child, &in);
}

const char *filter_demands(const struct filter *f, const char *top, const char *child,
			   const char *leaf)
{
	const struct xml_node *at, *in, *value;

	if (!f->subtree || count_named(f->subtree, top, &at) != 1 ||
	    count_named(at, child, &in) != 1 || count_named(in, leaf, &value) != 1)
		return NULL;
	return *value->text ? value->text : NULL;
}

/* ---- copying ---- */

struct copier {
	struct rpc *r;
	const struct nacm_user *u;
	unsigned max_depth;
	bool no_defaults;
	const struct lyd_node **hit,
		**way; /* of XPath: selected, and above them; sorted */
	size_t hits, ways;
	bool failed;
};

/* Is it, for this client, not there? */
static bool is_absent(const struct copier *c, const struct lyd_node *node)
{
	return c->no_defaults && node->flags & LYD_DEFAULT;
}

static bool may_read(const struct copier *c, const struct nacm_place *place)
{
	return (!c->max_depth || place->depth <= c->max_depth) &&
	       nacm_may(c->u, place, NACM_READ);
}

/* Without what is in it, but for the keys of a list. */
static struct lyd_node *copy_shell(struct copier *c, const struct lyd_node *node,
				   struct lyd_node *parent)
{
	struct lyd_node *copy = NULL;

	if (lyd_dup_single(node, (struct lyd_node_inner *)parent, LYD_DUP_WITH_FLAGS,
			   &copy))
		c->failed = true;
	return copy;
}

static struct lyd_node *copy_all(struct copier *c, const struct lyd_node *node,
				 const struct nacm_place *up, struct lyd_node *parent)
{
	const struct nacm_place place = nacm_place_in(up, node->schema, node, NULL);
	struct lyd_node *copy = NULL, *child;

	if (!c->max_depth && nacm_may_all(c->u)) {
		if (lyd_dup_single(node, (struct lyd_node_inner *)parent,
				   LYD_DUP_WITH_FLAGS | LYD_DUP_RECURSIVE, &copy))
			c->failed = true;
		return copy;
	}
	if (!may_read(c, &place))
		return NULL;
	copy = copy_shell(c, node, parent);
	LY_LIST_FOR(copy ? lyd_child_no_keys(node) : NULL, child)
	{
		copy_all(c, child, &place, copy);
	}
	return copy;
}

/* ---- subtree filters: RFC 6241 section 6.2 ---- */

static bool is_blank(const char *s)
{
	return !s[strspn(s, " \t\r\n")];
}

static bool is_content_match(const struct xml_node *f)
{
	return !f->first && !is_blank(f->text);
}

static bool is_named(const struct xml_node *f, const struct lyd_node *node)
{
	return !strcmp(f->name, node->schema->name) &&
	       (!*f->ns || !strcmp(f->ns, node->schema->module->ns));
}

static bool is_text(const struct lyd_node *leaf, const char *text)
{
	const char *value = lyd_get_value(leaf);
	size_t len = strlen(value);

	text += strspn(text, " \t\r\n");
	return !strncmp(text, value, len) && is_blank(text + len);
}

/* What the user may not read he may not guess either. */
static bool has_value(const struct copier *c, const struct lyd_node *node,
		      const struct nacm_place *place, const struct xml_node *f)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(node), child)
	{
		const struct nacm_place in =
			nacm_place_in(place, child->schema, child, NULL);

		if (child->schema->nodetype & (LYS_LEAF | LYS_LEAFLIST) &&
		    !is_absent(c, child) && is_named(f, child) &&
		    is_text(child, f->text) && nacm_may(c->u, &in, NACM_READ))
			return true;
	}
	return false;
}

enum selected {
	SELECTED_NOT,
	SELECTED_PART,
	SELECTED_ALL,
};

/* What of @node does the filter element of its name select? */
static enum selected selects(const struct copier *c, const struct xml_node *f,
			     const struct lyd_node *node, const struct nacm_place *up)
{
	const struct nacm_place place = nacm_place_in(up, node->schema, node, NULL);
	bool only_matches = true;

	if (node->schema->nodetype & (LYS_LEAF | LYS_LEAFLIST))
		return !f->first && (is_blank(f->text) || is_text(node, f->text))
			       ? SELECTED_ALL
			       : SELECTED_NOT;
	if (!f->first)
		return is_blank(f->text) ? SELECTED_ALL : SELECTED_NOT;
	for (const struct xml_node *in = f->first; in; in = in->next) {
		if (!is_content_match(in))
			only_matches = false;
		else if (!has_value(c, node, &place, in))
			return SELECTED_NOT;
	}
	return only_matches ? SELECTED_ALL : SELECTED_PART;
}

/* Filter elements that @node, or part of it, is selected by. */
struct active {
	const struct xml_node *f[AT_ONCE_MAX];
	unsigned count;
	enum selected selected;
};

static void add_active(struct copier *c, struct active *a, const struct xml_node *in,
		       const struct lyd_node *node, const struct nacm_place *up)
{
	for (const struct xml_node *f = in->first; f; f = f->next) {
		enum selected s =
			is_named(f, node) ? selects(c, f, node, up) : SELECTED_NOT;

		if (s > a->selected)
			a->selected = s;
		if (s != SELECTED_PART)
			continue;
		if (a->count == AT_ONCE_MAX)
			c->failed = true;
		else
			a->f[a->count++] = f;
	}
}

static struct lyd_node *copy_active(struct copier *c, const struct lyd_node *node,
				    const struct nacm_place *up, struct lyd_node *parent,
				    const struct active *above);

static struct lyd_node *copy_part(struct copier *c, const struct lyd_node *node,
				  const struct nacm_place *up, struct lyd_node *parent,
				  const struct active *a)
{
	const struct nacm_place place = nacm_place_in(up, node->schema, node, NULL);
	struct lyd_node *copy, *child;
	bool empty = true;

	if (!may_read(c, &place))
		return NULL;
	copy = copy_shell(c, node, parent);
	LY_LIST_FOR(copy ? lyd_child(node) : NULL, child)
	{
		if (lysc_is_key(child->schema)) { /* is there; but was it asked for? */
			struct active key = {0};

			for (unsigned i = 0; i < a->count; i++)
				add_active(c, &key, a->f[i], child, &place);
			empty = empty && key.selected == SELECTED_NOT;
		} else if (copy_active(c, child, &place, copy, a)) {
			empty = false;
		}
	}
	if (!empty)
		return copy;
	lyd_free_tree(copy);
	return NULL;
}

static struct lyd_node *copy_active(struct copier *c, const struct lyd_node *node,
				    const struct nacm_place *up, struct lyd_node *parent,
				    const struct active *above)
{
	struct active a = {0};

	if (is_absent(c, node))
		return NULL;
	for (unsigned i = 0; i < above->count; i++)
		add_active(c, &a, above->f[i], node, up);
	switch (a.selected) {
	case SELECTED_ALL:
		return copy_all(c, node, up, parent);
	case SELECTED_PART:
		return copy_part(c, node, up, parent, &a);
	case SELECTED_NOT:
		return NULL;
	}
	return NULL;
}

/* ---- XPath ---- */

static int compare_pointers(const void *a, const void *b)
{
	const struct lyd_node *const *x = a, *const *y = b;

	return (*x > *y) - (*x < *y);
}

static bool is_in(const struct lyd_node **v, size_t count, const struct lyd_node *node)
{
	return count && bsearch(&node, v, count, sizeof(*v), compare_pointers);
}

/* Of nodes in the order of the document those next to each other have their way in common. */
static void note_hits(struct copier *c, const struct ly_set *set)
{
	const struct lyd_node *last = NULL;
	size_t cap = 0;

	c->hit = xcalloc(set->count + 1, sizeof(struct lyd_node *));
	for (uint32_t i = 0; i < set->count; i++) {
		const struct lyd_node *node = set->dnodes[i];

		if (is_absent(c, node))
			continue;
		c->hit[c->hits++] = node;
		if (node->parent == (const struct lyd_node_inner *)last && last)
			continue;
		last = lyd_parent(node);
		for (const struct lyd_node *up = last; up; up = lyd_parent(up)) {
			if (c->ways == cap) {
				cap = cap ? cap * 2 : 64;
				c->way = xrealloc(c->way, cap, sizeof(struct lyd_node *));
			}
			c->way[c->ways++] = up;
		}
	}
	qsort(c->hit, c->hits, sizeof(struct lyd_node *), compare_pointers);
	if (c->ways)
		qsort(c->way, c->ways, sizeof(struct lyd_node *), compare_pointers);
}

static struct lyd_node *copy_hits(struct copier *c, const struct lyd_node *node,
				  const struct nacm_place *up, struct lyd_node *parent)
{
	const struct nacm_place place = nacm_place_in(up, node->schema, node, NULL);
	struct lyd_node *copy, *child;

	if (is_in(c->hit, c->hits, node))
		return copy_all(c, node, up, parent);
	if (!is_in(c->way, c->ways, node) || !may_read(c, &place))
		return NULL;
	copy = copy_shell(c, node, parent);
	LY_LIST_FOR(copy ? lyd_child_no_keys(node) : NULL, child)
	{
		copy_hits(c, child, &place, copy);
	}
	return copy;
}

static bool evaluate(struct copier *c, const struct filter *f,
		     const struct lyd_node *tree)
{
	struct ly_set *set = NULL;

	if (lyd_find_xpath(tree, f->xpath.s, &set)) {
		rpc_fail_simply(c->r, "invalid-value", "XPath: %s",
				ly_errmsg(LYD_CTX(tree)) ?: "it gives no nodes");
		return false;
	}
	note_hits(c, set);
	ly_set_free(set, NULL);
	return true;
}

/* On a copy of what the user may read, or a predicate would tell him what he may not. */
static bool copy_xpath(struct copier *c, const struct filter *f,
		       const struct lyd_node *tree, struct lyd_node **out)
{
	struct lyd_node *readable = NULL;
	bool ok = true;

	if (!nacm_may_all(c->u)) {
		readable = copy_all(c, tree, NULL, NULL);
		tree = readable;
	}
	if (tree)
		ok = evaluate(c, f, tree);
	if (tree && ok)
		*out = copy_hits(c, tree, NULL, NULL);
	lyd_free_tree(readable);
	return ok;
}

bool filter_copy(struct rpc *r, const struct filter *f, const struct lyd_node *tree,
		 struct lyd_node **out)
{
	struct copier c = {.r = r,
			   .u = r->s->nacm,
			   .max_depth = f->max_depth,
			   .no_defaults = f->no_defaults};
	bool ok = true;

	*out = NULL;
	if (f->xpath.len) {
		ok = copy_xpath(&c, f, tree, out);
	} else if (f->subtree) {
		const struct active top = {.f = {f->subtree}, .count = 1};

		*out = copy_active(&c, tree, NULL, NULL, &top);
	} else {
		*out = copy_all(&c, tree, NULL, NULL);
	}
	free(c.hit);
	free(c.way);
	if (!c.failed)
		return ok;
	lyd_free_tree(*out);
	*out = NULL;
	rpc_fail_simply(
		r, "too-big",
		"the filter selects one node more than %d times, or memory is short",
		AT_ONCE_MAX);
	return false;
}
