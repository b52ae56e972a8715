/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/bench_probe.h"

#include <assert.h>
#include <endian.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
	INTERVAL_US = 10000,
	LAST_ANSWER_US = 1000000, /* what comes later is lost */
	TURN_MS = 100,
	PROBES_MAX = (BENCH_MS_MAX + 10000) * 1000 / INTERVAL_US,
};

/* On the wire, in both directions. */
struct probe_packet {
	uint8_t token[BENCH_TOKEN_LEN];
	uint64_t number; /* big-endian */
};

static_assert(sizeof(struct probe_packet) == 16, "no padding");

/* The thread's until it is joined, but for the flag. */
struct bench_probe {
	int fd;
	uint8_t token[BENCH_TOKEN_LEN];
	pthread_t thread;
	_Atomic bool stop;
	unsigned sent, answered;
	int64_t sent_us[PROBES_MAX]; /* 0: answered */
	uint32_t took_us[PROBES_MAX];
};

struct bench_echo {
	int fd;
	uint8_t token[BENCH_TOKEN_LEN];
	pthread_t thread;
	_Atomic bool stop;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Waits until @fd can be read, or @us have passed. */
static bool wait_readable(int fd, int64_t us)
{
	struct timespec t = {us / 1000000, us % 1000000 * 1000};
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return us > 0 && ppoll(&p, 1, &t, NULL) > 0;
}

static bool receive(int fd, const uint8_t *token, struct probe_packet *packet)
{
	ssize_t n = recv(fd, packet, sizeof(*packet), MSG_DONTWAIT | MSG_TRUNC);

	return n == sizeof(*packet) && !memcmp(packet->token, token, BENCH_TOKEN_LEN);
}

/* ---- the client's ---- */

static void take_answer(struct bench_probe *p)
{
	struct probe_packet packet;
	int64_t us = now_us();
	uint64_t number;

	if (!receive(p->fd, p->token, &packet))
		return;
	number = be64toh(packet.number);
	if (number >= p->sent || !p->sent_us[number])
		return;
	p->took_us[p->answered++] = (uint32_t)(us - p->sent_us[number]);
	p->sent_us[number] = 0;
}

static void send_probe(struct bench_probe *p)
{
	struct probe_packet packet = {.number = htobe64(p->sent)};

	memcpy(packet.token, p->token, sizeof(packet.token));
	p->sent_us[p->sent++] = now_us();
	/* One that cannot be sent is one that is lost. */
	send(p->fd, &packet, sizeof(packet), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Answers that come until @when_us. */
static void listen_until(struct bench_probe *p, int64_t when_us)
{
	while (wait_readable(p->fd, when_us - now_us()))
		take_answer(p);
}

static void *run_probe(void *arg)
{
	struct bench_probe *p = arg;
	int64_t next_us = now_us(), end_us;

	do {
		send_probe(p);
		next_us += INTERVAL_US;
		listen_until(p, next_us);
	} while (!atomic_load_explicit(&p->stop, memory_order_relaxed) &&
		 p->sent < PROBES_MAX);
	end_us = now_us() + LAST_ANSWER_US;
	while (p->answered < p->sent && wait_readable(p->fd, end_us - now_us()))
		take_answer(p);
	return NULL;
}

int bench_probe_start(int fd, const uint8_t token[BENCH_TOKEN_LEN],
		      struct bench_probe **out)
{
	struct bench_probe *p = xcalloc(1, sizeof(*p));
	int err;

	p->fd = fd;
	memcpy(p->token, token, sizeof(p->token));
	err = pthread_create(&p->thread, NULL, run_probe, p);
	if (err)
		free(p);
	else
		*out = p;
	return -err;
}

void bench_probe_stop(struct bench_probe *p)
{
	atomic_store_explicit(&p->stop, true, memory_order_relaxed);
}

void bench_probe_end(struct bench_probe *p, struct bench_latency *latency)
{
	bench_probe_stop(p);
	pthread_join(p->thread, NULL);
	*latency = (struct bench_latency){
		.sent = p->sent,
		.answered = p->answered,
		.p50_us = bench_percentile(p->took_us, p->answered, 50),
		.p99_us = bench_percentile(p->took_us, p->answered, 99),
	};
	free(p);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

uint32_t bench_percentile(uint32_t *us, size_t count, unsigned percent)
{
	size_t rank = (count * percent + 99) / 100;

	if (!count)
		return 0;
	qsort(us, count, sizeof(*us), compare);
	return us[rank ? rank - 1 : 0];
}

/* ---- the server's ---- */

static void *run_echo(void *arg)
{
	struct bench_echo *e = arg;
	struct probe_packet packet;

	while (!atomic_load_explicit(&e->stop, memory_order_relaxed))
		if (wait_readable(e->fd, (int64_t)TURN_MS * 1000) &&
		    receive(e->fd, e->token, &packet))
			send(e->fd, &packet, sizeof(packet), MSG_NOSIGNAL | MSG_DONTWAIT);
	return NULL;
}

int bench_echo_start(int fd, const uint8_t token[BENCH_TOKEN_LEN],
		     struct bench_echo **out)
{
	struct bench_echo *e = xcalloc(1, sizeof(*e));
	int err;

	e->fd = fd;
	memcpy(e->token, token, sizeof(e->token));
	err = pthread_create(&e->thread, NULL, run_echo, e);
	if (err)
		free(e);
	else
		*out = e;
	return -err;
}

void bench_echo_end(struct bench_echo *e)
{
	atomic_store_explicit(&e->stop, true, memory_order_relaxed);
	pthread_join(e->thread, NULL);
	free(e);
}
