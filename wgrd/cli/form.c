/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/form.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool cli_span_is(struct cli_span span, const char *s)
{
	return strlen(s) == span.len && !memcmp(span.s, s, span.len);
}

bool cli_span_equal(struct cli_span a, struct cli_span b)
{
	return a.len == b.len && !memcmp(a.s, b.s, a.len);
}

/* Cuts the part up to @stop off the front of @rest. */
static struct cli_span cut(struct cli_span *rest, char stop)
{
	const char *end = memchr(rest->s, stop, rest->len);
	struct cli_span part = {rest->s, end ? (size_t)(end - rest->s) : rest->len};
	size_t used = part.len + (end != NULL);

	rest->s += used;
	rest->len -= used;
	return part;
}

static struct cli_span pick(struct cli_span list, unsigned i)
{
	struct cli_span part = cut(&list, '|');

	while (i--)
		part = cut(&list, '|');
	return part;
}

struct cli_span cli_word_choice(const struct cli_word *w, unsigned i)
{
	return pick(w->text, i);
}

struct cli_span cli_word_choice_help(const struct cli_word *w, unsigned i)
{
	return pick(w->help, i);
}

static unsigned count_parts(struct cli_span list)
{
	unsigned n = 1;

	for (size_t i = 0; i < list.len; i++)
		n += list.s[i] == '|';
	return n;
}

static void shorten(struct cli_span *s, size_t front, size_t back)
{
	assert(s->len > front + back);
	s->s += front;
	s->len -= front + back;
}

static bool ends_with(struct cli_span s, const char *tail)
{
	size_t len = strlen(tail);

	return s.len > len && !memcmp(s.s + s.len - len, tail, len);
}

static bool is_capitals(struct cli_span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (islower((unsigned char)s.s[i]))
			return false;
	return true;
}

static void parse_range(struct cli_word *w)
{
	char *end;

	w->kind = CLI_WORD_RANGE;
	w->low = strtoull(w->text.s + 1, &end, 10);
	assert(*end == '-');
	w->high = strtoull(end + 1, &end, 10);
	assert(*end == '>' && w->low <= w->high);
}

static void parse_word(struct cli_word *w, struct cli_span text)
{
	w->text = text;
	if (text.s[0] == '[') {
		w->optional = true;
		shorten(&w->text, 1, 1);
	}
	if (w->text.s[0] == '<') {
		parse_range(w);
	} else if (ends_with(w->text, "...")) {
		w->kind = CLI_WORD_REST;
	} else if (ends_with(w->text, ")")) {
		const char *open = memchr(w->text.s, '(', w->text.len);

		assert(open);
		w->kind = CLI_WORD_VALUE;
		w->names.s = open + 1;
		w->names.len = (size_t)(w->text.s + w->text.len - 1 - w->names.s);
		w->text.len = (size_t)(open - w->text.s);
	} else if (is_capitals(w->text)) {
		w->kind = CLI_WORD_VALUE;
	} else {
		w->kind = CLI_WORD_CHOICE;
		w->choices = count_parts(w->text);
	}
}

static bool carries_value(const struct cli_word *w)
{
	return w->kind != CLI_WORD_CHOICE || w->choices > 1;
}

static unsigned words_after_no(const struct cli_form *f)
{
	switch (f->cmd->kind) {
	case CLI_LEAF:
		return f->fixed;
	case CLI_LEAF_LIST:
	case CLI_ENTRY:
	case CLI_PRESENT:
	case CLI_SWITCH:
		return f->words;
	case CLI_RULE: /* the whole list, or with more words one entry */
		return 2;
	case CLI_IGNORED:
		return f->fixed ?: 1;
	case CLI_ACTION:
		return f->cmd->flags & CLI_HAS_NO ? f->need : 0;
	}
	return 0;
}

static unsigned alternatives(const struct cli_form *f)
{
	unsigned n = 0;

	for (unsigned i = 0; i < f->words; i++)
		n += f->word[i].choices > 1;
	return n;
}

static void parse_form(struct cli_form *f, const struct cli_command *cmd)
{
	struct cli_span pattern = {cmd->pattern, strlen(cmd->pattern)};
	struct cli_span help = {cmd->help, strlen(cmd->help)};
	bool valued = false;

	f->cmd = cmd;
	while (pattern.len) {
		struct cli_word *w = &f->word[f->words];

		assert(f->words < CLI_FORM_WORDS);
		parse_word(w, cut(&pattern, ' '));
		w->help = cut(&help, '\n');
		assert(w->help.len &&
		       (!w->choices || count_parts(w->help) == w->choices));
		assert(!f->words || f->word[f->words - 1].kind != CLI_WORD_REST);
		assert(w->optional || f->need == f->words);
		f->words++;
		if (!w->optional)
			f->need = f->words;
		valued = valued || carries_value(w);
		if (!valued)
			f->fixed = f->words;
	}
	assert(f->need && !help.len);
	assert(alternatives(f) <= 1); /* struct cli_call has room for one */
	f->need_no = words_after_no(f);
}

struct cli_forms *cli_forms_new(void)
{
	struct cli_forms *forms =
		xcalloc(1, sizeof(*forms) + cli_command_count * sizeof(forms->form[0]));

	for (size_t i = 0; i < cli_command_count; i++)
		parse_form(&forms->form[i], &cli_commands[i]);
	forms->count = cli_command_count;
	return forms;
}
