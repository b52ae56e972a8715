/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring of words as in RFC 6479, made safe for many writers. Block b holds the counters
 * 32 b .. 32 b + 31, and lives in word b % WG_REPLAY_WORDS:
 *
 *	 63            32 31             0
 *	+----------------+----------------+
 *	| low half of b  | seen, one bit  |
 *	|                | each counter   |
 *	+----------------+----------------+
 *
 * A word says itself which block it is about, so none has to be cleared when the window
 * moves on: a word of another block is about one that has left the window, and the first
 * counter of the new block replaces it whole. One compare-and-swap decides who was first.
 *
 * A word may be of a *newer* block only if another worker moved the window while we were
 * looking. Whoever does that raises next before it touches the word, and we read next
 * after the word, so we see that our counter has become too old.
 */
#include "proto/wg/replay.h"

#include "proto/wg/limits.h"

static void raise_next(struct wg_replay *r, uint64_t counter)
{
	uint64_t next = atomic_load_explicit(&r->next, memory_order_relaxed);

	while (next <= counter && !atomic_compare_exchange_weak_explicit(
					  &r->next, &next, counter + 1,
					  memory_order_relaxed, memory_order_relaxed))
		;
}

void wg_replay_init(struct wg_replay *r)
{
	atomic_init(&r->next, 0);
	for (int i = 0; i < WG_REPLAY_WORDS; i++)
		atomic_init(&r->word[i], 0);
}

bool wg_replay_accept(struct wg_replay *r, uint64_t counter)
{
	const uint64_t block = counter / WG_REPLAY_BLOCK;
	const uint64_t bit = UINT64_C(1) << counter % WG_REPLAY_BLOCK;
	_Atomic uint64_t *word = &r->word[block % WG_REPLAY_WORDS];
	uint64_t old, fresh;

	if (counter >= WG_REJECT_AFTER_MESSAGES)
		return false;
	raise_next(r, counter);
	/* Acquire: pairs with the release below, see above. */
	old = atomic_load_explicit(word, memory_order_acquire);
	do {
		if (atomic_load_explicit(&r->next, memory_order_relaxed) >
		    counter + WG_REPLAY_WINDOW)
			return false;
		fresh = block << 32 | bit;
		if (old >> 32 == (uint32_t)block) {
			if (old & bit)
				return false;
			fresh = old | bit;
		}
	} while (!atomic_compare_exchange_weak_explicit(
		word, &old, fresh, memory_order_release, memory_order_acquire));
	return true;
}
