/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/match.h"

#include <stdlib.h>
#include <string.h>

#include "wgrd/cli/rule.h"

enum fit {
	FIT_NONE,
	FIT_VALUE,
	FIT_PREFIX,
	FIT_TWICE, /* abbreviates two alternatives of one word */
	FIT_EXACT,
};

/* The word of @f that number @i of the line is held against; NULL: none is left. */
static const struct cli_word *word_at(const struct cli_form *f, unsigned i)
{
	const struct cli_word *last = &f->word[f->words - 1];

	if (i < f->words)
		return &f->word[i];
	return last->kind == CLI_WORD_REST ? last : NULL;
}

static enum fit fit_choice(const struct cli_word *w, const char *s, bool exact_only,
			   struct cli_span *choice)
{
	size_t len = strlen(s);
	enum fit fit = FIT_NONE;

	for (unsigned i = 0; i < w->choices; i++) {
		struct cli_span c = cli_word_choice(w, i);

		if (cli_span_is(c, s)) {
			*choice = c;
			return FIT_EXACT;
		}
		if (exact_only || len > c.len || memcmp(c.s, s, len))
			continue;
		*choice = c;
		fit = fit == FIT_NONE ? FIT_PREFIX : FIT_TWICE;
	}
	return fit;
}

static enum fit fit_word(const struct cli_query *q, const struct cli_form *f, unsigned i,
			 struct cli_span *choice)
{
	const struct cli_word *w = word_at(f, i);

	if (!w)
		return FIT_NONE;
	if (w->kind != CLI_WORD_CHOICE)
		return FIT_VALUE;
	/* spelt from above, "exit" is not short for the word that ends a block */
	return fit_choice(w, q->line->word[q->from + i],
			  q->file || f->cmd->flags & CLI_EXACT ||
				  (q->below && f->cmd->kind == CLI_ACTION),
			  choice);
}

/* The word that ends the node's block. */
static bool is_leave(const struct cli_query *q, const struct cli_form *f)
{
	const char *leave = cli_nodes[q->node].leave;

	return leave && cli_span_is(f->word[0].text, leave);
}

static bool may_be_used(const struct cli_query *q, const struct cli_form *f)
{
	if (!(f->cmd->nodes & CLI_IN(q->node)))
		return false;
	if (q->file && f->cmd->flags & CLI_FOR_FRR)
		return false;
	if (q->below && f->cmd->kind == CLI_ACTION)
		return is_leave(q, f);
	return !q->no || f->need_no;
}

/* Holds word @i against the forms still @live and keeps those that fit it best. */
static enum cli_status narrow(const struct cli_query *q, bool *live, unsigned i)
{
	enum fit best = FIT_NONE;
	struct cli_span first = {0}, choice = {0};
	bool differ = false;

	for (size_t n = 0; n < q->forms->count; n++) {
		enum fit fit =
			live[n] ? fit_word(q, &q->forms->form[n], i, &choice) : FIT_NONE;

		if (fit > best) {
			best = fit;
			first = choice;
			differ = false;
		} else if (fit == best && fit >= FIT_PREFIX) {
			differ = differ || !cli_span_equal(first, choice);
		}
	}
	if (best == FIT_NONE)
		return CLI_NO_MATCH;
	if (best == FIT_TWICE || (best == FIT_PREFIX && differ))
		return CLI_AMBIGUOUS;
	for (size_t n = 0; n < q->forms->count; n++)
		live[n] = live[n] && fit_word(q, &q->forms->form[n], i, &choice) == best;
	return CLI_SUCCESS;
}

static bool *all_live(const struct cli_query *q)
{
	bool *live = xcalloc(q->forms->count, sizeof(*live));

	for (size_t n = 0; n < q->forms->count; n++)
		live[n] = may_be_used(q, &q->forms->form[n]);
	return live;
}

static bool is_complete(const struct cli_query *q, const struct cli_form *f,
			unsigned words)
{
	if (q->no && f->cmd->kind == CLI_RULE) /* a list, an entry by number, all of it */
		return words == f->need_no || words == CLI_RULE_ACTION ||
		       words == f->words;
	return words >= (q->no ? f->need_no : f->need);
}

static unsigned words_given(const struct cli_query *q)
{
	unsigned to = q->to ?: q->line->words;

	return to > q->from ? to - q->from : 0;
}

struct cli_match cli_match(const struct cli_query *q)
{
	struct cli_match m = {.status = CLI_INCOMPLETE};
	unsigned given = words_given(q), i;
	bool *live = all_live(q);

	for (i = 0; i < given; i++) {
		enum cli_status status = narrow(q, live, i);

		if (status != CLI_SUCCESS) {
			m.status = status;
			break;
		}
	}
	m.at = q->from + i;
	for (size_t n = 0; i == given && n < q->forms->count; n++) {
		if (!live[n] || !is_complete(q, &q->forms->form[n], given))
			continue;
		m.status = CLI_SUCCESS;
		m.form = &q->forms->form[n];
		break;
	}
	free(live);
	return m;
}

const char *cli_descend(struct cli_query *q, unsigned to)
{
	struct cli_query entry = *q;
	struct cli_match m;

	entry.no = false;
	entry.to = to;
	if (to <= q->from)
		return NULL;
	m = cli_match(&entry);
	if (m.status != CLI_SUCCESS || m.form->cmd->kind != CLI_ENTRY)
		return NULL;
	q->node = m.form->cmd->enters;
	q->from = to;
	q->below = true;
	return q->line->word[to - 1];
}

static void offer(const struct cli_word *w, const char *prefix, cli_candidate_fn fn,
		  void *arg)
{
	size_t len = strlen(prefix);

	if (w->kind != CLI_WORD_CHOICE) {
		fn(arg, w, w->text, w->help);
		return;
	}
	for (unsigned i = 0; i < w->choices; i++) {
		struct cli_span c = cli_word_choice(w, i);

		if (c.len >= len && !memcmp(c.s, prefix, len))
			fn(arg, w, c, cli_word_choice_help(w, i));
	}
}

void cli_candidates(const struct cli_query *q, unsigned at, const char *prefix,
		    cli_candidate_fn fn, void *arg)
{
	unsigned before = at - q->from;
	bool *live = all_live(q), may_end = false;
	const struct cli_word *last = NULL;

	for (unsigned i = 0; i < before; i++)
		if (narrow(q, live, i) != CLI_SUCCESS)
			goto done;
	for (size_t n = 0; n < q->forms->count; n++) {
		const struct cli_form *f = &q->forms->form[n];
		const struct cli_word *w = word_at(f, before);

		if (!live[n] || f->cmd->flags & CLI_FOR_FRR)
			continue;
		/* commands that begin alike stand together in the table */
		if (w && (!last || !cli_span_equal(w->text, last->text)))
			offer(w, prefix, fn, arg);
		last = w ?: last;
		may_end = may_end || (before && is_complete(q, f, before));
	}
	if (may_end)
		fn(arg, NULL, (struct cli_span){0}, (struct cli_span){0});
done:
	free(live);
}
