/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_ZAPI_ZAPI_NHT_H
#define WGRD_PROTO_ZAPI_ZAPI_NHT_H

/*
 * Next-hop tracking: zebra is asked how an address is reached and tells, now and after
 * each change. Redistribution carries BGP next hops as they came, so this is how a
 * recursive one is followed to a connected one. See zapi.h for the rules of all codecs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "proto/zapi/zapi.h"
#include "proto/zapi/zapi_dialect.h"
#include "proto/zapi/zapi_nexthop.h"

struct zapi_nht_register {
	struct prefix target;
	bool connected;   /* only a connected route counts */
	bool via_default; /* a default route counts; lost in 7.5, which has a setting of
			     its own */
};
/* @kind is NEXTHOP_REGISTER or NEXTHOP_UNREGISTER. */
void zapi_encode_nht_register(struct wbuf *w, const struct zapi_dialect *d,
			      enum zapi_kind kind, uint32_t vrf,
			      const struct zapi_nht_register *r);
int zapi_decode_nht_register(struct wbuf *body, const struct zapi_dialect *d,
			     struct zapi_nht_register *r);

struct zapi_nht_update {
	struct prefix target;  /* what was asked */
	struct prefix matched; /* the route it was found by; 7.5 repeats @target */
	enum zapi_proto proto; /* of that route */
	uint16_t instance;
	uint8_t distance;
	uint32_t metric;
	unsigned nexthop_count; /* 0: unreachable */
	struct zapi_nexthop nexthop[ZAPI_NEXTHOP_MAX];
};
void zapi_encode_nht_update(struct wbuf *w, const struct zapi_dialect *d, uint32_t vrf,
			    const struct zapi_nht_update *u);
int zapi_decode_nht_update(struct wbuf *body, const struct zapi_dialect *d,
			   struct zapi_nht_update *u);

#endif
