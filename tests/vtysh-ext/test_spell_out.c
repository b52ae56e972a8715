/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vtysh-ext/spell_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void check(const char *const *lines, const char *expected)
{
	struct strbuf out = {0};
	struct spell_out s;

	spell_out_begin(&s);
	for (; *lines; lines++)
		spell_out_line(&s, *lines, &out);
	spell_out_end(&s, &out);
	assert_string_equal(strbuf_str(&out), expected);
	strbuf_free(&out);
}

static void each_line_names_the_blocks_it_was_in(void **state)
{
	static const char *const lines[] = {
		"wireguard wg0",
		" listen-port 51820",
		" !",
		" peer a",
		"  endpoint 192.0.2.1:51820",
		"  !",
		"  additional-key next",
		"   public-key K",
		"  exit-additional-key",
		"  !",
		" exit-peer",
		" !",
		" peer b",
		" exit-peer",
		" !",
		"exit-wireguard",
		"tenant red",
		" interface eth1",
		"exit-tenant",
		NULL,
	};

	(void)state;
	check(lines, "wireguard wg0 listen-port 51820\n"
		     "wireguard wg0 peer a endpoint 192.0.2.1:51820\n"
		     "wireguard wg0 peer a additional-key next public-key K\n"
		     "wireguard wg0 peer b exit-peer\n"
		     "tenant red interface eth1\n");
}

static void what_stands_before_a_line_stands_before_all_of_it(void **state)
{
	static const char *const lines[] = {"wireguard wg0", " no shutdown",
					    " ! private-key is set (not shown)",
					    " description no peer of ours", NULL};

	(void)state;
	check(lines, "no wireguard wg0 shutdown\n"
		     "! wireguard wg0 private-key is set (not shown)\n"
		     "wireguard wg0 description no peer of ours\n");
}

static void a_setting_with_the_name_of_a_block_is_none(void **state)
{
	static const char *const lines[] = {"wireguard wg0", " tenant red", NULL};

	(void)state;
	check(lines, "wireguard wg0 tenant red\n");
}

static void a_block_without_settings_is_said_to_end(void **state)
{
	static const char *const lines[] = {"wireguard wg0",
					    " peer a",
					    " exit-peer",
					    " !",
					    " peer b",
					    " !",
					    "  !",
					    "  max-prefix 9",
					    "  additional-key k",
					    "wireguard wg1",
					    " ! private-key is set (not shown)",
					    "tenant red",
					    "tenant blue",
					    NULL};

	(void)state;
	check(lines, "wireguard wg0 peer a exit-peer\n"
		     "wireguard wg0 peer b max-prefix 9\n"
		     "wireguard wg0 peer b additional-key k exit-additional-key\n"
		     "! wireguard wg1 private-key is set (not shown)\n"
		     "wireguard wg1 exit-wireguard\n"
		     "tenant red exit-tenant\n"
		     "tenant blue exit-tenant\n");
}

static void lines_that_are_in_no_block_of_ours_are_left_out(void **state)
{
	static const char *const lines[] = {" mtu 1", "wireguard wg0", "  too deep",
					    "         much too deep", NULL};

	(void)state;
	check(lines, "wireguard wg0 exit-wireguard\n");
}

static void blocks_begin_with_a_word_of_ours_and_a_name(void **state)
{
	(void)state;
	assert_true(spell_out_begins_block("wireguard wg0"));
	assert_true(spell_out_begins_block("tenant red"));
	assert_false(spell_out_begins_block("wireguardish wg0"));
	assert_false(spell_out_begins_block("tenant"));
	assert_false(spell_out_begins_block("peer a"));
	assert_false(spell_out_begins_block("zebra settle-time 3"));
	assert_false(spell_out_begins_block(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_names_the_blocks_it_was_in),
		cmocka_unit_test(what_stands_before_a_line_stands_before_all_of_it),
		cmocka_unit_test(a_setting_with_the_name_of_a_block_is_none),
		cmocka_unit_test(a_block_without_settings_is_said_to_end),
		cmocka_unit_test(lines_that_are_in_no_block_of_ours_are_left_out),
		cmocka_unit_test(blocks_begin_with_a_word_of_ours_and_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
