/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "wgrd/mgmt/json.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/mgmt/show.h"
#include "wgrd/wg/wg.h"

/* "a,b", and "a*1,b*3" when the weights differ from one. */
static void group_text(struct strbuf *out, const struct wg_group *g)
{
	const struct wg_nexthop *nh = NULL;
	unsigned n = g ? wg_group_members(g, &nh) : 0;
	bool weighted = false;

	for (unsigned i = 0; i < n; i++)
		weighted = weighted || nh[i].weight != 1;
	for (unsigned i = 0; i < n; i++) {
		strbuf_printf(out, "%s%s", i ? "," : "", wg_peer_name(nh[i].peer));
		if (weighted)
			strbuf_printf(out, "*%u", nh[i].weight);
	}
	if (!n)
		strbuf_puts(out, "-");
}

static void row(struct strbuf *out, const char *prefix, const char *to, const char *from)
{
	static const unsigned at[] = {2, 33, 56};

	show_row(out, at, (const char *[]){prefix, to, from}, ARRAY_SIZE(at));
}

static bool prefix_text(const struct prefix *p, const struct wg_group *egress,
			const struct wg_group *ingress, void *arg)
{
	struct strbuf *out = arg, to = {0}, from = {0};
	char text[PREFIX_STRLEN];

	group_text(&to, egress);
	group_text(&from, ingress);
	row(out, prefix_str(p, text), to.s, from.s);
	strbuf_free(&to);
	strbuf_free(&from);
	return !show_is_full(out);
}

static bool device_text(struct wg_device *d, void *arg)
{
	struct strbuf *out = arg;
	struct wg_device_view v;

	wg_device_view(d, &v);
	strbuf_printf(out, "%sInterface %s: %zu prefixes in egress, %zu in ingress\n",
		      out->len ? "\n" : "", v.name, v.egress_prefixes,
		      v.ingress_prefixes);
	if (v.egress_prefixes || v.ingress_prefixes)
		row(out, "Prefix", "Egress: send to", "Ingress: accept from");
	wg_walk_permissions(d, prefix_text, out);
	return !show_is_full(out);
}

static void group_json(struct json *j, const char *key, const struct wg_group *g)
{
	const struct wg_nexthop *nh = NULL;
	unsigned n = g ? wg_group_members(g, &nh) : 0;

	json_array(j, key);
	for (unsigned i = 0; i < n; i++) {
		json_object(j, NULL);
		json_str(j, "peer", wg_peer_name(nh[i].peer));
		json_num(j, "weight", nh[i].weight);
		json_object_end(j);
	}
	json_array_end(j);
}

static bool prefix_json(const struct prefix *p, const struct wg_group *egress,
			const struct wg_group *ingress, void *arg)
{
	struct json *j = arg;
	char text[PREFIX_STRLEN];

	json_object(j, NULL);
	json_str(j, "prefix", prefix_str(p, text));
	group_json(j, "egress", egress);
	group_json(j, "ingress", ingress);
	json_object_end(j);
	return !show_is_full(j->out);
}

static bool device_json(struct wg_device *d, void *arg)
{
	struct json *j = arg;

	json_object(j, NULL);
	json_str(j, "name", wg_device_name(d));
	json_array(j, "permissions");
	wg_walk_permissions(d, prefix_json, j);
	json_array_end(j);
	json_object_end(j);
	return !show_is_full(j->out);
}

void show_permissions(const struct mgmt *m, bool json, struct strbuf *out)
{
	struct json j = {.out = out};

	if (!json) {
		wg_walk_devices(m->deps.wg, device_text, out);
		if (!out->len)
			strbuf_puts(out, "No WireGuard interface is configured.\n");
		return;
	}
	json_object(&j, NULL);
	json_array(&j, "interfaces");
	wg_walk_devices(m->deps.wg, device_json, &j);
	json_array_end(&j);
	json_object_end(&j);
	json_end(&j);
}
