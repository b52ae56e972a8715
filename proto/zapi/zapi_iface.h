/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_ZAPI_ZAPI_IFACE_H
#define WGRD_PROTO_ZAPI_ZAPI_IFACE_H

/*
 * Interfaces and their addresses as zebra tells them: INTERFACE_ADD, _DELETE, _UP and
 * _DOWN share one body, INTERFACE_ADDRESS_ADD and _DELETE another. An index is unique
 * within its VRF only. See zapi.h for the rules of all codecs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "proto/zapi/zapi.h"
#include "proto/zapi/zapi_dialect.h"

enum {
	ZAPI_IFNAME_LEN = 16, /* with its NUL */
	ZAPI_HWADDR_MAX = 20,
};

struct zapi_iface {
	char name[ZAPI_IFNAME_LEN];
	uint32_t ifindex;
	uint8_t status; /* zebra's own flags */
	uint64_t flags; /* IFF_* of the kernel */
	uint32_t metric, speed, mtu, mtu6, bandwidth, link_ifindex, link_type;
	uint8_t hwaddr_len;
	uint8_t hwaddr[ZAPI_HWADDR_MAX];
};

/* Up, and something is at the other end: what zebra wants before it installs a route. */
bool zapi_iface_is_running(const struct zapi_iface *i);

void zapi_encode_iface(struct wbuf *w, const struct zapi_dialect *d, enum zapi_kind kind,
		       uint32_t vrf, const struct zapi_iface *i);
int zapi_decode_iface(struct wbuf *body, const struct zapi_dialect *d,
		      struct zapi_iface *i);

struct zapi_iface_addr {
	uint32_t ifindex;
	uint8_t flags;        /* zebra's: 1 secondary, 2 peer, 4 unnumbered */
	struct prefix prefix; /* with its host bits */
	struct ip_addr dest;  /* of a point-to-point link; 0.0.0.0 or :: if none */
};

void zapi_encode_iface_addr(struct wbuf *w, const struct zapi_dialect *d,
			    enum zapi_kind kind, uint32_t vrf,
			    const struct zapi_iface_addr *a);
int zapi_decode_iface_addr(struct wbuf *body, struct zapi_iface_addr *a);

#endif
