/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_VTYSH_EXT_SPELL_OUT_H
#define WGRD_VTYSH_EXT_SPELL_OUT_H

/*
 * Lines of wgrd's blocks, in order, to lines that stand alone. The line that begins a block
 * is implied by those in it, and only said when there are none, with the word that ends it:
 * `wireguard wg0` by itself would enter a node, where the next line could mean something
 * else. Pure; points into the lines it was given, until spell_out_end().
 */

#include <stdbool.h>

#include "wgrd/cli/grammar.h"
#include "wgrd/lib/strbuf.h"

enum {
	SPELL_OUT_DEPTH = 8 /* deeper than any block; a line of that depth is left out */
};

struct spell_out {
	/* The line that entered the block at each depth, and the node it led to. */
	const char *way[SPELL_OUT_DEPTH];
	enum cli_node node[SPELL_OUT_DEPTH + 1];
	/* The block whose beginning nothing implies yet; SPELL_OUT_DEPTH: none. */
	size_t pending;
};

void spell_out_begin(struct spell_out *s);
/* Appends @line with its newline to @out, or nothing if it only ends or separates blocks. */
void spell_out_line(struct spell_out *s, const char *line, struct strbuf *out);
void spell_out_end(struct spell_out *s, struct strbuf *out);

/* Does this line, without blanks before it, begin a block of ours? */
bool spell_out_begins_block(const char *line);

#endif
