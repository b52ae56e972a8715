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

#include "proto/crypto/x25519.h"
#include "tests/lib/hex.h"
#include "tests/proto/crypto/wycheproof.h"

/* The implementation under test: each test runs once with each. */
static const struct x25519_impl *impl;

static int product(uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32])
{
	static const uint8_t zero[X25519_LEN];
	struct x25519_op op = {out, scalar, point, false};

	impl->multiply(&op, 1);
	return memcmp(out, zero, sizeof(zero)) == 0 ? -EINVAL : 0;
}

static void random_bytes(uint8_t *dst, size_t len)
{
	for (size_t i = 0; i < len; i++)
		dst[i] = (uint8_t)(rand() >> 8);
}

static void seed_random(void)
{
	unsigned seed = (unsigned)time(NULL);

	print_message("seed %u\n", seed);
	srand(seed);
}

/* RFC 7748 section 5.2. */
static void products_are_those_of_the_rfc(void **state)
{
	static const struct {
		const char *name, *scalar, *point, *product;
	} cases[] = {
		{"first",
		 "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
		 "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
		 "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
		{"second: the top bit of the point does not count",
		 "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
		 "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
		 "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
	};
	uint8_t scalar[32], point[32], got[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hex_decode(scalar, sizeof(scalar), cases[i].scalar);
		hex_decode(point, sizeof(point), cases[i].point);
		assert_int_equal(product(got, scalar, point), 0);
		hex_check(cases[i].name, got, sizeof(got), cases[i].product);
	}
}

/* RFC 7748 section 5.2: the product becomes the scalar, the scalar the point. */
static void iterations_end_where_the_rfc_says(void **state)
{
	static const struct {
		int after;
		const char *k;
	} cases[] = {
		{1, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"},
		{1000,
		 "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"},
		{1000000,
		 "7c3911e0ab2586fd864497297e575e6f3bc601c0883c30df5f4dd2d24f665424"},
	};
	const char *slow = getenv("WGRD_SLOW");
	uint8_t k[32] = {9}, u[32] = {9}, next[32];
	char what[32];
	int done = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cases[i].after > 1000 && !(slow && strcmp(slow, "yes") == 0)) {
			print_message("1000000 iterations only with WGRD_SLOW=yes\n");
			break;
		}
		for (; done < cases[i].after; done++) {
			assert_int_equal(product(next, k, u), 0);
			memcpy(u, k, sizeof(u));
			memcpy(k, next, sizeof(k));
		}
		snprintf(what, sizeof(what), "after %d", done);
		hex_check(what, k, sizeof(k), cases[i].k);
	}
}

/* RFC 7748 section 6.1. */
static void alice_and_bob_agree(void **state)
{
	uint8_t a[32], b[32], a_public[32], b_public[32], secret[32];
	static const char shared[] =
		"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

	(void)state;
	hex_decode(a, sizeof(a),
		   "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
	hex_decode(b, sizeof(b),
		   "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
	impl->base(a_public, a);
	impl->base(b_public, b);
	hex_check("a's public key", a_public, sizeof(a_public),
		  "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
	hex_check("b's public key", b_public, sizeof(b_public),
		  "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
	assert_int_equal(product(secret, a, b_public), 0);
	hex_check("secret", secret, sizeof(secret), shared);
	assert_int_equal(product(secret, b, a_public), 0);
	hex_check("secret", secret, sizeof(secret), shared);
}

/* The points of order 1, 2, 4 and 8 on the curve and its twist, in every spelling of 255
 * bits: 0, 1, the two of order 8, p - 1, and p and p + 1 for 0 and 1. */
static void points_of_low_order_are_refused(void **state)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	static const uint8_t zero[X25519_LEN];
	uint8_t scalar[32], point[32], got[32];

	(void)state;
	for (size_t i = 0; i < sizeof(scalar); i++)
		scalar[i] = (uint8_t)(i * 41 + 3);
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		for (int top = 0; top < 2; top++) {
			hex_decode(point, sizeof(point), points[i]);
			point[31] |= (uint8_t)(top << 7);
			memset(got, 0xaa, sizeof(got));
			assert_int_equal(product(got, scalar, point), -EINVAL);
			hex_check_bytes(points[i], got, zero, sizeof(got));
		}
}

/* p + 2 to p + 18 are other spellings of 2 to 18, and the top bit is ignored. */
static void points_not_below_p_are_reduced(void **state)
{
	uint8_t scalar[32], point[32], small[32], want[32], got[32];

	(void)state;
	seed_random();
	for (int n = 2; n <= 18; n++) {
		random_bytes(scalar, sizeof(scalar));
		memset(small, 0, sizeof(small));
		small[0] = (uint8_t)n;
		memset(point, 0xff, sizeof(point));
		point[0] = (uint8_t)(0xed + n);
		point[31] = n % 2 ? 0xff : 0x7f;
		assert_int_equal(product(want, scalar, small), 0);
		assert_int_equal(product(got, scalar, point), 0);
		hex_check_bytes("p + n", got, want, sizeof(got));
	}
}

/* Batches with points of low order among them, which must not disturb their neighbours. */
static void batches_are_what_the_generic_code_computes_one_by_one(void **state)
{
	enum {
		MAX = 9,
	};
	uint8_t scalar[MAX][32], point[MAX][32], got[MAX][32], want[32];
	struct x25519_op op[MAX], one = {.out = want};

	(void)state;
	seed_random();
	for (size_t round = 0; round < 60; round++) {
		size_t n = round % (MAX + 1);

		random_bytes(scalar[0], sizeof(scalar));
		random_bytes(point[0], sizeof(point));
		for (size_t i = 0; i < n; i++) {
			if (rand() % 4 == 0)
				memset(point[i], 0, sizeof(point[i]));
			op[i] = (struct x25519_op){got[i], scalar[i], point[i], false};
		}
		impl->multiply(op, n);
		for (size_t i = 0; i < n; i++) {
			one.scalar = scalar[i];
			one.point = point[i];
			x25519_generic.multiply(&one, 1);
			hex_check_bytes("product", got[i], want, sizeof(want));
		}
	}
}

/* The table of the base point against the ladder, which does not use it. */
static void public_keys_are_products_with_nine(void **state)
{
	static const uint8_t nine[X25519_LEN] = {9};
	uint8_t scalar[32], got[32], want[32];
	struct x25519_op op = {want, scalar, nine, false};

	(void)state;
	seed_random();
	for (int round = 0; round < 300; round++) {
		random_bytes(scalar, sizeof(scalar));
		/* Digits of the recoded scalar at their ends: all -8, all 7, 0 and 8. */
		if (round < 5)
			memset(scalar, (const int[]){0x88, 0x77, 0, 0xff, 0x80}[round],
			       sizeof(scalar));
		impl->base(got, scalar);
		x25519_generic.multiply(&op, 1);
		hex_check_bytes("public key", got, want, sizeof(got));
	}
}

static void the_result_may_replace_an_argument(void **state)
{
	uint8_t scalar[32], point[32], want[32], buf[32];

	(void)state;
	memset(scalar, 0x31, sizeof(scalar));
	memset(point, 0x72, sizeof(point));
	assert_int_equal(product(want, scalar, point), 0);
	memcpy(buf, scalar, sizeof(buf));
	assert_int_equal(product(buf, buf, point), 0);
	hex_check_bytes("over the scalar", buf, want, sizeof(buf));
	memcpy(buf, point, sizeof(buf));
	assert_int_equal(product(buf, scalar, buf), 0);
	hex_check_bytes("over the point", buf, want, sizeof(buf));
}

static void clamping_is_part_of_the_product(void **state)
{
	uint8_t raw[32], clamped[32], a[32], b[32];

	(void)state;
	memset(raw, 0xff, sizeof(raw));
	memcpy(clamped, raw, sizeof(clamped));
	x25519_clamp(clamped);
	assert_int_equal(clamped[0], 0xf8);
	assert_int_equal(clamped[31], 0x7f);
	impl->base(a, raw);
	impl->base(b, clamped);
	hex_check_bytes("public key", a, b, sizeof(a));
	memset(raw, 0, sizeof(raw));
	x25519_clamp(raw);
	assert_int_equal(raw[31], 0x40);
}

static void wycheproof_agrees(void **state)
{
	static const uint8_t zero[X25519_LEN];
	uint8_t scalar[32], point[32], want[32], got[32];
	struct wycheproof w;
	char what[32];
	int err, want_err;

	(void)state;
	wycheproof_open(&w, "wycheproof_x25519.json");
	while (wycheproof_next(&w)) {
		assert_int_equal(wycheproof_hex(&w, "private", scalar, 32), 32);
		assert_int_equal(wycheproof_hex(&w, "public", point, 32), 32);
		assert_int_equal(wycheproof_hex(&w, "shared", want, 32), 32);
		snprintf(what, sizeof(what), "case %u", wycheproof_id(&w));
		err = product(got, scalar, point);
		hex_check_bytes(what, got, want, sizeof(got));
		want_err = memcmp(want, zero, sizeof(zero)) == 0 ? -EINVAL : 0;
		if (err != want_err)
			fail_msg("%s: expected %d, seen %d", what, want_err, err);
	}
	print_message("%u cases\n", w.seen);
	wycheproof_close(&w);
}

static void batches_say_which_points_had_low_order(void **state)
{
	static const uint8_t zero[X25519_LEN], nine[X25519_LEN] = {9};
	const uint8_t scalar[X25519_LEN] = {77};
	uint8_t got[4][X25519_LEN];
	struct x25519_op op[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		op[i] = (struct x25519_op){got[i], scalar, i == 1 ? zero : nine, i == 1};
	x25519_batch(op, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(op[i].ok, i != 1);
	assert_int_equal(x25519(got[0], scalar, zero), -EINVAL);
	assert_int_equal(x25519(got[0], scalar, nine), 0);
	x25519_public(got[2], scalar);
	hex_check_bytes("product with nine", got[0], got[2], sizeof(got[0]));
}

static void a_refused_implementation_is_not_used(void **state)
{
	const struct x25519_impl *first;

	(void)state;
	while ((first = x25519_at(0)) != &x25519_generic) {
		x25519_refuse(first);
		assert_ptr_not_equal(x25519_at(0), first);
		assert_ptr_not_equal(x25519_best(), first);
	}
	x25519_refuse(&x25519_generic);
	assert_ptr_equal(x25519_best(), &x25519_generic);
	assert_null(x25519_at(1));
}

int main(void)
{
	const struct CMUnitTest each[] = {
		cmocka_unit_test(products_are_those_of_the_rfc),
		cmocka_unit_test(iterations_end_where_the_rfc_says),
		cmocka_unit_test(alice_and_bob_agree),
		cmocka_unit_test(points_of_low_order_are_refused),
		cmocka_unit_test(points_not_below_p_are_reduced),
		cmocka_unit_test(batches_are_what_the_generic_code_computes_one_by_one),
		cmocka_unit_test(public_keys_are_products_with_nine),
		cmocka_unit_test(the_result_may_replace_an_argument),
		cmocka_unit_test(clamping_is_part_of_the_product),
		cmocka_unit_test(wycheproof_agrees),
	};
	/* The last one refuses all but the generic implementation. */
	const struct CMUnitTest once[] = {
		cmocka_unit_test(batches_say_which_points_had_low_order),
		cmocka_unit_test(a_refused_implementation_is_not_used),
	};
	int failed = 0;

	for (size_t i = 0; (impl = x25519_at(i)) != NULL; i++)
		failed += cmocka_run_group_tests_name(impl->name, each, NULL, NULL);
	return failed + cmocka_run_group_tests(once, NULL, NULL);
}
