/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vtysh-ext/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "vtysh-ext/translate.h"
#include "vtysh-ext/vty_node.h"
#include "wgrd/cli/form.h"

#define HELP_NO "Remove a setting, or switch something off"

/* FRR keeps pointers to all of it until the end. */
struct command {
	struct frr_element element; /* first: FRR hands back a pointer to it */
	int leads_to;               /* node; 0: vtysh stays where it is */
};

/* Where a command is installed: in @at, spelt from there down to the node it is in. */
struct place {
	const struct frr *frr;
	const struct cli_forms *forms;
	int at; /* FRR's number */
	enum cli_node from, to;
	bool no;
};

static int number_of(enum cli_node node)
{
	switch (node) {
	case CLI_EXEC:
		return FRR_ENABLE_NODE;
	case CLI_CONFIG:
		return FRR_CONFIG_NODE;
	default:
		return FRR_FIRST_FREE_NODE + (int)node;
	}
}

/* ---- one command ---- */

static int follow(const struct frr_element *self, struct vty *vty, int argc, void *argv[])
{
	(void)argc;
	(void)argv;
	vty_node_set(vty, ((const struct command *)self)->leads_to);
	return 0;
}

/* Takes what @t holds. */
static struct command *install(const struct place *p, struct translation *t, int leads_to)
{
	struct command *c = xcalloc(1, sizeof(*c));

	c->element = (struct frr_element){
		.string = t->string.s,
		.doc = t->doc.s,
		.daemon = p->frr->slot->flag,
		.func = leads_to ? follow : NULL,
		.name = "wgrd",
	};
	c->leads_to = leads_to;
	p->frr->install_element(p->at, &c->element);
	return c;
}

/* The words that lead from p->from to @node. */
static void translate_way(const struct place *p, enum cli_node node,
			  struct translation *t)
{
	if (node == p->from)
		return;
	translate_way(p, cli_nodes[node].parent, t);
	for (size_t i = 0; i < p->forms->count; i++) {
		const struct cli_form *f = &p->forms->form[i];

		if (f->cmd->kind == CLI_ENTRY && f->cmd->enters == node &&
		    f->cmd->nodes & CLI_IN(cli_nodes[node].parent))
			translate_form(t, f, 0, f->words, false);
	}
}

/* The first @words of @f, and the rest up to @optional_end as may be left out. */
static void install_words(const struct place *p, const struct cli_form *f, unsigned words,
			  unsigned optional_end, int leads_to)
{
	struct translation t = {0};

	if (p->no)
		translate_word(&t, "no", HELP_NO);
	translate_way(p, p->to, &t);
	translate_form(&t, f, 0, words, false);
	translate_form(&t, f, words, optional_end, true);
	install(p, &t, leads_to);
}

/* ---- what may stand after `no` ---- */

static void install_no_leaf(const struct place *p, const struct cli_form *f)
{
	if (f->word[f->words - 1].kind != CLI_WORD_REST) {
		install_words(p, f, f->fixed, f->words, 0);
		return;
	}
	install_words(p, f, f->fixed, f->fixed, 0); /* no [TEXT...] in FRR */
	install_words(p, f, f->words, f->words, 0);
}

static void install_no_rule(const struct place *p, const struct cli_form *f)
{
	enum {
		THE_LIST = 2,
		THE_ENTRY = 4
	};

	if (f->cmd->yang) { /* the shortest pattern of them */
		install_words(p, f, THE_LIST, THE_LIST, 0);
		install_words(p, f, THE_ENTRY, THE_ENTRY, 0);
	}
	install_words(p, f, f->words, f->words, 0);
}

static void install_no(struct place p, const struct cli_form *f)
{
	p.no = true;
	switch (f->cmd->kind) {
	case CLI_LEAF:
		install_no_leaf(&p, f);
		break;
	case CLI_RULE:
		install_no_rule(&p, f);
		break;
	case CLI_LEAF_LIST:
	case CLI_ENTRY:
	case CLI_PRESENT:
	case CLI_SWITCH:
		install_words(&p, f, f->words, f->words, 0);
		break;
	case CLI_ACTION:
		if (f->cmd->flags & CLI_HAS_NO)
			install_words(&p, f, f->need, f->need, 0);
		break;
	case CLI_IGNORED:
		break;
	}
}

