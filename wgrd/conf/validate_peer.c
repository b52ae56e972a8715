/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "wgrd/conf/validate.h"

static int check_endpoint(const struct conf_wireguard *w, const struct conf_peer *p,
			  struct refusal *r)
{
	const struct refusal_at at = {"wireguard", w->name, p->name,
				      "endpoint",  NULL,    NULL};
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

/* ---- allowed-ip ---- */

static struct claim_key allowed_key(const struct conf_wireguard *w,
				    const struct prefix *prefix)
{
	struct claim_key k = claim_key_in(w, CLAIM_ALLOWED_IP);

	claim_key_add_prefix(&k, prefix);
	return k;
}

static int claim_allowed_ip(const struct conf_wireguard *w, const struct conf_peer *p,
			    const struct prefix *prefix, struct claims *claims,
			    struct refusal *r)
{
	const struct claim_key k = allowed_key(w, prefix);
	const struct claim *first = claims_add(claims, &k, p, prefix);
	const struct conf_peer *other = first ? first->owner : NULL;
	bool same = other == p; /* spelt in two ways */
	char text[PREFIX_STRLEN];
	const struct refusal_at at = {"wireguard",  w->name, p->name,
				      "allowed-ip", text,    NULL};

	if (!first)
		return 0;
	prefix_str(prefix, text);
	return refuse(r, &at,
		      "allowed-ip %s is also in %s%s; expected it once in an interface",
		      text, same ? "the same peer" : "peer ", same ? "" : other->name);
}

/* ---- overlay-address ---- */

static int claim_overlay(const struct conf_wireguard *w, const struct conf_peer *p,
			 const struct ip_addr *a, struct claims *claims,
			 struct refusal *r)
{
	const char *what = not_a_host(a);
	char text[IP_ADDR_STRLEN];
	const struct refusal_at at = {"wireguard",       w->name, p->name,
				      "overlay-address", text,    NULL};
	const struct claim_key k = claim_key_host(w, a);
	const struct conf_peer *other;
	const struct claim *first;

	ip_addr_str(a, text);
	if (what)
		return refuse(r, &at, "overlay-address %s is %s; expected one of a host",
			      text, what);
	first = claims_add(claims, &k, p, a);
	if (!first)
		return 0;
	other = first->owner;
	if (!other)
		return refuse(r, &at,
			      "overlay-address %s is the interface's own address; "
			      "expected the peer's",
			      text);
	return refuse(r, &at,
		      "overlay-address %s is also in peer %s; expected it once in an "
		      "interface",
		      text, other->name);
}

/* ---- all of one ---- */

int validate_peer(const struct conf_wireguard *w, const struct conf_peer *p,
		  struct claims *claims, struct refusal *r)
{
	int err = check_endpoint(w, p, r)
			  ?: validate_peer_keys(w, p, claims, r)
				     ?: validate_backend_peer(w, p, r);

	for (size_t i = 0; i < p->allowed_ip.count && !err; i++)
		err = claim_allowed_ip(w, p, &p->allowed_ip.v[i], claims, r);
	for (size_t i = 0; i < p->overlay_address_count && !err; i++)
		err = claim_overlay(w, p, &p->overlay_address[i], claims, r);
	return err;
}

void drop_peer(const struct conf_wireguard *w, const struct conf_peer *p,
	       struct claims *claims)
{
	struct claim_key k;

	drop_peer_keys(w, p, claims);
	for (size_t i = 0; i < p->allowed_ip.count; i++) {
		k = allowed_key(w, &p->allowed_ip.v[i]);
		claims_drop(claims, &k);
	}
	for (size_t i = 0; i < p->overlay_address_count; i++) {
		k = claim_key_host(w, &p->overlay_address[i]);
		claims_drop(claims, &k);
	}
}
