/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/conf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(offsetof(struct conf_wireguard, name) == 0, "cmp_name() looks there");
static_assert(offsetof(struct conf_peer, name) == 0, "cmp_name() looks there");
static_assert(offsetof(struct conf_tenant, name) == 0, "cmp_name() looks there");

static int cmp_name(const void *name, const void *object)
{
	return strcmp(name, object);
}

/* bsearch() wants an array even when there is nothing in it. */
static const void *find_name(const char *name, const void *v, size_t n, size_t size)
{
	return n > 0 ? bsearch(name, v, n, size, cmp_name) : NULL;
}

const struct conf_wireguard *conf_find_wireguard(const struct conf *c, const char *name)
{
	return find_name(name, c->wireguard, c->wireguard_count, sizeof(*c->wireguard));
}

const struct conf_peer *conf_find_peer(const struct conf_wireguard *w, const char *name)
{
	return find_name(name, w->peer, w->peer_count, sizeof(*w->peer));
}

const struct conf_tenant *conf_find_tenant(const struct conf *c, const char *name)
{
	return find_name(name, c->tenant, c->tenant_count, sizeof(*c->tenant));
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

static bool public_key_equal(const struct conf_peer *a, const struct conf_peer *b)
{
	return a->public_key_set == b->public_key_set &&
	       (!a->public_key_set ||
		memcmp(a->public_key, b->public_key, CONF_KEY_LEN) == 0);
}

bool conf_peer_equal(const struct conf_peer *a, const struct conf_peer *b)
{
	return strcmp(a->name, b->name) == 0 &&
	       text_equal(a->description, b->description) && a->shutdown == b->shutdown &&
	       public_key_equal(a, b) &&
	       secret_equal(&a->preshared_key, &b->preshared_key) &&
	       ip_addr_equal(&a->endpoint.addr, &b->endpoint.addr) &&
	       a->endpoint.port == b->endpoint.port &&
	       a->persistent_keepalive == b->persistent_keepalive &&
	       overlays_equal(a, b) && prefixes_equal(&a->allowed_ip, &b->allowed_ip) &&
	       a->max_prefix == b->max_prefix;
}

bool conf_wireguard_equal(const struct conf_wireguard *a, const struct conf_wireguard *b)
{
	if (strcmp(a->name, b->name) != 0 ||
	    !text_equal(a->description, b->description) || a->shutdown != b->shutdown ||
	    !secret_equal(&a->private_key, &b->private_key) ||
	    a->listen_port != b->listen_port || a->fwmark != b->fwmark ||
	    a->mtu != b->mtu || !addresses_equal(a, b) ||
	    strcmp(a->tenant, b->tenant) != 0 || a->peer_count != b->peer_count)
		return false;
	for (size_t i = 0; i < a->peer_count; i++) {
		if (!conf_peer_equal(&a->peer[i], &b->peer[i]))
			return false;
	}
	return true;
}

bool conf_tenant_equal(const struct conf_tenant *a, const struct conf_tenant *b)
{
	return strcmp(a->name, b->name) == 0 &&
	       text_equal(a->description, b->description) && a->table == b->table &&
	       a->priority == b->priority && strcmp(a->vrf, b->vrf) == 0 &&
	       interfaces_equal(a, b) && prefixes_equal(&a->supernet, &b->supernet) &&
	       prefixes_equal(&a->advertise, &b->advertise) &&
	       a->advertise_tag == b->advertise_tag && a->max_prefix == b->max_prefix;
}

static void secret_wipe(struct conf_secret *s)
{
	explicit_bzero(s, sizeof(*s));
}

void conf_wipe(struct conf *c)
{
	for (size_t i = 0; i < c->wireguard_count; i++) {
		struct conf_wireguard *w = &c->wireguard[i];

		secret_wipe(&w->private_key);
		for (size_t j = 0; j < w->peer_count; j++)
			secret_wipe(&w->peer[j].preshared_key);
	}
}

static void peer_fini(struct conf_peer *p)
{
	free(p->description);
	free(p->overlay_address);
	free(p->allowed_ip.v);
}

static void wireguard_fini(struct conf_wireguard *w)
{
	for (size_t i = 0; i < w->peer_count; i++)
		peer_fini(&w->peer[i]);
	free(w->peer);
	free(w->address);
	free(w->description);
}

static void tenant_fini(struct conf_tenant *t)
{
	free(t->description);
	free(t->interface);
	free(t->supernet.v);
	free(t->advertise.v);
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	conf_wipe(c);
	for (size_t i = 0; i < c->wireguard_count; i++)
		wireguard_fini(&c->wireguard[i]);
	for (size_t i = 0; i < c->tenant_count; i++)
		tenant_fini(&c->tenant[i]);
	free(c->wireguard);
	free(c->tenant);
	free(c);
}
