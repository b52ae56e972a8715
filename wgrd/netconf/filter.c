/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/filter.h"

#include <ctype.h>
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

	if (!err && xpath_to_subtree(netconf_ctx(r->n), f->xpath.s, &f->path)) {
		f->subtree = f->path.root;
		strbuf_free(&f->xpath);
	}
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
	xml_free(&f->path);
}

/* ---- for who makes trees ---- */

/* XPath that is no path: a guess that errs on the side of too much. "node()" is any node. */
static bool xpath_wants(const struct filter *f, const char *name)
{
	return strstr(f->xpath.s, "//") || strpbrk(f->xpath.s, "*|") ||
	       strstr(f->xpath.s, "node") || strstr(f->xpath.s, name);
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

static bool is_blank(const char *s)
{
	return !s[strspn(s, " \t\r\n")];
}

static bool is_content_match(const struct xml_node *f)
{
	return !f->first && !is_blank(f->text);
}

/* With blanks around it, which do not count, it would have to be copied: it demands nothing. */
static bool is_bare(const char *text)
{
	return !isspace((unsigned char)*text) &&
	       !isspace((unsigned char)text[strlen(text) - 1]);
}

/* "<name/>" beside "<name>x</name>" selects, and demands nothing. */
const char *filter_demands(const struct filter *f, const char *top, const char *child,
			   const char *leaf)
{
	const struct xml_node *at, *in;
	const char *demand = NULL;

	if (!f->subtree || count_named(f->subtree, top, &at) != 1 ||
	    count_named(at, child, &in) != 1)
		return NULL;
	for (const struct xml_node *c = in->first; c; c = c->next) {
		if (strcmp(c->name, leaf) != 0 || !is_content_match(c))
			continue;
		if (demand || !is_bare(c->text))
			return NULL;
		demand = c->text;
	}
	return demand;
}

/* ---- telling ---- */

struct teller {
	struct rpc *r;
	const struct nacm_user *u;
	struct printer p;
	unsigned max_depth;
	bool no_defaults; /* as in struct filter */
	bool from_path;   /* the subtree was written as an XPath */
	const struct lyd_node **hit,
		**way; /* of XPath: selected, and above them; sorted */
	size_t hits, ways;
	bool failed;
};

/* Is it, for this client, not there? */
static bool is_absent(const struct teller *t, const struct lyd_node *node)
{
	return t->no_defaults && node->flags & LYD_DEFAULT;
}

static bool may_read(const struct teller *t, const struct nacm_place *place)
{
	return (!t->max_depth || place->depth <= t->max_depth) &&
	       nacm_may(t->u, place, NACM_READ);
}

/* What follows prints, and says whether there was something to be printed. An entry of a list has
 * its keys, whoever may read them. */

static bool put_all(struct teller *t, const struct lyd_node *node,
		    const struct nacm_place *up)
{
	struct nacm_place place;
	struct print_mark mark;
	struct lyd_node *child;

	if (!t->max_depth && nacm_may_all(t->u))
		return print_all(&t->p, node);
	place = nacm_place_in(up, node->schema, node, NULL);
	if (!print_wants(&t->p, node) || !may_read(t, &place))
		return false;
	if (node->schema->nodetype & LYD_NODE_TERM) {
		print_leaf(&t->p, node);
		return true;
	}
	mark = print_begin(&t->p, node);
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (lysc_is_key(child->schema))
			print_leaf(&t->p, child);
		else
			put_all(t, child, &place);
	}
	print_end(&t->p, node, &mark);
	return true;
}

/* ---- subtree filters: RFC 6241 section 6.2 ---- */

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

/*
 * What the user may not read he may not guess either. A leaf has one value: an entry whose key is
 * another one is left at its key, and not looked through.
 */
static bool has_value(const struct teller *t, const struct lyd_node *node,
		      const struct nacm_place *place, const struct xml_node *f)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(node), child)
	{
		struct nacm_place in;

		if (!(child->schema->nodetype & LYD_NODE_TERM) || !is_named(f, child))
			continue;
		in = nacm_place_in(place, child->schema, child, NULL);
		if (is_text(child, f->text) && !is_absent(t, child) &&
		    nacm_may(t->u, &in, NACM_READ))
			return true;
		if (child->schema->nodetype == LYS_LEAF)
			return false;
	}
	return false;
}

