/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_LOOP_H
#define WGRD_LIB_LOOP_H

/*
 * The control plane's event loop: file descriptors, timers, jobs and signals, all on the
 * main thread. loop_libevent.c implements it in the daemon; tests/lib/fake_loop.c does in
 * unit tests, where time moves only when a test says so. A program links exactly one.
 *
 * Unless a line says otherwise, a function is for the main thread only. The structs a
 * caller embeds (timer, job) are zeroed before their first use and must be stopped before
 * they go.
 *
 * One turn: wait for input, call the io handlers that have some, fire the timers that are
 * due, run the jobs. Every callback may add, change and remove anything, itself included.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

struct loop;
struct loop_io;

/* Fires once; setting it again moves it. Timers due together fire in the order set. */
struct loop_timer {
	void (*fn)(struct loop_timer *t);
	struct loop *loop; /* set by loop_timer_set() */
	/* what follows is timerq.c's */
	uint64_t due_ns, order;
	struct loop_timer *child, *next, *prev;
	bool set;
};

/*
 * Work to do once, after the current batch of input. Queueing twice is harmless. A job
 * that queues itself, or another, is run in the next turn, so jobs cannot starve input.
 */
struct loop_job {
	void (*fn)(struct loop_job *j);
	struct loop_job *next;
	_Atomic bool queued;
};

enum {
	LOOP_READ = 1 << 0,
	LOOP_WRITE = 1 << 1,
};

typedef void (*loop_io_fn)(void *arg, unsigned what);
typedef void (*loop_signal_fn)(void *arg, int signo);

/* NULL when the kernel refuses an epoll, timer or event descriptor; errno says why. */
struct loop *loop_new(void);
/* NULL is allowed. Every loop_io must have been deleted. */
void loop_free(struct loop *l);
/* Runs until loop_stop(). Returns 0, or a negative errno if the loop itself failed. */
int loop_run(struct loop *l);
/* Ends loop_run() after the callback that is running; what is queued stays queued. */
void loop_stop(struct loop *l);
/* CLOCK_BOOTTIME in nanoseconds, inside loop_run() read once per turn. */
uint64_t loop_now_ns(const struct loop *l);

/*
 * The caller keeps @fd and closes it after loop_io_del(). Level triggered. Errors and
 * hang-ups come as readable or writable, whichever is waited for. At most one loop_io per
 * descriptor.
 */
int loop_io_add(struct loop *l, int fd, unsigned what, loop_io_fn fn, void *arg,
		struct loop_io **io) MUST_USE;
/* Changes what is waited for; 0 pauses. */
void loop_io_want(struct loop_io *io, unsigned what);
void loop_io_del(struct loop_io *io); /* NULL is allowed */

void loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t after_ns);
void loop_timer_stop(struct loop_timer *t); /* a timer never set is allowed */
bool loop_timer_is_set(const struct loop_timer *t);

/* Jobs run in the order queued, after the input of this turn and before the next wait. */
void loop_job_queue(struct loop *l, struct loop_job *j);
/* Threads that may post @j must have stopped doing so. */
void loop_job_cancel(struct loop *l, struct loop_job *j);
/* As loop_job_queue(), from any thread. Wakes the loop. Does not block or allocate. */
void loop_post(struct loop *l, struct loop_job *j);

/* At most one handler a signal; NULL @fn gives the signal back. -EBUSY if it is taken. */
int loop_signal(struct loop *l, int signo, loop_signal_fn fn, void *arg) MUST_USE;

#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull

#endif
