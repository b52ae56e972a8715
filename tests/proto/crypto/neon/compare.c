/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the self-test, and random batches through aead_best() and the single form. For
 * machines whose cmocka is not at hand: test_neon_qemu.sh builds it. The seed is fixed, as
 * an emulated processor is slow and this says the same each time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/aead.h"
#include "proto/crypto/bytes.h"
#include "proto/crypto/selftest.h"

enum {
	MAX_LEN = 2000,
	BATCH = 64,
};

static uint8_t plain[BATCH][MAX_LEN], got[BATCH][MAX_LEN + AEAD_TAG_LEN + 16],
	want[MAX_LEN + AEAD_TAG_LEN];

static void refused(const char *primitive, const char *impl)
{
	fprintf(stderr, "expected %s of %s to be right\n", impl, primitive);
	exit(1);
}

static void check(bool ok, const char *what, size_t i, size_t n, size_t len)
{
	if (ok)
		return;
	fprintf(stderr, "%s, packet %zu of %zu, %zu bytes: %s\n", aead_best()->name, i, n,
		len, what);
	exit(1);
}

static void run_batch(size_t n)
{
	static const uint8_t zeros[MAX_LEN];
	uint8_t key[AEAD_KEY_LEN], nonce[AEAD_NONCE_LEN] = {0};
	struct aead_op op[BATCH];
	size_t len[BATCH], bad = (size_t)rand() % n;

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)rand();
	for (size_t i = 0; i < n; i++) {
		len[i] = (size_t)rand() % (rand() % 2 ? 200 : MAX_LEN + 1);
		for (size_t j = 0; j < len[i]; j++)
			plain[i][j] = (uint8_t)rand();
		op[i] = (struct aead_op){got[i] + i % 16, plain[i], len[i], i << 33 | i,
					 false};
	}
	aead_best()->seal(op, n, key);
	for (size_t i = 0; i < n; i++) {
		store64_le(nonce + 4, op[i].nonce);
		aead_seal(want, plain[i], len[i], NULL, 0, nonce, key);
		check(memcmp(op[i].dst, want, len[i] + AEAD_TAG_LEN) == 0,
		      "sealed wrongly", i, n, len[i]);
		op[i].src = op[i].dst;
		op[i].len += AEAD_TAG_LEN;
	}
	op[bad].dst[(size_t)rand() % op[bad].len] ^= 0x20;
	aead_best()->open(op, n, key);
	for (size_t i = 0; i < n; i++) {
		check(op[i].ok == (i != bad), "opened wrongly", i, n, len[i]);
		check(memcmp(op[i].dst, i == bad ? zeros : plain[i], len[i]) == 0,
		      "expected other text", i, n, len[i]);
	}
}

int main(void)
{
	const char *failed = crypto_selftest(refused), *forced = aead_forced();

	if (failed || (forced && strcmp(forced, aead_best()->name) != 0)) {
		fprintf(stderr, "expected %s to be used, seen %s; self-test: %s\n",
			forced ? forced : "any", aead_best()->name,
			failed ? failed : "passed");
		return 1;
	}
	srand(1);
	for (size_t n = 1; n <= BATCH; n++)
		run_batch(n);
	printf("%s: %d batches\n", aead_best()->name, BATCH);
	return 0;
}
