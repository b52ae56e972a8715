/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/conf_script.h"
#include "wgrd/conf/candidate.h"
#include "wgrd/conf/conf.h"

static char *print(const struct lyd_node *tree)
{
	char *text = NULL;

	if (!tree)
		return strdup("");
	assert_int_equal(lyd_print_mem(&text, tree, LYD_JSON,
				       LYD_PRINT_SHRINK | LYD_PRINT_WD_EXPLICIT),
			 LY_SUCCESS);
	return text;
}

/* What is in running after @script was committed to an empty datastore. */
static void expect_running(const char *script, const char *json)
{
	struct datastore *ds = conf_script_datastore();
	char *seen;

	conf_script_apply(ds, script);
	seen = print(datastore_running(ds));
	if (strcmp(seen, json) != 0)
		fail_msg("%s\nexpected: %s\nsaw: %s", script, json, seen);
	free(seen);
	datastore_free(ds);
}

static void edits_do_what_they_say(void **state)
{
	static const struct {
		const char *script, *json;
	} cases[] = {
		{"set " P("wg0", "a"),
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"wg0\",\"peer\":[{\"name\":\"a\"}]}]}}"},
		{"set " P("wg0", "a") "/endpoint [2001:DB8::1]:1",
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"wg0\",\"peer\":[{\"name\":\"a\","
		 "\"endpoint\":\"[2001:db8::1]:1\"}]}]}}"},
		/* A leaf is replaced, an entry of a leaf-list added; twice is once. */
		{"set " W("wg0") "/mtu 1400\nset " W(
			 "wg0") "/mtu 1500\n"
				"set " W("wg0") "/address 10.0.0.1/8\nset " W(
					"wg0") "/address 10.0.0.2/8\n"
					       "set " W("wg0") "/address 10.0.0.1/8",
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"wg0\",\"mtu\":1500,"
		 "\"address\":[\"10.0.0.1/8\",\"10.0.0.2/8\"]}]}}"},
		/* Siblings stand in the order of the model, entries in that of their making. */
		{"set " W("b") "/mtu 1400\nset " W("a") "\nset " W("b") "/listen-port 1",
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"b\",\"listen-port\":1,\"mtu\":1400},"
		 "{\"name\":\"a\"}]}}"},
		/* A value equal to the default is kept as the operator's. */
		{"set " W("wg0") "/mtu 1420",
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"wg0\",\"mtu\":1420}]}}"},
		{"set " W("wg0") "/shutdown\nset " W("wg0") "/shutdown",
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"wg0\",\"shutdown\":[null]}]}}"},
		/* Removing: one entry, all entries, a leaf, what is not there, a whole list entry. */
		{"set " W("wg0") "/address 10.0.0.1/8\nset " W(
			 "wg0") "/address 10.0.0.2/8\n"
				"unset " W("wg0") "/address 10.0.0.1/8",
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"wg0\",\"address\":[\"10.0.0.2/8\"]}]}}"},
		{"set " W("wg0") "/address 10.0.0.1/8\nset " W(
			 "wg0") "/address 10.0.0.2/8\n"
				"unset " W("wg0") "/address",
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"wg0\"}]}}"},
		{"set " P("wg0", "a") "/allowed-ip 2001:db8::/32\n"
				      "unset " P("wg0",
						 "a") "/allowed-ip 2001:DB8:0::/32",
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"wg0\",\"peer\":[{\"name\":\"a\"}]}]}}"},
		{"set " W("wg0") "/mtu 1400\nunset " W("wg0") "/mtu 1400",
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"wg0\"}]}}"},
		{"set " W("wg0") "\nunset " W("wg0") "/mtu\nunset " W(
			 "wg1") "/mtu 1400\n"
				"unset " W("wg0") "/address 10.0.0.1/8\nunset " P(
					"wg0", "a") "\n"
						    "unset zebra/settle-time",
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"wg0\"}]}}"},
		{"set " P("wg0", "a") "/max-prefix 1\nset " P("wg0",
							      "b") "\n"
								   "unset " P("wg0", "a"),
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"wg0\",\"peer\":[{\"name\":\"b\"}]}]}}"},
		{"set zebra/settle-time 5\nset zebra/enabled false\nunset zebra/settle-time",
		 "{\"wgrd:wgrd\":{\"zebra\":{\"enabled\":false}}}"},
		{"set zebra/settle-time 5\nunset zebra", "{}"},
		/* Own prefixes go to one place: the last. */
		{"set " T("a") "/advertise-table 7\nset " T(
			 "a") "/advertise-instance 8\nset " T("a") "/advertise-kernel",
		 "{\"wgrd:wgrd\":{\"tenant\":[{\"name\":\"a\",\"advertise-kernel\":[null]}]}}"},
		{"set " T("a") "/advertise-kernel\nset " T("a") "/advertise-instance 8",
		 "{\"wgrd:wgrd\":{\"tenant\":[{\"name\":\"a\",\"advertise-instance\":8}]}}"},
		/* Two ways to give one key: the later wins. */
		{"set " W("wg0") "/private-key-file /k\nset " W(
			 "wg0") "/private-key " KEY_1,
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"wg0\",\"private-key\":\"" KEY_1
		 "\"}]}}"},
		{"set " P(
			 "wg0",
			 "a") "/preshared-key-file /k\n"
			      "set " P(
				      "wg0",
				      "a") "/preshared-key " KEY_1 "\n"
					   "set " P(
						   "wg0",
						   "a") "/preshared-key-file /k\n"
							"unset " P(
								"wg0",
								"a") "/preshared-key-file\n",
		 "{\"wgrd:wgrd\":{\"wireguard\":[{\"name\":\"wg0\",\"peer\":[{\"name\":\"a\"}]}]}}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect_running(cases[i].script, cases[i].json);
}

static void a_refused_edit_says_why_and_changes_nothing(void **state)
{
	static const struct {
		const char *edit, *why, *word, *value;
	} cases[] = {
		{"set " W("new") "/mtu 1", "mtu: \"1\" is not a number from 576 to 9200",
		 "mtu", "1"},
		{"set " W("wg/0") "/mtu 1400",
		 "wireguard: \"wg/0\" is not an interface name of letters, digits, '_', '.', '@', "
		 "'+' and '-' that begins with a letter, a digit or '_'",
		 "mtu", "wg/0"},
		{"set " W("wg/0"),
		 "wireguard: \"wg/0\" is not an interface name of letters, digits, '_', '.', '@', "
		 "'+' and '-' that begins with a letter, a digit or '_'",
		 "wireguard", "wg/0"},
		{"set " P("new", "a") "/endpoint x",
		 "endpoint: \"x\" is not ADDRESS:PORT, such as 192.0.2.1:51820 or "
		 "[2001:db8::1]:51820",
		 "endpoint", "x"},
		{"set " W("new") "/mtu",
		 "mtu: a value is missing; expected a number from 576 to 9200", "mtu",
		 ""},
		{"set " W("new") "/shutdown now",
		 "shutdown: \"now\" is too much: no value is expected", "shutdown",
		 "now"},
		{"set " W("new") " now",
		 "wireguard: \"now\" is too much: no value is expected", "wireguard",
		 "now"},
		/* A key that is nearly right is still nobody's business. */
		{"set " W("new") "/private-key " KEY_1 "x",
		 "private-key: the value is not a key: 32 octets in base64, which is 44 characters "
		 "ending in '='",
		 "private-key", ""},
		{"unset " W("wg0") "/mtu 1300",
		 "mtu: it is \"1400\", not \"1300\", and stays", "mtu", "1300"},
		{"unset " W("wg0") "/private-key " KEY_2,
		 "private-key: it is another one, and stays", "private-key", ""},
		{"unset " W("wg0") "/address 10.0.0.300/8",
		 "address: \"10.0.0.300/8\" is not an address with its prefix length, such as "
		 "10.99.0.1/24 or fd99::1/64",
		 "address", "10.0.0.300/8"},
		{"unset " W("wg0") "/name",
		 "name: it names its wireguard and stays as it is", "name", ""},
		{"set " W("wg0") "/name wg1",
		 "name: it names its wireguard and stays as it is", "name", ""},
		{"set nonsense 1", "\"nonsense\" is not in the model", "nonsense", ""},
		{"set wireguard", "\"wireguard\" is not in the model", "wireguard", ""},
		{"set wireguard[name=wg0]", "\"wireguard[name=wg0]\" is not in the model",
		 "wireguard", ""},
		{"set wireguard[name='wg0']x",
		 "\"wireguard[name='wg0']x\" is not in the model", "wireguard", ""},
		{"set wireguard[mtu='1']", "\"wireguard[mtu='1']\" is not in the model",
		 "wireguard", ""},
		{"set wireguard[name='wg0'",
		 "\"wireguard[name='wg0'\" is not in the model", "wireguard", ""},
		{"set " W("wg0") "/", "\"" W("wg0") "/\" is not in the model", "", ""},
		{"set " W("wg0") "/mtu/mtu 1",
		 "\"" W("wg0") "/mtu/mtu\" is not in the model", "mtu", ""},
	};
	struct datastore *ds = conf_script_datastore();
	char *before, *after;

	(void)state;
	conf_script_apply(
		ds, "set " W("wg0") "/mtu 1400\nset " W("wg0") "/private-key " KEY_1);
	before = print(datastore_running(ds));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct datastore_refusal refused;
		char why[512] = "";
		int err = conf_script_edit(ds, cases[i].edit, why, sizeof(why));

		refused = datastore_refused(ds);
		if (err != -EINVAL || strcmp(why, cases[i].why) != 0 ||
		    strcmp(refused.word, cases[i].word) != 0 ||
		    strcmp(refused.value, cases[i].value) != 0 || refused.line != 1)
			fail_msg(
				"%s\nexpected: %s (%s \"%s\", line 1)\nsaw: %s (%s \"%s\", line %u)",
				cases[i].edit, cases[i].why, cases[i].word,
				cases[i].value, why, refused.word, refused.value,
				refused.line);
		/* It did not even open a candidate; and in an open one it makes nothing. */
		assert_false(datastore_candidate_open(ds));
		assert_int_equal(conf_script_edit(ds, "set " W("wg0"), why, sizeof(why)),
				 0);
		assert_int_not_equal(
			conf_script_edit(ds, cases[i].edit, why, sizeof(why)), 0);
		after = print(datastore_candidate(ds));
		assert_string_equal(after, before);
		free(after);
		datastore_discard(ds);
	}
	free(before);
	datastore_free(ds);
}

static void a_key_is_found_and_the_name_of_a_file_is_none(void **state)
{
	struct datastore *ds = conf_script_datastore();
	struct strbuf path = {0};
	char why[512];

	(void)state;
	assert_int_equal(conf_script_edit(ds, "set " W("wg0") "/private-key-file /k", why,
					  sizeof(why)),
			 0);
	assert_false(datastore_changes_have_key(ds, &path));
	assert_string_equal(strbuf_str(&path), "");
	assert_int_equal(conf_script_edit(ds,
					  "set " P("wg0", "a") "/preshared-key " KEY_1,
					  why, sizeof(why)),
			 0);
	assert_true(datastore_changes_have_key(ds, &path));
	assert_string_equal(path.s, "/wgrd:wgrd/wireguard[name='wg0']/peer[name='a']"
				    "/preshared-key");
	strbuf_free(&path);
	datastore_free(ds);
}

static void only_what_was_set_exists(void **state)
{
	struct datastore *ds = conf_script_datastore();
	char why[512];

	(void)state;
	assert_false(datastore_exists(ds, W("wg0")));
	conf_script_apply(ds, "set " P("wg0", "a") "/max-prefix 5");
	assert_true(datastore_exists(ds, W("wg0")));
	assert_true(datastore_exists(ds, P("wg0", "a")));
	assert_true(datastore_exists(ds, P("wg0", "a") "/max-prefix"));
	assert_false(datastore_exists(ds, P("wg0", "a") "/allowed-ip"));
	assert_false(datastore_exists(ds, P("wg0", "b")));
	assert_false(datastore_exists(ds, W("wg0") "/mtu")); /* a default */
	assert_false(datastore_exists(ds, "zebra"));
	assert_false(datastore_exists(ds, "nonsense"));
	assert_false(datastore_is_empty(ds, P("wg0", "a")));
	assert_false(datastore_is_empty(ds, W("wg0")));
	assert_false(datastore_is_empty(ds, P("wg0", "b")));
	conf_script_apply(ds, "unset " P("wg0", "a") "/max-prefix");
	assert_true(datastore_is_empty(ds, P("wg0", "a")));
	assert_false(datastore_is_empty(ds, W("wg0"))); /* the peer is in it */

	assert_int_equal(conf_script_edit(ds, "unset " P("wg0", "a"), why, sizeof(why)),
			 0);
	assert_false(datastore_exists(ds, P("wg0", "a"))); /* in the candidate */
	datastore_discard(ds);
	assert_true(datastore_exists(ds, P("wg0", "a")));
	datastore_free(ds);
}

static void a_default_comes_back_when_its_leaf_is_removed(void **state)
{
	struct datastore *ds = conf_script_datastore();
	const struct conf *c;

	(void)state;
	c = conf_script_apply(ds, "set zebra/settle-time 5");
	assert_int_equal(c->zebra.settle_s, 5);
	c = conf_script_apply(ds, "unset zebra/settle-time");
	assert_int_equal(c->zebra.settle_s, 10);
	assert_string_equal(c->zebra.protocol, "bgp");
	c = conf_script_apply(ds, "set zebra/settle-time 5\nset zebra/protocol ospf");
	c = conf_script_apply(ds, "unset zebra/settle-time");
	assert_int_equal(c->zebra.settle_s, 10);
	assert_string_equal(c->zebra.protocol, "ospf");
	c = conf_script_apply(ds, "unset zebra");
	assert_string_equal(c->zebra.protocol, "bgp");
	c = conf_script_apply(ds, "set " W("wg0") "/mtu 1400");
	c = conf_script_apply(ds, "unset " W("wg0") "/mtu");
	assert_int_equal(c->wireguard[0]->mtu, CONF_MTU_DEFAULT);
	datastore_free(ds);
}

static void a_candidate_lives_from_the_first_edit_to_its_commit_or_discard(void **state)
{
	struct datastore *ds = conf_script_datastore();
	const struct conf *c;
	char why[512];

	(void)state;
	assert_null(datastore_running(ds));
	assert_int_equal(datastore_conf(ds)->serial, 0);
	assert_false(datastore_conf(ds)->zebra.enabled);
	assert_int_equal(datastore_commit(ds, why, sizeof(why)), 0); /* nothing to do */
	assert_int_equal(datastore_conf(ds)->serial, 0);

	assert_int_equal(datastore_start_empty(ds), 0);
	assert_true(datastore_candidate_open(ds));
	assert_int_equal(datastore_commit(ds, why, sizeof(why)), 0);
	assert_false(datastore_candidate_open(ds));
	assert_int_equal(datastore_conf(ds)->serial, 1);
	assert_true(datastore_conf(ds)->zebra.enabled);

	c = datastore_conf(ds);
	assert_int_equal(datastore_set(ds, W("wg0"), NULL, why, sizeof(why)), 0);
	assert_true(datastore_candidate_open(ds));
	assert_ptr_equal(datastore_conf(ds), c);
	datastore_discard(ds);
	assert_false(datastore_candidate_open(ds));
	assert_null(datastore_candidate(ds));

	c = conf_script_apply(ds, "set " W("wg0"));
	assert_int_equal(c->serial, 2);
	assert_int_equal(c->wireguard_count, 1);

	/* A whole file: what is not in it goes. */
	assert_int_equal(datastore_start_empty(ds), 0);
	c = conf_script_apply(ds, "set " T("red"));
	assert_int_equal(c->serial, 3);
	assert_int_equal(c->wireguard_count, 0);
	assert_int_equal(c->tenant_count, 1);
	datastore_free(ds);
}

/* A subscriber that refuses when it is told to, and tries to edit in the middle. */
struct subscriber {
	struct datastore *ds;
	bool refuse;
	struct refusal_at at; /* what it then points at */
	unsigned prepared, applied, aborted;
	uint64_t old_serial, new_serial;
};

static int sub_check(void *ctx, const struct conf *new, char *why, size_t why_len)
{
	struct subscriber *s = ctx;
	char ignored[128];

	(void)new;
	(void)why;
	(void)why_len;
	assert_int_equal(
		datastore_set(s->ds, "zebra/enabled", "true", ignored, sizeof(ignored)),
		-EBUSY);
	assert_int_equal(datastore_unset(s->ds, "zebra", NULL, ignored, sizeof(ignored)),
			 -EBUSY);
	assert_int_equal(datastore_commit(s->ds, ignored, sizeof(ignored)), -EBUSY);
	assert_int_equal(datastore_start_empty(s->ds), -EBUSY);
	datastore_discard(s->ds);
	assert_true(datastore_candidate_open(s->ds));
	return 0;
}

static int sub_prepare(void *ctx, struct conf_change *c, char *why, size_t why_len)
{
	struct subscriber *s = ctx;

	if (s->refuse) {
		c->refused = s->at;
		snprintf(why, why_len,
			 "wireguard wg0: port 51820 is taken; expected a free one");
		return -EADDRINUSE;
	}
	s->prepared++;
	s->old_serial = c->old->serial;
	s->new_serial = c->new->serial;
	return 0;
}

static void sub_apply(void *ctx, struct conf_change *c)
{
	struct subscriber *s = ctx;

	assert_ptr_equal(datastore_conf(s->ds), c->old);
	s->applied++;
}

static void sub_abort(void *ctx, struct conf_change *c)
{
	struct subscriber *s = ctx;

	(void)c;
	s->aborted++;
}

static const struct conf_subsys sub_ops = {
	.name = "test",
	.check = sub_check,
	.prepare = sub_prepare,
	.apply = sub_apply,
	.abort = sub_abort,
};

static void a_subscriber_can_refuse_a_commit_but_not_edit(void **state)
{
	struct datastore *ds = conf_script_datastore();
	struct subscriber first = {.ds = ds}, second = {.ds = ds};
	const struct conf *before;
	char why[512];

	(void)state;
	datastore_subscribe(ds, &sub_ops, &first);
	datastore_subscribe(ds, &sub_ops, &second);
	before = conf_script_apply(ds, "set " W("wg0"));
	assert_int_equal(first.applied + second.applied, 2);
	assert_int_equal(first.old_serial, 0);
	assert_int_equal(first.new_serial, 1);

	second.refuse = true;
	assert_int_equal(conf_script_commit(ds, "set " W("wg1"), why, sizeof(why)),
			 -EADDRINUSE);
	assert_string_equal(why,
			    "wireguard wg0: port 51820 is taken; expected a free one");
	assert_string_equal(datastore_refused(ds).path, "");
	assert_int_equal(datastore_refused(ds).line, 0);
	assert_int_equal(first.aborted, 1);
	assert_int_equal(second.aborted, 0);
	assert_int_equal(first.applied + second.applied, 2);
	assert_ptr_equal(datastore_conf(ds), before);
	assert_false(datastore_exists(ds, W("wg1")));
	datastore_free(ds);
}

static void a_subscriber_that_refuses_can_point_at_a_line(void **state)
{
	static const struct {
		struct refusal_at at;
		unsigned line;
		const char *word;
	} cases[] = {
		{{.top = "wireguard", .name = "wg0", .leaf = "listen-port"},
		 2,
		 "listen-port"},
		{{.top = "wireguard", .name = "wg0"}, 1, "wireguard"},
		{{.top = "wireguard", .name = "wg0", .leaf = "mtu"}, 0, "mtu"},
		{{0}, 0, ""},
	};
	struct datastore *ds = conf_script_datastore();
	struct subscriber s = {.ds = ds, .refuse = true};
	char why[512];

	(void)state;
	datastore_subscribe(ds, &sub_ops, &s);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct datastore_refusal r;

		s.at = cases[i].at;
		assert_int_equal(
			conf_script_commit(
				ds,
				"set " W("wg0") "\n"
						"set " W("wg0") "/listen-port 51820",
				why, sizeof(why)),
			-EADDRINUSE);
		r = datastore_refused(ds);
		if (r.line != cases[i].line || strcmp(r.word, cases[i].word) != 0)
			fail_msg(
				"case %zu: expected line %u, \"%s\"; saw line %u, \"%s\"",
				i, cases[i].line, cases[i].word, r.line, r.word);
	}
	datastore_free(ds);
}

