/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "wgrd/learn/learn.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"

static bool table_text(const struct learn_table_view *v, void *arg)
{
	struct strbuf *out = arg;
	char count[SHOW_FIELD_LEN];

	strbuf_printf(out, "Table %" PRIu32 ": %s%s\n", v->table,
		      show_count(v->routes, "route", count),
		      v->complete ? "" : ", to be read again");
	for (unsigned k = 0; k < KFOREIGN_KIND_COUNT; k++)
		if (v->ignored[k])
			strbuf_printf(out, "  %-16s%" PRIu64 ", %s\n", "Not learned",
				      v->ignored[k], kforeign_kind_name(k));
	return !show_is_full(out);
}

static bool table_json(const struct learn_table_view *v, void *arg)
{
	struct json *j = arg;

	json_object(j, NULL);
	json_num(j, "table", v->table);
	json_num(j, "routes", v->routes);
	json_bool(j, "complete", v->complete);
	json_array(j, "ignored");
	for (unsigned k = 0; k < KFOREIGN_KIND_COUNT; k++) {
		if (!v->ignored[k])
			continue;
		json_object(j, NULL);
		json_str(j, "reason", kforeign_kind_name(k));
		json_num(j, "announcements", v->ignored[k]);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
	return !show_is_full(j->out);
}

void show_tables(const struct mgmt *m, bool json, struct strbuf *out)
{
	struct json j = {.out = out};
	uint64_t overruns = 0, reads = 0;

	if (m->deps.learn)
		learn_counts(m->deps.learn, &overruns, &reads);
	if (!json) {
		if (m->deps.learn)
			learn_walk(m->deps.learn, table_text, out);
		strbuf_printf(out,
			      "Tables were read %" PRIu64
			      " times, announcements lost %" PRIu64 " times\n",
			      reads, overruns);
		return;
	}
	json_object(&j, NULL);
	json_array(&j, "tables");
	if (m->deps.learn)
		learn_walk(m->deps.learn, table_json, &j);
	json_array_end(&j);
	json_num(&j, "reads", reads);
	json_num(&j, "overruns", overruns);
	json_object_end(&j);
	json_end(&j);
}
