/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wgrd/zebra/zclient_iface.h"

static void an_interface_runs_when_it_was_said_to(void **state)
{
	struct ziface *t = NULL;

	(void)state;
	assert_false(ziface_is_running(&t, 0, 3));
	assert_false(ziface_set(&t, 0, 3, true));
	assert_true(ziface_is_running(&t, 0, 3));
	assert_true(ziface_set(&t, 0, 3, false));
	assert_false(ziface_is_running(&t, 0, 3));
	assert_false(ziface_set(&t, 0, 3, true));
	ziface_del(&t, 0, 3);
	ziface_del(&t, 0, 3);
	assert_false(ziface_is_running(&t, 0, 3));
	assert_null(t);
}

static void indices_are_of_their_vrf(void **state)
{
	struct ziface *t = NULL;

	(void)state;
	ziface_set(&t, 0, 3, true);
	ziface_set(&t, 4, 3, false);
	ziface_set(&t, 4, 5, true);
	assert_true(ziface_is_running(&t, 0, 3));
	assert_false(ziface_is_running(&t, 4, 3));
	assert_false(ziface_is_running(&t, 3, 0));
	ziface_del_vrf(&t, 4);
	assert_false(ziface_is_running(&t, 4, 5));
	assert_true(ziface_is_running(&t, 0, 3));
	ziface_clear(&t);
	assert_null(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interface_runs_when_it_was_said_to),
		cmocka_unit_test(indices_are_of_their_vrf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
