/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/mgmt/vty.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/lib/log.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/mgmt/cli.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/mgmt/vty_socket.h"

enum {
	/* Of all replies together that clients have not taken yet. */
	UNREAD_MAX = 4 * MGMT_REPLY_MAX,
};

struct vty_client {
	struct vty_server *server;
	struct vty_client *prev, *next;
	struct cli_session session;
	int fd;
	struct loop_io *io;
	struct strbuf reply; /* what the kernel has not taken begins at sent */
	size_t sent;
	bool skipping; /* the line is too long: up to its NUL, input is thrown away */
	size_t in_len;
	char in[CLI_LINE_MAX + 1]; /* one line with its NUL fits */
};

struct vty_server {
	struct mgmt *m;
	char *path;
	int fd;
	struct loop_io *io;
	struct loop_timer accept_again; /* descriptors were scarce */
	struct vty_client *clients;
	unsigned count;
	size_t unread;
};

/* ---- clients ---- */

static void client_free(struct vty_client *c)
{
	struct vty_server *v = c->server;

	if (c->prev)
		c->prev->next = c->next;
	else
		v->clients = c->next;
	if (c->next)
		c->next->prev = c->prev;
	v->unread -= c->reply.len - c->sent;
	if (v->count-- == VTY_CLIENTS_MAX)
		loop_io_want(v->io, LOOP_READ);
	loop_io_del(c->io);
	close(c->fd);
	cli_session_fini(&c->session);
	strbuf_free(&c->reply);
	explicit_bzero(c->in, sizeof(c->in));
	free(c);
}

/* Sends what the socket takes. False when the client is gone. */
static bool client_send(struct vty_client *c)
{
	while (c->sent < c->reply.len) {
		ssize_t n = send(c->fd, c->reply.s + c->sent, c->reply.len - c->sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < 0)
			return false;
		c->sent += (size_t)n;
		c->server->unread -= (size_t)n;
	}
	strbuf_free(&c->reply);
	c->sent = 0;
	return true;
}

/* Text and status go out in one write if the socket has room: watchfrr insists. */
static bool client_answer(struct vty_client *c, enum cli_status status)
{
	char end[4] = {0, 0, 0, (char)status};

	if (c->reply.len > MGMT_REPLY_MAX ||
	    c->server->unread + c->reply.len > UNREAD_MAX) {
		strbuf_free(&c->reply);
		strbuf_puts(&c->reply, "% The answer is too long to be sent.\n");
		end[3] = CLI_WARNING;
	}
	strbuf_add(&c->reply, end, sizeof(end));
	c->server->unread += c->reply.len;
	return client_send(c);
}

static bool client_line(struct vty_client *c, const char *line)
{
	return client_answer(c, cli_run(&c->session, line, &c->reply));
}

static bool client_line_too_long(struct vty_client *c)
{
	strbuf_printf(&c->reply, "%% The line is longer than %d octets.\n", CLI_LINE_MAX);
	return client_answer(c, CLI_NO_MATCH);
}

/* Takes @len octets off the front of the input, and leaves no trace of them. */
static void client_consume(struct vty_client *c, size_t len)
{
	c->in_len -= len;
	memmove(c->in, c->in + len, c->in_len);
	explicit_bzero(c->in + c->in_len, len);
}

/* The start of a line whose end is not here yet. */
static void client_partial(struct vty_client *c)
{
	c->skipping = c->skipping || c->in_len == sizeof(c->in);
	if (c->skipping)
		client_consume(c, c->in_len);
}

/* Answers lines until one answer is stuck or there is no whole line left. */
static bool client_lines(struct vty_client *c)
{
	while (!c->reply.len) {
		char *end = memchr(c->in, '\0', c->in_len);
		bool ok;

		if (!end) {
			client_partial(c);
			return true;
		}
		ok = c->skipping ? client_line_too_long(c) : client_line(c, c->in);
		c->skipping = false;
		client_consume(c, (size_t)(end - c->in) + 1);
		if (!ok)
			return false;
	}
	return true;
}

static bool client_read(struct vty_client *c)
{
	ssize_t n = read(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	c->in_len += (size_t)n;
	return n > 0;
}

static void client_ready(void *arg, unsigned what)
{
	struct vty_client *c = arg;
	bool ok = true;

	if (c->reply.len)
		ok = client_send(c);
	else if (what & LOOP_READ)
		ok = client_read(c);
	if (ok)
		ok = client_lines(c);
	if (ok)
		loop_io_want(c->io, c->reply.len ? LOOP_WRITE : LOOP_READ);
	else
		client_free(c);
}

static void client_new(struct vty_server *v, int fd)
{
	struct vty_client *c = xcalloc(1, sizeof(*c));

	*c = (struct vty_client){.server = v, .next = v->clients, .fd = fd};
	if (loop_io_add(v->m->deps.loop, fd, LOOP_READ, client_ready, c, &c->io)) {
		close(fd);
		free(c);
		return;
	}
	cli_session_init(&c->session, v->m);
	if (v->clients)
		v->clients->prev = c;
	v->clients = c;
	if (++v->count == VTY_CLIENTS_MAX)
		loop_io_want(v->io, 0);
}

/* ---- the listening socket ---- */

static void accept_again(struct loop_timer *t)
{
	struct vty_server *v = container_of(t, struct vty_server, accept_again);

	if (v->count < VTY_CLIENTS_MAX)
		loop_io_want(v->io, LOOP_READ);
}

static void server_ready(void *arg, unsigned what)
{
	struct vty_server *v = arg;

	(void)what;
	while (v->count < VTY_CLIENTS_MAX) {
		int fd = vty_socket_accept(v->fd);

		if (fd >= 0) {
			client_new(v, fd);
			continue;
		}
		if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM || fd == -ENOBUFS) {
			log_warn(LOG_MGMT, "vty socket: cannot accept: %s",
				 strerror(-fd));
			loop_io_want(v->io, 0);
			loop_timer_set(v->m->deps.loop, &v->accept_again, NS_PER_S);
		}
		return;
	}
}

int vty_server_new(struct mgmt *m, const char *path, gid_t group, struct vty_server **out,
		   char *why, size_t why_len)
{
	struct vty_server *v = xcalloc(1, sizeof(*v));
	int err = vty_socket_listen(path, group, &v->fd);

	if (err)
		goto free_server;
	v->m = m;
	v->accept_again.fn = accept_again;
	err = loop_io_add(m->deps.loop, v->fd, LOOP_READ, server_ready, v, &v->io);
	if (err)
		goto close_socket;
	v->path = xstrdup(path);
	*out = v;
	return 0;

close_socket:
	close(v->fd);
	unlink(path);
free_server:
	free(v);
	if (err == -EADDRINUSE)
		snprintf(why, why_len, "%s: another wgrd answers there", path);
	else if (err == -ENOTSOCK)
		snprintf(why, why_len, "%s: there is something that is not a socket",
			 path);
	else
		snprintf(why, why_len, "%s: cannot listen: %s", path, strerror(-err));
	return err;
}

void vty_server_free(struct vty_server *v)
{
	if (!v)
		return;
	while (v->clients)
		client_free(v->clients);
	loop_timer_stop(&v->accept_again);
	loop_io_del(v->io);
	close(v->fd);
	unlink(v->path);
	free(v->path);
	free(v);
}
