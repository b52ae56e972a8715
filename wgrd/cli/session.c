/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/session.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/cli/action.h"
#include "wgrd/cli/cli_priv.h"
#include "wgrd/cli/edit.h"
#include "wgrd/cli/rule.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/mgmt/ping.h"
#include "wgrd/show/format.h"

enum {
	CLI_WORD_SHOWN = 40, /* octets of a word that is quoted */
};

void cli_session_init(struct cli_session *s, struct cli *cli)
{
	*s = (struct cli_session){
		.cli = cli, .m = cli->m, .candidate = {.ds = cli->m->deps.datastore}};
}

void cli_session_fini(struct cli_session *s)
{
	ping_cancel(s->ping);
	cli_group_drop(s);
}

void cli_leave(struct cli_session *s)
{
	s->node = cli_nodes[s->node].parent;
}

void cli_prompt(const struct cli_session *s, struct strbuf *out)
{
	const char *name = cli_nodes[s->node].name;

	if (s->node != CLI_EXEC)
		strbuf_printf(out, "(config%s%s)", *name ? "-" : "", name);
}

void cli_trim(char *s)
{
	size_t len = strlen(s);

	while (len && isspace((unsigned char)s[len - 1]))
		s[--len] = '\0';
}

/* ---- from words to a call ---- */

/* A choice is passed on as it is spelt in full, whatever abbreviation was typed. */
static void pick_choice(struct cli_call *call, const struct cli_word *w,
			const char *given)
{
	for (unsigned i = 0; i < w->choices; i++) {
		struct cli_span c = cli_word_choice(w, i);

		if (strncmp(c.s, given, strlen(given)) || strlen(given) > c.len)
			continue;
		snprintf(call->canonical, sizeof(call->canonical), "%.*s", (int)c.len,
			 c.s);
		call->value = call->canonical;
		if (c.len == strlen(given))
			return;
	}
}

static void take_value(struct cli_call *call, struct cli_line *l, unsigned at)
{
	const struct cli_word *w = &call->form->word[call->form->fixed];
	char *tail = l->text + l->at[at];

	switch (w->kind) {
	case CLI_WORD_CHOICE:
		pick_choice(call, w, l->word[at]);
		break;
	case CLI_WORD_REST: /* its words were cut apart: put the blanks back */
		memcpy(tail, l->raw + l->at[at], strlen(l->raw + l->at[at]) + 1);
		call->value = tail;
		break;
	case CLI_WORD_RANGE:
	case CLI_WORD_VALUE:
		call->value = l->word[at];
		break;
	}
}

static void take_words(struct cli_call *call, struct cli_line *l, unsigned from)
{
	for (unsigned i = from; i < l->words && call->words < CLI_FORM_WORDS; i++)
		call->word[call->words++] = l->word[i];
}

static void take_rule(struct cli_call *call, struct cli_line *l, unsigned from)
{
	take_words(call, l, from);
	if (call->words > CLI_RULE_ACTION)
		pick_choice(call, &call->form->word[CLI_RULE_ACTION],
			    call->word[CLI_RULE_ACTION]);
}

/* An alternative that is not the first value is spelt in full too. */
static void take_further(struct cli_call *call)
{
	const struct cli_form *f = call->form;
	char *value = call->value;

	for (unsigned i = f->fixed + 1; i < call->words && i < f->words; i++) {
		if (f->word[i].choices < 2)
			continue;
		pick_choice(call, &f->word[i], call->word[i]);
		call->word[i] = call->value;
	}
	call->value = value;
}

static void make_call(struct cli_call *call, const struct cli_query *q,
		      const struct cli_form *f, struct cli_line *l)
{
	unsigned given = l->words - q->from;

	*call = (struct cli_call){.form = f, .no = q->no, .option = given > f->need};
	if (f->cmd->kind == CLI_RULE) {
		take_rule(call, l, q->from);
		return;
	}
	if (given > f->fixed)
		take_value(call, l, q->from + f->fixed);
	take_words(call, l, q->from);
	if (call->words > f->fixed)
		call->word[f->fixed] = call->value;
	take_further(call);
}

static bool is_word(const struct cli_line *l, unsigned at, const char *word)
{
	return at < l->words && !strcmp(l->word[at], word);
}

