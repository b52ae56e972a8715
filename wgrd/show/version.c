/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/loop.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"

void show_version(const struct mgmt *m, bool json, struct strbuf *out)
{
	uint64_t up_ns = loop_now_ns(m->deps.loop) - m->started_ns;
	struct json j = {.out = out};
	char buf[SHOW_FIELD_LEN];

	if (!json) {
		strbuf_printf(out, "wgrd %s, up for %s\n", m->deps.version,
			      show_duration(up_ns, buf));
		return;
	}
	json_object(&j, NULL);
	json_str(&j, "name", "wgrd");
	json_str(&j, "version", m->deps.version);
	json_num(&j, "uptime-seconds", up_ns / NS_PER_S);
	json_object_end(&j);
	json_end(&j);
}
