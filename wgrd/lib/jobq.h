/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_JOBQ_H
#define WGRD_LIB_JOBQ_H

/*
 * The jobs of a loop: a list of the main thread's, and a lock-free stack onto which other
 * threads put theirs. Only loop_libevent.c and tests/lib/fake_loop.c use this. Main
 * thread only, but for jobq_post().
 */

#include <stdbool.h>

#include "wgrd/lib/loop.h"

struct job_list {
	struct loop_job *head, **tail;
};

struct jobq {
	struct job_list waiting;
	struct job_list running; /* what the turn in progress has not come to yet */
	_Atomic(struct loop_job *) posted;
};

void jobq_init(struct jobq *q);
void jobq_add(struct jobq *q, struct loop_job *j);
void jobq_remove(struct jobq *q, struct loop_job *j);
/* Any thread. True when the main thread has to be woken. */
bool jobq_post(struct jobq *q, struct loop_job *j);
bool jobq_is_empty(struct jobq *q);
/* Runs what is there, but nothing added meanwhile, until *@stop. Returns how many ran. */
unsigned jobq_run(struct jobq *q, const bool *stop);

#endif
