/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/bench_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wgrd/ctl/bench_load.h"
#include "wgrd/ctl/bench_socket.h"

enum {
	DRAIN_MS = 20000, /* the server's, after the last of the data */
};

/* The sockets and threads of one run; -1 where none is open. */
struct run {
	struct bench_client *client;
	const struct bench_run *what;
	int probe_fd;
	int fd[BENCH_FLOWS_MAX];
	struct bench_probe *probe;
	struct bench_load *load;
	char *why;
	size_t why_len;
};

/* ---- the conversation ---- */

static int explain(int err, const char *what, char *why, size_t why_len)
{
	if (err == -EPIPE)
		snprintf(why, why_len, "the server hung up");
	else if (err == -ETIMEDOUT)
		snprintf(why, why_len, "the server does not answer");
	else if (err == -EBADMSG)
		snprintf(why, why_len, "what answers is not a wgrctl bench server");
	else
		snprintf(why, why_len, "%s: %s", what, strerror(-err));
	return err;
}

/* The answer, which must be a @type. */
static int expect(const struct bench_client *c, enum bench_type type, int timeout_ms,
		  struct bench_message *m, char *why, size_t why_len)
{
	int err = bench_socket_receive(c->fd, m, timeout_ms);

	if (!err && m->type == BENCH_REFUSE) {
		snprintf(why, why_len, "the server %s", bench_refusal_str(m->refusal));
		return -ECONNABORTED;
	}
	if (!err && m->type != type)
		err = -EBADMSG;
	return err ? explain(err, "the control connection", why, why_len) : 0;
}

static int say(const struct bench_client *c, const struct bench_message *m, char *why,
	       size_t why_len)
{
	int err = bench_socket_send(c->fd, m);

	return err ? explain(err, "the control connection", why, why_len) : 0;
}

static int greet(struct bench_client *c, char *why, size_t why_len)
{
	struct bench_message m = {.type = BENCH_HELLO, .version = BENCH_VERSION};
	uint16_t mtu = bench_socket_mtu(c->fd); /* 0: not known */
	int err = say(c, &m, why, why_len);

	if (!err)
		err = expect(c, BENCH_WELCOME, BENCH_PATIENCE_MS, &m, why, why_len);
	if (err)
		return err;
	memcpy(c->token, m.token, sizeof(c->token));
	c->mtu = !mtu || m.mtu < mtu ? m.mtu : mtu;
	return 0;
}

int bench_client_open(struct bench_client *c, const struct bench_addr *server, char *why,
		      size_t why_len)
{
	char where[BENCH_ADDR_STRLEN];
	int err;

	*c = (struct bench_client){.server = *server};
	c->fd = bench_socket_connect(server);
	if (c->fd < 0) {
		snprintf(why, why_len,
			 "%s: %s; start \"wgrctl bench server ADDRESS\" there",
			 bench_addr_str(server, where), strerror(-c->fd));
		return c->fd;
	}
	c->local = bench_socket_local(c->fd);
	err = greet(c, why, why_len);
	if (err)
		bench_client_close(c);
	return err;
}

