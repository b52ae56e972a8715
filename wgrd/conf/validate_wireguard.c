/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/wg/keys.h"
#include "wgrd/conf/claims.h"
#include "wgrd/conf/validate.h"

enum {
	IPV6_MTU_MIN = 1280, /* RFC 8200 section 5 */
	ADDRESS_STRLEN = IP_ADDR_STRLEN + 4,
};

static const char *address_str(const struct conf_address *a,
			       char buf[static ADDRESS_STRLEN])
{
	char addr[IP_ADDR_STRLEN];

	snprintf(buf, ADDRESS_STRLEN, "%s/%u", ip_addr_str(&a->addr, addr), a->len);
	return buf;
}

/* What keeps @a from being one host's address; NULL when nothing does. */
static const char *not_a_host(const struct ip_addr *a)
{
	if (ip_addr_is_any(a))
		return "the unspecified address";
	if (ip_addr_is_multicast(a))
		return "a multicast address";
	return NULL;
}

/* ---- within one interface ---- */

static int check_mtu(const struct conf_wireguard *w, const char *ipv6, struct refusal *r)
{
	const struct refusal_at at = {"wireguard", w->name, NULL, "mtu", NULL};

	if (w->mtu >= IPV6_MTU_MIN)
		return 0;
	return refuse(r, &at,
		      "mtu %u is too small for the IPv6 address %s; expected %d or more",
		      w->mtu, ipv6, IPV6_MTU_MIN);
}

static int check_address(const struct conf_wireguard *w, const struct conf_address *a,
			 struct refusal *r)
{
	const char *what = not_a_host(&a->addr);
	char text[ADDRESS_STRLEN];
	const struct refusal_at at = {"wireguard", w->name, NULL, "address",
				      address_str(a, text)};

	if (what)
		return refuse(r, &at, "address %s is %s; expected one of a host", text,
			      what);
	return a->addr.family == AF_INET6 ? check_mtu(w, text, r) : 0;
}

static int check_endpoint(const struct conf_wireguard *w, const struct conf_peer *p,
			  struct refusal *r)
{
	const struct refusal_at at = {"wireguard", w->name, p->name, "endpoint", NULL};
	const struct ip_addr *a = &p->endpoint.addr;
	char addr[IP_ADDR_STRLEN];
	const char *what;

	if (a->family == 0)
		return 0;
	what = not_a_host(a);
	if (!what && a->family == AF_INET6 && ip_addr_is_linklocal(a))
		what = "a link-local address, which needs an interface to be sent to";
	if (!what)
		return 0;
	return refuse(r, &at, "endpoint %s is %s; expected a host's global address",
		      ip_addr_str(a, addr), what);
}

static int claim_public_key(const struct conf_wireguard *w, const struct conf_peer *p,
			    struct claims *claims, struct refusal *r)
{
	static const uint8_t zero[CONF_KEY_LEN];
	const struct refusal_at at = {"wireguard", w->name, p->name, "public-key", NULL};

	if (!p->public_key_set)
		return 0;
	if (memcmp(p->public_key, zero, CONF_KEY_LEN) == 0)
		return refuse(r, &at,
			      "public-key is all zero; expected what 'wg pubkey' "
			      "prints for "
			      "the peer's private key");
	if (claims_add(claims, p->public_key, CONF_KEY_LEN, p, NULL))
		return refuse_no_memory(r);
	return 0;
}

static int check_public_keys(const struct conf_wireguard *w, struct refusal *r)
{
	const struct claim *first, *second;
	struct claims claims = {0};
	int err = 0;

	for (size_t i = 0; i < w->peer_count && !err; i++)
		err = claim_public_key(w, &w->peer[i], &claims, r);
	if (!err && (second = claims_clash(&claims, &first))) {
		const struct conf_peer *a = first->owner, *b = second->owner;
		const struct refusal_at at = {"wireguard", w->name, b->name, "public-key",
					      NULL};

		err = refuse(r, &at,
			     "public-key is also that of peer %s; expected one of its "
			     "own",
			     a->name);
	}
	claims_free(&claims);
	return err;
}

