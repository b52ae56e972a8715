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

#include "proto/wg/keys.h"
#include "tests/lib/hex.h"
#include "tests/proto/wg/two_ends.h"

/* Made with wg(8), or base64(1). */
static const struct {
	const char *text, *hex;
} known[] = {
	{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
	 "0000000000000000000000000000000000000000000000000000000000000000"},
	{"//////////////////////////////////////////8=",
	 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
	{"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
	 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},
	{"++//vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvu4=",
	 "fbefffbefbefbefbefbefbefbefbefbefbefbefbefbefbefbefbefbefbefbeee"},
};

static void known_keys_have_their_known_text(void **state)
{
	uint8_t key[WG_KEY_LEN], want[WG_KEY_LEN];
	char text[WG_KEY_STRLEN];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_int_equal(wg_key_parse(key, known[i].text), 0);
		hex_check(known[i].text, key, sizeof(key), known[i].hex);
		hex_decode(want, sizeof(want), known[i].hex);
		assert_string_equal(wg_key_str(want, text), known[i].text);
	}
}

static void every_key_survives_the_round_trip(void **state)
{
	uint8_t key[WG_KEY_LEN], back[WG_KEY_LEN];
	char text[WG_KEY_STRLEN];
	struct test_rng r;

	(void)state;
	test_rng_init(&r, 1);
	for (int round = 0; round < 1000; round++) {
		r.rng.fill(&r.rng, key, sizeof(key));
		assert_int_equal(wg_key_parse(back, wg_key_str(key, text)), 0);
		hex_check_bytes(text, back, key, sizeof(key));
	}
}

static void only_the_one_spelling_is_taken(void **state)
{
	static const char *const bad[] = {
		"",
		"=",
		"AAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		" AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"AAAAAAAAAAAAAAAAAAAA=AAAAAAAAAAAAAAAAAAAAAA=",
		/* URL-safe digits are another alphabet */
		"-_-_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		/* bits beyond the key */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAC=",
		"//////////////////////////////////////////9=",
		"//////////////////////////////////////////+=",
		"\303\244AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
	};
	static const uint8_t zero[WG_KEY_LEN];
	uint8_t key[WG_KEY_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(key, 0xa5, sizeof(key));
		if (wg_key_parse(key, bad[i]) != -EINVAL)
			fail_msg("\"%s\" was taken for a key", bad[i]);
		hex_check_bytes("wiped", key, zero, sizeof(key));
	}
}

static bool in_alphabet(int c)
{
	return c && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			   "0123456789+/",
			   c);
}

static void every_character_is_a_digit_or_is_refused(void **state)
{
	char text[WG_KEY_STRLEN];
	uint8_t key[WG_KEY_LEN];

	(void)state;
	for (int c = 0; c < 256; c++)
		for (size_t at = 0; at < 42; at++) {
			int want = in_alphabet(c) ? 0 : -EINVAL;

			memcpy(text, known[0].text, sizeof(text));
			text[at] = (char)c;
			if (wg_key_parse(key, text) != want)
				fail_msg("character %d at %zu: expected %d", c, at, want);
		}
}

static void generated_keys_are_clamped_and_random(void **state)
{
	uint8_t a[WG_KEY_LEN], b[WG_KEY_LEN];
	struct test_rng r;

	(void)state;
	test_rng_init(&r, 1);
	wg_key_generate(a, &r.rng);
	wg_key_generate(b, &r.rng);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(a[0] & 7, 0);
	assert_int_equal(a[31] & 0xc0, 0x40);
	memcpy(b, a, sizeof(b));
	wg_key_clamp(b);
	assert_memory_equal(a, b, sizeof(a));
}

/* RFC 7748 section 6.1. */
static void public_keys_are_those_of_the_rfc(void **state)
{
	uint8_t key[WG_KEY_LEN];

	(void)state;
	hex_decode(key, sizeof(key),
		   "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
	wg_key_public(key, key);
	hex_check("public key", key, sizeof(key),
		  "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_keys_have_their_known_text),
		cmocka_unit_test(every_key_survives_the_round_trip),
		cmocka_unit_test(only_the_one_spelling_is_taken),
		cmocka_unit_test(every_character_is_a_digit_or_is_refused),
		cmocka_unit_test(generated_keys_are_clamped_and_random),
		cmocka_unit_test(public_keys_are_those_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
