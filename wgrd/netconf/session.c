/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wgrd/lib/log.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/socket_user.h"
#include "wgrd/netconf/hello.h"
#include "wgrd/netconf/nacm/nacm.h"
#include "wgrd/netconf/netconf_priv.h"
#include "wgrd/netconf/op.h"
#include "wgrd/netconf/report.h"
#include "wgrd/netconf/rpc.h"

/* ---- the end ---- */

static void unlink_session(struct netconf_session *s)
{
	struct netconf *n = s->n;

	if (s->prev)
		s->prev->next = s->next;
	else
		n->sessions = s->next;
	if (s->next)
		s->next->prev = s->prev;
	n->count--;
}

static void wipe_input(struct netconf_session *s)
{
	s->n->unfinished -= s->unfinished;
	framing_fini(&s->framing);
}

void netconf_session_end(struct netconf_session *s)
{
	if (!s->closing)
		s->n->dropped_sessions++;
	report_session_end(s);
	unlink_session(s);
	loop_job_cancel(s->n->deps.loop, &s->go_on);
	rpc_rest_free(s);
	subscription_fini(&s->subscription);
	s->n->current = s;
	op_session_gone(s);
	report_request_end(s->n);
	s->n->current = NULL;
	nacm_user_free(s->nacm);
	loop_timer_stop(&s->timer);
	stream_close(&s->stream);
	wipe_input(s);
	free(s);
}

static void stream_ended(struct stream *stream)
{
	netconf_session_end(container_of(stream, struct netconf_session, stream));
}

/* A line about what a client did wrong; it is ended by returning false. */
static bool give_up(struct netconf_session *s, const char *why)
{
	static struct log_limit limit = LOG_LIMIT(10, 10);

	if (log_limit_pass(&limit, loop_now_ns(s->n->deps.loop), LOG_MGMT))
		log_warn(LOG_MGMT, "netconf session %u of %s: %s", s->id, s->user, why);
	if (!s->ending)
		s->ending = "other";
	return false;
}

/* ---- time ---- */

static size_t unsent(const struct netconf_session *s)
{
	return s->stream.out.len - s->stream.sent;
}

static void watch(struct netconf_session *s)
{
	if (!s->greeted || stream_is_idle(&s->stream))
		return;
	s->seen_unsent = unsent(s);
	s->seen_posts = s->posts;
	loop_timer_set(s->n->deps.loop, &s->timer, NETCONF_STALL_S * NS_PER_S);
}

static void timer_due(struct loop_timer *t)
{
	struct netconf_session *s = container_of(t, struct netconf_session, timer);

	if (!s->greeted) {
		s->n->bad_hellos++;
		s->ending = "timeout";
		give_up(s, "no hello came");
		netconf_session_end(s);
	} else if (unsent(s) && unsent(s) == s->seen_unsent &&
		   s->posts == s->seen_posts) {
		s->ending = "timeout";
		give_up(s, "it takes no octet of its answer");
		netconf_session_end(s);
	} else {
		watch(s);
	}
}

/* ---- messages ---- */

/* What is in the stream's buffer. */
static bool send_out(struct netconf_session *s)
{
	s->posts++;
	if (!stream_post(&s->stream))
		return false;
	watch(s);
	return true;
}

static bool post(struct netconf_session *s, struct strbuf *message)
{
	s->stream.out.secret = true;
	framing_put(s->framing.chunked, &s->stream.out, message);
	strbuf_free(message);
	return send_out(s);
}

/* A part of an answer, and its end when no more of it is to come. */
static void put_part(struct netconf_session *s, struct strbuf *part)
{
	s->stream.out.secret = true;
	if (part->len)
		framing_put_part(s->framing.chunked, &s->stream.out, part);
	if (!s->rest)
		framing_put_end(s->framing.chunked, &s->stream.out);
	strbuf_free(part);
}

/* The next part, in a turn of its own. What makes nothing of a part makes another one. */
static void go_on(struct loop_job *j)
{
	struct netconf_session *s = container_of(j, struct netconf_session, go_on);
	struct strbuf part = {.secret = true};
	int more = rpc_answer_on(s, &part);

	if (more < 0) {
		strbuf_free(&part);
		give_up(s, "its answer cannot be made to the end");
		netconf_session_end(s);
		return;
	}
	put_part(s, &part);
	if (!s->stream.out.len) {
		loop_job_queue(s->n->deps.loop, j);
		return;
	}
	s->posts++;
	watch(s);
	stream_resume(&s->stream); /* may end it */
}

static void go_on_later(struct netconf_session *s)
{
	stream_hold(&s->stream);
	loop_job_queue(s->n->deps.loop, &s->go_on);
}

static bool take_hello(struct netconf_session *s)
{
	char why[160];
	bool chunked = false;

	if (hello_read(&s->framing.message, &chunked, why, sizeof(why))) {
		s->n->bad_hellos++;
		s->ending = "bad-hello";
		return give_up(s, why);
	}
	framing_next(&s->framing);
	s->framing.chunked = chunked;
	s->framing.message_max = NETCONF_MESSAGE_MAX;
	s->greeted = true;
	s->n->sessions_in++;
	loop_timer_stop(&s->timer);
	report_session_start(s);
	return true;
}