static void a_refused_commit_names_the_line_of_the_file(void **state)
{
	struct datastore *ds = conf_script_datastore();
	struct datastore_refusal refused;
	char why[512];

	(void)state;
	assert_int_equal(
		conf_script_commit(
			ds,
			"set " P(
				"wg0",
				"a") "/allowed-ip 10.1.0.0/16\n"
				     "\n"
				     "set " P(
					     "wg0",
					     "b") "/allowed-ip 10.2.0.0/16\n"
						  "set " P(
							  "wg0",
							  "b") "/allowed-ip 10.1.0.0/16\n"
							       "set " P(
								       "wg0",
								       "b") "/allowed-ip 10.3.0.0/16",
			why, sizeof(why)),
		-EINVAL);
	refused = datastore_refused(ds);
	assert_int_equal(refused.line, 4);
	assert_string_equal(refused.word, "allowed-ip");
	assert_string_equal(refused.value, "10.1.0.0/16");
	assert_string_equal(refused.path, P("wg0", "b") "/allowed-ip");

	/* An edit that changes a leaf again takes it over. */
	assert_int_equal(conf_script_commit(ds,
					    "set " T("a") "/table 7\nset " T(
						    "b") "/table 8\n"
							 "set " T("b") "/table 7",
					    why, sizeof(why)),
			 -EINVAL);
	assert_int_equal(datastore_refused(ds).line, 3);
	datastore_free(ds);
}

