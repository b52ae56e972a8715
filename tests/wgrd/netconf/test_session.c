/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients on sockets: hello, framing, limits, and those that mean no good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/wgrd/netconf/rig.h"

#define HELLO(version)                                                     \
	"<hello " RIG_NS                                                   \
	"><capabilities><capability>urn:ietf:params:netconf:base:" version \
	"</capability></capabilities></hello>]]>]]>"
#define RPC(in) "<rpc " RIG_NS " message-id='1'>" in "</rpc>"
#define DISCARD RPC("<discard-changes/>")
#define OK      "<ok "
#define END     "\n##\n"

static void say(struct rig *r, int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	fake_loop_settle(r->loop);
}

static void say_chunk(struct rig *r, int fd, const char *text)
{
	char head[24];

	snprintf(head, sizeof(head), "\n#%zu\n", strlen(text));
	say(r, fd, head);
	say(r, fd, text);
	say(r, fd, END);
}

/* All that can be read now, static; *@open: has the server not hung up? */
static const char *hear(struct rig *r, int fd, bool *open)
{
	static char buf[256 * 1024];
	size_t len = 0;
	ssize_t n;

	fake_loop_settle(r->loop);
	while ((n = read(fd, buf + len, sizeof(buf) - 1 - len)) > 0) {
		len += (size_t)n;
		fake_loop_settle(r->loop);
	}
	buf[len] = '\0';
	*open = n < 0 && errno == EAGAIN;
	return buf;
}

static void expect_open(struct rig *r, int fd, const char *part)
{
	bool open;
	const char *seen = hear(r, fd, &open);

	rig_has(seen, part, NULL);
	assert_true(open);
}

static void expect_end(struct rig *r, int fd)
{
	bool open;

	hear(r, fd, &open);
	assert_false(open);
	close(fd);
}

static int greet(struct rig *r, const char *hello)
{
	int fd;

	assert_non_null(rig_connect(r, &fd));
	expect_open(r, fd, "<session-id>");
	say(r, fd, hello);
	return fd;
}

static void the_server_says_hello_first(void **state)
{
	struct rig *r = *state;
	bool open;
	const char *seen;
	int fd;

	rig_connect(r, &fd);
	seen = hear(r, fd, &open);
	rig_has(seen, "<capability>urn:ietf:params:netconf:base:1.0</capability>",
		"<capability>urn:ietf:params:netconf:base:1.1</capability>",
		":candidate:1.0<", ":xpath:1.0<",
		":with-defaults:1.0?basic-mode=explicit&amp;", ":yang-library:1.1?",
		"urn:wgrd:yang:wgrd?module=wgrd&amp;revision=",
		":ietf-netconf-monitoring?module=ietf-netconf-monitoring&amp;revision=2010-10-04<",
		"<session-id>1</session-id>", "</hello>]]>]]>", NULL);
	close(fd);
}

static void startup_is_offered_where_there_is_one(void **state)
{
	struct rig *r = *state;
	bool open;
	int fd;

	rig_connect(r, &fd);
	rig_has(hear(r, fd, &open), "capability:startup:1.0<", NULL);
	close(fd);
	free((char *)r->n->deps.config_path);
	r->n->deps.config_path = NULL;
	rig_connect(r, &fd);
	assert_null(strstr(hear(r, fd, &open), "capability:startup:"));
	close(fd);
}

static void each_version_has_its_framing(void **state)
{
	struct rig *r = *state;
	int old = greet(r, HELLO("1.0")), new = greet(r, HELLO("1.1"));

	say(r, old, DISCARD "]]>]]>");
	expect_open(r, old, "</rpc-reply>]]>]]>");
	say_chunk(r, new, DISCARD);
	expect_open(r, new, "</rpc-reply>" END);
	close(old);
	close(new);
}

