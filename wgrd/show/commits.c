/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/conf/confirm.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"

static const char *user_of(const struct commit_record *r)
{
	return *r->origin.user ? r->origin.user : "-";
}

/* ---- show wireguard commits ---- */

static const unsigned columns[] = {0, 8, 29, 42, 49};

static void commit_row(const struct commit_record *r, struct strbuf *out)
{
	char id[24], when[SHOW_FIELD_LEN], count[48];
	const char *cell[] = {id, show_time(r->when, when), user_of(r), count,
			      r->origin.from};

	snprintf(id, sizeof(id), "%" PRIu64, r->id);
	snprintf(count, sizeof(count), "+%zu-%zu", edits_count_set(&r->forward),
		 edits_count_set(&r->back));
	show_row(out, columns, cell, ARRAY_SIZE(cell));
}

static void commits_text(const struct commit_log *h, const struct confirm_view *trial,
			 struct strbuf *out)
{
	static const char *const heads[] = {"Commit", "When", "User", "Lines", "From"};

	if (trial)
		strbuf_printf(out,
			      "On trial for %s: back to commit %" PRIu64 " in %" PRIu64
			      " s unless confirmed\n\n",
			      trial->by, trial->base, trial->left_s);
	show_row(out, columns, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < commit_log_count(h) && !show_is_full(out); i++)
		commit_row(commit_log_get(h, i), out);
}

static void record_json(const struct commit_record *r, struct json *j)
{
	json_num(j, "commit", r->id);
	json_num(j, "time", (uint64_t)r->when);
	json_str(j, "user", *r->origin.user ? r->origin.user : NULL);
	json_str(j, "from", *r->origin.from ? r->origin.from : NULL);
	json_num(j, "added", edits_count_set(&r->forward));
	json_num(j, "removed", edits_count_set(&r->back));
}

static void commits_json(const struct commit_log *h, const struct confirm_view *trial,
			 struct json *j)
{
	if (trial) {
		json_object(j, "trial");
		json_num(j, "back-to", trial->base);
		json_num(j, "seconds-left", trial->left_s);
		json_str(j, "by", trial->by);
		json_object_end(j);
	}
	json_array(j, "commits");
	for (size_t i = 0; i < commit_log_count(h) && !show_is_full(j->out); i++) {
		json_object(j, NULL);
		record_json(commit_log_get(h, i), j);
		json_object_end(j);
	}
	json_array_end(j);
}

void show_commits(const struct mgmt *m, bool json, struct strbuf *out)
{
	const struct commit_log *h = datastore_commit_log(m->deps.datastore);
	struct json j = {.out = out};
	struct confirm_view trial;
	bool is_trial = confirm_view(m->deps.confirm, &trial);

	if (!json) {
		commits_text(h, is_trial ? &trial : NULL, out);
		return;
	}
	json_object(&j, NULL);
	commits_json(h, is_trial ? &trial : NULL, &j);
	json_object_end(&j);
	json_end(&j);
}

/* ---- show wireguard commit NUMBER ---- */

/* "wireguard[name='wg0']/mtu" as it is typed: "wireguard wg0 mtu". */
static void words(struct strbuf *out, const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "[/");

		strbuf_add(out, path, len);
		path += len;
		if (*path == '[') {
			path += strcspn(path, "'") + 1;
			len = strcspn(path, "'");
			strbuf_puts(out, " ");
			strbuf_add(out, path, len);
			path += len + 2;
		}
		if (*path == '/') {
			strbuf_puts(out, " ");
			path++;
		}
	}
}

struct lines {
	const struct datastore *ds;
	const char *mark;
	struct strbuf *out;
};

static void edit_text(const struct lines *l, const struct conf_edit *e)
{
	strbuf_printf(l->out, "  %s ", l->mark);
	words(l->out, e->path);
	if (e->value)
		strbuf_printf(l->out, " %s",
			      datastore_path_is_secret(l->ds, e->path) ? "(not shown)"
								       : e->value);
	strbuf_puts(l->out, "\n");
}

static void edits_text(const struct lines *l, const struct edits *e)
{
	for (size_t i = 0; i < e->count && !show_is_full(l->out); i++)
		if (!e->edit[i].unset)
			edit_text(l, &e->edit[i]);
}

static void edits_json(const struct datastore *ds, const char *key, const struct edits *e,
		       struct json *j)
{
	json_array(j, key);
	for (size_t i = 0; i < e->count && !show_is_full(j->out); i++) {
		const struct conf_edit *edit = &e->edit[i];

		if (edit->unset)
			continue;
		json_object(j, NULL);
		json_str(j, "path", edit->path);
		if (edit->value && !datastore_path_is_secret(ds, edit->path))
			json_str(j, "value", edit->value);
		json_object_end(j);
	}
	json_array_end(j);
}

static void commit_text(const struct datastore *ds, const struct commit_record *r,
			struct strbuf *out)
{
	char when[SHOW_FIELD_LEN];

	strbuf_printf(out, "Commit %" PRIu64 ", %s, %s, %s\n", r->id,
		      show_time(r->when, when), user_of(r),
		      *r->origin.from ? r->origin.from : "-");
	edits_text(&(struct lines){ds, "-", out}, &r->back);
	edits_text(&(struct lines){ds, "+", out}, &r->forward);
}

bool show_commit(const struct mgmt *m, uint64_t id, bool json, struct strbuf *out)
{
	const struct datastore *ds = m->deps.datastore;
	const struct commit_record *r = commit_log_find(datastore_commit_log(ds), id);
	struct json j = {.out = out};

	if (!r)
		return false;
	if (!json) {
		commit_text(ds, r, out);
		return true;
	}
	json_object(&j, NULL);
	record_json(r, &j);
	edits_json(ds, "removed-lines", &r->back, &j);
	edits_json(ds, "added-lines", &r->forward, &j);
	json_object_end(&j);
	json_end(&j);
	return true;
}
