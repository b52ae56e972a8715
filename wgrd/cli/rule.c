/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/rule.h"

#include <stdio.h>
#include <string.h>

enum {
	NAME_SHOWN = 100 /* longer ones are refused by the model, for their length */
};

static bool refused(struct cli_refusal *r, const char *word, const char *why)
{
	snprintf(r->word, sizeof(r->word), "%s", word);
	snprintf(r->why, sizeof(r->why), "%.100s: %s", word, why);
	return false;
}

/* In a path names stand in quotes and brackets. */
static bool check_words(const struct cli_call *call, struct cli_refusal *refusal)
{
	unsigned last = call->words > CLI_RULE_SEQ ? CLI_RULE_SEQ : CLI_RULE_NAME;

	for (unsigned i = CLI_RULE_NAME; i <= last; i += 2)
		if (strpbrk(call->word[i], "'\"[]"))
			return refused(refusal, call->word[i],
				       "quotes and brackets are not allowed here");
	if (call->words == CLI_RULE_SEQ)
		return refused(refusal, call->word[CLI_RULE_SEQ - 1],
			       "the number of the entry is missing");
	return true;
}

static void add_edit(struct cli_rule *rule, bool unset, const char *leaf, char *value)
{
	unsigned i = rule->edits++;

	if (i)
		snprintf(rule->path[i], sizeof(rule->path[i]), "%.300s/%s", rule->path[0],
			 leaf);
	rule->edit[i] =
		(struct conf_edit){.unset = unset, .path = rule->path[i], .value = value};
}

bool cli_rule_edits(const struct cli_call *call, struct cli_rule *rule,
		    struct cli_refusal *refusal)
{
	char *const *word = call->word;
	int len;

	if (!check_words(call, refusal))
		return false;
	rule->edits = 0;
	len = snprintf(rule->path[0], sizeof(rule->path[0]), "prefix-list[name='%.*s']",
		       NAME_SHOWN, word[CLI_RULE_NAME]);
	if (call->words > CLI_RULE_SEQ)
		snprintf(rule->path[0] + len, sizeof(rule->path[0]) - (size_t)len,
			 "/seq[number='%.*s']", NAME_SHOWN, word[CLI_RULE_SEQ]);
	add_edit(rule, true, "", NULL);
	if (call->no)
		return true;
	add_edit(rule, false, "action", call->value);
	add_edit(rule, false, "prefix", word[CLI_RULE_PREFIX]);
	for (unsigned i = CLI_RULE_ENDS; i + 1 < call->words; i += 2)
		add_edit(rule, false, word[i][0] == 'g' ? "ge" : "le", word[i + 1]);
	return true;
}
