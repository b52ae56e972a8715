/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/sizes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/util.h"

enum {
	PEERS_MIN = 1000, /* fewer say nothing about many */
};

void sizes_must(const struct sizes *s, bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", s->program, what);
	exit(1);
}

static void usage(const struct sizes *s)
{
	fprintf(stderr, "usage: %s [--json]%s [PEERS...], %d peers or more\n", s->program,
		s->interfaces ? " [--interfaces N]" : "", PEERS_MIN);
	exit(1);
}

void sizes_run(struct sizes *s, int argc, char **argv, void (*measure)(unsigned peers))
{
	static const unsigned usual[] = {1000, 10000, 100000};
	unsigned asked = 0;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json")) {
			s->json = true;
			continue;
		}
		if (s->interfaces && !strcmp(argv[i], "--interfaces") && argv[i + 1]) {
			int n = atoi(argv[++i]);

			sizes_must(s, n >= 1, "--interfaces: expected 1 or more");
			s->interfaces = (unsigned)n;
			continue;
		}
		if (atoi(argv[i]) < PEERS_MIN)
			usage(s);
		measure((unsigned)atoi(argv[i]));
		asked++;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(usual) && !asked; i++)
		measure(usual[i]);
}
