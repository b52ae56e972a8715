/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/fake_loop.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "wgrd/lib/jobq.h"
#include "wgrd/lib/timerq.h"

enum {
	MAX_ROUNDS =
		1000000, /* more than any test needs: somebody feeds himself for ever */
};

struct loop_io {
	struct loop *loop;
	struct loop_io *next;
	uint64_t id; /* addresses are used again, ids are not */
	int fd;
	unsigned what;
	loop_io_fn fn;
	void *arg;
};

struct loop {
	uint64_t now_ns;
	struct timerq timers;
	struct jobq jobs;
	struct loop_io *ios; /* in the order added */
	size_t io_count;
	uint64_t next_io_id;
	struct {
		loop_signal_fn fn;
		void *arg;
	} signals[NSIG];
	bool stop;
};

struct loop *loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof(*l));

	l->now_ns = FAKE_LOOP_START_S * NS_PER_S;
	jobq_init(&l->jobs);
	return l;
}

void loop_free(struct loop *l)
{
	assert(!l || !l->ios);
	free(l);
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}

uint64_t loop_now_ns(const struct loop *l)
{
	return l->now_ns;
}

/* ---- descriptors ---- */

int loop_io_add(struct loop *l, int fd, unsigned what, loop_io_fn fn, void *arg,
		struct loop_io **out)
{
	struct pollfd probe = {.fd = fd};
	struct loop_io *io, **end = &l->ios;

	if (fd < 0 || poll(&probe, 1, 0) < 0 || probe.revents & POLLNVAL)
		return -EBADF;
	io = xcalloc(1, sizeof(*io));
	*io = (struct loop_io){.loop = l,
			       .id = ++l->next_io_id,
			       .fd = fd,
			       .what = what,
			       .fn = fn,
			       .arg = arg};
	while (*end)
		end = &(*end)->next;
	*end = io;
	l->io_count++;
	*out = io;
	return 0;
}

void loop_io_want(struct loop_io *io, unsigned what)
{
	io->what = what;
}

void loop_io_del(struct loop_io *io)
{
	struct loop_io **link;

	if (!io)
		return;
	link = &io->loop->ios;
	while (*link != io)
		link = &(*link)->next;
	*link = io->next;
	io->loop->io_count--;
	free(io);
}

static struct loop_io *find_io(struct loop *l, uint64_t id)
{
	struct loop_io *io = l->ios;

	while (io && io->id != id)
		io = io->next;
	return io;
}

/* Errors and hang-ups count as both, as libevent reports them. */
static unsigned ready_for(short revents)
{
	short both = POLLERR | POLLHUP;

	return (revents & (POLLIN | both) ? LOOP_READ : 0) |
	       (revents & (POLLOUT | both) ? LOOP_WRITE : 0);
}

bool fake_loop_poll(struct loop *l)
{
	size_t n = l->io_count, i = 0;
	struct pollfd *fds = xcalloc(n, sizeof(*fds));
	uint64_t *ids = xcalloc(n, sizeof(*ids));
	bool any = false;

	for (struct loop_io *io = l->ios; io; io = io->next, i++) {
		ids[i] = io->id;
		fds[i].fd = io->what ? io->fd : -1;
		fds[i].events = (short)((io->what & LOOP_READ ? POLLIN : 0) |
					(io->what & LOOP_WRITE ? POLLOUT : 0));
	}
	if (poll(fds, n, 0) <= 0)
		n = 0;
	for (i = 0; i < n; i++) {
		/* an earlier handler may have removed or paused this one */
		struct loop_io *io = find_io(l, ids[i]);
		unsigned what = io ? ready_for(fds[i].revents) & io->what : 0;

		if (what) {
			io->fn(io->arg, what);
			any = true;
		}
	}
	free(ids);
	free(fds);
	return any;
}

size_t fake_loop_io_count(const struct loop *l)
{
	return l->io_count;
}

/* ---- timers, jobs, signals ---- */

void loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t after_ns)
{
	uint64_t due_ns = l->now_ns + after_ns;

	t->loop = l;
	timerq_set(&l->timers, t, due_ns < after_ns ? UINT64_MAX : due_ns);
}

void loop_timer_stop(struct loop_timer *t)
{
	if (t->set)
		timerq_remove(&t->loop->timers, t);
}

bool loop_timer_is_set(const struct loop_timer *t)
{
	return t->set;
}

bool fake_loop_next_timer(const struct loop *l, uint64_t *due_ns)
{
	const struct loop_timer *t = timerq_first(&l->timers);

	if (t)
		*due_ns = t->due_ns;
	return t;
}

void loop_job_queue(struct loop *l, struct loop_job *j)
{
	jobq_add(&l->jobs, j);
}

void loop_job_cancel(struct loop *l, struct loop_job *j)
{
	jobq_remove(&l->jobs, j);
}

void loop_post(struct loop *l, struct loop_job *j)
{
	jobq_post(&l->jobs, j); /* nobody sleeps, so nobody has to be woken */
}

int loop_signal(struct loop *l, int signo, loop_signal_fn fn, void *arg)
{
	if (signo <= 0 || signo >= NSIG)
		return -EINVAL;
	if (fn && l->signals[signo].fn)
		return -EBUSY;
	l->signals[signo].fn = fn;
	l->signals[signo].arg = arg;
	return 0;
}

bool fake_loop_signal(struct loop *l, int signo)
{
	assert(signo > 0 && signo < NSIG);
	if (!l->signals[signo].fn)
		return false;
	l->signals[signo].fn(l->signals[signo].arg, signo);
	return true;
}

/* ---- turns ---- */

static void count_round(unsigned *rounds)
{
	if (++*rounds <= MAX_ROUNDS)
		return;
	fprintf(stderr, "fake_loop: still busy after %d rounds at one moment\n",
		MAX_ROUNDS);
	abort();
}

unsigned fake_loop_run_jobs(struct loop *l)
{
	static const bool never_stop = false;
	unsigned ran = 0, rounds = 0;

	for (; !jobq_is_empty(&l->jobs); count_round(&rounds))
		ran += jobq_run(&l->jobs, &never_stop);
	return ran;
}

/* One turn of the loop; whether anything happened in it. */
static bool turn(struct loop *l)
{
	bool any = fake_loop_poll(l);

	any |= timerq_fire(&l->timers, l->now_ns, &l->stop) > 0;
	any |= jobq_run(&l->jobs, &l->stop) > 0;
	return any;
}

static void settle(struct loop *l)
{
	unsigned rounds = 0;

	while (!l->stop && turn(l))
		count_round(&rounds);
}

void fake_loop_settle(struct loop *l)
{
	l->stop = false;
	settle(l);
}

void fake_loop_advance(struct loop *l, uint64_t ns)
{
	uint64_t end_ns = l->now_ns + ns, due_ns;

	fake_loop_settle(l);
	while (fake_loop_next_timer(l, &due_ns) && due_ns <= end_ns) {
		if (due_ns > l->now_ns)
			l->now_ns = due_ns;
		fake_loop_settle(l);
	}
	l->now_ns = end_ns;
	fake_loop_settle(l);
}

int loop_run(struct loop *l)
{
	uint64_t due_ns;

	fake_loop_settle(l);
	while (!l->stop && fake_loop_next_timer(l, &due_ns)) {
		l->now_ns = due_ns;
		settle(l);
	}
	return 0;
}
