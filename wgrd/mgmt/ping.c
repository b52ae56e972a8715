/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/mgmt/ping.h"

#include <stdlib.h>

#include "proto/net/addr.h"
#include "wgrd/lib/loop.h"
#include "wgrd/wg/wg.h"

enum {
	LOOK_MS = 20, /* how often the peer is looked at, and asked */
};

struct ping {
	struct loop *loop;
	struct wg_peer *peer;
	uint64_t since_ns;
	struct loop_timer timer;
	void (*told)(void *arg, bool answered, const char *text);
	void *arg;
};

static void ping_free(struct ping *p)
{
	loop_timer_stop(&p->timer);
	wg_peer_put(p->peer);
	free(p);
}

static void end(struct ping *p, const struct wg_peer_view *v, bool answered)
{
	char buf[IP_ENDPOINT_STRLEN];
	const char *endpoint =
		v->endpoint.family ? ip_endpoint_str(&v->endpoint, v->endpoint_port, buf)
				   : "-";
	struct strbuf text = {0};

	if (!answered)
		strbuf_printf(&text, "%% Peer %s of %s: no answer from %s within %d s.\n",
			      v->name, v->device, endpoint, PING_WITHIN_S);
	else
		strbuf_printf(&text, "Peer %s of %s: %s answered in %.1f ms\n", v->name,
			      v->device, endpoint, (double)v->answered_in_ns / 1e6);
	p->told(p->arg, answered, text.s);
	strbuf_free(&text);
	ping_free(p);
}

static void look(struct loop_timer *t)
{
	struct ping *p = container_of(t, struct ping, timer);
	struct wg_peer_view v;

	wg_peer_view(p->peer, &v);
	if (v.answered_ns > p->since_ns) {
		end(p, &v, true);
	} else if (v.inactive || !wg_peer_probe(p->peer) ||
		   loop_now_ns(p->loop) >= p->since_ns + PING_WITHIN_S * NS_PER_S) {
		end(p, &v, false);
	} else {
		loop_timer_set(p->loop, &p->timer, LOOK_MS * NS_PER_MS);
	}
}

/* What keeps it from being asked; NULL when nothing does. */
static const char *obstacle(const struct wg_peer_view *v)
{
	if (v->inactive)
		return v->inactive;
	return v->endpoint.family ? NULL : "no endpoint is known";
}

struct ping *ping_start(struct loop *loop, struct wg_peer *peer,
			void (*told)(void *arg, bool answered, const char *text),
			void *arg, struct strbuf *why)
{
	struct wg_peer_view v;
	const char *cannot;
	struct ping *p;

	wg_peer_view(peer, &v);
	cannot = obstacle(&v);
	if (!cannot && !wg_peer_probe(peer))
		cannot = "the kernel forwards for it, and cannot be told to ask";
	if (cannot) {
		strbuf_printf(why, "%% Peer %s of %s: %s.\n", v.name, v.device, cannot);
		return NULL;
	}
	p = xcalloc(1, sizeof(*p));
	*p = (struct ping){
		.loop = loop,
		.peer = wg_peer_get(peer),
		.since_ns = loop_now_ns(loop),
		.timer.fn = look,
		.told = told,
		.arg = arg,
	};
	loop_timer_set(p->loop, &p->timer, LOOK_MS * NS_PER_MS);
	return p;
}

void ping_cancel(struct ping *p)
{
	if (p)
		ping_free(p);
}