struct parsed {
	struct cli_line line;
	struct cli_query query; /* with the node that its command is in */
	enum cli_node node;     /* where its first word is known */
	const char *way[CLI_NODE_COUNT];
	struct cli_match match;
	struct cli_call call;
	bool exec; /* `do` stood before: the session stays where it is */
};

/* In p->node, or in a node below it that the first words of the line lead to. */
static struct cli_match match_downwards(struct parsed *p, struct cli_query *q)
{
	struct cli_match m = cli_match(q);
	const char *name;

	memset(p->way, 0, sizeof(p->way));
	while (m.status == CLI_NO_MATCH && (name = cli_descend(q, m.at))) {
		p->way[q->node] = name;
		m = cli_match(q);
	}
	return m;
}

/* A line that is unknown in its node is tried in the nodes above. What is said when none
 * knows it is about the first. */
static struct cli_match match_upwards(struct parsed *p)
{
	struct cli_query start = p->query, *q = &p->query;
	struct cli_match m = match_downwards(p, q), first = m;
	struct cli_query first_query = *q;

	p->node = start.node;
	while (m.status == CLI_NO_MATCH && p->node > CLI_CONFIG) {
		p->node = cli_nodes[p->node].parent;
		*q = start;
		q->node = p->node;
		m = match_downwards(p, q);
	}
	if (m.status != CLI_NO_MATCH)
		return m;
	*q = first_query;
	p->node = start.node;
	return first;
}

static enum cli_status parse(const struct cli_session *s, const char *text,
			     struct parsed *p)
{
	struct cli_query *q = &p->query;

	*q = (struct cli_query){.forms = s->cli->forms,
				.line = &p->line,
				.node = s->node,
				.file = s->file};
	p->exec = false;
	if (cli_line_split(&p->line, text)) {
		p->line.words = 0;
		p->match = (struct cli_match){.status = CLI_NO_MATCH};
		return CLI_NO_MATCH;
	}
	/* vtysh also says it where it changes nothing. */
	if (!s->file && is_word(&p->line, 0, "do")) {
		p->exec = true;
		q->node = CLI_EXEC;
		q->from++;
	}
	if (is_word(&p->line, q->from, "no")) {
		q->no = true;
		q->from++;
	}
	p->match = match_upwards(p);
	if (p->match.status == CLI_SUCCESS) {
		make_call(&p->call, q, p->match.form, &p->line);
		memcpy(p->call.way, p->way, sizeof(p->call.way));
	}
	return p->match.status;
}

static void wipe_secret(struct parsed *p)
{
	if (p->call.form->cmd->flags & CLI_SECRET)
		explicit_bzero(p->line.text, sizeof(p->line.text));
}

/* ---- what was expected ---- */

struct expected {
	struct strbuf list;
	struct cli_span word[64]; /* those of the list */
	unsigned count;
	bool words_alone; /* no values, nor the end */
};

static bool is_listed(const struct expected *e, struct cli_span word)
{
	for (unsigned i = 0; i < e->count; i++)
		if (cli_span_equal(e->word[i], word))
			return true;
	return false;
}

static void add_expected(void *arg, const struct cli_word *w, struct cli_span choice,
			 struct cli_span help)
{
	struct expected *e = arg;

	(void)help;
	if (is_listed(e, choice) || e->count == ARRAY_SIZE(e->word) ||
	    (e->words_alone && (!w || w->kind != CLI_WORD_CHOICE)))
		return;
	e->word[e->count] = choice;
	if (e->count++)
		strbuf_puts(&e->list, ", ");
	if (w)
		strbuf_add(&e->list, choice.s, choice.len);
	else
		strbuf_puts(&e->list, "the end of the line");
}

/* The word that does not fit; the last one when the line ends too early. */
static const char *odd_word(const struct parsed *p)
{
	const struct cli_line *l = &p->line;

	return l->word[p->match.at < l->words ? p->match.at : l->words - 1];
}

/* ---- a line of a session ---- */

/* After the words that FRR has for it, what would have been right. */
static void tell_expected(const struct parsed *p, const char *what, const char *prefix,
			  struct strbuf *out)
{
	struct expected e = {.words_alone = *prefix};
	struct strbuf text = {0};

