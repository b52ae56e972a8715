/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Thousands of random edits, commits and refusals. Whatever happens: a refused commit leaves
 * running as it was to the byte, an accepted one satisfies the model, and struct conf says the
 * same as the tree.
 */

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
#include <time.h>

#include "tests/lib/conf_script.h"
#include "wgrd/conf/conf.h"
#include "wgrd/conf/conf_build.h"

static const char *const objects[] = {
	"",        W("wg0"),      W("wg1"),      T("red"),
	T("blue"), P("wg0", "a"), P("wg0", "b"), P("wg1", "a"),
	W("x/y"),  T(""),         "wireguard",   "zebra",
};

/* A leaf and values for it, good and bad; NULL ends them and is tried too. */
static const struct {
	const char *name;
	const char *values[6];
} leaves[] = {
	{"", {NULL}},
	{"zebra/settle-time", {"1", "0", "10", NULL}},
	{"zebra/protocol", {"bgp", "ospf", "x", NULL}},
	{"zebra/enabled", {"true", "false", "", NULL}},
	{"description", {"a", "b c", " ", NULL}},
	{"private-key", {KEY_1, KEY_2, "x", NULL}},
	{"private-key-file", {"/nonexistent", "x", NULL}},
	{"listen-port", {"0", "1", "2", "65536", NULL}},
	{"fwmark", {"0", "7", "0x7", NULL}},
	{"mtu", {"1279", "1420", "9201", NULL}},
	{"address",
	 {"10.0.0.1/8", "10.0.0.1/9", "fd99::1/64", "fe80::1/64", "::/0", NULL}},
	{"tenant", {"red", "green", "", NULL}},
	{"shutdown", {NULL}},
	{"public-key", {KEY_1, KEY_2, KEY_3, "x", NULL}},
	{"preshared-key", {KEY_1, KEY_3, NULL}},
	{"preshared-key-file", {"/nonexistent", NULL}},
	{"endpoint", {"192.0.2.1:1", "[2001:DB8::1]:1", "[fe80::1]:1", "1:2:3", NULL}},
	{"overlay-address", {"10.0.0.1", "10.0.0.2", "FD99::2", "ff02::1", NULL}},
	{"allowed-ip", {"10.0.0.0/8", "10.0.0.1/8", "2001:DB8::/32", "::/0", NULL}},
	{"max-prefix", {"0", "1", "4294967295", NULL}},
	{"table", {"1", "2", "254", NULL}},
	{"vrf", {"default", "red", NULL}},
	{"interface", {"eth1", "eth2", "wg0", "a/b", NULL}},
	{"supernet", {"10.0.0.0/8", "0.0.0.0/0", NULL}},
	{"advertise", {"10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/0", NULL}},
	{"name", {"wg0", NULL}},
};

static void random_edit(struct datastore *ds)
{
	const char *object = objects[(size_t)rand() % ARRAY_SIZE(objects)];
	size_t leaf = (size_t)rand() % ARRAY_SIZE(leaves), values = 0;
	const char *name = leaves[leaf].name;
	char path[160], why[512];
	int ignored;

	while (leaves[leaf].values[values])
		values++;
	snprintf(path, sizeof(path), "%s%s%s", object, *object && *name ? "/" : "", name);
	if (rand() % 3 > 0)
		ignored = datastore_set(
			ds, path, leaves[leaf].values[(size_t)rand() % (values + 1)], why,
			sizeof(why));
	else
		ignored = datastore_unset(
			ds, path, leaves[leaf].values[(size_t)rand() % (values + 1)], why,
			sizeof(why));
	(void)ignored;
}

static int refuse_sometimes(void *ctx, struct conf_change *c, char *why, size_t why_len)
{
	(void)ctx;
	(void)c;
	if (rand() % 5 > 0)
		return 0;
	snprintf(why, why_len, "not now");
	return -EAGAIN;
}

