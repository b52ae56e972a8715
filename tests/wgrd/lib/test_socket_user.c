/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/socket_user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Who is there when @uid connects; only root can be somebody else. */
static struct socket_user find(uid_t uid)
{
	struct socket_user who;
	uid_t self = geteuid();
	int fd[2];

	assert_int_equal(seteuid(uid), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_int_equal(seteuid(self), 0);
	assert_int_equal(socket_user_find(fd[0], &who), 0);
	close(fd[0]);
	close(fd[1]);
	return who;
}

static void a_user_has_his_name_and_group(void **state)
{
	struct socket_user who = find(geteuid());
	const struct passwd *pw = getpwuid(geteuid());

	(void)state;
	if (!pw)
		skip();
	assert_int_equal(who.uid, geteuid());
	assert_true(who.known);
	assert_string_equal(who.name, pw->pw_name);
	assert_int_equal(who.gid, pw->pw_gid);
}

/* He is who connected, not who the process is when it is asked. */
static void a_user_without_a_name_has_his_number(void **state)
{
	const uid_t uid = 54321;
	struct socket_user who;

	(void)state;
	if (geteuid() || getpwuid(uid))
		skip();
	who = find(uid);
	assert_int_equal(who.uid, uid);
	assert_false(who.known);
	assert_string_equal(who.name, "54321");
	assert_int_equal(who.gid, (gid_t)-1);
}

static void where_nobody_connected_nobody_is_found(void **state)
{
	struct socket_user who = {.name = "as it was"};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), pipes[2];

	(void)state;
	assert_int_equal(socket_user_find(fd, &who), -ENOTCONN);
	close(fd);
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(socket_user_find(pipes[0], &who), -ENOTSOCK);
	close(pipes[0]);
	close(pipes[1]);
	assert_int_equal(socket_user_find(-1, &who), -EBADF);
	assert_string_equal(who.name, "as it was");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_has_his_name_and_group),
		cmocka_unit_test(a_user_without_a_name_has_his_number),
		cmocka_unit_test(where_nobody_connected_nobody_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
