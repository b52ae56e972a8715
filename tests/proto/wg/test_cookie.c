/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wg/limits.h"
#include "tests/proto/wg/two_ends.h"

enum {
	SEED = 815,
	PORT = 51820,
};

#define NOW TEST_NOW_NS

static const uint8_t no_mac[WG_MAC_LEN];

struct setup {
	struct two_ends t;
	struct wg_cookie_maker maker;
	struct ip_addr src;
	struct wg_msg_initiation msg;
	struct wg_msg_cookie reply;
};

/* t.a has sent its first initiation; t.b, under load, answers with a cookie. */
static void begin(struct setup *s)
{
	memset(s, 0, sizeof(*s));
	two_ends_init(&s->t, SEED, NULL);
	wg_cookie_maker_init(&s->maker, &s->t.random.rng);
	assert_int_equal(ip_addr_parse(&s->src, "192.0.2.7"), 0);
	end_initiate(&s->t.a, &s->msg, 11, 0, &s->t.random.rng);
	wg_cookie_reply(&s->maker, &s->reply, &s->msg, sizeof(s->msg),
			s->t.b.local.cookie_key, &s->src, PORT, NOW);
}

static int consume(struct setup *s, uint64_t now_ns)
{
	return wg_cookie_consume(&s->t.a.jar, &s->reply, s->t.a.hs.cookie_key, now_ns);
}

static bool mac2_ok(struct setup *s, const struct ip_addr *src, uint16_t port,
		    uint64_t now_ns)
{
	return wg_mac2_check(&s->maker, &s->msg, sizeof(s->msg), src, port, now_ns);
}

static void a_cookie_makes_the_next_message_welcome(void **state)
{
	struct setup s;

	(void)state;
	begin(&s);
	assert_memory_equal(s.msg.macs.mac2, no_mac, sizeof(no_mac));
	assert_false(mac2_ok(&s, &s.src, PORT, NOW));
	assert_int_equal(wg_msg_classify(&s.reply, sizeof(s.reply)), WG_MSG_COOKIE);
	assert_int_equal(wg_msg_receiver(&s.reply), 11);
	assert_int_equal(consume(&s, NOW), 0);
	end_initiate(&s.t.a, &s.msg, 12, 5 * WG_NS_PER_S, &s.t.random.rng);
	assert_true(wg_mac1_check(&s.msg, sizeof(s.msg), s.t.b.local.mac1_key));
	assert_true(mac2_ok(&s, &s.src, PORT, NOW + 5 * WG_NS_PER_S));
}

static void a_response_can_earn_a_cookie_too(void **state)
{
	struct wg_msg_response response;
	struct setup s;

	(void)state;
	begin(&s);
	assert_int_equal(end_respond(&s.t.b, &s.msg, &response, 22, 0, &s.t.random.rng),
			 0);
	wg_cookie_reply(&s.maker, &s.reply, &response, sizeof(response),
			s.t.a.local.cookie_key, &s.src, PORT, NOW);
	assert_int_equal(wg_msg_receiver(&s.reply), 22);
	assert_int_equal(
		wg_cookie_consume(&s.t.b.jar, &s.reply, s.t.b.hs.cookie_key, NOW), 0);
	wg_mac_sign(&s.t.b.jar, &response, sizeof(response), s.t.b.hs.mac1_key, NOW);
	assert_true(
		wg_mac2_check(&s.maker, &response, sizeof(response), &s.src, PORT, NOW));
}

static void a_cookie_is_good_for_one_address_and_port(void **state)
{
	static const struct {
		const char *addr;
		uint16_t port;
		bool good;
	} cases[] = {
		{"192.0.2.7", PORT, true},      {"192.0.2.8", PORT, false},
		{"192.0.2.7", PORT + 1, false}, {"192.0.2.7", PORT ^ 0x100, false},
		{"2001:db8::7", PORT, false},   {"::ffff:192.0.2.7", PORT, false},
	};
	struct ip_addr a;
	struct setup s;

	(void)state;
	begin(&s);
	assert_int_equal(consume(&s, NOW), 0);
	end_initiate(&s.t.a, &s.msg, 12, 1, &s.t.random.rng);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ip_addr_parse(&a, cases[i].addr), 0);
		if (mac2_ok(&s, &a, cases[i].port, NOW + 1) != cases[i].good)
			fail_msg("%s port %u: expected %d", cases[i].addr, cases[i].port,
				 cases[i].good);
	}
}

