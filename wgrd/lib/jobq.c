/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/jobq.h"

#include <stdatomic.h>
#include <stddef.h>

/*
 * Who sets loop_job.queued owns the job's link until the job starts; that is what makes
 * queueing twice harmless from any mix of threads. The flag falls before the function is
 * called, so work that is found after the function has looked queues the job again.
 */

static void list_init(struct job_list *l)
{
	l->head = NULL;
	l->tail = &l->head;
}

static void list_append(struct job_list *l, struct loop_job *j)
{
	j->next = NULL;
	*l->tail = j;
	l->tail = &j->next;
}

static struct loop_job *list_pop(struct job_list *l)
{
	struct loop_job *j = l->head;

	if (j) {
		l->head = j->next;
		if (!l->head)
			l->tail = &l->head;
		j->next = NULL;
	}
	return j;
}

/* Appends all of @from to @to. */
static void list_move(struct job_list *to, struct job_list *from)
{
	if (!from->head)
		return;
	*to->tail = from->head;
	to->tail = from->tail;
	list_init(from);
}

static bool list_remove(struct job_list *l, struct loop_job *j)
{
	for (struct loop_job **link = &l->head; *link; link = &(*link)->next) {
		if (*link != j)
			continue;
		*link = j->next;
		if (!*link)
			l->tail = link;
		j->next = NULL;
		return true;
	}
	return false;
}

/* Sets the flag. Releases what the caller did before, to the clear_queued() that follows.
 */
static bool set_queued(struct loop_job *j)
{
	return !atomic_exchange_explicit(&j->queued, true, memory_order_acq_rel);
}

/* An exchange rather than a store: it acquires from every set_queued() since the first.
 */
static void clear_queued(struct loop_job *j)
{
	(void)atomic_exchange_explicit(&j->queued, false, memory_order_acq_rel);
}

void jobq_init(struct jobq *q)
{
	list_init(&q->waiting);
	list_init(&q->running);
	atomic_init(&q->posted, NULL);
}

void jobq_add(struct jobq *q, struct loop_job *j)
{
	if (set_queued(j))
		list_append(&q->waiting, j);
}

bool jobq_post(struct jobq *q, struct loop_job *j)
{
	struct loop_job *top;

	if (!set_queued(j))
		return false;
	top = atomic_load_explicit(&q->posted, memory_order_relaxed);
	do {
		j->next = top;
		/* releases j->next to take_posted() */
	} while (!atomic_compare_exchange_weak_explicit(
		&q->posted, &top, j, memory_order_release, memory_order_relaxed));
	return !top;
}

/* Moves what was posted behind what waits; the stack has the latest on top. */
static void take_posted(struct jobq *q)
{
	/* acquires from jobq_post() */
	struct loop_job *j =
		atomic_exchange_explicit(&q->posted, NULL, memory_order_acquire);
	struct loop_job *oldest = NULL, *next;

	for (; j; j = next) {
		next = j->next;
		j->next = oldest;
		oldest = j;
	}
	for (j = oldest; j; j = next) {
		next = j->next;
		list_append(&q->waiting, j);
	}
}

void jobq_remove(struct jobq *q, struct loop_job *j)
{
	take_posted(q);
	if (list_remove(&q->waiting, j) || list_remove(&q->running, j))
		clear_queued(j);
}

bool jobq_is_empty(struct jobq *q)
{
	take_posted(q);
	return !q->waiting.head && !q->running.head;
}

unsigned jobq_run(struct jobq *q, const bool *stop)
{
	struct loop_job *j;
	unsigned ran = 0;

	take_posted(q);
	/* after a stop the rest of the former batch is still in running, and goes first
	 */
	list_move(&q->running, &q->waiting);
	while (!*stop && (j = list_pop(&q->running))) {
		clear_queued(j);
		j->fn(j);
		ran++;
	}
	return ran;
}
