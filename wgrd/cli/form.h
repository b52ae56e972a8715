/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_FORM_H
#define WGRD_CLI_FORM_H

/*
 * The grammar table, taken apart once at start: each pattern becomes a form, a row of
 * words. Everything points into the constant table. Main thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/cli/grammar.h"
#include "wgrd/lib/util.h"

enum {
	CLI_FORM_WORDS = 10
};

enum cli_word_kind {
	CLI_WORD_CHOICE, /* one or more fixed words */
	CLI_WORD_RANGE,
	CLI_WORD_VALUE,
	CLI_WORD_REST,
};

/* A piece of a constant string. */
struct cli_span {
	const char *s;
	size_t len;
};

struct cli_word {
	enum cli_word_kind kind;
	struct cli_span text; /* as help shows it: "a|b|c", "<0-65535>", "NAME" */
	struct cli_span help;
	struct cli_span names; /* what completes it: "peer"; empty */
	uint64_t low, high;    /* CLI_WORD_RANGE */
	unsigned choices;
	bool optional;
};

struct cli_form {
	const struct cli_command *cmd;
	unsigned words;
	unsigned need;    /* how many must be there */
	unsigned need_no; /* how many after `no`; 0: `no` cannot stand before it */
	unsigned fixed;   /* how many words come before the first that carries a value */
	struct cli_word word[CLI_FORM_WORDS];
};

struct cli_forms {
	size_t count;
	struct cli_form form[];
};

/* Ends the program when the table breaks its own rules. Free with free(). */
struct cli_forms *cli_forms_new(void);

/* Alternative @i of the word, which is the whole text when there is one only. */
struct cli_span cli_word_choice(const struct cli_word *w, unsigned i);
struct cli_span cli_word_choice_help(const struct cli_word *w, unsigned i);

bool cli_span_is(struct cli_span span, const char *s);
bool cli_span_equal(struct cli_span a, struct cli_span b);

#endif
