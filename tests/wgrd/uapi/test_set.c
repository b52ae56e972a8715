/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/uapi/set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/wgrd/uapi/rig.h"
#include "wgrd/conf/candidate.h"
#include "wgrd/uapi/answer.h"

#define ALICE "public_key=" HEX("0a") "\n"
#define BOB   "public_key=" HEX("0b") "\n"
#define CAROL "public_key=" HEX("0c") "\n"

static char why[512];
static struct set_report report;

/* A set of these lines, each ended by a newline. */
static int set(struct rig *r, const char *lines)
{
	struct request request = {0};
	char *copy = xstrdup(lines), *rest = copy, *line;
	int err;

	assert_false(request_line(&request, "set=1", why, sizeof(why)));
	while ((line = strsep(&rest, "\n")) && rest)
		if (request_line(&request, line, why, sizeof(why)))
			fail_msg("it ends too early: %s", lines);
	assert_true(request_line(&request, "", why, sizeof(why)));
	if (request.err)
		fail_msg("%s", why);
	why[0] = '\0';
	err = set_carry_out(r->ds, r->wg, "wg0", &request, &report, why, sizeof(why));
	request_fini(&request);
	free(copy);
	assert_null(datastore_holder(r->ds));
	return err;
}

static void must(struct rig *r, const char *lines)
{
	int err = set(r, lines);

	if (err)
		fail_msg("%s: %d, %s", lines, err, why);
}

static uint64_t serial(const struct rig *r)
{
	return datastore_conf(r->ds)->serial;
}

static void what_is_so_already_is_no_edit_and_no_commit(void **state)
{
	static const char *const lines[] = {
		"",
		"private_key=" HEX("01") "\nlisten_port=51820\nfwmark=0\n",
		ALICE,
		ALICE "endpoint=192.0.2.1:9\n",
		ALICE "persistent_keepalive_interval=25\npreshared_key=" HEX("0c") "\n",
		ALICE "allowed_ip=10.1.0.0/16\n",
		ALICE "replace_allowed_ips=true\nallowed_ip=fd00:1::/32\n"
		      "allowed_ip=10.1.255.255/16\n",
		CAROL "remove=true\n",
		CAROL "update_only=true\nallowed_ip=10.9.0.0/16\n",
		BOB "allowed_ip=-10.1.0.0/16\nallowed_ip=-10.77.0.0/16\n",
		/* taken and given back */
		BOB "allowed_ip=10.1.0.0/16\n" ALICE "allowed_ip=10.1.0.0/16\n",
	};
	struct rig *r = *state;
	uint64_t before = serial(r);

	rig_roam(r, "alice", "192.0.2.1:9");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		must(r, lines[i]);
		if (report.edits || serial(r) != before)
			fail_msg("%zu edits: %s", report.edits, lines[i]);
	}
	assert_string_equal(fake_backend_log(r->be), "");
}

static void the_interface_is_set(void **state)
{
	struct rig *r = *state;

	must(r, "private_key=" HEX("02") "\nlisten_port=7\nfwmark=51820\n");
	assert_int_equal(rig_conf(r)->private_key.key[0], 2);
	assert_int_equal(rig_conf(r)->listen_port, 7);
	assert_int_equal(rig_conf(r)->fwmark, 51820);
	assert_int_equal(rig_conf(r)->peer_count, 2);
	must(r, "private_key=" HEX("00") "\nlisten_port=0\nfwmark=0\n");
	assert_false(rig_conf(r)->private_key.set);
	assert_int_equal(rig_conf(r)->listen_port, 0);
	assert_false(datastore_exists(r->ds, "wireguard[name='wg0']/listen-port"));
	assert_false(datastore_exists(r->ds, "wireguard[name='wg0']/fwmark"));
}

static void the_port_that_the_system_chose_stays_its_choice(void **state)
{
	struct rig *r = *state;
	struct wg_device_view v;
	char line[64];

	rig_unset(r, "listen-port", NULL);
	rig_commit(r);
	wg_device_view(wg_device_find(r->wg, "wg0"), &v);
	assert_int_not_equal(v.listen_port, 0);
	snprintf(line, sizeof(line), "listen_port=%u\n", v.listen_port);
	must(r, line);
	assert_int_equal(report.edits, 0);
	snprintf(line, sizeof(line), "listen_port=%u\n", v.listen_port ^ 1);
	must(r, line);
	assert_int_equal(rig_conf(r)->listen_port, v.listen_port ^ 1);
}

