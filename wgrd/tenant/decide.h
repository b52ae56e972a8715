/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TENANT_DECIDE_H
#define WGRD_TENANT_DECIDE_H

/*
 * The decision about one learned route, as a pure function of the route and of what the
 * caller says about its next hops: no state is read or changed in here, so that the same
 * function answers "what was decided" and "why".
 */

#include <stddef.h>

#include "proto/net/prefix.h"
#include "wgrd/conf/conf.h"
#include "wgrd/lib/util.h"
#include "wgrd/rib/rib.h"
#include "wgrd/wg/wg.h"

enum decide_verdict {
	DECIDE_ACCEPT,
	DECIDE_NO_PEER,          /* the next hop is no peer's overlay address */
	DECIDE_NOT_OURS,         /* no next hop lies on a WireGuard interface */
	DECIDE_PEER_UNUSABLE,    /* the peer is shut down or has no key */
	DECIDE_OUTSIDE_SUPERNET, /* no supernet of the tenant contains it */
	DECIDE_DEFAULT_ROUTE,    /* 0.0.0.0/0 or ::/0 without an explicit supernet */
	DECIDE_COVERED_LOCALLY,  /* the same prefix is static, an overlay address or
				    connected */
	DECIDE_PEER_LIMIT,       /* over the peer's max-prefix */
	DECIDE_TENANT_LIMIT,     /* over the tenant's max-prefix */
	DECIDE_OWN,              /* we gave it to zebra ourselves */
	DECIDE_VERDICT_COUNT,
};
const char *
decide_verdict_name(enum decide_verdict v); /* a word for JSON: "outside-supernet" */

#endif
