/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/conf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(offsetof(struct conf_wireguard, name) == 0, "name_at() looks there");
static_assert(offsetof(struct conf_peer, name) == 0, "name_at() looks there");
static_assert(offsetof(struct conf_prefix_list, name) == 0, "name_at() looks there");
static_assert(sizeof(((struct conf_prefix_list *)0)->name) == CONF_NAME_LEN,
	      "a name fits");
static_assert(offsetof(struct conf_tenant, name) == 0, "name_at() looks there");

/* ---- lists of objects of any kind, which begin with their name ---- */

/* The @i-th pointer in @list: its own type is not known here. */
void *conf_object_at(const void *list, size_t i)
{
	void *object;

	memcpy(&object, (const char *)list + i * sizeof(object), sizeof(object));
	return object;
}

static int cmp_name(const void *name, const void *slot)
{
	return strcmp(name, conf_object_at(slot, 0));
}

/* bsearch() wants an array even when there is nothing in it. */
static const void *find_name(const char *name, const void *list, size_t n)
{
	const void *slot =
		n > 0 ? bsearch(name, list, n, sizeof(void *), cmp_name) : NULL;

	return slot ? conf_object_at(slot, 0) : NULL;
}

static void *next_of(const void **list, size_t *left)
{
	void *object = conf_object_at(*list, 0);

	*list = (const char *)*list + sizeof(object);
	--*left;
	return object;
}

/* The next of either, which are not the same. */
static bool next_pair(struct conf_walk *w, void **was, void **now)
{
	int order;

	*was = w->was_left ? conf_object_at(w->was, 0) : NULL;
	*now = w->now_left ? conf_object_at(w->now, 0) : NULL;
	if (!*was && !*now)
		return false;
	order = !*was ? 1 : !*now ? -1 : strcmp(*was, *now);
	*was = order <= 0 ? next_of(&w->was, &w->was_left) : NULL;
	*now = order >= 0 ? next_of(&w->now, &w->now_left) : NULL;
	return true;
}

/* Nearly all that there is, at most commits. */
static void pass_equal(struct conf_walk *w)
{
	size_t most = w->was_left < w->now_left ? w->was_left : w->now_left, n = 0;

	while (n < most && conf_object_at(w->was, n) == conf_object_at(w->now, n))
		n++;
	if (!n)
		return;
	w->was = (const char *)w->was + n * sizeof(void *);
	w->now = (const char *)w->now + n * sizeof(void *);
	w->was_left -= n;
	w->now_left -= n;
}

bool conf_next_change(struct conf_walk *w, void *was, void *now)
{
	void *a, *b;

	pass_equal(w);
	if (!next_pair(w, &a, &b))
		return false;
	memcpy(was, &a, sizeof(a));
	memcpy(now, &b, sizeof(b));
	return true;
}

const struct conf_wireguard *conf_find_wireguard(const struct conf *c, const char *name)
{
	return find_name(name, c->wireguard, c->wireguard_count);
}

const struct conf_peer *conf_find_peer(const struct conf_wireguard *w, const char *name)
{
	return find_name(name, w->peer, w->peer_count);
}

const struct conf_tenant *conf_find_tenant(const struct conf *c, const char *name)
{
	return find_name(name, c->tenant, c->tenant_count);
}

const struct conf_prefix_list *conf_find_prefix_list(const struct conf *c,
						     const char *name)
{
	return find_name(name, c->prefix_list, c->prefix_list_count);
}

static int cmp_key(const void *a, const void *b)
{
	return memcmp(a, b, CONF_KEY_LEN);
}

bool conf_is_revoked(const struct conf *c, const uint8_t key[CONF_KEY_LEN])
{
	return c->revoked_key_count > 0 &&
	       bsearch(key, c->revoked_key, c->revoked_key_count, CONF_KEY_LEN, cmp_key);
}

static bool text_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool secret_equal(const struct conf_secret *a, const struct conf_secret *b)
{
	return a->set == b->set && (!a->set || memcmp(a->key, b->key, CONF_KEY_LEN) == 0);
}

static bool prefixes_equal(const struct conf_prefixes *a, const struct conf_prefixes *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!prefix_equal(&a->v[i], &b->v[i]))
			return false;
	}
	return true;
}

