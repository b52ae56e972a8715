/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "wgrd/mgmt/events.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"

enum {
	TEXT_AT = 20, /* column after the time */
};

static void event_text(const struct event *ev, struct strbuf *out)
{
	char when[SHOW_FIELD_LEN];

	strbuf_printf(out, "%-*s", TEXT_AT, show_time(ev->when_ms / 1000, when));
	show_wrapped(out, TEXT_AT, TEXT_AT, ev->text);
}

static void name_json(struct json *j, const char *key, const char *name)
{
	json_str(j, key, *name ? name : NULL);
}

static void event_json(const struct event *ev, struct json *j)
{
	json_object(j, NULL);
	json_num(j, "event", ev->id);
	json_num(j, "time-ms", (uint64_t)ev->when_ms);
	json_str(j, "kind", event_kind_name(ev->kind));
	name_json(j, "interface", ev->interface);
	name_json(j, "peer", ev->peer);
	name_json(j, "tenant", ev->tenant);
	json_str(j, "text", ev->text);
	json_object_end(j);
}

void show_events(const struct mgmt *m, const char *peer, bool json, struct strbuf *out)
{
	const struct events *e = m->deps.events;
	struct json j = {.out = out};
	bool any = false;

	if (json) {
		json_object(&j, NULL);
		json_array(&j, "events");
	}
	for (size_t i = 0; i < events_count(e) && !show_is_full(out); i++) {
		const struct event *ev = events_get(e, i);

		if (peer && strcmp(peer, ev->peer) != 0)
			continue;
		any = true;
		if (json)
			event_json(ev, &j);
		else
			event_text(ev, out);
	}
	if (json) {
		json_array_end(&j);
		json_object_end(&j);
		json_end(&j);
	} else if (!any) {
		strbuf_printf(out, "Nothing is remembered%s%s.\n",
			      peer ? " of peer " : "", peer ?: "");
	}
}
