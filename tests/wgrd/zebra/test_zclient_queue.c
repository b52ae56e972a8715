/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/zebra/zclient_queue.h"

static int fds[2];

static int setup(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds);
}

static int teardown(void **state)
{
	(void)state;
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static int put(struct zqueue *q, const char *text)
{
	uint8_t buf[64];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	wbuf_put(&w, text, strlen(text));
	return zqueue_put(q, buf, &w);
}

static void many_messages_leave_in_one_write(void **state)
{
	struct zqueue q = {0};
	char got[64] = "";

	(void)state;
	assert_int_equal(put(&q, "one "), 0);
	assert_int_equal(put(&q, "two "), 0);
	assert_int_equal(put(&q, "three"), 0);
	assert_int_equal(q.len, 13);
	assert_int_equal(zqueue_write(&q, fds[0]), 0);
	assert_int_equal(q.len, 0);
	assert_int_equal(read(fds[1], got, sizeof(got)), 13);
	assert_string_equal(got, "one two three");
	zqueue_clear(&q);
}

/* Reads once; every block of 1000 bytes has to carry its number. False: nothing there. */
static bool read_and_check(size_t *bytes)
{
	uint8_t got[4096];
	ssize_t n = read(fds[1], got, sizeof(got));

	for (ssize_t i = 0; i < n; i++, (*bytes)++)
		assert_int_equal(got[i], *bytes / 1000 % 251);
	return n > 0;
}

static void what_is_not_taken_stays_in_order(void **state)
{
	struct zqueue q = {0};
	uint8_t block[1000];
	struct wbuf w = wbuf_writer(block, sizeof(block));
	size_t blocks = 0, bytes = 0;

	(void)state;
	wbuf_put_zeros(&w, sizeof(block));
	for (int round = 0; round < 2000; round++) {
		memset(block, (int)(blocks % 251), sizeof(block));
		blocks += zqueue_put(&q, block, &w) == 0;
		if (round % 3 == 0)
			assert_int_equal(zqueue_write(&q, fds[0]), 0);
		if (round % 5 == 0)
			read_and_check(&bytes);
	}
	do {
		assert_int_equal(zqueue_write(&q, fds[0]), 0);
	} while (read_and_check(&bytes) || q.len);
	assert_int_equal(bytes, blocks * sizeof(block));
	zqueue_clear(&q);
}

static void a_queue_is_bounded(void **state)
{
	struct zqueue q = {0};
	uint8_t block[1024];
	struct wbuf w = wbuf_writer(block, sizeof(block));
	unsigned n = 0;

	(void)state;
	wbuf_put_zeros(&w, sizeof(block));
	while (zqueue_put(&q, block, &w) == 0)
		n++;
	assert_int_equal(n, ZQUEUE_MAX / sizeof(block));
	assert_int_equal(zqueue_put(&q, block, &w), -ENOBUFS);
	assert_int_equal(q.len, ZQUEUE_MAX);
	zqueue_clear(&q);
	assert_int_equal(zqueue_put(&q, block, &w), 0);
	zqueue_clear(&q);
}

static void a_message_that_did_not_fit_is_not_put(void **state)
{
	struct zqueue q = {0};
	uint8_t buf[4];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	(void)state;
	wbuf_put_zeros(&w, 5);
	assert_int_equal(zqueue_put(&q, buf, &w), -EMSGSIZE);
	assert_int_equal(q.len, 0);
	zqueue_clear(&q);
}

static void a_closed_socket_is_an_error_and_no_signal(void **state)
{
	struct zqueue q = {0};

	(void)state;
	assert_int_equal(put(&q, "anyone?"), 0);
	shutdown(fds[0], SHUT_RDWR);
	assert_int_equal(zqueue_write(&q, fds[0]), -EPIPE);
	zqueue_clear(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many_messages_leave_in_one_write, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_not_taken_stays_in_order, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_queue_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(a_message_that_did_not_fit_is_not_put,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_closed_socket_is_an_error_and_no_signal,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
