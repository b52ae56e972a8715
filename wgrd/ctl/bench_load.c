/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/bench_load.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	THREADS_MAX = 8,
	BATCH = 60,              /* of packets, a multiple of the mix */
	SLOT_LEN = 64,           /* of what is looked at of a packet received */
	CHUNK_BYTES = 128 << 10, /* of TCP */
	BATCH_MS = 2,            /* that a batch may run ahead of a rate */
	TYPICAL_LEN = 1000,      /* of a packet, for that */
	TURN_MS = 100,           /* how late a thread sees that it is to end */
	UDP_DRAIN_MS = 2000,
	TCP_DRAIN_MS = 10000,
};

/* 7:4:1, short ones and long ones interleaved; 0 is the size of the run. */
static const uint16_t mix[] = {64, 576, 64, 64, 576, 64, 0, 64, 576, 64, 576, 64};

static_assert(BATCH % ARRAY_SIZE(mix) == 0, "a batch is a number of mixes");

/* One thread. Its own but for what it points to, read by others after its end. */
struct part {
	struct bench_load *load;
	pthread_t thread;
	struct pollfd fd[BENCH_FLOWS_MAX]; /* -1: has ended */
	size_t count, open;
	size_t next; /* flow whose turn it is */
	size_t at;   /* UDP: in the mix */
	uint64_t packets, bytes;
	int64_t begin_ns, first_ns, last_ns; /* 0: none yet */
	int err;
};

