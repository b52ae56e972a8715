/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_VALIDATE_H
#define WGRD_CONF_VALIDATE_H

/*
 * The rules that YANG cannot state, or not at a price that follows what a commit changes.
 * What is merely incomplete passes: an interface without a key, a peer without a public
 * key, a tenant without a table, a reference to a tenant that is not there.
 *
 * Looked at is what a configuration does not share with the one before it, which was
 * valid. What no two objects of an interface may have is claimed for good in @claims;
 * rules between interfaces and between tenants are asked of all of them, of which there
 * are fewer than of peers, and only when one has changed.
 */

#include "wgrd/conf/claims.h"
#include "wgrd/conf/conf.h"
#include "wgrd/conf/refusal.h"
#include "wgrd/lib/util.h"

/*
 * @claims are those of @old; at the end they are @now's, not kept yet, whether it is valid
 * or not. Returns 0, or a negative errno with a broken rule in @r.
 */
int conf_validate(const struct conf *old, const struct conf *now, struct claims *claims,
		  struct refusal *r) MUST_USE;

/* Its parts. */
int validate_metrics(const struct conf *c, struct refusal *r) MUST_USE;
int validate_prefix_list(const struct conf_prefix_list *l, struct refusal *r) MUST_USE;
int validate_wireguards(const struct conf *old, const struct conf *now,
			struct claims *claims, struct refusal *r) MUST_USE;
int validate_tenants(const struct conf *c, struct refusal *r) MUST_USE;

/* What an interface and each of its peers claim in it: keys, addresses, prefixes. */
enum claim_kind {
	CLAIM_PUBLIC_KEY,
	CLAIM_HOST,
	CLAIM_ALLOWED_IP,
};
struct claim_key claim_key_in(const struct conf_wireguard *w, enum claim_kind kind);
/* Of an address, the interface's own or of a peer's end. */
struct claim_key claim_key_host(const struct conf_wireguard *w, const struct ip_addr *a);

int validate_own_keys(const struct conf_wireguard *w, struct claims *claims,
		      struct refusal *r) MUST_USE;
void drop_own_keys(const struct conf_wireguard *w, struct claims *claims);
int validate_own_keys_between(const struct conf *c, struct refusal *r) MUST_USE;
int validate_peer_keys(const struct conf_wireguard *w, const struct conf_peer *p,
		       struct claims *claims, struct refusal *r) MUST_USE;
void drop_peer_keys(const struct conf_wireguard *w, const struct conf_peer *p,
		    struct claims *claims);

/* What keeps @a from being one host's address; NULL when nothing does. */
const char *not_a_host(const struct ip_addr *a);
int validate_addresses(const struct conf_wireguard *w, struct claims *claims,
		       struct refusal *r) MUST_USE;
void drop_addresses(const struct conf_wireguard *w, struct claims *claims);
int validate_addresses_between(const struct conf *c, struct refusal *r) MUST_USE;

int validate_peer(const struct conf_wireguard *w, const struct conf_peer *p,
		  struct claims *claims, struct refusal *r) MUST_USE;
void drop_peer(const struct conf_wireguard *w, const struct conf_peer *p,
	       struct claims *claims);

/* For what the kernel's WireGuard cannot do; nothing when it is not the back end. */
int validate_backend(const struct conf_wireguard *w, struct refusal *r) MUST_USE;
int validate_backend_port(const struct conf *c, const struct conf_wireguard *w,
			  struct refusal *r) MUST_USE;
int validate_backend_peer(const struct conf_wireguard *w, const struct conf_peer *p,
			  struct refusal *r) MUST_USE;

#endif