static bool overlays_equal(const struct conf_peer *a, const struct conf_peer *b)
{
	if (a->overlay_address_count != b->overlay_address_count)
		return false;
	for (size_t i = 0; i < a->overlay_address_count; i++) {
		if (!ip_addr_equal(&a->overlay_address[i], &b->overlay_address[i]))
			return false;
	}
	return true;
}

static bool addresses_equal(const struct conf_wireguard *a,
			    const struct conf_wireguard *b)
{
	if (a->address_count != b->address_count)
		return false;
	for (size_t i = 0; i < a->address_count; i++) {
		if (a->address[i].len != b->address[i].len ||
		    !ip_addr_equal(&a->address[i].addr, &b->address[i].addr))
			return false;
	}
	return true;
}

static bool interfaces_equal(const struct conf_tenant *a, const struct conf_tenant *b)
{
	if (a->interface_count != b->interface_count)
		return false;
	for (size_t i = 0; i < a->interface_count; i++) {
		if (strcmp(a->interface[i], b->interface[i]) != 0)
			return false;
	}
	return true;
}

bool conf_tenant_has_tag(const struct conf_tenant *t, uint32_t tag)
{
	for (size_t i = 0; i < t->learn_tag_count; i++)
		if (t->learn_tag[i] == tag)
			return true;
	return false;
}

static bool tags_equal(const struct conf_tenant *a, const struct conf_tenant *b)
{
	return a->learn_tag_count == b->learn_tag_count &&
	       (a->learn_tag_count == 0 ||
		memcmp(a->learn_tag, b->learn_tag,
		       a->learn_tag_count * sizeof(*a->learn_tag)) == 0);
}

static bool public_key_equal(const struct conf_peer *a, const struct conf_peer *b)
{
	return a->public_key_set == b->public_key_set &&
	       (!a->public_key_set ||
		memcmp(a->public_key, b->public_key, CONF_KEY_LEN) == 0);
}

static bool peer_keys_equal(const struct conf_peer *a, const struct conf_peer *b)
{
	if (a->additional_key_count != b->additional_key_count)
		return false;
	for (size_t i = 0; i < a->additional_key_count; i++) {
		const struct conf_peer_key *x = &a->additional_key[i];
		const struct conf_peer_key *y = &b->additional_key[i];

		if (strcmp(x->name, y->name) != 0 ||
		    x->public_key_set != y->public_key_set || x->revoked != y->revoked ||
		    memcmp(x->public_key, y->public_key, CONF_KEY_LEN) != 0 ||
		    !secret_equal(&x->preshared_key, &y->preshared_key))
			return false;
	}
	return true;
}

bool conf_own_keys_equal(const struct conf_wireguard *a, const struct conf_wireguard *b)
{
	if (!secret_equal(&a->private_key, &b->private_key) ||
	    a->additional_key_count != b->additional_key_count)
		return false;
	for (size_t i = 0; i < a->additional_key_count; i++) {
		const struct conf_own_key *x = &a->additional_key[i];
		const struct conf_own_key *y = &b->additional_key[i];

		if (strcmp(x->name, y->name) != 0 ||
		    !secret_equal(&x->private_key, &y->private_key))
			return false;
	}
	return true;
}

bool conf_peer_equal(const struct conf_peer *a, const struct conf_peer *b)
{
	return strcmp(a->name, b->name) == 0 &&
	       text_equal(a->description, b->description) && a->shutdown == b->shutdown &&
	       a->revoked == b->revoked && public_key_equal(a, b) &&
	       secret_equal(&a->preshared_key, &b->preshared_key) &&
	       peer_keys_equal(a, b) &&
	       ip_addr_equal(&a->endpoint.addr, &b->endpoint.addr) &&
	       a->endpoint.port == b->endpoint.port &&
	       a->persistent_keepalive == b->persistent_keepalive &&
	       a->preempt_delay == b->preempt_delay && overlays_equal(a, b) &&
	       prefixes_equal(&a->allowed_ip, &b->allowed_ip) &&
	       strcmp(a->prefix_list, b->prefix_list) == 0 &&
	       a->max_prefix == b->max_prefix &&
	       a->max_prefix_warning == b->max_prefix_warning &&
	       a->max_prefix_hold == b->max_prefix_hold &&
	       a->advertise_always == b->advertise_always;
}