static void a_peer_is_found_by_its_key_and_changed(void **state)
{
	struct rig *r = *state;
	const struct conf_peer *p;

	must(r,
	     ALICE "preshared_key=" HEX(
		     "0d") "\nendpoint=[2001:db8::9]:10\n"
			   "persistent_keepalive_interval=7\nallowed_ip=10.3.0.0/16\n");
	p = rig_peer(r, "alice");
	assert_int_equal(p->preshared_key.key[0], 0x0d);
	assert_int_equal(p->endpoint.port, 10);
	assert_int_equal(p->persistent_keepalive, 7);
	assert_string_equal(p->description, "of the field");
	assert_string_equal(rig_allowed(r, "alice"),
			    "10.1.0.0/16 10.3.0.0/16 fd00:1::/32");
	must(r, ALICE "preshared_key=" HEX("00") "\npersistent_keepalive_interval=0\n"
						 "replace_allowed_ips=true\n");
	p = rig_peer(r, "alice");
	assert_false(p->preshared_key.set);
	assert_int_equal(p->persistent_keepalive, 0);
	assert_string_equal(rig_allowed(r, "alice"), "");
	assert_int_equal(p->overlay_address_count, 1);
}

static void only_that_peer_is_touched(void **state)
{
	struct rig *r = *state;

	must(r, ALICE "persistent_keepalive_interval=7\n");
	assert_string_equal(fake_backend_log(r->be), "peer_set wg0 alice\n");
}

static void a_new_peer_is_named_after_its_key(void **state)
{
	struct rig *r = *state;

	must(r, CAROL "allowed_ip=10.3.0.0/16\nendpoint=192.0.2.3:3\n");
	assert_non_null(rig_peer(r, "wg-DAwMDAwM"));
	assert_string_equal(rig_allowed(r, "wg-DAwMDAwM"), "10.3.0.0/16");
	assert_int_equal(rig_peer(r, "wg-DAwMDAwM")->public_key[9], 0x0c);
	must(r, CAROL "remove=true\n");
	assert_null(rig_peer(r, "wg-DAwMDAwM"));
	/* the name is taken by somebody else, who need not have a key */
	rig_set(r, "peer[name='wg-DAwMDAwM']", NULL);
	rig_commit(r);
	must(r, CAROL "allowed_ip=10.3.0.0/16\n");
	assert_string_equal(rig_allowed(r, "wg-DAwMDAwMD"), "10.3.0.0/16");
}

static void two_new_peers_with_keys_that_begin_alike_get_two_names(void **state)
{
	struct rig *r = *state;

	must(r, "public_key=" HEX8("ff") HEX8("ff") HEX8("ff")
			HEX8("01") "\n"
				   "public_key=" HEX8("ff") HEX8("ff") HEX8("ff")
					   HEX8("02") "\n");
	assert_non_null(rig_peer(r, "wg-________"));
	assert_non_null(rig_peer(r, "wg-_________"));
}

static void a_prefix_that_is_given_to_one_is_taken_from_the_other(void **state)
{
	struct rig *r = *state;

	must(r, BOB "allowed_ip=10.1.0.0/16\n");
	assert_string_equal(rig_allowed(r, "alice"), "fd00:1::/32");
	assert_string_equal(rig_allowed(r, "bob"), "10.1.0.0/16 10.2.0.0/16");
	must(r, BOB "allowed_ip=-10.1.0.0/16\n");
	assert_string_equal(rig_allowed(r, "bob"), "10.2.0.0/16");
}

static void a_prefix_may_go_from_a_peer_that_leaves_to_one_that_comes(void **state)
{
	struct rig *r = *state;

	must(r, BOB "remove=true\n" CAROL "allowed_ip=10.2.0.0/16\n");
	assert_null(rig_peer(r, "bob"));
	assert_string_equal(rig_allowed(r, "wg-DAwMDAwM"), "10.2.0.0/16");
}

