/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vtysh-ext/translate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct cli_form *find(const struct cli_forms *forms, const char *pattern)
{
	for (size_t i = 0; i < forms->count; i++)
		if (!strcmp(forms->form[i].cmd->pattern, pattern))
			return &forms->form[i];
	fail_msg("there is no command \"%s\"", pattern);
	return NULL;
}

static void each_kind_of_word_becomes_one_of_frr(void **state)
{
	static const struct {
		const char *pattern, *string, *doc;
	} cases[] = {
		{"listen-port <0-65535>", "listen-port (0-65535)",
		 "UDP port for IPv4 and IPv6\nPort; 0: the system chooses\n"},
		{"address ADDR/LEN", "address ADDR-LEN",
		 "Address of this end inside the tunnel\n"
		 "With the length of its network, 10.99.0.1/24 or fd99::1/64\n"},
		{"endpoint ADDR:PORT", "endpoint ADDR:PORT",
		 "Where to send the first handshake\n"
		 "192.0.2.1:51820 or [2001:db8::1]:51820\n"},
		{"description TEXT...", "description TEXT...",
		 "Text for people\nThe text, to the end of the line\n"},
		{"fwmark <0-4294967295>", "fwmark NUMBER",
		 "Mark on the encrypted packets\n"
		 "Decimal, or hexadecimal with 0x; 0: none\n"},
		{"show wireguard peer NAME(peer) [json]",
		 "show wireguard peer NAME$wgrd_peer [json]",
		 "Show what is going on\nWireGuard interfaces, peers and routes\n"
		 "All about one peer\nName of the peer\nAs JSON\n"},
		{"prefix-list NAME(prefix-list) seq <1-4294967295> permit|deny PREFIX",
		 "prefix-list NAME$wgrd_prefix-list seq (1-4294967295) <permit|deny> PREFIX",
		 "Prefixes that may be learned, or may not\nName of the list\n"
		 "Entries are asked in order of their numbers\nNumber\n"
		 "What it matches may be learned\nWhat it matches may not\n"
		 "Prefix without host bits, 192.0.2.0/24 or 2001:db8:1::/48\n"},
	};
	struct cli_forms *forms = cli_forms_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cli_form *f = find(forms, cases[i].pattern);
		struct translation t = {0};

		translate_form(&t, f, 0, f->words, false);
		assert_string_equal(t.string.s, cases[i].string);
		assert_string_equal(t.doc.s, cases[i].doc);
		translation_free(&t);
	}
	free(forms);
}

static void words_can_stand_before_and_be_left_out(void **state)
{
	struct cli_forms *forms = cli_forms_new();
	const struct cli_form *f = find(forms, "mtu <576-9200>");
	struct translation t = {0};

	(void)state;
	translate_word(&t, "no", "Not");
	translate_form(&t, f, 0, 1, false);
	translate_form(&t, f, 1, 2, true);
	assert_string_equal(t.string.s, "no mtu [(576-9200)]");
	assert_string_equal(t.doc.s, "Not\nLargest packet inside the tunnel\nOctets\n");
	translation_free(&t);
	free(forms);
}

/* Tokens in FRR's sense: FRR counts a line of doc for each. */
static unsigned count_tokens(const char *s)
{
	unsigned n = 1;

	for (; *s; s++)
		n += *s == ' ' || *s == '|';
	return n;
}

static unsigned count_lines(const char *s)
{
	unsigned n = 0;

	for (; *s; s++)
		n += *s == '\n';
	return n;
}

static bool frr_can_read(const char *s)
{
	const char *allowed = "-_$:.()<>[]| ";

	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr(allowed, *s))
			return false;
	return true;
}

static void every_command_has_as_much_help_as_words(void **state)
{
	struct cli_forms *forms = cli_forms_new();

	(void)state;
	for (size_t i = 0; i < forms->count; i++) {
		const struct cli_form *f = &forms->form[i];
		struct translation t = {0};

		translate_form(&t, f, 0, f->words, false);
		if (count_tokens(t.string.s) != count_lines(t.doc.s))
			fail_msg("%s:\n%s", t.string.s, t.doc.s);
		if (!frr_can_read(t.string.s))
			fail_msg("%s", t.string.s);
		translation_free(&t);
	}
	free(forms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_word_becomes_one_of_frr),
		cmocka_unit_test(words_can_stand_before_and_be_left_out),
		cmocka_unit_test(every_command_has_as_much_help_as_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
