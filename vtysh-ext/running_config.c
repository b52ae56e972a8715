/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vtysh-ext/running_config.h"

#include <string.h>

#include "vtysh-ext/saving.h"
#include "vtysh-ext/spell_out.h"

#define EXPORTED __attribute__((visibility("default")))

static const struct frr *watched; /* NULL: libfrr's functions as they are */

/* Lines as vtysh allocated them; they go back into its list to be freed. */
static char **kept;
static size_t kept_count, kept_cap;
static bool in_block; /* the latest line at the margin began one of ours */

static void keep(char *line)
{
	if (kept_count == kept_cap) {
		kept_cap = kept_cap ? 2 * kept_cap : 64;
		kept = xrealloc(kept, kept_cap, sizeof(*kept));
	}
	kept[kept_count++] = line;
}

static bool is_ours(const char *line)
{
	if (line[0] != ' ')
		in_block = spell_out_begins_block(line);
	return in_block;
}

static void print_kept(void)
{
	struct strbuf text = {0};
	struct spell_out s;

	if (!kept_count)
		return;
	spell_out_begin(&s);
	for (size_t i = 0; i < kept_count; i++)
		spell_out_line(&s, kept[i], &text);
	spell_out_end(&s, &text);
	watched->out(*watched->vty, "!\n%s", strbuf_str(&text));
	strbuf_free(&text);
}

/* ---- in front of libfrr's ---- */

EXPORTED void *listnode_add(struct list *list, void *value);
EXPORTED void list_delete_all_node(struct list *list);

void *listnode_add(struct list *list, void *value)
{
	static void *(*next)(struct list * list, void *value);

	if (watched && list == *watched->config_top && is_ours(value)) {
		keep(value);
		return NULL; /* vtysh does not look */
	}
	if (!next)
		next = frr_next("listnode_add");
	return next(list, value);
}

void list_delete_all_node(struct list *list)
{
	static void (*next)(struct list * list);

	if (!next)
		next = frr_next("list_delete_all_node");
	if (watched && list == *watched->config_top) {
		print_kept();
		saving_also(watched);
		for (size_t i = 0; i < kept_count; i++)
			watched->list_add(list, kept[i]);
		kept_count = 0;
		in_block = false;
	}
	next(list);
}

void running_config_watch(const struct frr *frr)
{
	watched = frr;
}
