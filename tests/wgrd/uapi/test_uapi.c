/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/uapi/uapi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/wgrd/uapi/rig.h"
#include "wgrd/lib/log.h"

static struct uapi *uapi;
static char dir[64], logged[4096];

static void keep_log(enum log_level level, enum log_subsys s, const char *line)
{
	size_t len = strlen(logged);

	(void)s;
	if (level <= LOG_LEVEL_NOTICE)
		snprintf(logged + len, sizeof(logged) - len, "%s\n", line);
}

static void pass_device(void *arg, struct wg_device *d, bool gone)
{
	uapi_device_changed(arg, d, gone);
}

static int setup(void **state)
{
	struct rig *r;
	int err = rig_setup(state);

	if (err)
		return err;
	r = *state;
	snprintf(dir, sizeof(dir), "%s/wireguard", r->dir);
	uapi = uapi_new(r->loop, r->ds, r->wg, dir);
	r->device = pass_device;
	r->device_arg = uapi;
	uapi_device_changed(uapi, wg_device_find(r->wg, "wg0"), false);
	logged[0] = '\0';
	log_capture(keep_log);
	return 0;
}

static int teardown(void **state)
{
	log_capture(NULL);
	uapi_free(uapi);
	rmdir(dir);
	return rig_teardown(state);
}

static const char *socket_path(const char *interface)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s.sock", dir, interface);
	return path;
}

static int try_dial(const char *interface)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	strcpy(sun.sun_path, socket_path(interface));
	if (!connect(fd, (struct sockaddr *)&sun, sizeof(sun)))
		return fd;
	close(fd);
	return -errno;
}

static int dial(void)
{
	int fd = try_dial("wg0");

	if (fd < 0)
		fail_msg("connect: %s", strerror(-fd));
	return fd;
}

static void say(struct rig *r, int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	fake_loop_settle(r->loop);
}

/* All that can be read now; "EOF" at the end if the other side hung up. */
static char *hear(struct rig *r, int fd)
{
	static char buf[8192];
	size_t len = 0;
	ssize_t n;

	fake_loop_settle(r->loop);
	while (len < sizeof(buf) - 4 &&
	       (n = read(fd, buf + len, sizeof(buf) - 4 - len)) > 0) {
		len += (size_t)n;
		fake_loop_settle(r->loop);
	}
	strcpy(buf + len, n == 0 ? "EOF" : "");
	return buf;
}

