/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KPIPE_H
#define WGRD_KERNEL_KPIPE_H

/*
 * The socket of the pipelined queue: messages are gathered into a batch that goes out in one
 * send(), and answers are read many at a time. The kernel carries a batch out, in order and
 * whole, before send() returns; its answers are in the receive buffer by then. So once
 * kpipe_read() has found the buffer empty, a request sent before that and not answered has lost
 * its answer. For nlq_rtnl.c; main thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

struct nl_msg;

enum {
	KPIPE_BATCH_BYTES = 32768,
	KPIPE_MESSAGE_BYTES_MAX = 256, /* all of ours are smaller */
	KPIPE_ANSWERS = 64,            /* read at once */
	KPIPE_ANSWER_BYTES = 512,      /* header, verdict, and a sentence */
	/* What an answer takes of the receive buffer by the kernel's accounting, rounded up. */
	KPIPE_ANSWER_TRUESIZE_BYTES = 2048,
};

struct kpipe {
	int fd;
	size_t batch_bytes;
	_Alignas(8) char batch[KPIPE_BATCH_BYTES];
	_Alignas(8) char answers[KPIPE_ANSWERS][KPIPE_ANSWER_BYTES];
};

/* @rcvbuf_bytes: as asked; *@got as granted. Returns 0 or a negative errno. */
int kpipe_init(struct kpipe *p, size_t rcvbuf_bytes, size_t *got) MUST_USE;
void kpipe_fini(struct kpipe *p);

bool kpipe_has_room(const struct kpipe *p);
/* Numbers the message and puts it into the batch, which must have room. Takes @msg. */
void kpipe_add(struct kpipe *p, struct nl_msg *msg, uint32_t seq);
/*
 * Returns 0 when the batch has been sent (or is empty), -EAGAIN when the kernel has no memory
 * for it now and it stays, or another negative errno, and then it is gone without effect.
 */
int kpipe_send(struct kpipe *p) MUST_USE;

/* @err: 0 or the kernel's negative errno; @complaint: its sentence about it, or "". */
typedef void (*kpipe_answer_fn)(void *arg, uint32_t seq, int err, const char *complaint);
/* Reads until there is nothing left. Returns how often the buffer had overrun. */
unsigned kpipe_read(struct kpipe *p, kpipe_answer_fn fn, void *arg);

#endif
