/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/cli/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "wgrd/cli/vty.h"

static char why[512];

static int dial(struct rig *r)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(sun.sun_path, rig_path(r, "wgrd.vty"));
	if (fd < 0 || connect(fd, (struct sockaddr *)&sun, sizeof(sun)))
		fail_msg("connect: %s", strerror(errno));
	return fd;
}

static int setup(void **state)
{
	struct rig *r;
	int err = rig_setup(state);

	if (err)
		return err;
	r = *state;
	err = cli_listen(r->cli, rig_path(r, "wgrd.vty"), (gid_t)-1, why, sizeof(why));
	if (err)
		print_error("%s\n", why);
	return err;
}

static void say(struct rig *r, int fd, const char *bytes, size_t len)
{
	assert_int_equal(write(fd, bytes, len), len);
	fake_loop_settle(r->loop);
}

/* All that can be read now. */
static size_t hear(struct rig *r, int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	fake_loop_settle(r->loop);
	while (len < size && (n = read(fd, buf + len, size - len)) > 0) {
		len += (size_t)n;
		fake_loop_settle(r->loop);
	}
	return len;
}

static void expect(struct rig *r, int fd, const char *text, enum cli_status status)
{
	char buf[4096];
	size_t len = hear(r, fd, buf, sizeof(buf)), text_len = strlen(text);
	const char end[4] = {0, 0, 0, (char)status};

	if (len != text_len + 4 || memcmp(buf, text, text_len) ||
	    memcmp(buf + text_len, end, 4))
		fail_msg("expected '%s' and status %d, saw %zu octets: '%.*s'", text,
			 status, len, (int)len, buf);
}

#define SAY(r, fd, text) say((r), (fd), (text), sizeof(text)) /* with its NUL */

static void ping_is_answered_in_nine_octets_at_once(void **state)
{
	struct rig *r = *state;
	int fd = dial(r);
	char buf[64];

	SAY(r, fd, "echo PING");
	assert_int_equal(read(fd, buf, sizeof(buf)), 9);
	assert_memory_equal(buf, "PING\n\0\0\0\0", 9);
	close(fd);
}

static void each_command_gets_text_three_nuls_and_a_status(void **state)
{
	struct rig *r = *state;
	int fd = dial(r);

	SAY(r, fd, "enable");
	expect(r, fd, "", CLI_SUCCESS);
	SAY(r, fd, "shwo");
	expect(r, fd,
	       "% Unknown command: shwo\n"
	       "  \"shwo\" is not known here; expected: exit, quit, end, configure, enable,\n"
	       "  disable, show, ping, clear, wireguard, debug, write, copy, echo\n",
	       CLI_NO_MATCH);
	SAY(r, fd, "co");
	expect(r, fd, "% Ambiguous command.\n  \"co\" can be: configure, copy\n",
	       CLI_AMBIGUOUS);
	SAY(r, fd, "show wireguard peer");
	expect(r, fd, "% Command incomplete.\n  Expected: NAME\n", CLI_INCOMPLETE);
	SAY(r, fd, "show wireguard peer x");
	expect(r, fd, "% There is no peer x; `show wireguard peers` has all.\n",
	       CLI_WARNING);
	SAY(r, fd, "configure terminal");
	expect(r, fd, "", CLI_SUCCESS);
	SAY(r, fd, "zebra settle-time 0");
	expect(r, fd, "% settle-time: \"0\" is not a number from 1 to 3600\n",
	       CLI_CONFIG_FAILED);
	SAY(r, fd, "");
	expect(r, fd, "", CLI_SUCCESS);
	close(fd);
}

static void a_command_may_come_in_pieces(void **state)
{
	static const char bytes[] = "configure terminal\0tenant red\0table 9\0end";
	struct rig *r = *state;

	for (size_t cut = 1; cut < sizeof(bytes); cut++) {
		int fd = dial(r);
		char buf[64];

		say(r, fd, bytes, cut);
		say(r, fd, bytes + cut, sizeof(bytes) - cut);
		assert_int_equal(hear(r, fd, buf, sizeof(buf)), 16);
		for (size_t i = 0; i < 16; i++)
			assert_int_equal(buf[i], 0);
		assert_int_equal(datastore_conf(r->ds)->tenant[0]->table, 9);
		rig_must(r, "configure terminal\nno tenant red\nend");
		close(fd);
		fake_loop_settle(r->loop);
	}
}

