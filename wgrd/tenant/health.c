/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Who answers? Asked about peers whose own prefixes are advertised (tables.c), and only while
 * there are some: once a second, which is little against the fifteen seconds the data plane
 * takes to notice.
 *
 * A peer that has nothing to say loses its session after three minutes and is no worse for
 * it. But nobody sends to what is not advertised, so nobody would ever ask it again. That is
 * why it is called here when it has no session: at once, and after each attempt of ninety
 * seconds and a pause.
 */
#include "wgrd/tenant/tenant_internal.h"

#define LOOK_NS (1 * NS_PER_S)
/* Four initiations: a rekey that needs a second try, a reboot of the router in between or a
 * renumbered uplink must not make all of BGP hear of it. */
#define PATIENCE_NS (20 * NS_PER_S)
#define CALL_NS     (120 * NS_PER_S)

static void call_if_silent(struct member *m, uint64_t now_ns)
{
	struct wg_peer_view v;

	wg_peer_view(m->peer, &v);
	if (v.session == WG_SESSION_UP ||
	    (m->called_ns && now_ns < m->called_ns + CALL_NS))
		return;
	m->called_ns = now_ns;
	wg_peer_clear(m->peer);
}

/* True: it is another answer than before. */
static bool look(struct member *m, uint64_t now_ns)
{
	const bool was = m->answers;

	if (wg_peer_answers(m->peer)) {
		m->answers = true;
		m->silent_ns = 0;
		return !was;
	}
	call_if_silent(m, now_ns);
	if (!m->silent_ns)
		m->silent_ns = now_ns;
	m->answers = was && now_ns < m->silent_ns + PATIENCE_NS;
	return m->answers != was;
}

static void look_at_all(struct loop_timer *timer)
{
	struct tenants *t = container_of(timer, struct tenants, health);
	const uint64_t now_ns = loop_now_ns(t->loop);
	bool news = false;

	for (size_t i = 0; i < t->tables.gate_count; i++)
		news |= look(t->tables.gate[i], now_ns);
	if (news)
		tables_sync_adverts(t);
	health_go_on(t);
}

/* One that was shut down is at once what it will be. */
bool health_is_good(const struct member *m)
{
	return m->answers && wg_peer_usable(m->peer);
}

void health_init(struct tenants *t)
{
	t->health.fn = look_at_all;
}

void health_watch(struct tenants *t, struct member *m)
{
	if (m->watched)
		return;
	m->watched = true;
	m->answers = false;
	m->silent_ns = m->called_ns = 0;
	look(m, loop_now_ns(t->loop));
}

void health_go_on(struct tenants *t)
{
	if (!t->tables.gate_count)
		loop_timer_stop(&t->health);
	else if (!loop_timer_is_set(&t->health))
		loop_timer_set(t->loop, &t->health, LOOK_NS);
}
