/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Loaded into vtysh behind the extension, this makes FRR look like another one: of the
 * release $FAKE_RELEASE, without the symbol $FAKE_MISSING, or, with $FAKE_STATE, with
 * commands that leave no trace in memory.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef void *(*dlsym_fn)(void *handle, const char *name);

static const char *release(void)
{
	return getenv("FAKE_RELEASE");
}

static int do_nothing(const char *line)
{
	(void)line;
	return 0;
}

static int is(const char *variable, const char *name)
{
	const char *value = getenv(variable);

	return value && !strcmp(value, name);
}

void *dlsym(void *handle, const char *name)
{
	dlsym_fn next = (dlsym_fn)dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");

	if (is("FAKE_MISSING", name))
		return NULL;
	if (release() && !strcmp(name, "frr_defaults_version"))
		return (void *)release;
	if (getenv("FAKE_STATE") && !strcmp(name, "vtysh_execute_no_pager"))
		return (void *)do_nothing;
	return next(handle, name);
}
