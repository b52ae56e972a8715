/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/subscription.h"

#include <libyang/libyang.h>
#include <string.h>

#include "wgrd/lib/loop.h"
#include "wgrd/mgmt/events.h"
#include "wgrd/netconf/nacm/nacm.h"
#include "wgrd/netconf/notification.h"
#include "wgrd/netconf/op.h"

enum {
	BATCH_SIZE = 64 * 1024 /* octets; what is longer waits until these are taken */
};

/* ---- beginning: RFC 5277 section 2.1.1 ---- */

static bool fail_time(struct rpc *r, const char *param, const char *tag, const char *why)
{
	rpc_fail(r, &(struct rpc_error){.type = "protocol",
					.tag = tag,
					.message = why,
					.bad_element = param});
	return false;
}

/* @ms keeps its value when the parameter is not there. */
static bool read_time(struct rpc *r, const char *param, int64_t *ms, bool *there)
{
	char word[48];
	const char *text = rpc_word(r, param, word, sizeof(word));

	*there = text;
	if (!text || !notification_parse_time(text, ms))
		return true;
	return fail_time(r, param, "invalid-value",
			 "not a time such as 2026-01-31T12:00:00Z");
}

static bool read_times(struct rpc *r, struct subscription *sub, bool *replay)
{
	bool ends;

	sub->start_ms = 0;
	sub->stop_ms = INT64_MAX;
	if (!read_time(r, "startTime", &sub->start_ms, replay) ||
	    !read_time(r, "stopTime", &sub->stop_ms, &ends))
		return false;
	if (*replay && sub->start_ms > notification_now_ms())
		return fail_time(r, "startTime", "bad-element", "it is in the future");
	if (ends && !*replay)
		return fail_time(r, "startTime", "missing-element",
				 "a stopTime needs a startTime");
	if (ends && sub->stop_ms < sub->start_ms)
		return fail_time(r, "stopTime", "bad-element",
				 "it is before the startTime");
	return true;
}

static bool read_stream(struct rpc *r)
{
	char word[32];
	const char *name = rpc_word(r, "stream", word, sizeof(word));

	if (!name || !strcmp(name, "NETCONF"))
		return true;
	rpc_fail(r, &(struct rpc_error){.type = "protocol",
					.tag = "invalid-value",
					.message = "the only stream is NETCONF",
					.bad_element = "stream"});
	return false;
}

static uint64_t newest_id(const struct events *e)
{
	const struct event *ev = events_get(e, 0);

	return ev ? ev->id : 0;
}

static uint64_t oldest_id(const struct events *e)
{
	size_t count = events_count(e);

	return count ? events_get(e, count - 1)->id : 1;
}

static void stop_time(struct loop_timer *t)
{
	struct subscription *sub = container_of(t, struct subscription, stop);
	struct netconf_session *s =
		container_of(sub, struct netconf_session, subscription);

	loop_job_queue(s->n->deps.loop, &s->n->notify);
}

static void set_stop(struct netconf *n, struct subscription *sub)
{
	int64_t left_ms = sub->stop_ms - notification_now_ms();

	sub->stop.fn = stop_time;
	if (sub->stop_ms != INT64_MAX)
		loop_timer_set(n->deps.loop, &sub->stop,
			       left_ms > 0 ? (uint64_t)left_ms * NS_PER_MS : 0);
}

static void begin(struct rpc *r, struct subscription *sub, bool replay)
{
	const struct events *e = r->n->deps.events;

	sub->active = true;
	sub->next_id = replay ? oldest_id(e) : newest_id(e) + 1;
	sub->replay_end_id = replay ? newest_id(e) + 1 : 0;
	sub->request = *r->doc; /* the filter points into it */
	*r->doc = (struct xml_doc){0};
	set_stop(r->n, sub);
	loop_job_queue(r->n->deps.loop, &r->n->notify);
}

