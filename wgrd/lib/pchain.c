/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/pchain.h"

#include <assert.h>
#include <stddef.h>

static struct pchain_node *first_at(const struct pmap_at *at)
{
	return *(struct pchain_node **)at->value;
}

bool pchain_add(struct pchain *c, const struct prefix *p, struct pchain_node *n)
{
	struct pchain_node **first = pmap_obtain(&c->map, p);

	if (!first)
		return false;
	n->prev = NULL;
	n->next = *first;
	if (n->next)
		n->next->prev = n;
	*first = n;
	return true;
}

void pchain_remove(struct pchain *c, const struct prefix *p, struct pchain_node *n)
{
	if (n->next)
		n->next->prev = n->prev;
	if (n->prev) {
		n->prev->next = n->next;
	} else if (n->next) {
		struct pchain_node **first = pmap_find(&c->map, p);

		assert(first && *first == n);
		*first = n->next;
	} else {
		pmap_remove(&c->map, p);
	}
	*n = (struct pchain_node){0};
}

struct pchain_node *pchain_first_under(const struct pchain *c, const struct prefix *under,
				       struct pmap_at *at)
{
	return pmap_first_under(&c->map, under, at) ? first_at(at) : NULL;
}

struct pchain_node *pchain_next_under(const struct pchain *c, const struct prefix *under,
				      struct pmap_at *at, const struct pchain_node *n)
{
	if (n->next)
		return n->next;
	return pmap_next_under(&c->map, under, at) ? first_at(at) : NULL;
}