/* Fixed from the start on, but for the two flags. */
struct bench_load {
	enum bench_kind kind;
	bool send;
	size_t headers_len;
	uint8_t token[BENCH_TOKEN_LEN];
	uint64_t part_bytes_max, part_rate_bps;
	int64_t ms;
	uint16_t size[BATCH]; /* of the packets, in turn, with headers */
	unsigned batch;       /* how many of them at a time */
	size_t part_count;
	struct part part[THREADS_MAX];
	_Atomic bool stop, finish;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void count(struct part *p, uint64_t packets, uint64_t bytes)
{
	if (!bytes)
		return;
	p->last_ns = now_ns();
	if (!p->first_ns)
		p->first_ns = p->last_ns;
	p->packets += packets;
	p->bytes += bytes;
}

static void end_flow(struct part *p, struct pollfd *fd)
{
	fd->fd = -1;
	p->open--;
}

/* ---- one turn of one flow that is ready ---- */

static uint8_t data[CHUNK_BYTES]; /* zeros; never written */

static void tcp_send(struct part *p, struct pollfd *fd)
{
	ssize_t n = send(fd->fd, data, sizeof(data), MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0)
		count(p, 0, (uint64_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		end_flow(p, fd);
}

static void tcp_receive(struct part *p, struct pollfd *fd)
{
	static _Thread_local uint8_t buf[CHUNK_BYTES];
	ssize_t n = recv(fd->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n > 0)
		count(p, 0, (uint64_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		end_flow(p, fd);
}

static void udp_send(struct part *p, struct pollfd *fd)
{
	const struct bench_load *l = p->load;
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH][2];
	uint64_t bytes = 0;
	int n;

	for (size_t i = 0; i < l->batch; i++) {
		size_t payload = l->size[(p->at + i) % BATCH] - l->headers_len;

		iov[i][0] = (struct iovec){(void *)(uintptr_t)l->token, BENCH_TOKEN_LEN};
		iov[i][1] = (struct iovec){data, payload - BENCH_TOKEN_LEN};
		msg[i].msg_hdr = (struct msghdr){.msg_iov = iov[i], .msg_iovlen = 2};
	}
	n = sendmmsg(fd->fd, msg, l->batch, MSG_DONTWAIT);
	if (n < 0 && errno == EMSGSIZE) {
		p->err = -EMSGSIZE;
		end_flow(p, fd);
	}
	/* ECONNREFUSED is the answer to an earlier one, ENOBUFS of a queue that is full. */
	for (int i = 0; i < n; i++) {
		bytes += l->size[p->at];
		p->at = (p->at + 1) % BATCH;
	}
	count(p, n > 0 ? (uint64_t)n : 0, bytes);
}

/* Only what begins with our token is counted. */
static void udp_receive(struct part *p, struct pollfd *fd)
{
	const struct bench_load *l = p->load;
	uint8_t slot[BATCH][SLOT_LEN];
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	uint64_t packets = 0, bytes = 0;
	int n;

	for (size_t i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){slot[i], SLOT_LEN};
		msg[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i], .msg_iovlen = 1};
	}
	n = recvmmsg(fd->fd, msg, BATCH, MSG_DONTWAIT | MSG_TRUNC, NULL);
	for (int i = 0; i < n; i++) {
		if (msg[i].msg_len < BENCH_TOKEN_LEN ||
		    memcmp(slot[i], l->token, BENCH_TOKEN_LEN) != 0)
			continue;
		packets++;
		bytes += msg[i].msg_len + l->headers_len;
	}
	count(p, packets, bytes);
}

static void turn(struct part *p, struct pollfd *fd)
{
	if (p->load->kind == BENCH_TCP && p->load->send)
		tcp_send(p, fd);
	else if (p->load->kind == BENCH_TCP)
		tcp_receive(p, fd);
	else if (p->load->send)
		udp_send(p, fd);
	else
		udp_receive(p, fd);
}

/* ---- a thread ---- */

/* How long this sender is ahead of its rate. */
static int64_t early_ns(const struct part *p)
{
	uint64_t rate_bps = p->load->part_rate_bps;
	int64_t due_ns;

	if (!rate_bps || !p->load->send)
		return 0;
	due_ns = p->begin_ns + (int64_t)((double)p->bytes * 8e9 / (double)rate_bps);
	return due_ns - now_ns();
}

/* Not longer than a turn: there may be a reason to end before. */
static void sleep_ns(int64_t ns)
{
	const int64_t turn_ns = (int64_t)TURN_MS * 1000000;
	struct timespec t = {.tv_nsec = ns < turn_ns ? ns : turn_ns};

	nanosleep(&t, NULL);
}

static bool sender_goes_on(const struct part *p)
{
	return now_ns() - p->begin_ns < p->load->ms * 1000000;
}

/* @quiet: nothing has come for a turn. */
static bool receiver_goes_on(struct part *p, bool quiet, int64_t *drain_until_ns)
{
	bool tcp = p->load->kind == BENCH_TCP;

	if (!atomic_load_explicit(&p->load->finish, memory_order_relaxed))
		return true;
	if (!*drain_until_ns)
		*drain_until_ns =
			now_ns() + (int64_t)(tcp ? TCP_DRAIN_MS : UDP_DRAIN_MS) * 1000000;
	return (tcp || !quiet) && now_ns() < *drain_until_ns;
}

/* A turn for each flow that is ready. False when none was. */
static bool go_round(struct part *p)
{
	int ready = poll(p->fd, p->count, TURN_MS);

	for (size_t i = 0; i < p->count && ready > 0 && early_ns(p) <= 0; i++) {
		struct pollfd *fd = &p->fd[p->next];

		p->next = (p->next + 1) % p->count;
		if (fd->fd >= 0 && fd->revents)
			turn(p, fd);
	}
	return ready > 0;
}

/* So that the receiver knows that it has all. */
static void end_flows(const struct part *p)
{
	if (p->load->kind != BENCH_TCP || !p->load->send)
		return;
	for (size_t i = 0; i < p->count; i++)
		if (p->fd[i].fd >= 0)
			shutdown(p->fd[i].fd, SHUT_WR);
}

static void *run_part(void *arg)
{
	struct part *p = arg;
	const struct bench_load *l = p->load;
	int64_t drain_until_ns = 0;
	bool goes_on = true;

	p->begin_ns = now_ns();
	while (goes_on && p->open &&
	       !atomic_load_explicit(&l->stop, memory_order_relaxed)) {
		int64_t early = early_ns(p);
		bool quiet = false;

		if (early > 0)
			sleep_ns(early);
		else
			quiet = !go_round(p);
		goes_on = p->bytes < l->part_bytes_max &&
			  (l->send ? sender_goes_on(p)
				   : receiver_goes_on(p, quiet, &drain_until_ns));
	}
	end_flows(p);
	return NULL;
}

/* ---- all of them ---- */

/* Little at a time when the rate is low. */
static unsigned batch_size(uint64_t rate_bps)
{
	uint64_t n = rate_bps * BATCH_MS / 1000 / 8 / TYPICAL_LEN;

	return !rate_bps || n > BATCH ? BATCH : n ? (unsigned)n : 1;
}

static size_t part_count(size_t flows)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cpus > 1 ? (size_t)cpus : 1;

	n = n < THREADS_MAX ? n : THREADS_MAX;
	return flows < n ? flows : n;
}

static uint16_t packet_size(const struct bench_run *run, size_t i)
{
	uint16_t size = mix[i % ARRAY_SIZE(mix)];

	return run->mix && size && size < run->size ? size : run->size;
}

static void share_flows(struct bench_load *l, const int *fd, size_t flows)
{
	l->part_count = part_count(flows);
	for (size_t i = 0; i < flows; i++) {
		struct part *p = &l->part[i % l->part_count];

		p->fd[p->count++] = (struct pollfd){.fd = fd[i],
						    .events = l->send ? POLLOUT : POLLIN};
		p->open = p->count;
	}
}

int bench_load_start(const struct bench_load_params *params, const int *fd,
		     struct bench_load **out)
{
	const struct bench_run *run = params->run;
	struct bench_load *l = xcalloc(1, sizeof(*l));
	struct bench_tally nothing;

