/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/crypto/xchacha.h"
#include "tests/lib/hex.h"

static const char text[] =
	"Ladies and Gentlemen of the class of '99: If I could offer you only one tip "
	"for the future, sunscreen would be it.";

enum {
	LEN = sizeof(text) - 1,
};

/* draft-irtf-cfrg-xchacha-03 appendix A.3.1. */
static const char sealed_hex[] =
	"bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
	"731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
	"2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
	"21f9664c97637da9768812f615c68b13b52e c0875924c1c7987947deafd8780acf49";

static void parameters(uint8_t key[32], uint8_t nonce[24], uint8_t ad[12])
{
	hex_decode(key, 32,
		   "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
	hex_decode(nonce, 24, "404142434445464748494a4b4c4d4e4f5051525354555657");
	hex_decode(ad, 12, "50515253c0c1c2c3c4c5c6c7");
}

static void sealing_is_that_of_the_draft(void **state)
{
	uint8_t key[32], nonce[24], ad[12], buf[LEN + 16];

	(void)state;
	parameters(key, nonce, ad);
	xchacha_seal(buf, (const uint8_t *)text, LEN, ad, sizeof(ad), nonce, key);
	hex_check("sealed", buf, sizeof(buf), sealed_hex);
	assert_int_equal(xchacha_open(buf, buf, sizeof(buf), ad, sizeof(ad), nonce, key),
			 0);
	hex_check_bytes("opened", buf, text, LEN);
}

static void every_bit_of_the_nonce_counts(void **state)
{
	uint8_t key[32], nonce[24], ad[12], buf[LEN + 16], copy[LEN + 16];

	(void)state;
	parameters(key, nonce, ad);
	hex_decode(buf, sizeof(buf), sealed_hex);
	for (size_t bit = 0; bit < 8 * sizeof(nonce); bit++) {
		memcpy(copy, buf, sizeof(copy));
		nonce[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(xchacha_open(copy, copy, sizeof(copy), ad, sizeof(ad),
					      nonce, key),
				 -EBADMSG);
		nonce[bit / 8] ^= 1 << bit % 8;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealing_is_that_of_the_draft),
		cmocka_unit_test(every_bit_of_the_nonce_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
