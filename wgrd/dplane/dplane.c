/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/dplane.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/hs.h"
#include "wgrd/dplane/sync/rcu.h"
#include "wgrd/dplane/worker.h"

static uint64_t boot_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t dp_unix_ns(const struct dplane *dp)
{
	uint64_t ahead_ns = dp->now_ns == boot_time ? 0 : dp->now_ns() - boot_time();
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec + ahead_ns;
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

void dplane_set_events(struct dplane *dp, const struct dplane_events *ev)
{
	dp->events_of = *ev;
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

	dp_counters_add(&sum, &dp->past);
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

void dplane_stop_workers(struct dplane *dp, unsigned n, struct dp_worker **worker)
{
	while (n) {
		struct dp_worker *w = worker[--n];

		dp_worker_stop(w);
		dp_counters_add(&dp->past, &w->counters);
		dp_worker_free(w);
	}
}

int dplane_start_workers(struct dplane *dp, unsigned n, struct dp_worker **worker)
{
	for (unsigned i = 0; i < n; i++) {
		int err = dp_worker_new(dp, i, &worker[i]);

		if (err) {
			dplane_stop_workers(dp, i, worker);
			return err;
		}
	}
	return 0;
}

static int start_threads(struct dplane *dp)
{
	int err = dp_hs_new(dp, &dp->hs);

	if (err)
		return err;
	err = dplane_start_workers(dp, dp->workers, dp->worker);
	if (err)
		dp_hs_free(dp->hs);
	else
		dplane_pin_workers(dp);
	return err;
}

int dplane_new(struct loop *loop, const struct dp_options *opt, struct dplane **out,
	       char *why, size_t why_len)
{
	struct dplane *dp = aligned_alloc(64, sizeof(*dp));
	int err;

	assert(dp); /* as xcalloc() would */
	*dp = (struct dplane){.loop = loop};
	dp->now_ns = opt->now_ns ? opt->now_ns : boot_time;
	dp->tun = opt->tun ? opt->tun : &dp_tun_kernel;
	dp->tun_arg = opt->tun_arg;
	dplane_init_options(dp, opt);
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
void dplane_retain(struct dplane *dp)
{
	dp->retain = true;
}

void dplane_free(struct dplane *dp)
{
	if (!dp)
		return;
	assert(!dp->devices && !dp->ports);
	dplane_stop_workers(dp, dp->workers, dp->worker);
	dp_hs_free(dp->hs);
	dp->events_of = (struct dplane_events){0};
	loop_job_cancel(dp->loop, &dp->events_job);
	dp_inbox_run(&dp->events, dp);
	dp_rcu_barrier();
	dp_rcu_barrier(); /* a session's callback may have freed its peer */
	dp_sessions_free(dp->sessions);
	free(dp);
}
