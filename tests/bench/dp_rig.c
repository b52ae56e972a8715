/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/dp_rig.h"

#include <assert.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "wgrd/dplane/hs_internal.h"
#include "wgrd/dplane/io/tun.h"

enum {
	QUEUE = 256, /* messages under way: half of what makes it be under load */
};

static _Atomic uint64_t added_ns;

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t dp_rig_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static uint64_t rig_clock(void)
{
	return clock_ns(CLOCK_BOOTTIME) +
	       atomic_load_explicit(&added_ns, memory_order_relaxed);
}

size_t dp_rig_memory(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void fill(struct wg_rng *rng, void *dst, size_t len)
{
	ssize_t n = getrandom(dst, len, 0);

	(void)rng;
	assert(n == (ssize_t)len);
}

/* Queues that never have a packet. */
static int open_nothing(void *arg, const char *name, int held, unsigned queues, int *fd,
			struct dp_tun_offload *offload, uint32_t *ifindex, char *why,
			size_t why_len)
{
	(void)arg;
	(void)name;
	(void)held;
	(void)why;
	(void)why_len;
	for (unsigned i = 0; i < queues; i++) {
		fd[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		assert(fd[i] >= 0);
	}
	*offload = (struct dp_tun_offload){0};
	*ifindex = 1;
	return 0;
}

static const struct dp_tun_ops nothing = {.open = open_nothing};

static void open_sink(struct dp_rig *r)
{
	const int bytes = 8 << 20;
	struct sockaddr_in6 sa = {.sin6_family = AF_INET6,
				  .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	socklen_t len = sizeof(sa);

	r->sink = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert(r->sink >= 0);
	(void)setsockopt(r->sink, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	if (bind(r->sink, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    getsockname(r->sink, (struct sockaddr *)&sa, &len) < 0) {
		perror("a socket on ::1");
		exit(1);
	}
	r->at = dp_endpoint_from_sockaddr(&sa);
}

void dp_rig_start(struct dp_rig *r)
{
	const struct dp_options opt = {
		.workers = 1, .tun = &nothing, .now_ns = rig_clock};
	struct dp_device_conf conf = {.enabled = true, .mtu = 1420};
	char why[256] = "";

	*r = (struct dp_rig){.rng.fill = fill};
	open_sink(r);
	wg_key_generate(conf.private_key, &r->rng);
	wg_key_public(r->public_key, conf.private_key);
	r->loop = loop_new();
	if (dplane_new(r->loop, &opt, &r->dp, why, sizeof(why)) ||
	    dp_device_new(r->dp, "bench", &conf, &r->dev, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		exit(1);
	}
	dp_device_set(r->dev, &conf);
}

void dp_rig_stop(struct dp_rig *r)
{
	dp_device_stop(r->dev);
	dp_device_free(r->dev);
	dplane_free(r->dp);
	loop_free(r->loop);
	close(r->sink);
}

void dp_rig_settle(struct dp_rig *r)
{
	dplane_clock_moved(r->dp);
}

void dp_rig_advance(struct dp_rig *r, uint64_t ns)
{
	atomic_fetch_add_explicit(&added_ns, ns, memory_order_relaxed);
	dplane_clock_moved(r->dp);
}

uint64_t dp_rig_hs_cpu_ns(const struct dp_rig *r)
{
	clockid_t id;
	int err = pthread_getcpuclockid(r->dp->hs->thread, &id);

	assert(!err);
	return clock_ns(id);
}

uint64_t dp_rig_count(const struct dp_rig *r, enum dp_count what)
{
	return atomic_load_explicit(&dp_hs_counters(r->dp->hs)->count[what],
				    memory_order_relaxed);
}

void dp_rig_deliver(struct dp_rig *r, const void *msg, size_t len)
{
	while (mailbox_level(r->dp->hs->messages) >= QUEUE)
		sched_yield();
	if (!dp_hs_deliver(r->dp->hs, r->dev->bound->id, &r->at, msg, len))
		abort();
}

void dp_rig_wait_count(const struct dp_rig *r, enum dp_count what, uint64_t value)
{
	while (dp_rig_count(r, what) < value)
		sched_yield();
}

struct dp_peer *dp_rig_peer(struct dp_rig *r, const uint8_t *public_key)
{
	struct dp_peer_conf conf = {.enabled = true};
	struct dp_peer *p;

	if (public_key)
		memcpy(conf.key.public_key, public_key, WG_KEY_LEN);
	else
		r->rng.fill(&r->rng, conf.key.public_key, WG_KEY_LEN);
	conf.endpoint = dp_endpoint_addr(&r->at);
	conf.endpoint_port = r->at.port;
	if (dp_peer_new(r->dev, &conf, NULL, &p)) {
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	return p;
}

void dp_rig_peer_free(struct dp_peer *p)
{
	dp_peer_retire(p);
	dp_peer_free(p);
}
