/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/edit.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/cli/rule.h"
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

/* The entry meant by @node: named in the line itself, or the one the session is in. */
static const char *entry_name(const struct cli_session *s, const struct cli_call *call,
			      enum cli_node node)
{
	return call->way[node] ?: s->name[node];
}

static void add_node_path(struct strbuf *path, const struct cli_session *s,
			  const struct cli_call *call, enum cli_node node)
{
	if (!cli_nodes[node].list)
		return;
	add_node_path(path, s, call, cli_nodes[node].parent);
	strbuf_printf(path, "%s%s[name='%s']", path->len ? "/" : "", cli_nodes[node].list,
		      entry_name(s, call, node));
}

static struct strbuf command_path(const struct cli_session *s, enum cli_node node,
				  const struct cli_call *call)
{
	const struct cli_command *cmd = call->form->cmd;
	struct strbuf path = {0};

	add_node_path(&path, s, call, node);
	if (cmd->kind == CLI_ACTION) /* the entry itself */
		return path;
	strbuf_printf(&path, "%s%s", path.len ? "/" : "", cmd->yang);
	if (cmd->kind == CLI_ENTRY)
		strbuf_printf(&path, "[name='%s']", call->value);
	return path;
}

/* Entries named in the line are made on the way; but another session may have removed the
 * entry that this one is in, and there is nothing to take back from one that is not there. */
static bool node_is_there(const struct cli_session *s, const struct cli_call *call,
			  enum cli_node node)
{
	struct strbuf path = {0};
	bool there;

	while (!call->no && call->way[node])
		node = cli_nodes[node].parent;
	add_node_path(&path, s, call, node);
	there = !path.len || datastore_exists(s->m->deps.datastore, path.s);
	strbuf_free(&path);
	return there;
}

/* ---- the candidate ---- */

static bool take_candidate(struct cli_session *s, struct cli_refusal *refusal)
{
	refusal->word[0] = '\0';
	return !candidate_take(&s->candidate, refusal->why, sizeof(refusal->why));
}

static bool commit(struct cli_session *s, struct cli_refusal *refusal)
{
	int err;

	datastore_set_origin(s->m->deps.datastore, &s->origin);
	err = candidate_commit(&s->candidate, refusal->why, sizeof(refusal->why));
	if (err)
		cli_edit_explain(s->m, refusal);
	else
		snprintf(refusal->why, sizeof(refusal->why), "%s",
			 datastore_notice(s->m->deps.datastore));
	return !err;
}

/* Without the '%' of errors. */
void cli_tell_notice(const struct cli_refusal *notice, struct strbuf *out)
{
	if (notice->why[0])
		strbuf_printf(out, "%s\n", notice->why);
}

void cli_group_drop(struct cli_session *s)
{
	candidate_drop(&s->candidate);
	s->group = false;
}

void cli_group_begin(struct cli_session *s)
{
	cli_group_drop(s);
	s->group = true;
}

