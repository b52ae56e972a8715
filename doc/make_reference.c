/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Writes the reference of the user guide, in Markdown: every command, by the node it is
 * typed in, with the help of each of its words. It comes from the daemon's own grammar
 * table, so it cannot say anything else. To stdout; exits 0.
 */
#include <stdio.h>
#include <stdlib.h>

#include "wgrd/cli/form.h"

static const struct {
	enum cli_node node;
	const char *title, *entered;
} chapters[] = {
	{CLI_EXEC, "Commands", "Typed at the first prompt, or after `do` in any other."},
	{CLI_CONFIG, "Configuration", "After `configure terminal`, and in wgrd.conf."},
	{CLI_WIREGUARD, "An interface", "After `wireguard NAME`, to `exit-wireguard`."},
	{CLI_OWN_KEY, "A further key of the interface",
	 "After `additional-key NAME` in an interface, to `exit-additional-key`."},
	{CLI_PEER, "A peer", "After `peer NAME` in an interface, to `exit-peer`."},
	{CLI_PEER_KEY, "A further key of the peer",
	 "After `additional-key NAME` in a peer, to `exit-additional-key`."},
	{CLI_TENANT, "A tenant", "After `tenant NAME`, to `exit-tenant`."},
};

static void print(struct cli_span s)
{
	printf("%.*s", (int)s.len, s.s);
}

static void item(struct cli_span word, struct cli_span help)
{
	if (!help.len)
		return;
	printf("- `");
	print(word);
	printf("`: ");
	print(help);
	printf("\n");
}

static void describe_word(const struct cli_word *w)
{
	if (w->kind != CLI_WORD_CHOICE) {
		item(w->text, w->help);
		return;
	}
	for (unsigned i = 0; i < w->choices; i++)
		item(cli_word_choice(w, i), cli_word_choice_help(w, i));
}

static const char *no_of(const struct cli_form *f)
{
	if (!f->need_no)
		return "";
	return f->cmd->kind == CLI_SWITCH ? ", `no`: off" : ", `no`: takes it away";
}

static void command(const struct cli_form *f)
{
	printf("`%s`%s\n\n", f->cmd->pattern, no_of(f));
	for (unsigned i = 0; i < f->words; i++)
		describe_word(&f->word[i]);
	printf("\n");
}

/* What is understood in several nodes is told where it is needed first. */
static bool belongs(const struct cli_form *f, enum cli_node node)
{
	return !(f->cmd->flags & CLI_FOR_FRR) && f->cmd->nodes & CLI_IN(node) &&
	       !(f->cmd->nodes & (CLI_IN(node) - 1));
}

int main(void)
{
	struct cli_forms *forms = cli_forms_new();

	printf("# Reference of commands\n\n"
	       "Written by doc/make_reference.c from the table that the command line, the "
	       "files and vtysh share.\nWords in capitals stand for a value, `<1-9>` for a "
	       "number, `a|b` for one of these, `[word]` may be left out.\n");
	for (size_t i = 0; i < ARRAY_SIZE(chapters); i++) {
		printf("\n## %s\n\n%s\n\n", chapters[i].title, chapters[i].entered);
		for (size_t n = 0; n < forms->count; n++)
			if (belongs(&forms->form[n], chapters[i].node))
				command(&forms->form[n]);
	}
	free(forms);
	return 0;
}