enum selected {
	SELECTED_NOT,
	SELECTED_PART,
	SELECTED_ALL,
};

/* What of @node does the filter element of its name select? */
static enum selected selects(const struct teller *t, const struct xml_node *f,
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
		else if (!has_value(t, node, &place, in))
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

static void add_active(struct teller *t, struct active *a, const struct xml_node *in,
		       const struct lyd_node *node, const struct nacm_place *up)
{
	for (const struct xml_node *f = in->first; f; f = f->next) {
		enum selected s =
			is_named(f, node) ? selects(t, f, node, up) : SELECTED_NOT;

		if (s > a->selected)
			a->selected = s;
		if (s != SELECTED_PART)
			continue;
		if (a->count == AT_ONCE_MAX)
			t->failed = true;
		else
			a->f[a->count++] = f;
	}
}

/* Keys are there in any case; but are they asked for? A path only names entries by them. */
static bool asks_for_key(struct teller *t, const struct active *a,
			 const struct lyd_node *key, const struct nacm_place *up)
{
	for (unsigned i = 0; i < a->count; i++) {
		for (const struct xml_node *f = a->f[i]->first; f; f = f->next)
			if (is_named(f, key) && !(t->from_path && is_content_match(f)) &&
			    selects(t, f, key, up) != SELECTED_NOT)
				return true;
	}
	return false;
}

static bool put_active(struct teller *t, const struct lyd_node *node,
		       const struct nacm_place *up, const struct active *above);

static bool put_part(struct teller *t, const struct lyd_node *node,
		     const struct nacm_place *up, const struct active *a)
{
	const struct nacm_place place = nacm_place_in(up, node->schema, node, NULL);
	struct print_mark mark;
	struct lyd_node *child;
	bool empty = true;

	if (!may_read(t, &place))
		return false;
	mark = print_begin(&t->p, node);
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (lysc_is_key(child->schema)) {
			print_leaf(&t->p, child);
			empty = empty && !asks_for_key(t, a, child, &place);
		} else if (put_active(t, child, &place, a)) {
			empty = false;
		}
	}
	if (empty)
		print_undo(&t->p, &mark);
	else
		print_end(&t->p, node, &mark);
	return !empty;
}

static bool put_active(struct teller *t, const struct lyd_node *node,
		       const struct nacm_place *up, const struct active *above)
{
	struct active a;

	if (is_absent(t, node))
		return false;
	a.count = 0;
	a.selected = SELECTED_NOT;
	for (unsigned i = 0; i < above->count; i++)
		add_active(t, &a, above->f[i], node, up);
	switch (a.selected) {
	case SELECTED_ALL:
		return put_all(t, node, up);
	case SELECTED_PART:
		return put_part(t, node, up, &a);
	case SELECTED_NOT:
		return false;
	}
	return false;
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
static void note_hits(struct teller *t, const struct ly_set *set)
{
	const struct lyd_node *last = NULL;
	size_t cap = 0;

	t->hit = xcalloc(set->count + 1, sizeof(struct lyd_node *));
	for (uint32_t i = 0; i < set->count; i++) {
		const struct lyd_node *node = set->dnodes[i];

		if (is_absent(t, node))
			continue;
		t->hit[t->hits++] = node;
		if (node->parent == (const struct lyd_node_inner *)last && last)
			continue;
		last = lyd_parent(node);
		for (const struct lyd_node *up = last; up; up = lyd_parent(up)) {
			if (t->ways == cap) {
				cap = cap ? cap * 2 : 64;
				t->way = xrealloc(t->way, cap, sizeof(struct lyd_node *));
			}
			t->way[t->ways++] = up;
		}
	}
	qsort(t->hit, t->hits, sizeof(struct lyd_node *), compare_pointers);
	if (t->ways)
		qsort(t->way, t->ways, sizeof(struct lyd_node *), compare_pointers);
}

static bool put_hits(struct teller *t, const struct lyd_node *node,
		     const struct nacm_place *up)
{
	const struct nacm_place place = nacm_place_in(up, node->schema, node, NULL);
	struct print_mark mark;
	struct lyd_node *child;
	bool empty = true;

	if (is_in(t->hit, t->hits, node))
		return put_all(t, node, up);
	if (!is_in(t->way, t->ways, node) || !may_read(t, &place))
		return false;
	mark = print_begin(&t->p, node);
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (lysc_is_key(child->schema)) {
			print_leaf(&t->p, child);
			empty = empty && !is_in(t->hit, t->hits, child);
		} else if (put_hits(t, child, &place)) {
			empty = false;
		}
	}
	if (empty)
		print_undo(&t->p, &mark);
	else
		print_end(&t->p, node, &mark);
	return !empty;
}

