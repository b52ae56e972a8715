/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_PREFIX_LIST_H
#define WGRD_CONF_PREFIX_LIST_H

/*
 * Prefix-lists, with the meaning that they have in FRR: the entry with the lowest number
 * that matches decides, and what none matches is denied. Entries for IPv4 and IPv6 stand
 * in one list. Built once for each configuration and constant from then on; finding is
 * pure, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/util.h"

enum conf_action {
	CONF_ACTION_NONE,
	CONF_ACTION_PERMIT,
	CONF_ACTION_DENY,
};

/* Matches what @prefix contains and whose length is from @ge to @le. Without either only
 * @prefix itself; without @le anything from @ge on; without @ge anything up to @le. */
struct conf_prefix_rule {
	uint32_t seq;
	uint8_t action; /* enum conf_action; NONE and no prefix are for validation to refuse */
	uint8_t ge, le;       /* 0: not given */
	struct prefix prefix; /* family 0: not given */
	/* For conf_prefix_list_find(): the nearest rule before this one whose prefix contains
	 * this one's, plus 1; 0: none. */
	uint32_t outer;
};

struct conf_prefix_list {
	char name[64];                 /* CONF_NAME_LEN; first, to be found by it */
	struct conf_prefix_rule *rule; /* in order of prefix, then number, once indexed */
	size_t rule_count;
};

/* Puts the rules in order. To be called once, when all are there. */
void conf_prefix_list_index(struct conf_prefix_list *l);

/* The shortest and the longest length that @r matches. */
unsigned conf_prefix_rule_min(const struct conf_prefix_rule *r);
unsigned conf_prefix_rule_max(const struct conf_prefix_rule *r);

/*
 * The rule that decides about @p, or NULL when none matches. Costs a binary search and a
 * look at each rule whose prefix contains @p, however many others there are.
 */
const struct conf_prefix_rule *conf_prefix_list_find(const struct conf_prefix_list *l,
						     const struct prefix *p);
/* @l NULL, a list that does not exist, permits nothing; nor does one without rules. */
bool conf_prefix_list_permits(const struct conf_prefix_list *l, const struct prefix *p);

#endif