static void a_socket_is_there_for_root_alone_while_the_interface_is(void **state)
{
	struct rig *r = *state;
	struct stat st;

	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(socket_path("wg0"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(S_ISSOCK(st.st_mode));
	rig_set(r, "shutdown", NULL);
	rig_commit(r);
	assert_int_equal(stat(socket_path("wg0"), &st), 0);
	rig_unset(r, "", NULL);
	rig_commit(r);
	assert_int_equal(stat(socket_path("wg0"), &st), -1);
}

static void clients_of_an_interface_that_goes_are_let_go(void **state)
{
	struct rig *r = *state;
	int fd = dial();

	say(r, fd, "get=1\n");
	rig_unset(r, "", NULL);
	rig_commit(r);
	assert_string_equal(hear(r, fd), "EOF");
	close(fd);
}

static void get_and_set_are_answered_on_one_connection(void **state)
{
	struct rig *r = *state;
	int fd = dial();
	const char *text;

	say(r, fd, "get=1\n\n");
	text = hear(r, fd);
	assert_ptr_equal(strstr(text, "private_key=" HEX("01") "\n"), text);
	assert_non_null(strstr(text, "\nerrno=0\n\n"));
	say(r, fd, "set=1\nfwmark=9\n\n");
	assert_string_equal(hear(r, fd), "errno=0\n\n");
	assert_int_equal(rig_conf(r)->fwmark, 9);
	/* two at once */
	say(r, fd, "set=1\nfwmark=10\n\nset=1\nfwmark=11\n\n");
	assert_string_equal(hear(r, fd), "errno=0\n\nerrno=0\n\n");
	assert_int_equal(rig_conf(r)->fwmark, 11);
	assert_non_null(strstr(logged, "interface wg0: changed by wg(8), edits: 1"));
	close(fd);
}

static void it_may_come_in_pieces(void **state)
{
	static const char text[] =
		"set=1\npublic_key=" HEX("0a") "\nallowed_ip=10.7.0.0/16\n\n";
	struct rig *r = *state;
	int fd = dial();

	for (size_t i = 0; text[i]; i++) {
		assert_string_equal(hear(r, fd), "");
		say(r, fd, (const char[]){text[i], '\0'});
	}
	assert_string_equal(hear(r, fd), "errno=0\n\n");
	assert_string_equal(rig_allowed(r, "alice"),
			    "10.1.0.0/16 10.7.0.0/16 fd00:1::/32");
	close(fd);
}

static void what_is_refused_is_answered_once_at_its_end_and_logged(void **state)
{
	struct rig *r = *state;
	int fd = dial();
	char expected[64];

	snprintf(expected, sizeof(expected), "errno=%d\n\n", -EINVAL);
	say(r, fd, "set=1\nlisten_prot=1\nprivate_key=nonsense\n");
	assert_string_equal(hear(r, fd), "");
	say(r, fd, "\n");
	assert_string_equal(hear(r, fd), expected);
	assert_non_null(strstr(logged, "refused to wg(8): line 2: \"listen_prot\""));
	say(r, fd, "set=1\nprivate_key=nonsense\n\n");
	assert_string_equal(hear(r, fd), expected);
	assert_null(strstr(logged, "nonsense"));
	say(r, fd, "set=1\npublic_key=" HEX("00") "\n\n");
	assert_string_equal(hear(r, fd), expected);
	assert_non_null(strstr(logged, "public-key is all zero"));
	/* and the session goes on */
	say(r, fd, "set=1\nfwmark=9\n\n");
	assert_string_equal(hear(r, fd), "errno=0\n\n");
	close(fd);
}

static void overlong_lines_cost_no_memory_and_are_refused(void **state)
{
	struct rig *r = *state;
	char chunk[1001], expected[64];
	int fd = dial();

	snprintf(expected, sizeof(expected), "errno=%d\n\n", -EINVAL);
	memset(chunk, 'x', 1000);
	chunk[1000] = '\0';
	say(r, fd, "set=1\nfwmark=1");
	for (unsigned i = 0; i < 100; i++)
		say(r, fd, chunk);
	say(r, fd, "\nfwmark=9\n\n");
	assert_string_equal(hear(r, fd), expected);
	assert_non_null(strstr(logged, "line 2 is longer than 255 octets"));
	chunk[256] = '\0';
	say(r, fd, chunk);
	say(r, fd, "\n\n");
	assert_string_equal(hear(r, fd), expected);
	assert_int_equal(rig_conf(r)->fwmark, 0);
	say(r, fd, "set=1\nfwmark=9\n\n");
	assert_string_equal(hear(r, fd), "errno=0\n\n");
	close(fd);
}

static void somebody_elses_edits_make_it_busy(void **state)
{
	struct rig *r = *state;
	char expected[64];
	int fd = dial();

	snprintf(expected, sizeof(expected), "errno=%d\n\n", -EBUSY);
	rig_set(r, "mtu", "1300");
	say(r, fd, "set=1\nfwmark=9\n\n");
	assert_string_equal(hear(r, fd), expected);
	assert_non_null(strstr(logged, "refused to wg(8): another session has edited"));
	rig_commit(r);
	assert_int_equal(rig_conf(r)->fwmark, 0);
	close(fd);
}

static void a_client_that_stalls_is_dropped_and_stalls_nobody(void **state)
{
	struct rig *r = *state;
	int stalled = dial(), fd = dial();

	say(r, stalled, "set=1\nfwmark=8\n");
	fake_loop_advance(r->loop, (UAPI_PATIENCE_S - 1) * NS_PER_S);
	say(r, fd, "set=1\nfwmark=9\n\n");
	assert_string_equal(hear(r, fd), "errno=0\n\n");
	assert_string_equal(hear(r, stalled), "");
	fake_loop_advance(r->loop, 2 * NS_PER_S);
	assert_string_equal(hear(r, stalled), "EOF");
	/* the other one has said something since */
	say(r, fd, "set=1\nfwmark=10\n\n");
	assert_string_equal(hear(r, fd), "errno=0\n\n");
	assert_int_equal(rig_conf(r)->fwmark, 10);
	close(fd);
	close(stalled);
}

static void a_large_answer_waits_for_its_reader(void **state)
{
	struct rig *r = *state;
	int fd = dial();
	size_t len = 0;
	ssize_t n;
	char path[64], buf[65536], end[9] = "";

	for (unsigned i = 0; i < 3000; i++) {
		snprintf(path, sizeof(path), "peer[name='p%u']/public-key", i);
		snprintf(buf, sizeof(buf),
			 "%04uAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", i);
		rig_set(r, path, buf);
	}
	rig_commit(r);
	say(r, fd, "get=1\n\n");
	say(r, fd, "set=1\nfwmark=9\n\n");
	assert_int_equal(rig_conf(r)->fwmark, 0); /* the answer has not been taken */
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		len += (size_t)n;
		memcpy(end, buf + n - (n < 8 ? n : 8), n < 8 ? (size_t)n : 8);
		fake_loop_settle(r->loop);
	}
	assert_true(len > 500000);
	assert_string_equal(end, "rrno=0\n\n");
	assert_int_equal(rig_conf(r)->fwmark, 9);
	close(fd);
}

static void more_clients_than_there_may_be_wait_their_turn(void **state)
{
	struct rig *r = *state;
	int fd[UAPI_CLIENTS_MAX + 1];

	for (unsigned i = 0; i <= UAPI_CLIENTS_MAX; i++)
		fd[i] = dial();
	fake_loop_settle(r->loop);
	say(r, fd[UAPI_CLIENTS_MAX], "set=1\nfwmark=9\n\n");
	assert_string_equal(hear(r, fd[UAPI_CLIENTS_MAX]), "");
	close(fd[0]);
	assert_string_equal(hear(r, fd[UAPI_CLIENTS_MAX]), "errno=0\n\n");
	for (unsigned i = 1; i <= UAPI_CLIENTS_MAX; i++)
		close(fd[i]);
	fake_loop_settle(r->loop);
}

static void what_a_killed_daemon_left_is_replaced_and_what_lives_is_not(void **state)
{
	struct rig *r = *state;
	struct uapi *second = uapi_new(r->loop, r->ds, r->wg, dir);
	const struct wg_device *d = wg_device_find(r->wg, "wg0");
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;

	uapi_device_changed(second, d, false);
	assert_non_null(strstr(logged, "another program answers there"));
	uapi_free(second);
	fd = dial();
	say(r, fd, "set=1\n\n");
	assert_string_equal(hear(r, fd), "errno=0\n\n");
	close(fd);
	uapi_device_changed(uapi, d, true);
	/* bound once, and nobody listens any more */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(sun.sun_path, socket_path("wg0"));
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(fd);
	uapi_device_changed(uapi, d, false);
	fd = dial();
	say(r, fd, "set=1\n\n");
	assert_string_equal(hear(r, fd), "errno=0\n\n");
	close(fd);
}

static void a_directory_that_cannot_be_is_said_and_nothing_more(void **state)
{
	struct rig *r = *state;
	struct uapi *other = uapi_new(r->loop, r->ds, r->wg, "/proc/no/such");

	uapi_device_changed(other, wg_device_find(r->wg, "wg0"), false);
	assert_non_null(strstr(logged, "interface wg0: wg(8) cannot be answered: "
				       "/proc/no/such: cannot be made: "));
	uapi_free(other);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_socket_is_there_for_root_alone_while_the_interface_is),
		TEST(clients_of_an_interface_that_goes_are_let_go),
		TEST(get_and_set_are_answered_on_one_connection),
		TEST(it_may_come_in_pieces),
		TEST(what_is_refused_is_answered_once_at_its_end_and_logged),
		TEST(overlong_lines_cost_no_memory_and_are_refused),
		TEST(somebody_elses_edits_make_it_busy),
		TEST(a_client_that_stalls_is_dropped_and_stalls_nobody),
		TEST(a_large_answer_waits_for_its_reader),
		TEST(more_clients_than_there_may_be_wait_their_turn),
		TEST(what_a_killed_daemon_left_is_replaced_and_what_lives_is_not),
		TEST(a_directory_that_cannot_be_is_said_and_nothing_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
