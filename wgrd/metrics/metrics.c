/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/metrics/metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/conf/conf.h"
#include "wgrd/lib/listener.h"
#include "wgrd/lib/loop.h"
#include "wgrd/metrics/exposition.h"

enum {
	CONNECTIONS_MAX = 8,
	IDLE_S = 10, /* for which a connection may say nothing */
	BACKLOG = 8,
};

/* One socket with its HTTP server, which is run when its descriptor is readable. */
struct endpoint {
	struct metrics *m;
	struct MHD_Daemon *http;
	struct loop_io *io;
	struct loop_timer timeout;
	char *path; /* of a UNIX socket */
};

struct metrics {
	struct metrics_deps deps;
	struct endpoint *tcp, *local; /* NULL: not listened on */
};

/* ---- answering ---- */

static bool wants_openmetrics(struct MHD_Connection *c)
{
	const char *accept =
		MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);

	return accept && strstr(accept, "application/openmetrics-text");
}

static enum MHD_Result reply(struct MHD_Connection *c, unsigned status, const char *type,
			     const char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result reply_metrics(const struct metrics *m, struct MHD_Connection *c)
{
	bool openmetrics = wants_openmetrics(c);
	struct strbuf text = {0};
	enum MHD_Result result;

	metrics_collect(&m->deps, openmetrics, &text);
	result = reply(c, MHD_HTTP_OK, exposition_content_type(openmetrics), text.s);
	strbuf_free(&text);
	return result;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version,
				  const char *upload, size_t *upload_size, void **seen)
{
	const struct metrics *m = arg;

	(void)version;
	(void)upload;
	if (!*seen) { /* the head is there; the body, if any, is thrown away */
		*seen = arg;
		return MHD_YES;
	}
	if (*upload_size) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return reply(c, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", "GET it\n");
	if (strcmp(url, "/metrics") != 0)
		return reply(c, MHD_HTTP_NOT_FOUND, "text/plain", "it is at /metrics\n");
	return reply_metrics(m, c);
}

/* ---- running it ---- */

static void run(struct endpoint *e)
{
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(e->http);
	if (MHD_get_timeout(e->http, &ms) == MHD_YES)
		loop_timer_set(e->m->deps.loop, &e->timeout, ms * NS_PER_MS);
	else
		loop_timer_stop(&e->timeout);
}

static void on_readable(void *arg, unsigned what)
{
	(void)what;
	run(arg);
}

static void on_timeout(struct loop_timer *t)
{
	run(container_of(t, struct endpoint, timeout));
}

static void endpoint_close(struct endpoint *e)
{
	if (!e)
		return;
	loop_timer_stop(&e->timeout);
	loop_io_del(e->io);
	MHD_stop_daemon(e->http); /* closes the socket */
	if (e->path)
		unlink(e->path);
	free(e->path);
	free(e);
}

static struct MHD_Daemon *start_http(struct metrics *m, int fd)
{
	return MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, m,
				MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
				(unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
				(unsigned)IDLE_S, MHD_OPTION_END);
}

/* Takes over @fd and the socket's name @path, also when it fails. NULL: it has none. */
static int endpoint_open(struct metrics *m, int fd, const char *path,
			 struct endpoint **out)
{
	struct endpoint *e = xcalloc(1, sizeof(*e));
	const union MHD_DaemonInfo *info;
	int err;

	*e = (struct endpoint){
		.m = m, .timeout.fn = on_timeout, .http = start_http(m, fd)};
	if (!e->http) {
		close(fd);
		if (path)
			unlink(path);
		free(e);
		return -ENOMEM;
	}
	e->path = path ? xstrdup(path) : NULL;
	info = MHD_get_daemon_info(e->http, MHD_DAEMON_INFO_EPOLL_FD);
	err = loop_io_add(m->deps.loop, info->epoll_fd, LOOP_READ, on_readable, e,
			  &e->io);
	if (err) {
		endpoint_close(e);
		return err;
	}
	*out = e;
	return 0;
}

/* ---- sockets ---- */

static int listen_on(int family, const struct sockaddr *sa, socklen_t len, int *out)
{
	const int on = 1;
	int err = 0, fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, sa, len) || listen(fd, BACKLOG)) {
		err = -errno;
		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

static int listen_tcp(const struct conf_endpoint *to, int *fd)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(to->port)};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(to->port)};

	if (to->addr.family == AF_INET6) {
		memcpy(&six.sin6_addr, to->addr.bytes, sizeof(six.sin6_addr));
		return listen_on(AF_INET6, (struct sockaddr *)&six, sizeof(six), fd);
	}
	memcpy(&four.sin_addr, to->addr.bytes, sizeof(four.sin_addr));
	return listen_on(AF_INET, (struct sockaddr *)&four, sizeof(four), fd);
}

