/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/dplane.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/hs.h"
#include "wgrd/dplane/rcu.h"
#include "wgrd/dplane/worker.h"

static uint64_t boot_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* getrandom() without flags fails only before the system has gathered its first entropy,
 * and then it waits instead. */
static void fill_random(struct wg_rng *rng, void *dst, size_t len)
{
	uint8_t *p = dst;

	(void)rng;
	while (len) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		assert(n > 0);
		p += n;
		len -= (size_t)n;
	}
}

static unsigned allowed_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}

static unsigned choose_workers(unsigned asked)
{
	unsigned n = asked ? asked : allowed_cpus();

	if (!asked && n > DP_WORKERS_DEFAULT_MAX)
		n = DP_WORKERS_DEFAULT_MAX;
	return n > DP_WORKERS_MAX ? DP_WORKERS_MAX : n;
}

/* ---- events for the main thread ---- */

static void wake_main(struct dp_inbox *inbox)
{
	struct dplane *dp = container_of(inbox, struct dplane, events);

	loop_post(dp->loop, &dp->events_job);
}

static void run_events(struct loop_job *j)
{
	struct dplane *dp = container_of(j, struct dplane, events_job);

	dp_inbox_run(&dp->events, dp);
}

void dplane_on_session(struct dplane *dp, void (*fn)(void *arg, void *cookie, bool up),
		       void *arg)
{
	dp->on_session = fn;
	dp->on_session_arg = arg;
}

/* ---- workers ---- */

static void nothing(void *arg, void *owner)
{
	(void)arg;
	(void)owner;
}

void dplane_sync_workers(struct dplane *dp)
{
	for (unsigned i = 0; i < dp->workers; i++)
		dp_inbox_sync(&dp->worker[i]->inbox, nothing, NULL);
}

void dplane_flush_staged(struct dplane *dp, uint64_t workers)
{
	for (unsigned i = 0; i < dp->workers; i++) {
		if (workers >> i & 1)
			dp_inbox_raise(&dp->worker[i]->inbox);
	}
}

unsigned dplane_workers(const struct dplane *dp)
{
	return dp->workers;
}

void dplane_walk_counters(const struct dplane *dp,
			  bool (*fn)(const char *name, const char *what, bool drop,
				     uint64_t value, void *arg),
			  void *arg)
{
	struct dp_counters sum = {0};

	for (unsigned i = 0; i < dp->workers; i++)
		dp_counters_add(&sum, &dp->worker[i]->counters);
	dp_counters_add(&sum, dp_hs_counters(dp->hs));
	dp_counters_walk(&sum, fn, arg);
}

void dplane_clock_moved(struct dplane *dp)
{
	dp_hs_clock_moved(dp->hs);
}

/* ---- start and stop ---- */

static void stop_workers(struct dplane *dp, unsigned started)
{
	while (started)
		dp_worker_free(dp->worker[--started]);
}

static int start_threads(struct dplane *dp)
{
	unsigned i;
	int err = dp_hs_new(dp, &dp->hs);

	if (err)
		return err;
	for (i = 0; i < dp->workers; i++) {
		err = dp_worker_new(dp, i, &dp->worker[i]);
		if (err)
			goto stop;
	}
	return 0;

stop:
	stop_workers(dp, i);
	dp_hs_free(dp->hs);
	return err;
}

int dplane_new(struct loop *loop, const struct dp_options *opt, struct dplane **out,
	       char *why, size_t why_len)
{
	struct dplane *dp = xcalloc(1, sizeof(*dp));
	int err;

	dp->loop = loop;
	dp->now_ns = opt->now_ns ? opt->now_ns : boot_time;
	dp->tun = opt->tun ? opt->tun : &dp_tun_kernel;
	dp->tun_arg = opt->tun_arg;
	dp->workers = choose_workers(opt->workers);
	dp->rng.fill = fill_random;
	dp->rng.fill(&dp->rng, &dp->flow_seed, sizeof(dp->flow_seed));
	dp->events_job.fn = run_events;
	err = dp_inbox_init(&dp->events, wake_main);
	assert(!err); /* it opens nothing */
	dp_rcu_init();
	dp->sessions = dp_sessions_new();
	err = dp->sessions ? start_threads(dp) : -ENOMEM;
	if (err) {
		snprintf(why, why_len, "data plane: cannot start its threads: %s",
			 strerror(-err));
		dp_sessions_free(dp->sessions);
		free(dp);
		return err;
	}
	*out = dp;
	return 0;
}

/* Workers first, then the handshake thread that they call, then what was meant for us; at
 * last memory whose grace period has not come yet. */
void dplane_free(struct dplane *dp)
{
	if (!dp)
		return;
	assert(!dp->devices && !dp->ports);
	stop_workers(dp, dp->workers);
	dp_hs_free(dp->hs);
	dp->on_session = NULL;
	loop_job_cancel(dp->loop, &dp->events_job);
	dp_inbox_run(&dp->events, dp);
	dp_rcu_barrier();
	dp_rcu_barrier(); /* a session's callback may have freed its peer */
	dp_sessions_free(dp->sessions);
	free(dp);
}
