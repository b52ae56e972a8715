/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/nacm/access.h"

#include <libyang/libyang.h>
#include <string.h>

#include "wgrd/netconf/nacm/nacm.h"

/* libyang looks for leaves by their value unless it is given the schema. */
static const struct lyd_node *find_same(const struct lyd_node *in,
					const struct lyd_node *node)
{
	struct lyd_node *found = NULL;
	LY_ERR rc;

	if (!in)
		return NULL;
	if (node->schema->nodetype == LYS_LEAF)
		rc = lyd_find_sibling_val(lyd_child(in), node->schema, NULL, 0, &found);
	else
		rc = lyd_find_sibling_first(lyd_child(in), node, &found);
	return rc ? NULL : found;
}

static bool is_value(const struct lyd_node *n)
{
	return n->schema->nodetype & (LYS_LEAF | LYS_LEAFLIST);
}

/* Who may not make a node, and that there is one, are two things: a default is not made. */
static bool may_all(const struct nacm_user *u, const struct nacm_place *up,
		    const struct lyd_node *node, enum nacm_access access)
{
	const struct nacm_place place = nacm_place_in(up, node->schema, node, NULL);
	const struct lyd_node *child;

	if (node->flags & LYD_DEFAULT)
		return true;
	if (!nacm_may(u, &place, access))
		return false;
	LY_LIST_FOR(lyd_child_no_keys(node), child)
	{
		if (!may_all(u, &place, child, access))
			return false;
	}
	return true;
}

static bool is_same_value(const struct lyd_node *a, const struct lyd_node *b)
{
	return !strcmp(lyd_get_value(a), lyd_get_value(b));
}

static bool may_change(const struct nacm_user *u, const struct nacm_place *up,
		       const struct lyd_node *before, const struct lyd_node *after)
{
	const struct nacm_place place = nacm_place_in(up, after->schema, after, NULL);
	const struct lyd_node *child, *other;

	if (is_value(after))
		return is_same_value(before, after) || nacm_may(u, &place, NACM_UPDATE);
	LY_LIST_FOR(lyd_child_no_keys(after), child)
	{
		other = find_same(before, child);
		if (!(other ? may_change(u, &place, other, child)
			    : may_all(u, &place, child, NACM_CREATE)))
			return false;
	}
	LY_LIST_FOR(lyd_child_no_keys(before), child)
	{
		if (!find_same(after, child) && !may_all(u, &place, child, NACM_DELETE))
			return false;
	}
	return true;
}

bool access_may_change(const struct nacm_user *u, const struct lyd_node *before,
		       const struct lyd_node *after)
{
	if (nacm_may_all(u))
		return true;
	if (before && after)
		return may_change(u, NULL, before, after);
	if (after)
		return may_all(u, NULL, after, NACM_CREATE);
	return !before || may_all(u, NULL, before, NACM_DELETE);
}