static int take_edit_commit(struct candidate *c, const char *path, char *why, size_t len)
{
	struct conf_edit e = {.path = (char *)path};
	int err = candidate_take(c, why, len);

	if (!err)
		err = candidate_edit(c, &e, why, len) ?: candidate_commit(c, why, len);
	candidate_drop(c);
	return err;
}

static void who_locks_the_configuration_edits_it_alone(void **state)
{
	struct datastore *ds = conf_script_datastore();
	struct candidate anybody = {.ds = ds}, owner = {.ds = ds, .owner = &owner};
	char why[256];

	(void)state;
	datastore_lock(ds, &owner, "somebody");
	assert_int_equal(take_edit_commit(&anybody, T("a"), why, sizeof(why)), -EBUSY);
	assert_string_equal(why, "somebody has locked the configuration; try again when "
				 "it is unlocked");
	assert_int_equal(take_edit_commit(&owner, T("b"), why, sizeof(why)), 0);
	datastore_unlock(ds);
	assert_int_equal(take_edit_commit(&anybody, T("a"), why, sizeof(why)), 0);
	assert_true(datastore_exists(ds, T("a")) && datastore_exists(ds, T("b")));
	datastore_free(ds);
}

/* Edits that cannot be made again, because of what others committed meanwhile. */
static void half_of_the_edits_of_a_front_end_are_never_committed(void **state)
{
	struct datastore *ds = conf_script_datastore();
	struct candidate c = {.ds = ds};
	struct conf_edit set = {.path = (char *)T("a")},
			 unset = {.unset = true,
				  .path = (char *)T("b") "/table",
				  .value = (char *)"7"};
	char why[256];

	(void)state;
	conf_script_apply(ds, "set " T("b") "/table 7");
	candidate_remember(&c, &set);
	candidate_remember(&c, &unset);
	conf_script_apply(ds, "set " T("b") "/table 8");
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(candidate_take(&c, why, sizeof(why)), -EINVAL);
		assert_false(datastore_candidate_open(ds));
	}
	candidate_drop(&c);
	datastore_free(ds);
}

