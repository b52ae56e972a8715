/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * In order of prefix, all prefixes that contain P come before P or are P, and between two
 * that are nested there are only such as the outer one contains:
 *
 *	10.0.0.0/8      <-- outer of both /16
 *	10.1.0.0/16     <-- outer of the /24
 *	10.1.1.0/24
 *	10.2.0.0/16
 *
 * So the last rule that is not behind P, and from there the way from outer to outer, meets
 * every rule whose prefix contains P. Rules with the same prefix are each other's outer.
 */
#include "wgrd/conf/prefix_list.h"

#include <stdlib.h>

static int compare_rules(const void *va, const void *vb)
{
	const struct conf_prefix_rule *a = va, *b = vb;
	int d = prefix_cmp(&a->prefix, &b->prefix);

	return d ? d : (a->seq > b->seq) - (a->seq < b->seq);
}

/* The place of the nearest rule from number @at on outwards that contains @p, plus 1. */
static size_t containing(const struct conf_prefix_list *l, size_t at,
			 const struct prefix *p)
{
	while (at && !prefix_contains(&l->rule[at - 1].prefix, p))
		at = l->rule[at - 1].outer;
	return at;
}

void conf_prefix_list_index(struct conf_prefix_list *l)
{
	if (l->rule_count > 1)
		qsort(l->rule, l->rule_count, sizeof(*l->rule), compare_rules);
	for (size_t i = 0; i < l->rule_count; i++)
		l->rule[i].outer = (uint32_t)containing(l, i, &l->rule[i].prefix);
}

unsigned conf_prefix_rule_min(const struct conf_prefix_rule *r)
{
	return r->ge ? r->ge : r->prefix.len;
}

unsigned conf_prefix_rule_max(const struct conf_prefix_rule *r)
{
	if (r->le)
		return r->le;
	return r->ge ? prefix_max_len(r->prefix.addr.family) : r->prefix.len;
}

/* How many rules are not behind @p. */
static size_t count_before(const struct conf_prefix_list *l, const struct prefix *p)
{
	size_t low = 0, high = l->rule_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_cmp(&l->rule[middle].prefix, p) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct conf_prefix_rule *conf_prefix_list_find(const struct conf_prefix_list *l,
						     const struct prefix *p)
{
	const struct conf_prefix_rule *best = NULL;
	size_t at = containing(l, count_before(l, p), p);

	for (; at; at = l->rule[at - 1].outer) {
		const struct conf_prefix_rule *r = &l->rule[at - 1];

		if (p->len >= conf_prefix_rule_min(r) &&
		    p->len <= conf_prefix_rule_max(r) && (!best || r->seq < best->seq))
			best = r;
	}
	return best;
}

bool conf_prefix_list_permits(const struct conf_prefix_list *l, const struct prefix *p)
{
	const struct conf_prefix_rule *r = l ? conf_prefix_list_find(l, p) : NULL;

	return r && r->action == CONF_ACTION_PERMIT;
}
