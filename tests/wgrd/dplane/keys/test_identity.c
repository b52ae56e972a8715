/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/keys/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t no_psk[WG_KEY_LEN];

static struct dp_identity *numbered(uint32_t n)
{
	uint8_t key[WG_KEY_LEN] = {0};

	/* Half of them agree in the bytes that choose the bucket. */
	memcpy(key + (n % 2 ? 8 : 0), &n, sizeof(n));
	key[31] = 1;
	return dp_identity_new(NULL, key, no_psk);
}

static void keys_are_found_while_the_table_grows_and_shrinks(void **state)
{
	enum {
		KEYS = 3000
	};
	struct dp_identity *id[KEYS];
	struct dp_identities t = {0};

	(void)state;
	assert_null(dp_identities_find(&t, no_psk));
	for (uint32_t i = 0; i < KEYS; i++) {
		id[i] = numbered(i);
		assert_null(dp_identities_find(&t, id[i]->public_key));
		assert_int_equal(dp_identities_add(&t, id[i]), 0);
	}
	assert_int_equal(t.count, KEYS);
	for (uint32_t i = 0; i < KEYS; i++)
		assert_ptr_equal(dp_identities_find(&t, id[i]->public_key), id[i]);
	for (uint32_t i = 0; i < KEYS; i++) {
		dp_identities_remove(&t, id[i]);
		assert_null(dp_identities_find(&t, id[i]->public_key));
		dp_identity_free(id[i]);
	}
	dp_identities_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_found_while_the_table_grows_and_shrinks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
