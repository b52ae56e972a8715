/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/config_print.h"

#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/util.h"

struct printer {
	const struct cli_forms *forms;
	bool secrets;
	struct strbuf *out;
};

static void print_node(struct printer *p, const struct lyd_node *parent,
		       enum cli_node node);

/* Ours is the only module that puts nodes under our container. */
static bool is_called(const struct lyd_node *n, const char *name, size_t len)
{
	return strlen(n->schema->name) == len && !memcmp(n->schema->name, name, len);
}

/* The first node at @path, which is "a" or "a/b", below @parent. */
static const struct lyd_node *find(const struct lyd_node *parent, const char *path)
{
	const struct lyd_node *n = lyd_child(parent);
	size_t len = strcspn(path, "/");

	while (n && !is_called(n, path, len))
		n = n->next;
	return n && path[len] ? find(n, path + len + 1) : n;
}

static const struct lyd_node *next_of_kind(const struct lyd_node *n)
{
	const struct lysc_node *schema = n->schema;

	for (n = n->next; n; n = n->next)
		if (n->schema == schema)
			return n;
	return NULL;
}

static void begin_line(struct printer *p, const struct cli_form *f, enum cli_node node)
{
	for (; cli_nodes[node].list; node = cli_nodes[node].parent)
		strbuf_puts(p->out, " ");
	if (f->cmd->flags & CLI_SECRET && !p->secrets)
		strbuf_puts(p->out, "! ");
}

static void add_fixed_words(struct printer *p, const struct cli_form *f)
{
	for (unsigned i = 0; i < f->fixed; i++) {
		if (i)
			strbuf_puts(p->out, " ");
		strbuf_add(p->out, f->word[i].text.s, f->word[i].text.len);
	}
}

static void print_leaf(struct printer *p, const struct cli_form *f,
		       const struct lyd_node *n, enum cli_node node)
{
	const char *value = lyd_get_value(n);

	begin_line(p, f, node);
	if (f->cmd->kind == CLI_SWITCH && !strcmp(value, "false"))
		strbuf_puts(p->out, "no ");
	add_fixed_words(p, f);
	if (f->cmd->flags & CLI_SECRET && !p->secrets)
		strbuf_puts(p->out, " is set (not shown)");
	else if (f->words > f->fixed)
		strbuf_printf(p->out, " %s", value);
	strbuf_puts(p->out, "\n");
}

static const char *entry_name(const struct lyd_node *entry)
{
	return lyd_get_value(lyd_child(entry)); /* keys come first */
}

static int compare_entries(const void *a, const void *b)
{
	const struct lyd_node *const *x = a, *const *y = b;

	return strcmp(entry_name(*x), entry_name(*y));
}

static void print_entry(struct printer *p, const struct cli_form *f,
			const struct lyd_node *n, enum cli_node node)
{
	enum cli_node inner = f->cmd->enters;

	begin_line(p, f, node);
	add_fixed_words(p, f);
	strbuf_printf(p->out, " %s\n", entry_name(n));
	print_node(p, n, inner);
	begin_line(p, f, node);
	strbuf_printf(p->out, "%s\n", cli_nodes[inner].leave);
	begin_line(p, f, node);
	strbuf_puts(p->out, "!\n");
}

/* @first and those of its kind that follow, in order; for free(). */
static const struct lyd_node **
sorted_entries(const struct lyd_node *first, int (*compare)(const void *a, const void *b),
	       size_t *count)
{
	const struct lyd_node **entry;
	size_t i = 0;

	*count = 0;
	for (const struct lyd_node *n = first; n; n = next_of_kind(n))
		++*count;
	entry = xcalloc(*count, sizeof(*entry));
	for (const struct lyd_node *n = first; n; n = next_of_kind(n))
		entry[i++] = n;
	qsort(entry, *count, sizeof(*entry), compare);
	return entry;
}

/* ---- prefix-lists: a line for each entry ---- */

static const char *value_of(const struct lyd_node *parent, const char *leaf)
{
	const struct lyd_node *n = find(parent, leaf);

	return n ? lyd_get_value(n) : NULL;
}

static int compare_rules(const void *a, const void *b)
{
	const struct lyd_node *const *x = a, *const *y = b;
	unsigned long m = strtoul(entry_name(*x), NULL, 10);
	unsigned long n = strtoul(entry_name(*y), NULL, 10);

	return (m > n) - (m < n);
}

static void print_rule(struct printer *p, const char *list, const struct lyd_node *n)
{
	static const char *const ends[] = {"ge", "le"};

	strbuf_printf(p->out, "prefix-list %s seq %s %s %s", list, entry_name(n),
		      value_of(n, "action") ?: "?", value_of(n, "prefix") ?: "?");
	for (unsigned i = 0; i < ARRAY_SIZE(ends); i++)
		if (value_of(n, ends[i]))
			strbuf_printf(p->out, " %s %s", ends[i], value_of(n, ends[i]));
	strbuf_puts(p->out, "\n");
}

static void print_rules(struct printer *p, const struct lyd_node *list)
{
	const struct lyd_node *first = find(list, "seq");
	const struct lyd_node **entry;
	size_t count;

	if (!first)
		return;
	entry = sorted_entries(first, compare_rules, &count);
	for (size_t i = 0; i < count; i++)
		print_rule(p, entry_name(list), entry[i]);
	free(entry);
}

/* ---- lists ---- */

static void print_entries(struct printer *p, const struct cli_form *f,
			  const struct lyd_node *first, enum cli_node node)
{
	size_t count;
	const struct lyd_node **entry = sorted_entries(first, compare_entries, &count);

	for (size_t i = 0; i < count; i++) {
		if (f->cmd->kind == CLI_RULE)
			print_rules(p, entry[i]);
		else
			print_entry(p, f, entry[i], node);
	}
	free(entry);
}

static void print_form(struct printer *p, const struct cli_form *f,
		       const struct lyd_node *parent, enum cli_node node)
{
	const struct lyd_node *first = find(parent, f->cmd->yang);

	if (!first || first->flags & LYD_DEFAULT)
		return;
	switch (f->cmd->kind) {
	case CLI_LEAF:
	case CLI_PRESENT:
	case CLI_SWITCH:
		print_leaf(p, f, first, node);
		break;
	case CLI_LEAF_LIST:
		for (const struct lyd_node *n = first; n; n = next_of_kind(n))
			print_leaf(p, f, n, node);
		break;
	case CLI_ENTRY:
	case CLI_RULE:
		print_entries(p, f, first, node);
		break;
	case CLI_ACTION:
	case CLI_IGNORED:
		break;
	}
}

/* Lines that belong together before the first block are closed by a '!' of their own. */
static void print_node(struct printer *p, const struct lyd_node *parent,
		       enum cli_node node)
{
	size_t begin = p->out->len;
	bool lines = true;

	for (size_t i = 0; i < p->forms->count; i++) {
		const struct cli_form *f = &p->forms->form[i];

		if (!f->cmd->yang || !(f->cmd->nodes & CLI_IN(node)))
			continue;
		if (f->cmd->kind == CLI_ENTRY && lines && find(parent, f->cmd->yang)) {
			lines = false;
			if (p->out->len > begin) {
				begin_line(p, f, node);
				strbuf_puts(p->out, "!\n");
			}
		}
		print_form(p, f, parent, node);
	}
}

void config_print(const struct cli_forms *forms, const struct lyd_node *root,
		  bool secrets, struct strbuf *out)
{
	struct printer p = {.forms = forms, .secrets = secrets, .out = out};

	strbuf_puts(out, "!\n");
	if (root)
		print_node(&p, root, CLI_CONFIG);
}
