/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics as text, in both formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wgrd/metrics/exposition.h"

static const struct exposition_family bytes = {.name = "x_bytes",
					       .type = EXPOSITION_COUNTER,
					       .unit = "bytes",
					       .help = "Sent."},
				      up = {.name = "x_up",
					    .type = EXPOSITION_GAUGE,
					    .help = "Is it?"},
				      build = {.name = "x_build",
					       .type = EXPOSITION_INFO,
					       .help = "What."};

static void expect(bool openmetrics, const char *text)
{
	struct strbuf out = {0};
	struct exposition x = {.out = &out, .openmetrics = openmetrics};

	exposition_begin(&x, &build);
	exposition_sample(&x, (const struct exposition_label[]){{"version", "1"}, {0}},
			  1);
	exposition_begin(&x, &bytes);
	exposition_sample(
		&x,
		(const struct exposition_label[]){{"peer", "a"}, {"interface", ""}, {0}},
		UINT64_MAX);
	exposition_sample(
		&x, (const struct exposition_label[]){{"peer", "q\"b\\s\nn"}, {0}}, 0);
	exposition_begin(&x, &up);
	exposition_sample(&x, NULL, 1);
	exposition_end(&x);
	assert_string_equal(strbuf_str(&out), text);
	strbuf_free(&out);
}

static void openmetrics_has_families_units_and_an_end(void **state)
{
	(void)state;
	expect(true, "# TYPE x_build info\n"
		     "# HELP x_build What.\n"
		     "x_build_info{version=\"1\"} 1\n"
		     "# TYPE x_bytes counter\n"
		     "# UNIT x_bytes bytes\n"
		     "# HELP x_bytes Sent.\n"
		     "x_bytes_total{peer=\"a\",interface=\"\"} 18446744073709551615\n"
		     "x_bytes_total{peer=\"q\\\"b\\\\s\\nn\"} 0\n"
		     "# TYPE x_up gauge\n"
		     "# HELP x_up Is it?\n"
		     "x_up 1\n"
		     "# EOF\n");
}

static void the_older_format_names_the_samples(void **state)
{
	(void)state;
	expect(false, "# TYPE x_build_info gauge\n"
		      "# HELP x_build_info What.\n"
		      "x_build_info{version=\"1\"} 1\n"
		      "# TYPE x_bytes_total counter\n"
		      "# HELP x_bytes_total Sent.\n"
		      "x_bytes_total{peer=\"a\",interface=\"\"} 18446744073709551615\n"
		      "x_bytes_total{peer=\"q\\\"b\\\\s\\nn\"} 0\n"
		      "# TYPE x_up gauge\n"
		      "# HELP x_up Is it?\n"
		      "x_up 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openmetrics_has_families_units_and_an_end),
		cmocka_unit_test(the_older_format_names_the_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
