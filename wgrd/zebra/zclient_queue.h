/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_ZEBRA_ZCLIENT_QUEUE_H
#define WGRD_ZEBRA_ZCLIENT_QUEUE_H

/*
 * What waits to be written to zebra: whole messages in a row, so that one write() takes many.
 * Bounded: a zebra that does not read must not cost us memory without end. Main thread
 * only; starts as {0}.
 */

#include <stddef.h>
#include <stdint.h>

#include "proto/net/wbuf.h"
#include "wgrd/lib/util.h"

enum {
	ZQUEUE_MAX = 1 << 20,    /* more than this is refused */
	ZQUEUE_ENOUGH = 1 << 16, /* whoever can produce more later waits at this level */
};

struct zqueue {
	uint8_t *buf;
	size_t head, len, cap; /* what waits is @len bytes from @head */
};

/* Appends the message between @msg and the cursor. -ENOBUFS when full, -EMSGSIZE after an
 * error of the cursor. */
int zqueue_put(struct zqueue *q, const uint8_t *msg, const struct wbuf *end) MUST_USE;
/* Writes what @fd takes. Returns 0, also when not all was taken, or a negative errno. */
int zqueue_write(struct zqueue *q, int fd) MUST_USE;
void zqueue_clear(struct zqueue *q); /* frees; usable again */

#endif