bool cli_group_end(struct cli_session *s, struct cli_refusal *refusal)
{
	bool ok = true;

	if (s->candidate.edits.count)
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

static struct conf_edit edit_of(const struct cli_call *call, char *path)
{
	static char off[] = "false";
	struct conf_edit e = {.unset = call->no, .path = path};

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
	case CLI_RULE:
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

/* All of them or none: in a group what is remembered comes back when the candidate is
 * taken again. */
static bool apply_edits(struct cli_session *s, const struct conf_edit *e, unsigned n,
			struct cli_refusal *refusal)
{
	for (unsigned i = 0; i < n; i++) {
		if (!candidate_edit(&s->candidate, &e[i], refusal->why,
				    sizeof(refusal->why)))
			continue;
		cli_edit_explain(s->m, refusal);
		if (s->group && i)
			candidate_release(&s->candidate);
		return false;
	}
	for (unsigned i = 0; s->group && i < n; i++)
		candidate_remember(&s->candidate, &e[i]);
	return true;
}

static bool end_edits(struct cli_session *s, struct cli_refusal *refusal)
{
	return s->group || s->file || commit(s, refusal);
}

static bool unset(struct cli_session *s, char *path, struct cli_refusal *refusal)
{
	struct conf_edit e = {.unset = true, .path = path};

	if (candidate_edit(&s->candidate, &e, refusal->why, sizeof(refusal->why))) {
		cli_edit_explain(s->m, refusal);
		return false;
	}
	if (s->group)
		candidate_remember(&s->candidate, &e);
	return true;
}

/* What a line spelt from above has made on the way goes with the last setting in it. */
static bool unset_what_is_empty(struct cli_session *s, const struct cli_call *call,
				enum cli_node node, struct cli_refusal *refusal)
{
	bool ok = true, more = true;

	for (; ok && more && call->way[node]; node = cli_nodes[node].parent) {
		struct strbuf path = {0};

		add_node_path(&path, s, call, node);
		more = datastore_is_empty(s->m->deps.datastore, path.s);
		if (more)
			ok = unset(s, path.s, refusal);
		strbuf_free(&path);
	}
	return ok;
}

static bool edit_at(struct cli_session *s, enum cli_node node,
		    const struct cli_call *call, char *path, struct cli_refusal *refusal)
{
	enum cli_kind kind = call->form->cmd->kind;
	struct conf_edit e = edit_of(call, path);

	if (!take_candidate(s, refusal))
		return false;
	if (!node_is_there(s, call, node))
		return refused(
			refusal, entry_name(s, call, node),
			call->way[node]
				? "%s %s is not there"
				: "%s %s is not there any more: it was removed meanwhile",
			cli_nodes[node].name, entry_name(s, call, node));
	if (said_before(s, call, path, refusal))
		return false;
	if ((kind == CLI_ENTRY || kind == CLI_ACTION) && !call->no &&
	    datastore_exists(s->m->deps.datastore, path))
		return true; /* entered, not made */
	if (!apply_edits(s, &e, 1, refusal))
		return false;
	if (call->no && !unset_what_is_empty(s, call, node, refusal))
		return false;
	return end_edits(s, refusal);
}

static bool rule_line(struct cli_session *s, const struct cli_call *call,
		      struct cli_refusal *refusal)
{
	struct cli_rule rule;
	bool ok = false;

	if (!cli_rule_edits(call, &rule, refusal) || !take_candidate(s, refusal))
		return false;
	if (s->file && !call->no && datastore_exists(s->m->deps.datastore, rule.path[0]))
		refused(refusal, call->word[CLI_RULE_SEQ],
			"prefix-list %s has an entry of this number already",
			call->word[CLI_RULE_NAME]);
	else
		ok = apply_edits(s, rule.edit, rule.edits, refusal) &&
		     end_edits(s, refusal);
	if (!s->group && !s->file)
		candidate_release(&s->candidate);
	return ok;
}

/* The names were accepted by the datastore, so they fit. */
static void enter(struct cli_session *s, const struct cli_call *call)
{
	enum cli_node node = call->form->cmd->enters;

	for (enum cli_node n = 0; n < CLI_NODE_COUNT; n++)
		if (call->way[n])
			snprintf(s->name[n], sizeof(s->name[n]), "%s", call->way[n]);
	snprintf(s->name[node], sizeof(s->name[node]), "%s", call->value);
	s->node = node;
}

static bool name_is_clean(const char *name, struct cli_refusal *refusal)
{
	if (!name || !strpbrk(name, "'\"[]"))
		return true;
	return refused(refusal, name, "%s: quotes and brackets are not allowed in a name",
		       name);
}

static bool names_are_clean(const struct cli_call *call, struct cli_refusal *refusal)
{
	for (enum cli_node n = 0; n < CLI_NODE_COUNT; n++)
		if (!name_is_clean(call->way[n], refusal))
			return false;
	return call->form->cmd->kind != CLI_ENTRY || name_is_clean(call->value, refusal);
}

bool cli_edit_line(struct cli_session *s, enum cli_node node, struct cli_call *call,
		   struct cli_refusal *refusal)
{
	const struct cli_command *cmd = call->form->cmd;
	struct strbuf path;
	bool ok;

	if (cmd->kind == CLI_IGNORED)
		return true;
	if (cmd->kind == CLI_RULE)
		return rule_line(s, call, refusal);
	if (!names_are_clean(call, refusal))
		return false;
	if (cmd->flags & CLI_SECRET && !call->no && s->m->deps.keys_in_files)
		return refused(refusal, "",
			       "frr.conf, which wgrd is started from, cannot hold keys: "
			       "put it into a file, and use %.*s-file",
			       (int)call->form->word[0].text.len,
			       call->form->word[0].text.s);
	if (cmd->flags & CLI_MARK)
		spell_mark(call);
	path = command_path(s, node, call);
	ok = edit_at(s, node, call, path.s, refusal);
	if (!s->group && !s->file)
		candidate_release(&s->candidate);
	if (ok && cmd->kind == CLI_ENTRY && !call->no)
		enter(s, call);
	strbuf_free(&path);
	return ok;
}
