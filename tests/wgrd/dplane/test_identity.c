/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/identity.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
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

static void it_is_made_ready_once_and_again_for_another_key_of_ours(void **state)
{
	static const uint8_t ours[2][WG_KEY_LEN] = {{1, 2, 3}, {4, 5, 6}};
	uint8_t theirs[WG_KEY_LEN] = {7, 8, 9}, public_key[WG_KEY_LEN];
	uint8_t shared[2][32];
	struct noise_local local[2];
	struct dp_identity *id;

	(void)state;
	wg_key_public(public_key, theirs);
	id = dp_identity_new(NULL, public_key, no_psk);
	for (unsigned i = 0; i < 2; i++) {
		noise_local_init(&local[i], ours[i]);
		assert_int_equal(dp_identity_ready(id, &local[i]), 0);
		memcpy(shared[i], id->noise.static_static, 32);
		assert_int_equal(dp_identity_ready(id, &local[i]), 0);
		dp_identity_unready(id);
	}
	assert_memory_not_equal(shared[0], shared[1], 32);
	dp_identity_free(id);
	dp_identity_free(NULL);
}

static void a_key_of_low_order_is_never_ready(void **state)
{
	static const uint8_t ours[WG_KEY_LEN] = {1, 2, 3};
	static const uint8_t low[][WG_KEY_LEN] = {{0}, {1}};
	struct noise_local local;

	(void)state;
	noise_local_init(&local, ours);
	for (unsigned i = 0; i < 2; i++) {
		struct dp_identity *id = dp_identity_new(NULL, low[i], no_psk);

		assert_int_equal(dp_identity_ready(id, &local), -EINVAL);
		assert_false(id->ready);
		dp_identity_set_psk(id, low[1]);
		dp_identity_free(id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_found_while_the_table_grows_and_shrinks),
		cmocka_unit_test(it_is_made_ready_once_and_again_for_another_key_of_ours),
		cmocka_unit_test(a_key_of_low_order_is_never_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
