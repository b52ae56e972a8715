/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wgrd/lib/file.h"

enum {
	LINE_MAX_LEN = 64, /* a key and a newline are 45 */
};

static int write_line(int fd, const char *key)
{
	int err = file_write_all(fd, key, strlen(key)) ?: file_write_all(fd, "\n", 1);

	if (!err && fsync(fd))
		err = -errno;
	return err;
}

/* 0 if the file has exactly this key in it, else -EEXIST. */
static int compare(const char *path, const char *key)
{
	char line[LINE_MAX_LEN + 1] = "";
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	size_t len = strlen(key);
	bool same = fd >= 0 && read(fd, line, LINE_MAX_LEN) > 0 &&
		    !strncmp(line, key, len) && (!line[len] || !strcmp(line + len, "\n"));

	if (fd >= 0)
		close(fd);
	explicit_bzero(line, sizeof(line));
	return same ? 0 : -EEXIST;
}

static int make(const char *path, const char *key, bool *made)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int err;

	*made = false;
	if (fd < 0)
		return errno == EEXIST ? compare(path, key) : -errno;
	*made = true;
	err = fchmod(fd, 0600) ? -errno : write_line(fd, key);
	if (close(fd) && !err)
		err = -errno;
	if (!err)
		err = file_sync_name(path);
	if (err) {
		unlink(path);
		*made = false;
	}
	return err;
}

int secret_file_make(const char *path, const char *key, bool *made, char *why,
		     size_t why_len)
{
	int err = make(path, key, made);

	if (err == -EEXIST)
		snprintf(
			why, why_len,
			"%s is there already, with something else in it; move it away, or "
			"name another directory with --key-dir",
			path);
	else if (err)
		snprintf(why, why_len, "%s cannot be written: %s", path, strerror(-err));
	return err;
}