static bool take_request(struct netconf_session *s)
{
	struct strbuf reply = {.secret = true};
	bool again = rpc_answer(s, &s->framing.message, &reply);

	framing_next(&s->framing);
	if (!again) {
		s->closing = true;
		s->ending = "closed";
	}
	put_part(s, &reply);
	return send_out(s);
}

/* What is kept of messages whose end is not here, of all sessions together, is limited. */
static bool account(struct netconf_session *s)
{
	struct netconf *n = s->n;

	n->unfinished += s->framing.message.len - s->unfinished;
	s->unfinished = s->framing.message.len;
	return n->unfinished <= NETCONF_UNFINISHED_MAX ||
	       give_up(s, "too much of unfinished messages is waiting here");
}

static bool feed(struct netconf_session *s, bool *message)
{
	size_t used;
	enum framing_result result =
		framing_feed(&s->framing, s->in, s->stream.in_len, &used);

	stream_consume(&s->stream, used);
	*message = result == FRAMING_MESSAGE;
	switch (result) {
	case FRAMING_MORE:
	case FRAMING_MESSAGE:
		return account(s);
	case FRAMING_BAD:
		return give_up(s, "this is not framed as RFC 6242 says");
	case FRAMING_TOO_BIG:
		return give_up(s, "a message is too big");
	}
	return false;
}

/* Events, if there are any to be told. */
static bool pump(struct netconf_session *s)
{
	struct strbuf *out = &s->stream.out;

	if (!subscription_has_more(s))
		return true;
	if (!subscription_take(s, out))
		return give_up(s, "it reads more slowly than events come");
	return !out->len || send_out(s);
}

bool netconf_session_notify(struct netconf_session *s)
{
	bool ok = true;

	while (ok && !s->closing && stream_is_idle(&s->stream) &&
	       subscription_has_more(s))
		ok = pump(s);
	if (!ok)
		netconf_session_end(s);
	return ok;
}

static bool take_message(struct netconf_session *s)
{
	bool message;

	if (!feed(s, &message))
		return false;
	if (!message)
		return true;
	return (s->greeted ? take_request(s) : take_hello(s)) && account(s);
}

/* Requests come first; what is left of the socket's room is for events. */
static bool input(struct stream *stream)
{
	struct netconf_session *s = container_of(stream, struct netconf_session, stream);

	while (stream_is_idle(stream)) {
		if (s->rest) {
			go_on_later(s);
			return true;
		}
		if (s->closing)
			return false;
		if (!stream->in_len && !subscription_has_more(s))
			return true;
		if (!(stream->in_len ? take_message(s) : pump(s)))
			return false;
	}
	return true;
}

/* ---- the beginning ---- */

static bool identify(struct netconf_session *s, int fd)
{
	struct socket_user who;

	if (socket_user_find(fd, &who))
		return false;
	if (!who.known || strlen(who.name) >= sizeof(s->user)) {
		log_warn(
			LOG_MGMT,
			"netconf: user id %u has no name, or too long a one, and is not let in",
			who.uid);
		return false;
	}
	s->uid = who.uid;
	s->gid = who.gid;
	strcpy(s->user, who.name);
	return true;
}

/* However many others there are, root can come and end some. */
static bool is_full(struct netconf_session *s)
{
	unsigned own = 0;

	for (const struct netconf_session *o = s->n->sessions; o; o = o->next)
		own += o->uid == s->uid;
	if (own >= NETCONF_USER_SESSIONS_MAX)
		return !give_up(s, "this user has too many");
	if (s->uid && s->n->count >= NETCONF_SESSIONS_MAX)
		return !give_up(s, "there are too many");
	return false;
}

static void link_session(struct netconf_session *s)
{
	struct netconf *n = s->n;

	s->next = n->sessions;
	if (s->next)
		s->next->prev = s;
	n->sessions = s;
	n->count++;
}

static struct netconf_session *make(struct netconf *n)
{
	struct netconf_session *s = xcalloc(1, sizeof(*s));

	s->n = n;
	s->timer.fn = timer_due;
	s->go_on.fn = go_on;
	s->since = time(NULL);
	s->framing = (struct framing){.message_max = NETCONF_HELLO_MAX,
				      .message.secret = true};
	s->stream = (struct stream){
		.in = s->in,
		.in_size = sizeof(s->in),
		.unread = &n->unread,
		.input = input,
		.ended = stream_ended,
	};
	return s;
}

void netconf_session_begin(struct netconf *n, int fd)
{
	struct netconf_session *s = make(n);
	struct strbuf hello = {0};

	s->id = n->last_id + 1;
	if (!identify(s, fd) || is_full(s)) {
		close(fd);
		free(s);
		return;
	}
	if (stream_open(&s->stream, n->deps.loop, fd)) {
		free(s);
		return;
	}
	n->last_id++;
	s->nacm = nacm_user_new(n->nacm, s->user, s->uid, s->gid);
	link_session(s);
	loop_timer_set(n->deps.loop, &s->timer, NETCONF_HELLO_S * NS_PER_S);
	hello_write(n, s->id, &hello);
	if (!post(s, &hello))
		netconf_session_end(s);
}

struct netconf_session *netconf_session_find(const struct netconf *n, uint32_t id)
{
	struct netconf_session *s = n->sessions;

	while (s && s->id != id)
		s = s->next;
	return s;
}
