/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/timerq.h"

#include <assert.h>
#include <stddef.h>

/*
 * A pairing heap (Fredman, Sedgewick, Sleator, Tarjan 1986): a tree in which no child is
 * due before its parent. Adding is one comparison; taking out the first merges its
 *children in pairs, which is O(log n) amortised. It lives inside the timers, so setting
 *one cannot fail. A node's children form a list through next; prev is the left sibling,
 *or the parent for the first child:
 *
 *	   root
 *	    | child
 *	    a --next--> b --next--> c
 *	    | child
 *	    d
 */

static bool is_before(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

/* Joins two trees, both without siblings; either may be NULL. */
static struct loop_timer *merge(struct loop_timer *a, struct loop_timer *b)
{
	if (!a || !b)
		return a ?: b;
	if (is_before(b, a)) {
		struct loop_timer *swap = a;

		a = b;
		b = swap;
	}
	b->next = a->child;
	if (b->next)
		b->next->prev = b;
	b->prev = a;
	a->child = b;
	return a;
}

/* Cuts the first tree off a list of siblings. */
static struct loop_timer *cut_first(struct loop_timer **list)
{
	struct loop_timer *t = *list;

	if (t) {
		*list = t->next;
		t->next = t->prev = NULL;
	}
	return t;
}

/* Left to right in pairs, then the pairs right to left. */
static struct loop_timer *merge_siblings(struct loop_timer *list)
{
	struct loop_timer *pairs = NULL, *all = NULL, *t;

	while (list) {
		t = cut_first(&list);
		t = merge(t, cut_first(&list));
		t->next = pairs;
		pairs = t;
	}
	while ((t = cut_first(&pairs)))
		all = merge(all, t);
	return all;
}

void timerq_remove(struct timerq *q, struct loop_timer *t)
{
	struct loop_timer *below;

	assert(t->set);
	below = merge_siblings(t->child);
	if (t == q->root) {
		q->root = below;
	} else {
		if (t->prev->child == t)
			t->prev->child = t->next;
		else
			t->prev->next = t->next;
		if (t->next)
			t->next->prev = t->prev;
		q->root = merge(q->root, below);
	}
	t->child = t->next = t->prev = NULL;
	t->set = false;
}

void timerq_set(struct timerq *q, struct loop_timer *t, uint64_t due_ns)
{
	assert(t->fn);
	if (t->set)
		timerq_remove(q, t);
	t->due_ns = due_ns;
	t->order = q->next_order++;
	t->set = true;
	q->root = merge(q->root, t);
}

struct loop_timer *timerq_first(const struct timerq *q)
{
	return q->root;
}

unsigned timerq_fire(struct timerq *q, uint64_t now_ns, const bool *stop)
{
	uint64_t end = q->next_order;
	struct loop_timer *t;
	unsigned fired = 0;

	while (!*stop && (t = q->root) && t->due_ns <= now_ns && t->order < end) {
		timerq_remove(q, t);
		t->fn(t);
		fired++;
	}
	return fired;
}