static void a_hello_that_is_wrong_ends_the_session(void **state)
{
	static const char *const cases[] = {
		"]]>]]>",
		"x]]>]]>",
		"<hello " RIG_NS "/>]]>]]>",
		"<hello/>]]>]]>",
		"<hello " RIG_NS "><capabilities/></hello>]]>]]>",
		HELLO("1.7"),
		"<hello " RIG_NS
		"><capabilities><capability>urn:ietf:params:netconf:base:1.1"
		"</capability></capabilities><session-id>4</session-id></hello>]]>]]>",
		RPC("<get/>") "]]>]]>",
		"\n#4\n<a/>\n##\n]]>]]>",
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_end(r, greet(r, cases[i]));
	assert_int_equal(r->n->bad_hellos, sizeof(cases) / sizeof(cases[0]));
	assert_int_equal(r->n->count, 0);
}

static void who_says_no_hello_is_sent_away(void **state)
{
	struct rig *r = *state;
	int silent, half;

	rig_connect(r, &silent);
	rig_connect(r, &half);
	expect_open(r, silent, "<session-id>1<");
	expect_open(r, half, "<session-id>2<");
	fake_loop_advance(r->loop, (NETCONF_HELLO_S - 1) * NS_PER_S);
	say(r, half, "<hello");
	assert_int_equal(r->n->count, 2);
	fake_loop_advance(r->loop, 2 * NS_PER_S);
	expect_end(r, silent);
	expect_end(r, half);
}

static void who_has_said_hello_may_be_silent_for_days(void **state)
{
	struct rig *r = *state;
	int fd = greet(r, HELLO("1.1"));

	fake_loop_advance(r->loop, 3 * 86400 * NS_PER_S);
	say_chunk(r, fd, DISCARD);
	expect_open(r, fd, OK);
	close(fd);
}

static void a_hello_has_a_limit_of_its_own(void **state)
{
	struct rig *r = *state;
	char *text = calloc(1, NETCONF_HELLO_MAX + 64);
	int fd;

	rig_connect(r, &fd);
	memset(text, ' ', NETCONF_HELLO_MAX + 32);
	say(r, fd, text);
	expect_end(r, fd);
	free(text);
}

static void malformed_frames_end_their_session_and_no_other(void **state)
{
	static const char *const cases[] = {
		"\n#0\n",          "\n##\n",
		"\n#-1\n",         "\n#18446744073709551615\n",
		"\n#4294967295\n", "\n#4294967290\n",
		"\n#67108865\n",   "x",
		"\n#04\n",         "\n#4\n<a/>x",
	};
	struct rig *r = *state;
	int good = greet(r, HELLO("1.1"));

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = greet(r, HELLO("1.1"));

		say(r, fd, cases[i]);
		expect_end(r, fd);
		say_chunk(r, good, DISCARD);
		expect_open(r, good, OK);
	}
	assert_int_equal(r->n->count, 1);
	close(good);
}

static void half_a_message_holds_nobody_up(void **state)
{
	struct rig *r = *state;
	int half = greet(r, HELLO("1.1")), other = greet(r, HELLO("1.1"));

	say(r, half, "\n#100\n<rpc");
	fake_loop_advance(r->loop, 3600 * NS_PER_S);
	say_chunk(r, other, DISCARD);
	expect_open(r, other, OK);
	close(half);
	close(other);
}

static void requests_cut_anywhere_are_answered_in_order(void **state)
{
	struct rig *r = *state;
	char text[2048] = "", part[2] = "";
	int fd = greet(r, HELLO("1.1"));
	size_t len = 0;
	bool open;
	const char *seen;

	for (unsigned i = 1; i <= 5; i++) {
		char rpc[200];

		snprintf(rpc, sizeof(rpc),
			 "<rpc " RIG_NS " message-id='%u'><discard-changes/></rpc>", i);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "\n#%zu\n%s" END,
					strlen(rpc), rpc);
	}
	for (size_t i = 0; i < len; i++) {
		part[0] = text[i];
		say(r, fd, part);
	}
	seen = hear(r, fd, &open);
	rig_has(seen, "message-id=\"1\"", "message-id=\"5\"", NULL);
	assert_true(strstr(seen, "\"1\"") < strstr(seen, "\"2\""));
	say(r, fd, text); /* and all at once */
	seen = hear(r, fd, &open);
	rig_has(seen, "message-id=\"1\"", "message-id=\"5\"", NULL);
	close(fd);
}

