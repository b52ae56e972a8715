/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "tests/lib/fake_backend.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fake_backend_objects.h"
#include "wgrd/wg/wg.h"

/* ---- the log ---- */

void fake_note(struct fake_backend *b, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	strbuf_printf(&b->log, "%s\n", line);
}

void fake_members_str(struct strbuf *s, const struct wg_backend_nexthop *nh, unsigned n)
{
	strbuf_truncate(s, 0);
	for (unsigned i = 0; i < n; i++) {
		const struct fake_peer *p = nh[i].peer;

		if (i)
			strbuf_puts(s, " ");
		strbuf_printf(s, p->retired ? "(%s)" : "%s", p->name);
		if (nh[i].weight != 1)
			strbuf_printf(s, "*%u", nh[i].weight);
		if (nh[i].rank)
			strbuf_printf(s, "/%u", nh[i].rank);
	}
}

bool fake_out_of_memory(struct fake_backend *b)
{
	if (!b->fail_memory)
		return false;
	b->fail_memory--;
	return true;
}

/* ---- devices ---- */

struct fake_device *fake_find_device(const struct fake_backend *b, const char *name)
{
	struct fake_device *d = b->devices;

	while (d && (d->stopped || strcmp(d->name, name)))
		d = d->next;
	return d;
}

static int refused(struct fake_backend *b, const char *dev, char *why, size_t why_len)
{
	for (struct fake_refusal **r = &b->refusals; *r; r = &(*r)->next) {
		struct fake_refusal *gone = *r;

		if (strcmp(gone->dev, dev))
			continue;
		snprintf(why, why_len, "%s", gone->why);
		*r = gone->next;
		free(gone->why);
		free(gone);
		return -EBUSY;
	}
	return 0;
}

static void take_settings(struct fake_device *d, const struct conf_wireguard *conf)
{
	d->port = conf->listen_port ? conf->listen_port : 40000 + d->ifindex;
	d->key_set = conf->private_key.set;
	/* Not a public key, but different for each private one. */
	for (size_t i = 0; i < CONF_KEY_LEN; i++)
		d->public_key[i] = conf->private_key.key[i] ^ 0xff;
}

static int fake_device_new(void *be, const struct conf_wireguard *conf, void **dev,
			   uint32_t *ifindex, char *why, size_t why_len)
{
	struct fake_backend *b = be;
	struct fake_device *d;
	int err;

	fake_note(b, "device_new %s", conf->name);
	assert(!fake_find_device(b, conf->name));
	err = refused(b, conf->name, why, why_len);
	if (err)
		return err;
	d = xcalloc(1, sizeof(*d));
	d->b = b;
	memcpy(d->name, conf->name, sizeof(d->name));
	d->ifindex = 100 + ++b->last_ifindex;
	fake_tables_init(d);
	take_settings(d, conf);
	d->next = b->devices;
	b->devices = d;
	*dev = d;
	*ifindex = d->ifindex;
	return 0;
}

static int fake_device_prepare(void *be, void *dev, const struct conf_wireguard *conf,
			       char *why, size_t why_len)
{
	struct fake_device *d = dev;
	int err;

	assert(!d->stopped && !d->prepared);
	fake_note(be, "device_prepare %s", d->name);
	err = refused(be, d->name, why, why_len);
	if (!err)
		d->prepared = true;
	(void)conf;
	return err;
}

static void fake_device_set(void *be, void *dev, const struct conf_wireguard *conf)
{
	struct fake_device *d = dev;

	assert(!d->stopped);
	fake_note(be, "device_set %s", d->name);
	take_settings(d, conf);
	d->prepared = false;
}

static void fake_device_abort(void *be, void *dev)
{
	struct fake_device *d = dev;

	assert(d->prepared);
	fake_note(be, "device_abort %s", d->name);
	d->prepared = false;
}

static int fake_device_link(void *be, void *dev, const struct conf_wireguard *conf)
{
	struct fake_device *d = dev;
	struct strbuf s = {0};
	char buf[IP_ADDR_STRLEN];

	assert(!d->stopped);
	d->up = !conf->shutdown;
	strbuf_printf(&s, "device_link %s %s mtu %u", d->name, d->up ? "up" : "down",
		      conf->mtu);
	for (size_t i = 0; i < conf->address_count; i++)
		strbuf_printf(&s, " %s/%u", ip_addr_str(&conf->address[i].addr, buf),
			      conf->address[i].len);
	fake_note(be, "%s", strbuf_str(&s));
	strbuf_free(&s);
	return 0;
}

static int fake_device_reopen(void *be, void *dev, uint32_t *ifindex, char *why,
			      size_t why_len)
{
	struct fake_backend *b = be;
	struct fake_device *d = dev;
	int err;

	assert(!d->stopped);
	fake_note(b, "device_reopen %s", d->name);
	err = refused(b, d->name, why, why_len);
	if (err)
		return err;
	d->up = false;
	d->ifindex = 100 + ++b->last_ifindex;
	*ifindex = d->ifindex;
	return 0;
}

