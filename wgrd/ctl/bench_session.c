/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/bench_session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "wgrd/ctl/bench_load.h"
#include "wgrd/ctl/bench_probe.h"
#include "wgrd/ctl/bench_socket.h"

enum {
	RUNS_MAX = 64,
	SESSION_MS_MAX = 20 * 60 * 1000,
	BETWEEN_RUNS_MS = 15000, /* a client that says nothing for longer is gone */
	GRACE_MS = 15000,        /* for a client to report, after the time of a run */
};

#define BYTES_MAX UINT64_C(2000000000000)

/* The session's thread only. */
struct session {
	int fd;
	struct bench_addr local, remote;
	uint8_t token[BENCH_TOKEN_LEN];
	int64_t end_ms;
	uint64_t bytes_left;
	struct bench_session_result *result;
};

/* What is open for one run; -1 where nothing is. */
struct run {
	const struct bench_run *what;
	int probe_fd, listen_fd;
	int fd[BENCH_FLOWS_MAX];
	struct bench_echo *echo;
	struct bench_load *load;
};

static int refuse(struct session *s, enum bench_refusal refusal)
{
	const struct bench_message m = {.type = BENCH_REFUSE, .refusal = refusal};

	return bench_socket_send(s->fd, &m) ?: -ECONNABORTED;
}

static int fail(struct session *s, const char *what, int err)
{
	snprintf(s->result->why, sizeof(s->result->why), "%s: %s", what, strerror(-err));
	return refuse(s, err == -EMSGSIZE ? BENCH_TOO_LONG : BENCH_FAILED);
}

/* The next message, which must be a @type. */
static int expect(struct session *s, enum bench_type type, int timeout_ms,
		  struct bench_message *m)
{
	int err = bench_socket_receive(s->fd, m, timeout_ms);

	if (!err && m->type == type)
		return 0;
	if (!err)
		err = -EBADMSG;
	if (err == -EBADMSG)
		err = refuse(s, BENCH_INVALID);
	return err;
}

/* ---- what a run needs ---- */

static void run_close(struct run *r)
{
	struct bench_tally nothing;

	if (r->load) {
		bench_load_stop(r->load);
		(void)!bench_load_join(r->load, &nothing);
	}
	if (r->echo)
		bench_echo_end(r->echo);
	for (size_t i = 0; i < BENCH_FLOWS_MAX; i++)
		if (r->fd[i] >= 0)
			close(r->fd[i]);
	if (r->listen_fd >= 0)
		close(r->listen_fd);
	if (r->probe_fd >= 0)
		close(r->probe_fd);
}

/* A datagram socket that hears the client's @remote_port only. */
static int open_udp(const struct session *s, uint16_t remote_port, int *fd,
		    uint16_t *local_port)
{
	struct bench_addr remote = bench_addr_with_port(&s->remote, remote_port), local;

	*fd = bench_socket_udp(&s->local);
	if (*fd < 0)
		return *fd;
	local = bench_socket_local(*fd);
	*local_port = bench_addr_port(&local);
	return bench_socket_pin(*fd, &remote);
}

static int run_open(struct session *s, struct run *r, const struct bench_ports *theirs,
		    struct bench_ports *ours)
{
	struct bench_addr any_port = bench_addr_with_port(&s->local, 0);
	int err = open_udp(s, theirs->probe, &r->probe_fd, &ours->probe);

	ours->count = r->what->kind == BENCH_TCP ? 1 : theirs->count;
	for (size_t i = 0; !err && i < theirs->count; i++)
		err = open_udp(s, theirs->flow[i], &r->fd[i], &ours->flow[i]);
	if (err || r->what->kind != BENCH_TCP)
		return err;
	r->listen_fd = bench_socket_listen(&any_port);
	if (r->listen_fd < 0)
		return r->listen_fd;
	any_port = bench_socket_local(r->listen_fd);
	ours->flow[0] = bench_addr_port(&any_port);
	return 0;
}

/* TCP: the client's connections, which show its token. */
static int accept_flows(struct session *s, struct run *r)
{
	int64_t end_ms = bench_now_ms() + BENCH_PATIENCE_MS;

	for (size_t i = 0; i < r->what->flows; i++) {
		uint8_t token[BENCH_TOKEN_LEN];
		int err;

		r->fd[i] = bench_socket_accept(r->listen_fd, &s->remote,
					       (int)(end_ms - bench_now_ms()));
		if (r->fd[i] < 0)
			return r->fd[i];
		err = bench_socket_receive_all(r->fd[i], token, sizeof(token),
					       (int)(end_ms - bench_now_ms()));
		if (err)
			return err;
		if (memcmp(token, s->token, sizeof(token)) != 0)
			return -EPROTO;
	}
	return 0;
}

