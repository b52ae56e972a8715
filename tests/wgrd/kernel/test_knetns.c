/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wgrd/kernel/knetns.h"

static char dir[] = "/tmp/test_knetns.XXXXXX";

static void in_dir(const char *name, char path[static 64])
{
	snprintf(path, 64, "%s/%s", dir, name);
}

static int set_up(void **state)
{
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	in_dir("own", path);
	assert_int_equal(symlink("/proc/self/ns/net", path), 0);
	in_dir("other", path); /* an inode of the same file system */
	assert_int_equal(symlink("/proc/self/ns/mnt", path), 0);
	in_dir("dangling", path);
	assert_int_equal(symlink("nowhere", path), 0);
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = {"own", "other", "dangling"};
	char path[64];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		in_dir(names[i], path);
		assert_int_equal(unlink(path), 0);
	}
	return rmdir(dir);
}

static void a_namespace_is_known_by_its_inode(void **state)
{
	(void)state;
	assert_true(knetns_is_own(dir, "own"));
	assert_false(knetns_is_own(dir, "other"));
}

static void what_cannot_be_looked_at_is_not_ours(void **state)
{
	char name[300], way_out[80];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(way_out, sizeof(way_out), "../%s/own", strrchr(dir, '/') + 1);
	assert_false(knetns_is_own(dir, "absent"));
	assert_false(knetns_is_own(dir, "dangling"));
	assert_false(knetns_is_own(dir, name));
	assert_false(knetns_is_own(dir, ""));
	assert_false(knetns_is_own(dir, way_out));
	assert_false(knetns_is_own("/nowhere", "own"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_namespace_is_known_by_its_inode),
		cmocka_unit_test(what_cannot_be_looked_at_is_not_ours),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