/* A peer that is this end itself: two keys taken for each other. */
static int check_own_key(const struct conf_wireguard *w, struct refusal *r)
{
	uint8_t own[CONF_KEY_LEN];

	if (!w->private_key.set)
		return 0;
	wg_key_public(own, w->private_key.key);
	for (size_t i = 0; i < w->peer_count; i++) {
		const struct conf_peer *p = &w->peer[i];
		const struct refusal_at at = {"wireguard", w->name, p->name, "public-key",
					      NULL};

		if (p->public_key_set && !memcmp(p->public_key, own, sizeof(own)))
			return refuse(r, &at,
				      "public-key is that of the interface itself; "
				      "expected the peer's");
	}
	return 0;
}

static int claim_allowed_ips(const struct conf_wireguard *w, struct claims *claims)
{
	for (size_t i = 0; i < w->peer_count; i++) {
		const struct conf_prefixes *set = &w->peer[i].allowed_ip;

		for (size_t j = 0; j < set->count; j++) {
			if (claims_add_prefix(claims, &set->v[j], &w->peer[i],
					      &set->v[j]))
				return -ENOMEM;
		}
	}
	return 0;
}

static int check_allowed_ips(const struct conf_wireguard *w, struct refusal *r)
{
	const struct claim *first, *second;
	struct claims claims = {0};
	char text[PREFIX_STRLEN];
	int err = 0;

	if (claim_allowed_ips(w, &claims))
		err = refuse_no_memory(r);
	else if ((second = claims_clash(&claims, &first))) {
		const struct conf_peer *a = first->owner, *b = second->owner;
		const struct refusal_at at = {"wireguard", w->name, b->name, "allowed-ip",
					      prefix_str(second->what, text)};
		bool same = a == b; /* spelt in two ways */

		err = refuse(r, &at,
			     "allowed-ip %s is also in %s%s; expected it once in an "
			     "interface",
			     text, same ? "the same peer" : "peer ", same ? "" : a->name);
	}
	claims_free(&claims);
	return err;
}

/* The interface's own addresses claim first, with no peer as their owner. */
static int claim_overlay(const struct conf_wireguard *w, struct claims *claims)
{
	int err = 0;

	for (size_t i = 0; i < w->address_count && !err; i++) {
		struct prefix host = prefix_host(&w->address[i].addr);

		err = claims_add_prefix(claims, &host, NULL, &w->address[i]);
	}
	for (size_t i = 0; i < w->peer_count && !err; i++) {
		const struct conf_peer *p = &w->peer[i];

		for (size_t j = 0; j < p->overlay_address_count && !err; j++) {
			struct prefix host = prefix_host(&p->overlay_address[j]);

			err = claims_add_prefix(claims, &host, p, &p->overlay_address[j]);
		}
	}
	return err;
}

/* One host's address with two lengths: both claims are the interface's. */
static int refuse_address_twice(const struct conf_wireguard *w, const struct claim *first,
				const struct claim *second, struct refusal *r)
{
	char a[ADDRESS_STRLEN], b[ADDRESS_STRLEN];
	const struct refusal_at at = {"wireguard", w->name, NULL, "address",
				      address_str(second->what, b)};

	return refuse(r, &at, "address %s is there already as %s; expected one of them",
		      b, address_str(first->what, a));
}

static int refuse_overlay_clash(const struct conf_wireguard *w, const struct claim *first,
				const struct claim *second, struct refusal *r)
{
	const struct conf_peer *a = first->owner, *b = second->owner;
	char text[IP_ADDR_STRLEN];
	struct refusal_at at = {"wireguard", w->name, NULL, "overlay-address", text};

	if (!b)
		return refuse_address_twice(w, first, second, r);
	at.peer = b->name;
	ip_addr_str(second->what, text);
	if (!a)
		return refuse(r, &at,
			      "overlay-address %s is the interface's own address; "
			      "expected "
			      "the peer's",
			      text);
	return refuse(r, &at,
		      "overlay-address %s is also in peer %s; expected it once in an "
		      "interface",
		      text, a->name);
}

