/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lib/fake_loop.h"
#include "wgrd/zebra/zclient_vty.h"

/* The other end: a listening socket and what connected to it. */
static struct loop *loop;
static char path[64];
static int listener, peer;
static char answer[160]; /* "8.4.4" or "! why" */
static unsigned answers;
static struct zvty vty;

static void on_done(void *arg, const char *release, const char *why)
{
	(void)arg;
	answers++;
	snprintf(answer, sizeof(answer), "%s%s", why ? "! " : "", why ?: release);
}

static int setup(void **state)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	(void)state;
	loop = loop_new();
	snprintf(path, sizeof(path), "/tmp/test-zvty.%d", (int)getpid());
	unlink(path);
	memcpy(sun.sun_path, path, strlen(path));
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	peer = -1;
	answers = 0;
	memset(&vty, 0, sizeof(vty));
	vty.loop = loop;
	vty.done = on_done;
	return bind(listener, (const struct sockaddr *)&sun, sizeof(sun)) ||
	       listen(listener, 1);
}

static int teardown(void **state)
{
	(void)state;
	zvty_cancel(&vty);
	if (peer >= 0)
		close(peer);
	close(listener);
	unlink(path);
	loop_free(loop);
	return 0;
}

static void ask(void)
{
	char command[64];

	zvty_ask(&vty, path);
	peer = accept(listener, NULL, NULL);
	assert_true(peer >= 0);
	assert_int_equal(read(peer, command, sizeof(command)), 13);
	assert_string_equal(command, "show version");
}

static void say(const char *bytes, size_t len)
{
	assert_int_equal(send(peer, bytes, len, MSG_NOSIGNAL), len);
	fake_loop_settle(loop);
}

static void assert_answer(const char *expected)
{
	assert_int_equal(answers, 1);
	assert_string_equal(answer, expected);
	assert_int_equal(fake_loop_io_count(loop), 0);
}

static void the_release_is_read_from_the_first_line(void **state)
{
	static const struct {
		const char *text, *release; /* NULL: none */
	} cases[] = {
		{"FRRouting 8.4.4 (r1) on Linux(6.1.0).\nCopyright 1996-2005\n", "8.4.4"},
		{"FRRouting 10.2.6-0~deb12u1 (host).\n", "10.2.6-0~deb12u1"},
		{"FRRouting 9.1\n", "9.1"},
		{"\nFRRouting 7.5.1\r\n", "7.5.1"},
		{"", NULL},
		{"FRRouting", NULL},
		{"FRRouting \n", NULL},
		{"% Unknown command: show version\n", NULL},
		{"FRRouting 8.4.4-with-a-suffix-nobody-needs-to-have\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char release[ZVTY_RELEASE_LEN];
		int err = zvty_parse(cases[i].text, release);

		if ((err != 0) != (cases[i].release == NULL) ||
		    strcmp(release, cases[i].release ?: ""))
			fail_msg("\"%s\": saw \"%s\"", cases[i].text, release);
	}
}

static void an_answer_is_read_however_it_comes(void **state)
{
	static const char whole[] = "FRRouting 8.4.4 (r1).\nCopyright\n\0\0\0";

	(void)state;
	ask();
	for (size_t i = 0; i < sizeof(whole); i++) {
		assert_int_equal(answers, 0);
		say(whole + i, 1);
	}
	assert_answer("8.4.4");
}

static void a_failing_status_with_text_is_still_an_answer(void **state)
{
	(void)state;
	ask();
	say("% Unknown command\n\0\0\0\2", 22);
	assert_answer("! the answer names no release of FRR");
}

static void an_answer_that_does_not_come_is_not_waited_for(void **state)
{
	(void)state;
	ask();
	fake_loop_advance(loop, 2 * NS_PER_S);
	assert_int_equal(answers, 0);
	fake_loop_advance(loop, 1 * NS_PER_S);
	assert_answer("! no answer");
}

static void a_closed_connection_is_said(void **state)
{
	(void)state;
	ask();
	close(peer);
	peer = -1;
	fake_loop_settle(loop);
	assert_answer("! it closed the connection");
}

static void an_endless_answer_is_cut_off(void **state)
{
	char junk[512];

	(void)state;
	memset(junk, 'x', sizeof(junk));
	ask();
	for (size_t n = 0; n < ZVTY_ANSWER_MAX; n += sizeof(junk))
		say(junk, sizeof(junk));
	assert_answer("! the answer is too long");
}

static void a_socket_that_is_not_there_is_said_at_once(void **state)
{
	(void)state;
	zvty_ask(&vty, "/nowhere/zebra.vty");
	assert_answer("! No such file or directory");
}

static void a_cancelled_question_is_not_answered(void **state)
{
	(void)state;
	ask();
	zvty_cancel(&vty);
	zvty_cancel(&vty);
	fake_loop_advance(loop, 10 * NS_PER_S);
	assert_int_equal(answers, 0);
	assert_int_equal(fake_loop_io_count(loop), 0);
}

#define WITH_PEER(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_release_is_read_from_the_first_line),
		WITH_PEER(an_answer_is_read_however_it_comes),
		WITH_PEER(a_failing_status_with_text_is_still_an_answer),
		WITH_PEER(an_answer_that_does_not_come_is_not_waited_for),
		WITH_PEER(a_closed_connection_is_said),
		WITH_PEER(an_endless_answer_is_cut_off),
		WITH_PEER(a_socket_that_is_not_there_is_said_at_once),
		WITH_PEER(a_cancelled_question_is_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
