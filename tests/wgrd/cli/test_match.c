/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/cli/line.h"
#include "wgrd/cli/match.h"
#include "wgrd/lib/strbuf.h"

/* ---- words ---- */

static void a_line_is_cut_at_blanks(void **state)
{
	static const struct {
		const char *raw;
		unsigned words;
		bool open;
		const char *last;
	} cases[] = {
		{"", 0, false, NULL},
		{"   \t ", 0, false, NULL},
		{"show", 1, true, "show"},
		{"  show\tversion", 2, true, "version"},
		{"show version ", 2, false, "version"},
		{"a b c d e f g h i j k l m n o p", 16, true, "p"},
		{"a\r\n", 1, false, "a"},
	};
	struct cli_line l;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(cli_line_split(&l, cases[i].raw), 0);
		if (l.words != cases[i].words || l.open != cases[i].open || l.more)
			fail_msg("'%s': expected %u words, open %d; saw %u, %d",
				 cases[i].raw, cases[i].words, cases[i].open, l.words,
				 l.open);
		if (cases[i].last)
			assert_string_equal(l.word[l.words - 1], cases[i].last);
	}
	assert_int_equal(cli_line_split(&l, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"),
			 0);
	assert_true(l.more);
	assert_string_equal(l.raw + l.at[15], "16 17");
}

static void a_line_over_the_limit_is_refused(void **state)
{
	char *raw = malloc(CLI_LINE_MAX + 2);
	struct cli_line *l = malloc(sizeof(*l));

	(void)state;
	memset(raw, 'x', CLI_LINE_MAX + 1);
	raw[CLI_LINE_MAX + 1] = '\0';
	assert_int_not_equal(cli_line_split(l, raw), 0);
	raw[CLI_LINE_MAX] = '\0';
	assert_int_equal(cli_line_split(l, raw), 0);
	assert_int_equal(strlen(l->word[0]), CLI_LINE_MAX);
	free(l);
	free(raw);
}

static void comments_and_blank_lines_say_nothing(void **state)
{
	(void)state;
	assert_true(cli_line_is_blank(""));
	assert_true(cli_line_is_blank(" \t\r\n"));
	assert_true(cli_line_is_blank("!"));
	assert_true(cli_line_is_blank("  # peer a"));
	assert_false(cli_line_is_blank(" peer a ! b"));
}

/* ---- the grammar ---- */

static bool same_fixed_words(const struct cli_form *a, const struct cli_form *b)
{
	unsigned n = a->words > b->words ? a->words : b->words;

	for (unsigned i = 0; i < n; i++)
		if (i >= a->words || i >= b->words ||
		    a->word[i].kind != b->word[i].kind ||
		    !cli_span_equal(a->word[i].text, b->word[i].text))
			return false;
	return true;
}

static void no_two_commands_of_a_node_are_the_same(void **state)
{
	struct cli_forms *f = cli_forms_new();

	(void)state;
	for (size_t a = 0; a < f->count; a++)
		for (size_t b = a + 1; b < f->count; b++)
			if (f->form[a].cmd->nodes & f->form[b].cmd->nodes &&
			    same_fixed_words(&f->form[a], &f->form[b]))
				fail_msg("%s is in the table twice",
					 f->form[a].cmd->pattern);
	free(f);
}

static void a_value_never_stands_where_a_word_could(void **state)
{
	struct cli_forms *f = cli_forms_new();

	(void)state;
	for (size_t i = 0; i < f->count; i++)
		if (f->form[i].word[0].kind != CLI_WORD_CHOICE)
			fail_msg("%s begins with a value", f->form[i].cmd->pattern);
	free(f);
}

static void patterns_are_taken_apart(void **state)
{
	struct cli_forms *f = cli_forms_new();
	bool seen = false;

	(void)state;
	for (size_t i = 0; i < f->count; i++) {
		const struct cli_form *p = &f->form[i];

		if (strcmp(p->cmd->pattern, "show wireguard peer NAME(peer) [json]"))
			continue;
		seen = true;
		assert_int_equal(p->words, 5);
		assert_int_equal(p->need, 4);
		assert_int_equal(p->fixed, 3);
		assert_int_equal(p->need_no, 0);
		assert_true(cli_span_is(p->word[3].text, "NAME"));
		assert_true(cli_span_is(p->word[3].names, "peer"));
		assert_true(p->word[4].optional);
		assert_true(cli_span_is(p->word[4].text, "json"));
		assert_true(cli_span_is(p->word[4].help, "As JSON"));
	}
	assert_true(seen);
	free(f);
}

/* ---- matching ---- */

enum how {
	PLAIN,
	NO,
	FROM_FILE
};

static struct cli_match match(const struct cli_forms *forms, enum cli_node node,
			      const char *text, enum how how)
{
	static struct cli_line line;
	struct cli_query q = {.forms = forms,
			      .line = &line,
			      .node = node,
			      .no = how == NO,
			      .file = how == FROM_FILE};

	assert_int_equal(cli_line_split(&line, text), 0);
	return cli_match(&q);
}

