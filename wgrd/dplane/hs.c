/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/hs.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "wgrd/dplane/hs_internal.h"
#include "wgrd/dplane/io/udp.h"
#include "wgrd/dplane/port.h"
#include "wgrd/dplane/sync/rcu.h"
#include "wgrd/dplane/sync/thread.h"

enum {
	MESSAGES = 4096, /* in the mailbox */
	/* Under load means that more than this part of it is in use... */
	LOAD_DIVISOR = 8,
	/* Under load, of those that keys are kept in: with a thousand interfaces on the
	 * port, four messages of a turn may be looked up. */
	SHELVES_PER_TURN = 256,
	/* So that answers are heard while a hundred thousand peers are called. */
	TIMERS_PER_TURN = 64,
	SOURCES_MAX = 16384, /* in the rate limit */
	EVENTS_MAX = 4,
};
/* ...or was, this long ago. */
#define LOAD_LINGERS_NS NS_PER_S

bool dp_hs_deliver(struct dp_hs *hs, uint32_t port_id, const struct dp_endpoint *from,
		   const void *msg, size_t len)
{
	struct dp_hs_message m;

	m.from = *from;
	m.port_id = port_id;
	m.len = (uint16_t)len;
	if (len > sizeof(m.bytes))
		return false;
	memcpy(m.bytes, msg, len);
	memset(m.bytes + len, 0, sizeof(m.bytes) - len);
	return mailbox_post(hs->messages, &m);
}

struct dp_inbox *dp_hs_inbox(struct dp_hs *hs)
{
	return &hs->inbox;
}

const struct dp_counters *dp_hs_counters(const struct dp_hs *hs)
{
	return &hs->counters;
}

void dp_hs_send(struct dp_hs *hs, const struct dp_port *port,
		struct dp_endpoint_cell *cell, const struct dp_endpoint *to, uint8_t tos,
		void *msg, size_t len)
{
	int fd = dp_port_fd(port, 0, to->family);

	if (fd < 0)
		dp_drop(&hs->counters, DROP_TX_NO_SOCKET, 1);
	else if (dp_udp_send(fd, cell, to, tos, msg, len))
		dp_drop(&hs->counters, DROP_TX_REFUSED, 1);
}

/* ---- the thread ---- */

static bool under_load(struct dp_hs *hs)
{
	if (mailbox_level(hs->messages) >= mailbox_slots(hs->messages) / LOAD_DIVISOR)
		hs->load_ns = hs->now_ns;
	return hs->load_ns && hs->now_ns - hs->load_ns < LOAD_LINGERS_NS;
}

/* Returns whether there may be more. */
static bool take_messages(struct dp_hs *hs)
{
	const bool load = under_load(hs);
	struct dp_hs_message m[DP_HS_TURN];
	unsigned n = 0;

	hs->search_left = SHELVES_PER_TURN;
	while (n < DP_HS_TURN && mailbox_take(hs->messages, &m[n]))
		n++;
	dp_hs_messages(hs, m, n, load);
	return n == DP_HS_TURN;
}

static void arm(struct dp_hs *hs)
{
	uint64_t next = wheel_next_ns(&hs->wheel), wait;
	struct itimerspec its = {0};

	if (next == UINT64_MAX)
		next = 0;
	if (next == hs->armed_ns)
		return;
	hs->armed_ns = next;
	if (next) {
		wait = next > hs->now_ns ? next - hs->now_ns : 1;
		its.it_value.tv_sec = (time_t)(wait / NS_PER_S);
		its.it_value.tv_nsec = (long)(wait % NS_PER_S);
	}
	timerfd_settime(hs->timer_fd, 0, &its, NULL);
}

/* Returns whether more are due. */
static bool run_timers(struct dp_hs *hs)
{
	uint64_t count;

	if (read(hs->timer_fd, &count, sizeof(count)) > 0)
		hs->armed_ns = 0;
	return wheel_run(&hs->wheel, hs->now_ns, TIMERS_PER_TURN, dp_hs_peer_due, hs);
}

