/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of commits: whole, cut off at every octet, and on a disk that is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wgrd/conf/journal.h"
#include "wgrd/lib/strbuf.h"

static char path[] = "/tmp/wgrd-journal-XXXXXX";

static int make_file(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/wgrd-journal-XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static struct conf_edit edits[] = {
	{.path = (char *)"a[name='b']/c", .value = (char *)"d e"},
	{.unset = true, .path = (char *)"f"},
	{.path = (char *)"g"},
};
static const struct commit_record records[] = {
	{.id = 7,
	 .when = 1795730000,
	 .origin = {.user = "ada", .from = "vty, rollback to 3"},
	 .forward = {.edit = edits, .count = 3},
	 .back = {.edit = edits + 1, .count = 1},
	 .digest = 0xfedcba9876543210},
	{.id = 8, .when = -1, .origin = {.user = "", .from = ""}, .digest = 1},
	{.id = 9, .origin = {.user = "b"}, .back = {.edit = edits, .count = 1}},
};

static const struct commit_record *record(void *arg, size_t i)
{
	(void)arg;
	return &records[i];
}

static void put_edits(struct strbuf *out, const struct edits *e)
{
	for (size_t i = 0; i < e->count; i++)
		strbuf_printf(out, " %d:%s=%s", e->edit[i].unset, e->edit[i].path,
			      e->edit[i].value ?: "(none)");
}

static void put(struct strbuf *out, const struct commit_record *r)
{
	strbuf_printf(out, "%llu %lld %llx [%s] [%s]", (unsigned long long)r->id,
		      (long long)r->when, (unsigned long long)r->digest, r->origin.user,
		      r->origin.from);
	put_edits(out, &r->forward);
	strbuf_puts(out, " |");
	put_edits(out, &r->back);
	strbuf_puts(out, "\n");
}

static void take(void *arg, struct commit_record *r)
{
	put(arg, r);
	edits_fini(&r->forward);
	edits_fini(&r->back);
}

static void write_records(size_t count)
{
	char why[512];

	if (journal_rewrite(path, record, NULL, count, why, sizeof(why)))
		fail_msg("%s", why);
}

static void expect_first(size_t count, int err)
{
	struct strbuf seen = {0}, expected = {0};
	char why[512] = "";

	for (size_t i = 0; i < count; i++)
		put(&expected, &records[i]);
	assert_int_equal(journal_read(path, take, &seen, why, sizeof(why)), err);
	if (strcmp(strbuf_str(&seen), strbuf_str(&expected)) != 0)
		fail_msg("expected:\n%ssaw:\n%s", strbuf_str(&expected),
			 strbuf_str(&seen));
	strbuf_free(&seen);
	strbuf_free(&expected);
}

static void what_is_written_is_read(void **state)
{
	struct stat st;
	char why[512];

	(void)state;
	write_records(0);
	expect_first(0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(records); i++)
		if (journal_append(path, &records[i], why, sizeof(why)))
			fail_msg("%s", why);
	expect_first(ARRAY_SIZE(records), 0);
	write_records(2);
	expect_first(2, 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* A crash may leave any part of the last record: the ones before it count. */
static void a_record_cut_off_anywhere_is_dropped(void **state)
{
	struct stat one, all;

	(void)state;
	write_records(1);
	assert_int_equal(stat(path, &one), 0);
	write_records(2);
	assert_int_equal(stat(path, &all), 0);
	for (off_t len = all.st_size - 1; len >= one.st_size; len--) {
		assert_int_equal(truncate(path, len), 0);
		expect_first(1, len == one.st_size ? 0 : -EINVAL);
	}
	for (off_t len = one.st_size - 1; len >= 0; len--) {
		assert_int_equal(truncate(path, len), 0);
		expect_first(0, len == (off_t)strlen("wgrd commits 1\n") ? 0 : -EINVAL);
	}
}

static void what_is_no_journal_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "does not begin"},
		{"wgrd commits 2\n", "does not begin"},
		{"wgrd commits 1\ncommit 0 1 1 a b\nend 0\n", ":2: not a whole commit"},
		{"wgrd commits 1\ncommit 1 1 1 a b\nend 2\n", ":3: not a whole commit"},
		{"wgrd commits 1\ncommit 1 1 1 a b\ndo * x\nend 1\n", ":3:"},
		{"wgrd commits 1\ncommit 1 1 1 a b\ndo +x\nend 1\n", ":3:"},
		{"wgrd commits 1\ncommit 1 1 1 a b\ndo + \nend 1\n", ":3:"},
		{"wgrd commits 1\nend 1\n", ":2:"},
		{"wgrd commits 1\n\n", ":2:"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct strbuf seen = {0};
		char why[512] = "";
		FILE *f = fopen(path, "w");

		fputs(cases[i].text, f);
		fclose(f);
		assert_int_equal(journal_read(path, take, &seen, why, sizeof(why)),
				 -EINVAL);
		if (!strstr(why, cases[i].why) || seen.len)
			fail_msg("%s: expected \"%s\" and no record, saw \"%s\" and %s",
				 cases[i].text, cases[i].why, why, strbuf_str(&seen));
	}
}

static void a_file_that_is_not_there_is_told_from_one_that_is_wrong(void **state)
{
	char why[512];

	(void)state;
	assert_int_equal(
		journal_read("/nonexistent/commits", take, NULL, why, sizeof(why)),
		-ENOENT);
	assert_int_equal(
		journal_append("/nonexistent/commits", &records[0], why, sizeof(why)),
		-ENOENT);
	assert_non_null(strstr(why, "/nonexistent/commits"));
}

/* A limit on the size of files fails in the middle of a write, as a full disk does. */
static void what_did_not_fit_leaves_the_file_as_it_was(void **state)
{
	struct rlimit was, limit;
	struct stat st;
	char why[512];

	(void)state;
	write_records(1);
	assert_int_equal(stat(path, &st), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	limit = (struct rlimit){(rlim_t)st.st_size + 10, was.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(journal_append(path, &records[1], why, sizeof(why)), -EFBIG);
	assert_int_equal(journal_rewrite(path, record, NULL, 2, why, sizeof(why)),
			 -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_non_null(strstr(why, "as it was"));
	expect_first(1, 0);
	assert_int_equal(journal_append(path, &records[1], why, sizeof(why)), 0);
	expect_first(2, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_written_is_read, make_file,
						remove_file),
		cmocka_unit_test_setup_teardown(a_record_cut_off_anywhere_is_dropped,
						make_file, remove_file),
		cmocka_unit_test_setup_teardown(
			what_is_no_journal_is_refused_with_its_line, make_file,
			remove_file),
		cmocka_unit_test(a_file_that_is_not_there_is_told_from_one_that_is_wrong),
		cmocka_unit_test_setup_teardown(
			what_did_not_fit_leaves_the_file_as_it_was, make_file,
			remove_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