/* clang-format off */
static const struct {
	enum cli_node node;
	const char *line;
	enum how how;
	enum cli_status status;
	const char *pattern; /* for success */
	unsigned at;         /* otherwise */
} matches[] = {
	{CLI_EXEC, "show wireguard", PLAIN, CLI_SUCCESS, "show wireguard [json]", 0},
	{CLI_EXEC, "sh wi", PLAIN, CLI_SUCCESS, "show wireguard [json]", 0},
	{CLI_EXEC, "sh wi json", PLAIN, CLI_SUCCESS, "show wireguard [json]", 0},
	{CLI_EXEC, "sh wi j", PLAIN, CLI_SUCCESS, "show wireguard [json]", 0},
	{CLI_EXEC, "sh wi json json", PLAIN, CLI_NO_MATCH, NULL, 3},
	{CLI_EXEC, "sh wi peers", PLAIN, CLI_SUCCESS, "show wireguard peers [json]", 0},
	/* a whole word beats the abbreviation of a longer one */
	{CLI_EXEC, "sh wi peer", PLAIN, CLI_INCOMPLETE, NULL, 3},
	{CLI_EXEC, "sh wi peer a", PLAIN, CLI_SUCCESS,
	 "show wireguard peer NAME(peer) [json]", 0},
	{CLI_EXEC, "sh wi peer json", PLAIN, CLI_SUCCESS,
	 "show wireguard peer NAME(peer) [json]", 0},
	{CLI_EXEC, "sh wi pe", PLAIN, CLI_AMBIGUOUS, NULL, 2},
	{CLI_EXEC, "sh wi per", PLAIN, CLI_SUCCESS, "show wireguard permissions [json]", 0},
	{CLI_EXEC, "sh wi x", PLAIN, CLI_NO_MATCH, NULL, 2},
	{CLI_EXEC, "show", PLAIN, CLI_INCOMPLETE, NULL, 1},
	{CLI_EXEC, "shows", PLAIN, CLI_NO_MATCH, NULL, 0},
	{CLI_EXEC, "conf t", PLAIN, CLI_SUCCESS, "configure [terminal] [file-lock]", 0},
	{CLI_EXEC, "conf term file-lock", PLAIN, CLI_SUCCESS,
	 "configure [terminal] [file-lock]", 0},
	{CLI_EXEC, "co", PLAIN, CLI_AMBIGUOUS, NULL, 0},
	{CLI_EXEC, "e", PLAIN, CLI_AMBIGUOUS, NULL, 0},
	{CLI_EXEC, "wr", PLAIN, CLI_SUCCESS, "write [memory|file]", 0},
	{CLI_EXEC, "wr m", PLAIN, CLI_SUCCESS, "write [memory|file]", 0},
	{CLI_EXEC, "wr t", PLAIN, CLI_SUCCESS, "write terminal", 0},
	{CLI_EXEC, "debug wireguard z", PLAIN, CLI_SUCCESS, "debug wireguard "
	 "daemon|conf|zebra|rib|tenant|fib|kernel|wg|dplane|mgmt|all", 0},
	{CLI_EXEC, "debug wireguard d", PLAIN, CLI_AMBIGUOUS, NULL, 2},
	{CLI_EXEC, "echo", PLAIN, CLI_INCOMPLETE, NULL, 1},
	{CLI_EXEC, "echo a b c d e f g h i j k l m n o p q r s t", PLAIN, CLI_SUCCESS,
	 "echo TEXT...", 0},
	{CLI_EXEC, "wgrctl node", PLAIN, CLI_SUCCESS, "wgrctl node", 0},
	{CLI_EXEC, "wgrctl n", PLAIN, CLI_NO_MATCH, NULL, 1},
	{CLI_EXEC, "XFRR_start_configuration", PLAIN, CLI_SUCCESS,
	 "XFRR_start_configuration", 0},
	{CLI_EXEC, "listen-port 5", PLAIN, CLI_NO_MATCH, NULL, 0},

	{CLI_CONFIG, "wireguard wg0", PLAIN, CLI_SUCCESS, "wireguard NAME(wireguard)", 0},
	{CLI_CONFIG, "wireguard", PLAIN, CLI_INCOMPLETE, NULL, 1},
	{CLI_CONFIG, "wireguard wg0 wg1", PLAIN, CLI_NO_MATCH, NULL, 2},
	{CLI_CONFIG, "zebra protocol b", PLAIN, CLI_AMBIGUOUS, NULL, 2},
	{CLI_CONFIG, "zebra protocol bg", PLAIN, CLI_SUCCESS,
	 "zebra protocol bgp|static|ospf|isis|rip|eigrp|nhrp|babel", 0},
	{CLI_CONFIG, "zebra s", PLAIN, CLI_AMBIGUOUS, NULL, 1},
	{CLI_WIREGUARD, "li 5", PLAIN, CLI_SUCCESS, "listen-port <0-65535>", 0},
	{CLI_WIREGUARD, "private-key K", PLAIN, CLI_SUCCESS, "private-key KEY", 0},
	{CLI_WIREGUARD, "priv K", PLAIN, CLI_AMBIGUOUS, NULL, 0},
	{CLI_WIREGUARD, "description a b", PLAIN, CLI_SUCCESS, "description TEXT...", 0},
	{CLI_PEER, "max-prefix-h 5", PLAIN, CLI_SUCCESS, "max-prefix-hold <1-604800>", 0},
	{CLI_PEER, "max 5", PLAIN, CLI_AMBIGUOUS, NULL, 0},
	/* a word that is there is no abbreviation of a longer one */
	{CLI_PEER, "max-prefix 5", PLAIN, CLI_SUCCESS, "max-prefix <1-4294967295>", 0},
	{CLI_PEER, "listen-port 5", PLAIN, CLI_NO_MATCH, NULL, 0},

	/* after `no` a leaf needs no value, an entry does; not everything can be undone */
	{CLI_WIREGUARD, "listen-port", NO, CLI_SUCCESS, "listen-port <0-65535>", 0},
	{CLI_WIREGUARD, "listen-port 5", NO, CLI_SUCCESS, "listen-port <0-65535>", 0},
	{CLI_WIREGUARD, "address", NO, CLI_INCOMPLETE, NULL, 1},
	{CLI_WIREGUARD, "peer", NO, CLI_INCOMPLETE, NULL, 1},
	{CLI_WIREGUARD, "description", NO, CLI_SUCCESS, "description TEXT...", 0},
	{CLI_WIREGUARD, "shutdown", NO, CLI_SUCCESS, "shutdown", 0},
	{CLI_WIREGUARD, "exit-wireguard", NO, CLI_NO_MATCH, NULL, 0},
	{CLI_EXEC, "show version", NO, CLI_NO_MATCH, NULL, 0},
	{CLI_EXEC, "debug wireguard all", NO, CLI_SUCCESS, "debug wireguard "
	 "daemon|conf|zebra|rib|tenant|fib|kernel|wg|dplane|mgmt|all", 0},

	/* in a file, words are spelt out, and FRR's are unknown */
	{CLI_WIREGUARD, "li 5", FROM_FILE, CLI_NO_MATCH, NULL, 0},
	{CLI_WIREGUARD, "listen-port 5", FROM_FILE, CLI_SUCCESS, "listen-port <0-65535>", 0},
	{CLI_CONFIG, "hostname r1", PLAIN, CLI_SUCCESS, "hostname [TEXT...]", 0},
	{CLI_CONFIG, "hostname r1", FROM_FILE, CLI_NO_MATCH, NULL, 0},
};
/* clang-format on */