	assert(run->flows && run->flows <= BENCH_FLOWS_MAX);
	l->kind = run->kind;
	l->send = params->send;
	l->headers_len = params->headers_len;
	memcpy(l->token, params->token, sizeof(l->token));
	l->ms = run->ms;
	for (size_t i = 0; i < BATCH; i++)
		l->size[i] = packet_size(run, i);
	share_flows(l, fd, run->flows);
	l->part_bytes_max = params->bytes_max / l->part_count;
	l->part_rate_bps = run->rate_bps / l->part_count;
	if (run->rate_bps && !l->part_rate_bps)
		l->part_rate_bps = 1;
	l->batch = batch_size(l->part_rate_bps);
	for (size_t i = 0; i < l->part_count; i++) {
		struct part *p = &l->part[i];
		int err;

		p->load = l;
		err = pthread_create(&p->thread, NULL, run_part, p);
		if (!err)
			continue;
		l->part_count = i;
		bench_load_stop(l);
		err = bench_load_join(l, &nothing) ?: -err;
		return err;
	}
	*out = l;
	return 0;
}

void bench_load_stop(struct bench_load *l)
{
	atomic_store_explicit(&l->stop, true, memory_order_relaxed);
}

int bench_load_join(struct bench_load *l, struct bench_tally *tally)
{
	int64_t first_ns = 0, last_ns = 0;
	int err = 0;

	*tally = (struct bench_tally){0};
	atomic_store_explicit(&l->finish, true, memory_order_relaxed);
	for (size_t i = 0; i < l->part_count; i++) {
		struct part *p = &l->part[i];

		pthread_join(p->thread, NULL);
		err = err ?: p->err;
		tally->packets += p->packets;
		tally->bytes += p->bytes;
		if (!p->first_ns)
			continue;
		if (!first_ns || p->first_ns < first_ns)
			first_ns = p->first_ns;
		if (p->last_ns > last_ns)
			last_ns = p->last_ns;
	}
	tally->elapsed_us = (uint64_t)(last_ns - first_ns) / 1000;
	free(l);
	return err;
}
