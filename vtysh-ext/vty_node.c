/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vtysh-ext/vty_node.h"

#include <stdio.h>
#include <string.h>

enum {
	LOOK_AT = 64, /* ints; the struct is longer in every release */
};

static size_t node_at; /* in ints from the beginning */

static const struct {
	const char *line;
	int node; /* that it leads to */
} steps[] = {
	{"enable", FRR_ENABLE_NODE},
	{"configure terminal", FRR_CONFIG_NODE},
	{"end", FRR_ENABLE_NODE},
	{"disable", FRR_VIEW_NODE},
};

static void keep_equal(bool *may_be, const int *seen, int node)
{
	for (size_t i = 0; i < LOOK_AT; i++)
		may_be[i] = may_be[i] && seen[i] == node;
}

static void look(const struct frr *frr, bool *may_be, int node)
{
	int seen[LOOK_AT];

	memcpy(seen, *frr->vty, sizeof(seen));
	keep_equal(may_be, seen, node);
}

bool vty_node_find(const struct frr *frr, char *why, size_t why_len)
{
	bool may_be[LOOK_AT];
	size_t found = 0;

	memset(may_be, true, sizeof(may_be));
	look(frr, may_be, FRR_VIEW_NODE);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		frr->execute(steps[i].line);
		look(frr, may_be, steps[i].node);
	}
	for (size_t i = 0; i < LOOK_AT; i++) {
		if (!may_be[i])
			continue;
		node_at = i;
		found++;
	}
	if (found == 1)
		return true;
	snprintf(why, why_len, "this vtysh keeps its state in another way (%zu places)",
		 found);
	return false;
}

void vty_node_set(struct vty *vty, int node)
{
	memcpy((int *)vty + node_at, &node, sizeof(node));
}
