/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "proto/wg/keys.h"
#include "wgrd/mgmt/json.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/mgmt/show.h"
#include "wgrd/wg/wg.h"

static struct show_traffic traffic_of(const struct wg_device_view *v)
{
	return (struct show_traffic){v->rx_bytes, v->tx_bytes, v->rx_packets,
				     v->tx_packets};
}

static const char *device_state(const struct wg_device_view *v)
{
	return v->inactive ? "inactive" : v->up ? "up" : "down";
}

static void device_text(struct strbuf *out, const struct wg_device_view *v)
{
	const struct show_traffic traffic = traffic_of(v);
	char key[WG_KEY_STRLEN];

	strbuf_printf(out, "Interface %s: %s", v->name, device_state(v));
	if (v->inactive)
		strbuf_printf(out, " (%s)", v->inactive);
	if (v->ifindex)
		strbuf_printf(out, ", ifindex %" PRIu32, v->ifindex);
	strbuf_printf(out, ", %s%s\n", *v->tenant ? "tenant " : "no tenant", v->tenant);
	strbuf_printf(out, "  %-16s%s\n", "Public key",
		      v->public_key_set ? wg_key_str(v->public_key, key) : "-");
	if (v->listen_port)
		strbuf_printf(out, "  %-16s%u\n", "Listen port", v->listen_port);
	if (v->fwmark)
		strbuf_printf(out, "  %-16s0x%" PRIx32 "\n", "Fwmark", v->fwmark);
	strbuf_printf(out, "  %-16s%u\n", "MTU", v->mtu);
	strbuf_printf(out, "  %-16s%zu, %zu up\n", "Peers", v->peers, v->peers_up);
	strbuf_printf(out, "  %-16s%zu in egress, %zu in ingress\n", "Prefixes",
		      v->egress_prefixes, v->ingress_prefixes);
	show_traffic(out, &traffic);
}

static void device_json(struct json *j, const struct wg_device_view *v)
{
	const struct show_traffic traffic = traffic_of(v);
	char key[WG_KEY_STRLEN];

	json_object(j, NULL);
	json_str(j, "name", v->name);
	json_str(j, "state", device_state(v));
	json_str(j, "inactive-reason", v->inactive);
	json_num(j, "ifindex", v->ifindex);
	json_str(j, "tenant", *v->tenant ? v->tenant : NULL);
	json_str(j, "public-key",
		 v->public_key_set ? wg_key_str(v->public_key, key) : NULL);
	json_num(j, "listen-port", v->listen_port);
	json_num(j, "fwmark", v->fwmark);
	json_num(j, "mtu", v->mtu);
	json_num(j, "peers", v->peers);
	json_num(j, "peers-up", v->peers_up);
	json_num(j, "egress-prefixes", v->egress_prefixes);
	json_num(j, "ingress-prefixes", v->ingress_prefixes);
	show_traffic_json(j, &traffic);
	json_object_end(j);
}

static bool show_device_text(struct wg_device *d, void *arg)
{
	struct strbuf *out = arg;
	struct wg_device_view v;

	wg_device_view(d, &v);
	if (out->len)
		strbuf_puts(out, "\n");
	device_text(out, &v);
	return !show_is_full(out);
}

static bool show_device_json(struct wg_device *d, void *arg)
{
	struct json *j = arg;
	struct wg_device_view v;

	wg_device_view(d, &v);
	device_json(j, &v);
	return !show_is_full(j->out);
}

void show_wireguard(const struct mgmt *m, bool json, struct strbuf *out)
{
	struct json j = {.out = out};

	if (!json) {
		wg_walk_devices(m->deps.wg, show_device_text, out);
		if (!out->len)
			strbuf_puts(out, "No WireGuard interface is configured.\n");
		return;
	}
	json_object(&j, NULL);
	json_array(&j, "interfaces");
	wg_walk_devices(m->deps.wg, show_device_json, &j);
	json_array_end(&j);
	json_object_end(&j);
	json_end(&j);
}
