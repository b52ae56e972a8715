/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_SCENARIOS_SCN_H
#define WGRD_TESTS_SCENARIOS_SCN_H

/*
 * Reads a story in plain text and plays it in a world; README.md has the words. scn.c
 * makes things happen, scn_expect.c looks at what became of them.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/scenarios/world.h"

enum {
	SCN_WORDS_MAX = 64
};

struct scn {
	struct world *world;
	const char *path;
	FILE *in;
	unsigned line;
	char text[512]; /* of the line, cut into words */
	char *word[SCN_WORDS_MAX];
	unsigned words;
	bool at_once;         /* lines belong to one turn of the loop */
	struct strbuf report; /* why it failed */
};

/* Plays @path. True when all went as expected; otherwise @report says what did not. */
bool scn_play(const char *path, struct strbuf *report);

/* ---- for the two files ---- */

/* Reads the next line that says something. False at the end. */
bool scn_next(struct scn *s);
/* Notes where and what; returns false. */
bool scn_fail(struct scn *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Do the line's words begin with these, separated by spaces? */
bool scn_begins(const struct scn *s, const char *words);
/* The word after @key, or NULL. */
const char *scn_after(const struct scn *s, const char *key);
/* The same as a number; @preset when there is no such key. */
uint32_t scn_number(const struct scn *s, const char *key, uint32_t preset);
bool scn_has(const struct scn *s, const char *key);
/* The first word that is a prefix; false and a report when there is none. */
bool scn_prefix(struct scn *s, struct prefix *p);
bool scn_expect(struct scn *s);

#endif
