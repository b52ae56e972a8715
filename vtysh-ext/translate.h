/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_VTYSH_EXT_TRANSLATE_H
#define WGRD_VTYSH_EXT_TRANSLATE_H

/*
 * A row of words of wgrd's grammar table, as FRR's command parser wants it. Pure.
 *
 *	wgrd           FRR
 *	a|b|c          <a|b|c>
 *	<0-65535>      (0-65535)
 *	NAME(peer)     NAME$wgrd_peer    vtysh asks the daemons: autocomplete 1 NAME wgrd_peer
 *	ADDR/LEN       ADDR-LEN
 *
 * FRR knows no dot in a fixed word: alternatives with one become a variable. Numbers that
 * may also be written as 0x... do, too. wgrd checks all values itself, and says what is
 * wrong with them better than "Unknown command".
 */

#include <stdbool.h>

#include "wgrd/cli/form.h"
#include "wgrd/lib/strbuf.h"

struct translation {
	struct strbuf string, doc; /* a line of doc for each word and alternative */
};

/* A word that is in no pattern, such as `no`. @help without newline. */
void translate_word(struct translation *t, const char *word, const char *help);
/* Words @from to @to - 1 of @f; all of them [optional] or as the pattern says. */
void translate_form(struct translation *t, const struct cli_form *f, unsigned from,
		    unsigned to, bool optional);
void translation_free(struct translation *t);

#endif
