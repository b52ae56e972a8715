/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wgrd/lib/log.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/strbuf.h"

static struct strbuf seen;

static void capture(enum log_level level, enum log_subsys s, const char *line)
{
	strbuf_printf(&seen, "%d %s %s\n", level, log_subsys_name(s), line);
}

static void expect_seen(const char *expected)
{
	assert_string_equal(strbuf_str(&seen), expected);
	strbuf_truncate(&seen, 0);
}

static int set_up(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_NOTICE);
	log_capture(capture);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	log_capture(NULL);
	strbuf_free(&seen);
	return 0;
}

static void lines_below_the_level_are_dropped(void **state)
{
	(void)state;
	log_err(LOG_FIB, "e");
	log_notice(LOG_WG, "peer %s: session %d", "b", 3);
	log_info(LOG_FIB, "i");
	log_debug(LOG_FIB, "d");
	expect_seen("0 fib e\n2 wg peer b: session 3\n");
	log_set_level(LOG_LEVEL_INFO);
	log_info(LOG_FIB, "i");
	expect_seen("3 fib i\n");
}

static void debug_is_switched_per_subsystem(void **state)
{
	(void)state;
	log_set_debug(LOG_ZEBRA, true);
	log_debug(LOG_ZEBRA, "on");
	log_debug(LOG_RIB, "off");
	log_set_debug(LOG_ZEBRA, false);
	log_debug(LOG_ZEBRA, "off");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug(LOG_RIB, "on");
	expect_seen("4 zebra on\n4 rib on\n");
}

static void a_line_stays_one_line(void **state)
{
	char longer[3000];

	(void)state;
	log_err(LOG_WG, "a\nb\x1b[2Jc\x7f");
	expect_seen("0 wg a?b?[2Jc?\n");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	log_err(LOG_WG, "%s", longer);
	assert_true(seen.len < 1100);
	assert_string_equal(seen.s + seen.len - 5, "x...\n");
}

static void errno_survives(void **state)
{
	(void)state;
	errno = ENOTTY;
	log_err(LOG_WG, "x");
	assert_int_equal(errno, ENOTTY);
}

static void a_flood_is_counted_and_summed_up(void **state)
{
	struct log_limit limit = LOG_LIMIT(2, 10);
	uint64_t now_ns = 50 * NS_PER_S;
	unsigned passed = 0;

	(void)state;
	for (int i = 0; i < 7; i++)
		passed += log_limit_pass(&limit, now_ns + (uint64_t)i, LOG_WG);
	assert_int_equal(passed, 2);
	expect_seen("");
	assert_false(log_limit_pass(&limit, now_ns + 10 * NS_PER_S - 1, LOG_WG));
	assert_true(log_limit_pass(&limit, now_ns + 10 * NS_PER_S, LOG_WG));
	expect_seen("1 wg 6 lines like the next were left out\n");
	assert_true(log_limit_pass(&limit, now_ns + 20 * NS_PER_S, LOG_WG));
	expect_seen("");
}

/* ---- the file ---- */

struct log_file {
	char dir[32], path[64], moved[64];
};

static int open_file(void **state)
{
	struct log_file *f = xcalloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/wgrd-log-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/log", f->dir);
	snprintf(f->moved, sizeof(f->moved), "%s/log.1", f->dir);
	*state = f;
	log_set_level(LOG_LEVEL_NOTICE);
	return log_open("wgrd-test", LOG_TO_FILE, f->path);
}

