/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "proto/crypto/aead.h"
#include "proto/crypto/bytes.h"
#include "tests/lib/hex.h"
#include "tests/proto/crypto/wycheproof.h"

enum {
	MAX_LEN = 2000,
	BATCH = 64, /* at most */
};

struct vector {
	const char *name, *key, *nonce, *ad, *plain, *sealed;
};

/* RFC 8439 section 2.8.2 and appendix A.5. */
static const struct vector rfc[] = {
	{"2.8.2", "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
	 "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
	 "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
	 "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
	 "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
	 "637265656e20776f756c642062652069742e",
	 "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
	 "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
	 "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
	 "3ff4def08e4b7a9de576d26586cec64b6116 1ae10b594f09e26a7e902ecbd0600691"},
	{"A.5", "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0",
	 "000000000102030405060708", "f33388860000000000004e91",
	 "496e7465726e65742d4472616674732061726520647261667420646f63756d65"
	 "6e74732076616c696420666f722061206d6178696d756d206f6620736978206d"
	 "6f6e74687320616e64206d617920626520757064617465642c207265706c6163"
	 "65642c206f72206f62736f6c65746564206279206f7468657220646f63756d65"
	 "6e747320617420616e792074696d652e20497420697320696e617070726f7072"
	 "6961746520746f2075736520496e7465726e65742d4472616674732061732072"
	 "65666572656e6365206d6174657269616c206f7220746f206369746520746865"
	 "6d206f74686572207468616e206173202fe2809c776f726b20696e2070726f67"
	 "726573732e2fe2809d",
	 "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2"
	 "4c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf"
	 "332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855"
	 "9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4"
	 "b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523e"
	 "af4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a"
	 "0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10"
	 "49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29"
	 "a6ad5cb4022b02709b eead9d67890cbb22392336fea1851f38"},
};

static void packets_are_sealed_as_in_the_rfc(void **state)
{
	uint8_t key[32], nonce[12], ad[16], plain[512], sealed[512], got[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rfc) / sizeof(rfc[0]); i++) {
		const struct vector *v = &rfc[i];
		size_t ad_len = hex_decode(ad, sizeof(ad), v->ad);
		size_t len = hex_decode(plain, sizeof(plain), v->plain);

		hex_decode(key, sizeof(key), v->key);
		hex_decode(nonce, sizeof(nonce), v->nonce);
		assert_int_equal(hex_decode(sealed, sizeof(sealed), v->sealed),
				 len + AEAD_TAG_LEN);
		aead_seal(got, plain, len, ad, ad_len, nonce, key);
		hex_check_bytes(v->name, got, sealed, len + AEAD_TAG_LEN);
		assert_int_equal(aead_open(got, sealed, len + AEAD_TAG_LEN, ad, ad_len,
					   nonce, key),
				 0);
		hex_check_bytes(v->name, got, plain, len);
	}
}

static void wycheproof_agrees(void **state)
{
	static uint8_t plain[2048], sealed[2048], got[2048], ad[2048];
	uint8_t key[32], nonce[64];
	unsigned valid = 0, invalid = 0, odd = 0;
	struct wycheproof w;
	char what[32];

	(void)state;
	wycheproof_open(&w, "wycheproof_chacha20_poly1305.json");
	while (wycheproof_next(&w)) {
		size_t nonce_len = wycheproof_hex(&w, "iv", nonce, sizeof(nonce));
		size_t ad_len = wycheproof_hex(&w, "aad", ad, sizeof(ad));
		size_t len = wycheproof_hex(&w, "msg", plain, sizeof(plain));
		size_t n = wycheproof_hex(&w, "ct", sealed, sizeof(sealed) - 16);
		bool good = wycheproof_is(&w, "result", "valid");
		int err;

		snprintf(what, sizeof(what), "case %u", wycheproof_id(&w));
		if (nonce_len != AEAD_NONCE_LEN) {
			/* Our interface cannot express these. */
			assert_false(good);
			odd++;
			continue;
		}
		assert_int_equal(wycheproof_hex(&w, "key", key, sizeof(key)), 32);
		assert_int_equal(wycheproof_hex(&w, "tag", sealed + n, 16), 16);
		err = aead_open(got, sealed, n + 16, ad, ad_len, nonce, key);
		if (err != (good ? 0 : -EBADMSG))
			fail_msg("%s: opening gave %d", what, err);
		if (!good) {
			invalid++;
			continue;
		}
		valid++;
		hex_check_bytes(what, got, plain, len);
		aead_seal(got, plain, len, ad, ad_len, nonce, key);
		hex_check_bytes(what, got, sealed, n + 16);
	}
	print_message("%u valid, %u invalid, %u with nonces of other lengths\n", valid,
		      invalid, odd);
	assert_true(valid && invalid);
	wycheproof_close(&w);
}

