/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_UAPI_PLAN_H
#define WGRD_UAPI_PLAN_H

/*
 * The peers of an interface as they would be after a set of wg(8): a copy of what is
 * configured, to which the request is applied in its order. Pure but for memory: nothing
 * is edited here; set.c compares the result with the configuration. Main thread only.
 */

#include <uthash.h>

#include "wgrd/conf/conf.h"
#include "wgrd/lib/pmap.h"
#include "wgrd/uapi/request.h"

struct plan_peer {
	UT_hash_handle by_key, by_name;
	uint8_t public_key[CONF_KEY_LEN];
	char name[CONF_NAME_LEN];
	const struct conf_peer *conf; /* NULL: it is new */
	bool present;                 /* false: it is to be removed */
	struct conf_secret preshared_key;
	struct conf_endpoint endpoint;
	bool endpoint_said; /* by the request: it may be said to a peer that moved */
	uint16_t persistent_keepalive;
	struct plan_prefix *prefixes; /* that are to be its allowed-ip */
};

/* A prefix that is configured or is to be. */
struct plan_prefix {
	struct prefix prefix;
	struct plan_peer *was, *now;       /* NULL: nobody's */
	struct plan_prefix *next, **pprev; /* in the list of now */
};

struct plan {
	const struct conf_wireguard *conf;
	struct plan_peer *by_key, *by_name; /* all peers that have a public key */
	struct pmap prefixes;               /* of struct plan_prefix */
};

/* @w stays the caller's and must outlive the plan. 0 or -ENOMEM; @p is to be freed either
 * way. */
int plan_init(struct plan *p, const struct conf_wireguard *w) MUST_USE;
/*
 * What a set says about peers. A peer that is removed and comes again in it keeps its
 * name, and of the rest only what wg(8) does not know. Returns 0, -ENOMEM, or -EEXIST when
 * no name is left for a new peer.
 */
int plan_apply(struct plan *p, const struct request *r) MUST_USE;
void plan_fini(struct plan *p);

#endif
