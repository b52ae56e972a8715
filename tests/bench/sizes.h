/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_BENCH_SIZES_H
#define TESTS_BENCH_SIZES_H

/*
 * The command line of a benchmark that measures the same for several numbers of peers:
 *
 *	PROGRAM [--json] [--interfaces N] [PEERS...]
 *
 * Options come before what they are for. Main thread only.
 */

#include <stdbool.h>

struct sizes {
	const char *program;
	bool json;
	unsigned
		interfaces; /* what it is without --interfaces; 0: there is no such option */
};

/* Calls @measure for each PEERS, or for 1000, 10000 and 100000. What makes no sense ends the
 * program with a line that says what does. */
void sizes_run(struct sizes *s, int argc, char **argv, void (*measure)(unsigned peers));
/* Ends the program with @what if not @ok. */
void sizes_must(const struct sizes *s, bool ok, const char *what);

#endif