static void replaced_peers_keep_what_wg8_does_not_know(void **state)
{
	struct rig *r = *state;
	const struct conf_peer *p;

	rig_set(r, "peer[name='keyless']/description", "to be completed");
	rig_commit(r);
	must(r, "replace_peers=true\n" ALICE "allowed_ip=10.1.0.0/16\n");
	p = rig_peer(r, "alice");
	assert_string_equal(p->description, "of the field");
	assert_int_equal(p->overlay_address_count, 1);
	assert_false(p->preshared_key.set);
	assert_int_equal(p->endpoint.addr.family, 0);
	assert_int_equal(p->persistent_keepalive, 0);
	assert_string_equal(rig_allowed(r, "alice"), "10.1.0.0/16");
	assert_null(rig_peer(r, "bob"));
	assert_non_null(rig_peer(r, "keyless"));
}

static void what_a_peer_has_anyway_is_not_made_static(void **state)
{
	struct rig *r = *state;

	rig_permit(r, "10.50.0.0/16", "alice", "alice bob");
	rig_permit(r, "10.60.0.0/16", "alice bob", NULL);
	must(r, ALICE "allowed_ip=10.50.0.0/16\nallowed_ip=10.60.0.0/16\n" BOB
		      "allowed_ip=10.50.0.0/16\n");
	assert_int_equal(report.edits, 0);
	assert_int_equal(report.kept_learned, 2);
	/* who does not have it gets it */
	must(r, CAROL "allowed_ip=10.50.0.0/16\n");
	assert_string_equal(rig_allowed(r, "wg-DAwMDAwM"), "10.50.0.0/16");
}

/* What get tells, as the lines of a set that wg syncconf would make of it. */
static char *told(struct rig *r)
{
	static const char *const passed[] = {"private_key",
					     "listen_port",
					     "fwmark",
					     "public_key",
					     "preshared_key",
					     "endpoint",
					     "persistent_keepalive_interval",
					     "allowed_ip"};
	struct strbuf text = {0}, lines = {0};
	char *rest, *line;

	assert_int_equal(answer_get(wg_device_find(r->wg, "wg0"), rig_conf(r), &text), 0);
	for (rest = text.s; (line = strsep(&rest, "\n"));) {
		size_t len = strcspn(line, "=");

		for (size_t i = 0; i < ARRAY_SIZE(passed); i++)
			if (strlen(passed[i]) == len && !strncmp(line, passed[i], len))
				strbuf_printf(&lines, "%s\n", line);
		if (len == 10 && !strncmp(line, "public_key", len))
			strbuf_puts(&lines, "replace_allowed_ips=true\n");
	}
	strbuf_free(&text);
	return lines.s;
}

static void what_get_tells_can_be_set_and_changes_nothing(void **state)
{
	struct rig *r = *state;
	uint64_t before = serial(r);
	char *lines;

	rig_permit(r, "10.50.0.0/16", "alice bob", "alice");
	rig_permit(r, "10.1.0.0/16", "alice", "alice");
	rig_permit(r, "10.99.0.1/32", NULL, "alice");
	rig_permit(r, "::/0", "bob", "bob alice");
	rig_roam(r, "alice", "203.0.113.7:4500");
	rig_roam(r, "bob", "[2001:db8::b]:51820");
	lines = told(r);
	must(r, lines);
	free(lines);
	assert_int_equal(report.edits, 0);
	assert_true(report.kept_learned > 0);
	assert_int_equal(serial(r), before);
	assert_int_equal(rig_peer(r, "alice")->endpoint.port, 9);
}

static void a_peer_that_moved_is_sent_home_without_an_edit(void **state)
{
	struct rig *r = *state;
	uint64_t before = serial(r);

	rig_roam(r, "alice", "203.0.113.7:4500");
	fake_backend_clear_log(r->be);
	must(r, ALICE "endpoint=192.0.2.1:9\n");
	assert_int_equal(report.edits, 0);
	assert_int_equal(serial(r), before);
	assert_string_equal(fake_backend_log(r->be), "peer_home wg0 alice\n");
}

static void a_refused_set_changes_nothing_and_says_why(void **state)
{
	struct rig *r = *state;
	uint64_t before = serial(r);

	assert_int_equal(set(r, "fwmark=9\n" ALICE "endpoint=0.0.0.0:1\n"), -EINVAL);
	assert_non_null(strstr(why, "peer alice: endpoint 0.0.0.0 is"));
	assert_int_equal(serial(r), before);
	assert_int_equal(rig_conf(r)->fwmark, 0);
	assert_false(datastore_candidate_open(r->ds));
	fake_backend_refuse(r->be, "wg0", "interface wg0: port 9 is in use");
	assert_int_equal(set(r, "listen_port=9\n"), -EBUSY);
	assert_string_equal(why, "interface wg0: port 9 is in use");
	assert_int_equal(rig_conf(r)->listen_port, 51820);
}

