/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_SESSION_H
#define WGRD_CTL_SESSION_H

/*
 * What the ways of using wgrctl share: lines are sent, answers are printed, and a line
 * that failed is told from one that did not. One thread.
 */

#include <stdbool.h>
#include <stdio.h>

#include "wgrd/ctl/conn.h"
#include "wgrd/lib/strbuf.h"

struct session {
	struct conn conn;
	char node[64]; /* "(config-peer)", "" in exec */
};

enum outcome {
	OUTCOME_OK,
	OUTCOME_FAILED, /* the command; its text says why */
	OUTCOME_LOST,   /* the connection; the next line begins in exec */
	OUTCOME_LEFT,   /* `exit` at the top: nothing was sent */
};

/* Connects. False after a message on stderr. */
bool session_open(struct session *s);
/*
 * Runs one line, and prints the answer: to stdout, or to stderr, after @prefix, when it
 * failed. Blank lines and comments are OUTCOME_OK. Connects again if need be.
 */
enum outcome session_run(struct session *s, const char *line, const char *prefix);
/* Asks for something that is not to be printed. False when the connection is lost. */
bool session_query(struct session *s, const char *question, const char *line,
		   struct strbuf *answer);

#endif