/* The batch form has no associated data and nonces that begin with four zeros. Where a case
 * has neither, the file says what to expect; elsewhere the single form, which has been held
 * against the file above, with the case's key, text and the end of its nonce. */
static void wycheproof_agrees_with_every_implementation(void **state)
{
	static uint8_t plain[2048], sealed[2048], want[2048], got[2048], ad[2048];
	static const uint8_t zeros[4];
	uint8_t key[32], nonce[64];
	unsigned by_file = 0, by_single = 0;
	const struct aead_impl *impl;
	struct wycheproof w;
	char what[64];

	(void)state;
	wycheproof_open(&w, "wycheproof_chacha20_poly1305.json");
	while (wycheproof_next(&w)) {
		size_t nonce_len = wycheproof_hex(&w, "iv", nonce, sizeof(nonce));
		size_t ad_len = wycheproof_hex(&w, "aad", ad, sizeof(ad));
		size_t len = wycheproof_hex(&w, "msg", plain, sizeof(plain));
		size_t n = wycheproof_hex(&w, "ct", sealed, sizeof(sealed) - 16);
		bool good = wycheproof_is(&w, "result", "valid");
		bool ours = ad_len == 0 && memcmp(nonce, zeros, 4) == 0;

		if (nonce_len != AEAD_NONCE_LEN)
			continue;
		wycheproof_hex(&w, "key", key, sizeof(key));
		wycheproof_hex(&w, "tag", sealed + n, 16);
		memset(nonce, 0, 4);
		aead_seal(want, plain, len, NULL, 0, nonce, key);
		for (size_t i = 0; (impl = aead_at(i)) != NULL; i++) {
			struct aead_op op = {got, plain, len, load64_le(nonce + 4),
					     false};

			snprintf(what, sizeof(what), "case %u, %s", wycheproof_id(&w),
				 impl->name);
			impl->seal(&op, 1, key);
			hex_check_bytes(what, got, ours && good ? sealed : want,
					len + 16);
			op.src = ours ? sealed : want;
			op.len = (ours ? n : len) + 16;
			impl->open(&op, 1, key);
			if (op.ok != (good || !ours))
				fail_msg("%s: opening gave %d", what, op.ok);
			if (op.ok)
				hex_check_bytes(what, got, plain, len);
		}
		by_file += ours;
		by_single += !ours;
	}
	print_message("%u cases by the file, %u by the single form\n", by_file,
		      by_single);
	wycheproof_close(&w);
}

static void random_bytes(uint8_t *dst, size_t len)
{
	for (size_t i = 0; i < len; i++)
		dst[i] = (uint8_t)rand();
}

static uint8_t plain[BATCH][MAX_LEN + 16], sealed[BATCH][MAX_LEN + 48],
	want[MAX_LEN + 16];

/* What one packet of a random batch is. */
struct trial {
	size_t len, from, to; /* from, to: alignments */
};

/* Lengths that are all alike, all short, or anything. */
static size_t random_len(int kind, size_t alike)
{
	return kind == 0   ? alike
	       : kind == 1 ? (size_t)rand() % 200
			   : (size_t)rand() % (MAX_LEN + 1);
}

/* A batch with random lengths and alignments, checked against the single form. In place
 * or not. Returns with the sealed packets in place. */
static void seal_batch(const struct aead_impl *impl, struct aead_op op[BATCH],
		       struct trial trial[BATCH], size_t n, bool in_place,
		       const uint8_t key[32])
{
	const size_t alike = (size_t)rand() % (MAX_LEN + 1);
	const int kind = rand() % 3;

	for (size_t i = 0; i < n; i++) {
		struct trial *t = &trial[i];

		*t = (struct trial){random_len(kind, alike), (size_t)rand() % 16,
				    (size_t)rand() % 32};
		random_bytes(plain[i] + t->from, t->len);
		memset(sealed[i], 0xa5, sizeof(sealed[i]));
		op[i] = (struct aead_op){
			.dst = sealed[i] + t->to,
			.src = in_place ? sealed[i] + t->to : plain[i] + t->from,
			.len = t->len,
			.nonce = (uint64_t)rand() << 40 ^ (uint64_t)rand(),
		};
		if (in_place)
			memcpy(op[i].dst, plain[i] + t->from, t->len);
	}
	impl->seal(op, n, key);
	for (size_t i = 0; i < n; i++) {
		const struct trial *t = &trial[i];
		uint8_t nonce[AEAD_NONCE_LEN] = {0};

		store64_le(nonce + 4, op[i].nonce);
		aead_seal(want, plain[i] + t->from, t->len, NULL, 0, nonce, key);
		hex_check_bytes(impl->name, op[i].dst, want, t->len + AEAD_TAG_LEN);
		/* Not one byte more was written. */
		for (size_t at = t->to + t->len + AEAD_TAG_LEN; at < sizeof(sealed[i]);
		     at++)
			assert_int_equal(sealed[i][at], 0xa5);
	}
}

