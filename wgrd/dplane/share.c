/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/share.h"

#include <sched.h>
#include <stdbool.h>

#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/worker.h"

enum {
	CHUNK = 16,      /* packets claimed at a time: enough to fill vectors */
	WORTH_IT = 64,   /* packets: less is done before anybody has woken up */
	HELPER_FOR = 32, /* packets */
	PATIENCE =
		1000, /* looks at a helper's last chunk before the processor is given up */
};

/* ---- claims ---- */

static uint64_t make_claim(uint32_t batch, unsigned next, unsigned count)
{
	return (uint64_t)batch << 32 | (uint64_t)next << 16 | count;
}

/* The next chunk of @s; false if all of it is in somebody's hands. The batch number tells
 * a helper that comes late from one that is welcome: a claim of a batch that is over does
 * not succeed. */
static bool take_chunk(struct dp_share *s, unsigned *first, unsigned *n)
{
	/* acquires fn, op and key from offer() */
	uint64_t c = atomic_load_explicit(&s->claim, memory_order_acquire);

	do {
		unsigned next = c >> 16 & 0xffff, count = c & 0xffff;

		if (next == count)
			return false;
		*first = next;
		*n = count - next < CHUNK ? count - next : CHUNK;
	} while (!atomic_compare_exchange_weak_explicit(
		&s->claim, &c, c + ((uint64_t)*n << 16), memory_order_acquire,
		memory_order_acquire));
	return true;
}

static void work(struct dp_share *s)
{
	unsigned first, n;

	while (take_chunk(s, &first, &n)) {
		s->fn(s->op + first, n, s->key);
		/* releases what has become of the packets to dp_share_run() */
		atomic_fetch_add_explicit(&s->done, n, memory_order_release);
	}
}

/* ---- asking ---- */

static void offer(struct dp_share *s, dp_share_fn fn, struct aead_op *op, unsigned n,
		  const uint8_t *key)
{
	s->fn = fn;
	s->op = op;
	s->key = key;
	atomic_store_explicit(&s->done, 0, memory_order_relaxed);
	/* releases to take_chunk() */
	atomic_store_explicit(&s->claim, make_claim(++s->batch, 0, n),
			      memory_order_release);
}

static void ask(struct dp_worker *w, uint64_t idle, unsigned helpers)
{
	for (; helpers; helpers--, idle &= idle - 1) {
		struct dp_worker *h = w->dp->worker[__builtin_ctzll(idle)];

		/* releases the offer to dp_share_help() */
		atomic_store_explicit(&h->share.asked_by, w, memory_order_release);
		dp_inbox_raise(&h->inbox);
	}
}

static unsigned count_helpers(uint64_t idle, unsigned n)
{
	unsigned most = (unsigned)__builtin_popcountll(idle);

	if (n < WORTH_IT || most < 2)
		return 0;
	return n / HELPER_FOR < most - 1 ? n / HELPER_FOR : most - 1;
}

void dp_share_run(struct dp_worker *w, dp_share_fn fn, struct aead_op *op, unsigned n,
		  const uint8_t *key)
{
	uint64_t idle = atomic_load_explicit(&w->dp->idle, memory_order_relaxed);
	unsigned helpers = count_helpers(idle, n);
	struct dp_share *s = &w->share;

	if (!helpers) {
		fn(op, n, key);
		return;
	}
	offer(s, fn, op, n, key);
	ask(w, idle, helpers);
	work(s);
	/* acquires from work() of helpers */
	for (unsigned i = 0; atomic_load_explicit(&s->done, memory_order_acquire) < n;
	     i++) {
		if (i > PATIENCE)
			sched_yield();
	}
}

void dp_share_help(struct dp_worker *w)
{
	/* acquires from ask() */
	struct dp_worker *asker =
		atomic_exchange_explicit(&w->share.asked_by, NULL, memory_order_acquire);

	if (asker)
		work(&asker->share);
}

void dp_share_idle(struct dp_worker *w)
{
	atomic_fetch_or_explicit(&w->dp->idle, UINT64_C(1) << w->index,
				 memory_order_relaxed);
}

void dp_share_busy(struct dp_worker *w)
{
	atomic_fetch_and_explicit(&w->dp->idle, ~(UINT64_C(1) << w->index),
				  memory_order_relaxed);
}
