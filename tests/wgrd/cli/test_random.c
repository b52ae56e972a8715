/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Random lines, made from the grammar table and from a pool of words, good and bad ones,
 * typed by three sessions in turn. Whatever was accepted has to print as a file that
 * loads into the same configuration, and so has the form vtysh gives it in frr.conf. WGRD_SEED repeats a run.
 */

#include "tests/wgrd/cli/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vtysh-ext/spell_out.h"
#include "wgrd/lib/log.h"

enum {
	ROUNDS = 20,
	LINES = 400,
	SESSIONS = 3,
};

static const char *const pool[] = {
	"wg0",
	"wg1",
	"a",
	"b",
	"red",
	"blue",
	"lan0",
	"0",
	"1",
	"9",
	"25",
	"1280",
	"1420",
	"51820",
	"70000",
	"0x10",
	"4294967295",
	"253",
	RIG_KEY_A,
	RIG_KEY_B,
	"abc",
	"10.0.0.1/24",
	"10.0.0.0/8",
	"10.0.0.0/33",
	"fd99::1/64",
	"2001:DB8::/32",
	"fe80::1",
	"10.99.0.1",
	"192.0.2.1:5",
	"[2001:db8::1]:51820",
	"/etc/nothing",
	"default",
	"bgp",
	"no",
	"do",
	"!",
	"'",
	"\"",
	"\\",
	"%s",
	"\xc3\xa4",
	"\xff",
	"x]y[",
	"exit",
	"json",
};

static const char *pick_word(void)
{
	return pool[(size_t)rand() % ARRAY_SIZE(pool)];
}

static void add_word(struct strbuf *line, const struct cli_word *w)
{
	struct cli_span s;

	if (!w->choices || rand() % 100 == 0) {
		strbuf_puts(line, pick_word());
		return;
	}
	s = cli_word_choice(w, (unsigned)rand() % w->choices);
	if (rand() % 8 == 0 && s.len > 3)
		s.len -= (size_t)(rand() % 3);
	strbuf_add(line, s.s, s.len);
}

/* The words that lead down to another node, which is returned. */
static enum cli_node go_down(enum cli_node node, struct strbuf *line)
{
	static const struct {
		enum cli_node from, to;
		const char *way;
	} ways[] = {
		{CLI_CONFIG, CLI_WIREGUARD, "wireguard wg0 "},
		{CLI_CONFIG, CLI_PEER, "wireguard wg1 peer a "},
		{CLI_CONFIG, CLI_PEER_KEY, "wireguard wg0 peer b additional-key 9 "},
		{CLI_CONFIG, CLI_TENANT, "tenant red "},
		{CLI_WIREGUARD, CLI_PEER, "peer b "},
		{CLI_WIREGUARD, CLI_OWN_KEY, "additional-key 1 "},
	};
	size_t i = (size_t)rand() % ARRAY_SIZE(ways);

	if (ways[i].from != node)
		return node;
	strbuf_puts(line, ways[i].way);
	return ways[i].to;
}

/* Mostly a line that fits where the session stands. */
static void make_line(const struct rig *r, enum cli_node node, struct strbuf *line)
{
	const struct cli_form *f;
	unsigned words;

	strbuf_truncate(line, 0);
	if (rand() % 5 == 0)
		strbuf_puts(line, "no ");
	if (rand() % 30 == 0)
		strbuf_puts(line, "do ");
	if (rand() % 4 == 0)
		node = go_down(node, line);
	do
		f = &r->cli->forms->form[(size_t)rand() % r->cli->forms->count];
	while (!(f->cmd->nodes & CLI_IN(node)) && rand() % 20);
	words = f->need + (rand() % 4 == 0) - (rand() % 16 == 0);
	for (unsigned i = 0; i < words; i++) {
		strbuf_puts(line, i ? " " : "");
		add_word(line, &f->word[i < f->words ? i : f->words - 1]);
	}
}

static void assert_same(const struct conf *a, const struct conf *b)
{
	assert_int_equal(a->wireguard_count, b->wireguard_count);
	assert_int_equal(a->tenant_count, b->tenant_count);
	for (size_t i = 0; i < a->wireguard_count; i++)
		assert_true(conf_wireguard_equal(a->wireguard[i], b->wireguard[i]));
	for (size_t i = 0; i < a->tenant_count; i++)
		assert_true(conf_tenant_equal(a->tenant[i], b->tenant[i]));
	assert_memory_equal(&a->zebra, &b->zebra, sizeof(a->zebra));
}

