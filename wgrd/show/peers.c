/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/wg/keys.h"
#include "wgrd/lib/loop.h"
#include "wgrd/mgmt/cleared.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"
#include "wgrd/tenant/tenant.h"
#include "wgrd/wg/wg.h"

enum {
	PEER_COLUMNS = 7,
	FIGURES = 29,      /* three columns, each with a blank before */
	ENDPOINT_MAX = 21, /* of IPv4; a longer one may have a line below */
	LABEL = 18,        /* columns before what a line about one peer says */
};

/* A walk over all peers of all interfaces. */
struct walk {
	const struct mgmt *m;
	struct strbuf *out;
	struct json json;
	uint64_t now_ns;
	const char *name;                    /* only peers of this name; NULL: all */
	const struct show_peer_filter *only; /* NULL: all */
	void (*visit)(struct walk *w, const struct wg_peer *p,
		      const struct wg_peer_view *v);
	unsigned device_width, peer_width, state_width, endpoint_width;
	unsigned column[PEER_COLUMNS];
	size_t peers, up;
};

static void walk_init(struct walk *w, const struct mgmt *m, struct strbuf *out)
{
	*w = (struct walk){.m = m, .out = out, .now_ns = loop_now_ns(m->deps.loop)};
	w->json.out = out;
}

static bool visit_peer(struct wg_peer *p, void *arg)
{
	struct walk *w = arg;
	struct wg_peer_view v;

	wg_peer_view(p, &v);
	cleared_peer(w->m->cleared, &v);
	if (w->name && strcmp(w->name, v.name))
		return true;
	if (w->only && w->only->session &&
	    strcmp(w->only->session,
		   v.inactive ? "inactive" : wg_session_name(v.session)) != 0)
		return true;
	w->peers++;
	w->up += v.session == WG_SESSION_UP;
	w->visit(w, p, &v);
	return !show_is_full(w->out);
}

static bool visit_device(struct wg_device *d, void *arg)
{
	struct walk *w = arg;
	struct wg_device_view v;

	if (w->only && w->only->tenant) {
		wg_device_view(d, &v);
		if (strcmp(w->only->tenant, v.tenant) != 0)
			return true;
	}
	wg_walk_peers(d, visit_peer, w);
	return !show_is_full(w->out);
}

static void walk_peers(struct walk *w,
		       void (*visit)(struct walk *, const struct wg_peer *,
				     const struct wg_peer_view *))
{
	w->visit = visit;
	w->peers = w->up = 0;
	wg_walk_devices(w->m->deps.wg, visit_device, w);
}

static struct show_traffic traffic_of(const struct wg_peer_view *v)
{
	return (struct show_traffic){v->rx_bytes, v->tx_bytes, v->rx_packets,
				     v->tx_packets, v->packets_unknown};
}

static const char *peer_state(const struct wg_peer_view *v)
{
	return v->inactive ?: wg_session_name(v->session);
}

/* ---- show wireguard peers ---- */

static unsigned wider(unsigned width, const char *s)
{
	return strlen(s) > width ? (unsigned)strlen(s) : width;
}

static void measure_peer(struct walk *w, const struct wg_peer *p,
			 const struct wg_peer_view *v)
{
	char endpoint[SHOW_FIELD_LEN];

	(void)p;
	w->device_width = wider(w->device_width, v->device);
	w->peer_width = wider(w->peer_width, v->name);
	w->state_width = wider(w->state_width, peer_state(v));
	w->endpoint_width =
		wider(w->endpoint_width,
		      show_endpoint(&v->endpoint, v->endpoint_port, endpoint));
	if (w->endpoint_width > ENDPOINT_MAX)
		w->endpoint_width = ENDPOINT_MAX;
}

/* Names get what the figures and an endpoint leave of 80 columns. */
static void place_columns(struct walk *w)
{
	unsigned rest = 80 - w->endpoint_width - FIGURES - w->state_width - 2;
	unsigned at = 0;

	if (w->device_width + 1 + w->peer_width > rest)
		w->peer_width =
			rest > w->device_width + 5 ? rest - w->device_width - 1 : 4;
	w->column[0] = at;
	w->column[1] = at += w->device_width + 1;
	w->column[2] = at += w->peer_width + 1;
	w->column[3] = at += w->state_width + 1;
	w->column[4] = at += 10;
	w->column[5] = at += 9;
	w->column[6] = at + 9;
}