static bool evaluate(struct teller *t, const struct filter *f,
		     const struct lyd_node *tree)
{
	struct ly_set *set = NULL;

	if (lyd_find_xpath(tree, f->xpath.s, &set)) {
		rpc_fail_simply(t->r, "invalid-value", "XPath: %s",
				ly_errmsg(LYD_CTX(tree)) ?: "it gives no nodes");
		return false;
	}
	note_hits(t, set);
	ly_set_free(set, NULL);
	return true;
}

/* The caller's; NULL: nothing, or there is no memory for it. */
static struct lyd_node *copy_readable(struct teller *t, const struct lyd_node *node,
				      const struct nacm_place *up,
				      struct lyd_node *parent)
{
	const struct nacm_place place = nacm_place_in(up, node->schema, node, NULL);
	struct lyd_node *copy = NULL, *child;

	if (!may_read(t, &place))
		return NULL;
	/* with the keys of a list */
	if (lyd_dup_single(node, (struct lyd_node_inner *)parent, LYD_DUP_WITH_FLAGS,
			   &copy)) {
		t->failed = true;
		return NULL;
	}
	LY_LIST_FOR(lyd_child_no_keys(node), child)
	{
		copy_readable(t, child, &place, copy);
	}
	return copy;
}

/* On a copy of what the user may read, or a predicate would tell him what he may not. */
static bool put_xpath(struct teller *t, const struct filter *f,
		      const struct lyd_node *tree)
{
	struct lyd_node *readable = NULL;
	bool ok = true;

	if (!nacm_may_all(t->u)) {
		readable = copy_readable(t, tree, NULL, NULL);
		tree = readable;
	}
	if (t->failed) {
		rpc_fail_simply(t->r, "resource-denied", "memory is short");
		ok = false;
	} else if (tree) {
		ok = evaluate(t, f, tree);
	}
	if (tree && ok)
		put_hits(t, tree, NULL);
	lyd_free_tree(readable);
	return ok;
}

static bool put_subtree(struct teller *t, const struct filter *f,
			const struct lyd_node *tree)
{
	const struct active top = {.f = {f->subtree}, .count = 1};

	put_active(t, tree, NULL, &top);
	if (t->failed)
		rpc_fail_simply(t->r, "too-big",
				"the filter selects one node more than %d times",
				AT_ONCE_MAX);
	return !t->failed;
}

bool filter_print(struct rpc *r, const struct filter *f, const struct lyd_node *tree,
		  enum print_defaults d, struct strbuf *out)
{
	struct teller t = {.r = r,
			   .u = r->s->nacm,
			   .max_depth = f->max_depth,
			   .no_defaults = f->no_defaults,
			   .from_path = f->path.root};
	const size_t begin = out->len;
	bool ok = true;

	printer_init(&t.p, out, d);
	if (f->xpath.len)
		ok = put_xpath(&t, f, tree);
	else if (f->subtree)
		ok = put_subtree(&t, f, tree);
	else
		put_all(&t, tree, NULL);
	printer_fini(&t.p);
	free(t.hit);
	free(t.way);
	if (!ok)
		strbuf_truncate(out, begin);
	return ok;
}
