/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/crypto/blake2s.h"
#include "tests/lib/hex.h"

/* RFC 7693 appendix B, and inputs and keys 00 01 02 .. from the BLAKE2 designers' known
 * answers. */
static void hashes_are_the_known_ones(void **state)
{
	static const struct {
		const char *name;
		size_t key_len, len; /* of bytes that count up */
		const char *hash;
	} cases[] = {
		{"nothing", 0, 0,
		 "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9"},
		{"key, nothing", 32, 0,
		 "48a8997da407876b3d79c0d92325ad3b89cbb754d86ab71aee047ad345fd2c49"},
		{"key, 1 byte", 32, 1,
		 "40d15fee7c328830166ac3f918650f807e7e01e177258cdc0a39b11f598066f1"},
		{"key, 2 bytes", 32, 2,
		 "6bb71300644cd3991b26ccd4d274acd1adeab8b1d7914546c1198bbe9fc9d803"},
		{"key, 255 bytes", 32, 255,
		 "3fb735061abc519dfe979e54c1ee5bfad0a9d858b3315bad34bde999efd724dd"},
	};
	uint8_t bytes[256], hash[BLAKE2S_HASH_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		blake2s(hash, sizeof(hash), bytes, cases[i].key_len, bytes, cases[i].len);
		hex_check(cases[i].name, hash, sizeof(hash), cases[i].hash);
	}
	blake2s(hash, sizeof(hash), NULL, 0, "abc", 3);
	hex_check("abc", hash, sizeof(hash),
		  "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
}

/* RFC 7693 appendix E: a Fibonacci sequence makes inputs and keys of many lengths, and
 * one hash covers all of theirs. */
static void fill(uint8_t *dst, size_t len, uint32_t seed)
{
	uint32_t a = 0xdead4bad * seed, b = 1, t;

	for (size_t i = 0; i < len; i++) {
		t = a + b;
		a = b;
		b = t;
		dst[i] = (uint8_t)(t >> 24);
	}
}

static void the_grand_hash_is_that_of_the_rfc(void **state)
{
	static const size_t out_lens[] = {16, 20, 28, 32};
	static const size_t lens[] = {0, 3, 64, 65, 255, 1024};
	uint8_t in[1024], key[32], hash[BLAKE2S_HASH_LEN];
	struct blake2s all;

	(void)state;
	blake2s_init(&all, BLAKE2S_HASH_LEN);
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < 6; j++) {
			fill(in, lens[j], (uint32_t)lens[j]);
			blake2s(hash, out_lens[i], NULL, 0, in, lens[j]);
			blake2s_update(&all, hash, out_lens[i]);
			fill(key, out_lens[i], (uint32_t)out_lens[i]);
			blake2s(hash, out_lens[i], key, out_lens[i], in, lens[j]);
			blake2s_update(&all, hash, out_lens[i]);
		}
	blake2s_final(&all, hash);
	hex_check("grand hash", hash, sizeof(hash),
		  "6a411f08ce25adcdfb02aba641451cec53c598b24f4fc787fbdc88797f4c1dfe");
}

static void a_message_may_come_in_pieces(void **state)
{
	uint8_t in[200], want[BLAKE2S_HASH_LEN], got[BLAKE2S_HASH_LEN];
	struct blake2s b;

	(void)state;
	fill(in, sizeof(in), 7);
	for (size_t len = 0; len <= sizeof(in); len += 8) {
		blake2s(want, sizeof(want), in, 16, in, len);
		for (size_t cut = 0; cut <= len; cut++) {
			blake2s_init_key(&b, sizeof(got), in, 16);
			blake2s_update(&b, in, cut);
			blake2s_update(&b, in + cut, len - cut);
			blake2s_final(&b, got);
			hex_check_bytes("pieces", got, want, sizeof(got));
		}
	}
}

static void two_hashes_begun_at_once_are_those_of_each(void **state)
{
	uint8_t in[2][200], want[BLAKE2S_HASH_LEN], got[BLAKE2S_HASH_LEN];
	struct blake2s b[2];

	(void)state;
	fill(in[0], sizeof(in[0]), 8);
	fill(in[1], sizeof(in[1]), 9);
	for (size_t len = BLAKE2S_BLOCK_LEN + 1; len <= sizeof(in[0]); len++) {
		blake2s_init_blocks(&b[0], in[0], &b[1], in[1]);
		for (int i = 0; i < 2; i++) {
			blake2s_update(&b[i], in[i] + BLAKE2S_BLOCK_LEN,
				       len - BLAKE2S_BLOCK_LEN);
			blake2s_final(&b[i], got);
			blake2s(want, sizeof(want), NULL, 0, in[i], len);
			hex_check_bytes("one of two", got, want, sizeof(got));
		}
	}
}

static void every_output_length_is_a_hash_of_its_own(void **state)
{
	uint8_t longer[33], hash[33];

	(void)state;
	memset(longer, 0xee, sizeof(longer));
	for (size_t len = 1; len <= BLAKE2S_HASH_LEN; len++) {
		memset(hash, 0xee, sizeof(hash));
		blake2s(hash, len, NULL, 0, "abc", 3);
		assert_int_equal(hash[len], 0xee);
		assert_memory_not_equal(hash, longer, len);
		memcpy(longer, hash, sizeof(longer));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_the_known_ones),
		cmocka_unit_test(the_grand_hash_is_that_of_the_rfc),
		cmocka_unit_test(a_message_may_come_in_pieces),
		cmocka_unit_test(two_hashes_begun_at_once_are_those_of_each),
		cmocka_unit_test(every_output_length_is_a_hash_of_its_own),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	blake2s_use_generic(true);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
