/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_MGMT_EVENTS_H
#define WGRD_MGMT_EVENTS_H

/*
 * What happened that somebody may ask about later: the last ones, in memory. main() reports
 * what the layers tell it; show prints them, and whoever passes events on watches. An
 * event is one line of the log, too. Main thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/conf/conf.h"
#include "wgrd/lib/util.h"

enum event_kind {
	EVENT_PEER_UP, /* its session */
	EVENT_PEER_DOWN,
	EVENT_PREFIX_LIMIT,
	EVENT_ZEBRA,         /* the session with it */
	EVENT_COMMIT,        /* what is configured has changed */
	EVENT_SAVED,         /* the startup configuration has */
	EVENT_ENDPOINT,      /* a peer is heard from elsewhere */
	EVENT_HANDSHAKE,     /* something is odd about handshakes with a peer */
	EVENT_SESSION_START, /* of NETCONF, and the next one */
	EVENT_SESSION_END,
	EVENT_TRIAL, /* of what was committed: it begins, goes on, or ends */
	EVENT_KIND_COUNT,
};
/* A word for JSON: "peer-up". */
const char *event_kind_name(enum event_kind k);

enum {
	EVENTS_MAX = 1000,
	EVENT_TEXT_LEN = 256,
	EVENT_USER_LEN = 64,
	EVENT_ENDPOINT_LEN = 56, /* "[2001:db8::1]:51820" */
};

struct event {
	uint64_t id;     /* from 1, without gaps */
	int64_t when_ms; /* UNIX time */
	enum event_kind kind;
	/* What it is about; "" where that does not apply. */
	char interface[CONF_NAME_LEN], peer[CONF_NAME_LEN], tenant[CONF_NAME_LEN];
	char text[EVENT_TEXT_LEN]; /* a sentence, as in the log */
	/* What belongs to its kind; 0, NULL or "" where that does not apply. */
	uint64_t commit; /* its number */
	char user[EVENT_USER_LEN];
	uint32_t session, killed_by; /* of NETCONF; 0: none */
	const char *what;            /* a constant: kind of anomaly, why a session ended,
					what became of a trial */
	uint64_t count;              /* messages, or seconds of a trial */
	char old_endpoint[EVENT_ENDPOINT_LEN], endpoint[EVENT_ENDPOINT_LEN];
};

struct events;

struct events *events_new(void);
void events_free(struct events *e); /* NULL is allowed */

/* @about has the kind and the names; the rest is filled in. */
void events_report(struct events *e, const struct event *about, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

size_t events_count(const struct events *e);
/* The @i-th newest, 0 the newest. Valid until the next report. */
const struct event *events_get(const struct events *e, size_t i);

/* Told of each event; may not report from inside. Embedded by whoever watches. */
struct events_watcher {
	void (*told)(struct events_watcher *w, const struct event *ev);
	struct events_watcher *next;
};
void events_watch(struct events *e, struct events_watcher *w);
void events_unwatch(struct events *e, struct events_watcher *w);

#endif
