/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/key_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/wg/keys.h"

static_assert((int)CONF_KEY_LEN == (int)WG_KEY_LEN, "one kind of key");

enum {
	FILE_LEN_MAX = 128, /* the key, a newline, and some blanks to be kind */
};

static const char not_a_key[] =
	"does not hold a key: expected one line of 44 base64 characters, as 'wg genkey' prints";

static int check_file(int fd, char *why, size_t why_len)
{
	struct stat st;

	if (fstat(fd, &st)) {
		int err = -errno;

		snprintf(why, why_len, "cannot be examined: %s", strerror(-err));
		return err;
	}
	if (!S_ISREG(st.st_mode)) {
		snprintf(why, why_len, "is not a regular file");
		return -EINVAL;
	}
	if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		snprintf(why, why_len, "has mode %04o: others may use it; expected 0600",
			 (unsigned)st.st_mode & 07777);
		return -EPERM;
	}
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		snprintf(why, why_len,
			 "belongs to user %u: expected root or the user of the daemon",
			 (unsigned)st.st_uid);
		return -EPERM;
	}
	return 0;
}

/* Opening a FIFO for reading would wait for its writer without O_NONBLOCK. */
static int open_file(const char *path, int *fd, char *why, size_t why_len)
{
	int err;

	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0) {
		err = -errno;
		if (err == -ELOOP)
			snprintf(why, why_len,
				 "is a symbolic link; expected the file itself");
		else
			snprintf(why, why_len, "cannot be opened: %s", strerror(-err));
		return err;
	}
	err = check_file(*fd, why, why_len);
	if (err)
		close(*fd);
	return err;
}

/* Fills @buf with the whole file and a NUL, if it is small enough. */
static int read_all(int fd, char buf[FILE_LEN_MAX + 1], char *why, size_t why_len)
{
	size_t len = 0;

	while (len <= FILE_LEN_MAX) {
		ssize_t n = read(fd, buf + len, FILE_LEN_MAX + 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int err = -errno;

			snprintf(why, why_len, "cannot be read: %s", strerror(-err));
			return err;
		}
		if (n == 0) {
			buf[len] = '\0';
			if (strlen(buf) == len)
				return 0;
			break;
		}
		len += (size_t)n;
	}
	snprintf(why, why_len, "%s", not_a_key);
	return -EINVAL;
}

static int parse(char *text, struct conf_secret *out, char *why, size_t why_len)
{
	static const char blanks[] = " \t\r\n";
	size_t len = strcspn(text, blanks);

	if (text[len + strspn(text + len, blanks)] == '\0') {
		text[len] = '\0';
		out->set = !wg_key_parse(out->key, text);
		if (out->set)
			return 0;
	}
	snprintf(why, why_len, "%s", not_a_key);
	return -EINVAL;
}

int key_file_read(const char *path, struct conf_secret *out, char *why, size_t why_len)
{
	char text[FILE_LEN_MAX + 1];
	int fd, err;

	explicit_bzero(out, sizeof(*out));
	err = open_file(path, &fd, why, why_len);
	if (err)
		return err;
	err = read_all(fd, text, why, why_len);
	close(fd);
	if (!err)
		err = parse(text, out, why, why_len);
	explicit_bzero(text, sizeof(text));
	return err;
}