static void lines_find_their_command(void **state)
{
	struct cli_forms *forms = cli_forms_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(matches); i++) {
		struct cli_match m =
			match(forms, matches[i].node, matches[i].line, matches[i].how);

		if (m.status != matches[i].status)
			fail_msg("'%s' in node %d: expected status %d, saw %d",
				 matches[i].line, matches[i].node, matches[i].status,
				 m.status);
		if (m.status == CLI_SUCCESS)
			assert_string_equal(m.form->cmd->pattern, matches[i].pattern);
		else if (m.at != matches[i].at)
			fail_msg("'%s': expected to fail at word %u, saw %u",
				 matches[i].line, matches[i].at, m.at);
	}
	free(forms);
}

/* Every pattern, spelt as it stands, finds itself, in each of its nodes. */
static void every_pattern_finds_itself(void **state)
{
	struct cli_forms *forms = cli_forms_new();
	struct strbuf line = {0};

	(void)state;
	for (size_t i = 0; i < forms->count; i++) {
		const struct cli_form *f = &forms->form[i];

		strbuf_truncate(&line, 0);
		for (unsigned w = 0; w < f->need; w++) {
			struct cli_span s = f->word[w].choices
						    ? cli_word_choice(&f->word[w], 0)
						    : f->word[w].text;

			strbuf_puts(&line, w ? " " : "");
			strbuf_add(&line, s.s, s.len);
		}
		for (enum cli_node n = 0; n < CLI_NODE_COUNT; n++) {
			struct cli_match m;

			if (!(f->cmd->nodes & CLI_IN(n)))
				continue;
			m = match(forms, n, line.s, PLAIN);
			if (m.status != CLI_SUCCESS || m.form != f)
				fail_msg("'%s' in node %d: status %d, %s", line.s, n,
					 m.status, m.form ? m.form->cmd->pattern : "-");
		}
	}
	strbuf_free(&line);
	free(forms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_cut_at_blanks),
		cmocka_unit_test(a_line_over_the_limit_is_refused),
		cmocka_unit_test(comments_and_blank_lines_say_nothing),
		cmocka_unit_test(no_two_commands_of_a_node_are_the_same),
		cmocka_unit_test(a_value_never_stands_where_a_word_could),
		cmocka_unit_test(patterns_are_taken_apart),
		cmocka_unit_test(lines_find_their_command),
		cmocka_unit_test(every_pattern_finds_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
