/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What commits leave behind, and whether one finds the way back. */
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
#include "tests/lib/rng.h"
#include "wgrd/conf/conf.h"
#include "wgrd/conf/diff.h"

static char dir[] = "/tmp/wgrd-history-XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/wgrd-history-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static void print_edit(void *arg, const struct conf_edit *e)
{
	size_t len = strlen(arg);

	snprintf((char *)arg + len, 1024 - len, "%c%s%s%s\n", e->unset ? '-' : '+',
		 e->path, e->value ? " " : "", e->value ?: "");
}

/* Each datastore has a context of its own, and nodes of two cannot be compared. */
static struct lyd_node *copy_of_running(const struct datastore *from,
					const struct datastore *to)
{
	struct lyd_node *copy;
	char *json;

	assert_int_equal(lyd_print_mem(&json, datastore_running(from), LYD_JSON,
				       LYD_PRINT_WD_EXPLICIT),
			 LY_SUCCESS);
	assert_int_equal(lyd_parse_data_mem(datastore_module(to)->ctx, json, LYD_JSON,
					    LYD_PARSE_ONLY, 0, &copy),
			 LY_SUCCESS);
	free(json);
	return copy;
}

static void differences_are_told_as_edits(void **state)
{
	static const struct {
		const char *first, *then, *edits;
	} cases[] = {
		{"set zebra/enabled false", "set zebra/enabled false", ""},
		/* the default, said by hand, is something the operator said */
		{"set zebra/enabled false", "set zebra/enabled true",
		 "+zebra/enabled true\n"},
		{"set zebra/enabled false", "unset zebra/enabled", "-zebra\n"},
		{"set " W("wg0") "/mtu 1400", "set " W("wg0") "/mtu 1401",
		 "+" W("wg0") "/mtu 1401\n"},
		{"set " W("wg0") "/mtu 1400", "unset " W("wg0"), "-" W("wg0") "\n"},
		{"set " W("wg0") "/address 10.0.0.1/8",
		 "unset " W("wg0") "/address 10.0.0.1/8\n"
				   "set " W("wg0") "/address 10.0.0.2/8",
		 "-" W("wg0") "/address 10.0.0.1/8\n"
			      "+" W("wg0") "/address 10.0.0.2/8\n"},
		{"set " W("wg0"),
		 "set " W("wg0") "/shutdown\n"
				 "set " P("wg0", "a") "/description b c",
		 "+" W("wg0") "/shutdown\n"
			      "+" P("wg0", "a") "\n"
						"+" P("wg0", "a") "/description b c\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct datastore *a = conf_script_datastore(),
				 *b = conf_script_datastore();
		char seen[1024] = "";
		struct lyd_node *from;

		conf_script_apply(a, cases[i].first);
		conf_script_apply(b, cases[i].first);
		conf_script_apply(b, cases[i].then);
		from = copy_of_running(a, b);
		diff_trees(from, datastore_running(b), print_edit, seen);
		lyd_free_all(from);
		if (strcmp(seen, cases[i].edits) != 0)
			fail_msg("%s\nthen %s\nexpected:\n%ssaw:\n%s", cases[i].first,
				 cases[i].then, cases[i].edits, seen);
		datastore_free(a);
		datastore_free(b);
	}
}

/* ---- a random walk, and back ---- */

static void random_script(char *script, size_t size)
{
	static const char *const lines[] = {
		"set wireguard[name='wg%u']\n",
		"unset wireguard[name='wg%u']\n",
		"set wireguard[name='wg%u']/mtu 1400\n",
		"set wireguard[name='wg%u']/mtu 1420\n",
		"unset wireguard[name='wg%u']/mtu\n",
		"set wireguard[name='wg%u']/shutdown\n",
		"set wireguard[name='wg%u']/peer[name='a']/description x y\n",
		"set wireguard[name='wg%u']/peer[name='a']/overlay-address 10.9.9.9\n",
		"unset wireguard[name='wg%u']/peer[name='a']/overlay-address 10.9.9.9\n",
		"set wireguard[name='wg%u']/peer[name='b']/max-prefix 7\n",
		"unset wireguard[name='wg%u']/peer[name='a']\n",
		"set zebra/settle-time 1%u\n",
		"unset zebra/settle-time\n",
		"set prefix-list[name='l']/seq[number='%u']/action deny\n",
		"unset prefix-list[name='l']\n",
	};
	size_t len = 0;

	for (unsigned n = 1 + rng_below(5); n > 0; n--) {
		unsigned i = 1 + rng_below(3);

		len += (size_t)snprintf(script + len, size - len,
					lines[rng_below(ARRAY_SIZE(lines))], i);
	}
}

static char *print(const struct datastore *ds)
{
	char *text = NULL;

	if (!datastore_running(ds) ||
	    lyd_print_mem(&text, datastore_running(ds), LYD_JSON,
			  LYD_PRINT_WD_EXPLICIT | LYD_PRINT_SHRINK) ||
	    !text)
		return strdup("");
	return text;
}

static void go_back(struct datastore *ds, uint64_t id)
{
	struct edits way = {0};
	char why[512];

	assert_int_equal(commit_log_way_back(datastore_commit_log(ds), id, &way), 0);
	for (size_t i = 0; i < way.count; i++) {
		const struct conf_edit *e = &way.edit[i];
		int err =
			e->unset
				? datastore_unset(ds, e->path, e->value, why, sizeof(why))
				: datastore_set(ds, e->path, e->value, why, sizeof(why));

		if (err)
			fail_msg("%s: %s", e->path, why);
	}
	if (way.count && datastore_commit(ds, why, sizeof(why)))
		fail_msg("%s", why);
	edits_fini(&way);
}

/* The order of entries is not part of what is configured: compare what a diff finds. */
static void expect_same(const struct datastore *ds, const char *json, uint64_t id)
{
	struct lyd_node *there = NULL;
	char seen[1024] = "";

	if (*json && lyd_parse_data_mem(datastore_module(ds)->ctx, json, LYD_JSON,
					LYD_PARSE_ONLY, 0, &there))
		fail_msg("cannot parse %s", json);
	diff_trees(there, datastore_running(ds), print_edit, seen);
	diff_trees(datastore_running(ds), there, print_edit, seen);
	lyd_free_all(there);
	if (*seen)
		fail_msg("back at commit %llu, what differs is:\n%s",
			 (unsigned long long)id, seen);
}

enum {
	WALK = 60
};

static void every_commit_of_a_random_walk_can_be_gone_back_to(void **state)
{
	struct datastore *ds = conf_script_datastore();
	struct commit_log *h = datastore_commit_log(ds);
	char *was[WALK] = {0}, why[512];
	uint64_t id[WALK];

	(void)state;
	rng_seed();
	conf_script_apply(ds, "set zebra/enabled false");
	for (unsigned i = 0; i < WALK; i++) {
		char script[1024];
		int refused;

		random_script(script, sizeof(script));
		refused = conf_script_commit(ds, script, why, sizeof(why));
		(void)refused; /* then nothing has changed */
		was[i] = print(ds);
		id[i] = commit_log_now(h);
	}
	for (unsigned n = 0; n < 30; n++) {
		unsigned i = rng_below(WALK);

		if (!commit_log_find(h, id[i]))
			continue;
		go_back(ds, id[i]);
		expect_same(ds, was[i], id[i]);
	}
	for (unsigned i = 0; i < WALK; i++)
		free(was[i]);
	datastore_free(ds);
}

/* ---- what there is to see ---- */

static void a_commit_says_who_and_what(void **state)
{
	const struct commit_origin who = {.user = "ada", .from = "vty"};
	struct datastore *ds = conf_script_datastore();
	struct commit_log *h = datastore_commit_log(ds);
	const struct commit_record *r;
	char why[512];

	(void)state;
	conf_script_apply(ds, "set zebra/enabled false");
	assert_int_equal(commit_log_now(h), 1);
	datastore_set_origin(ds, &who);
	conf_script_apply(ds, "set " W("wg0") "/mtu 1400");
	conf_script_apply(ds, "set " W("wg0") "/mtu 1400"); /* changes nothing */
	conf_script_apply(ds, "set " W("wg0") "/mtu 1500");
	assert_int_equal(commit_log_count(h), 3);
	r = commit_log_get(h, 0);
	assert_string_equal(r->origin.user, ""); /* it was for one commit */
	assert_string_equal(r->back.edit[0].value, "1400");
	r = commit_log_find(h, 2);
	assert_string_equal(r->origin.user, "ada");
	assert_int_equal(r->forward.count, 2);
	/* a refused commit is none */
	assert_int_not_equal(
		conf_script_commit(ds,
				   "set " W("wg0") "/mtu 1280\nset " T(
					   "red") "/table 1\n"
						  "set " T("blue") "/table 1",
				   why, sizeof(why)),
		0);
	assert_int_equal(commit_log_count(h), 3);
	datastore_free(ds);
}

static void the_oldest_go_but_for_those_that_are_pinned(void **state)
{
	struct datastore *ds = conf_script_datastore();
	struct commit_log *h = datastore_commit_log(ds);

	(void)state;
	conf_script_apply(ds, "set zebra/enabled false");
	for (unsigned i = 0; i < COMMIT_LOG_MAX; i++)
		conf_script_apply(ds, i % 2 ? "set zebra/settle-time 1"
					    : "set zebra/settle-time 2");
	assert_int_equal(commit_log_count(h), COMMIT_LOG_MAX);
	assert_null(commit_log_find(h, 1));
	commit_log_pin(h, 2);
	for (unsigned i = 0; i < 10; i++)
		conf_script_apply(ds, i % 2 ? "set zebra/settle-time 1"
					    : "set zebra/settle-time 2");
	assert_non_null(commit_log_find(h, 2));
	datastore_free(ds);
}

/* ---- over restarts ---- */

static struct datastore *start(const char *script)
{
	struct datastore *ds = conf_script_datastore();
	char why[512];

	if (commit_log_use_dir(datastore_commit_log(ds), dir, why, sizeof(why)))
		fail_msg("%s", why);
	if (script)
		conf_script_apply(ds, script);
	return ds;
}

#define SAVED "set " W("wg0") "/mtu 1400"

static void a_restart_with_what_was_saved_last_goes_on(void **state)
{
	struct datastore *ds = start(SAVED);

	(void)state;
	conf_script_apply(ds, "set " W("wg0") "/mtu 1500");
	commit_log_end(datastore_commit_log(ds));
	conf_script_apply(ds, "unset " W("wg0")); /* the daemon leaves */
	datastore_free(ds);

	ds = start("set " W("wg0") "/mtu 1500");
	assert_int_equal(commit_log_now(datastore_commit_log(ds)), 2);
	go_back(ds, 1);
	assert_int_equal(datastore_conf(ds)->wireguard[0]->mtu, 1400);
	datastore_free(ds);
}

static void what_was_not_saved_can_be_had_again(void **state)
{
	struct datastore *ds = start(SAVED);

	(void)state;
	conf_script_apply(ds, "set " W("wg0") "/mtu 1500");
	conf_script_apply(ds, "set " P("wg0", "a"));
	datastore_free(ds); /* killed */

	ds = start(SAVED);
	assert_int_equal(commit_log_now(datastore_commit_log(ds)), 4);
	go_back(ds, 3);
	assert_int_equal(datastore_conf(ds)->wireguard[0]->mtu, 1500);
	assert_int_equal(datastore_conf(ds)->wireguard[0]->peer_count, 1);
	datastore_free(ds);
}

static void a_file_edited_by_hand_begins_a_new_history(void **state)
{
	struct datastore *ds = start(SAVED);

	(void)state;
	conf_script_apply(ds, "set " W("wg0") "/mtu 1500");
	datastore_free(ds);

	ds = start("set " W("wg0") "/mtu 1300");
	assert_int_equal(commit_log_count(datastore_commit_log(ds)), 1);
	assert_int_equal(commit_log_now(datastore_commit_log(ds)), 3); /* numbers go on */
	datastore_free(ds);
	ds = start("set " W("wg0") "/mtu 1300");
	assert_int_equal(commit_log_now(datastore_commit_log(ds)), 3);
	datastore_free(ds);
}

static void two_daemons_do_not_share_a_directory(void **state)
{
	struct datastore *one = start(SAVED), *two = conf_script_datastore();
	char why[512];

	(void)state;
	assert_int_equal(
		commit_log_use_dir(datastore_commit_log(two), dir, why, sizeof(why)),
		-EBUSY);
	assert_non_null(strstr(why, "another wgrd"));
	conf_script_apply(two, SAVED);
	assert_int_equal(commit_log_now(datastore_commit_log(two)), 1);
	datastore_free(one);
	datastore_free(two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_told_as_edits),
		cmocka_unit_test(every_commit_of_a_random_walk_can_be_gone_back_to),
		cmocka_unit_test(a_commit_says_who_and_what),
		cmocka_unit_test(the_oldest_go_but_for_those_that_are_pinned),
		cmocka_unit_test_setup_teardown(
			a_restart_with_what_was_saved_last_goes_on, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(what_was_not_saved_can_be_had_again,
						make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			a_file_edited_by_hand_begins_a_new_history, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(two_daemons_do_not_share_a_directory,
						make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
