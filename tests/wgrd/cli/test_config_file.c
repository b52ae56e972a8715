/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/cli/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wgrd/lib/log.h"

static char why[1200];

static int load(struct rig *r, const char *text)
{
	rig_write(r, "wgrd.conf", text);
	return config_load(r->cli, rig_path(r, "wgrd.conf"), why, sizeof(why));
}

static void must_load(struct rig *r, const char *text)
{
	if (load(r, text))
		fail_msg("%s", why);
}

static char *slurp(const char *path)
{
	char *text = xcalloc(1, 65536);
	FILE *f = fopen(path, "r");

	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	text[fread(text, 1, 65535, f)] = '\0';
	fclose(f);
	return text;
}

/* ---- loading ---- */

static const char good[] = "! a comment\n"
			   "zebra settle-time 3\n"
			   "\n"
			   "wireguard wg0\n"
			   "# another one\n"
			   "   private-key " RIG_KEY_A "\n"
			   " listen-port 51820\r\n"
			   " tenant red\n"
			   " peer a\n"
			   "  public-key " RIG_KEY_B "\n"
			   "  overlay-address 10.99.0.2\n"
			   " exit-peer\n"
			   "exit-wireguard\n"
			   "tenant red\n"
			   " table 1009\n"
			   "exit-tenant";

static void a_file_becomes_the_configuration_in_one_commit(void **state)
{
	struct rig *r = *state;
	const struct conf *c;

	rig_must(r, "configure terminal\ntenant old\nend");
	r->commits = 0;
	must_load(r, good);
	c = datastore_conf(r->ds);
	assert_int_equal(r->commits, 1);
	assert_int_equal(c->tenant_count, 1);
	assert_string_equal(c->tenant[0]->name, "red");
	assert_int_equal(c->wireguard[0]->listen_port, 51820);
	assert_int_equal(c->wireguard[0]->peer[0]->overlay_address_count, 1);
	assert_false(datastore_candidate_open(r->ds));
	assert_null(datastore_holder(r->ds));
}

static void a_missing_file_changes_nothing(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\ntenant old\nend");
	assert_int_equal(
		config_load(r->cli, rig_path(r, "nothing.conf"), why, sizeof(why)),
		-ENOENT);
	assert_non_null(strstr(why, "nothing.conf: cannot be opened: No such file"));
	assert_int_equal(datastore_conf(r->ds)->tenant_count, 1);
	assert_false(datastore_candidate_open(r->ds));
}

/* -ENOENT is said of the configuration file alone. */
static void a_missing_key_file_is_a_wrong_configuration(void **state)
{
	struct rig *r = *state;

	assert_int_equal(load(r, "wireguard wg0\n private-key-file /nonexistent/key\n"),
			 -EINVAL);
	assert_non_null(strstr(why, "wgrd.conf:2: \"private-key-file\": "));
}

static void an_empty_file_is_the_empty_configuration(void **state)
{
	struct rig *r = *state;

	must_load(r, "");
	assert_true(datastore_conf(r->ds)->zebra.enabled);
}

static void end_closes_the_blocks_but_not_the_file(void **state)
{
	struct rig *r = *state;

	must_load(r,
		  "wireguard wg0\n peer a\nend\ntenant red\nexit\nexit\ntenant blue\n");
	assert_int_equal(datastore_conf(r->ds)->tenant_count, 2);
}

#define KEY_PAIR(a, b) "  public-key " a "\n exit-peer\n peer b\n  public-key " b "\n"