static int close_file(void **state)
{
	struct log_file *f = *state;

	log_close();
	unlink(f->path);
	unlink(f->moved);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void read_file(const char *path, struct strbuf *text)
{
	char chunk[4096];
	size_t n;
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	while ((n = fread(chunk, 1, sizeof(chunk), in)))
		strbuf_add(text, chunk, n);
	fclose(in);
}

static void expect_in_file(const char *path, const char *line, bool there)
{
	struct strbuf text = {0};

	read_file(path, &text);
	if (!strstr(strbuf_str(&text), line) == there)
		fail_msg("expected %s\"%s\" in %s, saw:\n%s", there ? "" : "no ", line,
			 path, strbuf_str(&text));
	strbuf_free(&text);
}

static void a_line_in_the_file_has_time_subsystem_and_level(void **state)
{
	struct log_file *f = *state;
	struct strbuf text = {0};
	int year, ms, hours, consumed = 0;

	log_warn(LOG_TENANT, "tenant red: 12 prefixes refused");
	read_file(f->path, &text);
	if (sscanf(strbuf_str(&text), "%4d-%*2d-%*2dT%*2d:%*2d:%*2d.%3d%3d:%*2d %n",
		   &year, &ms, &hours, &consumed) != 3 ||
	    !consumed)
		fail_msg("expected a time stamp, saw \"%s\"", strbuf_str(&text));
	assert_string_equal(text.s + consumed,
			    "tenant: warn: tenant red: 12 prefixes refused\n");
	strbuf_free(&text);
}

static void the_file_can_be_rotated_away(void **state)
{
	struct log_file *f = *state;

	log_err(LOG_WG, "first");
	assert_int_equal(rename(f->path, f->moved), 0);
	log_err(LOG_WG, "second");
	log_reopen();
	log_err(LOG_WG, "third");
	expect_in_file(f->moved, "second", true);
	expect_in_file(f->moved, "third", false);
	expect_in_file(f->path, "third", true);
}

static void a_file_that_cannot_be_reopened_stays(void **state)
{
	struct log_file *f = *state;

	assert_int_equal(rename(f->path, f->moved), 0);
	assert_int_equal(mkdir(f->path, 0700), 0);
	log_reopen();
	log_err(LOG_WG, "after");
	expect_in_file(f->moved, "cannot be opened again", true);
	expect_in_file(f->moved, "after", true);
	assert_int_equal(rmdir(f->path), 0);
	assert_int_equal(log_open("wgrd-test", LOG_TO_FILE, "/nonexistent/log"), -ENOENT);
	log_err(LOG_WG, "still here");
	expect_in_file(f->moved, "still here", true);
}

enum {
	WRITERS = 4,
	LINES = 500,
};

static void *write_lines(void *arg)
{
	for (int i = 0; i < LINES; i++)
		log_err(LOG_DAEMON, "%s %d", (const char *)arg, i);
	return NULL;
}

static void lines_of_threads_stay_whole_while_the_file_is_rotated(void **state)
{
	static char names[WRITERS][2] = {"a", "b", "c", "d"};
	struct log_file *f = *state;
	struct strbuf text = {0};
	pthread_t threads[WRITERS];
	unsigned lines = 0;

	for (unsigned i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_lines, names[i]),
				 0);
	assert_int_equal(rename(f->path, f->moved), 0);
	for (unsigned i = 0; i < 20; i++) {
		log_reopen();
		assert_int_equal(log_direct(LOG_TO_FILE, LOG_LEVEL_ERR, NULL), 0);
	}
	for (unsigned i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	read_file(f->path, &text);
	read_file(f->moved, &text);
	for (char *line = strtok(text.s, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned number;
		char name;

		if (sscanf(line, "%*s daemon: err: %c %u", &name, &number) != 2)
			fail_msg("not a whole line: \"%s\"", line);
		lines++;
	}
	assert_int_equal(lines, WRITERS * LINES);
	strbuf_free(&text);
}

static void a_target_gets_what_it_is_told_to(void **state)
{
	struct log_file *f = *state;
	enum log_level upto;
	const char *path;

	assert_true(log_goes_to(LOG_TO_FILE, &upto, &path));
	assert_int_equal(upto, LOG_LEVEL_DEBUG);
	assert_string_equal(path, f->path);
	assert_false(log_goes_to(LOG_TO_STDERR, &upto, &path));

	assert_int_equal(log_direct(LOG_TO_FILE, LOG_LEVEL_WARN, NULL), 0);
	log_notice(LOG_WG, "not important");
	log_warn(LOG_WG, "important");
	expect_in_file(f->path, "not important", false);
	expect_in_file(f->path, "warn: important", true);

	/* a file may get more than the level of all */
	assert_int_equal(log_direct(LOG_TO_FILE, LOG_LEVEL_INFO, NULL), 0);
	log_info(LOG_WG, "even this");
	expect_in_file(f->path, "even this", true);
	log_set_level(LOG_LEVEL_NOTICE);
}

static void the_file_can_be_another_one_or_none(void **state)
{
	struct log_file *f = *state;
	enum log_level upto;
	const char *path;

	assert_int_equal(log_direct(LOG_TO_FILE, LOG_LEVEL_DEBUG, "/nonexistent/log"),
			 -ENOENT);
	log_err(LOG_WG, "first");
	assert_int_equal(log_direct(LOG_TO_FILE, LOG_LEVEL_NOTICE, f->moved), 0);
	log_err(LOG_WG, "second");
	log_direct_nothing(LOG_TO_FILE);
	assert_false(log_goes_to(LOG_TO_FILE, &upto, &path));
	log_err(LOG_WG, "third");
	log_reopen();
	log_err(LOG_WG, "fourth");
	assert_int_equal(log_direct(LOG_TO_FILE, LOG_LEVEL_NOTICE, NULL), 0);
	log_err(LOG_WG, "fifth");
	expect_in_file(f->path, "first", true);
	expect_in_file(f->path, "second", false);
	expect_in_file(f->path, " wgrd-tes: ", false);
	expect_in_file(f->moved, " wgrd-tes: wg: err: second\n", true);
	expect_in_file(f->moved, "third", false);
	expect_in_file(f->moved, "fourth", false);
	expect_in_file(f->moved, "fifth", true);
}

static void levels_have_our_names_and_frrs(void **state)
{
	static const struct {
		const char *name;
		int level;
	} cases[] = {
		{"error", LOG_LEVEL_ERR},
		{"errors", LOG_LEVEL_ERR},
		{"crit", LOG_LEVEL_ERR},
		{"emergencies", LOG_LEVEL_ERR},
		{"alerts", LOG_LEVEL_ERR},
		{"warn", LOG_LEVEL_WARN},
		{"warning", LOG_LEVEL_WARN},
		{"notice", LOG_LEVEL_NOTICE},
		{"notif", LOG_LEVEL_NOTICE},
		{"info", LOG_LEVEL_INFO},
		{"in", LOG_LEVEL_INFO},
		{"informational", LOG_LEVEL_INFO},
		{"debugging", LOG_LEVEL_DEBUG},
		{"d", -1},
		{"", -1},
		{"errorss", -1},
		{"informational2", -1},
		{"x", -1},
	};
	enum log_level level;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool known = log_level_parse(cases[i].name, &level);

		if (known != (cases[i].level >= 0) ||
		    (known && (int)level != cases[i].level))
			fail_msg("%s", cases[i].name);
	}
}

#define LOG_TEST(name)  cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, open_file, close_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOG_TEST(lines_below_the_level_are_dropped),
		LOG_TEST(debug_is_switched_per_subsystem),
		LOG_TEST(a_line_stays_one_line),
		LOG_TEST(errno_survives),
		LOG_TEST(a_flood_is_counted_and_summed_up),
		FILE_TEST(a_line_in_the_file_has_time_subsystem_and_level),
		FILE_TEST(the_file_can_be_rotated_away),
		FILE_TEST(a_file_that_cannot_be_reopened_stays),
		FILE_TEST(a_target_gets_what_it_is_told_to),
		FILE_TEST(the_file_can_be_another_one_or_none),
		LOG_TEST(levels_have_our_names_and_frrs),
		FILE_TEST(lines_of_threads_stay_whole_while_the_file_is_rotated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
