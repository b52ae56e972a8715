/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_SHARE_H
#define WGRD_DPLANE_SHARE_H

/*
 * One peer's traffic on several processors. All its datagrams have the same addresses, so
 * one worker gets them all, and most of what that worker does is arithmetic on one packet
 * at a time. It shares that with workers that have nothing to do, a few packets each, and
 * takes part itself until all is done: who reads and who writes stays the same, and so
 * does the order. Nobody waits for a worker that has been asked and does not come.
 *
 * A batch is shared only if it is large enough to be worth waking somebody, and if more
 * than one worker is idle: one stays for what comes next.
 */

#include <stdatomic.h>
#include <stdint.h>

#include "proto/crypto/aead.h"

struct dp_worker;

/* seal or open of a struct aead_impl. */
typedef void (*dp_share_fn)(struct aead_op *op, size_t n, const uint8_t *key);

/* A worker's. All zeros to begin with. */
struct dp_share {
	/* What is left of the batch that the worker is at: its number, the next packet
	 * and how many there are. */
	_Alignas(64) _Atomic uint64_t claim;
	_Atomic unsigned done; /* packets */
	/* Set before claim is, and only used by who has claimed some. */
	dp_share_fn fn;
	struct aead_op *op;
	const uint8_t *key;
	uint32_t batch; /* the worker's own */
	/* Who wants this one's help. */
	_Atomic(struct dp_worker *) asked_by;
};

/* The worker: calls fn(@op, @n, @key), with help if there is any. @n: at most 65535. */
void dp_share_run(struct dp_worker *w, dp_share_fn fn, struct aead_op *op, unsigned n,
		  const uint8_t *key);
/* The worker has been woken: perhaps to help. */
void dp_share_help(struct dp_worker *w);
/* The worker is about to wait, or has waited. */
void dp_share_idle(struct dp_worker *w);
void dp_share_busy(struct dp_worker *w);

#endif