static void the_secret_changes_every_two_minutes(void **state)
{
	const uint64_t life = 120 * WG_NS_PER_S;
	struct setup s;

	(void)state;
	begin(&s);
	assert_int_equal(consume(&s, NOW), 0);
	end_initiate(&s.t.a, &s.msg, 12, life - 1, &s.t.random.rng);
	assert_true(mac2_ok(&s, &s.src, PORT, NOW + life - 1));
	assert_false(mac2_ok(&s, &s.src, PORT, NOW + life));
	assert_false(mac2_ok(&s, &s.src, PORT, NOW));
}

static void the_peer_forgets_a_cookie_after_two_minutes(void **state)
{
	const uint64_t life = 120 * WG_NS_PER_S;
	struct setup s;

	(void)state;
	begin(&s);
	assert_int_equal(consume(&s, NOW), 0);
	end_initiate(&s.t.a, &s.msg, 12, life - 1, &s.t.random.rng);
	assert_memory_not_equal(s.msg.macs.mac2, no_mac, sizeof(no_mac));
	end_initiate(&s.t.a, &s.msg, 12, life, &s.t.random.rng);
	assert_memory_equal(s.msg.macs.mac2, no_mac, sizeof(no_mac));
}

static void each_message_believes_one_reply(void **state)
{
	struct wg_msg_cookie to_first;
	struct setup s;

	(void)state;
	begin(&s);
	to_first = s.reply;
	assert_int_equal(consume(&s, NOW), 0);
	assert_int_equal(consume(&s, NOW), -EINVAL);
	end_initiate(&s.t.a, &s.msg, 12, 1, &s.t.random.rng);
	s.reply = to_first;
	assert_int_equal(consume(&s, NOW), -EBADMSG);
}

static void an_unasked_reply_is_refused(void **state)
{
	struct wg_cookie_jar empty = {0};
	struct setup s;

	(void)state;
	begin(&s);
	assert_int_equal(wg_cookie_consume(&empty, &s.reply, s.t.a.hs.cookie_key, NOW),
			 -EINVAL);
}

static void any_flipped_byte_of_a_reply_is_noticed(void **state)
{
	struct wg_cookie_jar before;
	struct wg_msg_cookie good;
	struct setup s;

	(void)state;
	begin(&s);
	good = s.reply;
	before = s.t.a.jar;
	for (size_t i = offsetof(struct wg_msg_cookie, nonce); i < sizeof(good); i++) {
		s.reply = good;
		((uint8_t *)&s.reply)[i] ^= 1;
		if (consume(&s, NOW) != -EBADMSG)
			fail_msg("byte %zu: expected -EBADMSG", i);
		assert_memory_equal(&before, &s.t.a.jar, sizeof(before));
	}
	/* Type and receiver are what brought the reply here. */
	s.reply = good;
	assert_int_equal(consume(&s, NOW), 0);
}

static void any_flipped_byte_under_mac2_is_noticed(void **state)
{
	struct wg_msg_initiation good;
	struct setup s;

	(void)state;
	begin(&s);
	assert_int_equal(consume(&s, NOW), 0);
	end_initiate(&s.t.a, &good, 12, 1, &s.t.random.rng);
	for (size_t i = 0; i < sizeof(good); i++) {
		s.msg = good;
		((uint8_t *)&s.msg)[i] ^= 1;
		if (mac2_ok(&s, &s.src, PORT, NOW + 1))
			fail_msg("byte %zu is not covered by mac2", i);
	}
}

static void every_reply_has_a_nonce_of_its_own(void **state)
{
	struct wg_msg_cookie second;
	struct setup s;

	(void)state;
	begin(&s);
	wg_cookie_reply(&s.maker, &second, &s.msg, sizeof(s.msg), s.t.b.local.cookie_key,
			&s.src, PORT, NOW);
	assert_memory_not_equal(second.nonce, s.reply.nonce, sizeof(second.nonce));
	s.reply = second;
	assert_int_equal(consume(&s, NOW), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cookie_makes_the_next_message_welcome),
		cmocka_unit_test(a_response_can_earn_a_cookie_too),
		cmocka_unit_test(a_cookie_is_good_for_one_address_and_port),
		cmocka_unit_test(the_secret_changes_every_two_minutes),
		cmocka_unit_test(the_peer_forgets_a_cookie_after_two_minutes),
		cmocka_unit_test(each_message_believes_one_reply),
		cmocka_unit_test(an_unasked_reply_is_refused),
		cmocka_unit_test(any_flipped_byte_of_a_reply_is_noticed),
		cmocka_unit_test(any_flipped_byte_under_mac2_is_noticed),
		cmocka_unit_test(every_reply_has_a_nonce_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
