/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The one tree that running and the candidate share: what an edit puts aside, and a tree
 * that is edited for as long as a daemon runs (see wgrd/conf/tree.h for what libyang makes
 * of that).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/conf_script.h"
#include "tests/lib/rng.h"
#include "wgrd/conf/conf.h"
#include "wgrd/conf/diff.h"
#include "wgrd/lib/strbuf.h"

static void tell(void *arg, const struct conf_edit *e)
{
	strbuf_printf(arg, "%c%s %s\n", e->unset ? '-' : '+', e->path, e->value ?: "");
}

/* The names of what a tree has, a line each. */
static void list_objects(const struct lyd_node *tree, struct strbuf *out)
{
	strbuf_truncate(out, 0);
	diff_trees(NULL, tree, tell, out);
}

static void only_what_is_touched_is_put_aside(void **state)
{
	struct datastore *ds = conf_script_datastore();
	struct datastore_changes changes;
	struct strbuf text = {0};
	char why[512];

	(void)state;
	conf_script_apply(
		ds,
		"set " W(
			"wg0") "/mtu 1400\n"
			       "set " P(
				       "wg0",
				       "a") "/max-prefix 1\n"
					    "set " P(
						    "wg0",
						    "b") "/max-prefix 2\n"
							 "set " W(
								 "wg1") "/mtu 1300\n"
									"set " T(
										"red") "/table 9\n");
	assert_int_equal(
		conf_script_edit(
			ds,
			"set " P("wg0", "a") "/max-prefix 7\n"
					     "set " P("wg0",
						      "c") "/max-prefix 3\n"
							   "set " T("blue") "/table 8\n",
			why, sizeof(why)),
		0);
	datastore_changes(ds, &changes);
	list_objects(changes.before, &text);
	assert_string_equal(strbuf_str(&text), "+wireguard[name='wg0'] \n"
					       "+wireguard[name='wg0']/peer[name='a'] \n"
					       "+wireguard[name='wg0']/peer[name='a']"
					       "/max-prefix 1\n");
	list_objects(changes.after, &text);
	assert_string_equal(strbuf_str(&text), "+wireguard[name='wg0'] \n"
					       "+wireguard[name='wg0']/peer[name='a'] \n"
					       "+wireguard[name='wg0']/peer[name='a']"
					       "/max-prefix 7\n"
					       "+wireguard[name='wg0']/peer[name='c'] \n"
					       "+wireguard[name='wg0']/peer[name='c']"
					       "/max-prefix 3\n"
					       "+tenant[name='blue'] \n"
					       "+tenant[name='blue']/table 8\n");
	datastore_changes_free(&changes);
	strbuf_free(&text);
	datastore_free(ds);
}

/* What was touched of it before goes with it, and comes back with it. */
static void an_interface_that_goes_takes_its_peers_along(void **state)
{
	struct datastore *ds = conf_script_datastore();
	struct strbuf before = {0}, after = {0};
	char why[512];

	(void)state;
	conf_script_apply(
		ds, "set " W("wg0") "/mtu 1400\n"
				    "set " P("wg0", "a") "/max-prefix 1\n"
							 "set " P("wg0",
								  "b") "/max-prefix 2\n");
	list_objects(datastore_running(ds), &before);
	assert_int_equal(
		conf_script_edit(
			ds,
			"set " P(
				"wg0",
				"a") "/max-prefix 7\n"
				     "set " W(
					     "wg0") "/mtu 1500\n"
						    "unset " P(
							    "wg0",
							    "b") "\n"
								 "unset " W(
									 "wg0") "\n"
										"set " P(
											"wg0",
											"c") "/max-prefix 3\n",
			why, sizeof(why)),
		0);
	list_objects(datastore_candidate(ds), &after);
	assert_string_equal(strbuf_str(&after), "+wireguard[name='wg0'] \n"
						"+wireguard[name='wg0']/peer[name='c'] \n"
						"+wireguard[name='wg0']/peer[name='c']"
						"/max-prefix 3\n");
	list_objects(datastore_running(ds), &after);
	assert_string_equal(strbuf_str(&after), strbuf_str(&before));
	datastore_discard(ds);
	list_objects(datastore_running(ds), &after);
	assert_string_equal(strbuf_str(&after), strbuf_str(&before));
	strbuf_free(&before);
	strbuf_free(&after);
	datastore_free(ds);
}

static struct datastore *looked_at;

