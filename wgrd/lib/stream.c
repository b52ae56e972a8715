/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/stream.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool stream_is_idle(const struct stream *s)
{
	return !s->posted && !s->held;
}

/* Drops what was not taken of the answer. */
static void clear(struct stream *s)
{
	if (s->posted)
		*s->unread -= s->out.len - s->sent;
	strbuf_free(&s->out);
	s->sent = 0;
	s->posted = false;
}

/* Sends what the socket takes. */
static bool send_some(struct stream *s)
{
	while (s->sent < s->out.len) {
		ssize_t n = send(s->fd, s->out.s + s->sent, s->out.len - s->sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		s->sent += (size_t)n;
		*s->unread -= (size_t)n;
	}
	clear(s);
	return true;
}

bool stream_post(struct stream *s)
{
	s->posted = true;
	*s->unread += s->out.len;
	if (!send_some(s))
		return false;
	if (s->posted)
		loop_io_want(s->io, LOOP_WRITE);
	return true;
}

void stream_consume(struct stream *s, size_t len)
{
	s->in_len -= len;
	memmove(s->in, s->in + len, s->in_len);
	explicit_bzero(s->in + s->in_len, len);
}

static bool receive(struct stream *s)
{
	ssize_t n = read(s->fd, s->in + s->in_len, s->in_size - s->in_len);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	s->in_len += (size_t)n;
	return n > 0;
}

static void go_on(struct stream *s, bool ok)
{
	if (!ok || !s->input(s))
		s->ended(s);
	else if (s->held)
		loop_io_want(s->io, 0);
	else
		loop_io_want(s->io, s->posted ? LOOP_WRITE : LOOP_READ);
}

static void ready(void *arg, unsigned what)
{
	struct stream *s = arg;
	bool ok = true;

	if (s->posted)
		ok = send_some(s);
	else if (what & LOOP_READ)
		ok = receive(s);
	go_on(s, ok);
}

void stream_hold(struct stream *s)
{
	s->held = true;
}

void stream_resume(struct stream *s)
{
	s->held = false;
	go_on(s, stream_post(s));
}

int stream_open(struct stream *s, struct loop *loop, int fd)
{
	int err = loop_io_add(loop, fd, LOOP_READ, ready, s, &s->io);

	s->fd = fd;
	if (err)
		close(fd);
	return err;
}

void stream_close(struct stream *s)
{
	loop_io_del(s->io);
	close(s->fd);
	clear(s);
	explicit_bzero(s->in, s->in_size);
}
