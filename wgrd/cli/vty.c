/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/vty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/cli/cli_priv.h"
#include "wgrd/cli/session.h"
#include "wgrd/lib/listener.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/socket_user.h"
#include "wgrd/lib/stream.h"
#include "wgrd/mgmt/mgmt_priv.h"

enum {
	/* Of all replies together that clients have not taken yet. */
	UNREAD_MAX = 4 * MGMT_REPLY_MAX,
};

struct vty_client {
	struct vty_server *server;
	struct vty_client *prev, *next;
	struct cli_session session;
	struct stream stream;
	bool skipping; /* the line is too long: up to its NUL, input is thrown away */
	char in[CLI_LINE_MAX + 1]; /* one line with its NUL fits */
};

struct vty_server {
	struct cli *cli;
	struct listener listener;
	struct vty_client *clients;
	unsigned count;
	size_t unread; /* by all clients together */
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
	if (v->count-- == VTY_CLIENTS_MAX)
		listener_pause(&v->listener, false);
	stream_close(&c->stream);
	cli_session_fini(&c->session);
	free(c);
}

static void client_ended(struct stream *s)
{
	client_free(container_of(s, struct vty_client, stream));
}

/* Text and status go out in one write if the socket has room: watchfrr insists. */
static void client_finish(struct vty_client *c, enum cli_status status)
{
	struct strbuf *text = &c->stream.out;
	char end[4] = {0, 0, 0, (char)status};

	if (text->len > MGMT_REPLY_MAX || c->server->unread + text->len > UNREAD_MAX) {
		strbuf_free(text);
		strbuf_puts(text,
			    "% The answer is too long to be sent; ask for less of it, "
			    "such as one tenant, peer or prefix.\n");
		end[3] = CLI_WARNING;
	}
	strbuf_add(text, end, sizeof(end));
}

static bool client_answer(struct vty_client *c, enum cli_status status)
{
	client_finish(c, status);
	return stream_post(&c->stream);
}

static bool client_line(struct vty_client *c, const char *line)
{
	enum cli_status status = cli_run(&c->session, line, &c->stream.out);

	if (status != CLI_LATER)
		return client_answer(c, status);
	stream_hold(&c->stream);
	return true;
}

static void client_answer_later(struct cli_session *s, enum cli_status status,
				const char *text)
{
	struct vty_client *c = container_of(s, struct vty_client, session);

	strbuf_puts(&c->stream.out, text);
	client_finish(c, status);
	stream_resume(&c->stream);
}

static bool client_line_too_long(struct vty_client *c)
{
	strbuf_printf(&c->stream.out, "%% The line is longer than %d octets.\n",
		      CLI_LINE_MAX);
	return client_answer(c, CLI_NO_MATCH);
}

/* The start of a line whose end is not here yet. */
static void client_partial(struct vty_client *c)
{
	c->skipping = c->skipping || c->stream.in_len == sizeof(c->in);
	if (c->skipping)
		stream_consume(&c->stream, c->stream.in_len);
}

/* Answers lines until one answer is stuck or there is no whole line left. */
static bool client_input(struct stream *s)
{
	struct vty_client *c = container_of(s, struct vty_client, stream);

	while (stream_is_idle(s)) {
		char *end = memchr(c->in, '\0', s->in_len);
		bool ok;

		if (!end) {
			client_partial(c);
			return true;
		}
		ok = c->skipping ? client_line_too_long(c) : client_line(c, c->in);
		c->skipping = false;
		stream_consume(s, (size_t)(end - c->in) + 1);
		if (!ok)
			return false;
	}
	return true;
}

/* As the history of commits names him. */
static void know_user(struct commit_origin *o, int fd)
{
	struct socket_user who;

	snprintf(o->from, sizeof(o->from), "vty");
	if (!socket_user_find(fd, &who))
		snprintf(o->user, sizeof(o->user), "%.*s", COMMIT_LOG_USER_LEN - 1,
			 who.name);
}

static void client_new(void *arg, int fd)
{
	struct vty_server *v = arg;
	struct vty_client *c = xcalloc(1, sizeof(*c));

	c->stream = (struct stream){
		.in = c->in,
		.in_size = sizeof(c->in),
		.unread = &v->unread,
		.input = client_input,
		.ended = client_ended,
	};
	if (stream_open(&c->stream, v->cli->m->deps.loop, fd)) {
		free(c);
		return;
	}
	c->server = v;
	cli_session_init(&c->session, v->cli);
	c->session.answer = client_answer_later;
	know_user(&c->session.origin, fd);
	c->next = v->clients;
	if (c->next)
		c->next->prev = c;
	v->clients = c;
	if (++v->count == VTY_CLIENTS_MAX)
		listener_pause(&v->listener, true);
}

/* ---- life ---- */

int vty_server_new(struct cli *cli, const char *path, gid_t group,
		   struct vty_server **out, char *why, size_t why_len)
{
	struct vty_server *v = xcalloc(1, sizeof(*v));
	const struct listener_conf conf = {
		.path = path,
		.mode = 0660,
		.group = group,
		.client = client_new,
		.arg = v,
	};
	int err = listener_open(&v->listener, cli->m->deps.loop, &conf, why, why_len);

	if (err) {
		free(v);
		return err;
	}
	v->cli = cli;
	*out = v;
	return 0;
}

void vty_server_free(struct vty_server *v)
{
	if (!v)
		return;
	while (v->clients)
		client_free(v->clients);
	listener_close(&v->listener);
	free(v);
}
