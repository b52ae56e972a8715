/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/conf_script.h"
#include "wgrd/conf/key_file.h"

static char dir[] = "/tmp/wgrd-key-file-XXXXXX";
static char path[64];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/key", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void write_file(const char *text, size_t len, mode_t mode)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* @why NULL: the file holds KEY_1. */
static void expect(const char *what, const char *why)
{
	static const struct conf_secret nothing;
	struct conf_secret key;
	char saw[200] = "accepted";
	int err;

	memset(&key, 0x55, sizeof(key));
	err = key_file_read(path, &key, saw, sizeof(saw));
	if ((err != 0) != (why != NULL) ||
	    strncmp(saw, why ?: "accepted", strlen(why ?: "")))
		fail_msg("%s: expected \"%s\", saw \"%s\"", what, why ?: "accepted", saw);
	if (why) {
		assert_true(err < 0);
		assert_memory_equal(&key, &nothing, sizeof(key));
		return;
	}
	assert_true(key.set);
	for (size_t i = 0; i < CONF_KEY_LEN; i++)
		assert_int_equal(key.key[i], 1);
}

static void a_file_holds_exactly_one_key(void **state)
{
	static const char no[] = "does not hold a key";
	static const struct {
		const char *text, *why;
		size_t len; /* 0: strlen */
	} cases[] = {
		{KEY_1, NULL, 0},
		{KEY_1 "\n", NULL, 0},
		{KEY_1 "\r\n\n", NULL, 0},
		{"", no, 0},
		{"\n", no, 0},
		{"\n" KEY_1, no, 0},
		{" " KEY_1, no, 0},
		{"AQEB\n", no, 0},
		{"not a key at all, but of a length that would do.", no, 0},
		{KEY_1 "\n" KEY_2 "\n", no, 0},
		{KEY_1 "=", no, 0},
		{KEY_1 "\0\n", no, sizeof(KEY_1 "\0\n") - 1},
		{"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\n", no, 0}, /* 33 octets */
		{"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ==\n", no, 0}, /* 31 octets */
		/* bits after the last octet */
		{"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQF=\n", no, 0},
		{"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBA\xff"
		 "E=\n",
		 no, 0},
	};
	char blanks[400];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		write_file(cases[i].text, cases[i].len ?: strlen(cases[i].text), 0600);
		expect(cases[i].text, cases[i].why);
	}
	for (size_t len = 44; len < sizeof(blanks); len++) {
		memset(blanks, '\n', len);
		memcpy(blanks, KEY_1, 44);
		write_file(blanks, len, 0400);
		expect("a key and many newlines", len <= 128 ? NULL : no);
	}
}

static void a_file_that_others_may_use_is_refused(void **state)
{
	static const mode_t bad[] = {0604, 0640, 0620, 0602, 0601, 0610, 0644, 0777};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char why[64];

		snprintf(why, sizeof(why),
			 "has mode %04o: others may use it; expected 0600", bad[i]);
		write_file(KEY_1, 44, bad[i]);
		expect("mode", why);
	}
	if (geteuid() == 0) {
		write_file(KEY_1, 44, 0600);
		assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
		expect("owner", "belongs to user 12345: expected root");
	}
}

static void what_is_not_a_regular_file_is_refused_without_waiting(void **state)
{
	(void)state;
	unlink(path);
	expect("nothing", "cannot be opened: No such file or directory");
	assert_int_equal(mkfifo(path, 0600), 0);
	expect("fifo", "is not a regular file");
	unlink(path);
	assert_int_equal(symlink("/dev/null", path), 0);
	expect("symbolic link", "is a symbolic link; expected the file itself");
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	expect("directory", "is not a regular file");
	assert_int_equal(rmdir(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_holds_exactly_one_key),
		cmocka_unit_test(a_file_that_others_may_use_is_refused),
		cmocka_unit_test(what_is_not_a_regular_file_is_refused_without_waiting),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