/* Asks for all modules, again and again, and reads none of it. */
static void ask_and_do_not_read(struct rig *r, int fd)
{
	char text[400], rpc[300];
	ssize_t n;

	snprintf(
		rpc, sizeof(rpc),
		RPC("<get-schema xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring'>"
		    "<identifier>wgrd</identifier></get-schema>"));
	snprintf(text, sizeof(text), "\n#%zu\n%s" END, strlen(rpc), rpc);
	do {
		n = write(fd, text, strlen(text));
		fake_loop_settle(r->loop);
	} while (n == (ssize_t)strlen(text));
}

static void who_does_not_read_is_not_read_from_and_then_dropped(void **state)
{
	struct rig *r = *state;
	int slow = greet(r, HELLO("1.1")), other = greet(r, HELLO("1.1"));
	size_t unread;

	ask_and_do_not_read(r, slow);
	unread = r->n->unread;
	assert_in_range(unread, 1, 100 * 1024); /* one answer */
	say_chunk(r, other, DISCARD);
	expect_open(r, other, OK);
	fake_loop_advance(r->loop, (NETCONF_STALL_S - 1) * NS_PER_S);
	assert_int_equal(r->n->count, 2);
	fake_loop_advance(r->loop, 2 * NS_PER_S);
	assert_int_equal(r->n->count, 1);
	assert_int_equal(r->n->unread, 0);
	close(slow);
	close(other);
}

static void who_reads_now_and_then_is_not_dropped(void **state)
{
	struct rig *r = *state;
	int slow = greet(r, HELLO("1.1"));
	char buf[2048];

	ask_and_do_not_read(r, slow);
	for (unsigned i = 0; i < 20; i++) {
		while (read(slow, buf, sizeof(buf)) > 0)
			;
		fake_loop_advance(r->loop, (NETCONF_STALL_S - 5) * NS_PER_S);
		assert_int_equal(r->n->count, 1);
	}
	close(slow);
}

#define ALL_STATE                                                         \
	RPC("<get><filter><wgrd-state xmlns='urn:wgrd:yang:wgrd-state'/>" \
	    "</filter></get>")

/* Reads it all, bit by bit; the number of times that @part was in it. */
static unsigned read_to_end(struct rig *r, int fd, const char *part)
{
	struct strbuf seen = {0};
	char buf[4096];
	unsigned n = 0;
	ssize_t len;

	while ((len = read(fd, buf, sizeof(buf))) > 0) {
		strbuf_add(&seen, buf, (size_t)len);
		fake_loop_settle(r->loop);
	}
	assert_int_equal(len, -1);
	rig_has(strbuf_str(&seen), "</wgrd-state></data></rpc-reply>" END, NULL);
	for (const char *at = seen.s; (at = strstr(at, part)); at++)
		n++;
	strbuf_free(&seen);
	return n;
}

/* Of an answer of megabytes no more is made than the client has room for, and a part. */
static void long_answers_are_made_as_they_are_taken(void **state)
{
	enum {
		MANY = 20000
	};
	struct rig *r = *state;
	int slow = greet(r, HELLO("1.1")), other = greet(r, HELLO("1.1"));

	fake_state.many_peers = MANY;
	say_chunk(r, slow, ALL_STATE);
	assert_in_range(r->n->unread, 1, 200 * 1024);
	for (unsigned i = 0; i < 3; i++) {
		say_chunk(r, other, DISCARD);
		expect_open(r, other, OK);
	}
	say_chunk(r, slow, DISCARD); /* waits for its turn */
	assert_in_range(read_to_end(r, slow, "<peer><interface>"), MANY + 2, MANY + 2);
	assert_int_equal(r->n->unread, 0);
	close(slow);
	close(other);
}

