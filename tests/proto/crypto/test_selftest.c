/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "proto/crypto/aead_impl.h"
#include "proto/crypto/selftest.h"

static void not_expected(const char *primitive, const char *impl)
{
	fail_msg("expected %s of %s to be right", impl, primitive);
}

static void this_build_on_this_cpu_passes(void **state)
{
	const char *failed = crypto_selftest(not_expected);

	(void)state;
	if (failed)
		fail_msg("expected every primitive to pass, %s does not", failed);
}

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void it_takes_less_than_ten_milliseconds(void **state)
{
	double best = 1e9;

	(void)state;
	for (int i = 0; i < 20 && best >= 10; i++) {
		double started = cpu_ms(), took;

		(void)crypto_selftest(NULL);
		took = cpu_ms() - started;
		if (took < best)
			best = took;
	}
	print_message("%.2f ms\n", best);
#ifdef __OPTIMIZE__
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	if (best >= 10)
		fail_msg("expected less than 10 ms, seen %.2f", best);
#endif
#endif
}

/* The generic one, but wrong now and then. */

static void seal_wrongly(struct aead_op *op, size_t n, const uint8_t key[AEAD_KEY_LEN])
{
	aead_generic.seal(op, n, key);
	for (size_t i = 0; i < n; i++)
		if (op[i].len == 1280)
			op[i].dst[1279] ^= 1;
}

static void open_anything(struct aead_op *op, size_t n, const uint8_t key[AEAD_KEY_LEN])
{
	aead_generic.open(op, n, key);
	for (size_t i = 0; i < n; i++)
		op[i].ok = true;
}

static void open_without_wiping(struct aead_op *op, size_t n,
				const uint8_t key[AEAD_KEY_LEN])
{
	aead_generic.open(op, n, key);
	for (size_t i = 0; i < n; i++)
		if (!op[i].ok && op[i].len > AEAD_TAG_LEN)
			op[i].dst[0] = 1;
}

static void wrong_implementations_are_noticed(void **state)
{
	const struct aead_impl wrong[] = {
		{"seals wrongly", seal_wrongly, aead_generic.open},
		{"opens anything", aead_generic.seal, open_anything},
		{"leaves text behind", aead_generic.seal, open_without_wiping},
	};

	(void)state;
	assert_true(aead_selftest(&aead_generic));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (aead_selftest(&wrong[i]))
			fail_msg("%s: expected to be noticed", wrong[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_build_on_this_cpu_passes),
		cmocka_unit_test(it_takes_less_than_ten_milliseconds),
		cmocka_unit_test(wrong_implementations_are_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
