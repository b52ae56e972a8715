/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_MATCH_H
#define WGRD_CLI_MATCH_H

/*
 * Finds the form of a node that a line spells, word by word. At each word the forms that
 * fit it best stay: a word spelt out beats an abbreviation, which beats a value. An
 * abbreviation has to be unique at its place, whatever comes after it. Pure functions.
 */

#include <stdbool.h>

#include "wgrd/cli/form.h"
#include "wgrd/cli/line.h"
#include "wgrd/lib/util.h"

/* What a command answers; the numbers are those of FRR's vtysh protocol. */
enum cli_status {
	CLI_SUCCESS = 0,
	CLI_WARNING = 1,
	CLI_NO_MATCH = 2,
	CLI_AMBIGUOUS = 3,
	CLI_INCOMPLETE = 4,
	CLI_CONFIG_FAILED = 13,
	CLI_LATER = 256, /* not an octet: no client is told it */
};

/* Where to look: the words of @line from number @from on, among the forms of @node. */
struct cli_query {
	const struct cli_forms *forms;
	const struct cli_line *line;
	enum cli_node node;
	unsigned from;
	unsigned to; /* the word where the line ends; 0: all of it counts */
	bool below;  /* spelt from above: settings only, for nobody is in the node */
	bool no;     /* `no` stood before: forms that can be undone, values optional */
	bool file;   /* words spelt out, and no words that are not for files */
};

struct cli_match {
	enum cli_status status;
	const struct cli_form *form; /* for CLI_SUCCESS */
	unsigned at; /* for the others, the number of the word where it went wrong */
};

struct cli_match cli_match(const struct cli_query *q);

/*
 * A line may be spelt from above, `wireguard wg0 peer a endpoint 192.0.2.1:51820`. If the
 * words before number @to enter a node and more follow, looks on from there, in that node.
 * Returns the name of the entry; NULL: they do not, and @q is as it was.
 */
const char *cli_descend(struct cli_query *q, unsigned to);

/*
 * Everything that could stand as word number @at, its predecessors given: each
 * alternative on its own. @prefix: only fixed words that begin with it, and values. For
 * values @choice is the capitals. Ends with a call with @w NULL when the line could end
 * before that word.
 */
typedef void (*cli_candidate_fn)(void *arg, const struct cli_word *w,
				 struct cli_span choice, struct cli_span help);
void cli_candidates(const struct cli_query *q, unsigned at, const char *prefix,
		    cli_candidate_fn fn, void *arg);

#endif
