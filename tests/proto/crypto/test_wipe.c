/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/crypto/wipe.h"

static void wiping_reaches_every_byte_and_no_other(void **state)
{
	unsigned char buf[64];

	(void)state;
	for (size_t len = 0; len < 62; len++) {
		memset(buf, 0xa5, sizeof(buf));
		wipe(buf + 1, len);
		for (size_t i = 0; i < sizeof(buf); i++)
			assert_int_equal(buf[i], i >= 1 && i <= len ? 0 : 0xa5);
	}
	wipe(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wiping_reaches_every_byte_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