/* Somebody who has something to do in each turn of the loop. */
struct busy {
	struct rig *r;
	const struct netconf_session *s;
	struct loop_job job;
	unsigned turns;
};

static void take_a_turn(struct loop_job *j)
{
	struct busy *b = container_of(j, struct busy, job);
	char buf[64 * 1024];

	while (read(b->r->fd[0], buf, sizeof(buf)) > 0)
		;
	b->turns++;
	if (b->s->rest)
		loop_job_queue(b->r->loop, j);
}

/* A part in each turn of the loop, even for who takes everything at once. */
static void others_have_their_turn_between_parts(void **state)
{
	static const char text[] = ALL_STATE "]]>]]>";
	struct rig *r = *state;
	struct busy b = {.r = r, .s = rig_login(r, "root", 0), .job.fn = take_a_turn};

	fake_state.many_peers = 2000;
	assert_int_equal(write(r->fd[0], text, strlen(text)), strlen(text));
	fake_loop_poll(r->loop);
	assert_non_null(b.s->rest);
	loop_job_queue(r->loop, &b.job);
	fake_loop_settle(r->loop);
	assert_null(b.s->rest);
	assert_true(b.turns > 2000 / 250);
}

static void who_does_not_take_the_parts_is_dropped(void **state)
{
	struct rig *r = *state;
	int slow = greet(r, HELLO("1.1"));
	char buf[64 * 1024];

	fake_state.many_peers = 100000;
	say_chunk(r, slow, ALL_STATE);
	for (unsigned i = 0; i < 10; i++) {
		while (read(slow, buf, sizeof(buf)) > 0)
			;
		fake_loop_advance(r->loop, (NETCONF_STALL_S - 5) * NS_PER_S);
		assert_int_equal(r->n->count, 1);
	}
	fake_loop_advance(r->loop, (NETCONF_STALL_S + 6) * NS_PER_S);
	assert_int_equal(r->n->count, 0);
	assert_int_equal(r->n->unread, 0);
	close(slow);
}

static void an_answer_ends_with_its_session(void **state)
{
	struct rig *r = *state;
	int fd = greet(r, HELLO("1.1"));

	fake_state.many_peers = 100000;
	say_chunk(r, fd, ALL_STATE);
	netconf_session_end(r->n->sessions);
	fake_loop_settle(r->loop);
	assert_int_equal(r->n->unread, 0);
	close(fd);
	fd = greet(r, HELLO("1.1")); /* and with the client */
	say_chunk(r, fd, ALL_STATE);
	close(fd);
	fake_loop_settle(r->loop);
	assert_int_equal(r->n->count, 0);
}

static void a_closed_session_gets_its_last_answer(void **state)
{
	struct rig *r = *state;
	int fd = greet(r, HELLO("1.1"));
	bool open;

	say_chunk(r, fd, RPC("<close-session/>"));
	rig_has(hear(r, fd, &open), OK, NULL);
	assert_false(open);
	assert_int_equal(r->n->count, 0);
	assert_int_equal(r->n->dropped_sessions, 0);
	close(fd);
}

static void who_has_too_many_sessions_is_not_let_in(void **state)
{
	struct rig *r = *state;
	int fd[NETCONF_USER_SESSIONS_MAX], more;

	for (unsigned i = 0; i < NETCONF_USER_SESSIONS_MAX; i++)
		fd[i] = greet(r, HELLO("1.1"));
	assert_null(rig_connect(r, &more));
	expect_end(r, more);
	for (unsigned i = 0; i < NETCONF_USER_SESSIONS_MAX; i++) {
		say_chunk(r, fd[i], DISCARD);
		expect_open(r, fd[i], OK);
		close(fd[i]);
	}
	fake_loop_settle(r->loop);
	assert_int_equal(r->n->count, 0);
	close(greet(r, HELLO("1.1")));
}

