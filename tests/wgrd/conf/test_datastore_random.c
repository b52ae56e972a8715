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
#include "wgrd/conf/validate.h"

static const char *const objects[] = {
	"",
	W("wg0"),
	W("wg1"),
	T("red"),
	T("blue"),
	P("wg0", "a"),
	P("wg0", "b"),
	P("wg1", "a"),
	W("x/y"),
	T(""),
	"wireguard",
	"zebra",
	"dataplane",
	L("x"),
	L("x") "/seq[number='5']",
};

/* A leaf and values for it, good and bad; NULL ends them and is tried too. */
static const struct {
	const char *name;
	const char *values[6];
} leaves[] = {
	{"", {NULL}},
	{"zebra/settle-time", {"1", "0", "10", NULL}},
	{"zebra/zapi-version", {"8.4", "automatic", "8.3", NULL}},
	{"zebra/protocol", {"bgp", "ospf", "x", NULL}},
	{"zebra/enabled", {"true", "false", "", NULL}},
	{"dataplane/workers", {"0", "1", "64", "65", NULL}},
	{"dataplane/cpu-affinity", {"0", "01-3", "3-1", "1,1", NULL}},
	{"dataplane/send-buffer", {"65535", "65536", "4194304", NULL}},
	{"dataplane/udp-offload", {"true", "false", "no", NULL}},
	{"description", {"a", "b c", " ", NULL}},
	{"private-key", {KEY_1, KEY_2, "x", NULL}},
	{"private-key-file", {"/nonexistent", "x", NULL}},
	{"listen-port", {"0", "1", "2", "65536", NULL}},
	{"fwmark", {"0", "7", "0x7", NULL}},
	{"dscp", {"copy", "none", "46", "64", NULL}},
	{"backend", {"user", "kernel", "x", NULL}},
	{"foreign", {"keep", "remove", "x", NULL}},
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
	{"max-prefix-warning", {"0", "100", "101", NULL}},
	{"max-prefix-hold", {"0", "1", "604800", NULL}},
	{"prefix-list", {"x", "y", "", NULL}},
	{"action", {"permit", "deny", "x", NULL}},
	{"prefix", {"10.0.0.0/8", "10.0.0.1/8", "::/0", NULL}},
	{"ge", {"0", "7", "24", "129", NULL}},
	{"le", {"8", "32", "64", NULL}},
	{"table", {"1", "2", "254", NULL}},
	{"learn-tag", {"7", "8", "0", NULL}},
	{"vrf", {"default", "red", NULL}},
	{"interface", {"eth1", "eth2", "wg0", "a/b", NULL}},
	{"supernet", {"10.0.0.0/8", "0.0.0.0/0", NULL}},
	{"advertise", {"10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/0", NULL}},
	{"advertise-instance", {"1", "255", "256", "0", NULL}},
	{"advertise-table", {"3", "253", NULL}},
	{"advertise-kernel", {"", "1", NULL}},
	{"name", {"wg0", NULL}},
	{"revoked-key", {KEY_1, KEY_3, "x", NULL}},
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

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The same whatever the order of entries, which is not part of what is configured. */
static char *print_sorted(const struct lyd_node *tree)
{
	char *text = print(tree), *rest = text, *line[4096], *sorted;
	size_t n = 0, len = strlen(text);

	while ((line[n] = strtok_r(rest, ",\n", &rest)))
		assert_true(++n < ARRAY_SIZE(line));
	qsort(line, n, sizeof(line[0]), compare_lines);
	sorted = xcalloc(len + 2, 1);
	for (size_t i = 0; i < n; i++)
		strcat(strcat(sorted, line[i]), "\n");
	free(text);
	return sorted;
}

static bool confs_equal(const struct conf *a, const struct conf *b)
{
	if (a->wireguard_count != b->wireguard_count ||
	    a->tenant_count != b->tenant_count)
		return false;
	for (size_t i = 0; i < a->wireguard_count; i++) {
		if (!conf_wireguard_equal(a->wireguard[i], b->wireguard[i]))
			return false;
	}
	for (size_t i = 0; i < a->tenant_count; i++) {
		if (!conf_tenant_equal(a->tenant[i], b->tenant[i]))
			return false;
	}
	return a->zebra.enabled == b->zebra.enabled &&
	       a->zebra.settle_s == b->zebra.settle_s &&
	       memcmp(&a->dataplane, &b->dataplane, sizeof(a->dataplane)) == 0 &&
	       strcmp(a->zebra.zapi_version, b->zebra.zapi_version) == 0 &&
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

/* The verdict about all of a tree, as if there had been none before. */
static int judge(const struct datastore *ds, const struct lyd_node *tree, char *why,
		 size_t why_len)
{
	static const struct conf nothing;
	struct claims claims = {0};
	struct lyd_node *whole = NULL;
	struct refusal r = {0};
	struct conf *c;
	int err;

	if (tree)
		assert_int_equal(lyd_dup_single(tree, NULL, LYD_DUP_RECURSIVE, &whole),
				 0);
	assert_int_equal(lyd_new_implicit_module(&whole, datastore_module(ds),
						 LYD_IMPLICIT_NO_STATE, NULL),
			 0);
	err = conf_build(whole, &c, &r);
	if (!err) {
		err = conf_validate(&nothing, c, &claims, &r);
		conf_free(c);
	}
	claims_free(&claims);
	lyd_free_tree(whole);
	snprintf(why, why_len, "%s", r.why);
	return err;
}

/* Whatever a candidate has in hand, running is seen as it was committed, and the candidate
 * afterwards as it was. */
static void look_at_both(struct datastore *ds, const char *running, unsigned seed,
			 int step)
{
	char *candidate = print_sorted(datastore_candidate(ds));
	char *seen = print_sorted(datastore_running(ds));
	char *again = print_sorted(datastore_candidate(ds));

	if (strcmp(seen, running) != 0)
		fail_msg("seed %u step %d: running was\n%s\nand is seen as\n%s", seed,
			 step, running, seen);
	if (strcmp(again, candidate) != 0)
		fail_msg("seed %u step %d: the candidate was\n%s\nand is seen as\n%s",
			 seed, step, candidate, again);
	free(candidate);
	free(seen);
	free(again);
}

static void random_commit(struct datastore *ds, unsigned seed, int step)
{
	char *before = print_sorted(datastore_running(ds)), *after, why[512] = "",
	     expected[512] = "";
	const struct conf *conf = datastore_conf(ds);
	uint64_t serial = conf->serial;
	bool open = datastore_candidate_open(ds);
	int verdict =
		open ? judge(ds, datastore_candidate(ds), expected, sizeof(expected)) : 0;
	int err = datastore_commit(ds, why, sizeof(why));

	if (err != -EAGAIN && !err != !verdict)
		fail_msg("seed %u step %d: the commit says \"%s\", all rules together "
			 "\"%s\"",
			 seed, step, why, expected);

	assert_false(datastore_candidate_open(ds));
	assert_null(datastore_candidate(ds));
	if (err) {
		after = print_sorted(datastore_running(ds));
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
	const char *s = getenv("WGRD_SEED");
	unsigned seed = s ? (unsigned)strtoul(s, NULL, 0) : (unsigned)time(NULL);
	struct datastore *ds = conf_script_datastore();
	char *running = print_sorted(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	datastore_subscribe(ds, &moody, NULL);
	for (int step = 0; step < 20000; step++) {
		int what = rand() % 100;

		if (what < 90)
			random_edit(ds);
		else if (what < 94)
			look_at_both(ds, running, seed, step);
		else if (what < 98) {
			random_commit(ds, seed, step);
			free(running);
			running = print_sorted(datastore_running(ds));
		} else if (what < 99)
			datastore_discard(ds);
		else
			assert_int_equal(datastore_start_empty(ds), 0);
	}
	assert_true(datastore_conf(ds)->serial > 50);
	free(running);
	datastore_free(ds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_edits_never_leave_running_in_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
