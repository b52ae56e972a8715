/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/sync/inbox.h"

#include <assert.h>
#include <errno.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int dp_inbox_init(struct dp_inbox *inbox, void (*wake)(struct dp_inbox *inbox))
{
	*inbox = (struct dp_inbox){.fd = -1, .wake = wake};
	if (wake)
		return 0;
	inbox->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return inbox->fd < 0 ? -errno : 0;
}

void dp_inbox_fini(struct dp_inbox *inbox)
{
	assert(!atomic_load_explicit(&inbox->newest, memory_order_relaxed));
	if (inbox->fd >= 0)
		close(inbox->fd);
}

void dp_inbox_raise(struct dp_inbox *inbox)
{
	static const uint64_t one = 1;

	/* pairs with the exchange in dp_inbox_run(): whichever comes second sees what
	 * the first did */
	if (atomic_exchange_explicit(&inbox->raised, true, memory_order_acq_rel))
		return;
	if (inbox->wake)
		inbox->wake(inbox);
	else
		while (write(inbox->fd, &one, sizeof(one)) < 0 && errno == EINTR)
			;
}

void dp_inbox_post(struct dp_inbox *inbox, struct dp_call *c)
{
	struct dp_call *head = atomic_load_explicit(&inbox->newest, memory_order_relaxed);

	/* releases the call to dp_inbox_run() */
	do {
		c->next = head;
	} while (!atomic_compare_exchange_weak_explicit(
		&inbox->newest, &head, c, memory_order_release, memory_order_relaxed));
	dp_inbox_raise(inbox);
}

void dp_inbox_run(struct dp_inbox *inbox, void *owner)
{
	struct dp_call *newest, *oldest = NULL;
	uint64_t count;

	if (inbox->fd >= 0)
		while (read(inbox->fd, &count, sizeof(count)) < 0 && errno == EINTR)
			;
	(void)atomic_exchange_explicit(&inbox->raised, false, memory_order_acq_rel);
	/* acquires from dp_inbox_post() */
	newest = atomic_exchange_explicit(&inbox->newest, NULL, memory_order_acquire);
	while (newest) {
		struct dp_call *next = newest->next;

		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	while (oldest) {
		struct dp_call *c = oldest;

		oldest = c->next;
		c->fn(c, owner);
	}
}

struct sync_call {
	struct dp_call call;
	void (*fn)(void *arg, void *owner);
	void *arg;
	sem_t done;
};

static void run_sync(struct dp_call *c, void *owner)
{
	struct sync_call *s = container_of(c, struct sync_call, call);

	s->fn(s->arg, owner);
	sem_post(&s->done);
}

void dp_inbox_sync(struct dp_inbox *inbox, void (*fn)(void *arg, void *owner), void *arg)
{
	struct sync_call s = {.call.fn = run_sync, .fn = fn, .arg = arg};
	int err = sem_init(&s.done, 0, 0);

	assert(!err);
	dp_inbox_post(inbox, &s.call);
	while (sem_wait(&s.done) < 0)
		assert(errno == EINTR);
	sem_destroy(&s.done);
}
