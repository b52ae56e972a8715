/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/rx.h"
#include "wgrd/dplane/stage.h"
#include "wgrd/dplane/sync/rcu.h"
#include "wgrd/dplane/sync/thread.h"
#include "wgrd/dplane/tx.h"

enum {
	EVENTS_MAX = 64,
};

/* Calls are made after the sources of a round, so that a source which a call takes away
 * is not among the events still to be looked at. */
static void *run(void *arg)
{
	struct dp_worker *w = arg;
	struct epoll_event ev[EVENTS_MAX];

	dp_rcu_thread_start();
	while (!w->stop) {
		bool called = false;
		int n;

		dp_rcu_offline();
		dp_share_idle(w);
		n = epoll_wait(w->epfd, ev, EVENTS_MAX, -1);
		dp_share_busy(w);
		dp_rcu_online();
		dp_count(&w->counters, DP_WAKEUPS, 1);
		for (int i = 0; i < n; i++) {
			struct dp_source *s = ev[i].data.ptr;

			called |= !s;
			if (!s)
				continue;
			w->now_ns = w->dp->now_ns();
			s->ready(w, s);
		}
		if (!called)
			continue;
		w->now_ns = w->dp->now_ns();
		dp_inbox_run(&w->inbox, w);
		dp_share_help(w);
		dp_stages_sweep(w);
	}
	dp_share_busy(w);
	dp_stages_clear(w);
	dp_rcu_thread_stop();
	return NULL;
}

int dp_worker_add(struct dp_worker *w, struct dp_source *s)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = s};

	return epoll_ctl(w->epfd, EPOLL_CTL_ADD, s->fd, &ev) < 0 ? -errno : 0;
}

void dp_worker_remove(struct dp_worker *w, struct dp_source *s)
{
	if (s->fd >= 0)
		(void)epoll_ctl(w->epfd, EPOLL_CTL_DEL, s->fd, NULL);
}

static int add_inbox(struct dp_worker *w)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};

	return epoll_ctl(w->epfd, EPOLL_CTL_ADD, w->inbox.fd, &ev) < 0 ? -errno : 0;
}

int dp_worker_new(struct dplane *dp, unsigned index, struct dp_worker **out)
{
	struct dp_worker *w = aligned_alloc(64, sizeof(*w));
	char name[16];
	int err = -ENOMEM;

	if (!w)
		return err;
	*w = (struct dp_worker){.dp = dp, .index = index, .aead = aead_best()};
	w->tx = dp_tx_new();
	w->rx = dp_rx_new();
	w->stages = dp_stages_new();
	if (!w->tx || !w->rx || !w->stages)
		goto free_worker;
	w->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (w->epfd < 0) {
		err = -errno;
		goto free_worker;
	}
	err = dp_inbox_init(&w->inbox, NULL);
	if (err)
		goto close_epoll;
	err = add_inbox(w);
	if (err)
		goto close_inbox;
	snprintf(name, sizeof(name), "wg-dp/%u", index);
	err = dp_thread_start(&w->thread, name, run, w);
	if (err)
		goto close_inbox;
	*out = w;
	return 0;

close_inbox:
	dp_inbox_fini(&w->inbox);
close_epoll:
	close(w->epfd);
free_worker:
	dp_tx_free(w->tx);
	dp_rx_free(w->rx);
	dp_stages_free(w->stages);
	free(w);
	return err;
}

static void set_stop(void *arg, void *owner)
{
	struct dp_worker *w = owner;

	(void)arg;
	w->stop = true;
}

void dp_worker_stop(struct dp_worker *w)
{
	dp_inbox_sync(&w->inbox, set_stop, NULL);
	pthread_join(w->thread, NULL);
}

void dp_worker_free(struct dp_worker *w)
{
	dp_inbox_fini(&w->inbox);
	close(w->epfd);
	dp_tx_free(w->tx);
	dp_rx_free(w->rx);
	dp_stages_free(w->stages);
	free(w);
}
