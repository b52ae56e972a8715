/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_ZAPI_ZAPI_ROUTE_H
#define WGRD_PROTO_ZAPI_ZAPI_ROUTE_H

/*
 * Routes: ROUTE_ADD and ROUTE_DELETE to zebra, REDISTRIBUTE_ROUTE_ADD and _DEL from it,
 * all with one body. See zapi.h for the rules of all codecs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "proto/zapi/zapi.h"
#include "proto/zapi/zapi_dialect.h"
#include "proto/zapi/zapi_nexthop.h"

/* Which fields a route has. These are the bits of 8.4 and later; the codec translates. */
enum zapi_route_field {
	ZAPI_ROUTE_NEXTHOP = 0x001,
	ZAPI_ROUTE_DISTANCE = 0x002,
	ZAPI_ROUTE_METRIC = 0x004,
	ZAPI_ROUTE_TAG = 0x008,
	ZAPI_ROUTE_MTU = 0x010,
	ZAPI_ROUTE_SRC = 0x020,    /* source-specific (IPv6) */
	ZAPI_ROUTE_BACKUP = 0x040, /* decoded past, not encoded */
	ZAPI_ROUTE_NHG = 0x080,    /* decoded past, not encoded */
	ZAPI_ROUTE_TABLE = 0x100,
	ZAPI_ROUTE_SRTE = 0x200,   /* decoded past, not encoded */
	ZAPI_ROUTE_OPAQUE = 0x400, /* decoded past, not encoded */
};

enum zapi_route_flag {
	ZAPI_ROUTE_ALLOW_RECURSION = 0x001,
	ZAPI_ROUTE_SELFROUTE = 0x002,
	ZAPI_ROUTE_IBGP = 0x004,
	ZAPI_ROUTE_SELECTED = 0x008,
	ZAPI_ROUTE_FIB_OVERRIDE = 0x010,
	ZAPI_ROUTE_EVPN = 0x020,
	ZAPI_ROUTE_TABLEID = 0x800, /* set by the encoder where the dialect wants it */
};

/* About 12 KiB: for the stack or one static place, not for keeping. */
struct zapi_route {
	enum zapi_proto proto;
	uint16_t instance;
	uint32_t flags;  /* enum zapi_route_flag, and others we do not name */
	uint32_t fields; /* enum zapi_route_field */
	uint8_t safi;
	struct prefix prefix; /* decoded without host bits */
	struct prefix src;    /* with ZAPI_ROUTE_SRC */
	uint8_t distance;
	uint32_t metric, tag, mtu, table;
	unsigned nexthop_count;
	struct zapi_nexthop
		nexthop[ZAPI_NEXTHOP_MAX]; /* only the first nexthop_count are set */
};

/* @r may have no fields but those said to be encoded. */
void zapi_encode_route(struct wbuf *w, const struct zapi_dialect *d, enum zapi_kind kind,
		       uint32_t vrf, const struct zapi_route *r);
int zapi_decode_route(struct wbuf *body, const struct zapi_dialect *d,
		      struct zapi_route *r);

#endif
