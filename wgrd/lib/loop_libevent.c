/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/loop.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "wgrd/lib/jobq.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/timerq.h"

/*
 * libevent waits and dispatches; timers and jobs are ours. Its own timers run on
 * CLOCK_MONOTONIC, which stops while the machine sleeps, and sessions and leases do not:
 * so the earliest of our timers is put into one timerfd on CLOCK_BOOTTIME before each
 * wait.
 */

struct loop_io {
	struct loop *loop;
	struct event *ev;
	int fd;
	unsigned what;
	loop_io_fn fn;
	void *arg;
};

struct loop_signal {
	struct loop *loop;
	struct event *ev;
	loop_signal_fn fn;
	void *arg;
};

struct loop {
	struct event_base *base;
	struct timerq timers;
	struct jobq jobs;
	struct loop_signal signals[NSIG];
	struct loop_io *timer_io, *wake_io;
	int timer_fd, wake_fd;
	uint64_t armed_ns; /* what timer_fd is set to; 0: nothing */
	uint64_t now_ns;
	bool now_is_fresh; /* now_ns was read in this turn */
	bool running, stop;
	unsigned io_count;
};

static uint64_t read_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* Called first by whatever libevent calls. */
static void refresh_now(struct loop *l)
{
	if (!l->now_is_fresh)
		l->now_ns = read_clock();
	l->now_is_fresh = true;
}

uint64_t loop_now_ns(const struct loop *l)
{
	return l->running ? l->now_ns : read_clock();
}

/* ---- descriptors ---- */

static void io_ready(evutil_socket_t fd, short events, void *arg)
{
	struct loop_io *io = arg;
	unsigned what =
		(events & EV_READ ? LOOP_READ : 0) | (events & EV_WRITE ? LOOP_WRITE : 0);

	(void)fd;
	refresh_now(io->loop);
	io->fn(io->arg, what); /* may free io */
}

static short event_flags(unsigned what)
{
	return (short)(EV_PERSIST | (what & LOOP_READ ? EV_READ : 0) |
		       (what & LOOP_WRITE ? EV_WRITE : 0));
}

int loop_io_add(struct loop *l, int fd, unsigned what, loop_io_fn fn, void *arg,
		struct loop_io **out)
{
	struct loop_io *io = xcalloc(1, sizeof(*io));

	*io = (struct loop_io){.loop = l, .fd = fd, .what = what, .fn = fn, .arg = arg};
	io->ev = event_new(l->base, fd, event_flags(what), io_ready, io);
	if (!io->ev) {
		free(io);
		return -ENOMEM;
	}
	if (what && event_add(io->ev, NULL)) {
		event_free(io->ev);
		free(io);
		return -EBADF; /* closed, or of a kind epoll does not take */
	}
	l->io_count++;
	*out = io;
	return 0;
}

void loop_io_want(struct loop_io *io, unsigned what)
{
	int err;

	if (io->what == what)
		return;
	io->what = what;
	event_del(io->ev);
	err = event_assign(io->ev, io->loop->base, io->fd, event_flags(what), io_ready,
			   io);
	if (!err && what)
		err = event_add(io->ev, NULL);
	assert(!err); /* the caller keeps fd open, and epoll took it before */
}

void loop_io_del(struct loop_io *io)
{
	if (!io)
		return;
	io->loop->io_count--;
	event_free(io->ev);
	free(io);
}

/* ---- timers ---- */

void loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t after_ns)
{
	uint64_t due_ns = loop_now_ns(l) + after_ns;

	assert(!t->set || t->loop == l);
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

static void drain_counter(int fd)
{
	uint64_t count;

	/* nothing to read is all that can go wrong with a nonblocking timerfd or eventfd
	 */
	while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

static void timer_fd_ready(void *arg, unsigned what)
{
	struct loop *l = arg;

	(void)what;
	drain_counter(l->timer_fd);
	l->armed_ns = 0; /* the turn fires the timers after the input */
}

static void arm_timer_fd(struct loop *l)
{
	const struct loop_timer *t = timerq_first(&l->timers);
	uint64_t due_ns = t ? t->due_ns : 0;
	struct itimerspec at = {
		.it_value = {.tv_sec = (time_t)(due_ns / NS_PER_S),
			     .tv_nsec = (long)(due_ns % NS_PER_S)},
	};
	int err;

	if (due_ns == l->armed_ns)
		return;
	err = timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
	assert(!err);
	l->armed_ns = due_ns;
}

/* ---- jobs ---- */

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
	static const uint64_t one = 1;

	if (!jobq_post(&l->jobs, j))
		return;
	/* full (2^64-2 wake-ups unread) would do as well: it is readable */
	while (write(l->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void wake_fd_ready(void *arg, unsigned what)
{
	struct loop *l = arg;

	(void)what;
	drain_counter(l->wake_fd); /* before the jobs are taken, so no wake-up is lost */
}

/* ---- signals ---- */

static void signal_ready(evutil_socket_t signo, short events, void *arg)
{
	struct loop_signal *s = arg;

	(void)events;
	refresh_now(s->loop);
	s->fn(s->arg, signo);
}

int loop_signal(struct loop *l, int signo, loop_signal_fn fn, void *arg)
{
	struct loop_signal *s;

	if (signo <= 0 || signo >= NSIG)
		return -EINVAL;
	s = &l->signals[signo];
	if (fn && s->ev)
		return -EBUSY;
	if (s->ev)
		event_free(s->ev);
	*s = (struct loop_signal){.loop = l, .fn = fn, .arg = arg};
	if (!fn)
		return 0;
	s->ev = evsignal_new(l->base, signo, signal_ready, s);
	if (!s->ev)
		return -ENOMEM;
	if (event_add(s->ev, NULL)) {
		event_free(s->ev);
		s->ev = NULL;
		return -EINVAL; /* sigaction() takes no handler for it */
	}
	return 0;
}

/* ---- the loop ---- */

void loop_stop(struct loop *l)
{
	l->stop = true;
	event_base_loopbreak(l->base);
}

static int turn(struct loop *l)
{
	int flags = EVLOOP_ONCE;

	if (!jobq_is_empty(&l->jobs))
		flags |= EVLOOP_NONBLOCK;
	arm_timer_fd(l);
	l->now_is_fresh = false;
	if (event_base_loop(l->base, flags) < 0)
		return -EIO;
	refresh_now(l);
	timerq_fire(&l->timers, l->now_ns, &l->stop);
	jobq_run(&l->jobs, &l->stop);
	return 0;
}

int loop_run(struct loop *l)
{
	int err = 0;

	l->stop = false;
	l->now_ns = read_clock();
	l->running = true;
	while (!l->stop && !err)
		err = turn(l);
	l->running = false;
	return err;
}

static void on_libevent_message(int severity, const char *message)
{
	if (severity >= EVENT_LOG_WARN)
		log_warn(LOG_DAEMON, "event loop: %s", message);
}

static struct event_base *new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	event_set_log_callback(on_libevent_message);
	if (!config)
		return NULL;
	/* we read the clock ourselves, and use it from one thread */
	if (!event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME) &&
	    !event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK))
		base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

struct loop *loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof(*l));

	jobq_init(&l->jobs);
	l->wake_fd = -1;
	l->base = new_base();
	if (!l->base)
		goto free_loop;
	l->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timer_fd < 0)
		goto free_base;
	l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (l->wake_fd < 0)
		goto close_timer;
	if (loop_io_add(l, l->timer_fd, LOOP_READ, timer_fd_ready, l, &l->timer_io))
		goto close_wake;
	if (loop_io_add(l, l->wake_fd, LOOP_READ, wake_fd_ready, l, &l->wake_io))
		goto del_timer_io;
	return l;

del_timer_io:
	loop_io_del(l->timer_io);
close_wake:
	close(l->wake_fd);
close_timer:
	close(l->timer_fd);
free_base:
	event_base_free(l->base);
free_loop:
	free(l);
	return NULL;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	loop_io_del(l->wake_io);
	loop_io_del(l->timer_io);
	assert(l->io_count == 0);
	for (int signo = 1; signo < NSIG; signo++)
		if (l->signals[signo].ev)
			event_free(l->signals[signo].ev);
	close(l->wake_fd);
	close(l->timer_fd);
	event_base_free(l->base);
	free(l);
}