static void validating_says_what_a_commit_would_and_keeps_the_candidate(void **state)
{
	struct datastore *ds = conf_script_datastore();
	char why[256] = "";

	(void)state;
	assert_int_equal(datastore_validate(ds, why, sizeof(why)), 0);
	assert_int_equal(conf_script_edit(ds,
					  "set " T("a") "/table 7\n"
							"set " T("b") "/table 7",
					  why, sizeof(why)),
			 0);
	assert_int_equal(datastore_validate(ds, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "tenant"));
	assert_string_equal(datastore_refused(ds).path, T("b") "/table");
	assert_int_equal(datastore_set(ds, T("b") "/table", "8", why, sizeof(why)), 0);
	assert_int_equal(datastore_validate(ds, why, sizeof(why)), 0);
	assert_int_equal(datastore_conf(ds)->tenant_count, 0);
	assert_int_equal(datastore_commit(ds, why, sizeof(why)), 0);
	assert_int_equal(datastore_conf(ds)->tenant_count, 2);
	datastore_free(ds);
}

static void models_can_be_added_before_the_first_edit(void **state)
{
	struct datastore *ds = conf_script_datastore();
	char why[256];

	(void)state;
	assert_int_equal(datastore_load_module(ds, "nothing", NULL, why, sizeof(why)),
			 -ENOENT);
	assert_non_null(strstr(why, "the model nothing.yang cannot be loaded: "));
	assert_int_equal(
		datastore_load_module(ds, "ietf-netconf-acm", NULL, why, sizeof(why)), 0);
	conf_script_apply(ds, "set " T("a") "/table 7");
	datastore_free(ds);
}

