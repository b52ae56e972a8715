/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "wgrd/zebra/zclient_socket.h"

static void a_connection_is_there_at_once_and_does_not_block(void **state)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd = -1;
	char path[64], c;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/test-zsocket.%d", (int)getpid());
	memcpy(sun.sun_path, path, strlen(path));
	unlink(path);
	assert_int_equal(bind(listener, (const struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(zsocket_connect(path, &fd), -ECONNREFUSED);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(zsocket_connect(path, &fd), 0);
	assert_int_equal(read(fd, &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	close(listener);
	unlink(path);
}

static void what_cannot_be_connected_to_is_an_error(void **state)
{
	char path[200];
	int fd = -7;

	(void)state;
	assert_int_equal(zsocket_connect("/nowhere/zserv.api", &fd), -ENOENT);
	assert_int_equal(zsocket_connect("", &fd), -ENAMETOOLONG);
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(zsocket_connect(path, &fd), -ENAMETOOLONG);
	assert_int_equal(fd, -7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_there_at_once_and_does_not_block),
		cmocka_unit_test(what_cannot_be_connected_to_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