static void one_octet_at_a_time_is_enough(void **state)
{
	static const char bytes[] = "echo PING";
	struct rig *r = *state;
	int fd = dial(r);

	for (size_t i = 0; i < sizeof(bytes); i++)
		say(r, fd, bytes + i, 1);
	expect(r, fd, "PING\n", CLI_SUCCESS);
	close(fd);
}

static void many_commands_may_come_at_once(void **state)
{
	struct rig *r = *state;
	int fd = dial(r);
	char buf[4096];
	struct strbuf in = {0};

	for (unsigned i = 0; i < 100; i++)
		strbuf_add(&in, "echo x", 7);
	say(r, fd, in.s, in.len);
	assert_int_equal(hear(r, fd, buf, sizeof(buf)), 100 * 6);
	strbuf_free(&in);
	close(fd);
}

static void each_client_has_its_own_node(void **state)
{
	struct rig *r = *state;
	int a = dial(r), b = dial(r);

	SAY(r, a, "configure terminal");
	expect(r, a, "", CLI_SUCCESS);
	SAY(r, b, "wgrctl node");
	expect(r, b, "", CLI_SUCCESS);
	SAY(r, a, "wgrctl node");
	expect(r, a, "(config)", CLI_SUCCESS);
	close(a);
	close(b);
}

static void a_ping_is_answered_when_the_peer_does(void **state)
{
	struct rig *r = *state;
	int fd = dial(r);
	char buf[8];

	SAY(r, fd, "ping wireguard peer hub");
	fake_loop_advance(r->loop, 2 * NS_PER_S);
	assert_int_equal(hear(r, fd, buf, sizeof(buf)), 0);
	assert_true(fake_state.probed > 10);
	fake_state.answered_ns = loop_now_ns(r->loop);
	fake_loop_advance(r->loop, NS_PER_S);
	expect(r, fd, "Peer hub of wg0: [2001:db8::1]:51820 answered in 3.2 ms\n",
	       CLI_SUCCESS);
	close(fd);
}

static void a_ping_gives_up_and_what_was_typed_meanwhile_comes_next(void **state)
{
	static const char both[] =
		"% Peer hub of wg0: no answer from [2001:db8::1]:51820 within 10 s.\n"
		"\0\0\0\1x\n\0\0\0";
	struct rig *r = *state;
	int fd = dial(r);
	char buf[256];

	SAY(r, fd, "ping wireguard peer hub");
	SAY(r, fd, "echo x");
	fake_loop_advance(r->loop, 11 * NS_PER_S);
	assert_int_equal(hear(r, fd, buf, sizeof(buf)), sizeof(both));
	assert_memory_equal(buf, both, sizeof(both));
	close(fd);
}

static void who_waits_for_a_ping_may_leave(void **state)
{
	struct rig *r = *state;
	int fd = dial(r);

	SAY(r, fd, "ping wireguard peer hub");
	close(fd);
	fake_loop_advance(r->loop, 11 * NS_PER_S); /* the answer finds nobody */
	fd = dial(r);
	SAY(r, fd, "ping wireguard peer hub"); /* and the daemon ends */
	close(fd);
}

static void a_peer_that_cannot_be_asked_is_told_at_once(void **state)
{
	struct rig *r = *state;
	int fd = dial(r);

	SAY(r, fd, "ping wireguard peer spoke2");
	expect(r, fd, "% Peer spoke2 of wg0: no public key.\n", CLI_WARNING);
	SAY(r, fd, "ping wireguard peer x");
	expect(r, fd, "% There is no peer x; `show wireguard peers` has all.\n",
	       CLI_WARNING);
	fake_state.no_probe = true;
	SAY(r, fd, "ping wireguard peer hub");
	expect(r, fd,
	       "% Peer hub of wg0: the kernel forwards for it, and cannot be told to ask.\n",
	       CLI_WARNING);
	assert_int_equal(rig_run(r, "ping wireguard peer hub"), CLI_WARNING);
	assert_non_null(strstr(r->out.s, "nobody here who could wait"));
	close(fd);
}

static void an_overlong_line_is_refused_and_the_next_one_works(void **state)
{
	struct rig *r = *state;
	int fd = dial(r);
	char chunk[1000];

	memset(chunk, 'x', sizeof(chunk));
	for (unsigned i = 0; i < 40; i++)
		say(r, fd, chunk, sizeof(chunk));
	say(r, fd, "", 1);
	expect(r, fd, "% The line is longer than 16384 octets.\n", CLI_NO_MATCH);
	SAY(r, fd, "echo PING");
	expect(r, fd, "PING\n", CLI_SUCCESS);
	close(fd);
}