static void an_interface_that_is_not_there_is_refused(void **state)
{
	struct rig *r = *state;
	struct request request = {.verb = REQUEST_SET};

	assert_int_equal(
		set_carry_out(r->ds, r->wg, "wg9", &request, &report, why, sizeof(why)),
		-ENODEV);
	assert_string_equal(why, "wireguard wg9 is not there any more");
}

static void it_waits_for_nobody_who_edits_outside_of_the_account(void **state)
{
	struct rig *r = *state;

	rig_set(r, "fwmark", "5");
	assert_int_equal(set(r, "fwmark=9\n"), -EBUSY);
	assert_non_null(strstr(why, "another session has edited"));
	rig_commit(r);
	assert_int_equal(rig_conf(r)->fwmark, 5);
}

static void edits_of_a_group_elsewhere_are_not_committed_with_it(void **state)
{
	struct rig *r = *state;
	char path[] = "wireguard[name='wg0']/mtu", value[] = "1300";
	const struct conf_edit e = {.path = path, .value = value};
	struct candidate group = {.ds = r->ds};

	assert_int_equal(candidate_take(&group, why, sizeof(why)), 0);
	assert_int_equal(candidate_edit(&group, &e, why, sizeof(why)), 0);
	candidate_remember(&group, &e);
	must(r, "fwmark=9\n");
	assert_int_equal(rig_conf(r)->fwmark, 9);
	assert_int_equal(rig_conf(r)->mtu, 1420);
	assert_int_equal(candidate_take(&group, why, sizeof(why)), 0);
	assert_int_equal(candidate_commit(&group, why, sizeof(why)), 0);
	candidate_drop(&group);
	assert_int_equal(rig_conf(r)->fwmark, 9);
	assert_int_equal(rig_conf(r)->mtu, 1300);
}

static void a_key_in_a_file_stays_there_until_it_is_another(void **state)
{
	struct rig *r = *state;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/key", r->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "%s\n", KEY_01);
	fclose(f);
	assert_int_equal(chmod(path, 0600), 0);
	rig_set(r, "private-key-file", path);
	rig_commit(r);
	must(r, "private_key=" HEX("01") "\n");
	assert_true(datastore_exists(r->ds, "wireguard[name='wg0']/private-key-file"));
	must(r, "private_key=" HEX("02") "\n");
	assert_false(datastore_exists(r->ds, "wireguard[name='wg0']/private-key-file"));
	assert_int_equal(rig_conf(r)->private_key.key[0], 2);
	rig_set(r, "private-key-file", path);
	rig_commit(r);
	must(r, "private_key=" HEX("00") "\n");
	assert_false(rig_conf(r)->private_key.set);
	remove(path);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_so_already_is_no_edit_and_no_commit),
		TEST(the_interface_is_set),
		TEST(the_port_that_the_system_chose_stays_its_choice),
		TEST(a_peer_is_found_by_its_key_and_changed),
		TEST(only_that_peer_is_touched),
		TEST(a_new_peer_is_named_after_its_key),
		TEST(two_new_peers_with_keys_that_begin_alike_get_two_names),
		TEST(a_prefix_that_is_given_to_one_is_taken_from_the_other),
		TEST(a_prefix_may_go_from_a_peer_that_leaves_to_one_that_comes),
		TEST(replaced_peers_keep_what_wg8_does_not_know),
		TEST(what_a_peer_has_anyway_is_not_made_static),
		TEST(what_get_tells_can_be_set_and_changes_nothing),
		TEST(a_peer_that_moved_is_sent_home_without_an_edit),
		TEST(a_refused_set_changes_nothing_and_says_why),
		TEST(an_interface_that_is_not_there_is_refused),
		TEST(it_waits_for_nobody_who_edits_outside_of_the_account),
		TEST(edits_of_a_group_elsewhere_are_not_committed_with_it),
		TEST(a_key_in_a_file_stays_there_until_it_is_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