/* Opens what seal_batch() left, some of it damaged. */
static void open_batch(const struct aead_impl *impl, struct aead_op op[BATCH],
		       const struct trial trial[BATCH], size_t n, bool in_place,
		       const uint8_t key[32])
{
	static const uint8_t zeros[MAX_LEN];
	static uint8_t opened[BATCH][MAX_LEN + 16];
	bool damaged[BATCH];

	for (size_t i = 0; i < n; i++) {
		const struct trial *t = &trial[i];

		damaged[i] = rand() % 3 == 0;
		if (damaged[i])
			sealed[i][t->to + (size_t)rand() % (t->len + 16)] ^=
				(uint8_t)(1 << rand() % 8);
		op[i].src = sealed[i] + t->to;
		op[i].dst = in_place ? sealed[i] + t->to : opened[i] + t->from;
		op[i].len = t->len + AEAD_TAG_LEN;
		op[i].ok = rand() % 2;
	}
	impl->open(op, n, key);
	for (size_t i = 0; i < n; i++) {
		if (op[i].ok == damaged[i])
			fail_msg("%s, packet %zu of %zu, %zu bytes, %s: opening gave %d",
				 impl->name, i, n, trial[i].len,
				 damaged[i] ? "damaged" : "whole", op[i].ok);
		hex_check_bytes(impl->name, op[i].dst,
				damaged[i] ? zeros : plain[i] + trial[i].from,
				trial[i].len);
	}
}

static void every_implementation_agrees_with_the_single_form(void **state)
{
	unsigned seed = (unsigned)time(NULL);
	const struct aead_impl *impl;
	struct trial trial[BATCH];
	struct aead_op op[BATCH];
	uint8_t key[32];

	(void)state;
	print_message("seed %u\n", seed);
	for (size_t i = 0; (impl = aead_at(i)) != NULL; i++) {
		print_message("%s\n", impl->name);
		srand(seed);
		for (int round = 0; round < 256; round++) {
			size_t n = 1 + (size_t)round % BATCH;

			random_bytes(key, sizeof(key));
			seal_batch(impl, op, trial, n, round & 1, key);
			open_batch(impl, op, trial, n, round & 2, key);
		}
	}
}

static void nothing_to_do_is_done(void **state)
{
	const struct aead_impl *impl;
	uint8_t key[32] = {0};

	(void)state;
	for (size_t i = 0; (impl = aead_at(i)) != NULL; i++) {
		impl->seal(NULL, 0, key);
		impl->open(NULL, 0, key);
	}
}

static unsigned count_opened(const struct aead_op *op, size_t n)
{
	unsigned opened = 0;

	for (size_t i = 0; i < n; i++)
		opened += op[i].ok;
	return opened;
}

/* One packet among others is damaged in each bit it has, then its nonce is. The others are
 * few, or so many that each is in a lane of its own. */
