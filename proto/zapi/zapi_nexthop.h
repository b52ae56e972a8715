/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_ZAPI_ZAPI_NEXTHOP_H
#define WGRD_PROTO_ZAPI_ZAPI_NEXTHOP_H

/*
 * A next hop inside routes and next-hop tracking. What wgrd forwards by is kept; labels,
 * colours, router MACs, backups and segments are checked for their length and left out.
 * See zapi.h for the rules of all codecs.
 */

#include <stdint.h>

#include "proto/net/addr.h"
#include "proto/zapi/zapi.h"
#include "proto/zapi/zapi_dialect.h"

enum {
	ZAPI_NEXTHOP_MAX = 256, /* the most FRR can be built for */
	ZAPI_LABEL_MAX = 16,
	ZAPI_BACKUP_MAX = 8,
	ZAPI_SEGMENT_MAX = 16,
};

enum zapi_nexthop_type {
	ZAPI_NEXTHOP_IFINDEX = 1,
	ZAPI_NEXTHOP_IPV4 = 2, /* the index is filled in when zebra knows it */
	ZAPI_NEXTHOP_IPV4_IFINDEX = 3,
	ZAPI_NEXTHOP_IPV6 = 4,
	ZAPI_NEXTHOP_IPV6_IFINDEX = 5,
	ZAPI_NEXTHOP_BLACKHOLE = 6,
};

struct zapi_nexthop {
	uint32_t vrf;
	enum zapi_nexthop_type type;
	struct ip_addr gate; /* family 0: none */
	uint32_t ifindex;    /* 0: none, or to be resolved */
	uint8_t blackhole;   /* what kind of ZAPI_NEXTHOP_BLACKHOLE */
	uint64_t weight;     /* 0: none was given */
	bool onlink;
};

/* Field codecs: they go into a message of the caller's. @coloured: the message has SRTE
 * set. */
void zapi_put_nexthop(struct wbuf *w, const struct zapi_dialect *d,
		      const struct zapi_nexthop *nh);
void zapi_get_nexthop(struct wbuf *w, const struct zapi_dialect *d, bool coloured,
		      struct zapi_nexthop *nh);

#endif
