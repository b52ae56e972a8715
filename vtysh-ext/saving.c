/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vtysh-ext/saving.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wgrd/ctl/conn.h"

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* vtysh has it open as long as it writes it, and only reads it at other times. */
static bool writes_file(const char *path)
{
	DIR *dir = opendir("/proc/self/fd");
	struct stat file, open;
	struct dirent *entry;
	bool found = false;

	if (dir && !stat(path, &file))
		while (!found && (entry = readdir(dir))) {
			int fd = atoi(entry->d_name);

			found = !fstat(fd, &open) && is_same(&open, &file) &&
				(fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY;
		}
	if (dir)
		closedir(dir);
	return found;
}

static void save(const char *path)
{
	struct conn wgrd = {.path = path};
	struct strbuf text = {0};
	char why[256];
	int status = 1;

	if (conn_open(&wgrd, why, sizeof(why)))
		return; /* not running, and then it has nothing to save */
	if (conn_ask(&wgrd, "write memory", &text, &status))
		strbuf_puts(&text, "% the connection was lost\n");
	if (status != 0)
		fprintf(stderr, "wgrd did not save its own file: %s", strbuf_str(&text));
	strbuf_free(&text);
	conn_close(&wgrd);
}

void saving_also(const struct frr *frr)
{
	char path[4200];

	if (!writes_file(frr->config_file))
		return;
	snprintf(path, sizeof(path), "%.4096s/%s.vty", frr->vty_dir, frr->slot->name);
	save(path);
}
