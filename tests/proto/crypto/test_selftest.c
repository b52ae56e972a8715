/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/crypto/selftest.h"

static void this_build_on_this_cpu_passes(void **state)
{
	const char *failed = crypto_selftest();

	(void)state;
	if (failed)
		fail_msg("expected every primitive to pass, %s does not", failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_build_on_this_cpu_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
