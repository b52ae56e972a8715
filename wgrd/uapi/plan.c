/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/uapi/plan.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wg/keys.h"
#include "wgrd/lib/peer_name.h"

static_assert((int)CONF_NAME_LEN == (int)PEER_NAME_LEN, "one kind of name");

/* ---- prefixes ---- */

static struct plan_prefix *obtain_prefix(struct plan *p, const struct prefix *prefix)
{
	struct plan_prefix *e = pmap_obtain_object(&p->prefixes, prefix, sizeof(*e));

	if (e)
		e->prefix = *prefix;
	return e;
}

static void take_away(struct plan_prefix *e)
{
	if (!e->now)
		return;
	*e->pprev = e->next;
	if (e->next)
		e->next->pprev = e->pprev;
	e->now = NULL;
}

/* One peer has a prefix: who had it loses it, as with every WireGuard. */
static void give(struct plan_prefix *e, struct plan_peer *to)
{
	take_away(e);
	e->now = to;
	e->next = to->prefixes;
	e->pprev = &to->prefixes;
	if (e->next)
		e->next->pprev = &e->next;
	to->prefixes = e;
}

static void take_all(struct plan_peer *peer)
{
	while (peer->prefixes)
		take_away(peer->prefixes);
}

/* ---- peers ---- */

static struct plan_peer *find_peer(const struct plan *p, const uint8_t *key)
{
	struct plan_peer *peer;

	HASH_FIND(by_key, p->by_key, key, CONF_KEY_LEN, peer);
	return peer;
}

static bool name_is_taken(const struct plan *p, const char *name)
{
	struct plan_peer *peer;

	HASH_FIND(by_name, p->by_name, name, strlen(name), peer);
	return peer || conf_find_peer(p->conf, name);
}

static struct plan_peer *add_peer(struct plan *p, const uint8_t *key, const char *name)
{
	struct plan_peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	memcpy(peer->public_key, key, sizeof(peer->public_key));
	strcpy(peer->name, name);
	HASH_ADD(by_key, p->by_key, public_key, CONF_KEY_LEN, peer);
	HASH_ADD_KEYPTR(by_name, p->by_name, peer->name, strlen(peer->name), peer);
	return peer;
}

/* wg(8) gives no names; the key does. */
static int add_new_peer(struct plan *p, const uint8_t *key, struct plan_peer **out)
{
	char text[WG_KEY_STRLEN], name[PEER_NAME_LEN];
	unsigned digits = PEER_NAME_DIGITS;

	wg_key_str(key, text);
	do
		peer_name_of_key(name, text, digits);
	while (name_is_taken(p, name) && digits++ < WG_KEY_STRLEN - 2);
	if (digits > WG_KEY_STRLEN - 2)
		return -EEXIST;
	*out = add_peer(p, key, name);
	return *out ? 0 : -ENOMEM;
}

/* What wg(8) can say about a peer, as if it had not been said. */
static void blank(struct plan_peer *peer)
{
	take_all(peer);
	explicit_bzero(&peer->preshared_key, sizeof(peer->preshared_key));
	peer->endpoint = (struct conf_endpoint){0};
	peer->endpoint_said = false;
	peer->persistent_keepalive = 0;
}

static void remove_peer(struct plan_peer *peer)
{
	blank(peer);
	peer->present = false;
}

/* ---- what is configured ---- */

static int copy_peer(struct plan *p, const struct conf_peer *conf)
{
	struct plan_peer *peer = add_peer(p, conf->public_key, conf->name);

	if (!peer)
		return -ENOMEM;
	peer->conf = conf;
	peer->present = true;
	peer->preshared_key = conf->preshared_key;
	peer->endpoint = conf->endpoint;
	peer->persistent_keepalive = conf->persistent_keepalive;
	for (size_t i = 0; i < conf->allowed_ip.count; i++) {
		struct plan_prefix *e = obtain_prefix(p, &conf->allowed_ip.v[i]);

		if (!e)
			return -ENOMEM;
		e->was = peer;
		give(e, peer);
	}
	return 0;
}

int plan_init(struct plan *p, const struct conf_wireguard *w)
{
	int err = 0;

	*p = (struct plan){
		.conf = w,
		.prefixes = PMAP_INIT(sizeof(struct plan_prefix *)),
	};
	for (size_t i = 0; i < w->peer_count && !err; i++) {
		if (w->peer[i]->public_key_set)
			err = copy_peer(p, w->peer[i]);
	}
	return err;
}

void plan_fini(struct plan *p)
{
	struct plan_peer *peer, *next_peer;
	struct pmap_at at;

	PMAP_WALK (&at, &p->prefixes)
		free(pmap_object(&at));
	pmap_clear(&p->prefixes);
	HASH_CLEAR(by_name, p->by_name);
	HASH_ITER (by_key, p->by_key, peer, next_peer) {
		HASH_DELETE(by_key, p->by_key, peer);
		explicit_bzero(peer, sizeof(*peer));
		free(peer);
	}
}

/* ---- what is asked for ---- */

static bool is_zero(const uint8_t key[WG_KEY_LEN])
{
	uint8_t any = 0;

	for (size_t i = 0; i < WG_KEY_LEN; i++)
		any |= key[i];
	return !any;
}

static int apply_allowed_ips(struct plan *p, struct plan_peer *peer,
			     const struct request_peer *r)
{
	if (r->replace_allowed_ips)
		take_all(peer);
	for (size_t i = 0; i < r->allowed_ips; i++) {
		const struct request_prefix *a = &r->allowed_ip[i];
		struct plan_prefix *e;

		if (a->remove) {
			e = pmap_find_object(&p->prefixes, &a->prefix);
			if (e && e->now == peer)
				take_away(e);
			continue;
		}
		e = obtain_prefix(p, &a->prefix);
		if (!e)
			return -ENOMEM;
		give(e, peer);
	}
	return 0;
}

static int apply_peer(struct plan *p, const struct request_peer *r)
{
	struct plan_peer *peer = find_peer(p, r->public_key);
	int err;

	if (r->remove) {
		if (peer)
			remove_peer(peer);
		return 0;
	}
	if (r->update_only && (!peer || !peer->present))
		return 0;
	if (!peer) {
		err = add_new_peer(p, r->public_key, &peer);
		if (err)
			return err;
	}
	peer->present = true;
	if (r->has_preshared_key) {
		peer->preshared_key.set = !is_zero(r->preshared_key);
		memcpy(peer->preshared_key.key, r->preshared_key, CONF_KEY_LEN);
	}
	if (r->has_endpoint) {
		peer->endpoint_said = true;
		peer->endpoint = (struct conf_endpoint){.addr = r->endpoint,
							.port = r->endpoint_port};
	}
	if (r->has_keepalive)
		peer->persistent_keepalive = r->keepalive;
	return apply_allowed_ips(p, peer, r);
}

int plan_apply(struct plan *p, const struct request *r)
{
	struct plan_peer *peer, *next;
	int err = 0;

	if (r->replace_peers) {
		HASH_ITER (by_key, p->by_key, peer, next)
			remove_peer(peer);
	}
	for (size_t i = 0; i < r->peers && !err; i++)
		err = apply_peer(p, &r->peer[i]);
	return err;
}
