/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Level 0 has a slot for each of the next 64 ticks, level 1 for each of the next 64 spans
 * of 64 ticks, and so on. A timer waits in the lowest level that reaches it. When time
 * enters a span of a higher level, the timers of that slot are placed anew and come out
 * on a lower level. Bitmaps of occupied slots say how far time can jump.
 *
 * A slot of level L that is not in the past begins at the first multiple of 64^L at or
 * after `tick` whose L-th digit is the slot's number.
 */

#include "wgrd/dplane/wheel.h"

#include <string.h>

static unsigned shift_of(unsigned level)
{
	return level * WHEEL_SLOT_SHIFT;
}

static void link_node(struct wheel *w, struct wheel_node *n, unsigned level,
		      unsigned slot)
{
	struct wheel_node **head = &w->slot[level][slot];

	n->level = (uint8_t)level;
	n->slot = (uint8_t)slot;
	n->next = *head;
	n->pprev = head;
	if (n->next)
		n->next->pprev = &n->next;
	*head = n;
	w->occupied[level] |= UINT64_C(1) << slot;
	w->count++;
}

static void unlink_node(struct wheel *w, struct wheel_node *n)
{
	*n->pprev = n->next;
	if (n->next)
		n->next->pprev = n->pprev;
	n->next = NULL;
	n->pprev = NULL;
	if (!w->slot[n->level][n->slot])
		w->occupied[n->level] &= ~(UINT64_C(1) << n->slot);
	w->count--;
}

/* A timer beyond the reach waits in the farthest slot and is placed again from there. */
static void place(struct wheel *w, struct wheel_node *n)
{
	const uint64_t reach = UINT64_C(1) << shift_of(WHEEL_LEVELS);
	uint64_t at = n->due_tick, delta;
	unsigned level = 0;

	if (at < w->tick)
		at = w->tick;
	delta = at - w->tick;
	if (delta >= reach) {
		at = w->tick + reach - 1;
		delta = reach - 1;
	}
	while (delta >> shift_of(level + 1))
		level++;
	link_node(w, n, level, (at >> shift_of(level)) & (WHEEL_SLOTS - 1));
}

void wheel_init(struct wheel *w, uint64_t now_ns)
{
	memset(w, 0, sizeof(*w));
	w->tick = now_ns >> WHEEL_TICK_SHIFT;
}

bool wheel_is_set(const struct wheel_node *n)
{
	return n->pprev;
}

void wheel_set(struct wheel *w, struct wheel_node *n, uint64_t due_ns)
{
	if (n->pprev)
		unlink_node(w, n);
	n->due_tick = due_ns >> WHEEL_TICK_SHIFT;
	n->due_tick += due_ns % WHEEL_TICK_NS != 0;
	place(w, n);
}

void wheel_stop(struct wheel *w, struct wheel_node *n)
{
	if (n->pprev)
		unlink_node(w, n);
}

/* The tick at which the first occupied slot of @level begins, UINT64_MAX if none is. */
static uint64_t first_tick(const struct wheel *w, unsigned level)
{
	const unsigned shift = shift_of(level);
	uint64_t base = (w->tick + (UINT64_C(1) << shift) - 1) >> shift;
	uint64_t bits = w->occupied[level];
	unsigned turn = base & (WHEEL_SLOTS - 1);

	if (!bits)
		return UINT64_MAX;
	if (turn)
		bits = bits >> turn | bits << (WHEEL_SLOTS - turn);
	return (base + (unsigned)__builtin_ctzll(bits)) << shift;
}

static uint64_t next_tick(const struct wheel *w)
{
	uint64_t next = UINT64_MAX;

	for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
		uint64_t t = first_tick(w, level);

		if (t < next)
			next = t;
	}
	return next;
}

uint64_t wheel_next_ns(const struct wheel *w)
{
	uint64_t tick = w->due ? w->tick - 1 : next_tick(w);

	return tick == UINT64_MAX ? UINT64_MAX : tick << WHEEL_TICK_SHIFT;
}

/* Takes a slot's list over, so that a node placed meanwhile in the same slot waits. The
 * nodes stay linked and may be stopped. */
static void steal(struct wheel *w, unsigned level, struct wheel_node **list)
{
	unsigned slot = (w->tick >> shift_of(level)) & (WHEEL_SLOTS - 1);

	*list = w->slot[level][slot];
	if (*list)
		(*list)->pprev = list;
	w->slot[level][slot] = NULL;
	w->occupied[level] &= ~(UINT64_C(1) << slot);
}

static void cascade(struct wheel *w)
{
	struct wheel_node *list;

	for (unsigned level = WHEEL_LEVELS - 1; level > 0; level--) {
		if (w->tick & ((UINT64_C(1) << shift_of(level)) - 1))
			continue;
		steal(w, level, &list);
		while (list) {
			struct wheel_node *n = list;

			unlink_node(w, n);
			place(w, n);
		}
	}
}

/* Fills w->due, which is empty, with the first tick that has timers. False if none has
 * until @now. */
static bool enter_next_tick(struct wheel *w, uint64_t now)
{
	uint64_t next;

	while (w->tick <= now) {
		next = next_tick(w);
		if (next > now) {
			w->tick = now + 1;
			return false;
		}
		w->tick = next;
		cascade(w);
		steal(w, 0, &w->due);
		w->tick++; /* what fn() sets is due in the next tick at the earliest */
		if (w->due)
			return true;
	}
	return false;
}

bool wheel_run(struct wheel *w, uint64_t now_ns, unsigned max,
	       void (*fn)(struct wheel_node *n, void *arg), void *arg)
{
	const uint64_t now = now_ns >> WHEEL_TICK_SHIFT;

	while (w->due || enter_next_tick(w, now)) {
		struct wheel_node *n = w->due;

		if (!max--)
			return true;
		unlink_node(w, n);
		fn(n, arg);
	}
	return false;
}
