/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "wgrd/ctl/bench_report.h"

static const struct bench_row rows[] = {
	{.run = {.kind = BENCH_IDLE}, .latency = {300, 300, 179, 284}},
	{.run = {.kind = BENCH_UDP, .size = 64, .flows = 1},
	 .sent = {2400000, 153600000, 3000000},
	 .received = {600000, 38400000, 2999000},
	 .latency = {300, 290, 7460, 15300}},
	/* Few arrive at once: the time is that of the sender. */
	{.run = {.kind = BENCH_UDP, .size = 1420, .flows = 64},
	 .sent = {1000, 1420000, 2000000},
	 .received = {2, 2840, 10},
	 .latency = {300, 0, 0, 0}},
	/* More arrive than were sent: some were doubled. */
	{.run = {.kind = BENCH_UDP, .mix = true, .size = 1420, .flows = 8},
	 .sent = {100, 34775, 1000000},
	 .received = {101, 35000, 1000000},
	 .latency = {1, 1, 1, 1}},
	{.run = {.kind = BENCH_UDP, .size = 512, .flows = 8}, .err = -EMSGSIZE},
	{.run = {.kind = BENCH_UDP, .size = 512, .flows = 8}, .err = -ENOBUFS},
	/* The widest there can be: 64 flows of 400 Gb/s, all probes lost. */
	{.run = {.kind = BENCH_UDP, .size = 9000, .flows = 64},
	 .sent = {8333333333, 75000000000000, 1500000000},
	 .received = {166666666, 1500000000000, 30000000},
	 .latency = {4000, 1, 999999, 999999}},
	{.run = {.kind = BENCH_TCP, .flows = 64},
	 .sent = {0, 4000000000, 3000000},
	 .received = {0, 3750000000, 3000000},
	 .latency = {300, 299, 1234, 9999}},
};

static const struct bench_report report = {
	.server = "10.99.0.2 port 51899",
	.ms = 3000,
	.mtu = 1420,
	.row = rows,
	.count = ARRAY_SIZE(rows),
};

static const char golden[] =
	"To 10.99.0.2 port 51899, 3 s each, MTU 1420\n"
	"\n"
	"packets   flows         Mb/s       kpps   loss %     p50 ms     p99 ms no answer\n"
	"idle          -            -          -        -      0.179      0.284         0\n"
	"UDP 64        1        102.4      200.0    75.00      7.460     15.300        10\n"
	"UDP 1420     64          0.0        0.0    99.80          -          -       300\n"
	"UDP mix       8          0.3        0.1     0.00      0.001      0.001         0\n"
	"UDP 512       8            -          -        -          -          -         -\n"
	"  (packets of 512 bytes do not fit on the way)\n"
	"UDP 512       8            -          -        -          -          -         -\n"
	"  (No buffer space available)\n"
	"UDP 9000     64       8000.0      111.1    98.00    999.999    999.999      3999\n"
	"TCP          64      10000.0          -        -      1.234      9.999         1\n";

static void the_table_fits_80_columns(void **state)
{
	struct strbuf text = {0};

	(void)state;
	bench_report_head(&text, &report);
	for (size_t i = 0; i < report.count; i++)
		bench_report_row(&text, &report.row[i]);
	assert_string_equal(strbuf_str(&text), golden);
	for (const char *line = text.s; *line; line = strchr(line, '\n') + 1)
		assert_true(strcspn(line, "\n") <= 80);
	strbuf_free(&text);
}

static void the_head_says_who_sends(void **state)
{
	const struct bench_report r = {
		.server = "fd99::2 port 7", .reverse = true, .ms = 100, .mtu = 1280};
	struct strbuf text = {0};

	(void)state;
	bench_report_head(&text, &r);
	assert_memory_equal(text.s, "From fd99::2 port 7, 0.1 s each, MTU 1280\n", 42);
	strbuf_free(&text);
}

static const char golden_json[] =
	"{\n"
	"  \"server\": \"10.99.0.2 port 51899\",\n"
	"  \"reverse\": false,\n"
	"  \"seconds\": 3.000,\n"
	"  \"mtu\": 1420,\n"
	"  \"tests\": [\n"
	"    {\"kind\": \"idle\", \"mix\": false, \"flows\": 0, \"packet_bytes\": null, "
	"\"error\": null, \"mbps\": null, \"kpps\": null, \"loss_percent\": null,\n"
	"     \"latency\": {\"sent\": 300, \"answered\": 300, \"p50_ms\": 0.179, "
	"\"p99_ms\": 0.284},\n"
	"     \"sent\": {\"packets\": 0, \"bytes\": 0, \"seconds\": 0.000000},\n"
	"     \"received\": {\"packets\": 0, \"bytes\": 0, \"seconds\": 0.000000}},\n"
	"    {\"kind\": \"udp\", \"mix\": false, \"flows\": 1, \"packet_bytes\": 64, "
	"\"error\": null, \"mbps\": 102.400, \"kpps\": 200.000, \"loss_percent\": 75.000,\n"
	"     \"latency\": {\"sent\": 300, \"answered\": 290, \"p50_ms\": 7.460, "
	"\"p99_ms\": 15.300},\n"
	"     \"sent\": {\"packets\": 2400000, \"bytes\": 153600000, \"seconds\": "
	"3.000000},\n"
	"     \"received\": {\"packets\": 600000, \"bytes\": 38400000, \"seconds\": "
	"2.999000}}\n"
	"  ]\n"
	"}\n";

static void json_has_the_same_facts(void **state)
{
	struct bench_report two = report;
	struct strbuf text = {0};

	(void)state;
	two.count = 2;
	bench_report_json(&text, &two);
	assert_string_equal(strbuf_str(&text), golden_json);
	strbuf_free(&text);
}

static void json_says_what_failed(void **state)
{
	const struct bench_report failed = {
		.server = "\"quoted\"", .row = &rows[4], .count = 1};
	struct strbuf text = {0};

	(void)state;
	bench_report_json(&text, &failed);
	assert_non_null(strstr(text.s, "\"server\": \"\\\"quoted\\\"\""));
	assert_non_null(
		strstr(text.s, "\"error\": \"Message too long\", \"mbps\": null"));
	assert_non_null(strstr(text.s, "\"p50_ms\": null"));
	strbuf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_fits_80_columns),
		cmocka_unit_test(the_head_says_who_sends),
		cmocka_unit_test(json_has_the_same_facts),
		cmocka_unit_test(json_says_what_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
