/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *check(void *p)
{
	if (!p) {
		static const char line[] = "wgrd: out of memory\n";

		/* no formatting: it may want memory */
		fputs(line, stderr);
		abort();
	}
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return check(calloc(n ?: 1, size ?: 1));
}

void *xrealloc(void *old, size_t n, size_t size)
{
	return check(reallocarray(old, n ?: 1, size ?: 1));
}

char *xstrdup(const char *s)
{
	return check(strdup(s));
}