bool conf_wireguard_settings_equal(const struct conf_wireguard *a,
				   const struct conf_wireguard *b)
{
	return strcmp(a->name, b->name) == 0 &&
	       text_equal(a->description, b->description) && a->shutdown == b->shutdown &&
	       conf_own_keys_equal(a, b) && a->listen_port == b->listen_port &&
	       a->fwmark == b->fwmark && a->mtu == b->mtu && a->dscp == b->dscp &&
	       a->backend == b->backend && a->foreign == b->foreign &&
	       addresses_equal(a, b) && strcmp(a->tenant, b->tenant) == 0;
}

bool conf_wireguard_equal(const struct conf_wireguard *a, const struct conf_wireguard *b)
{
	if (a->peer_count != b->peer_count || !conf_wireguard_settings_equal(a, b))
		return false;
	for (size_t i = 0; i < a->peer_count; i++) {
		if (a->peer[i] != b->peer[i] && !conf_peer_equal(a->peer[i], b->peer[i]))
			return false;
	}
	return true;
}

static bool learning_equal(const struct conf_tenant *a, const struct conf_tenant *b)
{
	return a->learn_table == b->learn_table && a->learn_direct == b->learn_direct &&
	       a->learn_protocol_count == b->learn_protocol_count &&
	       (a->learn_protocol_count == 0 ||
		memcmp(a->learn_protocol, b->learn_protocol, a->learn_protocol_count) ==
			0);
}

bool conf_tenant_equal(const struct conf_tenant *a, const struct conf_tenant *b)
{
	return strcmp(a->name, b->name) == 0 &&
	       text_equal(a->description, b->description) && a->table == b->table &&
	       a->priority == b->priority && strcmp(a->vrf, b->vrf) == 0 &&
	       learning_equal(a, b) && tags_equal(a, b) && interfaces_equal(a, b) &&
	       prefixes_equal(&a->supernet, &b->supernet) &&
	       strcmp(a->prefix_list, b->prefix_list) == 0 &&
	       prefixes_equal(&a->advertise, &b->advertise) &&
	       a->advertise_tag == b->advertise_tag &&
	       a->advertise_instance == b->advertise_instance &&
	       a->advertise_table == b->advertise_table &&
	       a->advertise_kernel == b->advertise_kernel &&
	       a->max_prefix == b->max_prefix &&
	       a->max_prefix_warning == b->max_prefix_warning &&
	       a->max_prefix_hold == b->max_prefix_hold;
}

static bool prefix_list_equal(const struct conf_prefix_list *a,
			      const struct conf_prefix_list *b)
{
	if (strcmp(a->name, b->name) != 0 || a->rule_count != b->rule_count)
		return false;
	for (size_t i = 0; i < a->rule_count; i++) {
		const struct conf_prefix_rule *x = &a->rule[i], *y = &b->rule[i];

		if (x->seq != y->seq || x->action != y->action || x->ge != y->ge ||
		    x->le != y->le || !prefix_equal(&x->prefix, &y->prefix))
			return false;
	}
	return true;
}

/* ---- the end of an object ---- */

static void secret_wipe(struct conf_secret *s)
{
	explicit_bzero(s, sizeof(*s));
}

static void peer_wipe(struct conf_peer *p)
{
	secret_wipe(&p->preshared_key);
	for (size_t i = 0; i < p->additional_key_count; i++)
		secret_wipe(&p->additional_key[i].preshared_key);
}

static void wireguard_wipe(struct conf_wireguard *w)
{
	secret_wipe(&w->private_key);
	for (size_t i = 0; i < w->additional_key_count; i++)
		secret_wipe(&w->additional_key[i].private_key);
}

void conf_peer_free(struct conf_peer *p)
{
	peer_wipe(p);
	free(p->description);
	free(p->additional_key);
	free(p->overlay_address);
	free(p->allowed_ip.v);
	free(p);
}

