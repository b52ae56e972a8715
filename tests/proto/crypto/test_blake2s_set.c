/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Every implementation the processor has, against BLAKE2s one key at a time. */
#include "proto/crypto/blake2s_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "proto/crypto/blake2s.h"

struct keys {
	uint8_t key[BLAKE2S_SET_LANES][32];
	struct blake2s_set set;
};

static struct keys *random_keys(void)
{
	struct keys *k = test_calloc(1, sizeof(*k));

	assert_int_equal(getrandom(k->key, sizeof(k->key), 0), sizeof(k->key));
	for (unsigned i = 0; i < BLAKE2S_SET_LANES; i++)
		blake2s_set_put(&k->set, i, k->key[i]);
	return k;
}

static void the_lane_whose_key_made_the_mac_is_named_at_every_length(void **state)
{
	struct keys *k = random_keys();
	uint8_t msg[300], mac[BLAKE2S_SET_MAC_LEN];

	(void)state;
	assert_int_equal(getrandom(msg, sizeof(msg), 0), sizeof(msg));
	assert_non_null(blake2s_set_implementation(0));
	for (size_t len = 1; len <= sizeof(msg); len++) {
		unsigned lane = (unsigned)len % BLAKE2S_SET_LANES;

		blake2s(mac, sizeof(mac), k->key[lane], 32, msg, len);
		for (unsigned i = 0; blake2s_set_implementation(i); i++)
			assert_int_equal(
				blake2s_set_implementation(i)(&k->set, msg, len, mac),
				UINT32_C(1) << lane);
		assert_int_equal(blake2s_set_match(&k->set, msg, len, mac),
				 UINT32_C(1) << lane);
	}
	test_free(k);
}

static void no_bit_of_the_mac_may_differ(void **state)
{
	struct keys *k = random_keys();
	uint8_t msg[116] = {1, 2, 3}, mac[BLAKE2S_SET_MAC_LEN];

	(void)state;
	for (unsigned lane = 0; lane < BLAKE2S_SET_LANES; lane++) {
		blake2s(mac, sizeof(mac), k->key[lane], 32, msg, sizeof(msg));
		for (unsigned bit = 0; bit < 8 * sizeof(mac); bit++) {
			mac[bit / 8] ^= (uint8_t)(1 << bit % 8);
			for (unsigned i = 0; blake2s_set_implementation(i); i++)
				assert_int_equal(blake2s_set_implementation(i)(
							 &k->set, msg, sizeof(msg), mac),
						 0);
			mac[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
	test_free(k);
}

static void lanes_with_one_key_are_all_named(void **state)
{
	struct keys *k = random_keys();
	uint8_t msg[64] = {9}, mac[BLAKE2S_SET_MAC_LEN];

	(void)state;
	blake2s_set_put(&k->set, 3, k->key[15]);
	blake2s(mac, sizeof(mac), k->key[15], 32, msg, sizeof(msg));
	for (unsigned i = 0; blake2s_set_implementation(i); i++)
		assert_int_equal(
			blake2s_set_implementation(i)(&k->set, msg, sizeof(msg), mac),
			1 << 3 | 1 << 15);
	test_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_lane_whose_key_made_the_mac_is_named_at_every_length),
		cmocka_unit_test(no_bit_of_the_mac_may_differ),
		cmocka_unit_test(lanes_with_one_key_are_all_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
