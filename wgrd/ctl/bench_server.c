/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/bench_server.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "wgrd/ctl/bench_session.h"
#include "wgrd/ctl/bench_socket.h"

enum {
	IDLE_MS_MAX = 60 * 60 * 1000,
	REFUSAL_MS = 500,
};

/* The one client. Its thread's from the start of that to its join. */
struct client {
	int fd;
	FILE *out;
	pthread_t thread;
	bool started; /* main thread only: has to be joined */
};

static void say_end(const struct client *c, const char *who,
		    const struct bench_session_result *result)
{
	fprintf(c->out, "wgrctl: %s: %u run%s, %.1f MB%s%s\n", who, result->runs,
		result->runs == 1 ? "" : "s", (double)result->bytes / 1e6,
		*result->why ? ", ended early: " : "", result->why);
	fflush(c->out);
}

static void *serve(void *arg)
{
	struct bench_session_result result;
	struct client *c = arg;
	struct bench_addr remote = bench_socket_remote(c->fd);
	char who[BENCH_ADDR_STRLEN];

	bench_addr_str(&remote, who);
	fprintf(c->out, "wgrctl: %s: begins\n", who);
	fflush(c->out);
	bench_session_serve(c->fd, &result);
	close(c->fd);
	say_end(c, who, &result);
	return NULL;
}

/* What it has sent is read before the close, or it would get a reset and not our answer. */
static void refuse(int fd)
{
	struct bench_message m;

	(void)!bench_socket_receive(fd, &m, REFUSAL_MS);
	m = (struct bench_message){.type = BENCH_REFUSE, .refusal = BENCH_BUSY};
	(void)!bench_socket_send(fd, &m);
	close(fd);
}

/* Is there none, or does the one there is end within @ms? */
static bool is_over(struct client *c, unsigned ms)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += (long)ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	if (c->started && !pthread_timedjoin_np(c->thread, NULL, &t))
		c->started = false;
	return !c->started;
}

/* Serves @fd in a thread of its own, or refuses it while there is one already. */
static int take(struct client *c, int fd)
{
	int err;

	/* Who comes again at once is not to be told of itself. */
	if (!is_over(c, REFUSAL_MS)) {
		refuse(fd);
		return 0;
	}
	c->fd = fd;
	err = pthread_create(&c->thread, NULL, serve, c);
	c->started = !err;
	if (err)
		close(fd);
	return -err;
}

static int serve_clients(int listen_fd, FILE *out)
{
	struct client c = {.out = out};
	int err = 0;

	while (!err) {
		int fd = bench_socket_accept(listen_fd, NULL, IDLE_MS_MAX);

		if (fd >= 0)
			err = take(&c, fd);
		else if (fd != -ETIMEDOUT || is_over(&c, 0))
			err = fd;
	}
	if (c.started)
		pthread_join(c.thread, NULL);
	return err;
}

int bench_server_run(const struct bench_addr *a, FILE *out)
{
	char where[BENCH_ADDR_STRLEN];
	int fd = bench_socket_listen(a), err;

	bench_addr_str(a, where);
	if (fd < 0) {
		fprintf(stderr, "wgrctl: bench server: %s: %s\n", where, strerror(-fd));
		return 2;
	}
	fprintf(out, "wgrctl: bench server at %s, until ^C or an hour without a client\n",
		where);
	fflush(out);
	err = serve_clients(fd, out);
	close(fd);
	if (err == -ETIMEDOUT) {
		fprintf(out, "wgrctl: bench server: an hour without a client\n");
		return EXIT_SUCCESS;
	}
	fprintf(stderr, "wgrctl: bench server: %s\n", strerror(-err));
	return EXIT_FAILURE;
}
