/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/mgmt/events.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "wgrd/lib/log.h"

struct events {
	struct event ring[EVENTS_MAX]; /* event n is at n % EVENTS_MAX */
	uint64_t last;                 /* id of the newest; 0: none yet */
	struct events_watcher *watchers;
};

static const struct {
	const char *name;
	enum log_subsys subsys;
	bool has_line; /* who it comes from has logged it, and more of it */
} kinds[EVENT_KIND_COUNT] = {
	[EVENT_PEER_UP] = {"peer-up", LOG_WG, false},
	[EVENT_PEER_DOWN] = {"peer-down", LOG_WG, false},
	[EVENT_PREFIX_LIMIT] = {"prefix-limit", LOG_TENANT, false},
	[EVENT_ZEBRA] = {"zebra", LOG_ZEBRA, true},
	[EVENT_COMMIT] = {"commit", LOG_CONF, false},
	[EVENT_SAVED] = {"saved", LOG_CONF, false},
	[EVENT_ENDPOINT] = {"endpoint-changed", LOG_WG, false},
	[EVENT_HANDSHAKE] = {"handshake-anomaly", LOG_WG, false},
	[EVENT_SESSION_START] = {"netconf-session-start", LOG_MGMT, true},
	[EVENT_SESSION_END] = {"netconf-session-end", LOG_MGMT, true},
	[EVENT_TRIAL] = {"netconf-confirmed-commit", LOG_CONF, false},
};

const char *event_kind_name(enum event_kind k)
{
	return k < EVENT_KIND_COUNT ? kinds[k].name : "?";
}

struct events *events_new(void)
{
	return xcalloc(1, sizeof(struct events));
}

void events_free(struct events *e)
{
	free(e);
}

static int64_t wall_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
}

void events_report(struct events *e, const struct event *about, const char *fmt, ...)
{
	struct event *ev = &e->ring[++e->last % EVENTS_MAX];
	va_list args;

	*ev = *about;
	ev->id = e->last;
	ev->when_ms = wall_clock_ms();
	va_start(args, fmt);
	vsnprintf(ev->text, sizeof(ev->text), fmt, args);
	va_end(args);
	if (!kinds[ev->kind].has_line)
		log_notice(kinds[ev->kind].subsys, "%s", ev->text);
	for (struct events_watcher *w = e->watchers, *next; w; w = next) {
		next = w->next;
		w->told(w, ev);
	}
}

size_t events_count(const struct events *e)
{
	return e->last < EVENTS_MAX ? e->last : EVENTS_MAX;
}

const struct event *events_get(const struct events *e, size_t i)
{
	return i < events_count(e) ? &e->ring[(e->last - i) % EVENTS_MAX] : NULL;
}

void events_watch(struct events *e, struct events_watcher *w)
{
	w->next = e->watchers;
	e->watchers = w;
}

void events_unwatch(struct events *e, struct events_watcher *w)
{
	struct events_watcher **at = &e->watchers;

	while (*at && *at != w)
		at = &(*at)->next;
	if (*at)
		*at = w->next;
}