/* The figures to the right of their columns. */
static void peers_line(struct walk *w, const char *device, const char *peer,
		       const char *state, const char *handshake, const char *rx,
		       const char *tx, const char *endpoint)
{
	char h[SHOW_FIELD_LEN], r[SHOW_FIELD_LEN], t[SHOW_FIELD_LEN];

	snprintf(h, sizeof(h), "%9s", handshake);
	snprintf(r, sizeof(r), "%8s", rx);
	snprintf(t, sizeof(t), "%8s", tx);
	show_row(w->out, w->column,
		 (const char *[]){device, peer, state, h, r, t, endpoint}, PEER_COLUMNS);
}

static void peer_row(struct walk *w, const struct wg_peer *p,
		     const struct wg_peer_view *v)
{
	char age[SHOW_FIELD_LEN], rx[SHOW_FIELD_LEN], tx[SHOW_FIELD_LEN];
	char endpoint[SHOW_FIELD_LEN];

	(void)p;
	peers_line(w, v->device, v->name, peer_state(v),
		   v->last_handshake_ns
			   ? show_duration(show_elapsed(w->now_ns, v->last_handshake_ns),
					   age)
			   : "never",
		   show_bytes(v->rx_bytes, rx), show_bytes(v->tx_bytes, tx),
		   show_endpoint(&v->endpoint, v->endpoint_port, endpoint));
}

static void peers_text(struct walk *w)
{
	char count[SHOW_FIELD_LEN];

	w->device_width = strlen("Interface");
	w->peer_width = strlen("Peer");
	w->state_width = strlen("State");
	w->endpoint_width = strlen("Endpoint");
	walk_peers(w, measure_peer);
	place_columns(w);
	strbuf_printf(w->out, "%s, %zu up\n", show_count(w->peers, "peer", count), w->up);
	if (!w->peers)
		return;
	strbuf_puts(w->out, "\n");
	peers_line(w, "Interface", "Peer", "State", "Handshake", "Received", "Sent",
		   "Endpoint");
	walk_peers(w, peer_row);
}

static void json_addrs(struct json *j, const char *key, const struct ip_addr *v, size_t n)
{
	char text[IP_ADDR_STRLEN];

	json_array(j, key);
	for (size_t i = 0; i < n; i++)
		json_str(j, NULL, ip_addr_str(&v[i], text));
	json_array_end(j);
}

static void json_prefixes(struct json *j, const char *key, const struct conf_prefixes *v)
{
	char text[PREFIX_STRLEN];

	json_array(j, key);
	for (size_t i = 0; i < v->count; i++)
		json_str(j, NULL, prefix_str(&v->v[i], text));
	json_array_end(j);
}

static void json_keys(struct json *j, const struct conf_peer *c)
{
	char key[WG_KEY_STRLEN];

	json_array(j, "additional-keys");
	for (size_t i = 0; i < c->additional_key_count; i++) {
		const struct conf_peer_key *k = &c->additional_key[i];

		json_object(j, NULL);
		json_str(j, "name", k->name);
		json_str(j, "public-key",
			 k->public_key_set ? wg_key_str(k->public_key, key) : NULL);
		json_bool(j, "preshared-key-set", k->preshared_key.set);
		json_object_end(j);
	}
	json_array_end(j);
}

/* "" names the key that is not an additional one. */
static void json_session_keys(struct json *j, const struct wg_peer_view *v)
{
	if (!v->own_key_name || !v->peer_key_name) {
		json_null(j, "keys-in-use");
		return;
	}
	json_object(j, "keys-in-use");
	json_str(j, "own", v->own_key_name);
	json_str(j, "peer", v->peer_key_name);
	json_object_end(j);
}