/* ---- a run ---- */

static int start_load(struct session *s, struct run *r)
{
	struct bench_load_params params = {
		.run = r->what,
		.send = r->what->reverse,
		.headers_len = bench_addr_headers_len(&s->local),
		.bytes_max = s->bytes_left,
	};

	memcpy(params.token, s->token, sizeof(params.token));
	return bench_load_start(&params, r->fd, &r->load);
}

/* Lets the data flow. Gives what we have sent or received. */
static int transfer(struct session *s, struct run *r, struct bench_tally *tally)
{
	int wait_ms = r->what->ms, err = 0;
	struct bench_load *load = r->load;
	struct bench_message m;

	*tally = (struct bench_tally){0};
	if (r->what->kind == BENCH_IDLE || !r->what->reverse)
		err = expect(s, BENCH_REPORT, wait_ms + GRACE_MS, &m);
	else if (bench_socket_heard(s->fd, wait_ms)) /* it has nothing to say */
		err = -EPIPE;
	if (err || !load)
		return err;
	r->load = NULL;
	err = bench_load_join(load, tally);
	s->bytes_left -= tally->bytes < s->bytes_left ? tally->bytes : s->bytes_left;
	s->result->bytes += tally->bytes;
	return err ? fail(s, "the data of a run", err) : 0;
}

static int do_run(struct session *s, struct run *r, const struct bench_ports *theirs)
{
	struct bench_message m = {.type = BENCH_READY};
	int err = run_open(s, r, theirs, &m.ports);

	if (!err)
		err = bench_echo_start(r->probe_fd, s->token, &r->echo);
	if (err)
		return fail(s, "the sockets of a run", err);
	err = bench_socket_send(s->fd, &m);
	if (!err && r->what->kind == BENCH_TCP) {
		err = accept_flows(s, r);
		if (err)
			return fail(s, "the connections of a run", err);
	}
	/* Who receives is there before who sends. */
	if (!err && r->what->flows && !r->what->reverse)
		err = start_load(s, r);
	if (!err)
		err = expect(s, BENCH_GO, BENCH_PATIENCE_MS, &m);
	if (!err && r->what->flows && r->what->reverse)
		err = start_load(s, r);
	m = (struct bench_message){.type = BENCH_REPORT};
	if (!err)
		err = transfer(s, r, &m.tally);
	if (!err)
		err = bench_socket_send(s->fd, &m);
	return err;
}

static int serve_run(struct session *s)
{
	struct run r = {.probe_fd = -1, .listen_fd = -1};
	struct bench_message m;
	int err = expect(s, BENCH_RUN, BETWEEN_RUNS_MS, &m);

	if (err)
		return err;
	if (s->result->runs >= RUNS_MAX || !s->bytes_left || bench_now_ms() > s->end_ms)
		return refuse(s, BENCH_OVER_LIMIT);
	s->result->runs++;
	r.what = &m.run;
	for (size_t i = 0; i < BENCH_FLOWS_MAX; i++)
		r.fd[i] = -1;
	err = do_run(s, &r, &m.ports);
	run_close(&r);
	return err;
}

/* ---- from the first message on ---- */

static int greet(struct session *s)
{
	struct bench_message m;
	int err = expect(s, BENCH_HELLO, BENCH_PATIENCE_MS, &m);

	if (err)
		return err;
	if (m.version != BENCH_VERSION)
		return refuse(s, BENCH_OTHER_VERSION);
	if (getrandom(s->token, sizeof(s->token), 0) != sizeof(s->token))
		return fail(s, "getrandom", -errno);
	m = (struct bench_message){.type = BENCH_WELCOME, .mtu = bench_socket_mtu(s->fd)};
	memcpy(m.token, s->token, sizeof(m.token));
	if (m.mtu < BENCH_SIZE_MIN)
		return fail(s, "the MTU", -EMSGSIZE);
	return bench_socket_send(s->fd, &m);
}

void bench_session_serve(int fd, struct bench_session_result *result)
{
	struct session s = {.fd = fd,
			    .local = bench_socket_local(fd),
			    .remote = bench_socket_remote(fd),
			    .end_ms = bench_now_ms() + SESSION_MS_MAX,
			    .bytes_left = BYTES_MAX,
			    .result = result};
	int err;

	*result = (struct bench_session_result){0};
	err = greet(&s);
	while (!err)
		err = serve_run(&s);
	if (err == -ETIMEDOUT && !*result->why)
		snprintf(result->why, sizeof(result->why),
			 "it said nothing for too long");
	else if (err == -ECONNABORTED && !*result->why)
		snprintf(result->why, sizeof(result->why), "it was refused");
	else if (err != -EPIPE && !*result->why)
		snprintf(result->why, sizeof(result->why), "%s", strerror(-err));
}
