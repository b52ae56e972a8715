/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A fake zebra as a program, for topotests: of a release that is not installed, where wgrd
 * looks for zebra. Serves until it is killed, and prints how many own prefixes it has been
 * given whenever that changes.
 *
 *	fake_zebra_alone DIRECTORY RELEASE DIALECT INTERFACE [PREFIX GATE]...
 *
 * RELEASE is what "show version" says; DIALECT a release whose ZAPI it speaks, or "none" for
 * one that nobody knows. Every PREFIX is a BGP route over INTERFACE.
 */

#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "proto/zapi/zapi_dialect.h"
#include "tests/lib/fake_zebra.h"

enum {
	POLL_MS = 5,
	UNKNOWN_ERROR = 150, /* the number of ERROR in no table we have */
};

static bool find_options(struct fake_zebra_options *opt, const char *dialect)
{
	bool none = !strcmp(dialect, "none");

	opt->dialect = zapi_dialect_by_release(none ? "8.4" : dialect);
	if (none)
		opt->error_command = UNKNOWN_ERROR;
	return opt->dialect != NULL;
}

static void say_given(const struct fake_zebra *z)
{
	static size_t said = SIZE_MAX;
	size_t now = fake_zebra_given_count(z);

	if (now == said)
		return;
	printf("given %zu\n", now);
	fflush(stdout);
	said = now;
}

int main(int argc, char **argv)
{
	struct fake_zebra_options opt = {0};
	struct fake_zebra *z;
	unsigned ifindex;

	if (argc < 5 || argc % 2 == 0 || !find_options(&opt, argv[3])) {
		fprintf(stderr, "fake_zebra_alone: see the head of its source\n");
		return 2;
	}
	opt.dir = argv[1];
	opt.release = argv[2];
	ifindex = if_nametoindex(argv[4]);
	z = fake_zebra_new(&opt);
	fake_zebra_iface(z, 0, ifindex, argv[4], true);
	for (int i = 5; i < argc; i += 2)
		fake_zebra_route(z, 0, argv[i], argv[i + 1], ifindex, 0);
	for (;;) {
		while (fake_zebra_poll(z))
			say_given(z);
		say_given(z);
		poll(NULL, 0, POLL_MS);
	}
}
