/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The manual pages against the grammar table: every word is in its page. */

#include "tests/wgrd/cli/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	PAGE_MAX = 1 << 16
};

/* As a reader sees it, near enough: "\-" is "-", and fonts are gone. */
static char *read_page(const char *name)
{
	char path[512], *page = xcalloc(1, PAGE_MAX), *to = page;
	const char *from = page;
	FILE *f;

	snprintf(path, sizeof(path), "%s/doc/man/%s", getenv("WGRD_SRCDIR") ?: ".", name);
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s cannot be read", path);
	page[fread(page, 1, PAGE_MAX - 1, f)] = '\0';
	fclose(f);
	while (*from) {
		if (from[0] == '\\' && from[1] == 'f' && from[2])
			from += 3;
		else if (from[0] == '\\' && from[1] == '-')
			from++;
		else
			*to++ = *from++;
	}
	*to = '\0';
	return page;
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

static bool has_word(const char *page, struct cli_span word)
{
	for (const char *p = page; (p = strchr(p, word.s[0])); p++)
		if ((p == page || !in_word(p[-1])) && !strncmp(p, word.s, word.len) &&
		    !in_word(p[word.len]))
			return true;
	return false;
}

static unsigned check_form(const struct cli_form *f, const char *page, const char *name)
{
	unsigned words = 0;

	for (unsigned w = 0; w < f->words; w++) {
		for (unsigned i = 0; i < f->word[w].choices; i++) {
			struct cli_span c = cli_word_choice(&f->word[w], i);

			if (!has_word(page, c))
				fail_msg("%s: \"%.*s\" of \"%s\" is not in %s",
					 f->cmd->pattern, (int)c.len, c.s,
					 f->cmd->pattern, name);
			words++;
		}
	}
	return words;
}

static void every_word_is_in_its_manual_page(void **state)
{
	struct rig *r = *state;
	char *conf = read_page("wgrd.conf.5"), *ctl = read_page("wgrctl.8");
	unsigned words = 0;

	for (size_t i = 0; i < r->cli->forms->count; i++) {
		const struct cli_form *f = &r->cli->forms->form[i];

		if (f->cmd->flags & CLI_FOR_FRR)
			continue;
		if (f->cmd->nodes & CLI_IN(CLI_EXEC))
			words += check_form(f, ctl, "wgrctl.8");
		if (f->cmd->nodes != CLI_IN(CLI_EXEC))
			words += check_form(f, conf, "wgrd.conf.5");
	}
	assert_true(words > 100);
	free(conf);
	free(ctl);
}

static void values_in_the_page_are_those_of_the_grammar(void **state)
{
	struct rig *r = *state;
	char *conf = read_page("wgrd.conf.5"), *ctl = read_page("wgrctl.8");

	for (size_t i = 0; i < r->cli->forms->count; i++) {
		const struct cli_form *f = &r->cli->forms->form[i];
		const struct cli_word *w = &f->word[f->fixed];
		bool is_action = f->cmd->kind == CLI_ACTION;
		char range[64];

		/* those whose end is not just the largest number of their type */
		if (f->words == f->fixed || w->kind != CLI_WORD_RANGE ||
		    w->high == UINT32_MAX ||
		    (!is_action && !strcmp(f->cmd->yang, "persistent-keepalive")))
			continue;
		snprintf(range, sizeof(range), "%ju to %ju", (uintmax_t)w->low,
			 (uintmax_t)w->high);
		if (!strstr(is_action ? ctl : conf, range))
			fail_msg("%s: \"%s\" is not in %s", f->cmd->pattern, range,
				 is_action ? "wgrctl.8" : "wgrd.conf.5");
	}
	free(conf);
	free(ctl);
}

static void the_example_of_the_page_is_accepted(void **state)
{
	static const char key_line[] = "private-key-file /etc/wgrd/wg0.key";
	struct rig *r = *state;
	char *page = read_page("wgrd.conf.5"), why[1200];
	char *begin = strstr(page, ".EX\n"), *end = strstr(page, ".EE\n"), *key;
	struct strbuf text = {0};

	assert_non_null(begin);
	assert_non_null(end);
	*end = '\0';
	key = strstr(begin, key_line);
	assert_non_null(key);
	strbuf_add(&text, begin + 4, (size_t)(key - begin - 4));
	strbuf_printf(&text, "private-key-file %s%s", rig_path(r, "wg0.key"),
		      key + strlen(key_line));
	rig_write(r, "wg0.key", RIG_KEY_A "\n");
	assert_int_equal(chmod(rig_path(r, "wg0.key"), 0600), 0);
	rig_write(r, "wgrd.conf", text.s);
	if (config_load(r->cli, rig_path(r, "wgrd.conf"), why, sizeof(why)))
		fail_msg("%s", why);
	assert_int_equal(datastore_conf(r->ds)->wireguard[0]->peer_count, 1);
	assert_int_equal(datastore_conf(r->ds)->tenant[0]->table, 1009);
	strbuf_free(&text);
	free(page);
}

int main(void)
{
#define RIGGED(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		RIGGED(every_word_is_in_its_manual_page),
		RIGGED(values_in_the_page_are_those_of_the_grammar),
		RIGGED(the_example_of_the_page_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