static void json_conf(struct json *j, const struct conf_peer *c)
{
	if (!c)
		return;
	json_str(j, "description", c->description);
	json_num(j, "preempt-delay", c->preempt_delay);
	json_keys(j, c);
	json_addrs(j, "overlay-address", c->overlay_address, c->overlay_address_count);
	json_prefixes(j, "allowed-ip", &c->allowed_ip);
	json_str(j, "prefix-list", *c->prefix_list ? c->prefix_list : NULL);
	show_limit_json(j, c->max_prefix, c->max_prefix_warning, c->max_prefix_hold);
	json_bool(j, "advertise-always", c->advertise_always);
}

static void json_learned(struct json *j, const struct mgmt *m, const struct wg_peer *p)
{
	struct tenant_peer_view v;

	tenants_peer_view(m->deps.tenants, p, &v);
	json_num(j, "prefixes", v.counted);
	json_num(j, "prefixes-waiting", v.waiting);
	show_held_json(j, v.held_s);
}

static void json_handshake(struct json *j, uint64_t now_ns, const struct wg_peer_view *v)
{
	if (v->last_handshake_ns) {
		json_num(j, "last-handshake", v->last_handshake_s);
		json_num(j, "last-handshake-seconds",
			 show_elapsed(now_ns, v->last_handshake_ns) / NS_PER_S);
	} else {
		json_null(j, "last-handshake");
		json_null(j, "last-handshake-seconds");
	}
	if (v->answered_ns)
		json_num(j, "answered-in-microseconds", v->answered_in_ns / 1000);
	else
		json_null(j, "answered-in-microseconds");
	json_num(j, "handshakes", v->handshakes);
	if (v->failures_unknown) {
		json_null(j, "handshakes-failed");
		json_null(j, "handshakes-refused");
	} else {
		json_num(j, "handshakes-failed", v->handshakes_failed);
		json_num(j, "handshakes-refused", v->refused);
	}
}

static void peer_json(struct walk *w, const struct wg_peer *p,
		      const struct wg_peer_view *v)
{
	const struct show_traffic traffic = traffic_of(v);
	char endpoint[SHOW_FIELD_LEN], key[WG_KEY_STRLEN];
	struct json *j = &w->json;

	json_object(j, NULL);
	json_str(j, "interface", v->device);
	json_str(j, "name", v->name);
	json_str(j, "session", wg_session_name(v->session));
	json_str(j, "inactive-reason", v->inactive);
	json_str(j, "public-key",
		 v->public_key_set ? wg_key_str(v->public_key, key) : NULL);
	json_bool(j, "preshared-key-set", v->preshared_key_set);
	json_session_keys(j, v);
	json_str(j, "endpoint",
		 v->endpoint.family
			 ? show_endpoint(&v->endpoint, v->endpoint_port, endpoint)
			 : NULL);
	json_num(j, "endpoint-changes", v->moves);
	json_num(j, "persistent-keepalive", v->persistent_keepalive);
	json_handshake(j, w->now_ns, v);
	show_traffic_json(j, &traffic);
	json_learned(j, w->m, p);
	json_conf(j, wg_peer_conf(p));
	json_object_end(j);
}

static void peers_json(struct walk *w)
{
	json_object(&w->json, NULL);
	json_array(&w->json, "peers");
	walk_peers(w, peer_json);
	json_array_end(&w->json);
	json_object_end(&w->json);
	json_end(&w->json);
}

void show_peers(const struct mgmt *m, const struct show_peer_filter *only, bool json,
		struct strbuf *out)
{
	struct walk w;

	walk_init(&w, m, out);
	w.only = only;
	if (json)
		peers_json(&w);
	else
		peers_text(&w);
}

/* ---- show wireguard peer NAME ---- */

static void text_addrs(struct strbuf *out, const char *what, const struct ip_addr *v,
		       size_t n)
{
	char text[IP_ADDR_STRLEN];

	for (size_t i = 0; i < n; i++)
		strbuf_printf(out, "  %-16s%s\n", i ? "" : what,
			      ip_addr_str(&v[i], text));
}

