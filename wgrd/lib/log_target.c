/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/log_target.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static struct {
	bool is_journal; /* stderr is journald's, which stamps and sorts by itself */
	bool syslog_is_open;
	_Atomic bool shared; /* others write to the file, too: lines say whose they are */
	_Atomic int fd; /* of the file, or -1; once it is one it stays the same number */
	char *ident, *path;
} target = {.fd = -1};

/* The least severity that goes there. Nothing else depends on it, so all is relaxed. */
static _Atomic int upto[LOG_SINK_COUNT] = {
	[LOG_SINK_STDERR] = LOG_SINK_ALL,
	[LOG_SINK_SYSLOG] = LOG_SINK_OFF,
	[LOG_SINK_FILE] = LOG_SINK_OFF,
};

static void set_upto(enum log_sink sink, int severity)
{
	atomic_store_explicit(&upto[sink], severity, memory_order_relaxed);
}

void log_target_limit(enum log_sink sink, int severity)
{
	if (log_target_upto(sink) > severity)
		set_upto(sink, severity);
}

int log_target_upto(enum log_sink sink)
{
	return atomic_load_explicit(&upto[sink], memory_order_relaxed);
}

const char *log_target_path(void)
{
	return target.path;
}

static int file_fd(void)
{
	return atomic_load_explicit(&target.fd, memory_order_relaxed);
}

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

static void open_syslog(void)
{
	if (!target.syslog_is_open)
		openlog(target.ident, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	target.syslog_is_open = true;
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
	target.is_journal = stderr_is_journal();
	atomic_store_explicit(&target.fd, fd, memory_order_relaxed);
	target.ident = xstrdup(ident); /* openlog() keeps the pointer */
	target.path = path ? xstrdup(path) : NULL;
	if (to_syslog)
		open_syslog();
	set_upto(LOG_SINK_STDERR, to_stderr ? LOG_SINK_ALL : LOG_SINK_OFF);
	set_upto(LOG_SINK_SYSLOG, to_syslog ? LOG_SINK_ALL : LOG_SINK_OFF);
	set_upto(LOG_SINK_FILE, path ? LOG_SINK_ALL : LOG_SINK_OFF);
	return 0;
}

void log_target_close(void)
{
	if (target.syslog_is_open)
		closelog();
	if (file_fd() >= 0)
		close(file_fd());
	atomic_store_explicit(&target.fd, -1, memory_order_relaxed);
	free(target.ident);
	free(target.path);
	target.ident = target.path = NULL;
	target.is_journal = target.syslog_is_open = false;
	atomic_store_explicit(&target.shared, false, memory_order_relaxed);
	set_upto(LOG_SINK_STDERR, LOG_SINK_ALL);
	set_upto(LOG_SINK_SYSLOG, LOG_SINK_OFF);
	set_upto(LOG_SINK_FILE, LOG_SINK_OFF);
}

/* dup3() swaps the file under the number in one step, so writers need no lock. */
static int use_file(int fd)
{
	int err = 0;

	if (fd < 0)
		return fd;
	if (file_fd() < 0) {
		atomic_store_explicit(&target.fd, fd, memory_order_relaxed);
		return 0;
	}
	if (dup3(fd, file_fd(), O_CLOEXEC) < 0)
		err = -errno;
	close(fd);
	return err;
}

int log_target_reopen(void)
{
	bool in_use = log_target_upto(LOG_SINK_FILE) != LOG_SINK_OFF;

	return in_use ? use_file(open_file(target.path)) : 0;
}

static int set_file(int severity, const char *path)
{
	int err;

	path = path ?: target.path;
	if (severity == LOG_SINK_OFF) /* the number stays taken: somebody may write */
		err = file_fd() < 0 ? 0
				    : use_file(open("/dev/null", O_WRONLY | O_CLOEXEC));
	else
		err = path ? use_file(open_file(path)) : -EINVAL;
	if (!err && path && path != target.path) {
		atomic_store_explicit(&target.shared, true, memory_order_relaxed);
		free(target.path);
		target.path = xstrdup(path);
	}
	return err;
}

int log_target_set(enum log_sink sink, int severity, const char *path)
{
	int err = sink == LOG_SINK_FILE ? set_file(severity, path) : 0;

	if (err)
		return err;
	if (sink == LOG_SINK_SYSLOG && severity != LOG_SINK_OFF)
		open_syslog();
	set_upto(sink, severity);
	return 0;
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
	bool to_file = priority <= log_target_upto(LOG_SINK_FILE);
	bool to_stderr = priority <= log_target_upto(LOG_SINK_STDERR);
	char time_head[48], journal_head[16], shared_head[64];

	if (priority <= log_target_upto(LOG_SINK_SYSLOG))
		syslog(priority, "%s", line);
	if (!to_file && !to_stderr)
		return;
	stamp(time_head, sizeof(time_head) - 1);
	strcat(time_head, " ");
	snprintf(shared_head, sizeof(shared_head), "%s%.8s: ", time_head,
		 target.ident ?: "");
	if (to_file)
		write_line(file_fd(),
			   atomic_load_explicit(&target.shared, memory_order_relaxed)
				   ? shared_head
				   : time_head,
			   line);
	if (!to_stderr)
		return;
	snprintf(journal_head, sizeof(journal_head), "<%d>", priority);
	write_line(STDERR_FILENO, target.is_journal ? journal_head : time_head, line);
}
