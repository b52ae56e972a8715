/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Good messages, damaged at random, through every decoder: a short fuzzing run for every
 * check. Link with tests/fuzz/fuzz_zapi.c, which says what has to hold.
 */
#include "tests/proto/zapi/zapi_test.h"

#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The body of one good message for each decoder, as 8.4.4 writes them. */
static const char *const seeds[] = {
	"09 0000 0000000d 0000001f 01 02 18 c0a807 0001 00000000 02 04 0a630007 00000003 00000001"
	"c8 00000000 000002bc 00000000",
	"00000000 0001 0002 20 0aff0008 0002 20 0aff0008 03 0000 01 00000000"
	"01 00000000 03 00 0a630008 00000003",
	"6c6f0000000000000000000000000000 00000001 05 0000000000010049 00 00 00000000 00000000"
	"00010000 00010000 00000000 00000000 00000000 00000000 00",
	"02000000 02 18 ac106600 000000fe 01 01",
	"fe000000 6e657400000000000000000000000000000000000000000000000000000000000000000000"
	"72656400000000000000000000000000000000000000000000000000000000000000000000",
	"00000003 00 02 0a000001 18 00000000",
	"0f 0064 00000000 00 00",
	"00000000 00 00000040 00",
	"01 09 0000",
	"00 01 0001 0002 20 0aff0008",
	"02 c0000201 20",
	"02000000",
	"01",
};

enum {
	SEEDS = sizeof(seeds) / sizeof(seeds[0])
};

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
	const char *s = getenv("WGRD_TEST_SEED");
	unsigned seed = s ? (unsigned)strtoul(s, NULL, 0) : (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 60000; round++) {
		unsigned which = (unsigned)rand() % SEEDS;
		struct bytes body = hex(seeds[which]);
		size_t len = body.len + 2, cap = len + 4;
		uint8_t *data = calloc(1, cap), *exact;

		assert_non_null(data);
		data[0] = (uint8_t)(rand() % (int)zapi_dialect_count);
		data[1] = (uint8_t)(rand() % 8 ? which : (unsigned)rand());
		memcpy(data + 2, body.b, body.len);
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
		size_t len = 0, at = 2;

		memset(data, 0, sizeof(data));
		data[0] = 0x80;
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