static void text_conf(struct strbuf *out, const struct conf_peer *c)
{
	char text[PREFIX_STRLEN];

	if (!c)
		return;
	if (c->description)
		show_line(out, LABEL, "Description", "%s", c->description);
	text_addrs(out, "Overlay address", c->overlay_address, c->overlay_address_count);
	for (size_t i = 0; i < c->allowed_ip.count; i++)
		strbuf_printf(out, "  %-16s%s\n", i ? "" : "Static prefix",
			      prefix_str(&c->allowed_ip.v[i], text));
	if (*c->prefix_list)
		strbuf_printf(out, "  %-16s%s\n", "Prefix-list", c->prefix_list);
}

static void text_learned(struct walk *w, const struct wg_peer *p)
{
	const struct conf_peer *c = wg_peer_conf(p);
	struct tenant_peer_view v;

	tenants_peer_view(w->m->deps.tenants, p, &v);
	strbuf_printf(w->out, "  %-16s%zu, %zu waiting\n", "Learned", v.counted,
		      v.waiting);
	if (c)
		show_limit(w->out, c->max_prefix, c->max_prefix_warning,
			   c->max_prefix_hold);
	show_held(w->out, v.held_s);
}

static void text_handshake(struct walk *w, const struct wg_peer_view *v)
{
	char age[SHOW_FIELD_LEN];
	struct strbuf text = {0};

	strbuf_printf(&text, "%s, %" PRIu64 " completed",
		      show_age(w->now_ns, v->last_handshake_ns, age), v->handshakes);
	if (!v->failures_unknown)
		strbuf_printf(&text, ", %" PRIu64 " failed", v->handshakes_failed);
	if (v->answered_ns)
		strbuf_printf(&text, ", answered in %.1f ms",
			      (double)v->answered_in_ns / 1e6);
	show_line(w->out, LABEL, "Handshake", "%s", text.s);
	strbuf_free(&text);
	if (v->persistent_keepalive)
		strbuf_printf(w->out, "  %-16severy %us\n", "Keepalive",
			      v->persistent_keepalive);
}

static void text_keys(struct strbuf *out, const struct conf_peer *c)
{
	for (size_t i = 0; c && i < c->additional_key_count; i++)
		show_key(out, c->additional_key[i].name, c->additional_key[i].public_key,
			 c->additional_key[i].public_key_set);
}

/* @first: what the one without a name is called. */
static const char *key_name(const char *name, const char *first)
{
	return *name ? name : first;
}

static void peer_text(struct walk *w, const struct wg_peer *p,
		      const struct wg_peer_view *v)
{
	const struct show_traffic traffic = traffic_of(v);
	char endpoint[SHOW_FIELD_LEN], key[WG_KEY_STRLEN];
	struct strbuf head = {0};

	if (w->out->len)
		strbuf_puts(w->out, "\n");
	strbuf_printf(&head, "Peer %s on %s: %s", v->name, v->device, peer_state(v));
	show_wrapped(w->out, 0, 2, head.s);
	strbuf_free(&head);
	strbuf_printf(w->out, "  %-16s%s\n", "Public key",
		      v->public_key_set ? wg_key_str(v->public_key, key) : "-");
	text_keys(w->out, wg_peer_conf(p));
	strbuf_printf(w->out, "  %-16s%s\n", "Preshared key",
		      v->preshared_key_set ? "set" : "none");
	if (v->own_key_name && v->peer_key_name)
		show_line(w->out, LABEL, "Keys in use", "ours %s, the peer's %s",
			  key_name(v->own_key_name, "private-key"),
			  key_name(v->peer_key_name, "public-key"));
	strbuf_printf(w->out, "  %-16s%s\n", "Endpoint",
		      show_endpoint(&v->endpoint, v->endpoint_port, endpoint));
	text_handshake(w, v);
	show_traffic(w->out, &traffic);
	text_conf(w->out, wg_peer_conf(p));
	text_learned(w, p);
}

bool show_peer(const struct mgmt *m, const char *name, bool json, struct strbuf *out)
{
	struct walk w;

	walk_init(&w, m, out);
	w.name = name;
	if (json)
		peers_json(&w);
	else
		walk_peers(&w, peer_text);
	return w.peers;
}