static void no_flipped_bit_opens(void **state)
{
	enum {
		MANY = 17,
	};
	static const struct {
		size_t len, n;
	} cases[] = {{0, 3},  {1, 3},  {16, 3},  {63, 3},
		     {64, 3}, {65, 3}, {200, 3}, {300, MANY}};
	static uint8_t packet[MANY][330], opened[MANY][330];
	const struct aead_impl *impl;
	uint8_t key[32] = {7};

	(void)state;
	for (size_t i = 0; (impl = aead_at(i)) != NULL; i++)
		for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
			const size_t len = cases[c].len, n = cases[c].n;
			const size_t bits = 8 * (len + AEAD_TAG_LEN);
			struct aead_op op[MANY];

			for (size_t k = 0; k < n; k++) {
				random_bytes(packet[k], len);
				op[k] = (struct aead_op){packet[k], packet[k], len,
							 1000 + k, false};
			}
			impl->seal(op, n, key);
			for (size_t k = 0; k < n; k++) {
				op[k].dst = opened[k];
				op[k].len += AEAD_TAG_LEN;
			}
			for (size_t bit = 0; bit < bits + 64; bit++) {
				uint8_t *byte = &packet[1][bit / 8];
				uint8_t in_byte = (uint8_t)(1 << bit % 8);
				uint64_t in_nonce = 0;

				if (bit >= bits) {
					in_nonce = UINT64_C(1) << (bit - bits);
					in_byte = 0;
					byte = packet[1];
				}
				*byte ^= in_byte;
				op[1].nonce ^= in_nonce;
				impl->open(op, n, key);
				if (op[1].ok || count_opened(op, n) != n - 1)
					fail_msg(
						"%s, %zu bytes, bit %zu: opened %u of %zu",
						impl->name, len, bit, count_opened(op, n),
						n);
				*byte ^= in_byte;
				op[1].nonce ^= in_nonce;
			}
		}
}

static void the_environment_names_one_and_refusal_takes_it_back(void **state)
{
	const struct aead_impl *impl, *first = aead_at(0);
	size_t i;

	(void)state;
	for (i = 0; (impl = aead_at(i)) != NULL; i++) {
		setenv("WGRD_CRYPTO_IMPL", impl->name, 1);
		aead_forget();
		assert_string_equal(aead_best()->name, impl->name);
		assert_string_equal(aead_forced(), impl->name);
	}
	assert_string_equal(aead_at(i - 1)->name, "generic");
	setenv("WGRD_CRYPTO_IMPL", "abacus", 1);
	aead_forget();
	assert_ptr_equal(aead_best(), first);
	setenv("WGRD_CRYPTO_IMPL", first->name, 1);
	aead_refuse(first);
	assert_true(aead_refused(first));
	if (aead_at(1))
		assert_ptr_equal(aead_best(), aead_at(1));
	assert_ptr_equal(aead_at(0), first);
	unsetenv("WGRD_CRYPTO_IMPL");
}

static void what_is_shorter_than_a_tag_does_not_open(void **state)
{
	const struct aead_impl *impl;
	uint8_t key[32] = {0}, nonce[12] = {0}, src[16] = {0}, dst[16];

	(void)state;
	memset(dst, 0xa5, sizeof(dst));
	for (size_t len = 0; len < AEAD_TAG_LEN; len++) {
		assert_int_equal(aead_open(dst, src, len, NULL, 0, nonce, key), -EBADMSG);
		for (size_t i = 0; (impl = aead_at(i)) != NULL; i++) {
			struct aead_op op = {dst, src, len, 0, true};

			impl->open(&op, 1, key);
			assert_false(op.ok);
		}
	}
	for (size_t i = 0; i < sizeof(dst); i++)
		assert_int_equal(dst[i], 0xa5);
}

static void associated_data_must_match(void **state)
{
	uint8_t key[32] = {1}, nonce[12] = {2}, ad[40], buf[32 + 16], copy[32 + 16];

	(void)state;
	random_bytes(ad, sizeof(ad));
	for (size_t ad_len = 1; ad_len <= sizeof(ad); ad_len++) {
		memset(buf, 7, 32);
		aead_seal(buf, buf, 32, ad, ad_len, nonce, key);
		for (size_t i = 0; i < ad_len; i++) {
			memcpy(copy, buf, sizeof(copy));
			ad[i] ^= 1;
			assert_int_equal(aead_open(copy, copy, sizeof(copy), ad, ad_len,
						   nonce, key),
					 -EBADMSG);
			ad[i] ^= 1;
		}
		assert_int_equal(
			aead_open(buf, buf, sizeof(buf), ad, ad_len - 1, nonce, key),
			-EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_sealed_as_in_the_rfc),
		cmocka_unit_test(wycheproof_agrees),
		cmocka_unit_test(wycheproof_agrees_with_every_implementation),
		cmocka_unit_test(every_implementation_agrees_with_the_single_form),
		cmocka_unit_test(nothing_to_do_is_done),
		cmocka_unit_test(no_flipped_bit_opens),
		cmocka_unit_test(what_is_shorter_than_a_tag_does_not_open),
		cmocka_unit_test(associated_data_must_match),
		/* The last: what is refused stays so. */
		cmocka_unit_test(the_environment_names_one_and_refusal_takes_it_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
