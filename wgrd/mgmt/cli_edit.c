/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/mgmt/cli_edit.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/datastore.h"
#include "wgrd/mgmt/mgmt_priv.h"

static bool refused(struct cli_refusal *r, const char *word, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

static bool refused(struct cli_refusal *r, const char *word, const char *fmt, ...)
{
	va_list args;

	snprintf(r->word, sizeof(r->word), "%s", word);
	va_start(args, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, args);
	va_end(args);
	return false;
}

void cli_edit_explain(const struct mgmt *m, struct cli_refusal *refusal)
{
	struct datastore_refusal r = datastore_refused(m->deps.datastore);

	snprintf(refusal->word, sizeof(refusal->word), "%s", *r.value ? r.value : r.word);
}

/* ---- paths ---- */

static void add_node_path(struct strbuf *path, const struct cli_session *s,
			  enum cli_node node)
{
	if (!cli_nodes[node].list)
		return;
	add_node_path(path, s, cli_nodes[node].parent);
	strbuf_printf(path, "%s%s[name='%s']", path->len ? "/" : "", cli_nodes[node].list,
		      s->name[node]);
}

static struct strbuf command_path(const struct cli_session *s, enum cli_node node,
				  const struct cli_call *call)
{
	const struct cli_command *cmd = call->form->cmd;
	struct strbuf path = {0};

	add_node_path(&path, s, node);
	strbuf_printf(&path, "%s%s", path.len ? "/" : "", cmd->yang);
	if (cmd->kind == CLI_ENTRY)
		strbuf_printf(&path, "[name='%s']", call->value);
	return path;
}

/* Another session may have removed the entry that this one is in. */
static bool node_is_there(const struct cli_session *s, enum cli_node node)
{
	struct strbuf path = {0};
	bool there;

	add_node_path(&path, s, node);
	there = !path.len || datastore_exists(s->m->deps.datastore, path.s);
	strbuf_free(&path);
	return there;
}

/* ---- the candidate ---- */

static int apply(struct datastore *ds, const struct cli_edit *e, char *why,
		 size_t why_len)
{
	if (e->unset)
		return datastore_unset(ds, e->path, e->value, why, why_len);
	return datastore_set(ds, e->path, e->value, why, why_len);
}

/* See struct mgmt.candidate_owner. */
static bool take_candidate(struct cli_session *s, struct cli_refusal *refusal)
{
	struct datastore *ds = s->m->deps.datastore;

	if (s->m->candidate_owner == s && datastore_candidate_open(ds))
		return true;
	datastore_discard(ds);
	s->m->candidate_owner = s;
	for (size_t i = 0; i < s->edits; i++) {
		char why[sizeof(refusal->why) / 2];

		if (apply(ds, &s->edit[i], why, sizeof(why)))
			return refused(refusal, "", "an earlier line of this group: %s",
				       why);
	}
	return true;
}

static void give_up_candidate(struct cli_session *s)
{
	if (s->m->candidate_owner != s)
		return;
	s->m->candidate_owner = NULL;
	datastore_discard(s->m->deps.datastore);
}

static void forget(struct cli_edit *e)
{
	if (e->value)
		explicit_bzero(e->value, strlen(e->value)); /* may be a key */
	free(e->value);
	free(e->path);
}

static void remember(struct cli_session *s, const struct cli_edit *e)
{
	if (s->edits == s->edits_cap) {
		s->edits_cap = s->edits_cap ? s->edits_cap * 2 : 16;
		s->edit = xrealloc(s->edit, s->edits_cap, sizeof(s->edit[0]));
	}
	s->edit[s->edits++] = (struct cli_edit){
		.unset = e->unset,
		.path = xstrdup(e->path),
		.value = e->value ? xstrdup(e->value) : NULL,
	};
}

static bool commit(struct cli_session *s, struct cli_refusal *refusal)
{
	int err = datastore_commit(s->m->deps.datastore, refusal->why,
				   sizeof(refusal->why));

	s->m->candidate_owner = NULL;
	if (err)
		cli_edit_explain(s->m, refusal);
	return !err;
}

void cli_group_drop(struct cli_session *s)
{
	for (size_t i = 0; i < s->edits; i++)
		forget(&s->edit[i]);
	free(s->edit);
	s->edit = NULL;
	s->edits = s->edits_cap = 0;
	s->group = false;
	give_up_candidate(s);
}

void cli_group_begin(struct cli_session *s)
{
	cli_group_drop(s);
	s->group = true;
}

bool cli_group_end(struct cli_session *s, struct cli_refusal *refusal)
{
	bool ok = true;

	if (s->edits)
		ok = take_candidate(s, refusal) && commit(s, refusal);
	cli_group_drop(s);
	return ok;
}

/* ---- a line ---- */

/* YANG knows decimal numbers only. */
static void spell_mark(struct cli_call *call)
{
	const char *s = call->value;
	unsigned long long n;
	char *end;

	if (!s || s[0] != '0' || (s[1] != 'x' && s[1] != 'X') ||
	    !isxdigit((unsigned char)s[2]))
		return;
	errno = 0;
	n = strtoull(s, &end, 16);
	if (errno || *end || n > UINT32_MAX) /* refused as it was typed */
		return;
	snprintf(call->canonical, sizeof(call->canonical), "%llu", n);
	call->value = call->canonical;
}

static struct cli_edit edit_of(const struct cli_call *call, char *path)
{
	static char off[] = "false";
	struct cli_edit e = {.unset = call->no, .path = path};

	switch (call->form->cmd->kind) {
	case CLI_LEAF:
	case CLI_LEAF_LIST:
		e.value = call->value;
		break;
	case CLI_SWITCH: /* true by default: that it is on need not be said */
		e.unset = !call->no;
		e.value = call->no ? off : NULL;
		break;
	case CLI_ENTRY:
	case CLI_PRESENT:
	case CLI_ACTION:
	case CLI_IGNORED:
		break;
	}
	return e;
}

/* In a file nothing is said twice: it would be a block that was copied, and not changed
 * enough. */
static bool said_before(const struct cli_session *s, const struct cli_call *call,
			const char *path, struct cli_refusal *refusal)
{
	struct cli_span word = call->form->word[call->form->fixed - 1].text;

	if (!s->file || call->no || !datastore_exists(s->m->deps.datastore, path))
		return false;
	snprintf(refusal->word, sizeof(refusal->word), "%.*s", (int)word.len, word.s);
	switch (call->form->cmd->kind) {
	case CLI_ENTRY:
		refused(refusal, call->value, "the file has a %.*s of this name already",
			(int)word.len, word.s);
		return true;
	case CLI_LEAF:
		snprintf(refusal->why, sizeof(refusal->why),
			 "an earlier line has set this already");
		return true;
	default:
		return false;
	}
}

static bool make_edit(struct cli_session *s, const struct cli_edit *e,
		      struct cli_refusal *refusal)
{
	if (apply(s->m->deps.datastore, e, refusal->why, sizeof(refusal->why))) {
		cli_edit_explain(s->m, refusal);
		return false;
	}
	if (s->group)
		remember(s, e);
	return s->group || s->file || commit(s, refusal);
}

static bool edit_at(struct cli_session *s, enum cli_node node,
		    const struct cli_call *call, char *path, struct cli_refusal *refusal)
{
	enum cli_kind kind = call->form->cmd->kind;
	struct cli_edit e = edit_of(call, path);

	if (!take_candidate(s, refusal))
		return false;
	if (!node_is_there(s, node))
		return refused(refusal, s->name[node],
			       "%s %s is not there any more: it was removed meanwhile",
			       cli_nodes[node].name, s->name[node]);
	if (said_before(s, call, path, refusal))
		return false;
	if (kind == CLI_ENTRY && !call->no &&
	    datastore_exists(s->m->deps.datastore, path))
		return true; /* entered, not made */
	return make_edit(s, &e, refusal);
}

static void enter(struct cli_session *s, enum cli_node node, const char *name)
{
	s->node = node;
	snprintf(s->name[node], sizeof(s->name[node]), "%s", name);
}

bool cli_edit_line(struct cli_session *s, enum cli_node node, struct cli_call *call,
		   struct cli_refusal *refusal)
{
	const struct cli_command *cmd = call->form->cmd;
	struct strbuf path;
	bool ok;

	if (cmd->kind == CLI_IGNORED)
		return true;
	if (cmd->kind == CLI_ENTRY && strpbrk(call->value, "'\"[]"))
		return refused(refusal, call->value,
			       "%s: quotes and brackets are not allowed in a name",
			       call->value);
	if (cmd->flags & CLI_MARK)
		spell_mark(call);
	path = command_path(s, node, call);
	ok = edit_at(s, node, call, path.s, refusal);
	if (!s->group && !s->file)
		give_up_candidate(s);
	if (ok && cmd->kind == CLI_ENTRY && !call->no)
		enter(s, cmd->enters, call->value);
	strbuf_free(&path);
	return ok;
}
