/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/sync/rcu.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

/*
 * liburcu is not built for the thread sanitizer, which therefore cannot know that a
 * callback runs after all readers have left. We tell it: leaving releases `grace`, a
 * callback acquires it.
 */
#if defined(__SANITIZE_THREAD__)
#define HAVE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAVE_TSAN 1
#endif
#endif

#ifdef HAVE_TSAN
#include <sanitizer/tsan_interface.h>
#define TSAN_RELEASE(p) __tsan_release(p)
#define TSAN_ACQUIRE(p) __tsan_acquire(p)
#else
#define TSAN_RELEASE(p) ((void)(p))
#define TSAN_ACQUIRE(p) ((void)(p))
#endif

enum {
	BATCH_MAX = 62, /* makes a batch 520 bytes */
};

struct dp_rcu_batch {
	struct dp_rcu rcu;
	unsigned count;
	void *p[BATCH_MAX];
};

static char grace;
static _Thread_local bool is_reader;

void dp_rcu_init(void)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	(void)get_default_call_rcu_data();
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void dp_rcu_thread_start(void)
{
	rcu_register_thread();
	is_reader = true;
}

void dp_rcu_thread_stop(void)
{
	TSAN_RELEASE(&grace);
	is_reader = false;
	rcu_unregister_thread();
}

void dp_rcu_offline(void)
{
	TSAN_RELEASE(&grace);
	rcu_thread_offline();
}

void dp_rcu_online(void)
{
	rcu_thread_online();
}

static void serve(struct rcu_head *head)
{
	struct dp_rcu *r = container_of(head, struct dp_rcu, head);

	is_reader = true; /* liburcu has registered its own thread */
	TSAN_ACQUIRE(&grace);
	TSAN_ACQUIRE(r);
	r->fn(r);
}

void dp_rcu_call(struct dp_rcu *r, void (*fn)(struct dp_rcu *r))
{
	r->fn = fn;
	TSAN_RELEASE(r);
	/* call_rcu() may only be called by a registered thread, and a registered thread
	 * that sits in a system call would hold up every grace period. */
	if (!is_reader)
		rcu_register_thread();
	call_rcu(&r->head, serve);
	if (!is_reader)
		rcu_unregister_thread();
}

struct barrier {
	struct dp_rcu rcu;
	sem_t done;
};

static void pass_barrier(struct dp_rcu *r)
{
	sem_post(&container_of(r, struct barrier, rcu)->done);
}

/* As nobody makes more of liburcu's threads than the default one, calls are served in the
 * order made. */
void dp_rcu_barrier(void)
{
	struct barrier b;
	int err = sem_init(&b.done, 0, 0);

	assert(!err);
	dp_rcu_call(&b.rcu, pass_barrier);
	while (sem_wait(&b.done) < 0)
		assert(errno == EINTR);
	sem_destroy(&b.done);
}

void dp_rcu_wait(void)
{
	synchronize_rcu();
	TSAN_ACQUIRE(&grace);
}

static void free_batch(struct dp_rcu *r)
{
	struct dp_rcu_batch *b = container_of(r, struct dp_rcu_batch, rcu);

	for (unsigned i = 0; i < b->count; i++)
		free(b->p[i]);
	free(b);
}

void dp_rcu_bin_flush(struct dp_rcu_bin *b)
{
	if (b->open)
		dp_rcu_call(&b->open->rcu, free_batch);
	b->open = NULL;
}

void dp_rcu_bin_add(struct dp_rcu_bin *b, void *p)
{
	if (!b->open) {
		b->open = calloc(1, sizeof(*b->open));
		if (!b->open) {
			dp_rcu_wait();
			free(p);
			return;
		}
	}
	b->open->p[b->open->count++] = p;
	if (b->open->count == BATCH_MAX)
		dp_rcu_bin_flush(b);
}