static void *run(void *arg)
{
	struct dp_hs *hs = arg;
	struct epoll_event ev[EVENTS_MAX];
	bool more = false;

	dp_rcu_thread_start();
	while (!hs->stop) {
		dp_rcu_offline();
		(void)epoll_wait(hs->epfd, ev, EVENTS_MAX, more ? 0 : -1);
		dp_rcu_online();
		hs->now_ns = hs->dp->now_ns();
		dp_inbox_run(&hs->inbox, hs);
		dp_hs_call(hs);
		mailbox_drain(hs->messages);
		hs->now_ns = hs->dp->now_ns();
		more = take_messages(hs);
		hs->now_ns = hs->dp->now_ns();
		more |= run_timers(hs);
		dp_hs_call(hs);
		arm(hs);
	}
	dp_rcu_thread_stop();
	return NULL;
}

/* ---- the clock ---- */

static void clock_moved(void *arg, void *owner)
{
	struct dp_hs *hs = owner;

	(void)arg;
	hs->now_ns = hs->dp->now_ns();
	while (run_timers(hs))
		;
	dp_hs_call(hs);
	hs->armed_ns = 0;
}

void dp_hs_clock_moved(struct dp_hs *hs)
{
	dp_inbox_sync(&hs->inbox, clock_moved, NULL);
}

/* ---- start and stop ---- */

static int add_fd(struct dp_hs *hs, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN};

	return epoll_ctl(hs->epfd, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

static int open_fds(struct dp_hs *hs)
{
	int err;

	hs->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (hs->epfd < 0)
		return -errno;
	hs->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (hs->timer_fd < 0)
		return -errno;
	err = add_fd(hs, hs->timer_fd);
	if (!err)
		err = add_fd(hs, hs->inbox.fd);
	return err ? err : add_fd(hs, mailbox_fd(hs->messages));
}

static void free_hs(struct dp_hs *hs)
{
	if (hs->timer_fd >= 0)
		close(hs->timer_fd);
	if (hs->epfd >= 0)
		close(hs->epfd);
	mailbox_free(hs->messages);
	ratelimit_free(hs->limit);
	dp_inbox_fini(&hs->inbox);
	wg_cookie_maker_fini(&hs->cookies);
	free(hs);
}

int dp_hs_new(struct dplane *dp, struct dp_hs **out)
{
	struct dp_hs *hs = aligned_alloc(64, sizeof(*hs));
	int err = -ENOMEM;

	if (!hs)
		return err;
	*hs = (struct dp_hs){.dp = dp, .epfd = -1, .timer_fd = -1};
	wg_cookie_maker_init(&hs->cookies, &dp->rng);
	wheel_init(&hs->wheel, dp->now_ns());
	err = dp_inbox_init(&hs->inbox, NULL);
	if (err)
		goto free_hs;
	err = -ENOMEM;
	hs->limit = ratelimit_new(SOURCES_MAX, &dp->rng);
	if (!hs->limit)
		goto free_hs;
	err = mailbox_new(MESSAGES, sizeof(struct dp_hs_message), &hs->messages);
	if (err)
		goto free_hs;
	err = open_fds(hs);
	if (!err)
		err = dp_thread_start(&hs->thread, "wg-hs", run, hs);
	if (err)
		goto free_hs;
	*out = hs;
	return 0;

free_hs:
	free_hs(hs);
	return err;
}

static void set_stop(void *arg, void *owner)
{
	struct dp_hs *hs = owner;

	(void)arg;
	hs->stop = true;
}

/* Calls that workers made last are still to be served: they hold references. */
void dp_hs_free(struct dp_hs *hs)
{
	if (!hs)
		return;
	dp_inbox_sync(&hs->inbox, set_stop, NULL);
	pthread_join(hs->thread, NULL);
	dp_inbox_run(&hs->inbox, hs);
	assert(!hs->ports && !hs->wheel.count);
	free_hs(hs);
}
