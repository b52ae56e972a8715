/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/peer_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "wgrd/lib/util.h"

static void a_key_gives_a_name_that_needs_no_quoting(void **state)
{
	static const char key[] = "+/abCD09xyzAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	char name[PEER_NAME_LEN];

	(void)state;
	peer_name_of_key(name, key, PEER_NAME_DIGITS);
	assert_string_equal(name, "wg--_abCD09");
	peer_name_of_key(name, key, 43);
	assert_int_equal(strlen(name), 46);
	assert_null(strpbrk(name, "+/="));
}

static void text_becomes_as_near_a_name_as_can_be(void **state)
{
	static const struct {
		const char *text, *name; /* NULL: none */
	} cases[] = {
		{"site-b", "site-b"},
		{"Anna's phone", "Anna-s-phone"},
		{"  (home)  router!! ", "home-router"},
		{"a.b_c", "a.b_c"},
		{"-x-", "x"},
		{".x.", "x"},
		{"J\xc3\xb6rg", "J-rg"},
		{"", NULL},
		{"---", NULL},
		{"\xc3\xb6", NULL},
		{"0123456789012345678901234567890123456789012345678901234567890123456789",
		 "012345678901234567890123456789012345678901234567890123456789012"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char name[PEER_NAME_LEN];
		bool ok = peer_name_of_text(name, cases[i].text);

		assert_int_equal(ok, cases[i].name != NULL);
		if (ok)
			assert_string_equal(name, cases[i].name);
	}
}

static void a_number_fits_behind_any_name(void **state)
{
	char name[PEER_NAME_LEN] = "a";

	(void)state;
	peer_name_number(name, 2);
	assert_string_equal(name, "a-2");
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	peer_name_number(name, 4294967295U);
	assert_int_equal(strlen(name), PEER_NAME_LEN - 1);
	assert_string_equal(name + PEER_NAME_LEN - 1 - 11, "-4294967295");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_gives_a_name_that_needs_no_quoting),
		cmocka_unit_test(text_becomes_as_near_a_name_as_can_be),
		cmocka_unit_test(a_number_fits_behind_any_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
