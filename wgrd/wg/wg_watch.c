/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What somebody may want to know of peers besides their sessions: that they have moved, and that
 * something is odd about their handshakes. The network can cause both as often as it likes, so
 * for each peer there is a pause between two, and counters have them all.
 */
#include <string.h>

#include "wgrd/lib/loop.h"
#include "wgrd/wg/wg_internal.h"

static struct wg_backend_peer_state state_of(const struct wg_peer *p)
{
	struct wg_backend_peer_state st = {0};

	p->device->ops->peer_state(p->device->be_arg, p->be, &st);
	return st;
}

/* ---- moves ---- */

static void note_place(struct wg_watch *w, const struct wg_backend_peer_state *st)
{
	w->endpoint = st->endpoint;
	w->port = st->endpoint_port;
	w->moves = st->moves;
}

static bool is_elsewhere(const struct wg_watch *w, const struct wg_backend_peer_state *st)
{
	return st->endpoint.family && (w->port != st->endpoint_port ||
				       !ip_addr_equal(&w->endpoint, &st->endpoint));
}

/* Somebody who has moved and come back since has not moved. */
static void tell_move(struct wg *wg, struct wg_peer *p,
		      const struct wg_backend_peer_state *st)
{
	struct wg_watch *w = &p->watch;
	const struct ip_addr old = w->endpoint;
	const uint16_t old_port = w->port;
	bool elsewhere = is_elsewhere(w, st);

	note_place(w, st);
	if (!elsewhere)
		return;
	w->move_ns = loop_now_ns(wg->loop) + WG_MOVE_PAUSE_S * NS_PER_S;
	if (wg->events.moved)
		wg->events.moved(wg->events.arg, p, &old, old_port);
}

static void tell_later(struct wg *wg, struct wg_peer *p)
{
	if (p->watch.moving)
		return;
	p->watch.moving = true;
	p->watch.next = NULL;
	*wg->moving_end = wg_peer_get(p);
	wg->moving_end = &p->watch.next;
	if (!loop_timer_is_set(&wg->watch))
		loop_timer_set(wg->loop, &wg->watch,
			       p->watch.move_ns - loop_now_ns(wg->loop));
}

static struct wg_peer *take_first(struct wg *wg)
{
	struct wg_peer *p = wg->moving;

	wg->moving = p->watch.next;
	if (!wg->moving)
		wg->moving_end = &wg->moving;
	p->watch.moving = false;
	return p;
}

/* The pause is the same for all, so whoever was put there first is due first. */
static void on_timer(struct loop_timer *t)
{
	struct wg *wg = container_of(t, struct wg, watch);
	uint64_t now_ns = loop_now_ns(wg->loop);

	while (wg->moving && wg->moving->watch.move_ns <= now_ns) {
		struct wg_peer *p = take_first(wg);

		if (!p->gone && p->be) {
			const struct wg_backend_peer_state st = state_of(p);

			tell_move(wg, p, &st);
		}
		wg_peer_put(p);
	}
	if (wg->moving)
		loop_timer_set(wg->loop, t, wg->moving->watch.move_ns - now_ns);
}

static void look_for_move(struct wg *wg, struct wg_peer *p,
			  const struct wg_backend_peer_state *st)
{
	if (st->moves == p->watch.moves)
		return;
	if (loop_now_ns(wg->loop) < p->watch.move_ns)
		tell_later(wg, p);
	else
		tell_move(wg, p, st);
}

void wg_watch_session(struct wg_peer *p)
{
	const struct wg_backend_peer_state st = state_of(p);

	p->watch.unanswered = false;
	if (!p->watch.endpoint.family)
		note_place(&p->watch, &st);
}

/* ---- handshakes ---- */

static void tell(struct wg *wg, struct wg_peer *p, const char *kind, uint64_t count)
{
	if (wg->events.anomaly)
		wg->events.anomaly(wg->events.arg, p,
				   &(struct wg_anomaly){.kind = kind, .count = count});
}

/* Begins a window when the last one is over: what was counted before it does not count. */
static void turn_window(struct wg_watch *w, const struct wg_backend_peer_state *st,
			uint64_t now_ns)
{
	if (now_ns >= w->window_ns) {
		memcpy(w->refused, w->seen, sizeof(w->refused));
		w->window_ns = now_ns + WG_ANOMALY_PAUSE_S * NS_PER_S;
	}
	memcpy(w->seen, st->refused, sizeof(w->seen));
}

/* The kind that there is most of in the window; the others are in the counters. */
static unsigned find_most(const struct wg_watch *w, uint64_t *in_window)
{
	unsigned most = 0;

	*in_window = 0;
	for (unsigned i = 0; i < WG_REFUSALS; i++) {
		*in_window += w->seen[i] - w->refused[i];
		if (w->seen[i] - w->refused[i] > w->seen[most] - w->refused[most])
			most = i;
	}
	return most;
}

static void look_for_refusals(struct wg *wg, struct wg_peer *p,
			      const struct wg_backend_peer_state *st)
{
	static const char *const kinds[WG_REFUSALS] = {
		[WG_REFUSED_FORGED] = "forged",
		[WG_REFUSED_REPLAYED] = "replayed",
		[WG_REFUSED_TOO_OFTEN] = "too-often",
	};
	struct wg_watch *w = &p->watch;
	const uint64_t now_ns = loop_now_ns(wg->loop);
	uint64_t in_window, total = 0, told = w->told;
	unsigned most;

	if (!memcmp(w->seen, st->refused, sizeof(w->seen)))
		return;
	turn_window(w, st, now_ns);
	most = find_most(w, &in_window);
	if (in_window < WG_ANOMALY_MIN || now_ns < w->anomaly_ns)
		return;
	for (unsigned i = 0; i < WG_REFUSALS; i++)
		total += st->refused[i];
	w->told = total;
	w->anomaly_ns = now_ns + WG_ANOMALY_PAUSE_S * NS_PER_S;
	tell(wg, p, kinds[most], total - told);
}

/* Only of one that is answered otherwise is it news; and then once. */
static void look_for_silence(struct wg *wg, struct wg_peer *p,
			     const struct wg_backend_peer_state *st)
{
	struct wg_watch *w = &p->watch;

	if (st->gave_up == w->gave_up)
		return;
	w->gave_up = st->gave_up;
	if (w->unanswered || st->session_up)
		return;
	w->unanswered = true;
	tell(wg, p, "unanswered", 0);
}

void wg_watch_news(void *arg, void *peer)
{
	struct wg *wg = arg;
	struct wg_peer *p = peer;
	struct wg_backend_peer_state st;

	if (p->gone || !p->be)
		return;
	st = state_of(p);
	look_for_move(wg, p, &st);
	look_for_refusals(wg, p, &st);
	look_for_silence(wg, p, &st);
}

/* ---- life ---- */

void wg_watch_init(struct wg *wg)
{
	wg->watch.fn = on_timer;
	wg->moving_end = &wg->moving;
}

void wg_watch_fini(struct wg *wg)
{
	loop_timer_stop(&wg->watch);
	while (wg->moving)
		wg_peer_put(take_first(wg));
}