static void fake_device_stop(void *be, void *dev)
{
	struct fake_device *d = dev;

	assert(!d->stopped);
	fake_note(be, "device_stop %s", d->name);
	d->stopped = true;
	fake_tables_clear(d);
}

static void fake_device_free(void *be, void *dev)
{
	struct fake_backend *b = be;
	struct fake_device *d = dev, **link = &b->devices;

	assert(d->stopped && !d->peers && !d->groups);
	fake_note(b, "device_free %s", d->name);
	while (*link != d)
		link = &(*link)->next;
	*link = d->next;
	strbuf_free(&d->answer[FAKE_EGRESS]);
	strbuf_free(&d->answer[FAKE_INGRESS]);
	free(d);
}

static uint16_t fake_device_port(void *be, void *dev)
{
	(void)be;
	return ((struct fake_device *)dev)->port;
}

/* Additional keys are the real back end's business. */
static bool fake_device_public_key(void *be, void *dev, size_t i, uint8_t key[32])
{
	const struct fake_device *d = dev;

	(void)be;
	if (i || !d->key_set)
		return false;
	memcpy(key, d->public_key, CONF_KEY_LEN);
	return true;
}

/* ---- peers ---- */

static struct fake_peer *find_peer(const struct fake_backend *b, const char *dev,
				   const char *name)
{
	struct fake_peer *p = b->peers;

	while (p && (p->retired || strcmp(p->name, name) || strcmp(p->dev->name, dev)))
		p = p->next;
	return p;
}

static int fake_peer_new(void *be, void *dev, const struct conf_peer *conf, void *cookie,
			 void **peer)
{
	struct fake_backend *b = be;
	struct fake_device *d = dev;
	struct fake_peer *p;

	assert(!d->stopped && !find_peer(b, d->name, conf->name));
	fake_note(b, "peer_new %s %s", d->name, conf->name);
	if (fake_out_of_memory(b))
		return -ENOMEM;
	p = xcalloc(1, sizeof(*p));
	p->dev = d;
	memcpy(p->name, conf->name, sizeof(p->name));
	p->cookie = cookie;
	p->next = b->peers;
	b->peers = p;
	d->peers++;
	*peer = p;
	return 0;
}

static void fake_peer_set(void *be, void *peer, const struct conf_peer *conf)
{
	struct fake_peer *p = peer;

	assert(!p->retired && !strcmp(p->name, conf->name));
	fake_note(be, "peer_set %s %s", p->dev->name, p->name);
}

static void fake_peer_retire(void *be, void *peer)
{
	struct fake_peer *p = peer;

	assert(!p->retired);
	fake_note(be, "peer_retire %s %s", p->dev->name, p->name);
	p->retired = true;
}

static void fake_peer_free(void *be, void *peer)
{
	struct fake_backend *b = be;
	struct fake_peer *p = peer, **link = &b->peers;

	assert(p->retired);
	fake_note(b, "peer_free %s %s", p->dev->name, p->name);
	while (*link != p)
		link = &(*link)->next;
	*link = p->next;
	p->dev->peers--;
	free(p);
}

static void fake_peer_clear(void *be, void *peer)
{
	struct fake_peer *p = peer;

	assert(!p->retired);
	fake_note(be, "peer_clear %s %s", p->dev->name, p->name);
}

static void fake_peer_home(void *be, void *peer)
{
	struct fake_peer *p = peer;

	assert(!p->retired);
	fake_note(be, "peer_home %s %s", p->dev->name, p->name);
}

static void fake_peer_state(void *be, void *peer, struct wg_backend_peer_state *st)
{
	(void)be;
	*st = ((struct fake_peer *)peer)->state;
}

/* ---- groups ---- */

static int take_members(struct fake_group *g, const struct wg_backend_nexthop *nh,
			unsigned n)
{
	struct fake_backend *b = g->dev->b;
	struct strbuf s = {0};
	bool fail = fake_out_of_memory(b);

	for (unsigned i = 0; i < n; i++)
		assert(((struct fake_peer *)nh[i].peer)->dev == g->dev && nh[i].weight);
	fake_members_str(&s, nh, n);
	fake_note(b, "group%s %s %s", g->nh ? "_set" : "_new", g->dev->name,
		  strbuf_str(&s));
	strbuf_free(&s);
	if (fail)
		return -ENOMEM;
	free(g->nh);
	g->nh = xcalloc(n + 1, sizeof(*g->nh));
	if (n)
		memcpy(g->nh, nh, n * sizeof(*nh));
	g->count = n;
	return 0;
}

static int fake_group_new(void *be, void *dev, const struct wg_backend_nexthop *nh,
			  unsigned n, void **group)
{
	struct fake_group *g = xcalloc(1, sizeof(*g));
	int err;

	(void)be;
	g->dev = dev;
	assert(!g->dev->stopped);
	err = take_members(g, nh, n);
	if (err) {
		free(g);
		return err;
	}
	g->dev->groups++;
	*group = g;
	return 0;
}

