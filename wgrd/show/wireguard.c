/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/wg/keys.h"
#include "wgrd/mgmt/cleared.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"
#include "wgrd/wg/wg.h"

enum {
	DSCP_STRLEN = 5,
};

static struct show_traffic traffic_of(const struct wg_device_view *v)
{
	return (struct show_traffic){v->rx_bytes, v->tx_bytes, v->rx_packets,
				     v->tx_packets, v->packets_unknown};
}

static const char *device_state(const struct wg_device_view *v)
{
	return v->inactive ? "inactive" : v->up ? "up" : "down";
}

static const char *dscp_str(uint8_t dscp, char buf[static DSCP_STRLEN])
{
	if (dscp == CONF_DSCP_COPY)
		return "copy";
	if (!dscp)
		return "none";
	snprintf(buf, DSCP_STRLEN, "%u", dscp);
	return buf;
}

/* What is not as with the back end that has all that was asked for. */
static void backend_text(struct strbuf *out, const struct wg_device_view *v)
{
	char a[SHOW_FIELD_LEN], b[SHOW_FIELD_LEN];

	if (!strcmp(v->backend, "user"))
		return;
	strbuf_printf(out, "  %-16s%s%s\n", "Back end", v->backend,
		      v->adopted ? ", of an interface that was there" : "");
	if (v->degraded_prefixes)
		strbuf_printf(
			out, "  %-16s%s with one owner of those asked for\n", "Degraded",
			show_count_as(v->degraded_prefixes, "prefix", "prefixes", a));
	if (v->foreign_peers || v->foreign_prefixes)
		strbuf_printf(
			out, "  %-16s%s, %s\n", "Foreign",
			show_count(v->foreign_peers, "peer", a),
			show_count_as(v->foreign_prefixes, "prefix", "prefixes", b));
}

static void device_text(struct strbuf *out, const struct wg_device_view *v)
{
	const struct show_traffic traffic = traffic_of(v);
	char key[WG_KEY_STRLEN], dscp[DSCP_STRLEN];
	struct strbuf head = {0};

	strbuf_printf(&head, "Interface %s: %s", v->name, device_state(v));
	if (v->inactive)
		strbuf_printf(&head, " (%s)", v->inactive);
	if (v->ifindex)
		strbuf_printf(&head, ", ifindex %" PRIu32, v->ifindex);
	strbuf_printf(&head, ", %s%s", *v->tenant ? "tenant " : "no tenant", v->tenant);
	show_wrapped(out, 0, 2, head.s);
	strbuf_free(&head);
	backend_text(out, v);
	strbuf_printf(out, "  %-16s%s\n", "Public key",
		      v->public_key_set ? wg_key_str(v->public_key, key) : "-");
	for (size_t i = 0; i < v->additional_keys; i++)
		show_key(out, v->additional_key[i].name, v->additional_key[i].public_key,
			 v->additional_key[i].public_key_set);
	if (v->listen_port)
		strbuf_printf(out, "  %-16s%u\n", "Listen port", v->listen_port);
	if (v->fwmark)
		strbuf_printf(out, "  %-16s0x%" PRIx32 "\n", "Fwmark", v->fwmark);
	strbuf_printf(out, "  %-16s%u\n", "MTU", v->mtu);
	if (v->dscp)
		strbuf_printf(out, "  %-16s%s\n", "DSCP", dscp_str(v->dscp, dscp));
	strbuf_printf(out, "  %-16s%zu, %zu up\n", "Peers", v->peers, v->peers_up);
	strbuf_printf(out, "  %-16s%zu in egress, %zu in ingress\n", "Prefixes",
		      v->egress_prefixes, v->ingress_prefixes);
	show_traffic(out, &traffic);
}

static void device_json(struct json *j, const struct wg_device_view *v)
{
	const struct show_traffic traffic = traffic_of(v);
	char key[WG_KEY_STRLEN], dscp[DSCP_STRLEN];

	json_object(j, NULL);
	json_str(j, "name", v->name);
	json_str(j, "state", device_state(v));
	json_str(j, "inactive-reason", v->inactive);
	json_num(j, "ifindex", v->ifindex);
	json_str(j, "tenant", *v->tenant ? v->tenant : NULL);
	json_str(j, "backend", v->backend);
	json_bool(j, "adopted", v->adopted);
	json_num(j, "degraded-prefixes", v->degraded_prefixes);
	json_num(j, "foreign-peers", v->foreign_peers);
	json_num(j, "foreign-prefixes", v->foreign_prefixes);
	json_str(j, "public-key",
		 v->public_key_set ? wg_key_str(v->public_key, key) : NULL);
	json_array(j, "additional-keys");
	for (size_t i = 0; i < v->additional_keys; i++) {
		const struct wg_key_view *k = &v->additional_key[i];

		json_object(j, NULL);
		json_str(j, "name", k->name);
		json_str(j, "public-key",
			 k->public_key_set ? wg_key_str(k->public_key, key) : NULL);
		json_object_end(j);
	}
	json_array_end(j);
	json_num(j, "listen-port", v->listen_port);
	json_num(j, "fwmark", v->fwmark);
	json_num(j, "mtu", v->mtu);
	json_str(j, "dscp", dscp_str(v->dscp, dscp));
	json_num(j, "peers", v->peers);
	json_num(j, "peers-up", v->peers_up);
	json_num(j, "egress-prefixes", v->egress_prefixes);
	json_num(j, "ingress-prefixes", v->ingress_prefixes);
	show_traffic_json(j, &traffic);
	json_object_end(j);
}

struct walk {
	const struct mgmt *m;
	struct strbuf *out;
	struct json json;
};

static bool show_device_text(struct wg_device *d, void *arg)
{
	struct walk *w = arg;
	struct wg_device_view v;

	wg_device_view(d, &v);
	cleared_device(w->m->cleared, &v);
	if (w->out->len)
		strbuf_puts(w->out, "\n");
	device_text(w->out, &v);
	return !show_is_full(w->out);
}

static bool show_device_json(struct wg_device *d, void *arg)
{
	struct walk *w = arg;
	struct wg_device_view v;

	wg_device_view(d, &v);
	cleared_device(w->m->cleared, &v);
	device_json(&w->json, &v);
	return !show_is_full(w->out);
}

void show_wireguard(const struct mgmt *m, bool json, struct strbuf *out)
{
	struct walk w = {.m = m, .out = out, .json = {.out = out}};

	if (!json) {
		wg_walk_devices(m->deps.wg, show_device_text, &w);
		if (!out->len)
			strbuf_puts(out, "No WireGuard interface is configured.\n");
		return;
	}
	json_object(&w.json, NULL);
	json_array(&w.json, "interfaces");
	wg_walk_devices(m->deps.wg, show_device_json, &w);
	json_array_end(&w.json);
	json_object_end(&w.json);
	json_end(&w.json);
}
