/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/mgmt/cleared.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "wgrd/conf/conf.h"

enum {
	NAME_LEN = 2 * CONF_NAME_LEN,
	FIGURES = 8,
};

/* An object that is counted: its name, and where in its view the figures are; NULL: fewer. */
struct counted {
	char name
		[NAME_LEN]; /* "peer wg0 a", "interface wg0", "thread wg-dp/0", "counter x" */
	uint64_t *figure[FIGURES];
};

struct entry {
	char name[NAME_LEN];
	uint64_t was[FIGURES];
	UT_hash_handle hh;
};

struct cleared {
	struct entry *entries;
	uint64_t when_ns;
};

struct cleared *cleared_new(void)
{
	return xcalloc(1, sizeof(struct cleared));
}

static void forget(struct cleared *c)
{
	struct entry *e, *next;

	HASH_ITER (hh, c->entries, e, next) {
		HASH_DEL(c->entries, e);
		free(e);
	}
}

void cleared_free(struct cleared *c)
{
	if (!c)
		return;
	forget(c);
	free(c);
}

uint64_t cleared_when_ns(const struct cleared *c)
{
	return c->when_ns;
}

static void remember(struct cleared *c, const struct counted *o)
{
	struct entry *e = xcalloc(1, sizeof(*e));

	memcpy(e->name, o->name, sizeof(e->name));
	for (unsigned i = 0; i < FIGURES && o->figure[i]; i++)
		e->was[i] = *o->figure[i];
	HASH_ADD_STR(c->entries, name, e);
}

/* Leaves it whole when a figure has fallen: a new object has its name. */
static void subtract(const struct cleared *c, const struct counted *o)
{
	struct entry *e;

	HASH_FIND_STR(c->entries, o->name, e);
	if (!e)
		return;
	for (unsigned i = 0; i < FIGURES && o->figure[i]; i++)
		if (*o->figure[i] < e->was[i])
			return;
	for (unsigned i = 0; i < FIGURES && o->figure[i]; i++)
		*o->figure[i] -= e->was[i];
}

/* ---- what is counted ---- */

static struct counted counted_peer(struct wg_peer_view *v)
{
	struct counted o = {.figure = {&v->rx_bytes, &v->tx_bytes, &v->rx_packets,
				       &v->tx_packets, &v->handshakes,
				       &v->handshakes_failed}};

	snprintf(o.name, sizeof(o.name), "peer %s %s", v->device, v->name);
	return o;
}

static struct counted counted_device(struct wg_device_view *v)
{
	struct counted o = {
		.figure = {&v->rx_bytes, &v->tx_bytes, &v->rx_packets, &v->tx_packets}};

	snprintf(o.name, sizeof(o.name), "interface %s", v->name);
	return o;
}

static struct counted counted_thread(struct wg_thread_view *v)
{
	struct counted o = {.figure = {&v->rx_bytes, &v->tx_bytes, &v->rx_packets,
				       &v->tx_packets, &v->rx_batches, &v->tx_batches,
				       &v->drops, &v->wakeups}};

	snprintf(o.name, sizeof(o.name), "thread %s", v->name);
	return o;
}

static struct counted counted_counter(const char *name, uint64_t *value)
{
	struct counted o = {.figure = {value}};

	snprintf(o.name, sizeof(o.name), "counter %s", name);
	return o;
}

void cleared_peer(const struct cleared *c, struct wg_peer_view *v)
{
	const struct counted o = counted_peer(v);

	subtract(c, &o);
}

void cleared_device(const struct cleared *c, struct wg_device_view *v)
{
	const struct counted o = counted_device(v);

	subtract(c, &o);
}

/* ---- walks ---- */

struct thread_walk {
	const struct cleared *c;
	bool (*fn)(const struct wg_thread_view *v, void *arg);
	void *arg;
};

static bool pass_thread(const struct wg_thread_view *v, void *arg)
{
	const struct thread_walk *w = arg;
	struct wg_thread_view less = *v;
	const struct counted o = counted_thread(&less);

	subtract(w->c, &o);
	return w->fn(&less, w->arg);
}

void cleared_walk_threads(const struct cleared *c, const struct wg *wg,
			  bool (*fn)(const struct wg_thread_view *v, void *arg),
			  void *arg)
{
	struct thread_walk w = {c, fn, arg};

	wg_walk_threads(wg, pass_thread, &w);
}

struct counter_walk {
	const struct cleared *c;
	bool (*fn)(const char *name, const char *what, bool drop, uint64_t value,
		   void *arg);
	void *arg;
};

static bool pass_counter(const char *name, const char *what, bool drop, uint64_t value,
			 void *arg)
{
	const struct counter_walk *w = arg;
	const struct counted o = counted_counter(name, &value);

	subtract(w->c, &o);
	return w->fn(name, what, drop, value, w->arg);
}

void cleared_walk_counters(const struct cleared *c, const struct wg *wg,
			   bool (*fn)(const char *name, const char *what, bool drop,
				      uint64_t value, void *arg),
			   void *arg)
{
	struct counter_walk w = {c, fn, arg};

	wg_walk_counters(wg, pass_counter, &w);
}

/* ---- taking note ---- */

static bool take_peer(struct wg_peer *p, void *arg)
{
	struct wg_peer_view v;
	struct counted o;

	wg_peer_view(p, &v);
	o = counted_peer(&v);
	remember(arg, &o);
	return true;
}

static bool take_device(struct wg_device *d, void *arg)
{
	struct wg_device_view v;
	struct counted o;

	wg_device_view(d, &v);
	o = counted_device(&v);
	remember(arg, &o);
	wg_walk_peers(d, take_peer, arg);
	return true;
}

static bool take_thread(const struct wg_thread_view *v, void *arg)
{
	struct wg_thread_view copy = *v;
	const struct counted o = counted_thread(&copy);

	remember(arg, &o);
	return true;
}

static bool take_counter(const char *name, const char *what, bool drop, uint64_t value,
			 void *arg)
{
	const struct counted o = counted_counter(name, &value);

	(void)what;
	(void)drop;
	remember(arg, &o);
	return true;
}

void cleared_take(struct cleared *c, const struct wg *wg, uint64_t now_ns)
{
	forget(c);
	c->when_ns = now_ns;
	wg_walk_devices(wg, take_device, c);
	wg_walk_threads(wg, take_thread, c);
	wg_walk_counters(wg, take_counter, c);
}