static const struct conf_subsys moody = {.name = "moody", .prepare = refuse_sometimes};

static char *print(const struct lyd_node *tree)
{
	char *text = NULL;

	if (!tree || lyd_print_mem(&text, tree, LYD_JSON, LYD_PRINT_WD_ALL) || !text)
		return strdup("");
	return text;
}

static bool confs_equal(const struct conf *a, const struct conf *b)
{
	if (a->wireguard_count != b->wireguard_count ||
	    a->tenant_count != b->tenant_count)
		return false;
	for (size_t i = 0; i < a->wireguard_count; i++) {
		if (!conf_wireguard_equal(&a->wireguard[i], &b->wireguard[i]))
			return false;
	}
	for (size_t i = 0; i < a->tenant_count; i++) {
		if (!conf_tenant_equal(&a->tenant[i], &b->tenant[i]))
			return false;
	}
	return a->zebra.enabled == b->zebra.enabled &&
	       a->zebra.settle_s == b->zebra.settle_s &&
	       strcmp(a->zebra.protocol, b->zebra.protocol) == 0;
}

/* Printed and parsed with all of libyang's checks, running must mean what struct conf says. */
static void check_accepted(const struct datastore *ds, unsigned seed, int step)
{
	const struct lys_module *module = datastore_module(ds);
	char *text = print(datastore_running(ds));
	struct lyd_node *again = NULL;
	struct refusal r;
	struct conf *c;

	if (lyd_parse_data_mem(module->ctx, text, LYD_JSON, LYD_PARSE_STRICT,
			       LYD_VALIDATE_NO_STATE | LYD_VALIDATE_PRESENT, &again))
		fail_msg("seed %u step %d: the model refuses %s: %s", seed, step, text,
			 ly_errmsg(module->ctx));
	if (conf_build(again, &c, &r))
		fail_msg("seed %u step %d: %s", seed, step, r.why);
	if (!confs_equal(c, datastore_conf(ds)))
		fail_msg("seed %u step %d: struct conf does not say %s", seed, step,
			 text);
	conf_free(c);
	lyd_free_all(again);
	free(text);
}

static void random_commit(struct datastore *ds, unsigned seed, int step)
{
	char *before = print(datastore_running(ds)), *after, why[512] = "";
	const struct conf *conf = datastore_conf(ds);
	uint64_t serial = conf->serial;
	bool open = datastore_candidate_open(ds);
	int err = datastore_commit(ds, why, sizeof(why));

	assert_false(datastore_candidate_open(ds));
	assert_null(datastore_candidate(ds));
	if (err) {
		after = print(datastore_running(ds));
		if (strcmp(before, after) != 0)
			fail_msg(
				"seed %u step %d: refused (%s), and yet running went from\n%s\n"
				"to\n%s",
				seed, step, why, before, after);
		free(after);
		assert_ptr_equal(datastore_conf(ds), conf);
		if (strlen(why) < 5)
			fail_msg("seed %u step %d: refused without a sentence", seed,
				 step);
	} else if (open) {
		assert_int_equal(datastore_conf(ds)->serial, serial + 1);
		check_accepted(ds, seed, step);
	}
	free(before);
}

static void random_edits_never_leave_running_in_between(void **state)
{
	const char *s = getenv("WGRD_TEST_SEED");
	unsigned seed = s ? (unsigned)strtoul(s, NULL, 0) : (unsigned)time(NULL);
	struct datastore *ds = conf_script_datastore();

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	datastore_subscribe(ds, &moody, NULL);
	for (int step = 0; step < 20000; step++) {
		int what = rand() % 100;

		if (what < 90)
			random_edit(ds);
		else if (what < 98)
			random_commit(ds, seed, step);
		else if (what < 99)
			datastore_discard(ds);
		else
			assert_int_equal(datastore_start_empty(ds), 0);
	}
	assert_true(datastore_conf(ds)->serial > 50);
	datastore_free(ds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_edits_never_leave_running_in_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
