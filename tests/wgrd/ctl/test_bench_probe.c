/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/ctl/bench_probe.h"

static const uint8_t token[BENCH_TOKEN_LEN] = "token 1";
static const uint8_t other_token[BENCH_TOKEN_LEN] = "token 2";

enum {
	PATIENCE_MS = 5000,
	QUIET_MS = 300, /* three turns of an echo */
};

static bool is_readable(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, ms) > 0;
}

static void a_percentile_is_the_nearest_rank(void **state)
{
	uint32_t hundred[100], one[] = {9}, five[] = {50, 15, 40, 20, 35};

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		hundred[i] = 100 - i;
	assert_int_equal(bench_percentile(hundred, 100, 50), 50);
	assert_int_equal(bench_percentile(hundred, 100, 99), 99);
	assert_int_equal(bench_percentile(hundred, 100, 100), 100);
	assert_int_equal(bench_percentile(five, 5, 30), 20);
	assert_int_equal(bench_percentile(five, 5, 50), 35);
	assert_int_equal(bench_percentile(five, 5, 99), 50);
	assert_int_equal(bench_percentile(one, 1, 50), 9);
	assert_int_equal(bench_percentile(NULL, 0, 50), 0);
}

static void an_echo_answers_its_token_only(void **state)
{
	uint8_t good[16] = {0}, bad[16] = {0}, longer[17] = {0}, got[32];
	struct bench_echo *e;
	int fd[2];

	(void)state;
	memcpy(good, token, sizeof(token));
	memcpy(bad, other_token, sizeof(other_token));
	memcpy(longer, token, sizeof(token));
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fd), 0);
	assert_int_equal(bench_echo_start(fd[1], token, &e), 0);

	assert_int_equal(send(fd[0], bad, sizeof(bad), 0), sizeof(bad));
	assert_int_equal(send(fd[0], longer, sizeof(longer), 0), sizeof(longer));
	assert_int_equal(send(fd[0], good, 15, 0), 15);
	assert_false(is_readable(fd[0], QUIET_MS));

	good[15] = 7;
	assert_int_equal(send(fd[0], good, sizeof(good), 0), sizeof(good));
	assert_true(is_readable(fd[0], PATIENCE_MS));
	assert_int_equal(recv(fd[0], got, sizeof(got), 0), sizeof(good));
	assert_memory_equal(got, good, sizeof(good));
	bench_echo_end(e);
	close(fd[0]);
	close(fd[1]);
}

static void probes_that_are_answered_have_a_latency(void **state)
{
	struct bench_latency latency;
	struct bench_probe *p;
	struct bench_echo *e;
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fd), 0);
	assert_int_equal(bench_echo_start(fd[1], token, &e), 0);
	assert_int_equal(bench_probe_start(fd[0], token, &p), 0);
	bench_probe_end(p, &latency);
	bench_echo_end(e);
	assert_true(latency.sent > 0);
	assert_int_equal(latency.answered, latency.sent);
	assert_true(latency.p50_us <= latency.p99_us);
	close(fd[0]);
	close(fd[1]);
}

/* Answers each probe twice, and once with a number that was never sent. */
static void answers_that_are_not_due_do_not_count(void **state)
{
	struct bench_latency latency;
	struct bench_probe *p;
	uint8_t got[16];
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fd), 0);
	assert_int_equal(bench_probe_start(fd[0], token, &p), 0);
	bench_probe_stop(p);
	for (unsigned i = 0; i < 3 && is_readable(fd[1], QUIET_MS); i++) {
		assert_int_equal(recv(fd[1], got, sizeof(got), 0), sizeof(got));
		assert_memory_equal(got, token, sizeof(token));
		send(fd[1], got, sizeof(got), 0);
		send(fd[1], got, sizeof(got), 0);
		got[8] = 0xff;
		send(fd[1], got, sizeof(got), 0);
	}
	bench_probe_end(p, &latency);
	assert_true(latency.sent <= 3);
	assert_int_equal(latency.answered, latency.sent);
	close(fd[0]);
	close(fd[1]);
}

static void probes_without_an_answer_are_lost(void **state)
{
	struct bench_latency latency;
	struct bench_probe *p;
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fd), 0);
	assert_int_equal(bench_probe_start(fd[0], token, &p), 0);
	assert_true(is_readable(fd[1], PATIENCE_MS));
	bench_probe_end(p, &latency);
	assert_true(latency.sent > 0);
	assert_int_equal(latency.answered, 0);
	assert_int_equal(latency.p50_us, 0);
	close(fd[0]);
	close(fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_percentile_is_the_nearest_rank),
		cmocka_unit_test(an_echo_answers_its_token_only),
		cmocka_unit_test(probes_that_are_answered_have_a_latency),
		cmocka_unit_test(answers_that_are_not_due_do_not_count),
		cmocka_unit_test(probes_without_an_answer_are_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
