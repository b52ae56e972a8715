/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The golden messages, damaged at random, through every decoder and dialect: a short fuzzing
 * run for every check. Link with tests/fuzz/fuzz_zapi.c, which says what has to hold.
 */
#include "tests/proto/zapi/zapi_test.h"

#include <time.h>

#include "tests/proto/zapi/zapi_golden.h"

enum {
	GOLDENS = sizeof(goldens) / sizeof(goldens[0])
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void damage(uint8_t *b, size_t *len, size_t cap)
{
	for (int n = rand() % 4; n >= 0; n--) {
		size_t at = *len > 2 ? 2 + (size_t)rand() % (*len - 2) : 0;

		switch (rand() % 5) {
		case 0:
			b[at] ^= (uint8_t)(1 << rand() % 8);
			break;
		case 1:
			b[at] = (uint8_t)rand();
			break;
		case 2:
			*len = at > 2 ? at : 2;
			break;
		case 3:
			if (*len < cap)
				b[(*len)++] = (uint8_t)rand();
			break;
		default:
			b[at] = rand() % 2 ? 0xff : 0;
		}
	}
}

static void no_damage_does_harm(void **state)
{
	const char *s = getenv("WGRD_SEED");
	unsigned seed = s ? (unsigned)strtoul(s, NULL, 0) : (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 60000; round++) {
		const struct golden *g = &goldens[(unsigned)rand() % GOLDENS];
		const struct zapi_dialect *d =
			&zapi_dialects[(unsigned)rand() % zapi_dialect_count];
		struct bytes message = hex(g->message);
		size_t len = message.len - ZAPI_HEADER_LEN + 2, cap = len + 4;
		uint8_t *data = calloc(1, cap), *exact;

		assert_non_null(data);
		data[0] = (uint8_t)(d - zapi_dialects);
		data[1] = (uint8_t)(rand() % 8 ? (unsigned)g->kind : (unsigned)rand());
		memcpy(data + 2, message.b + ZAPI_HEADER_LEN, len - 2);
		damage(data, &len, cap);
		exact = malloc(len); /* so that ASan sees the first byte beyond */
		assert_non_null(exact);
		memcpy(exact, data, len);
		LLVMFuzzerTestOneInput(exact, len);
		free(exact);
		free(data);
	}
}

static void damaged_streams_are_cut_or_given_up(void **state)
{
	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint8_t data[64];
		size_t len, at;

		memset(data, 0, sizeof(data));
		data[0] = (uint8_t)(0x80 | (unsigned)rand() % zapi_dialect_count);
		at = 1;
		while (at + 14 < sizeof(data)) {
			struct wbuf w = wbuf_writer(data + at, sizeof(data) - at);
			uint8_t *start = zapi_begin_command(&w, (uint16_t)rand(), 0);

			wbuf_put_zeros(&w, (size_t)rand() % 4);
			zapi_end(&w, start);
			at = (size_t)(w.pos - data);
		}
		len = at;
		damage(data, &len, sizeof(data));
		LLVMFuzzerTestOneInput(data, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_damage_does_harm),
		cmocka_unit_test(damaged_streams_are_cut_or_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
