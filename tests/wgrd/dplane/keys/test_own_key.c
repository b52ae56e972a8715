/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/keys/own_key.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "proto/crypto/blake2s_set.h"
#include "proto/wg/cookie.h"

enum {
	KEYS = 1000,
	SHELVES = (KEYS + BLAKE2S_SET_LANES - 1) / BLAKE2S_SET_LANES,
};

struct table {
	struct dp_own_keys t;
	struct dp_own_key *key[KEYS];
	unsigned looked; /* at how many shelves */
	bool exhausted;
};

static const struct dp_endpoint here = {
	.family = AF_INET, .port = 1, .addr = {192, 0, 2, 1}};
static const struct dp_endpoint there = {
	.family = AF_INET, .port = 2, .addr = {192, 0, 2, 9}};

static void fill(struct table *t, unsigned keys)
{
	memset(t, 0, sizeof(*t));
	for (unsigned i = 0; i < keys; i++) {
		/* clamping clears the low three bits */
		uint8_t private_key[WG_KEY_LEN] = {(uint8_t)(i << 3), (uint8_t)(i >> 5)};

		t->key[i] = dp_own_key_new(NULL, private_key);
		dp_own_keys_add(&t->t, t->key[i]);
	}
}

static void empty(struct table *t)
{
	for (unsigned i = 0; i < KEYS; i++) {
		if (!t->key[i])
			continue;
		dp_own_keys_remove(&t->t, t->key[i]);
		dp_own_keys_remove(&t->t, t->key[i]); /* on no port: nothing to do */
		dp_own_key_free(t->key[i]);
	}
	dp_own_keys_fini(&t->t);
}

/* An initiation that is right only in its mac1. */
static struct wg_msg_initiation message_for(const struct dp_own_key *k)
{
	struct wg_cookie_jar jar = {0};
	struct wg_msg_initiation msg;

	memset(&msg, 0x5a, sizeof(msg));
	assert_int_equal(getrandom(msg.ephemeral, sizeof(msg.ephemeral), 0),
			 sizeof(msg.ephemeral));
	wg_mac_sign(&jar, &msg, sizeof(msg), k->local.mac1_key, 1);
	return msg;
}

static struct dp_own_key *find(struct table *t, const struct wg_msg_initiation *msg,
			       const struct dp_endpoint *from, unsigned budget)
{
	unsigned left = budget;
	struct dp_own_key *k =
		dp_own_keys_find(&t->t, msg, sizeof(*msg), from, &left, &t->exhausted);

	t->looked = budget - left;
	return k;
}

static void each_key_of_a_thousand_is_found_by_mac1(void **state)
{
	struct table t;

	(void)state;
	fill(&t, KEYS);
	assert_int_equal(t.t.count, KEYS);
	for (unsigned i = 0; i < KEYS; i++) {
		struct wg_msg_initiation msg = message_for(t.key[i]);

		assert_ptr_equal(find(&t, &msg, &here, UINT_MAX), t.key[i]);
		assert_in_range(t.looked, 1, SHELVES);
		msg.macs.mac1[i % WG_MAC_LEN] ^= 1;
		assert_null(find(&t, &msg, &here, UINT_MAX));
		assert_false(t.exhausted);
		assert_int_equal(t.looked, SHELVES);
	}
	empty(&t);
}

static void a_key_that_was_removed_is_not_found_and_the_others_are(void **state)
{
	struct wg_msg_initiation msg;
	struct table t;

	(void)state;
	fill(&t, KEYS);
	for (unsigned i = 0; i < KEYS; i += 2) {
		msg = message_for(t.key[i]);
		dp_own_keys_used(&t.t, t.key[i], &here);
		dp_own_keys_remove(&t.t, t.key[i]);
		assert_null(find(&t, &msg, &here, UINT_MAX));
		dp_own_key_free(t.key[i]);
		t.key[i] = NULL;
	}
	for (unsigned i = 1; i < KEYS; i += 2) {
		msg = message_for(t.key[i]);
		assert_ptr_equal(find(&t, &msg, &here, UINT_MAX), t.key[i]);
	}
	empty(&t);
}

static void the_key_a_source_used_last_needs_no_search(void **state)
{
	struct wg_msg_initiation msg;
	struct table t;

	(void)state;
	fill(&t, KEYS);
	dp_own_keys_used(&t.t, t.key[3], &here);
	dp_own_keys_used(&t.t, t.key[700], &there);
	msg = message_for(t.key[3]);
	assert_ptr_equal(find(&t, &msg, &here, UINT_MAX), t.key[3]);
	assert_int_equal(t.looked, 0);
	msg = message_for(t.key[700]);
	assert_ptr_equal(find(&t, &msg, &there, 0), t.key[700]);
	/* somebody else there means somebody else: found as well */
	assert_ptr_equal(find(&t, &msg, &here, UINT_MAX), t.key[700]);
	assert_in_range(t.looked, 1, SHELVES);
	empty(&t);
}

static void a_search_ends_with_its_budget_and_says_so(void **state)
{
	struct wg_msg_initiation msg;
	struct table t;

	(void)state;
	fill(&t, KEYS);
	msg = message_for(t.key[0]); /* on the oldest shelf, which is the last */
	assert_null(find(&t, &msg, &here, SHELVES - 1));
	assert_true(t.exhausted);
	assert_int_equal(t.looked, SHELVES - 1);
	assert_ptr_equal(find(&t, &msg, &here, SHELVES), t.key[0]);
	assert_null(find(&t, &msg, &here, 0));
	assert_true(t.exhausted);
	empty(&t);
}

static void a_few_keys_are_one_look(void **state)
{
	struct wg_msg_initiation msg;
	struct table t;

	(void)state;
	fill(&t, BLAKE2S_SET_LANES);
	msg = message_for(t.key[BLAKE2S_SET_LANES - 1]);
	assert_ptr_equal(find(&t, &msg, &here, 1), t.key[BLAKE2S_SET_LANES - 1]);
	assert_int_equal(t.looked, 1);
	empty(&t);
	fill(&t, 0);
	assert_null(find(&t, &msg, &here, 1));
	assert_false(t.exhausted);
	empty(&t);
}

static void a_key_knows_itself_clamped_or_not(void **state)
{
	uint8_t private_key[WG_KEY_LEN] = {0xff, 1, 2, 3}, other[WG_KEY_LEN] = {0xf0};
	struct dp_own_key *k = dp_own_key_new(NULL, private_key);

	(void)state;
	assert_true(dp_own_key_is(k, private_key));
	wg_key_clamp(private_key);
	assert_true(dp_own_key_is(k, private_key));
	assert_false(dp_own_key_is(k, other));
	dp_own_key_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_of_a_thousand_is_found_by_mac1),
		cmocka_unit_test(a_key_that_was_removed_is_not_found_and_the_others_are),
		cmocka_unit_test(the_key_a_source_used_last_needs_no_search),
		cmocka_unit_test(a_search_ends_with_its_budget_and_says_so),
		cmocka_unit_test(a_few_keys_are_one_look),
		cmocka_unit_test(a_key_knows_itself_clamped_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
