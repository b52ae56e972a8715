/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "wgrd/ctl/bench_wire.h"

static const struct bench_run udp_run = {
	.kind = BENCH_UDP, .size = 1420, .flows = 2, .ms = 3000, .rate_bps = 1000000};

/* A RUN with the ports that go with it. */
static struct bench_message run_message(struct bench_run run)
{
	struct bench_message m = {.type = BENCH_RUN, .run = run, .ports = {.probe = 7}};

	m.ports.count = run.kind == BENCH_UDP ? run.flows : 0;
	for (uint16_t i = 0; i < m.ports.count && i < BENCH_FLOWS_MAX; i++)
		m.ports.flow[i] = 40000 + i;
	return m;
}

static bool is_taken(const struct bench_message *m)
{
	uint8_t buf[BENCH_MESSAGE_MAX];
	struct bench_message got;

	return bench_wire_decode(&got, buf, bench_wire_encode(m, buf)) == 0;
}

static void a_message_survives_the_wire(void **state)
{
	const struct bench_message cases[] = {
		{.type = BENCH_HELLO, .version = 1},
		{.type = BENCH_WELCOME, .token = {1, 2, 3, 4, 5, 6, 7, 8}, .mtu = 1420},
		{.type = BENCH_REFUSE, .refusal = BENCH_FAILED},
		run_message(udp_run),
		run_message((struct bench_run){.kind = BENCH_UDP,
					       .reverse = true,
					       .mix = true,
					       .size = 9000,
					       .flows = BENCH_FLOWS_MAX,
					       .ms = BENCH_MS_MAX,
					       .rate_bps = UINT64_MAX}),
		run_message(
			(struct bench_run){.kind = BENCH_TCP, .flows = 64, .ms = 100}),
		run_message((struct bench_run){.kind = BENCH_IDLE, .ms = 100}),
		{.type = BENCH_READY,
		 .ports = {.probe = 1, .count = 2, .flow = {2, 65535}}},
		{.type = BENCH_GO},
		{.type = BENCH_REPORT, .tally = {UINT64_MAX, 1, 2}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t buf[BENCH_MESSAGE_MAX], again[BENCH_MESSAGE_MAX];
		size_t len = bench_wire_encode(&cases[i], buf);
		struct bench_message got = {0};

		assert_int_equal(bench_wire_body_len(buf), len - BENCH_HEADER_LEN);
		assert_int_equal(bench_wire_decode(&got, buf, len), 0);
		assert_int_equal(got.type, cases[i].type);
		assert_int_equal(bench_wire_encode(&got, again), len);
		assert_memory_equal(again, buf, len);
	}
}

static void a_run_looks_like_this(void **state)
{
	static const uint8_t expected[] = {
		4,    0,    25,                            /* RUN, 25 bytes */
		1,    0,    0,                             /* UDP, forward, no mix */
		0x05, 0x8c, 0,  2, 0x0b, 0xb8,             /* 1420, 2, 3000 ms */
		0,    0,    0,  0, 0,    0x0f, 0x42, 0x40, /* 1 Mb/s */
		0,    7,    0,  2, 0x9c, 0x40, 0x9c, 0x41, /* ports */
	};
	struct bench_message m = run_message(udp_run);
	uint8_t buf[BENCH_MESSAGE_MAX];

	(void)state;
	assert_int_equal(bench_wire_encode(&m, buf), sizeof(expected));
	assert_memory_equal(buf, expected, sizeof(expected));
}

static void a_shorter_or_longer_one_is_refused(void **state)
{
	struct bench_message m = run_message(udp_run), got;
	uint8_t buf[BENCH_MESSAGE_MAX + 1] = {0};
	size_t len = bench_wire_encode(&m, buf);

	(void)state;
	for (size_t n = 0; n <= len + 1; n++) {
		uint8_t cut[BENCH_MESSAGE_MAX + 1];

		memcpy(cut, buf, sizeof(cut));
		assert_int_equal(bench_wire_decode(&got, cut, n),
				 n == len ? 0 : -EBADMSG);
		if (n < BENCH_HEADER_LEN || n == len)
			continue;
		cut[2] = (uint8_t)(n - BENCH_HEADER_LEN); /* so that the header is true */
		assert_int_equal(bench_wire_decode(&got, cut, n), -EBADMSG);
	}
}

static void a_header_is_judged_alone(void **state)
{
	static const struct {
		uint8_t header[BENCH_HEADER_LEN];
		int expected;
	} cases[] = {
		{{0, 0, 0}, -EBADMSG},
		{{8, 0, 0}, -EBADMSG},
		{{1, 0, 2}, 2},
		{{4, 0, BENCH_BODY_MAX}, BENCH_BODY_MAX},
		{{4, 0, BENCH_BODY_MAX + 1}, -EBADMSG},
		{{4, 1, 0}, -EBADMSG},
		{{'G', 'E', 'T'}, -EBADMSG},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(bench_wire_body_len(cases[i].header), cases[i].expected);
}

static void a_run_beyond_the_limits_is_refused(void **state)
{
	static const struct bench_run cases[] = {
		{.kind = BENCH_UDP, .size = 63, .flows = 1, .ms = 100},
		{.kind = BENCH_UDP, .size = 9001, .flows = 1, .ms = 100},
		{.kind = BENCH_UDP, .size = 64, .flows = 0, .ms = 100},
		{.kind = BENCH_UDP, .size = 64, .flows = 1, .ms = 99},
		{.kind = BENCH_UDP, .size = 64, .flows = 1, .ms = 30001},
		{.kind = BENCH_TCP, .flows = 0, .ms = 100},
		{.kind = BENCH_TCP, .flows = 65, .ms = 100},
		{.kind = BENCH_TCP, .flows = 1, .size = 64, .ms = 100},
		{.kind = BENCH_TCP, .flows = 1, .mix = true, .ms = 100},
		{.kind = BENCH_TCP, .flows = 1, .ms = 100, .rate_bps = 1},
		{.kind = BENCH_IDLE, .ms = 99},
		{.kind = BENCH_IDLE, .flows = 1, .ms = 100},
		{.kind = BENCH_IDLE, .reverse = true, .ms = 100},
		{.kind = (enum bench_kind)3, .flows = 1, .ms = 100},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bench_message m = run_message(cases[i]);

		assert_false(is_taken(&m));
	}
}

static void ports_have_to_be_there_and_not_0(void **state)
{
	struct bench_message m = run_message(udp_run);

	(void)state;
	m.ports.count = 1; /* of two flows */
	assert_false(is_taken(&m));
	m = run_message(udp_run);
	m.ports.flow[1] = 0;
	assert_false(is_taken(&m));
	m = run_message(udp_run);
	m.ports.probe = 0;
	assert_false(is_taken(&m));
	m = run_message((struct bench_run){.kind = BENCH_TCP, .flows = 1, .ms = 100});
	m.ports.count = 1;
	m.ports.flow[0] = 5;
	assert_false(is_taken(&m));
}

static void what_is_not_known_is_refused(void **state)
{
	struct bench_message m = {.type = BENCH_REFUSE, .refusal = (enum bench_refusal)0};

	(void)state;
	assert_false(is_taken(&m));
	m.refusal = (enum bench_refusal)(BENCH_FAILED + 1);
	assert_false(is_taken(&m));
	m = (struct bench_message){.type = BENCH_WELCOME, .mtu = BENCH_SIZE_MIN - 1};
	assert_false(is_taken(&m));
}

static void every_refusal_has_its_sentence(void **state)
{
	(void)state;
	for (int i = BENCH_BUSY; i <= BENCH_FAILED; i++)
		for (int j = i + 1; j <= BENCH_FAILED + 1; j++)
			assert_string_not_equal(bench_refusal_str((enum bench_refusal)i),
						bench_refusal_str((enum bench_refusal)j));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_survives_the_wire),
		cmocka_unit_test(a_run_looks_like_this),
		cmocka_unit_test(a_shorter_or_longer_one_is_refused),
		cmocka_unit_test(a_header_is_judged_alone),
		cmocka_unit_test(a_run_beyond_the_limits_is_refused),
		cmocka_unit_test(ports_have_to_be_there_and_not_0),
		cmocka_unit_test(what_is_not_known_is_refused),
		cmocka_unit_test(every_refusal_has_its_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