/* What is after "FILE" in the message. */
/* clang-format off */
static const struct {
	const char *text, *expected;
} bad[] = {
	{"zebra settle-time 3\nwireguardd wg0\n",
	 ":2: \"wireguardd\": this is not known here; expected one of: zebra, dataplane, metrics, revoked-key, "
	 "prefix-list, wireguard, tenant, exit, quit, end"},
	{"wireguard wg0\n listen-prot 5\n",
	 ":2: \"listen-prot\": this is not known here; expected one of: description, "
	 "backend, foreign, private-key, private-key-file, listen-port, fwmark, mtu, dscp, address, tenant, "
	 "shutdown, additional-key, peer, exit-wireguard, exit, quit, end"},
	{"wireguard wg0\n listen 5\n", ":2: \"listen\": this is not known here; "
	 "expected one of: description, backend, foreign, private-key, private-key-file, listen-port, fwmark, "
	 "mtu, dscp, address, tenant, shutdown, additional-key, peer, exit-wireguard, exit, quit, end"},
	{"wireguard wg0\n listen-port\n",
	 ":2: \"listen-port\": the line ends too early; expected <0-65535>"},
	{"wireguard wg0\n listen-port 1 2\n",
	 ":2: \"2\": this is not known here; expected the end of the line"},
	{"zebra\n", ":1: \"zebra\": the line ends too early; expected one of: socket, "
	 "zapi-version, protocol, settle-time, enabled"},
	{"zebra protocol bgpd\n", ":1: \"bgpd\": this is not known here; expected one of: "
	 "bgp, static, ospf, isis, rip, eigrp, nhrp, babel"},
	{"wireguard wg0\n listen-port 70000\n",
	 ":2: \"70000\": listen-port: \"70000\" is not a number from 0 to 65535"},
	{"wireguard wg0\n\n private-key abc\n",
	 ":3: \"private-key\": private-key: the value is not a key: 32 octets in base64, "
	 "which is 44 characters ending in '='"},
	{"wireguard wg0\n peer a\n  allowed-ip 10.0.0.1/24\n",
	 ":3: \"10.0.0.1/24\": allowed-ip: \"10.0.0.1/24\" is not a prefix, because it has "
	 "host bits: expected 10.0.0.0/24"},
	{"tenant red\n table 9\nexit-tenant\n\ntenant blue\n description x\n table 9\n",
	 ":2: \"table\": tenant red: table 9 is also that of tenant blue; "},
	{"wireguard wg0\n peer a\n" KEY_PAIR(RIG_KEY_A, RIG_KEY_A),
	 ":6: \"public-key\": wireguard wg0, peer b: public-key is also that of peer a; "},
	{"wireguard wg0\n peer a\n exit-peer\n peer a\n",
	 ":4: \"a\": the file has a peer of this name already"},
	{"tenant red\nexit-tenant\ntenant red\n",
	 ":3: \"red\": the file has a tenant of this name already"},
	{"tenant red\n table 5\n table 6\n",
	 ":3: \"table\": an earlier line has set this already"},
	{"wireguard w'0\n", ":1: \"w'0\": w'0: quotes and brackets are not allowed in a name"},
	{"prefix-list x seq 5 permit 10.0.0.0/8\nprefix-list x seq 5 deny 11.0.0.0/8\n",
	 ":2: \"5\": prefix-list x has an entry of this number already"},
	{"prefix-list x seq 5 permit 10.0.0.1/8\n",
	 ":1: \"10.0.0.1/8\": prefix: \"10.0.0.1/8\" is not a prefix, because it has host bits"},
	{"prefix-list x seq 5 permit 10.0.0.0/8 le 7\n",
	 ":1: \"le\": prefix-list x seq 5: 10.0.0.0/8 matches lengths from 8 to 7; expected "
	 "them to rise, from 8 to 32 at most"},
	{"prefix-list x seq 5 permit 10.0.0.0/8 ge 24 le 33\n", ":1: \"le\": prefix-list x seq 5: "},
	{"prefix-list x seq 5 permit 10.0.0.0/8 ge 33\n", ":1: \"ge\": prefix-list x seq 5: "},
	{"prefix-list x seq 5 permit\n", ":1: \"permit\": the line ends too early; expected PREFIX"},
	{"prefix-list x seq 5 allow 10.0.0.0/8\n", ":1: \"allow\": this is not known here; "},
	{"prefix-list x seq 0 permit 10.0.0.0/8\n", ":1: \"0\": seq: \"0\" is not a number "},
	{"prefix-list x' seq 5 permit 10.0.0.0/8\n",
	 ":1: \"x'\": x': quotes and brackets are not allowed here"},
	{"hostname r1\n", ":1: \"hostname\": this is not known here; "},
	{"do write memory\n", ":1: \"do\": this is not known here; "},
	{"show version\n", ":1: \"show\": this is not known here; "},
	{"XFRR_start_configuration\n", ":1: \"XFRR_start_configuration\": this is not known "},
	{"exit-wireguard\n", ":1: \"exit-wireguard\": this is not known here; "},
	{"wireguard wg0\n mtu 600\n address fd99::1/64\n",
	 ":2: \"mtu\": wireguard wg0: mtu 600 is too small for the IPv6 address "},
};
/* clang-format on */