/* With those of its peers that @keep, which may be NULL, has not. */
static void wireguard_release(struct conf_wireguard *w, const struct conf_wireguard *keep)
{
	struct conf_walk walk = CONF_WALK(w, keep, peer);
	struct conf_peer *was, *now;

	while (conf_next_change(&walk, &was, &now))
		if (was)
			conf_peer_free(was);
	wireguard_wipe(w);
	free(w->peer);
	free(w->additional_key);
	free(w->address);
	free(w->description);
	free(w);
}

void conf_wireguard_free(struct conf_wireguard *w)
{
	wireguard_release(w, NULL);
}

void conf_tenant_free(struct conf_tenant *t)
{
	free(t->description);
	free(t->learn_protocol);
	free(t->learn_tag);
	free(t->interface);
	free(t->supernet.v);
	free(t->advertise.v);
	free(t);
}

void conf_prefix_list_free(struct conf_prefix_list *l)
{
	free(l->rule);
	free(l);
}

/* ---- what two configurations share ---- */

/* Of the objects of a list: are two the same, and the end of one of a name with @old's. */
struct kind {
	bool (*equal)(const void *a, const void *b);
	void (*release)(void *object, const void *old);
};

static bool equal_peers(const void *a, const void *b)
{
	return conf_peer_equal(a, b);
}

static bool equal_wireguards(const void *a, const void *b)
{
	return conf_wireguard_equal(a, b);
}

static bool equal_tenants(const void *a, const void *b)
{
	return conf_tenant_equal(a, b);
}

static bool equal_prefix_lists(const void *a, const void *b)
{
	return prefix_list_equal(a, b);
}

static void release_peer(void *object, const void *old)
{
	(void)old;
	conf_peer_free(object);
}

static void release_wireguard(void *object, const void *old)
{
	wireguard_release(object, old);
}

static void release_tenant(void *object, const void *old)
{
	(void)old;
	conf_tenant_free(object);
}

static void release_prefix_list(void *object, const void *old)
{
	(void)old;
	conf_prefix_list_free(object);
}

static const struct kind peers = {equal_peers, release_peer};
static const struct kind wireguards = {equal_wireguards, release_wireguard};
static const struct kind tenants = {equal_tenants, release_tenant};
static const struct kind prefix_lists = {equal_prefix_lists, release_prefix_list};

/* @walk goes from the old list to the one that shares it. */
static void share_list(const struct kind *kind, struct conf_walk walk)
{
	void *was, *now;

	while (conf_next_change(&walk, &was, &now)) {
		if (!was || !now || !kind->equal(was, now))
			continue;
		kind->release(now, was);
		/* Into the place of @now, which the walk has just left. */
		memcpy((char *)walk.now - sizeof(was), &was, sizeof(was));
	}
}

/* @walk goes from the list that is given up to the one that stays. */
static void release_list(const struct kind *kind, struct conf_walk walk)
{
	void *gone, *stays;

	while (conf_next_change(&walk, &gone, &stays))
		if (gone)
			kind->release(gone, stays);
}

void conf_share(struct conf *c, const struct conf *old)
{
	struct conf_walk walk = CONF_WALK(old, c, wireguard);
	struct conf_wireguard *was, *now;

	while (conf_next_change(&walk, &was, &now))
		if (was && now)
			share_list(&peers, CONF_WALK(was, now, peer));
	share_list(&wireguards, CONF_WALK(old, c, wireguard));
	share_list(&tenants, CONF_WALK(old, c, tenant));
	share_list(&prefix_lists, CONF_WALK(old, c, prefix_list));
}

void conf_release(struct conf *c, const struct conf *keep)
{
	if (!c)
		return;
	release_list(&wireguards, CONF_WALK(c, keep, wireguard));
	release_list(&tenants, CONF_WALK(c, keep, tenant));
	release_list(&prefix_lists, CONF_WALK(c, keep, prefix_list));
	free(c->revoked_key);
	free(c->prefix_list);
	free(c->wireguard);
	free(c->tenant);
	free(c);
}

void conf_free(struct conf *c)
{
	conf_release(c, NULL);
}

void conf_wipe(struct conf *c)
{
	for (size_t i = 0; i < c->wireguard_count; i++) {
		wireguard_wipe(c->wireguard[i]);
		for (size_t j = 0; j < c->wireguard[i]->peer_count; j++)
			peer_wipe(c->wireguard[i]->peer[j]);
	}
}