void op_create_subscription(struct rpc *r)
{
	struct subscription *sub = &r->s->subscription;
	bool replay;

	if (sub->active) {
		rpc_fail_simply(r, "operation-failed",
				"this session has a subscription already");
		return;
	}
	if (read_stream(r) && read_times(r, sub, &replay) &&
	    filter_read(r, rpc_param(r, "filter"), &sub->filter))
		begin(r, sub, replay);
	else
		filter_fini(&sub->filter);
}

void subscription_fini(struct subscription *sub)
{
	loop_timer_stop(&sub->stop);
	filter_fini(&sub->filter);
	xml_free(&sub->request);
	*sub = (struct subscription){0};
}

/* ---- sending ---- */

static bool is_over(const struct subscription *sub)
{
	return notification_now_ms() >= sub->stop_ms;
}

bool subscription_has_more(const struct netconf_session *s)
{
	const struct subscription *sub = &s->subscription;

	return sub->active && (sub->next_id <= newest_id(s->n->deps.events) ||
			       sub->replay_end_id || is_over(sub));
}

static void frame(struct netconf_session *s, struct strbuf *out, struct strbuf *message)
{
	framing_put(s->framing.chunked, out, message);
	strbuf_free(message);
}

static void put_mark(struct netconf_session *s, struct strbuf *out, const char *name)
{
	struct strbuf message = {0};

	notification_put_mark(&message, name);
	frame(s, out, &message);
}

/* Does the filter select any of it, and may the user be told? */
static bool is_wanted(struct netconf_session *s, const struct lyd_node *tree)
{
	/* Errors of the filter are nobody's any more: what it cannot judge it does not want. */
	struct rpc r = {.n = s->n, .s = s};
	struct strbuf part = {0};
	bool may = nacm_may_be_told(s->nacm, tree->schema);
	bool wanted = may &&
		      filter_print(&r, &s->subscription.filter, tree, PRINT_ALL, &part) &&
		      part.len;

	s->n->denied_notifications += !may;
	strbuf_free(&part);
	strbuf_free(&r.errors);
	return wanted;
}

static void put_tree(struct netconf_session *s, struct strbuf *out,
		     const struct event *ev, const struct lyd_node *tree)
{
	struct strbuf message = {0};

	notification_put(&message, ev->when_ms, tree);
	frame(s, out, &message);
	s->notifications++;
	s->n->notifications++;
}

static void put_event(struct netconf_session *s, struct strbuf *out,
		      const struct event *ev)
{
	struct lyd_node *tree[NOTIFICATION_TREES_MAX];
	unsigned n;

	if (ev->when_ms < s->subscription.start_ms ||
	    ev->when_ms >= s->subscription.stop_ms)
		return;
	n = notification_trees(s->n, s->nacm, ev, tree);
	for (unsigned i = 0; i < n; i++) {
		if (is_wanted(s, tree[i]))
			put_tree(s, out, ev, tree[i]);
		lyd_free_tree(tree[i]);
	}
}

static void put_replay_end(struct netconf_session *s, struct strbuf *out)
{
	struct subscription *sub = &s->subscription;

	if (!sub->replay_end_id || sub->next_id < sub->replay_end_id)
		return;
	sub->replay_end_id = 0;
	put_mark(s, out, "replayComplete");
}

bool subscription_take(struct netconf_session *s, struct strbuf *out)
{
	struct subscription *sub = &s->subscription;
	const struct events *e = s->n->deps.events;
	uint64_t newest = newest_id(e);

	if (sub->next_id < oldest_id(e))
		return false;
	put_replay_end(s, out);
	while (sub->next_id <= newest && out->len < BATCH_SIZE) {
		put_event(s, out, events_get(e, newest - sub->next_id));
		sub->next_id++;
		put_replay_end(s, out);
	}
	if (is_over(sub) && sub->next_id > newest) {
		put_mark(s, out, "notificationComplete");
		subscription_fini(sub);
	}
	return true;
}