/* Of whoever is told of a commit while it is made. */
static void look_at_running(void *arg, const struct commit_record *r)
{
	struct strbuf text = {0};

	(void)r;
	list_objects(datastore_running(looked_at), &text);
	strbuf_puts(arg, strbuf_str(&text));
	strbuf_free(&text);
}

static void who_looks_during_a_commit_does_not_stop_it(void **state)
{
	struct datastore *ds = looked_at = conf_script_datastore();
	struct strbuf seen = {0};

	(void)state;
	conf_script_apply(ds, "set " T("red") "/table 7\n");
	commit_log_watch(datastore_commit_log(ds), look_at_running, &seen);
	conf_script_apply(ds, "set " T("red") "/table 8\n");
	assert_string_equal(seen.s, "+tenant[name='red'] \n"
				    "+tenant[name='red']/table 7\n");
	list_objects(datastore_running(ds), &seen);
	assert_string_equal(seen.s,
			    "+tenant[name='red'] \n+tenant[name='red']/table 8\n");
	assert_int_equal(datastore_conf(ds)->tenant[0]->table, 8);
	strbuf_free(&seen);
	datastore_free(ds);
}

enum {
	PEERS = 300, /* so many that libyang's table grows, shrinks and is kept */
	STEPS = 60000,
	SLOTS = 6,
};

static void change_peer(struct datastore *ds, unsigned i, bool there)
{
	char path[64], why[512];

	snprintf(path, sizeof(path), "wireguard[name='wg0']/peer[name='p%u']", i);
	if (there ? datastore_set(ds, path, NULL, why, sizeof(why))
		  : datastore_unset(ds, path, NULL, why, sizeof(why)))
		fail_msg("%s: %s", path, why);
}

static void expect_peers(const struct datastore *ds, const bool there[PEERS])
{
	for (unsigned i = 0; i < PEERS; i++) {
		char path[64];

		snprintf(path, sizeof(path), "wireguard[name='wg0']/peer[name='p%u']", i);
		if (datastore_exists(ds, path) != there[i])
			fail_msg("peer p%u is %sthere", i, there[i] ? "not " : "");
	}
}

static void peers_come_and_go_for_years(void **state)
{
	struct datastore *ds = conf_script_datastore();
	bool running[PEERS] = {false}, candidate[PEERS] = {false};
	char why[512];

	(void)state;
	rng_seed();
	conf_script_apply(ds, "set " W("wg0") "\n");
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned i = rng_below(PEERS), what = rng_below(40);

		if (what == 0) {
			if (datastore_commit(ds, why, sizeof(why)))
				fail_msg("%s", why);
			memcpy(running, candidate, sizeof(running));
		} else if (what == 1) {
			datastore_discard(ds);
			memcpy(candidate, running, sizeof(candidate));
		} else {
			/* now more of them, now fewer */
			candidate[i] = rng_below(4) < 1 + 2 * (step / 8000 % 2);
			change_peer(ds, i, candidate[i]);
		}
		if (step % 500 == 0)
			expect_peers(ds, candidate);
	}
	datastore_discard(ds);
	expect_peers(ds, running);
	datastore_free(ds);
}

/* Without what tree.c does, libyang follows a null pointer in one run out of a few. */
static void a_few_of_many_names_come_and_go(void **state)
{
	static const char *const list[] = {"tenant", "wireguard", "prefix-list"};
	struct datastore *ds = conf_script_datastore();
	char path[SLOTS][64], why[512];
	bool there[SLOTS] = {false};

	(void)state;
	rng_seed();
	conf_script_apply(ds, "set zebra/enabled false\n");
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned i = rng_below(SLOTS);
		int err;

		if (there[i]) {
			err = datastore_unset(ds, path[i], NULL, why, sizeof(why));
		} else {
			snprintf(path[i], sizeof(path[i]), "%s[name='n%u']", list[i % 3],
				 rng_below(1000));
			err = datastore_set(ds, path[i], NULL, why, sizeof(why));
		}
		if (err)
			fail_msg("%s: %s", path[i], why);
		there[i] = !there[i];
		if (rng_below(3) == 0)
			(void)datastore_running(ds);
		if (rng_below(20) == 0 && datastore_commit(ds, why, sizeof(why)))
			fail_msg("%s", why);
	}
	datastore_free(ds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_touched_is_put_aside),
		cmocka_unit_test(an_interface_that_goes_takes_its_peers_along),
		cmocka_unit_test(who_looks_during_a_commit_does_not_stop_it),
		cmocka_unit_test(peers_come_and_go_for_years),
		cmocka_unit_test(a_few_of_many_names_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