	cli_candidates(&p->query, p->match.at, prefix, add_expected, &e);
	strbuf_printf(&text, "%s%s", what, strbuf_str(&e.list));
	if (e.count) {
		strbuf_puts(out, "  ");
		show_wrapped(out, 2, 2, text.s);
	}
	strbuf_free(&text);
	strbuf_free(&e.list);
}

static enum cli_status tell(const struct parsed *p, enum cli_status status,
			    const char *line, struct strbuf *out)
{
	char what[CLI_WORD_SHOWN + 64];

	if (!p->line.words) {
		strbuf_printf(out, "%% The line is longer than %d octets.\n",
			      CLI_LINE_MAX);
		return status;
	}
	switch (status) {
	case CLI_NO_MATCH:
		strbuf_printf(out, "%% Unknown command: %.200s\n", line);
		snprintf(what, sizeof(what),
			 "\"%.*s\" is not known here; expected: ", CLI_WORD_SHOWN,
			 odd_word(p));
		tell_expected(p, what, "", out);
		break;
	case CLI_AMBIGUOUS:
		strbuf_puts(out, "% Ambiguous command.\n");
		snprintf(what, sizeof(what), "\"%.*s\" can be: ", CLI_WORD_SHOWN,
			 odd_word(p));
		tell_expected(p, what, odd_word(p), out);
		break;
	case CLI_INCOMPLETE:
		strbuf_puts(out, "% Command incomplete.\n");
		tell_expected(p, "Expected: ", "", out);
		break;
	case CLI_SUCCESS:
	case CLI_WARNING:
	case CLI_CONFIG_FAILED:
	case CLI_LATER:
		break;
	}
	return status;
}

static enum cli_status carry_out(struct cli_session *s, struct parsed *p,
				 struct strbuf *out)
{
	struct cli_refusal refusal = {0};

	if (p->call.form->cmd->kind == CLI_ACTION && !p->query.below)
		return cli_act(s, &p->call, out);
	if (p->call.value)
		cli_trim(p->call.value);
	if (cli_edit_line(s, p->query.node, &p->call, &refusal)) {
		cli_tell_notice(&refusal, out);
		return CLI_SUCCESS;
	}
	strbuf_printf(out, "%% %s\n", refusal.why);
	return CLI_CONFIG_FAILED;
}

enum cli_status cli_run(struct cli_session *s, const char *line, struct strbuf *out)
{
	enum cli_node before = s->node;
	enum cli_status status;
	struct parsed p;

	if (cli_line_is_blank(line))
		return CLI_SUCCESS;
	status = parse(s, line, &p);
	if (status != CLI_SUCCESS)
		return tell(&p, status, line, out);
	s->node = p.node;
	status = carry_out(s, &p, out);
	if (p.exec)
		s->node = before;
	wipe_secret(&p);
	return status;
}

/* ---- a line of a file ---- */

static void explain(const struct parsed *p, enum cli_status status,
		    struct cli_refusal *refusal)
{
	const struct cli_line *l = &p->line;
	unsigned at = p->match.at;
	struct expected e = {0};

	if (!l->words) {
		snprintf(refusal->why, sizeof(refusal->why),
			 "the line is longer than %d octets", CLI_LINE_MAX);
		return;
	}
	cli_candidates(&p->query, at, "", add_expected, &e);
	snprintf(refusal->word, sizeof(refusal->word), "%s", odd_word(p));
	snprintf(refusal->why, sizeof(refusal->why), "%s; expected %s%s",
		 status == CLI_INCOMPLETE ? "the line ends too early"
					  : "this is not known here",
		 e.count > 1 ? "one of: " : "", strbuf_str(&e.list));
	strbuf_free(&e.list);
}

bool cli_run_file_line(struct cli_session *s, const char *line,
		       struct cli_refusal *refusal)
{
	struct strbuf out = {0};
	enum cli_status status;
	struct parsed p;
	bool ok = true;

	if (cli_line_is_blank(line))
		return true;
	status = parse(s, line, &p);
	if (status != CLI_SUCCESS) {
		explain(&p, status, refusal);
		return false;
	}
	s->node = p.node;
	if (p.call.form->cmd->kind == CLI_ACTION && !p.query.below) {
		cli_act(s, &p.call, &out);
	} else {
		if (p.call.value)
			cli_trim(p.call.value);
		ok = cli_edit_line(s, p.query.node, &p.call, refusal);
	}
	wipe_secret(&p);
	strbuf_free(&out);
	return ok;
}
