/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/cli/cli_priv.h"
#include "wgrd/cli/session.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/mgmt/mgmt_priv.h"

/* One thing that could stand next. */
struct item {
	char *text, *help;
	bool insert; /* it can be typed as it is; not so "NAME" and "<cr>" */
};

struct list {
	const struct cli_session *s;
	const char *prefix;
	const char *wireguard; /* the interface whose peers are meant; NULL: any */
	bool names;            /* with the names of objects, instead of "NAME" */
	struct item *v;
	size_t count, cap;
};

static void add(struct list *l, const char *text, size_t len, struct cli_span help,
		bool insert)
{
	struct item *i;

	if (l->count == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 32;
		l->v = xrealloc(l->v, l->cap, sizeof(*l->v));
	}
	i = &l->v[l->count++];
	i->text = strndup(text, len);
	i->help = strndup(help.s ?: "", help.len);
	i->insert = insert;
}

static void list_free(struct list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->v[i].text);
		free(l->v[i].help);
	}
	free(l->v);
}

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return strcmp(x->text, y->text);
}

/* In order, and each once. */
static void list_tidy(struct list *l)
{
	size_t kept = 0;

	if (l->count)
		qsort(l->v, l->count, sizeof(*l->v), compare);
	for (size_t i = 0; i < l->count; i++) {
		if (kept && !strcmp(l->v[kept - 1].text, l->v[i].text)) {
			free(l->v[i].text);
			free(l->v[i].help);
		} else {
			l->v[kept++] = l->v[i];
		}
	}
	l->count = kept;
}

/* ---- names of what is configured ---- */

static void add_name(struct list *l, const char *name)
{
	if (!strncmp(name, l->prefix, strlen(l->prefix)))
		add(l, name, strlen(name), (struct cli_span){0}, true);
}

static void add_peers(struct list *l, const struct conf *c)
{
	for (size_t i = 0; i < c->wireguard_count; i++) {
		const struct conf_wireguard *w = c->wireguard[i];

		if (l->wireguard && strcmp(w->name, l->wireguard) != 0)
			continue;
		for (size_t p = 0; p < w->peer_count; p++)
			add_name(l, w->peer[p]->name);
	}
}

static void add_tenant_interfaces(struct list *l, const struct conf *c)
{
	struct if_nameindex *links = if_nameindex();

	for (size_t i = 0; i < c->tenant_count; i++)
		for (size_t n = 0; n < c->tenant[i]->interface_count; n++)
			add_name(l, c->tenant[i]->interface[n]);
	for (size_t i = 0; links && links[i].if_name; i++)
		add_name(l, links[i].if_name);
	if_freenameindex(links);
}

static void add_names(struct list *l, struct cli_span names)
{
	const struct conf *c = datastore_conf(l->s->m->deps.datastore);

	if (cli_span_is(names, "peer"))
		add_peers(l, c);
	else if (cli_span_is(names, "interface"))
		add_tenant_interfaces(l, c);
	else if (cli_span_is(names, "wireguard"))
		for (size_t i = 0; i < c->wireguard_count; i++)
			add_name(l, c->wireguard[i]->name);
	else if (cli_span_is(names, "prefix-list"))
		for (size_t i = 0; i < c->prefix_list_count; i++)
			add_name(l, c->prefix_list[i]->name);
	else if (cli_span_is(names, "tenant"))
		for (size_t i = 0; i < c->tenant_count; i++)
			add_name(l, c->tenant[i]->name);
}

/* ---- what can stand next ---- */

static void add_candidate(void *arg, const struct cli_word *w, struct cli_span choice,
			  struct cli_span help)
{
	struct list *l = arg;

	if (!w)
		add(l, "<cr>", 4, (struct cli_span){0}, false);
	else if (w->kind != CLI_WORD_CHOICE && w->names.len && l->names)
		add_names(l, w->names);
	else
		add(l, choice.s, choice.len, help, w->kind == CLI_WORD_CHOICE);
}

static void add_lead(struct list *l, const char *word, const char *help)
{
	if (!strncmp(word, l->prefix, strlen(l->prefix)))
		add(l, word, strlen(word), (struct cli_span){help, strlen(help)}, true);
}

/* `do` and `no` are in no pattern. */
static bool take_lead(struct cli_query *q, unsigned at, const char *word)
{
	if (at <= q->from || strcmp(q->line->word[q->from], word))
		return false;
	q->from++;
	return true;
}

/* In an interface's own node only its peers can be meant. */
static struct list list_of(const struct cli_session *s)
{
	struct list l = {.s = s, .prefix = ""};

	if (s->node >= CLI_WIREGUARD && s->node <= CLI_PEER_KEY)
		l.wireguard = s->name[CLI_WIREGUARD];
	return l;
}

/* Also what the nodes have that the line leads to. */
static void fill_downwards(struct list *l, struct cli_query q, unsigned at)
{
	const char *name;

	for (unsigned to = q.from + 1; to <= at; to++) {
		name = cli_descend(&q, to);
		if (!name)
			continue;
		if (q.node == CLI_WIREGUARD)
			l->wireguard = name;
		cli_candidates(&q, at, l->prefix, add_candidate, l);
	}
}

static void fill(struct list *l, const struct cli_line *line)
{
	const struct cli_session *s = l->s;
	struct cli_query q = {.forms = s->cli->forms, .line = line, .node = s->node};
	unsigned at = line->words - (line->open && line->words);

	if (line->more)
		return;
	l->prefix = at < line->words ? line->word[at] : "";
	if (s->node != CLI_EXEC) {
		if (at == 0)
			add_lead(l, "do", "Run a command of the level above");
		else if (take_lead(&q, at, "do"))
			q.node = CLI_EXEC;
	}
	if (at == q.from)
		add_lead(l, "no", "Remove a setting, or switch something off");
	else
		q.no = take_lead(&q, at, "no");
	cli_candidates(&q, at, l->prefix, add_candidate, l);
	fill_downwards(l, q, at);
	list_tidy(l);
}

static struct list make_list(const struct cli_session *s, const char *text, bool names)
{
	struct list l = list_of(s);
	struct cli_line *line = xcalloc(1, sizeof(*line));

	l.names = names;
	if (!cli_line_split(line, text))
		fill(&l, line);
	explicit_bzero(line->text, sizeof(line->text));
	free(line);
	return l;
}

static void print_words(const struct list *l, struct strbuf *out)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->v[i].insert)
			strbuf_printf(out, "%s\n", l->v[i].text);
}

void cli_autocomplete(const struct cli_session *s, const char *variable,
		      struct strbuf *out)
{
	static const char ours[] = CLI_VTYSH_NAMES;
	struct list l = list_of(s);

	if (strncmp(variable, ours, strlen(ours)) != 0)
		return;
	variable += strlen(ours);
	add_names(&l, (struct cli_span){variable, strlen(variable)});
	list_tidy(&l);
	print_words(&l, out);
	list_free(&l);
}

void cli_complete(const struct cli_session *s, const char *text, struct strbuf *out)
{
	struct list l = make_list(s, text, true);

	print_words(&l, out);
	list_free(&l);
}

void cli_help(const struct cli_session *s, const char *text, struct strbuf *out)
{
	struct list l = make_list(s, text, false);

	for (size_t i = 0; i < l.count; i++)
		strbuf_printf(out, *l.v[i].help ? "  %-20s %s\n" : "  %s\n", l.v[i].text,
			      l.v[i].help);
	if (!l.count)
		strbuf_puts(out, "% There is no such command.\n");
	list_free(&l);
}
