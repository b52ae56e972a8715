/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random configurations, from NETCONF to text and back: what one daemon is told by edits, a
 * second by its get-config, and a third by its configuration file and NETCONF again, must be
 * saved as the same text. The edits are drawn from the model, so a new leaf is in them.
 * WGRD_SEED repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/wgrd/netconf/rig.h"

enum {
	ROUNDS = 12,
	EDITS = 150,
};

static const char *const names[] = {"a", "b", "wg0", "wg1", "lan0", "red", "7", "10"};

/* Not "true", which is what each switch is by default: text does not tell whether it was said. */
static const char *const values[] = {
	"1",
	"7",
	"10",
	"32",
	"576",
	"1300",
	"51820",
	"70000",
	"1000",
	"1001",
	"262144",
	"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
	"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=",
	"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=",
	"10.0.0.1/24",
	"10.1.0.0/16",
	"10.2.0.0/16",
	"0.0.0.0/0",
	"fd99::1/64",
	"2001:DB8:1::/48",
	"10.99.0.1",
	"FD99:0::2",
	"192.0.2.1:5",
	"[2001:db8::1]:51820",

	"false",
	"a",
	"b",
	"red",
	"wg0",
	"lan0",
	"two words & <more>",
	"\"quotes\" 'and' such",
	"\xc3\xa9t\xc3\xa9",
	"copy",
	"46",
	"permit",
	"deny",
	"bgp",
	"static",
	"bird",
	"8.4",
	"0",
	"0-1",
	"/run/frr/other.api",
	"",
};

static unsigned pick(unsigned below)
{
	return (unsigned)rand() % below;
}

static const struct lysc_node *pick_child(const struct lysc_node *parent)
{
	const struct lysc_node *child = NULL;
	unsigned count = 0, which;

	while ((child = lys_getnext(child, parent, NULL, 0)))
		count++;
	which = pick(count);
	for (child = lys_getnext(NULL, parent, NULL, 0); which; which--)
		child = lys_getnext(child, parent, NULL, 0);
	return child;
}

/* A path of the model with random names in it; the leaf at its end. */
static const struct lysc_node *draw_path(struct rig *r, char *path, size_t size)
{
	const struct lysc_node *at =
		lys_find_child(NULL, datastore_module(r->ds), "wgrd", 0, 0, 0);
	size_t len = 0;

	for (;;) {
		at = pick_child(at);
		len += (size_t)snprintf(path + len, size - len, "%s%s", len ? "/" : "",
					at->name);
		if (at->nodetype == LYS_LIST)
			len += (size_t)snprintf(path + len, size - len, "[%s='%s']",
						lysc_node_child(at)->name,
						names[pick(ARRAY_SIZE(names))]);
		if (at->nodetype & (LYS_LEAF | LYS_LEAFLIST))
			return at;
	}
}

/* Each is a commit; those that are refused change nothing. How many were taken? */
static unsigned draw_configuration(struct rig *r)
{
	char path[512], why[512];
	unsigned taken = 0;

	for (unsigned i = 0; i < EDITS; i++) {
		const char *value = values[pick(ARRAY_SIZE(values))];

		draw_path(r, path, sizeof(path));
		if (datastore_set(r->ds, path, value, why, sizeof(why)))
			datastore_discard(r->ds);
		else if (!datastore_commit(r->ds, why, sizeof(why)))
			taken++;
	}
	return taken;
}

/* The file of the running configuration, for free(). */
static char *saved(struct rig *r, struct netconf_session *s)
{
	static char text[256 * 1024];
	FILE *f;

	rig_must(r, s,
		 "<copy-config><target><startup/></target><source><running/></source>"
		 "</copy-config>");
	f = fopen(rig_path(r, "wgrd.conf"), "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return xstrdup(text);
}

/* Makes @to by NETCONF what @source of @from is. */
static void copy(struct rig *from, struct netconf_session *a, const char *source,
		 struct rig *to, struct netconf_session *b)
{
	struct strbuf op = {0};

	strbuf_printf(
		&op,
		"<copy-config><target><running/></target><source><config><wgrd " RIG_W
		">%s</wgrd></config></source></copy-config>",
		rig_config(from, a, source));
	rig_must(to, b, op.s);
	strbuf_free(&op);
}

static void round_trip(void)
{
	struct rig *r[3];
	struct netconf_session *s[3];
	char *text[3];

	for (unsigned i = 0; i < 3; i++) {
		r[i] = rig_new();
		s[i] = rig_login(r[i], "root", 0);
	}
	assert_true(draw_configuration(r[0]) > EDITS / 50);
	text[0] = saved(r[0], s[0]);
	copy(r[0], s[0], "running", r[1], s[1]);
	text[1] = saved(r[1], s[1]);
	copy(r[1], s[1], "startup", r[2], s[2]); /* that has been text */
	text[2] = saved(r[2], s[2]);
	for (unsigned i = 1; i < 3; i++)
		if (strcmp(text[0], text[i]) != 0)
			fail_msg("after %u ways:\n%s\nat first:\n%s", i, text[i],
				 text[0]);
	for (unsigned i = 0; i < 3; i++) {
		free(text[i]);
		rig_free(r[i]);
	}
}

static void random_configurations_survive_netconf_and_text(void **state)
{
	const char *given = getenv("WGRD_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);

	(void)state;
	print_message("# WGRD_SEED=%u\n", seed);
	srand(seed);
	for (unsigned i = 0; i < ROUNDS; i++)
		round_trip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_configurations_survive_netconf_and_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
