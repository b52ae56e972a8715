/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/crypto/hkdf.h"
#include "tests/lib/hex.h"

/* There is no RFC with HMAC-BLAKE2s in it: these come from Python's hmac and hashlib. */

static void macs_are_those_of_another_implementation(void **state)
{
	static const struct {
		const char *name;
		size_t key_len, len;
		const char *mac;
	} cases[] = {
		{"nothing", 0, 0,
		 "eaf4bb25938f4d20e72656bbbc7a9bf63c0c18537333c35bdb67db1402661acd"},
		{"a chaining key", 32, 3,
		 "7fdd8936ed93bd2f47e7c30b1765cee843748f90abf8b89be090d3d03f579d23"},
		{"a key of one block", 64, 65,
		 "0a957a0b95511664d074f26dd1c296d4d936621932d87581bf5bd3d77dc80cdc"},
		{"a key just too long", 65, 10,
		 "0a1876c560666db5b858aeb18bfb555fad4fea32b3e14a9da2ec967fac30b78a"},
		{"a key much too long", 100, 200,
		 "aef84d0fdaa368d541bcdaddeccbefa339f43308c841a4a6bdbe979cfe3192fb"},
	};
	uint8_t key[100], data[200], mac[32];

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(3 * i);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hmac_blake2s(mac, key, cases[i].key_len, data, cases[i].len);
		hex_check(cases[i].name, mac, sizeof(mac), cases[i].mac);
	}
}

static const char *const outputs[] = {
	"c67e0b211ebf48c12c6d41da8fcee207d4c325a8c30f054d97401b14ed212f9f",
	"923b032867c597d1df124053325e553b104bf3b76180a46e0c21b44001ec50f6",
	"73e5eae9c5d230ea6becb29ab8a49f627aff1eb27586b938a71ae090d4c7a184",
};

static void each_kdf_begins_like_the_next(void **state)
{
	uint8_t salt[32], t[3][32];

	(void)state;
	for (size_t i = 0; i < sizeof(salt); i++)
		salt[i] = (uint8_t)i;
	for (int n = 1; n <= 3; n++) {
		memset(t, 0, sizeof(t));
		if (n == 1)
			kdf1(t[0], salt, "abc", 3);
		else if (n == 2)
			kdf2(t[0], t[1], salt, "abc", 3);
		else
			kdf3(t[0], t[1], t[2], salt, "abc", 3);
		for (int i = 0; i < n; i++)
			hex_check("output", t[i], 32, outputs[i]);
	}
}

static void an_output_may_replace_the_salt_or_the_input(void **state)
{
	uint8_t salt[32], input[32], want[2][32], other[32];

	(void)state;
	memset(salt, 0x11, sizeof(salt));
	memset(input, 0x22, sizeof(input));
	kdf2(want[0], want[1], salt, input, sizeof(input));
	kdf2(salt, other, salt, input, sizeof(input));
	hex_check_bytes("over the salt", salt, want[0], 32);
	hex_check_bytes("other", other, want[1], 32);
	memset(salt, 0x11, sizeof(salt));
	kdf2(salt, input, salt, input, sizeof(input));
	hex_check_bytes("over both", salt, want[0], 32);
	hex_check_bytes("over both", input, want[1], 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(macs_are_those_of_another_implementation),
		cmocka_unit_test(each_kdf_begins_like_the_next),
		cmocka_unit_test(an_output_may_replace_the_salt_or_the_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