/* ---- configuration ---- */

/* What a commit opens, until it is applied or aborted. */
struct prepared {
	bool change_tcp, change_local;
	struct endpoint *tcp, *local;
};

static int refuse(struct conf_change *c, const char *leaf, int err, char *why,
		  size_t why_len)
{
	c->refused = (struct refusal_at){.top = "metrics", .leaf = leaf};
	snprintf(why, why_len, "metrics %s: cannot be listened on: %s", leaf,
		 strerror(-err));
	return err;
}

static bool same_endpoint(const struct conf_endpoint *a, const struct conf_endpoint *b)
{
	return ip_addr_equal(&a->addr, &b->addr) && a->port == b->port;
}

static int prepare_tcp(struct metrics *m, struct prepared *p, struct conf_change *c)
{
	const struct conf_endpoint *to = &c->new->metrics.listen;
	int fd, err;

	p->change_tcp = !same_endpoint(&c->old->metrics.listen, to);
	if (!p->change_tcp || !to->addr.family)
		return 0;
	err = listen_tcp(to, &fd);
	return err ?: endpoint_open(m, fd, NULL, &p->tcp);
}

static int prepare_local(struct metrics *m, struct prepared *p, struct conf_change *c)
{
	const char *path = c->new->metrics.socket;
	const struct listener_conf conf = {
		.path = path, .mode = 0660, .group = (gid_t)-1};
	int fd, err;

	p->change_local = strcmp(c->old->metrics.socket, path) != 0;
	if (!p->change_local || !*path)
		return 0;
	err = listener_socket(&conf, &fd);
	return err ?: endpoint_open(m, fd, path, &p->local);
}

static void drop_prepared(struct prepared *p)
{
	endpoint_close(p->tcp);
	endpoint_close(p->local);
	free(p);
}

static int metrics_prepare(void *ctx, struct conf_change *c, char *why, size_t why_len)
{
	struct prepared *p = xcalloc(1, sizeof(*p));
	struct metrics *m = ctx;
	int err = prepare_tcp(m, p, c);

	if (err) {
		free(p);
		return refuse(c, "listen", err, why, why_len);
	}
	err = prepare_local(m, p, c);
	if (err) {
		drop_prepared(p);
		return refuse(c, "socket", err, why, why_len);
	}
	c->prepared = p;
	return 0;
}

static void replace(struct endpoint **old, struct endpoint *by)
{
	endpoint_close(*old);
	*old = by;
}

static void metrics_apply(void *ctx, struct conf_change *c)
{
	struct prepared *p = c->prepared;
	struct metrics *m = ctx;

	if (p->change_tcp)
		replace(&m->tcp, p->tcp);
	if (p->change_local)
		replace(&m->local, p->local);
	free(p);
}

static void metrics_abort(void *ctx, struct conf_change *c)
{
	(void)ctx;
	drop_prepared(c->prepared);
}

const struct conf_subsys metrics_conf_subsys = {
	.name = "metrics",
	.prepare = metrics_prepare,
	.apply = metrics_apply,
	.abort = metrics_abort,
};

/* ---- life ---- */

struct metrics *metrics_new(const struct metrics_deps *deps)
{
	struct metrics *m = xcalloc(1, sizeof(*m));

	m->deps = *deps;
	return m;
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	endpoint_close(m->tcp);
	endpoint_close(m->local);
	free(m);
}
