/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Permissions are kept by prefix and asked for by peer. They are walked twice: once to
 * count each peer's, once to put them into one array in which each peer has its part.
 */
#include "wgrd/uapi/answer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wg/keys.h"
#include "wgrd/conf/conf.h"
#include "wgrd/wg/wg.h"

struct slot {
	struct wg_peer *peer;
	size_t begin, count; /* its part of the prefixes */
};

struct answer {
	const struct wg_device *device;
	struct strbuf *out;
	struct slot *slot;  /* by name, as they are listed */
	struct slot **find; /* by address of the peer */
	size_t slots;
	struct prefix *prefix; /* NULL: they are being counted */
};

/* ---- prefixes of peers ---- */

static int compare_slots(const void *a, const void *b)
{
	const struct slot *const *x = a, *const *y = b;
	uintptr_t p = (uintptr_t)(*x)->peer, q = (uintptr_t)(*y)->peer;

	return p < q ? -1 : p > q;
}

static void add_prefix(struct answer *a, struct wg_peer *peer, const struct prefix *p)
{
	struct slot wanted = {.peer = peer}, *key = &wanted;
	struct slot **found =
		bsearch(&key, a->find, a->slots, sizeof(a->find[0]), compare_slots);

	if (!found)
		return; /* it has no public key */
	if (a->prefix)
		a->prefix[(*found)->begin + (*found)->count] = *p;
	(*found)->count++;
}

/* To the peers of one table that are not in the other one, which had its turn before. */
static void add_members(struct answer *a, const struct prefix *p,
			const struct wg_group *g, const struct wg_group *before)
{
	const struct wg_nexthop *nh = NULL;
	unsigned n = g ? wg_group_members(g, &nh) : 0;

	for (unsigned i = 0; i < n; i++)
		if (!wg_group_has(before, nh[i].peer))
			add_prefix(a, nh[i].peer, p);
}

static bool add_permission(const struct prefix *p, const struct wg_group *egress,
			   const struct wg_group *ingress, void *arg)
{
	struct answer *a = arg;

	add_members(a, p, egress, NULL);
	if (ingress != egress)
		add_members(a, p, ingress, egress);
	return true;
}

/* Configured and not in force. */
static void add_configured(struct answer *a, struct wg_peer *peer)
{
	const struct conf_prefixes *set = &wg_peer_conf(peer)->allowed_ip;

	for (size_t i = 0; i < set->count; i++) {
		const struct prefix *p = &set->v[i];

		if (!wg_group_has(wg_egress_get(a->device, p), peer) &&
		    !wg_group_has(wg_ingress_get(a->device, p), peer))
			add_prefix(a, peer, p);
	}
}

static void walk_prefixes(struct answer *a)
{
	wg_walk_permissions(a->device, add_permission, a);
	for (size_t i = 0; i < a->slots; i++)
		add_configured(a, a->slot[i].peer);
}

static int collect_prefixes(struct answer *a)
{
	size_t total = 0;

	walk_prefixes(a);
	for (size_t i = 0; i < a->slots; i++) {
		a->slot[i].begin = total;
		total += a->slot[i].count;
		a->slot[i].count = 0;
	}
	a->prefix = calloc(total + 1, sizeof(a->prefix[0]));
	if (!a->prefix)
		return -ENOMEM;
	walk_prefixes(a);
	return 0;
}

/* ---- peers ---- */

static bool add_slot(struct wg_peer *peer, void *arg)
{
	struct answer *a = arg;
	struct wg_peer_view v;

	wg_peer_view(peer, &v);
	if (v.public_key_set) {
		a->slot[a->slots].peer = peer;
		a->find[a->slots] = &a->slot[a->slots];
		a->slots++;
	}
	return true;
}

static int collect_peers(struct answer *a, size_t most)
{
	a->slot = calloc(most + 1, sizeof(a->slot[0]));
	a->find = calloc(most + 1, sizeof(a->find[0]));
	if (!a->slot || !a->find)
		return -ENOMEM;
	wg_walk_peers(a->device, add_slot, a);
	qsort(a->find, a->slots, sizeof(a->find[0]), compare_slots);
	return 0;
}

/* ---- text ---- */

static void print_key(struct strbuf *out, const char *name, const uint8_t *key)
{
	static const char digit[] = "0123456789abcdef";
	char hex[2 * WG_KEY_LEN];

	for (size_t i = 0; i < WG_KEY_LEN; i++) {
		hex[2 * i] = digit[key[i] >> 4];
		hex[2 * i + 1] = digit[key[i] & 15];
	}
	strbuf_printf(out, "%s=", name);
	strbuf_add(out, hex, sizeof(hex));
	strbuf_puts(out, "\n");
	explicit_bzero(hex, sizeof(hex));
}

static void print_interface(const struct answer *a, const struct conf_wireguard *conf)
{
	struct wg_device_view v;

	wg_device_view(a->device, &v);
	if (conf->private_key.set)
		print_key(a->out, "private_key", conf->private_key.key);
	if (v.listen_port)
		strbuf_printf(a->out, "listen_port=%u\n", v.listen_port);
	if (v.fwmark)
		strbuf_printf(a->out, "fwmark=%" PRIu32 "\n", v.fwmark);
}

static void print_endpoint(struct strbuf *out, const struct wg_peer_view *v)
{
	char text[IP_ENDPOINT_STRLEN];

	if (v->endpoint.family)
		strbuf_printf(out, "endpoint=%s\n",
			      ip_endpoint_str(&v->endpoint, v->endpoint_port, text));
}

static void print_peer(const struct answer *a, const struct slot *s)
{
	const struct conf_peer *conf = wg_peer_conf(s->peer);
	struct strbuf *out = a->out;
	char text[PREFIX_STRLEN];
	struct wg_peer_view v;

	wg_peer_view(s->peer, &v);
	print_key(out, "public_key", v.public_key);
	if (conf->preshared_key.set)
		print_key(out, "preshared_key", conf->preshared_key.key);
	strbuf_puts(out, "protocol_version=1\n");
	print_endpoint(out, &v);
	strbuf_printf(out, "last_handshake_time_sec=%" PRIu64 "\n", v.last_handshake_s);
	strbuf_puts(out, "last_handshake_time_nsec=0\n");
	strbuf_printf(out, "tx_bytes=%" PRIu64 "\nrx_bytes=%" PRIu64 "\n", v.tx_bytes,
		      v.rx_bytes);
	strbuf_printf(out, "persistent_keepalive_interval=%u\n", v.persistent_keepalive);
	for (size_t i = 0; i < s->count && out->len <= ANSWER_MAX; i++)
		strbuf_printf(out, "allowed_ip=%s\n",
			      prefix_str(&a->prefix[s->begin + i], text));
}

int answer_get(const struct wg_device *d, const struct conf_wireguard *conf,
	       struct strbuf *out)
{
	struct answer a = {.device = d, .out = out};
	int err = collect_peers(&a, conf->peer_count) ?: collect_prefixes(&a);

	if (!err) {
		print_interface(&a, conf);
		for (size_t i = 0; i < a.slots && out->len <= ANSWER_MAX; i++)
			print_peer(&a, &a.slot[i]);
		if (out->len > ANSWER_MAX)
			err = -EMSGSIZE;
	}
	free(a.slot);
	free(a.find);
	free(a.prefix);
	return err;
}
