/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "wgrd/fdstore.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wgrd/process.h"

enum {
	FIRST_FD = 3, /* SD_LISTEN_FDS_START */
	NAME_LEN = 64,
};

struct left {
	char name[NAME_LEN];
	int fd;
	struct left *next;
};

static struct left *left;

static long number(const char *variable)
{
	const char *s = getenv(variable);

	return s ? strtol(s, NULL, 10) : 0;
}

/* The names are one string, with colons between them. Returns what follows. */
static const char *take_name(const char *names, char out[NAME_LEN])
{
	size_t len = strcspn(names, ":");

	snprintf(out, NAME_LEN, "%.*s", (int)len, names);
	return names[len] ? names + len + 1 : names + len;
}

void fdstore_open(void)
{
	const char *names = getenv("LISTEN_FDNAMES") ?: "";
	long count = number("LISTEN_PID") == (long)getpid() ? number("LISTEN_FDS") : 0;

	for (int fd = FIRST_FD; fd < FIRST_FD + count; fd++) {
		struct left *l = xcalloc(1, sizeof(*l));

		names = take_name(names, l->name);
		l->fd = fd;
		l->next = left;
		left = l;
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

bool fdstore_is_there(void)
{
	return getenv("NOTIFY_SOCKET") != NULL;
}

int fdstore_take(const char *name)
{
	for (struct left **at = &left; *at; at = &(*at)->next) {
		struct left *l = *at;
		int fd = l->fd;

		if (strcmp(l->name, name) != 0)
			continue;
		*at = l->next;
		free(l);
		return fd;
	}
	return -1;
}

void fdstore_put(const char *name, int fd)
{
	char state[NAME_LEN + 32];

	snprintf(state, sizeof(state), "FDSTORE=1\nFDNAME=%s", name);
	process_notify_with(state, fd);
}

void fdstore_drop(const char *name)
{
	char state[NAME_LEN + 32];

	snprintf(state, sizeof(state), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	process_notify(state);
}

void fdstore_clear(void)
{
	while (left) {
		struct left *l = left;

		left = l->next;
		fdstore_drop(l->name);
		close(l->fd);
		free(l);
	}
}