static void a_wrong_file_is_refused_with_line_and_word(void **state)
{
	struct rig *r = *state;
	struct strbuf before = {0};

	rig_must(r, "configure terminal\ntenant old\nend");
	strbuf_puts(&before, rig_running(r, true));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		size_t name = strlen(rig_path(r, "wgrd.conf"));
		int err = load(r, bad[i].text);

		if (!err)
			fail_msg("expected to be refused:\n%s", bad[i].text);
		print_message("  wgrd.conf%s\n", why + name);
		if (strncmp(why, rig_path(r, "wgrd.conf"), name) ||
		    strncmp(why + name, bad[i].expected, strlen(bad[i].expected)))
			fail_msg("expected ...%s\nsaw %s", bad[i].expected, why);
		rig_assert_text("running", before.s, rig_running(r, true));
		assert_false(datastore_candidate_open(r->ds));
	}
	strbuf_free(&before);
}

static void an_error_names_one_line_of_those_that_clash(void **state)
{
	struct rig *r = *state;

	assert_int_not_equal(
		load(r, "tenant red\n table 9\nexit-tenant\n\ntenant blue\n table 9\n"),
		0);
	if (!strstr(why, "conf:2: \"table\": ") && !strstr(why, "conf:6: \"table\": "))
		fail_msg("expected line 2 or 6, saw %s", why);
}

static void a_file_that_is_no_text_is_refused(void **state)
{
	struct rig *r = *state;
	FILE *f = fopen(rig_path(r, "wgrd.conf"), "w");

	assert_non_null(f);
	fwrite("tenant red\nten\0ant\n", 1, 19, f);
	fclose(f);
	assert_int_not_equal(
		config_load(r->cli, rig_path(r, "wgrd.conf"), why, sizeof(why)), 0);
	if (!strstr(why, "wgrd.conf:2: a NUL octet"))
		fail_msg("%s", why);
	assert_int_not_equal(config_load(r->cli, r->dir, why, sizeof(why)), 0);
	if (!strstr(why, "cannot be read: Is a directory"))
		fail_msg("%s", why);
}

static void a_line_over_the_limit_is_refused(void **state)
{
	struct rig *r = *state;
	struct strbuf text = {0};

	strbuf_printf(&text, "tenant red\n description %*s\n", CLI_LINE_MAX, "x");
	assert_int_not_equal(load(r, text.s), 0);
	if (!strstr(why, "wgrd.conf:2: the line is longer than 16384 octets"))
		fail_msg("%s", why);
	strbuf_free(&text);
}

static void a_name_of_any_length_is_refused_for_its_length(void **state)
{
	struct rig *r = *state;
	char text[2100];

	for (size_t len = 64; len <= 2000; len = len * 2 + 1) {
		snprintf(text, sizeof(text), "wireguard wg0\n peer %0*d\n", (int)len, 0);
		assert_int_equal(load(r, text), -EINVAL);
		if (!strstr(why, "wgrd.conf:2: \"0000") ||
		    !strstr(why, "is not a name of 1 to 63"))
			fail_msg("%zu octets: saw %s", len, why);
	}
}

static void an_open_group_of_a_session_survives_a_load(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nXFRR_start_configuration\ntenant blue");
	must_load(r, good);
	rig_must(r, "table 8\nXFRR_end_configuration");
	assert_int_equal(datastore_conf(r->ds)->tenant_count, 2);
	assert_int_equal(datastore_conf(r->ds)->tenant[0]->table, 8);
}

/* ---- saving ---- */

