/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_RULE_H
#define WGRD_CLI_RULE_H

/*
 * An entry of a prefix-list is one line with several leaves,
 *
 *	prefix-list NAME seq N permit|deny PREFIX [ge N] [le N]
 *
 * and replaces the entry that has its number. `no` with the first two words takes back
 * the whole list, with four or more one entry. Main thread only.
 */

#include <stdbool.h>

#include "wgrd/cli/session.h"

/* Where its words stand; pairs of a word and a length follow. */
enum {
	CLI_RULE_NAME = 1,
	CLI_RULE_SEQ = 3,
	CLI_RULE_ACTION = 4,
	CLI_RULE_PREFIX = 5,
	CLI_RULE_ENDS = 6,
	CLI_RULE_EDITS = 5, /* out with the old one, and four leaves */
};

struct cli_rule {
	struct conf_edit edit[CLI_RULE_EDITS]; /* into path[] and the call's words */
	unsigned edits;
	char path[CLI_RULE_EDITS][320]; /* the first: of the entry, or of the list */
};

/* Does not touch the datastore. False with @refusal when the words cannot be meant. */
bool cli_rule_edits(const struct cli_call *call, struct cli_rule *rule,
		    struct cli_refusal *refusal) MUST_USE;

#endif
