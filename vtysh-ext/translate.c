/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vtysh-ext/translate.h"

#include <ctype.h>
#include <string.h>

static void add_doc(struct translation *t, struct cli_span help)
{
	strbuf_add(&t->doc, help.s, help.len);
	strbuf_puts(&t->doc, "\n");
}

/* FRR's variables have capitals, digits, '-', '_' and ':'. */
static void add_variable(struct strbuf *out, struct cli_span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = (char)toupper((unsigned char)text.s[i]);

		strbuf_add(out, isalnum((unsigned char)c) || c == ':' ? &c : "-", 1);
	}
}

static bool can_be_fixed(const struct cli_word *w)
{
	return !memchr(w->text.s, '.', w->text.len);
}

static void add_alternatives(struct translation *t, const struct cli_word *w)
{
	strbuf_puts(&t->string, w->choices > 1 ? "<" : "");
	strbuf_add(&t->string, w->text.s, w->text.len);
	strbuf_puts(&t->string, w->choices > 1 ? ">" : "");
	for (unsigned i = 0; i < w->choices; i++)
		add_doc(t, cli_word_choice_help(w, i));
}

/* Named after the word before it, with the alternatives as help. */
static void add_alternatives_as_variable(struct translation *t, const struct cli_word *w)
{
	add_variable(&t->string, w[-1].text);
	for (unsigned i = 0; i < w->choices; i++) {
		struct cli_span c = cli_word_choice(w, i);

		strbuf_puts(&t->doc, i ? ", " : "");
		strbuf_add(&t->doc, c.s, c.len);
	}
	strbuf_puts(&t->doc, "\n");
}

static void add_range(struct translation *t, const struct cli_word *w, bool hex_too)
{
	if (hex_too) {
		strbuf_puts(&t->string, "NUMBER");
	} else {
		strbuf_puts(&t->string, "(");
		strbuf_add(&t->string, w->text.s + 1, w->text.len - 2);
		strbuf_puts(&t->string, ")");
	}
	add_doc(t, w->help);
}

static void add_value(struct translation *t, const struct cli_word *w)
{
	struct cli_span text = w->text;

	if (w->kind == CLI_WORD_REST)
		text.len -= strlen("...");
	add_variable(&t->string, text);
	if (w->kind == CLI_WORD_REST)
		strbuf_puts(&t->string, "...");
	if (w->names.len) {
		strbuf_puts(&t->string, "$" CLI_VTYSH_NAMES);
		strbuf_add(&t->string, w->names.s, w->names.len);
	}
	add_doc(t, w->help);
}

static void add_blank(struct translation *t)
{
	if (t->string.len)
		strbuf_puts(&t->string, " ");
}

void translate_word(struct translation *t, const char *word, const char *help)
{
	add_blank(t);
	strbuf_puts(&t->string, word);
	strbuf_printf(&t->doc, "%s\n", help);
}

void translate_form(struct translation *t, const struct cli_form *f, unsigned from,
		    unsigned to, bool optional)
{
	for (unsigned i = from; i < to; i++) {
		const struct cli_word *w = &f->word[i];
		bool brackets = optional || w->optional;

		add_blank(t);
		strbuf_puts(&t->string, brackets ? "[" : "");
		if (w->kind == CLI_WORD_RANGE)
			add_range(t, w, f->cmd->flags & CLI_MARK);
		else if (w->kind != CLI_WORD_CHOICE)
			add_value(t, w);
		else if (can_be_fixed(w))
			add_alternatives(t, w);
		else
			add_alternatives_as_variable(t, w);
		strbuf_puts(&t->string, brackets ? "]" : "");
	}
}

void translation_free(struct translation *t)
{
	strbuf_free(&t->string);
	strbuf_free(&t->doc);
}
