/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/full_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *open_table(void)
{
	const char *dir = getenv("WGRD_TEST_DATA"), *src = getenv("WGRD_SRCDIR");
	char path[4096], command[4200];
	FILE *f;

	if (dir)
		snprintf(path, sizeof(path), "%s/full-table-20151101.dat.gz", dir);
	else
		snprintf(path, sizeof(path),
			 "%s/../shared/data/full-table-20151101.dat.gz", src ? src : ".");
	f = fopen(path, "r");
	if (!f) {
		fprintf(stderr, "SKIPPED: %s is not there\n", path);
		return NULL;
	}
	fclose(f);
	snprintf(command, sizeof(command), "gzip -dc '%s'", path);
	return popen(command, "r");
}

size_t full_table_each(void (*fn)(void *arg, const struct prefix *p), void *arg)
{
	FILE *f = open_table();
	char line[128];
	size_t n = 0;

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		struct prefix p;

		line[strcspn(line, "\t\n")] = '\0';
		if (line[0] == ';' || line[0] == '\0')
			continue;
		if (prefix_parse(&p, line)) {
			fprintf(stderr, "%s is no prefix\n", line);
			abort();
		}
		prefix_mask(&p);
		fn(arg, &p);
		n++;
	}
	if (pclose(f)) {
		fputs("the full table does not unpack\n", stderr);
		abort();
	}
	return n;
}
