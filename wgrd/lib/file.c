/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int file_write_all(int fd, const char *s, size_t len)
{
	while (len) {
		ssize_t n = write(fd, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The new file, under @temp. It belongs to whom the old one belonged, if we may. */
static int write_temp(const char *file, char *temp, const char *s, size_t len)
{
	struct stat old;
	int err = 0, fd = mkostemp(temp, O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (!stat(file, &old) && fchown(fd, old.st_uid, old.st_gid) && errno != EPERM)
		err = -errno;
	if (!err && fchmod(fd, 0600))
		err = -errno;
	if (!err)
		err = file_write_all(fd, s, len);
	if (!err && fsync(fd))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlink(temp);
	return err;
}

int file_replace(const char *file, const char *s, size_t len)
{
	char temp[PATH_MAX];
	int err;

	if ((size_t)snprintf(temp, sizeof(temp), "%s.XXXXXX", file) >= sizeof(temp))
		return -ENAMETOOLONG;
	err = write_temp(file, temp, s, len);
	if (!err && rename(temp, file)) {
		err = -errno;
		unlink(temp);
	}
	return err;
}

int file_sync_name(const char *file)
{
	char copy[PATH_MAX];
	int fd, err = 0;

	snprintf(copy, sizeof(copy), "%s", file);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd))
		err = -errno;
	close(fd);
	return err;
}