/* ---- nodes ---- */

static void install_setting(struct place p, const struct cli_form *f)
{
	bool enters = f->cmd->kind == CLI_ENTRY;

	for (p.from = p.to;; p.from = cli_nodes[p.from].parent) {
		p.at = number_of(p.from);
		install_words(&p, f, f->words, f->words,
			      enters ? number_of(f->cmd->enters) : 0);
		install_no(p, f);
		if (p.from == CLI_CONFIG)
			break;
	}
}

/* Words that leave the node. */
static void install_way_out(struct place p, const struct cli_form *f)
{
	struct translation t = {0};
	bool all = f->cmd->action == CLI_DO_END;
	struct command *c;

	p.at = number_of(p.to);
	translate_form(&t, f, 0, f->words, false);
	c = install(&p, &t, all ? FRR_ENABLE_NODE : number_of(cli_nodes[p.to].parent));
	if (all)
		c->element.daemon = ~0;
}

/* Spelt from above, the word that ends a block makes an entry without settings. */
static void install_empty_block(struct place p, const struct cli_form *f)
{
	for (p.from = p.to; p.from != CLI_CONFIG;) {
		p.from = cli_nodes[p.from].parent;
		p.at = number_of(p.from);
		p.no = false;
		install_words(&p, f, f->words, f->words, 0);
		p.no = true;
		install_words(&p, f, f->words, f->words, 0);
	}
}

/* `exit` and `end` in FRR's own nodes are FRR's. */
static void install_action(struct place p, const struct cli_form *f)
{
	if (p.to == CLI_CONFIG ||
	    (f->cmd->action != CLI_DO_EXIT && f->cmd->action != CLI_DO_END))
		return;
	install_way_out(p, f);
	if (cli_span_is(f->word[0].text, cli_nodes[p.to].leave))
		install_empty_block(p, f);
}

static void install_in_node(struct place p, const struct cli_form *f)
{
	switch (f->cmd->kind) {
	case CLI_ACTION:
		install_action(p, f);
		break;
	case CLI_IGNORED:
		break;
	default:
		install_setting(p, f);
		break;
	}
}

static void make_node(const struct frr *frr, enum cli_node node)
{
	struct frr_node *n = xcalloc(1, sizeof(*n));
	char *prompt;

	if (asprintf(&prompt, "%%s(config-%s)# ", cli_nodes[node].name) < 0)
		abort(); /* as xcalloc() does */
	n->name = cli_nodes[node].name;
	n->node = number_of(node);
	n->parent = number_of(cli_nodes[node].parent);
	n->prompt = prompt;
	frr->install_node(n);
}

/* FRR has the others itself. */
static bool is_ours(const struct cli_form *f)
{
	return cli_span_is(f->word[0].text, "wireguard") ||
	       (f->words > 1 && cli_span_is(f->word[1].text, "wireguard"));
}

static void install_exec(struct place p, const struct cli_form *f)
{
	bool show = cli_span_is(f->word[0].text, "show");

	if (!is_ours(f))
		return;
	p.from = p.to = CLI_EXEC;
	p.at = show ? FRR_VIEW_NODE : FRR_ENABLE_NODE;
	install_words(&p, f, f->words, f->words, 0);
	install_no(p, f);
}

void commands_install(const struct frr *frr, bool may_configure)
{
	struct cli_forms *forms = cli_forms_new();
	struct place p = {.frr = frr, .forms = forms};

	for (enum cli_node n = 0; may_configure && n < CLI_NODE_COUNT; n++)
		if (cli_nodes[n].list)
			make_node(frr, n);
	for (size_t i = 0; i < forms->count; i++) {
		const struct cli_form *f = &forms->form[i];

		if (f->cmd->nodes & CLI_IN(CLI_EXEC))
			install_exec(p, f);
		for (p.to = CLI_CONFIG; may_configure && p.to < CLI_NODE_COUNT; p.to++)
			if (f->cmd->nodes & CLI_IN(p.to) && p.to != CLI_FOREIGN)
				install_in_node(p, f);
	}
	free(forms);
}
