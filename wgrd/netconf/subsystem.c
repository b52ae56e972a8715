/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program behind sshd's "Subsystem netconf": carries octets between sshd and the
 * daemon's socket, each way as fast as the slower end takes them. It runs as the user who
 * logged in, and by that the daemon knows him.
 *
 * usage: wgrd-netconf [SOCKET]
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* One direction. */
struct pipe {
	int from, to;
	char buf[64 * 1024];
	size_t begin, end; /* octets that are here */
	bool closed;       /* nothing more comes */
};

static int connect_to(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(sun.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sun, sizeof(sun)))
		return -1;
	return fd;
}

static bool is_empty(const struct pipe *p)
{
	return p->begin == p->end;
}

static bool fill(struct pipe *p)
{
	ssize_t n = read(p->from, p->buf, sizeof(p->buf));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	p->begin = 0;
	p->end = (size_t)n;
	p->closed = n == 0;
	return true;
}

static bool drain(struct pipe *p)
{
	ssize_t n = write(p->to, p->buf + p->begin, p->end - p->begin);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	p->begin += (size_t)n;
	return true;
}

/* What the direction waits for: to write what it has, or to have something. */
static struct pollfd wish(const struct pipe *p)
{
	if (!is_empty(p))
		return (struct pollfd){.fd = p->to, .events = POLLOUT};
	return (struct pollfd){.fd = p->closed ? -1 : p->from, .events = POLLIN};
}

static bool serve(struct pipe *p, const struct pollfd *ready)
{
	if (!ready->revents)
		return true;
	return is_empty(p) ? fill(p) : drain(p);
}

/* Until the daemon ends the session. */
static int carry(struct pipe *in, struct pipe *out)
{
	bool told = false;

	while (!out->closed || !is_empty(out)) {
		struct pollfd fds[] = {wish(in), wish(out)};

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return 1;
		if (!serve(in, &fds[0]) || !serve(out, &fds[1]))
			return 1;
		if (in->closed && is_empty(in) && !told) {
			shutdown(in->to, SHUT_WR);
			told = true;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct pipe in, out;
	const char *path = argc > 1 ? argv[1] : WGRD_RUNSTATEDIR "/wgrd/wgrd.netconf";
	int fd = connect_to(path);

	if (fd < 0) {
		fprintf(stderr, "wgrd-netconf: %s: %s\n", path, strerror(errno));
		return 1;
	}
	in.from = STDIN_FILENO;
	in.to = out.from = fd;
	out.to = STDOUT_FILENO;
	return carry(&in, &out);
}