static int fake_group_set(void *be, void *group, const struct wg_backend_nexthop *nh,
			  unsigned n)
{
	(void)be;
	return take_members(group, nh, n);
}

static void fake_group_free(void *be, void *group)
{
	struct fake_group *g = group;

	assert(!g->used);
	fake_note(be, "group_free %s", g->dev->name);
	g->dev->groups--;
	free(g->nh);
	free(g);
}

/* ---- the test's side ---- */

static void fake_set_events(void *be, const struct wg_backend_events *ev)
{
	((struct fake_backend *)be)->ev = *ev;
}

/* It has no threads and opens nothing. */
static void fake_dataplane_view(void *be, struct wg_dataplane_view *v)
{
	(void)be;
	*v = (struct wg_dataplane_view){0};
}

static void fake_walk_threads(void *be,
			      bool (*fn)(const struct wg_thread_view *v, void *arg),
			      void *arg)
{
	(void)be;
	(void)fn;
	(void)arg;
}

static void fake_walk_counters(void *be,
			       bool (*fn)(const char *name, const char *what, bool drop,
					  uint64_t value, void *arg),
			       void *arg)
{
	(void)be;
	if (fn("rx_packets", "packets received", false, 12, arg))
		fn("rx_spoofed", "packets from a source their peer may not use", true, 3,
		   arg);
}

struct fake_backend *fake_backend_new(void)
{
	return xcalloc(1, sizeof(struct fake_backend));
}

void fake_backend_free(struct fake_backend *b)
{
	assert(!b->devices && !b->peers);
	while (b->refusals) {
		struct fake_refusal *r = b->refusals;

		b->refusals = r->next;
		free(r->why);
		free(r);
	}
	strbuf_free(&b->log);
	free(b);
}

const char *fake_backend_log(const struct fake_backend *b)
{
	return strbuf_str(&b->log);
}

void fake_backend_clear_log(struct fake_backend *b)
{
	strbuf_truncate(&b->log, 0);
}

bool fake_backend_has_device(const struct fake_backend *b, const char *dev)
{
	return fake_find_device(b, dev);
}

bool fake_backend_has_peer(const struct fake_backend *b, const char *dev,
			   const char *peer)
{
	return find_peer(b, dev, peer);
}

bool fake_backend_is_up(const struct fake_backend *b, const char *dev)
{
	const struct fake_device *d = fake_find_device(b, dev);

	return d && d->up;
}

void fake_backend_refuse(struct fake_backend *b, const char *dev, const char *why)
{
	struct fake_refusal *r = xcalloc(1, sizeof(*r));

	snprintf(r->dev, sizeof(r->dev), "%s", dev);
	r->why = xstrdup(why);
	r->next = b->refusals;
	b->refusals = r;
}

void fake_backend_fail_memory(struct fake_backend *b, unsigned n)
{
	b->fail_memory = n;
}

void fake_backend_session(struct fake_backend *b, const char *dev, const char *peer,
			  bool up)
{
	struct fake_peer *p = find_peer(b, dev, peer);

	assert(p);
	p->state.session_up = up;
	p->state.answers = up;
	p->state.expired = !up;
	p->state.handshakes += up;
	if (b->ev.session)
		b->ev.session(b->ev.arg, p->cookie, up);
}

void fake_backend_news(struct fake_backend *b, const char *dev, const char *peer)
{
	struct fake_peer *p = find_peer(b, dev, peer);

	assert(p && b->ev.news);
	b->ev.news(b->ev.arg, p->cookie);
}

void fake_backend_state(struct fake_backend *b, const char *dev, const char *peer,
			const struct wg_backend_peer_state *st)
{
	struct fake_peer *p = find_peer(b, dev, peer);

	assert(p);
	p->state = *st;
}

const struct wg_backend_ops fake_backend_ops = {
	.name = "fake",
	.set_events = fake_set_events,
	.device_new = fake_device_new,
	.device_prepare = fake_device_prepare,
	.device_set = fake_device_set,
	.device_abort = fake_device_abort,
	.device_link = fake_device_link,
	.device_reopen = fake_device_reopen,
	.device_stop = fake_device_stop,
	.device_free = fake_device_free,
	.device_port = fake_device_port,
	.device_public_key = fake_device_public_key,
	.peer_new = fake_peer_new,
	.peer_set = fake_peer_set,
	.peer_retire = fake_peer_retire,
	.peer_free = fake_peer_free,
	.peer_clear = fake_peer_clear,
	.peer_home = fake_peer_home,
	.peer_state = fake_peer_state,
	.group_new = fake_group_new,
	.group_set = fake_group_set,
	.group_free = fake_group_free,
	.permission_set = fake_permission_set,
	.permission_del = fake_permission_del,
	.dataplane_view = fake_dataplane_view,
	.walk_threads = fake_walk_threads,
	.walk_counters = fake_walk_counters,
};
