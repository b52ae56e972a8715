/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is told of peers besides their sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/fake_backend.h"
#include "tests/lib/fake_loop.h"
#include "tests/lib/make_conf.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/wg/backend.h"
#include "wgrd/wg/wg.h"

struct world {
	struct loop *loop;
	struct fake_backend *be;
	struct wg *wg;
	struct conf *running;
	struct wg_backend_peer_state state; /* of peer a */
	struct strbuf told;
};

static void on_moved(void *arg, struct wg_peer *p, const struct ip_addr *old,
		     uint16_t old_port)
{
	struct world *w = arg;
	struct wg_peer_view v;
	char addr[IP_ADDR_STRLEN];

	wg_peer_view(p, &v);
	strbuf_printf(&w->told, "%s at %s:%u", v.name, ip_addr_str(&v.endpoint, addr),
		      v.endpoint_port);
	if (old->family)
		strbuf_printf(&w->told, " from %s:%u", ip_addr_str(old, addr), old_port);
	strbuf_puts(&w->told, "\n");
}

static void on_anomaly(void *arg, struct wg_peer *p, const struct wg_anomaly *a)
{
	struct world *w = arg;

	strbuf_printf(&w->told, "%s %s %u\n", wg_peer_name(p), a->kind,
		      (unsigned)a->count);
}

static void commit(struct world *w, const char *peers)
{
	const struct conf_subscriber sub = {.ops = &wg_conf_subsys, .ctx = w->wg};
	struct conf *new = make_conf(1);
	char why[256];

	make_device(new, 0, "wg0", 51820, peers);
	conf_share(new, w->running);
	assert_int_equal(conf_commit(&sub, 1, w->running, new, why, sizeof(why)), 0);
	conf_release(w->running, new);
	w->running = new;
}

static int setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	const struct wg_events ev = {.moved = on_moved, .anomaly = on_anomaly, .arg = w};

	w->loop = loop_new();
	w->be = fake_backend_new();
	w->wg = wg_new(w->loop, &fake_backend_ops, w->be, &ev);
	w->running = make_conf(0);
	commit(w, "a b");
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	wg_free(w->wg);
	fake_backend_free(w->be);
	loop_free(w->loop);
	conf_free(w->running);
	strbuf_free(&w->told);
	free(w);
	return 0;
}

static void news(struct world *w)
{
	fake_backend_state(w->be, "wg0", "a", &w->state);
	fake_backend_news(w->be, "wg0", "a");
}

static void move(struct world *w, const char *addr, uint16_t port)
{
	assert_int_equal(ip_addr_parse(&w->state.endpoint, addr), 0);
	w->state.endpoint_port = port;
	w->state.moves++;
	news(w);
}

static void refuse(struct world *w, enum wg_refusal why, unsigned n)
{
	while (n--) {
		w->state.refused[why]++;
		news(w);
	}
}

static void expect(struct world *w, const char *told)
{
	assert_string_equal(strbuf_str(&w->told), told);
	strbuf_free(&w->told);
}

static void after_s(struct world *w, unsigned s)
{
	fake_loop_advance(w->loop, s * NS_PER_S);
}

static void a_move_is_told_at_once_and_the_next_after_a_pause(void **state)
{
	struct world *w = *state;

	assert_int_equal(ip_addr_parse(&w->state.endpoint, "192.0.2.1"), 0);
	w->state.endpoint_port = 1;
	fake_backend_state(w->be, "wg0", "a", &w->state);
	fake_backend_session(w->be, "wg0", "a", true);
	move(w, "192.0.2.1", 2);
	expect(w, "a at 192.0.2.1:2 from 192.0.2.1:1\n");
	move(w, "192.0.2.1", 3);
	move(w, "2001:db8::7", 4);
	expect(w, "");
	after_s(w, WG_MOVE_PAUSE_S - 1);
	expect(w, "");
	after_s(w, 1);
	expect(w, "a at 2001:db8::7:4 from 192.0.2.1:2\n");
	after_s(w, 100);
	expect(w, "");
	move(w, "192.0.2.9", 5);
	expect(w, "a at 192.0.2.9:5 from 2001:db8::7:4\n");
}

static void who_is_back_by_then_has_not_moved(void **state)
{
	struct world *w = *state;

	move(w, "192.0.2.1", 1);
	expect(w, "a at 192.0.2.1:1\n"); /* where it was before nobody knows */
	move(w, "192.0.2.2", 1);
	move(w, "192.0.2.1", 1);
	after_s(w, WG_MOVE_PAUSE_S);
	expect(w, "");
}

static void who_has_gone_is_not_told_of(void **state)
{
	struct world *w = *state;

	move(w, "192.0.2.1", 1);
	move(w, "192.0.2.2", 1);
	strbuf_free(&w->told);
	commit(w, "b");
	after_s(w, WG_MOVE_PAUSE_S);
	expect(w, "");
}

static void few_refused_messages_are_no_news(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < 10; i++) {
		refuse(w, WG_REFUSED_FORGED, WG_ANOMALY_MIN - 1);
		after_s(w, WG_ANOMALY_PAUSE_S);
	}
	expect(w, "");
}

static void many_are_told_once_in_a_minute_and_counted_all(void **state)
{
	struct world *w = *state;

	refuse(w, WG_REFUSED_FORGED, 1);
	refuse(w, WG_REFUSED_REPLAYED, WG_ANOMALY_MIN - 1);
	expect(w, "a replayed 5\n");
	refuse(w, WG_REFUSED_FORGED, 100);
	expect(w, "");
	after_s(w, WG_ANOMALY_PAUSE_S);
	refuse(w, WG_REFUSED_FORGED, WG_ANOMALY_MIN);
	expect(w, "a forged 105\n");
	/* and a burst of which the thread that counts says so once */
	after_s(w, 10 * WG_ANOMALY_PAUSE_S);
	w->state.refused[WG_REFUSED_TOO_OFTEN] += 1000;
	news(w);
	expect(w, "a too-often 1000\n");
}

static void silence_is_told_once_until_there_is_a_session(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < 5; i++) {
		w->state.gave_up++;
		news(w);
	}
	expect(w, "a unanswered 0\n");
	fake_backend_session(w->be, "wg0", "a", true);
	fake_backend_session(w->be, "wg0", "a", false);
	w->state.gave_up++;
	news(w);
	expect(w, "a unanswered 0\n");
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_move_is_told_at_once_and_the_next_after_a_pause),
		TEST(who_is_back_by_then_has_not_moved),
		TEST(who_has_gone_is_not_told_of),
		TEST(few_refused_messages_are_no_news),
		TEST(many_are_told_once_in_a_minute_and_counted_all),
		TEST(silence_is_told_once_until_there_is_a_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
