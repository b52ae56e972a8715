/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The addresses of interfaces. Those of one interface and of its peers' ends are hosts in
 * one network, so each is there once; over all interfaces each is on one.
 */

#include <stdio.h>
#include <string.h>

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

const char *not_a_host(const struct ip_addr *a)
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
	const struct refusal_at at = {"wireguard", w->name, NULL, "mtu", NULL, NULL};

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
	const struct refusal_at at = {"wireguard",          w->name, NULL, "address",
				      address_str(a, text), NULL};

	if (what)
		return refuse(r, &at, "address %s is %s; expected one of a host", text,
			      what);
	return a->addr.family == AF_INET6 ? check_mtu(w, text, r) : 0;
}

/* With two lengths, or of a peer: no peer is the owner of the interface's own. */
static int refuse_address(const struct conf_wireguard *w, const struct claim *first,
			  const struct conf_address *a, struct refusal *r)
{
	const struct conf_peer *p = first->owner;
	char text[ADDRESS_STRLEN], other[ADDRESS_STRLEN];
	const struct refusal_at at = {"wireguard",          w->name, NULL, "address",
				      address_str(a, text), NULL};

	if (p)
		return refuse(r, &at,
			      "address %s is the overlay-address of peer %s; expected "
			      "one of its own",
			      text, p->name);
	return refuse(r, &at, "address %s is there already as %s; expected one of them",
		      text, address_str(first->what, other));
}

int validate_addresses(const struct conf_wireguard *w, struct claims *claims,
		       struct refusal *r)
{
	int err = 0;

	for (size_t i = 0; i < w->address_count && !err; i++) {
		const struct conf_address *a = &w->address[i];
		const struct claim_key k = claim_key_host(w, &a->addr);
		const struct claim *first;

		err = check_address(w, a, r);
		if (!err && (first = claims_add(claims, &k, NULL, a)))
			err = refuse_address(w, first, a, r);
	}
	return err;
}

void drop_addresses(const struct conf_wireguard *w, struct claims *claims)
{
	for (size_t i = 0; i < w->address_count; i++) {
		const struct claim_key k = claim_key_host(w, &w->address[i].addr);

		claims_drop(claims, &k);
	}
}

/* ---- over all of them ---- */

/* Link-local addresses mean something on one interface only: each may have the same. */
static int claim_addresses(const struct conf_wireguard *w, struct claims *claims,
			   struct refusal *r)
{
	for (size_t i = 0; i < w->address_count; i++) {
		const struct conf_address *a = &w->address[i];
		const struct prefix host = prefix_host(&a->addr);
		const struct conf_wireguard *other;
		struct claim_key k = {.len = 0};
		const struct claim *first;
		char text[ADDRESS_STRLEN];
		const struct refusal_at at = {"wireguard", w->name, NULL,
					      "address",   text,    NULL};

		if (a->addr.family == AF_INET6 && ip_addr_is_linklocal(&a->addr))
			continue;
		claim_key_add_prefix(&k, &host);
		first = claims_add(claims, &k, w, a);
		if (!first)
			continue;
		other = first->owner;
		address_str(a, text);
		return refuse(r, &at,
			      "address %s is also on wireguard %s; expected one of its "
			      "own",
			      text, other->name);
	}
	return 0;
}

int validate_addresses_between(const struct conf *c, struct refusal *r)
{
	struct claims claims = {0};
	int err = 0;

	for (size_t i = 0; i < c->wireguard_count && !err; i++)
		err = claim_addresses(c->wireguard[i], &claims, r);
	claims_free(&claims);
	return err;
}