static int check_overlay_hosts(const struct conf_wireguard *w, const struct conf_peer *p,
			       struct refusal *r)
{
	for (size_t i = 0; i < p->overlay_address_count; i++) {
		const char *what = not_a_host(&p->overlay_address[i]);
		char text[IP_ADDR_STRLEN];
		const struct refusal_at at = {"wireguard", w->name, p->name,
					      "overlay-address", text};

		ip_addr_str(&p->overlay_address[i], text);
		if (what)
			return refuse(r, &at,
				      "overlay-address %s is %s; expected one of a host",
				      text, what);
	}
	return 0;
}

static int check_overlay(const struct conf_wireguard *w, struct refusal *r)
{
	const struct claim *first, *second;
	struct claims claims = {0};
	int err = 0;

	for (size_t i = 0; i < w->peer_count && !err; i++)
		err = check_overlay_hosts(w, &w->peer[i], r);
	if (err)
		return err;
	if (claim_overlay(w, &claims))
		err = refuse_no_memory(r);
	else if ((second = claims_clash(&claims, &first)))
		err = refuse_overlay_clash(w, first, second, r);
	claims_free(&claims);
	return err;
}

static int check_each(const struct conf *c, struct refusal *r)
{
	for (size_t i = 0; i < c->wireguard_count; i++) {
		const struct conf_wireguard *w = &c->wireguard[i];
		int err = 0;

		for (size_t j = 0; j < w->address_count && !err; j++)
			err = check_address(w, &w->address[j], r);
		for (size_t j = 0; j < w->peer_count && !err; j++)
			err = check_endpoint(w, &w->peer[j], r);
		if (!err)
			err = check_public_keys(w, r);
		if (!err)
			err = check_own_key(w, r);
		if (!err)
			err = check_allowed_ips(w, r);
		if (!err)
			err = check_overlay(w, r);
		if (err)
			return err;
	}
	return 0;
}

/* ---- between interfaces ---- */

static int check_listen_ports(const struct conf *c, struct refusal *r)
{
	const struct claim *first, *second;
	struct claims claims = {0};
	int err = 0;

	for (size_t i = 0; i < c->wireguard_count && !err; i++) {
		const struct conf_wireguard *w = &c->wireguard[i];

		if (w->listen_port != 0 &&
		    claims_add(&claims, &w->listen_port, sizeof(w->listen_port), w, NULL))
			err = refuse_no_memory(r);
	}
	if (!err && (second = claims_clash(&claims, &first))) {
		const struct conf_wireguard *a = first->owner, *b = second->owner;
		const struct refusal_at at = {"wireguard", b->name, NULL, "listen-port",
					      NULL};

		err = refuse(r, &at,
			     "listen-port %u is also that of wireguard %s; expected "
			     "one of "
			     "its own",
			     b->listen_port, a->name);
	}
	claims_free(&claims);
	return err;
}

/* Link-local addresses mean something on one interface only: each may have the same. */
static int claim_addresses(const struct conf_wireguard *w, struct claims *claims)
{
	for (size_t i = 0; i < w->address_count; i++) {
		const struct conf_address *a = &w->address[i];
		struct prefix host = prefix_host(&a->addr);

		if (a->addr.family == AF_INET6 && ip_addr_is_linklocal(&a->addr))
			continue;
		if (claims_add_prefix(claims, &host, w, a))
			return -ENOMEM;
	}
	return 0;
}

static int check_address_owners(const struct conf *c, struct refusal *r)
{
	const struct claim *first, *second;
	struct claims claims = {0};
	char text[ADDRESS_STRLEN];
	int err = 0;

	for (size_t i = 0; i < c->wireguard_count && !err; i++) {
		if (claim_addresses(&c->wireguard[i], &claims))
			err = refuse_no_memory(r);
	}
	if (!err && (second = claims_clash(&claims, &first))) {
		const struct conf_wireguard *a = first->owner, *b = second->owner;
		const struct refusal_at at = {"wireguard", b->name, NULL, "address",
					      address_str(second->what, text)};

		err = refuse(r, &at,
			     "address %s is also on wireguard %s; expected one of its "
			     "own",
			     text, a->name);
	}
	claims_free(&claims);
	return err;
}

int validate_wireguards(const struct conf *c, struct refusal *r)
{
	int err = check_each(c, r);

	if (!err)
		err = check_listen_ports(c, r);
	if (!err)
		err = check_address_owners(c, r);
	return err;
}
