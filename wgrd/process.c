/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "wgrd/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int ready_fd = -1;

/* The parent: passes on how the child began. Does not return. */
static void wait_for_ready(int fd, pid_t child)
{
	char byte;
	int status;

	if (read(fd, &byte, 1) == 1)
		_exit(0);
	if (waitpid(child, &status, 0) == child && WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	_exit(1);
}

int process_daemonise(void)
{
	int fds[2], null;
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child < 0) {
		int err = -errno;

		close(fds[0]);
		close(fds[1]);
		return err;
	}
	if (child > 0) {
		close(fds[1]);
		wait_for_ready(fds[0], child);
	}
	close(fds[0]);
	ready_fd = fds[1];
	setsid();
	if (chdir("/") < 0)
		return -errno;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return -errno;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	close(null);
	return 0;
}

void process_ready(void)
{
	int null;

	process_notify("READY=1");
	if (ready_fd < 0)
		return;
	if (write(ready_fd, "", 1) != 1)
		perror("wgrd: telling the parent process");
	close(ready_fd);
	ready_fd = -1;
	/* stderr stays until here, so that what stops the start can be read. */
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDERR_FILENO);
		close(null);
	}
}

int process_pid_file(const char *path, int *fd, char *why, size_t why_len)
{
	char line[16];
	int len, err;

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (*fd < 0) {
		err = -errno;
		snprintf(why, why_len, "pid file %s: %s", path, strerror(-err));
		return err;
	}
	if (flock(*fd, LOCK_EX | LOCK_NB) < 0) {
		err = -errno;
		snprintf(why, why_len, "pid file %s is locked: another wgrd runs", path);
		goto close_fd;
	}
	len = snprintf(line, sizeof(line), "%d\n", (int)getpid());
	if (ftruncate(*fd, 0) < 0 || write(*fd, line, (size_t)len) != len) {
		err = errno ? -errno : -EIO;
		snprintf(why, why_len, "pid file %s: %s", path, strerror(-err));
		goto close_fd;
	}
	return 0;

close_fd:
	close(*fd);
	*fd = -1;
	return err;
}

void process_pid_file_remove(const char *path, int fd)
{
	if (fd < 0)
		return;
	unlink(path);
	close(fd);
}

void process_limits(void)
{
	struct rlimit files;

	prctl(PR_SET_DUMPABLE, 0);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* Where the manager listens. Returns the address's length, 0: nobody does. */
static socklen_t notify_address(struct sockaddr_un *to)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;

	if (!len || len >= sizeof(to->sun_path))
		return 0;
	*to = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(to->sun_path, path, len);
	if (to->sun_path[0] == '@')
		to->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

static void attach_fd(struct msghdr *m, void *control, size_t room, int fd)
{
	struct cmsghdr *c;

	m->msg_control = control;
	m->msg_controllen = room;
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

void process_notify_with(const char *state, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(fd))] = {0};
	struct sockaddr_un to;
	struct iovec text = {.iov_base = (void *)(uintptr_t)state,
			     .iov_len = strlen(state)};
	struct msghdr m = {.msg_name = &to, .msg_iov = &text, .msg_iovlen = 1};
	int s;

	m.msg_namelen = notify_address(&to);
	if (!m.msg_namelen)
		return;
	if (fd >= 0)
		attach_fd(&m, control, sizeof(control), fd);
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return;
	/* Nobody to tell when this fails: systemd then waits until its own time-out. */
	(void)sendmsg(s, &m, MSG_NOSIGNAL);
	close(s);
}

void process_notify(const char *state)
{
	process_notify_with(state, -1);
}
