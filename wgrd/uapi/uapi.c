/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/uapi/uapi.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "wgrd/conf/conf.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/lib/listener.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/stream.h"
#include "wgrd/uapi/answer.h"
#include "wgrd/uapi/request.h"
#include "wgrd/uapi/set.h"
#include "wgrd/wg/wg.h"

enum {
	/* Of all answers together that clients have not taken yet. */
	UNREAD_MAX = 4 * ANSWER_MAX,
};

struct uapi_client {
	struct uapi_interface *of;
	struct uapi_client *prev, *next;
	struct stream stream;
	struct loop_timer patience;
	struct request request;
	char why[512]; /* of a request that is refused */
	bool skipping; /* the line is too long: up to its end, input is thrown away */
	char in[4096];
};

struct uapi_interface {
	struct uapi *u;
	struct uapi_interface *prev, *next;
	char name[IFNAMSIZ];
	struct listener listener;
	struct uapi_client *clients;
	unsigned count;
};

struct uapi {
	struct loop *loop;
	struct datastore *ds;
	const struct wg *wg;
	char *dir;
	struct uapi_interface *interfaces;
	size_t unread;
};

/* ---- requests ---- */

static int answer(struct uapi_client *c)
{
	struct uapi *u = c->of->u;
	const struct conf_wireguard *conf =
		conf_find_wireguard(datastore_conf(u->ds), c->of->name);
	const struct wg_device *d = wg_device_find(u->wg, c->of->name);
	int err;

	if (!d || !conf)
		return -ENODEV;
	err = answer_get(d, conf, &c->stream.out);
	if (!err && u->unread + c->stream.out.len > UNREAD_MAX)
		err = -ENOBUFS;
	if (err)
		strbuf_free(&c->stream.out);
	return err;
}

static int change(struct uapi_client *c)
{
	struct uapi *u = c->of->u;
	struct set_report report;
	int err = set_carry_out(u->ds, u->wg, c->of->name, &c->request, &report, c->why,
				sizeof(c->why));

	if (err)
		return err;
	if (report.edits)
		log_notice(LOG_MGMT, "interface %s: changed by wg(8), edits: %zu",
			   c->of->name, report.edits);
	if (report.kept_learned)
		log_info(LOG_MGMT,
			 "interface %s: prefixes given by wg(8) that peers have anyway, "
			 "not made allowed-ip: %zu",
			 c->of->name, report.kept_learned);
	return 0;
}

static int carry_out(struct uapi_client *c)
{
	if (c->request.err)
		return c->request.err;
	switch (c->request.verb) {
	case REQUEST_GET:
		return answer(c);
	case REQUEST_SET:
		return change(c);
	case REQUEST_NONE:
		break;
	}
	return -EINVAL;
}

/* wg(8) shows no more than the error's name: what it is about is in the log. */
static bool client_request(struct uapi_client *c)
{
	int err = carry_out(c);

	if (err)
		log_warn(LOG_MGMT, "interface %s: refused to wg(8): %s", c->of->name,
			 *c->why ? c->why : strerror(-err));
	c->why[0] = '\0';
	request_fini(&c->request);
	strbuf_printf(&c->stream.out, "errno=%d\n\n", err);
	return stream_post(&c->stream);
}

/* ---- clients ---- */

static void client_free(struct uapi_client *c)
{
	struct uapi_interface *i = c->of;

	if (c->prev)
		c->prev->next = c->next;
	else
		i->clients = c->next;
	if (c->next)
		c->next->prev = c->prev;
	i->count--;
	listener_pause(&i->listener, false);
	loop_timer_stop(&c->patience);
	stream_close(&c->stream);
	request_fini(&c->request);
	free(c);
}

static void client_ended(struct stream *s)
{
	client_free(container_of(s, struct uapi_client, stream));
}

static void client_expired(struct loop_timer *t)
{
	struct uapi_client *c = container_of(t, struct uapi_client, patience);

	log_info(LOG_MGMT, "interface %s: a client of %s says nothing and is dropped",
		 c->of->name, c->of->listener.path);
	client_free(c);
}

static void client_line(struct uapi_client *c, const char *line, bool *whole)
{
	if (c->skipping || strlen(line) > REQUEST_LINE_MAX)
		request_line_too_long(&c->request, c->why, sizeof(c->why));
	else
		*whole = request_line(&c->request, line, c->why, sizeof(c->why));
	c->skipping = false;
}