void bench_client_close(struct bench_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* ---- what a run needs ---- */

static int open_udp(const struct run *r, int *fd, uint16_t *port)
{
	struct bench_addr local;

	*fd = bench_socket_udp(&r->client->local);
	if (*fd < 0)
		return *fd;
	local = bench_socket_local(*fd);
	*port = bench_addr_port(&local);
	return 0;
}

static int open_ours(struct run *r, struct bench_ports *ports)
{
	int err = open_udp(r, &r->probe_fd, &ports->probe);

	ports->count = r->what->kind == BENCH_UDP ? r->what->flows : 0;
	for (size_t i = 0; !err && i < ports->count; i++)
		err = open_udp(r, &r->fd[i], &ports->flow[i]);
	return err;
}

static int connect_flow(const struct run *r, const struct bench_addr *to, int *fd)
{
	*fd = bench_socket_connect(to);
	if (*fd < 0)
		return *fd;
	return bench_socket_send_all(*fd, r->client->token, BENCH_TOKEN_LEN,
				     BENCH_PATIENCE_MS);
}

/* Connects everything to the server's @ports. */
static int open_theirs(struct run *r, const struct bench_ports *ports)
{
	const struct bench_addr *server = &r->client->server;
	struct bench_addr to = bench_addr_with_port(server, ports->probe);
	int err = bench_socket_pin(r->probe_fd, &to);

	for (size_t i = 0; !err && i < r->what->flows; i++) {
		to = bench_addr_with_port(
			server, ports->flow[r->what->kind == BENCH_TCP ? 0 : i]);
		err = r->what->kind == BENCH_TCP ? connect_flow(r, &to, &r->fd[i])
						 : bench_socket_pin(r->fd[i], &to);
	}
	return err;
}

static bool fits(const struct bench_run *what, const struct bench_ports *ports)
{
	switch (what->kind) {
	case BENCH_IDLE:
		return ports->count == 0;
	case BENCH_UDP:
		return ports->count == what->flows;
	case BENCH_TCP:
		return ports->count == 1;
	}
	return false;
}

static void run_close(struct run *r)
{
	struct bench_latency latency;
	struct bench_tally tally;

	if (r->load) {
		bench_load_stop(r->load);
		(void)!bench_load_join(r->load, &tally);
	}
	if (r->probe)
		bench_probe_end(r->probe, &latency);
	for (size_t i = 0; i < BENCH_FLOWS_MAX; i++)
		if (r->fd[i] >= 0)
			close(r->fd[i]);
	if (r->probe_fd >= 0)
		close(r->probe_fd);
}

static int start_load(struct run *r, bool send)
{
	const struct bench_client *c = r->client;
	struct bench_load_params params = {
		.run = r->what,
		.send = send,
		.headers_len = bench_addr_headers_len(&c->local),
		.bytes_max = UINT64_MAX,
	};

	memcpy(params.token, c->token, sizeof(params.token));
	return bench_load_start(&params, r->fd, &r->load);
}

static int join_load(struct run *r, struct bench_tally *tally)
{
	struct bench_load *load = r->load;

	r->load = NULL;
	return bench_load_join(load, tally);
}

/* ---- a run ---- */

/* Until both ends can begin. */
static int set_up(struct run *r)
{
	struct bench_message m = {.type = BENCH_RUN, .run = *r->what};
	int err = open_ours(r, &m.ports);

	if (err)
		return explain(err, "the sockets of a run", r->why, r->why_len);
	err = say(r->client, &m, r->why, r->why_len);
	if (!err)
		err = expect(r->client, BENCH_READY, BENCH_PATIENCE_MS, &m, r->why,
			     r->why_len);
	if (err)
		return err;
	err = fits(r->what, &m.ports) ? open_theirs(r, &m.ports) : -EBADMSG;
	if (!err && r->what->flows && r->what->reverse)
		err = start_load(r, false);
	return err ? explain(err, "the connections of a run", r->why, r->why_len) : 0;
}

static int begin(struct run *r)
{
	const struct bench_message go = {.type = BENCH_GO};
	int err = say(r->client, &go, r->why, r->why_len);

	if (err)
		return err;
	err = bench_probe_start(r->probe_fd, r->client->token, &r->probe);
	if (!err && r->what->flows && !r->what->reverse)
		err = start_load(r, true);
	return err ? explain(err, "the threads of a run", r->why, r->why_len) : 0;
}

/* We send, or nobody does; then each end says what it has counted. */
static int send_and_report(struct run *r, struct bench_row *row)
{
	struct bench_message m = {.type = BENCH_REPORT};
	int err;

	if (r->load)
		row->err = join_load(r, &m.tally);
	else if (bench_socket_heard(r->client->fd, r->what->ms))
		return expect(r->client, BENCH_REPORT, 0, &m, r->why, r->why_len)
			       ?: explain(-EBADMSG, "", r->why, r->why_len);
	bench_probe_stop(r->probe);
	row->sent = m.tally;
	err = say(r->client, &m, r->why, r->why_len);
	if (!err)
		err = expect(r->client, BENCH_REPORT, DRAIN_MS, &m, r->why, r->why_len);
	row->received = m.tally;
	return err;
}

static int receive_and_report(struct run *r, struct bench_row *row)
{
	struct bench_message m;
	int err = expect(r->client, BENCH_REPORT, r->what->ms + DRAIN_MS, &m, r->why,
			 r->why_len);

	bench_probe_stop(r->probe);
	if (err)
		return err;
	row->sent = m.tally;
	row->err = join_load(r, &row->received);
	return 0;
}

int bench_client_measure(struct bench_client *c, struct bench_row *row, char *why,
			 size_t why_len)
{
	struct run r = {.client = c,
			.what = &row->run,
			.probe_fd = -1,
			.why = why,
			.why_len = why_len};
	int err;

	for (size_t i = 0; i < BENCH_FLOWS_MAX; i++)
		r.fd[i] = -1;
	err = set_up(&r) ?: begin(&r);
	if (!err)
		err = row->run.reverse ? receive_and_report(&r, row)
				       : send_and_report(&r, row);
	if (!err) {
		bench_probe_end(r.probe, &row->latency);
		r.probe = NULL;
	}
	run_close(&r);
	return err;
}
