/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whose keys are whose. A peer is known by its public keys, so on an interface each
 * belongs to one of them, and none is the interface's own: that would be this end taken
 * for its own peer. An initiation finds its interface by our key alone, so on a port each
 * of ours belongs to one interface.
 */

#include <string.h>

#include "wgrd/conf/validate.h"

static struct claim_key public_key(const struct conf_wireguard *w,
				   const uint8_t key[static CONF_KEY_LEN])
{
	struct claim_key k = claim_key_in(w, CLAIM_PUBLIC_KEY);

	claim_key_add(&k, key, CONF_KEY_LEN);
	return k;
}

/* @first: name of the first that is one too many. */
static int refuse_count(const struct conf_wireguard *w, const struct conf_peer *p,
			size_t count, const char *first, struct refusal *r)
{
	const struct refusal_at at = {"wireguard", w->name, p ? p->name : NULL,
				      NULL,        NULL,    first};

	return refuse(r, &at, "there are %zu additional-keys; expected %d at most", count,
		      CONF_ADDITIONAL_KEYS_MAX);
}

/* ---- keys of peers ---- */

static int refuse_public_key(const struct conf_peer *p, const struct claim *first,
			     const struct refusal_at *at, struct refusal *r)
{
	const struct conf_peer *other = first->owner;

	if (!other)
		return refuse(r, at,
			      "public-key is that of the interface itself; expected the "
			      "peer's");
	if (other == p)
		return refuse(r, at,
			      "public-key is there already in the same peer; expected "
			      "another");
	return refuse(r, at,
		      "public-key is also that of peer %s; expected one of its own",
		      other->name);
}

/* @k NULL: the peer's own public-key. */
static int claim_peer_key(const struct conf_wireguard *w, const struct conf_peer *p,
			  const struct conf_peer_key *k, struct claims *claims,
			  struct refusal *r)
{
	static const uint8_t zero[CONF_KEY_LEN];
	const uint8_t *key = k ? k->public_key : p->public_key;
	const struct claim_key claim = public_key(w, key);
	const struct refusal_at at = {"wireguard",  w->name, p->name,
				      "public-key", NULL,    k ? k->name : NULL};
	const struct claim *first;

	if (k ? !k->public_key_set : !p->public_key_set)
		return 0;
	if (memcmp(key, zero, CONF_KEY_LEN) == 0)
		return refuse(r, &at,
			      "public-key is all zero; expected what 'wg pubkey' prints "
			      "for the peer's private key");
	first = claims_add(claims, &claim, p, k);
	return first ? refuse_public_key(p, first, &at, r) : 0;
}

int validate_peer_keys(const struct conf_wireguard *w, const struct conf_peer *p,
		       struct claims *claims, struct refusal *r)
{
	const size_t count = p->additional_key_count;
	int err;

	if (count > CONF_ADDITIONAL_KEYS_MAX)
		return refuse_count(w, p, count,
				    p->additional_key[CONF_ADDITIONAL_KEYS_MAX].name, r);
	err = claim_peer_key(w, p, NULL, claims, r);
	for (size_t i = 0; i < count && !err; i++)
		err = claim_peer_key(w, p, &p->additional_key[i], claims, r);
	return err;
}

static void drop_key(const struct conf_wireguard *w,
		     const uint8_t key[static CONF_KEY_LEN], struct claims *claims)
{
	const struct claim_key k = public_key(w, key);

	claims_drop(claims, &k);
}

void drop_peer_keys(const struct conf_wireguard *w, const struct conf_peer *p,
		    struct claims *claims)
{
	if (p->public_key_set)
		drop_key(w, p->public_key, claims);
	for (size_t i = 0; i < p->additional_key_count; i++)
		if (p->additional_key[i].public_key_set)
			drop_key(w, p->additional_key[i].public_key, claims);
}

/* ---- our keys ---- */

/* Which of the two leaves gave the key is not known any more: the block is named. */
static int refuse_own_key(const struct conf_wireguard *w, const struct claim *first,
			  const struct conf_own_key *k, struct refusal *r)
{
	const struct refusal_at at = {"wireguard", w->name, .key = k ? k->name : NULL};
	const struct conf_peer *peer = first->owner;
	const struct conf_peer_key *peer_key = peer ? first->what : NULL;
	const struct refusal_at at_peer = {
		"wireguard",  w->name, peer ? peer->name : NULL,
		"public-key", NULL,    peer_key ? peer_key->name : NULL};

	if (peer)
		return refuse(r, &at_peer,
			      "public-key is that of the interface itself; expected the "
			      "peer's");
	return refuse(
		r, &at,
		"the private key is one of the interface already; expected another");
}

/* @k NULL: the interface's own private-key. */
static int claim_own(const struct conf_wireguard *w, const struct conf_own_key *k,
		     struct claims *claims, struct refusal *r)
{
	const struct claim_key claim = public_key(w, k ? k->public_key : w->public_key);
	const struct claim *first;

	if (k ? !k->private_key.set : !w->private_key.set)
		return 0;
	first = claims_add(claims, &claim, NULL, k);
	return first ? refuse_own_key(w, first, k, r) : 0;
}

int validate_own_keys(const struct conf_wireguard *w, struct claims *claims,
		      struct refusal *r)
{
	const size_t count = w->additional_key_count;
	int err;

	if (count > CONF_ADDITIONAL_KEYS_MAX)
		return refuse_count(w, NULL, count,
				    w->additional_key[CONF_ADDITIONAL_KEYS_MAX].name, r);
	err = claim_own(w, NULL, claims, r);
	for (size_t i = 0; i < count && !err; i++)
		err = claim_own(w, &w->additional_key[i], claims, r);
	return err;
}

void drop_own_keys(const struct conf_wireguard *w, struct claims *claims)
{
	if (w->private_key.set)
		drop_key(w, w->public_key, claims);
	for (size_t i = 0; i < w->additional_key_count; i++)
		if (w->additional_key[i].private_key.set)
			drop_key(w, w->additional_key[i].public_key, claims);
}

/* ---- on one port ---- */

/* @k NULL: the interface's own private-key. */
static int claim_on_port(const struct conf_wireguard *w, const struct conf_own_key *k,
			 struct claims *claims, struct refusal *r)
{
	const struct refusal_at at = {"wireguard", w->name, .key = k ? k->name : NULL};
	const struct conf_wireguard *other;
	struct claim_key claim = {.len = 0};
	const struct claim *first;

	if (k ? !k->private_key.set : !w->private_key.set)
		return 0;
	claim_key_add(&claim, &w->listen_port, sizeof(w->listen_port));
	claim_key_add(&claim, k ? k->public_key : w->public_key, CONF_KEY_LEN);
	first = claims_add(claims, &claim, w, k);
	if (!first)
		return 0;
	other = first->owner;
	return refuse(r, &at,
		      "the private key is also that of wireguard %s, which has the same "
		      "listen-port %u: handshakes could not be told apart; expected one "
		      "of its own",
		      other->name, w->listen_port);
}

/* A port that the system chooses is nobody else's. */
int validate_own_keys_between(const struct conf *c, struct refusal *r)
{
	struct claims claims = {0};
	int err = 0;

	for (size_t i = 0; i < c->wireguard_count && !err; i++) {
		const struct conf_wireguard *w = c->wireguard[i];

		if (!w->listen_port)
			continue;
		err = claim_on_port(w, NULL, &claims, r);
		for (size_t j = 0; j < w->additional_key_count && !err; j++)
			err = claim_on_port(w, &w->additional_key[j], &claims, r);
	}
	claims_free(&claims);
	return err;
}
