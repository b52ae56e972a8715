/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/temp_dir.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void temp_dir_make(char dir[static TEMP_DIR_LEN], const char *name)
{
	snprintf(dir, TEMP_DIR_LEN, "/tmp/wgrd-%s-XXXXXX", name);
	if (!mkdtemp(dir)) {
		perror(dir);
		abort();
	}
}

void temp_dir_remove(const char *dir)
{
	char path[512];
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

char *temp_dir_read(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t len = 0;

	if (!f || getdelim(&text, &len, '\0', f) < 0) {
		perror(path);
		abort();
	}
	fclose(f);
	return text;
}

void temp_dir_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f)) {
		perror(path);
		abort();
	}
}
