/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "proto/crypto/poly1305.h"
#include "tests/lib/hex.h"

#define ZERO16 "00000000000000000000000000000000"
#define IETF                                                                             \
	"Any submission to the IETF intended by the Contributor for publication as all " \
	"or part of an IETF Internet-Draft or RFC and any statement made within the "    \
	"context of an IETF activity is considered an \"IETF Contribution\". Such "      \
	"statements include oral statements in IETF sessions, as well as written and "   \
	"electronic communications made at any time or place, which are addressed to"

static void tag_of(uint8_t tag[16], const uint8_t key[32], const void *msg, size_t len)
{
	struct poly1305 p;

	poly1305_init(&p, key);
	poly1305_update(&p, msg, len);
	poly1305_final(&p, tag);
}

/* RFC 8439 section 2.5.2 and appendix A.3 #2 to #4. */
static void texts_have_the_tags_of_the_rfc(void **state)
{
	static const struct {
		const char *name, *key, *text, *tag;
	} cases[] = {
		{"2.5.2",
		 "85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b",
		 "Cryptographic Forum Research Group",
		 "a8061dc1305136c6c22b8baf0c0127a9"},
		{"A.3 #2", ZERO16 "36e5f6b5c5e06070f0efca96227a863e", IETF,
		 "36e5f6b5c5e06070f0efca96227a863e"},
		{"A.3 #3", "36e5f6b5c5e06070f0efca96227a863e" ZERO16, IETF,
		 "f3477e7cd95417af89a6b8794c310cf0"},
		{"A.3 #4",
		 "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0",
		 "'Twas brillig, and the slithy toves\nDid gyre and gimble in the wabe:\n"
		 "All mimsy were the borogoves,\nAnd the mome raths outgrabe.",
		 "4541669a7eaaee61e708dc7cbcc5eb62"},
	};
	uint8_t key[32], tag[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hex_decode(key, sizeof(key), cases[i].key);
		tag_of(tag, key, cases[i].text, strlen(cases[i].text));
		hex_check(cases[i].name, tag, sizeof(tag), cases[i].tag);
	}
}

/* RFC 8439 appendix A.3 #1 and #5 to #11: carries and reductions. */
static void edges_of_the_arithmetic_are_those_of_the_rfc(void **state)
{
	static const struct {
		const char *name, *key, *msg, *tag;
	} cases[] = {
		{"A.3 #1", ZERO16 ZERO16, ZERO16 ZERO16 ZERO16 ZERO16, ZERO16},
		{"A.3 #5", "02000000000000000000000000000000" ZERO16,
		 "ffffffffffffffffffffffffffffffff", "03000000000000000000000000000000"},
		{"A.3 #6",
		 "02000000000000000000000000000000ffffffffffffffffffffffffffffffff",
		 "02000000000000000000000000000000", "03000000000000000000000000000000"},
		{"A.3 #7", "01000000000000000000000000000000" ZERO16,
		 "ffffffffffffffffffffffffffffffff f0ffffffffffffffffffffffffffffff"
		 "11000000000000000000000000000000",
		 "05000000000000000000000000000000"},
		{"A.3 #8", "01000000000000000000000000000000" ZERO16,
		 "ffffffffffffffffffffffffffffffff fbfefefefefefefefefefefefefefefe"
		 "01010101010101010101010101010101",
		 ZERO16},
		{"A.3 #9", "02000000000000000000000000000000" ZERO16,
		 "fdffffffffffffffffffffffffffffff", "faffffffffffffffffffffffffffffff"},
		{"A.3 #10", "01000000000000000400000000000000" ZERO16,
		 "e33594d7505e43b90000000000000000 3394d7505e4379cd0100000000000000"
		 "00000000000000000000000000000000 01000000000000000000000000000000",
		 "14000000000000005500000000000000"},
		{"A.3 #11", "01000000000000000400000000000000" ZERO16,
		 "e33594d7505e43b90000000000000000 3394d7505e4379cd0100000000000000" ZERO16,
		 "13000000000000000000000000000000"},
	};
	uint8_t key[32], msg[64], tag[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = hex_decode(msg, sizeof(msg), cases[i].msg);

		hex_decode(key, sizeof(key), cases[i].key);
		tag_of(tag, key, msg, len);
		hex_check(cases[i].name, tag, sizeof(tag), cases[i].tag);
	}
}

/* The twin: numbers as bytes, least significant first, multiplied as at school. */
enum {
	NUM_LEN = 40,
};

/* n modulo 2^130 - 5, as long as there is something above 2^130: n = high 2^130 + low,
 * and 2^130 = 5. */