/* As vtysh has it in frr.conf: blocks spelt out, after the lines that are in none. */
static char *spell_out(const char *running)
{
	char *copy = xstrdup(running), *rest = copy, *line;
	struct strbuf out = {0}, blocks = {0};
	struct spell_out s;
	bool in_block = false;

	spell_out_begin(&s);
	while ((line = strsep(&rest, "\n"))) {
		if (line[0] != ' ')
			in_block = spell_out_begins_block(line);
		if (in_block)
			spell_out_line(&s, line, &blocks);
		else if (strncmp(line, "exit", 4) != 0) /* vtysh throws these away */
			strbuf_printf(&out, "%s\n", line);
	}
	spell_out_end(&s, &blocks);
	strbuf_puts(&out, strbuf_str(&blocks));
	strbuf_free(&blocks);
	free(copy);
	return out.s;
}

/* A second daemon is told all of it by vtysh -b. */
static void check_spelt_out(const char *running)
{
	char *text = spell_out(running), *rest = text, *line;
	struct rig *other;
	void *state;

	assert_int_equal(rig_setup(&state), 0);
	other = state;
	rig_must(other, "XFRR_start_configuration\nconfigure terminal");
	while ((line = strsep(&rest, "\n")))
		if (rig_run(other, line) != CLI_SUCCESS)
			fail_msg("%s: %s", line, strbuf_str(&other->out));
	rig_must(other, "XFRR_end_configuration");
	rig_assert_text("spelt out", running, rig_running(other, true));
	rig_teardown(&state);
	free(text);
}

/* A second daemon reads what the first one wrote. */
static void check_round_trip(struct rig *r)
{
	const char *path = rig_path(r, "random.conf");
	struct strbuf text = {0};
	void *state;
	struct rig *other;
	char why[1200];

	if (config_save(r->cli, path, why, sizeof(why)))
		fail_msg("%s", why);
	strbuf_puts(&text, rig_running(r, true));
	assert_int_equal(rig_setup(&state), 0);
	other = state;
	if (config_load(other->cli, path, why, sizeof(why)))
		fail_msg("%s\nin:\n%s", why, text.s);
	rig_assert_text("loaded again", text.s, rig_running(other, true));
	if (r->commits)
		assert_same(datastore_conf(r->ds), datastore_conf(other->ds));
	rig_teardown(&state);
	check_spelt_out(text.s);
	strbuf_free(&text);
}

static unsigned type_at_random(struct rig *r, struct cli_session session[SESSIONS])
{
	struct strbuf line = {0}, out = {0};
	unsigned accepted = 0;

	for (unsigned i = 0; i < LINES; i++) {
		struct cli_session *s = &session[rand() % SESSIONS];

		if (s->node == CLI_EXEC)
			cli_run(s, "configure terminal", &out);
		make_line(r, s->node, &line);
		accepted += cli_run(s, strbuf_str(&line), &out) == CLI_SUCCESS;
		strbuf_truncate(&out, 0);
		cli_complete(s, strbuf_str(&line), &out);
		cli_help(s, strbuf_str(&line), &out);
		strbuf_truncate(&out, 0);
	}
	strbuf_free(&line);
	strbuf_free(&out);
	return accepted;
}

static void discard_log(enum log_level level, enum log_subsys s, const char *line)
{
	(void)level;
	(void)s;
	(void)line;
}

static void what_was_accepted_can_be_saved_and_loaded(void **state)
{
	const char *given = getenv("WGRD_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 0) : (unsigned)time(NULL);
	struct rig *r = *state;
	struct cli_session session[SESSIONS];
	unsigned accepted = 0;

	print_message("WGRD_SEED=%u\n", seed);
	srand(seed);
	log_capture(discard_log);
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < SESSIONS; i++)
			cli_session_init(&session[i], r->cli);
		accepted += type_at_random(r, session);
		for (unsigned i = 0; i < SESSIONS; i++)
			cli_session_fini(&session[i]);
		assert_false(datastore_candidate_open(r->ds));
		check_round_trip(r);
	}
	log_capture(NULL);
	print_message("%u of %u lines accepted, %u commits\n", accepted, ROUNDS * LINES,
		      r->commits);
	assert_true(accepted > ROUNDS * LINES / 10);
	assert_true(r->commits > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_accepted_can_be_saved_and_loaded,
						rig_setup, rig_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