/*
 * Takes lines until a request is whole or there is none left. A NUL ends what is looked at
 * of a line, which is then no good.
 */
static bool client_lines(struct uapi_client *c)
{
	size_t used = 0;
	bool whole = false;

	while (!whole) {
		char *line = c->in + used;
		char *end = memchr(line, '\n', c->stream.in_len - used);

		if (!end)
			break;
		*end = '\0';
		used += (size_t)(end - line) + 1;
		client_line(c, line, &whole);
	}
	stream_consume(&c->stream, used);
	if (!whole && c->stream.in_len == sizeof(c->in)) {
		c->skipping = true;
		stream_consume(&c->stream, c->stream.in_len);
	}
	return whole;
}

static void be_patient(struct uapi_client *c)
{
	loop_timer_set(c->of->u->loop, &c->patience, UAPI_PATIENCE_S * NS_PER_S);
}

static bool client_input(struct stream *s)
{
	struct uapi_client *c = container_of(s, struct uapi_client, stream);

	be_patient(c);
	while (stream_is_idle(s) && client_lines(c))
		if (!client_request(c))
			return false;
	return true;
}

static void client_new(void *arg, int fd)
{
	struct uapi_interface *i = arg;
	struct uapi_client *c = xcalloc(1, sizeof(*c));

	c->stream = (struct stream){
		.in = c->in,
		.in_size = sizeof(c->in),
		.unread = &i->u->unread,
		.input = client_input,
		.ended = client_ended,
		.out.secret = true,
	};
	if (stream_open(&c->stream, i->u->loop, fd)) {
		free(c);
		return;
	}
	c->of = i;
	c->patience.fn = client_expired;
	be_patient(c);
	c->next = i->clients;
	if (c->next)
		c->next->prev = c;
	i->clients = c;
	if (++i->count == UAPI_CLIENTS_MAX)
		listener_pause(&i->listener, true);
}

/* ---- interfaces ---- */

static int open_listener(struct uapi_interface *i, char *why, size_t why_len)
{
	const char *dir = i->u->dir;
	char path[PATH_MAX];
	const struct listener_conf conf = {
		.path = path,
		.mode = 0600,
		.group = (gid_t)-1,
		.client = client_new,
		.arg = i,
	};

	if (mkdir(dir, 0700) && errno != EEXIST) {
		int err = -errno;

		snprintf(why, why_len, "%s: cannot be made: %s", dir, strerror(-err));
		return err;
	}
	snprintf(path, sizeof(path), "%s/%s.sock", dir, i->name);
	return listener_open(&i->listener, i->u->loop, &conf, why, why_len);
}

static void interface_new(struct uapi *u, const char *name)
{
	struct uapi_interface *i = xcalloc(1, sizeof(*i));
	char why[512];

	i->u = u;
	snprintf(i->name, sizeof(i->name), "%s", name);
	if (open_listener(i, why, sizeof(why))) {
		log_warn(LOG_MGMT, "interface %s: wg(8) cannot be answered: %s", name,
			 why);
		free(i);
		return;
	}
	i->next = u->interfaces;
	if (i->next)
		i->next->prev = i;
	u->interfaces = i;
}

static void interface_free(struct uapi_interface *i)
{
	if (i->prev)
		i->prev->next = i->next;
	else
		i->u->interfaces = i->next;
	if (i->next)
		i->next->prev = i->prev;
	while (i->clients)
		client_free(i->clients);
	listener_close(&i->listener);
	free(i);
}

static struct uapi_interface *find_interface(const struct uapi *u, const char *name)
{
	struct uapi_interface *i = u->interfaces;

	while (i && strcmp(i->name, name))
		i = i->next;
	return i;
}

void uapi_device_changed(struct uapi *u, const struct wg_device *d, bool gone)
{
	struct uapi_interface *i = find_interface(u, wg_device_name(d));

	if (gone && i)
		interface_free(i);
	else if (!gone && !i)
		interface_new(u, wg_device_name(d));
}

struct uapi *uapi_new(struct loop *loop, struct datastore *ds, const struct wg *wg,
		      const char *dir)
{
	struct uapi *u = xcalloc(1, sizeof(*u));

	u->loop = loop;
	u->ds = ds;
	u->wg = wg;
	u->dir = xstrdup(dir);
	return u;
}

void uapi_free(struct uapi *u)
{
	if (!u)
		return;
	while (u->interfaces)
		interface_free(u->interfaces);
	free(u->dir);
	free(u);
}