static void when_all_places_are_taken_root_is_let_in(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s;
	int fd[NETCONF_SESSIONS_MAX + 1];

	for (unsigned i = 0; i < NETCONF_SESSIONS_MAX; i++) {
		s = rig_connect(r, &fd[i]);
		assert_non_null(s);
		s->uid = 1000 + i; /* who came was somebody else */
	}
	assert_non_null(rig_connect(r, &fd[NETCONF_SESSIONS_MAX]));
	for (unsigned i = 0; i <= NETCONF_SESSIONS_MAX; i++)
		close(fd[i]);
}

static void unfinished_messages_have_a_limit_together(void **state)
{
	enum {
		PIECE = 1024 * 1024
	};
	struct rig *r = *state;
	char *text = malloc(PIECE + 1);
	unsigned open = 0;
	int fd[4];

	memset(text, ' ', PIECE);
	text[PIECE] = '\0';
	for (unsigned i = 0; i < 4; i++) {
		fd[i] = greet(r, HELLO("1.1"));
		say(r, fd[i], "\n#67108864\n");
		for (size_t sent = 0; sent < 60u * PIECE;) {
			ssize_t n = send(fd[i], text, PIECE, MSG_NOSIGNAL);

			fake_loop_settle(r->loop);
			if (n <= 0)
				break;
			sent += (size_t)n;
		}
		assert_true(r->n->unfinished <= NETCONF_UNFINISHED_MAX);
	}
	open = r->n->count;
	assert_int_equal(open, 2);
	for (unsigned i = 0; i < 4; i++)
		close(fd[i]);
	fake_loop_settle(r->loop);
	assert_int_equal(r->n->unfinished, 0);
	free(text);
}

static void the_socket_is_for_its_group(void **state)
{
	struct rig *r = *state;
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	char why[200];
	struct stat st;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(
		netconf_listen(r->n, rig_path(r, "nc"), (gid_t)-1, why, sizeof(why)), 0);
	assert_int_equal(stat(rig_path(r, "nc"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	strcpy(sun.sun_path, rig_path(r, "nc"));
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	expect_open(r, fd, "<session-id>1<");
	assert_int_equal(r->n->sessions->uid, getuid());
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(the_server_says_hello_first),
		RIG_TEST(startup_is_offered_where_there_is_one),
		RIG_TEST(each_version_has_its_framing),
		RIG_TEST(a_hello_that_is_wrong_ends_the_session),
		RIG_TEST(who_says_no_hello_is_sent_away),
		RIG_TEST(who_has_said_hello_may_be_silent_for_days),
		RIG_TEST(a_hello_has_a_limit_of_its_own),
		RIG_TEST(malformed_frames_end_their_session_and_no_other),
		RIG_TEST(half_a_message_holds_nobody_up),
		RIG_TEST(requests_cut_anywhere_are_answered_in_order),
		RIG_TEST(who_does_not_read_is_not_read_from_and_then_dropped),
		RIG_TEST(who_reads_now_and_then_is_not_dropped),
		RIG_TEST(long_answers_are_made_as_they_are_taken),
		RIG_TEST(others_have_their_turn_between_parts),
		RIG_TEST(who_does_not_take_the_parts_is_dropped),
		RIG_TEST(an_answer_ends_with_its_session),
		RIG_TEST(a_closed_session_gets_its_last_answer),
		RIG_TEST(who_has_too_many_sessions_is_not_let_in),
		RIG_TEST(when_all_places_are_taken_root_is_let_in),
		RIG_TEST(unfinished_messages_have_a_limit_together),
		RIG_TEST(the_socket_is_for_its_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