static unsigned files_in(const char *dir)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void what_is_saved_loads_again(void **state)
{
	struct rig *r = *state;
	struct strbuf before = {0};
	struct stat st;

	must_load(r, good);
	strbuf_puts(&before, rig_running(r, true));
	if (config_save(r->cli, rig_path(r, "saved.conf"), why, sizeof(why)))
		fail_msg("%s", why);
	assert_int_equal(stat(rig_path(r, "saved.conf"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	rig_must(r, "configure terminal\nno tenant red\nend");
	if (config_load(r->cli, rig_path(r, "saved.conf"), why, sizeof(why)))
		fail_msg("%s", why);
	rig_assert_text("loaded again", before.s, rig_running(r, true));
	assert_non_null(strstr(before.s, RIG_KEY_A));
	assert_int_equal(files_in(r->dir), 2);
	strbuf_free(&before);
}

static void saving_keeps_a_symbolic_link(void **state)
{
	struct rig *r = *state;
	struct stat st;
	char *text;

	rig_write(r, "real.conf", "! old\n");
	assert_int_equal(symlink("real.conf", rig_path(r, "link.conf")), 0);
	rig_must(r, "configure terminal\ntenant red\nend");
	assert_int_equal(config_save(r->cli, rig_path(r, "link.conf"), why, sizeof(why)),
			 0);
	assert_int_equal(lstat(rig_path(r, "link.conf"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	text = slurp(rig_path(r, "real.conf"));
	assert_string_equal(text, "! Configuration of wgrd 0.1.0, see wgrd.conf(5).\n!\n"
				  "tenant red\nexit-tenant\n!\n");
	free(text);
}

static void check_untouched(struct rig *r, const char *reason)
{
	char *text;

	print_message("  %s\n", why);
	if (!strstr(why, reason) || !strstr(why, "is as it was"))
		fail_msg("expected '%s', saw '%s'", reason, why);
	text = slurp(rig_path(r, "wgrd.conf"));
	assert_string_equal(text, "! old\n");
	free(text);
	assert_int_equal(files_in(r->dir), 1);
}

/* A limit on the size of files stands for the full disk. */
static void a_full_disk_leaves_the_old_file(void **state)
{
	struct rig *r = *state;
	struct rlimit old, tiny;
	int err;

	rig_write(r, "wgrd.conf", "! old\n");
	rig_must(r, "configure terminal\ntenant red\nend");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tiny = old;
	tiny.rlim_cur = 10;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tiny), 0);
	err = config_save(r->cli, rig_path(r, "wgrd.conf"), why, sizeof(why));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(err, -EFBIG);
	check_untouched(r, "File too large");
}

static void a_directory_that_cannot_be_written_leaves_the_old_file(void **state)
{
	struct rig *r = *state;
	bool root = geteuid() == 0;
	int err;

	rig_write(r, "wgrd.conf", "! old\n");
	rig_must(r, "configure terminal\ntenant red\nend");
	assert_int_equal(chmod(r->dir, 0555), 0);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	err = config_save(r->cli, rig_path(r, "wgrd.conf"), why, sizeof(why));
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(r->dir, 0755), 0);
	assert_int_equal(err, -EACCES);
	check_untouched(r, "Permission denied");
	assert_non_null(
		strstr(why, "see that wgrd may write there and \"write memory\" again"));
}

static void a_directory_that_is_not_there_is_said_so(void **state)
{
	struct rig *r = *state;

	assert_int_equal(config_save(r->cli, "/nonexistent/wgrd.conf", why, sizeof(why)),
			 -ENOENT);
	assert_non_null(strstr(why, "cannot write /nonexistent/wgrd.conf: No such file"));
}

int main(void)
{
#define RIGGED(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		RIGGED(a_file_becomes_the_configuration_in_one_commit),
		RIGGED(a_missing_file_changes_nothing),
		RIGGED(a_missing_key_file_is_a_wrong_configuration),
		RIGGED(an_empty_file_is_the_empty_configuration),
		RIGGED(end_closes_the_blocks_but_not_the_file),
		RIGGED(a_wrong_file_is_refused_with_line_and_word),
		RIGGED(an_error_names_one_line_of_those_that_clash),
		RIGGED(a_file_that_is_no_text_is_refused),
		RIGGED(a_line_over_the_limit_is_refused),
		RIGGED(a_name_of_any_length_is_refused_for_its_length),
		RIGGED(an_open_group_of_a_session_survives_a_load),
		RIGGED(what_is_saved_loads_again),
		RIGGED(saving_keeps_a_symbolic_link),
		RIGGED(a_full_disk_leaves_the_old_file),
		RIGGED(a_directory_that_cannot_be_written_leaves_the_old_file),
		RIGGED(a_directory_that_is_not_there_is_said_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