static void the_longest_line_is_taken(void **state)
{
	struct rig *r = *state;
	int fd = dial(r);
	char *line = xcalloc(1, CLI_LINE_MAX + 1), *reply = xcalloc(1, 2 * CLI_LINE_MAX);

	memset(line, 'x', CLI_LINE_MAX);
	memcpy(line, "echo ", 5);
	say(r, fd, line, CLI_LINE_MAX + 1);
	assert_int_equal(hear(r, fd, reply, 2 * CLI_LINE_MAX), CLI_LINE_MAX - 5 + 5);
	free(line);
	free(reply);
	close(fd);
}

static void a_slow_reader_is_waited_for_and_others_are_not(void **state)
{
	struct rig *r = *state;
	int slow = dial(r), quick = dial(r);
	static char buf[1 << 20];
	size_t total = 0, n;

	fake_state.repeat = 20000; /* some megabytes of routes */
	SAY(r, slow, "show wireguard routes");
	SAY(r, slow, "configure terminal");
	SAY(r, slow, "tenant red");
	SAY(r, quick, "echo PING");
	expect(r, quick, "PING\n", CLI_SUCCESS);
	/* what comes after the answer that is stuck has to wait */
	assert_int_equal(datastore_conf(r->ds)->tenant_count, 0);
	while ((n = hear(r, slow, buf, sizeof(buf))))
		total += n;
	assert_true(total > 5000000);
	assert_int_equal(datastore_conf(r->ds)->tenant_count, 1);
	close(slow);
	close(quick);
}

static void an_answer_beyond_all_measure_is_replaced(void **state)
{
	struct rig *r = *state;
	int fd = dial(r);

	fake_state.repeat = 1000000;
	SAY(r, fd, "show wireguard routes json");
	expect(r, fd,
	       "% The answer is too long to be sent; ask for less of it, such as one "
	       "tenant, peer or prefix.\n",
	       CLI_WARNING);
	SAY(r, fd, "echo PING");
	expect(r, fd, "PING\n", CLI_SUCCESS);
	close(fd);
}

static void a_client_may_leave_at_any_moment(void **state)
{
	struct rig *r = *state;
	size_t before = fake_loop_io_count(r->loop);
	int fd = dial(r);

	say(r, fd, "echo PI", 7);
	close(fd);
	fake_loop_settle(r->loop);
	assert_int_equal(fake_loop_io_count(r->loop), before);

	fd = dial(r);
	fake_state.repeat = 20000;
	SAY(r, fd, "show wireguard routes");
	close(fd);
	fake_loop_settle(r->loop);
	assert_int_equal(fake_loop_io_count(r->loop), before);
}

static void a_client_that_leaves_drops_its_group(void **state)
{
	struct rig *r = *state;
	int fd = dial(r);

	SAY(r, fd, "configure terminal");
	SAY(r, fd, "XFRR_start_configuration");
	SAY(r, fd, "tenant red");
	assert_true(datastore_candidate_open(r->ds));
	close(fd);
	fake_loop_settle(r->loop);
	assert_false(datastore_candidate_open(r->ds));
}

static void half_a_connection_still_gets_its_answer(void **state)
{
	struct rig *r = *state;
	int fd = dial(r);

	assert_int_equal(write(fd, "echo PING", 10), 10);
	shutdown(fd, SHUT_WR);
	expect(r, fd, "PING\n", CLI_SUCCESS);
	close(fd);
}

static void fifty_clients_are_served(void **state)
{
	struct rig *r = *state;
	int fd[50];

	for (unsigned i = 0; i < ARRAY_SIZE(fd); i++)
		fd[i] = dial(r);
	for (unsigned i = 0; i < ARRAY_SIZE(fd); i++)
		assert_int_equal(write(fd[i], "echo PING", 10), 10);
	for (unsigned i = ARRAY_SIZE(fd); i-- > 0;)
		expect(r, fd[i], "PING\n", CLI_SUCCESS);
	for (unsigned i = 0; i < ARRAY_SIZE(fd); i++)
		close(fd[i]);
}

