/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/zebra/zclient_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Room for @more bytes at the end: what waits moves to the front before anything grows. */
static int make_room(struct zqueue *q, size_t more)
{
	size_t cap = q->cap ?: 4096;
	uint8_t *grown;

	if (q->head) {
		memmove(q->buf, q->buf + q->head, q->len);
		q->head = 0;
	}
	if (q->len + more > ZQUEUE_MAX)
		return -ENOBUFS;
	while (cap < q->len + more)
		cap *= 2;
	if (cap == q->cap)
		return 0;
	grown = realloc(q->buf, cap);
	if (!grown)
		return -ENOBUFS;
	q->buf = grown;
	q->cap = cap;
	return 0;
}

int zqueue_put(struct zqueue *q, const uint8_t *msg, const struct wbuf *end)
{
	size_t len = (size_t)(end->pos - msg);
	int err;

	if (end->err)
		return -EMSGSIZE;
	if (q->head + q->len + len > q->cap) {
		err = make_room(q, len);
		if (err)
			return err;
	}
	memcpy(q->buf + q->head + q->len, msg, len);
	q->len += len;
	return 0;
}

int zqueue_write(struct zqueue *q, int fd)
{
	while (q->len) {
		ssize_t n =
			send(fd, q->buf + q->head, q->len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
		q->head += (size_t)n;
		q->len -= (size_t)n;
	}
	q->head = 0;
	return 0;
}

void zqueue_clear(struct zqueue *q)
{
	free(q->buf);
	*q = (struct zqueue){0};
}
