/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/report.h"

#include <stdio.h>

#include "wgrd/lib/log.h"
#include "wgrd/lib/loop.h"
#include "wgrd/netconf/netconf_priv.h"
#include "wgrd/netconf/session.h"

/* ---- sessions ---- */

/* Somebody who comes and goes all the time must not crowd out what else happened. */
static bool may_tell(const struct netconf_session *s)
{
	static struct log_limit limit = LOG_LIMIT(100, 60);

	return log_limit_pass(&limit, loop_now_ns(s->n->deps.loop), LOG_MGMT);
}

static struct event about(const struct netconf_session *s, enum event_kind kind)
{
	struct event ev = {.kind = kind, .session = s->id};

	snprintf(ev.user, sizeof(ev.user), "%s", s->user);
	return ev;
}

void report_session_start(const struct netconf_session *s)
{
	struct event ev = about(s, EVENT_SESSION_START);

	log_info(LOG_MGMT, "netconf session %u of %s: begun", s->id, s->user);
	if (may_tell(s))
		events_report(s->n->deps.events, &ev, "netconf session %u of %s: begun",
			      s->id, s->user);
}

/* Whoever has not said hello was no session, unless that is what was wrong. */
void report_session_end(const struct netconf_session *s)
{
	struct event ev = about(s, EVENT_SESSION_END);

	log_info(LOG_MGMT, "netconf session %u of %s: ended", s->id, s->user);
	if ((!s->greeted && !s->ending) || !may_tell(s))
		return;
	ev.what = s->ending ?: "dropped";
	ev.killed_by = s->killed_by;
	events_report(s->n->deps.events, &ev, "netconf session %u of %s: ended, %s",
		      s->id, s->user, ev.what);
}

void report_saved(const struct netconf_session *s)
{
	struct event ev = about(s, EVENT_SAVED);

	events_report(s->n->deps.events, &ev, "configuration: saved by %s", s->user);
}

/* ---- confirmed commits ---- */

static const char *const words[] = {
	[CONFIRM_BEGUN] = "start",        [CONFIRM_EXTENDED] = "extend",
	[CONFIRM_COMPLETED] = "complete", [CONFIRM_CANCELLED] = "cancel",
	[CONFIRM_TIMED_OUT] = "timeout",
};

static void tell(struct netconf *n, const struct event *ev)
{
	if (ev->count)
		events_report(n->deps.events, ev, "confirmed commit: %s, %llu s",
			      ev->what, (unsigned long long)ev->count);
	else
		events_report(n->deps.events, ev, "confirmed commit: %s", ev->what);
}

/*
 * A request may extend a trial only to complete it, or begin one that nothing comes of; the last
 * word counts.
 */
void report_trial(void *arg, enum confirm_news news, unsigned seconds)
{
	struct netconf *n = arg;
	const bool begun_now =
		n->trial_news && n->trial_event.what == words[CONFIRM_BEGUN];
	struct event ev = {.kind = EVENT_TRIAL, .count = seconds};

	if (n->current)
		ev = about(n->current, EVENT_TRIAL);
	n->trial_news = false;
	if (news == CONFIRM_FORGOTTEN)
		return;
	ev.what = words[news == CONFIRM_EXTENDED && begun_now ? CONFIRM_BEGUN : news];
	ev.count = seconds;
	if (!n->current) {
		tell(n, &ev);
		return;
	}
	n->trial_news = true;
	n->trial_event = ev;
}

void report_request_end(struct netconf *n)
{
	if (n->trial_news)
		tell(n, &n->trial_event);
	n->trial_news = false;
}
