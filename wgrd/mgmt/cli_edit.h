/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_MGMT_CLI_EDIT_H
#define WGRD_MGMT_CLI_EDIT_H

/*
 * From a line of configuration to an edit of the candidate. Outside of a group each line
 * is committed at once; in a group, and in a file, the commit comes at the end. Main
 * thread only.
 */

#include "wgrd/lib/util.h"
#include "wgrd/mgmt/cli.h"

/* Carries out a line whose kind is not CLI_ACTION, in @node: the session's own or one
 * above. Returns false with @refusal, and then nothing has changed. */
bool cli_edit_line(struct cli_session *s, enum cli_node node, struct cli_call *call,
		   struct cli_refusal *refusal) MUST_USE;

/* Sets refusal->why, and the word from what the datastore refused last. */
void cli_edit_explain(const struct mgmt *m, struct cli_refusal *refusal);

void cli_group_begin(struct cli_session *s);
/* Commits. Returns false with @refusal, and then running is as before the group. */
bool cli_group_end(struct cli_session *s, struct cli_refusal *refusal) MUST_USE;
/* Forgets the edits, and the candidate if it is this session's. */
void cli_group_drop(struct cli_session *s);

#endif