static void clients_over_the_limit_wait_for_others_to_leave(void **state)
{
	struct rig *r = *state;
	int fd[VTY_CLIENTS_MAX + 1];
	char buf[16];

	for (unsigned i = 0; i < ARRAY_SIZE(fd); i++) {
		fd[i] = dial(r);
		SAY(r, fd[i], "echo PING");
	}
	for (unsigned i = 0; i < VTY_CLIENTS_MAX; i++)
		expect(r, fd[i], "PING\n", CLI_SUCCESS);
	assert_int_equal(read(fd[VTY_CLIENTS_MAX], buf, sizeof(buf)), -1);
	close(fd[0]);
	expect(r, fd[VTY_CLIENTS_MAX], "PING\n", CLI_SUCCESS);
	for (unsigned i = 1; i < ARRAY_SIZE(fd); i++)
		close(fd[i]);
}

/* ---- the socket itself ---- */

static void the_socket_is_for_owner_and_group(void **state)
{
	struct rig *r = *state;
	struct stat st;

	assert_int_equal(stat(rig_path(r, "wgrd.vty"), &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0660);
}

static void the_socket_is_removed_at_the_end(void **state)
{
	struct rig *r = *state;
	struct cli *cli = cli_new(r->m);

	assert_int_equal(
		cli_listen(cli, rig_path(r, "b.vty"), getgid(), why, sizeof(why)), 0);
	assert_int_equal(access(rig_path(r, "b.vty"), F_OK), 0);
	cli_free(cli);
	assert_int_not_equal(access(rig_path(r, "b.vty"), F_OK), 0);
}

static void a_socket_that_answers_is_left_alone(void **state)
{
	struct rig *r = *state;
	struct cli *cli = cli_new(r->m);

	assert_int_equal(
		cli_listen(cli, rig_path(r, "wgrd.vty"), (gid_t)-1, why, sizeof(why)),
		-EADDRINUSE);
	if (!strstr(why, "another program answers there"))
		fail_msg("%s", why);
	cli_free(cli);
	close(dial(r));
}

static void a_socket_of_the_dead_is_replaced(void **state)
{
	struct rig *r = *state;
	struct cli *cli = cli_new(r->m);
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(sun.sun_path, rig_path(r, "dead.vty"));
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(fd);
	if (cli_listen(cli, sun.sun_path, (gid_t)-1, why, sizeof(why)))
		fail_msg("%s", why);
	cli_free(cli);
}

static void what_is_no_socket_is_left_alone(void **state)
{
	struct rig *r = *state;
	struct cli *cli = cli_new(r->m);
	char longest[200];

	rig_write(r, "file", "precious\n");
	assert_int_not_equal(
		cli_listen(cli, rig_path(r, "file"), (gid_t)-1, why, sizeof(why)), 0);
	if (!strstr(why, "something that is not a socket"))
		fail_msg("%s", why);
	assert_int_equal(access(rig_path(r, "file"), F_OK), 0);

	assert_int_equal(cli_listen(cli, "/nonexistent/x", (gid_t)-1, why, sizeof(why)),
			 -ENOENT);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(cli_listen(cli, longest, (gid_t)-1, why, sizeof(why)),
			 -ENAMETOOLONG);
	cli_free(cli);
}

int main(void)
{
#define RIGGED(test) cmocka_unit_test_setup_teardown(test, setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		RIGGED(ping_is_answered_in_nine_octets_at_once),
		RIGGED(each_command_gets_text_three_nuls_and_a_status),
		RIGGED(a_command_may_come_in_pieces),
		RIGGED(one_octet_at_a_time_is_enough),
		RIGGED(many_commands_may_come_at_once),
		RIGGED(each_client_has_its_own_node),
		RIGGED(a_ping_is_answered_when_the_peer_does),
		RIGGED(a_ping_gives_up_and_what_was_typed_meanwhile_comes_next),
		RIGGED(who_waits_for_a_ping_may_leave),
		RIGGED(a_peer_that_cannot_be_asked_is_told_at_once),
		RIGGED(an_overlong_line_is_refused_and_the_next_one_works),
		RIGGED(the_longest_line_is_taken),
		RIGGED(a_slow_reader_is_waited_for_and_others_are_not),
		RIGGED(an_answer_beyond_all_measure_is_replaced),
		RIGGED(a_client_may_leave_at_any_moment),
		RIGGED(a_client_that_leaves_drops_its_group),
		RIGGED(half_a_connection_still_gets_its_answer),
		RIGGED(fifty_clients_are_served),
		RIGGED(clients_over_the_limit_wait_for_others_to_leave),
		RIGGED(the_socket_is_for_owner_and_group),
		RIGGED(the_socket_is_removed_at_the_end),
		RIGGED(a_socket_that_answers_is_left_alone),
		RIGGED(a_socket_of_the_dead_is_replaced),
		RIGGED(what_is_no_socket_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
