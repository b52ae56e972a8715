/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_LINE_H
#define WGRD_CLI_LINE_H

/* One line of input, cut into words at blanks. There is no quoting. Any thread. */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/lib/util.h"

enum {
	CLI_LINE_MAX = 16384, /* octets, without the NUL */
	CLI_LINE_WORDS = 16,  /* more than any pattern has */
};

struct cli_line {
	const char *raw; /* the caller's, and must outlive this */
	unsigned words;  /* further ones are only in raw */
	bool more;       /* there are further ones */
	bool open;       /* it ends inside its last word, not with a blank */
	char *word[CLI_LINE_WORDS];
	size_t at[CLI_LINE_WORDS]; /* where in raw each begins */
	char text[CLI_LINE_MAX + 1];
};

/* Returns 0, or -E2BIG. */
int cli_line_split(struct cli_line *l, const char *raw) MUST_USE;
/* Nothing in it but blanks, or a comment, which begins with '!' or '#'. */
bool cli_line_is_blank(const char *raw);

#endif
