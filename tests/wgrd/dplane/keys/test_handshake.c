/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/keys/handshake.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "wgrd/dplane/keys/identity.h"
#include "wgrd/dplane/keys/own_key.h"

static const uint8_t no_psk[WG_KEY_LEN], some_psk[WG_KEY_LEN] = {1};
static const uint8_t ours[2][WG_KEY_LEN] = {{1, 2, 3}, {4, 5, 6}};

static struct dp_identity *new_identity(uint8_t seed)
{
	uint8_t theirs[WG_KEY_LEN] = {seed}, public_key[WG_KEY_LEN];

	wg_key_public(public_key, theirs);
	return dp_identity_new(NULL, public_key, no_psk);
}

static void there_is_one_for_each_of_our_keys_that_was_needed(void **state)
{
	struct dp_own_key *key[2];
	struct dp_handshake *h[2], *again;
	struct dp_identity *id = new_identity(7);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		key[i] = dp_own_key_new(NULL, ours[i]);
		assert_null(dp_handshake_find(id, key[i]));
		assert_int_equal(dp_handshake_get(id, key[i], &h[i]), 0);
		assert_ptr_equal(dp_handshake_find(id, key[i]), h[i]);
		assert_int_equal(dp_handshake_get(id, key[i], &again), 0);
		assert_ptr_equal(again, h[i]);
		assert_ptr_equal(h[i]->key, key[i]);
		assert_ptr_equal(h[i]->identity, id);
	}
	assert_memory_not_equal(h[0]->noise.static_static, h[1]->noise.static_static, 32);
	/* a preshared key belongs to theirs, whichever of ours is used */
	dp_identity_set_psk(id, some_psk);
	assert_memory_equal(h[0]->noise.psk, some_psk, WG_KEY_LEN);
	assert_memory_equal(h[1]->noise.psk, some_psk, WG_KEY_LEN);
	dp_handshake_free(h[1]);
	assert_null(dp_handshake_find(id, key[1]));
	assert_ptr_equal(dp_handshake_find(id, key[0]), h[0]);
	/* and to one that is made later */
	assert_int_equal(dp_handshake_get(id, key[1], &h[1]), 0);
	assert_memory_equal(h[1]->noise.psk, some_psk, WG_KEY_LEN);
	dp_identity_free(id); /* with what it has */
	dp_identity_free(NULL);
	dp_own_key_free(key[0]);
	dp_own_key_free(key[1]);
}

static void there_is_none_with_a_key_of_low_order(void **state)
{
	static const uint8_t low[][WG_KEY_LEN] = {{0}, {1}};
	struct dp_own_key *key = dp_own_key_new(NULL, ours[0]);
	struct dp_handshake *h;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct dp_identity *id = dp_identity_new(NULL, low[i], no_psk);

		assert_int_equal(dp_handshake_get(id, key, &h), -EINVAL);
		assert_null(id->handshakes);
		dp_identity_set_psk(id, some_psk);
		dp_identity_free(id);
	}
	dp_own_key_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_one_for_each_of_our_keys_that_was_needed),
		cmocka_unit_test(there_is_none_with_a_key_of_low_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
