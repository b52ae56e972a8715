/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/crypto/chacha20.h"
#include "tests/lib/hex.h"

#define ZERO_KEY   "0000000000000000000000000000000000000000000000000000000000000000"
#define ONE_KEY    "0000000000000000000000000000000000000000000000000000000000000001"
#define ZERO_NONCE "000000000000000000000000"

static void start(struct chacha20 *c, const char *key_hex, const char *nonce_hex,
		  uint32_t counter)
{
	uint8_t key[CHACHA20_KEY_LEN], nonce[CHACHA20_NONCE_LEN];

	assert_int_equal(hex_decode(key, sizeof(key), key_hex), sizeof(key));
	assert_int_equal(hex_decode(nonce, sizeof(nonce), nonce_hex), sizeof(nonce));
	chacha20_init(c, key, nonce, counter);
}

/* RFC 8439 section 2.3.2 and appendix A.1. */
static void blocks_are_those_of_the_rfc(void **state)
{
	static const struct {
		const char *name, *key, *nonce;
		uint32_t counter;
		const char *block;
	} cases[] = {
		{"2.3.2",
		 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		 "000000090000004a00000000", 1,
		 "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
		 "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"},
		{"A.1 #1", ZERO_KEY, ZERO_NONCE, 0,
		 "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
		 "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"},
		{"A.1 #2", ZERO_KEY, ZERO_NONCE, 1,
		 "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
		 "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"},
		{"A.1 #3", ONE_KEY, ZERO_NONCE, 1,
		 "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
		 "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0"},
		{"A.1 #4",
		 "00ff000000000000000000000000000000000000000000000000000000000000",
		 ZERO_NONCE, 2,
		 "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca"
		 "13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096"},
		{"A.1 #5", ZERO_KEY, "000000000000000000000002", 0,
		 "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7"
		 "8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d"},
	};
	uint8_t block[CHACHA20_BLOCK_LEN];
	struct chacha20 c;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(&c, cases[i].key, cases[i].nonce, cases[i].counter);
		chacha20_stream(&c, block, sizeof(block));
		hex_check(cases[i].name, block, sizeof(block), cases[i].block);
	}
}

/* RFC 8439 section 2.4.2 and appendix A.2 #3. */
static void texts_are_enciphered_as_in_the_rfc(void **state)
{
	static const struct {
		const char *name, *key, *nonce;
		uint32_t counter;
		const char *text, *sealed;
	} cases[] = {
		{"2.4.2",
		 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		 "000000000000004a00000000", 1,
		 "Ladies and Gentlemen of the class of '99: If I could offer you only one "
		 "tip for the future, sunscreen would be it.",
		 "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b"
		 "f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8"
		 "07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736"
		 "5af90bbf74a35be6b40b8eedf2785e42874d"},
		{"A.2 #3",
		 "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0",
		 "000000000000000000000002", 42,
		 "'Twas brillig, and the slithy toves\nDid gyre and gimble in the wabe:\n"
		 "All mimsy were the borogoves,\nAnd the mome raths outgrabe.",
		 "62e6347f95ed87a45ffae7426f27a1df5fb69110044c0d73118effa95b01e5cf"
		 "166d3df2d721caf9b21e5fb14c616871fd84c54f9d65b283196c7fe4f60553eb"
		 "f39c6402c42234e32a356b3e764312a61a5532055716ead6962568f87d3f3f77"
		 "04c6a8d1bcd1bf4d50d6154b6da731b187b58dfd728afa36757a797ac188d1"},
	};
	uint8_t got[256];
	struct chacha20 c;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].text);

		start(&c, cases[i].key, cases[i].nonce, cases[i].counter);
		chacha20_xor(&c, got, (const uint8_t *)cases[i].text, len);
		hex_check(cases[i].name, got, len, cases[i].sealed);
	}
}

static void the_stream_may_be_cut_anywhere(void **state)
{
	enum {
		LEN = 1000
	};
	uint8_t whole[LEN], pieces[LEN], src[LEN];
	struct chacha20 c;

	(void)state;
	for (size_t i = 0; i < LEN; i++)
		src[i] = (uint8_t)(i * 7);
	start(&c, ONE_KEY, ZERO_NONCE, 0);
	chacha20_xor(&c, whole, src, LEN);
	for (size_t step = 1; step <= 300; step++) {
		start(&c, ONE_KEY, ZERO_NONCE, 0);
		memcpy(pieces, src, LEN);
		for (size_t at = 0; at < LEN; at += step) {
			size_t n = at + step > LEN ? LEN - at : step;

			chacha20_xor(&c, pieces + at, pieces + at, n);
		}
		hex_check_bytes("pieces in place", pieces, whole, LEN);
	}
}

static void each_block_has_its_own_counter(void **state)
{
	uint8_t all[20 * CHACHA20_BLOCK_LEN], one[CHACHA20_BLOCK_LEN];
	struct chacha20 c;

	(void)state;
	start(&c, ONE_KEY, ZERO_NONCE, UINT32_MAX - 9);
	chacha20_stream(&c, all, sizeof(all));
	for (uint32_t i = 0; i < 20; i++) {
		start(&c, ONE_KEY, ZERO_NONCE, UINT32_MAX - 9 + i);
		chacha20_stream(&c, one, sizeof(one));
		hex_check_bytes("block", all + CHACHA20_BLOCK_LEN * i, one, sizeof(one));
	}
}

/* draft-irtf-cfrg-xchacha-03 section 2.2.1. */
static void hchacha20_is_that_of_the_draft(void **state)
{
	uint8_t key[32], nonce[16], out[32];

	(void)state;
	hex_decode(key, sizeof(key),
		   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
	hex_decode(nonce, sizeof(nonce), "000000090000004a0000000031415927");
	hchacha20(out, key, nonce);
	hex_check("subkey", out, sizeof(out),
		  "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_those_of_the_rfc),
		cmocka_unit_test(texts_are_enciphered_as_in_the_rfc),
		cmocka_unit_test(the_stream_may_be_cut_anywhere),
		cmocka_unit_test(each_block_has_its_own_counter),
		cmocka_unit_test(hchacha20_is_that_of_the_draft),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