static void a_directory_without_the_model_is_refused(void **state)
{
	struct datastore *ds;
	char why[256];

	(void)state;
	assert_int_not_equal(datastore_new("/nonexistent", &ds, why, sizeof(why)), 0);
	assert_string_equal(why, "/nonexistent: not a directory with YANG modules");
	assert_int_not_equal(datastore_new("/proc/self/fdinfo", &ds, why, sizeof(why)),
			     0);
	assert_non_null(
		strstr(why, "/proc/self/fdinfo: the model wgrd.yang cannot be loaded"));
	datastore_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_do_what_they_say),
		cmocka_unit_test(a_refused_edit_says_why_and_changes_nothing),
		cmocka_unit_test(a_key_is_found_and_the_name_of_a_file_is_none),
		cmocka_unit_test(only_what_was_set_exists),
		cmocka_unit_test(a_default_comes_back_when_its_leaf_is_removed),
		cmocka_unit_test(
			a_candidate_lives_from_the_first_edit_to_its_commit_or_discard),
		cmocka_unit_test(a_subscriber_can_refuse_a_commit_but_not_edit),
		cmocka_unit_test(a_subscriber_that_refuses_can_point_at_a_line),
		cmocka_unit_test(a_refused_commit_names_the_line_of_the_file),
		cmocka_unit_test(who_locks_the_configuration_edits_it_alone),
		cmocka_unit_test(half_of_the_edits_of_a_front_end_are_never_committed),
		cmocka_unit_test(
			validating_says_what_a_commit_would_and_keeps_the_candidate),
		cmocka_unit_test(models_can_be_added_before_the_first_edit),
		cmocka_unit_test(a_directory_without_the_model_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
