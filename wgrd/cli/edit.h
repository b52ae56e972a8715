/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_EDIT_H
#define WGRD_CLI_EDIT_H

/*
 * From a line of configuration to an edit of the candidate. Outside of a group each line
 * is committed at once; in a group, and in a file, the commit comes at the end. Main
 * thread only.
 */

#include "wgrd/cli/session.h"
#include "wgrd/lib/util.h"

/* Carries out a line whose kind is not CLI_ACTION, or that ends a block it names itself
 * (which makes its entry), in @node. Returns false with @refusal, and then nothing has changed; or true, and
 * refusal->why is what the operator should know of a commit, or "". */
bool cli_edit_line(struct cli_session *s, enum cli_node node, struct cli_call *call,
		   struct cli_refusal *refusal) MUST_USE;

/* Prints the notice that one of the other functions returned true with. */
void cli_tell_notice(const struct cli_refusal *notice, struct strbuf *out);

/* Sets refusal->why, and the word from what the datastore refused last. */
void cli_edit_explain(const struct mgmt *m, struct cli_refusal *refusal);

void cli_group_begin(struct cli_session *s);
/* Commits. Returns false with @refusal, and then running is as before the group; or true
 * as above. */
bool cli_group_end(struct cli_session *s, struct cli_refusal *refusal) MUST_USE;
/* Forgets the edits, and the candidate if it is this session's. */
void cli_group_drop(struct cli_session *s);

#endif