static void naive_mod(unsigned n[NUM_LEN])
{
	for (int round = 0; round < 4; round++) {
		unsigned high[NUM_LEN] = {0};

		for (int i = 16; i + 1 < NUM_LEN; i++)
			high[i - 16] = (n[i] >> 2 | n[i + 1] << 6) & 255;
		n[16] &= 3;
		for (int i = 17; i < NUM_LEN; i++)
			n[i] = 0;
		for (int i = 0; i + 1 < NUM_LEN; i++) {
			n[i] += 5 * high[i];
			n[i + 1] += n[i] >> 8;
			n[i] &= 255;
		}
	}
}

static void naive_tag(uint8_t tag[16], const uint8_t key[32], const uint8_t *msg,
		      size_t len)
{
	unsigned h[NUM_LEN] = {0}, r[16], product[NUM_LEN], carry;

	for (int i = 0; i < 16; i++)
		r[i] = key[i] & (i % 4 == 3 ? 15 : 255) & (i % 4 == 0 && i ? 252 : 255);
	for (size_t at = 0; at < len; at += 16) {
		size_t n = len - at < 16 ? len - at : 16;

		for (size_t i = 0; i < n; i++)
			h[i] += msg[at + i];
		h[n] += 1;
		memset(product, 0, sizeof(product));
		for (int i = 0; i < 18; i++)
			for (int j = 0; j < 16; j++)
				product[i + j] += h[i] * r[j];
		for (int i = 0; i + 1 < NUM_LEN; i++) {
			product[i + 1] += product[i] >> 8;
			product[i] &= 255;
		}
		naive_mod(product);
		memcpy(h, product, sizeof(h));
	}
	/* h may be p .. p + 4, which naive_mod() leaves alone: adding 5 shows it. */
	memcpy(product, h, sizeof(product));
	product[0] += 5;
	for (int i = 0; i < 17; i++) {
		product[i + 1] += product[i] >> 8;
		product[i] &= 255;
	}
	if (product[16] >= 4)
		memcpy(h, product, sizeof(h));
	carry = 0;
	for (int i = 0; i < 16; i++) {
		carry += h[i] + key[16 + i];
		tag[i] = (uint8_t)carry;
		carry >>= 8;
	}
}

static void random_messages_agree_with_the_naive_twin(void **state)
{
	unsigned seed = (unsigned)time(NULL);
	uint8_t key[32], msg[100], got[16], want[16];

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 3000; round++) {
		size_t len = (size_t)rand() % sizeof(msg);
		/* Bytes near 0 and 255 reach the carries that others do not. */
		bool extreme = round % 2;

		for (size_t i = 0; i < sizeof(key); i++)
			key[i] = extreme ? (uint8_t)(rand() % 3 - 1) : (uint8_t)rand();
		for (size_t i = 0; i < len; i++)
			msg[i] = extreme ? (uint8_t)(rand() % 3 - 1) : (uint8_t)rand();
		tag_of(got, key, msg, len);
		naive_tag(want, key, msg, len);
		hex_check_bytes("tag", got, want, sizeof(got));
	}
}

static void a_message_may_come_in_pieces(void **state)
{
	uint8_t key[32], msg[100], got[16], want[16];
	struct poly1305 p;

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 37 + 1);
	for (size_t i = 0; i < sizeof(msg); i++)
		msg[i] = (uint8_t)(i * 11);
	tag_of(want, key, msg, sizeof(msg));
	for (size_t a = 0; a <= sizeof(msg); a++)
		for (size_t b = a; b <= sizeof(msg); b += 7) {
			poly1305_init(&p, key);
			poly1305_update(&p, msg, a);
			poly1305_update(&p, msg + a, b - a);
			poly1305_update(&p, msg + b, sizeof(msg) - b);
			poly1305_final(&p, got);
			hex_check_bytes("pieces", got, want, sizeof(got));
		}
}

static void padding_is_zeros_up_to_a_block(void **state)
{
	uint8_t key[32], msg[48], got[16], want[16];
	struct poly1305 p;

	(void)state;
	memset(key, 0x5a, sizeof(key));
	for (size_t len = 0; len <= 32; len++) {
		size_t padded = (len + 15) / 16 * 16;

		memset(msg, 0, sizeof(msg));
		memset(msg, 0xee, len);
		memset(msg + padded, 0xdd, 3);
		tag_of(want, key, msg, padded + 3);
		poly1305_init(&p, key);
		poly1305_update(&p, msg, len);
		poly1305_pad(&p);
		poly1305_update(&p, msg + padded, 3);
		poly1305_final(&p, got);
		hex_check_bytes("padded", got, want, sizeof(got));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_have_the_tags_of_the_rfc),
		cmocka_unit_test(edges_of_the_arithmetic_are_those_of_the_rfc),
		cmocka_unit_test(random_messages_agree_with_the_naive_twin),
		cmocka_unit_test(a_message_may_come_in_pieces),
		cmocka_unit_test(padding_is_zeros_up_to_a_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
