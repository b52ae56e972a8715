/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "wgrd/conf/validate.h"

/* An entry that says half would open or close what nobody meant. */
static int check_complete(const struct conf_prefix_rule *rule,
			  const struct refusal_at *at, struct refusal *r)
{
	if (rule->action != CONF_ACTION_NONE && rule->prefix.addr.family)
		return 0;
	return refuse(r, at, "%s is missing; expected permit or deny, and a prefix",
		      rule->action == CONF_ACTION_NONE ? "action" : "prefix");
}

static int check_range(const struct conf_prefix_rule *rule, struct refusal_at at,
		       struct refusal *r)
{
	unsigned low = conf_prefix_rule_min(rule), high = conf_prefix_rule_max(rule);
	unsigned most = prefix_max_len(rule->prefix.addr.family);
	char text[PREFIX_STRLEN];

	if (rule->prefix.len <= low && low <= high && high <= most)
		return 0;
	prefix_str(&rule->prefix, text);
	at.leaf = rule->ge && (low < rule->prefix.len || low > most || !rule->le) ? "ge"
										  : "le";
	return refuse(r, &at,
		      "%s matches lengths from %u to %u; expected them to rise, from %u "
		      "to %u at most",
		      text, low, high, rule->prefix.len, most);
}

int validate_prefix_list(const struct conf_prefix_list *l, struct refusal *r)
{
	for (size_t i = 0; i < l->rule_count; i++) {
		const struct conf_prefix_rule *rule = &l->rule[i];
		char seq[16];
		const struct refusal_at at = {
			.top = "prefix-list", .name = l->name, .key = seq};
		int err;

		snprintf(seq, sizeof(seq), "%u", rule->seq);
		err = check_complete(rule, &at, r) ?: check_range(rule, at, r);
		if (err)
			return err;
	}
	return 0;
}
