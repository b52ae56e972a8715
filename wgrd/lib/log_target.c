/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/log_target.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static struct {
	bool to_stderr, to_syslog;
	bool is_journal; /* stderr is journald's, which stamps and sorts by itself */
	int fd;          /* of the file, or -1 */
	char *ident, *path;
} target = {.to_stderr = true, .fd = -1};

/* journald names the device and inode of the stream it gave us: systemd.exec(5). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%" SCNuMAX ":%" SCNuMAX, &dev, &ino) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

static int open_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);

	return fd < 0 ? -errno : fd;
}

int log_target_open(const char *ident, bool to_stderr, bool to_syslog, const char *path)
{
	int fd = -1;

	if (path) {
		fd = open_file(path);
		if (fd < 0)
			return fd;
	}
	log_target_close();
	target.to_stderr = to_stderr;
	target.to_syslog = to_syslog;
	target.is_journal = stderr_is_journal();
	target.fd = fd;
	target.ident = xstrdup(ident); /* openlog() keeps the pointer */
	target.path = path ? xstrdup(path) : NULL;
	if (to_syslog)
		openlog(target.ident, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	return 0;
}

void log_target_close(void)
{
	if (target.to_syslog)
		closelog();
	if (target.fd >= 0)
		close(target.fd);
	free(target.ident);
	free(target.path);
	memset(&target, 0, sizeof(target));
	target.to_stderr = true;
	target.fd = -1;
}

/* dup2() swaps the file under the number in one step, so writers need no lock. */
int log_target_reopen(void)
{
	int fd, err = 0;

	if (target.fd < 0)
		return 0;
	fd = open_file(target.path);
	if (fd < 0)
		return fd;
	if (dup3(fd, target.fd, O_CLOEXEC) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* Local time with its offset, as RFC 3339 has it: 2025-11-24T09:30:01.123+01:00 */
static void stamp(char *buf, size_t size)
{
	struct timespec now;
	struct tm tm;
	char offset[8]; /* +hhmm */
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	len = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(offset, sizeof(offset), "%z", &tm);
	snprintf(buf + len, size - len, ".%03ld%.3s:%.2s", now.tv_nsec / 1000000, offset,
		 offset + 3);
}

/* One writev() a line: O_APPEND keeps the lines of threads whole. */
static void write_line(int fd, const char *head, const char *line)
{
	struct iovec parts[] = {
		{.iov_base = (char *)head, .iov_len = strlen(head)},
		{.iov_base = (char *)line, .iov_len = strlen(line)},
		{.iov_base = (char *)"\n", .iov_len = 1},
	};

	/* a full disk or a closed terminal: there is nobody left to tell */
	while (writev(fd, parts, ARRAY_SIZE(parts)) < 0 && errno == EINTR)
		;
}

void log_target_write(int priority, const char *line)
{
	char time_head[48], journal_head[16];

	if (target.to_syslog)
		syslog(priority, "%s", line);
	if (target.fd < 0 && !target.to_stderr)
		return;
	stamp(time_head, sizeof(time_head) - 1);
	strcat(time_head, " ");
	if (target.fd >= 0)
		write_line(target.fd, time_head, line);
	if (!target.to_stderr)
		return;
	snprintf(journal_head, sizeof(journal_head), "<%d>", priority);
	write_line(STDERR_FILENO, target.is_journal ? journal_head : time_head, line);
}
