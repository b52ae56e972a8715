/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vtysh-ext/spell_out.h"

#include <string.h>

/* The node that @line leads to from @node; CLI_NODE_COUNT: it is no such line. */
static enum cli_node entered_by(enum cli_node node, const char *line)
{
	for (size_t i = 0; i < cli_command_count; i++) {
		const struct cli_command *c = &cli_commands[i];
		size_t word = strcspn(c->pattern, " ");

		if (c->kind == CLI_ENTRY && c->nodes & CLI_IN(node) &&
		    !strncmp(line, c->pattern, word) && line[word] == ' ')
			return c->enters;
	}
	return CLI_NODE_COUNT;
}

bool spell_out_begins_block(const char *line)
{
	return entered_by(CLI_CONFIG, line) != CLI_NODE_COUNT;
}

void spell_out_begin(struct spell_out *s)
{
	*s = (struct spell_out){.node = {CLI_CONFIG}, .pending = SPELL_OUT_DEPTH};
}

static void print(const struct spell_out *s, size_t depth, const char *lead,
		  const char *line, struct strbuf *out)
{
	strbuf_puts(out, lead);
	for (size_t i = 0; i < depth; i++)
		strbuf_printf(out, "%s ", s->way[i]);
	strbuf_printf(out, "%s\n", line);
}

/* Something at @depth is about to be printed. */
static void settle_pending(struct spell_out *s, size_t depth, struct strbuf *out)
{
	size_t empty = s->pending;

	s->pending = SPELL_OUT_DEPTH;
	if (empty < SPELL_OUT_DEPTH && depth <= empty)
		print(s, empty + 1, "", cli_nodes[s->node[empty + 1]].leave, out);
}

static bool only_closes(enum cli_node node, const char *line)
{
	const char *leave = cli_nodes[node].leave;

	return !strcmp(line, "!") || (leave && !strcmp(line, leave));
}

static bool take_lead(const char **line, const char *lead)
{
	size_t len = strlen(lead);

	if (strncmp(*line, lead, len) != 0)
		return false;
	*line += len;
	return true;
}

/* What stands before a line stands before all of it when it is spelt out. */
static void print_setting(struct spell_out *s, size_t depth, const char *line,
			  struct strbuf *out)
{
	const char *lead = "";

	if (take_lead(&line, "! "))
		lead = "! "; /* a remark; implies nothing */
	else
		settle_pending(s, depth, out);
	if (take_lead(&line, "no "))
		lead = "no ";
	print(s, depth, lead, line, out);
}

void spell_out_line(struct spell_out *s, const char *line, struct strbuf *out)
{
	size_t depth = strspn(line, " ");
	enum cli_node inner;

	line += depth;
	if (depth >= SPELL_OUT_DEPTH || (depth && !s->way[depth - 1]) ||
	    only_closes(s->node[depth + 1], line))
		return;
	inner = entered_by(s->node[depth], line);
	if (inner == CLI_NODE_COUNT) {
		print_setting(s, depth, line, out);
		s->way[depth] = NULL;
		return;
	}
	settle_pending(s, depth, out);
	s->way[depth] = line;
	s->node[depth + 1] = inner;
	s->pending = depth;
}

void spell_out_end(struct spell_out *s, struct strbuf *out)
{
	settle_pending(s, 0, out);
	spell_out_begin(s);
}
