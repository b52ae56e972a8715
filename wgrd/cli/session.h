/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_SESSION_H
#define WGRD_CLI_SESSION_H

/*
 * A session of the command line: where it stands, and the edits it has not committed
 * yet. One for each client of the vty socket, one for each file that is loaded. Main
 * thread only.
 */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/cli/match.h"
#include "wgrd/conf/candidate.h"
#include "wgrd/conf/commit_log.h"
#include "wgrd/conf/conf.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

struct cli;
struct mgmt;
struct ping;

struct cli_session {
	struct cli *cli;
	struct mgmt *m; /* of cli */
	enum cli_node node;
	/* Which entry was entered, for each node that is one. */
	char name[CLI_NODE_COUNT][CONF_NAME_LEN];
	bool file;                   /* lines come from a file, whose reader commits */
	bool group;                  /* between XFRR_start_configuration and its end */
	struct commit_origin origin; /* who types; zeroed when that is not known */
	/* Takes an answer that comes later; NULL: whoever runs the session cannot wait. */
	void (*answer)(struct cli_session *s, enum cli_status status, const char *text);
	struct ping *ping;          /* that is waited for */
	struct candidate candidate; /* remembers the edits of the open group */
};

/* A line that was understood. Valid while the struct cli_line is. */
struct cli_call {
	const struct cli_form *form;
	bool no;
	char *value; /* of its first word that carries one; NULL. For TEXT... the rest of
			the line with the blanks at its end */
	char *word
		[CLI_FORM_WORDS]; /* all that were given; alternatives spelt in full, but not
				       of CLI_RULE */
	unsigned words;
	/* Spelt from above: names of the entries on the way to its node; NULL elsewhere. */
	const char *way[CLI_NODE_COUNT];
	bool option;        /* a word that may be left out was there */
	char canonical[24]; /* what value points to when it was not spelt in full */
};

/* Why a line was not carried out. */
struct cli_refusal {
	char word[64]; /* the offending one, "" when it is about the whole */
	char why[1024];
};

void cli_session_init(struct cli_session *s, struct cli *cli);
void cli_session_fini(struct cli_session *s); /* drops edits not committed */

/* Carries out one line; what there is to read is appended to @out. CLI_LATER: answer() will be
 * called, and the session has no other line until then. */
enum cli_status cli_run(struct cli_session *s, const char *line, struct strbuf *out);
/* The same for a line of a file. Returns false with @refusal. */
bool cli_run_file_line(struct cli_session *s, const char *line,
		       struct cli_refusal *refusal) MUST_USE;

/* For `wgrctl complete` and `wgrctl help`; @text is the line up to the cursor. */
void cli_complete(const struct cli_session *s, const char *text, struct strbuf *out);
void cli_help(const struct cli_session *s, const char *text, struct strbuf *out);
/* For `autocomplete KIND TEXT VARIABLE` of vtysh. Nothing, if the variable is not ours. */
void cli_autocomplete(const struct cli_session *s, const char *variable,
		      struct strbuf *out);
/* "(config-peer)", or "" in exec. Up to 32 octets. */
void cli_prompt(const struct cli_session *s, struct strbuf *out);

/* Moves to the node above; from config to exec. */
void cli_leave(struct cli_session *s);
/* A value with the blanks at its end cut off, in place. */
void cli_trim(char *s);

#endif
