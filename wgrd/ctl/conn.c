/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/conn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	PATIENCE_S = 30, /* of silence; no command takes a daemon that long */
};

static int explain(const struct conn *c, int err, char *why, size_t why_len)
{
	const char *path = c->path;

	switch (err) {
	case ENOENT:
	case ECONNREFUSED:
		snprintf(why, why_len,
			 "wgrd does not answer at %s: start it with \"systemctl start "
			 "wgrd\", or name its socket with --socket",
			 path);
		break;
	case EACCES:
	case EPERM:
		snprintf(why, why_len,
			 "%s may not be opened by this user: run as root, or join the "
			 "group that the socket belongs to",
			 path);
		break;
	case EAGAIN: /* connect() gave up: the queue is full */
		snprintf(why, why_len,
			 "wgrd does not answer at %s: it takes no session "
			 "for %d s",
			 path, PATIENCE_S);
		break;
	default:
		snprintf(why, why_len, "%s: %s", path, strerror(err));
	}
	return -err;
}

int conn_open(struct conn *c, char *why, size_t why_len)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int err;

	c->fd = -1;
	if (strlen(c->path) >= sizeof(sun.sun_path))
		return explain(c, ENAMETOOLONG, why, why_len);
	strcpy(sun.sun_path, c->path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return explain(c, errno, why, why_len);
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!connect(c->fd, (const struct sockaddr *)&sun, sizeof(sun)))
		return 0;
	err = errno;
	conn_close(c);
	return explain(c, err, why, why_len);
}

void conn_close(struct conn *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* What to call an error of a session that was open. */
static int lost(int err)
{
	switch (err) {
	case ECONNRESET:
		return -EPIPE;
	case EAGAIN:
		return -ETIMEDOUT;
	default:
		return -err;
	}
}

static int send_line(struct conn *c, const char *line)
{
	size_t len = strlen(line) + 1;

	while (len) {
		ssize_t n = send(c->fd, line, len, MSG_NOSIGNAL);

		if (n < 0)
			return lost(errno);
		line += n;
		len -= (size_t)n;
	}
	return 0;
}

/* What has come of an answer; its end may arrive in pieces too. */
struct answer {
	struct strbuf *text;
	unsigned nuls;
	int status;
};

/* True when it is complete. */
static bool take(struct answer *a, const char *buf, size_t len)
{
	size_t text_len = a->nuls ? 0 : strnlen(buf, len);

	strbuf_add(a->text, buf, text_len);
	for (size_t i = text_len; i < len; i++) {
		if (a->nuls == 3) {
			a->status = (unsigned char)buf[i];
			return true;
		}
		a->nuls++;
	}
	return false;
}

static int receive(struct conn *c, struct strbuf *text, int *status)
{
	char buf[65536];
	struct answer a = {.text = text};

	for (;;) {
		ssize_t n = read(c->fd, buf, sizeof(buf));

		if (n < 0)
			return lost(errno);
		if (n == 0)
			return -EPIPE;
		if (take(&a, buf, (size_t)n)) {
			*status = a.status;
			return 0;
		}
	}
}

int conn_ask(struct conn *c, const char *line, struct strbuf *text, int *status)
{
	int err = send_line(c, line);

	if (!err)
		err = receive(c, text, status);
	if (err)
		conn_close(c);
	return err;
}
