/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/zapi/zapi_nexthop.h"

#include <string.h>

/* Which optional fields follow, in one byte. They follow in the order of get_options().
 */
enum {
	NH_ONLINK = 0x01,
	NH_LABEL = 0x02,
	NH_WEIGHT = 0x04,
	NH_BACKUP = 0x08,
	NH_SEG6 = 0x10,
	NH_SEG6LOCAL = 0x20,
	NH_EVPN = 0x40,
	NH_KNOWN = 0x7f,
};

void zapi_put_nexthop(struct wbuf *w, const struct zapi_dialect *d,
		      const struct zapi_nexthop *nh)
{
	wbuf_put_be32(w, nh->vrf);
	wbuf_put_u8(w, (uint8_t)nh->type);
	wbuf_put_u8(w, (uint8_t)((nh->onlink ? NH_ONLINK : 0) |
				 (nh->weight ? NH_WEIGHT : 0)));
	switch (nh->type) {
	case ZAPI_NEXTHOP_IPV4:
	case ZAPI_NEXTHOP_IPV4_IFINDEX:
		wbuf_put(w, nh->gate.bytes, 4);
		wbuf_put_be32(w, nh->ifindex);
		break;
	case ZAPI_NEXTHOP_IPV6:
	case ZAPI_NEXTHOP_IPV6_IFINDEX:
		wbuf_put(w, nh->gate.bytes, 16);
		wbuf_put_be32(w, nh->ifindex);
		break;
	case ZAPI_NEXTHOP_IFINDEX:
		wbuf_put_be32(w, nh->ifindex);
		break;
	case ZAPI_NEXTHOP_BLACKHOLE:
		wbuf_put_u8(w, nh->blackhole);
		break;
	}
	if (!nh->weight)
		return;
	if (zapi_dialect_has(d, ZAPI_NH_WEIGHT64))
		wbuf_put_be64(w, nh->weight);
	else if (nh->weight > UINT32_MAX)
		w->err = true;
	else
		wbuf_put_be32(w, (uint32_t)nh->weight);
}

static void get_gate(struct wbuf *w, struct zapi_nexthop *nh, sa_family_t family)
{
	nh->gate.family = family;
	wbuf_get(w, nh->gate.bytes, ip_family_len(family));
	nh->ifindex = wbuf_get_be32(w);
}

/* A count in a byte and that many things of @size. */
static void skip_list(struct wbuf *w, unsigned max, size_t size, size_t head)
{
	uint8_t n = wbuf_get_u8(w);

	if (n > max)
		w->err = true;
	else
		wbuf_skip(w, head + n * size);
}

static void get_options(struct wbuf *w, const struct zapi_dialect *d, uint8_t flags,
			bool coloured, struct zapi_nexthop *nh)
{
	if (flags & NH_LABEL)
		skip_list(w, ZAPI_LABEL_MAX, 4,
			  zapi_dialect_has(d, ZAPI_NH_LABEL_TYPE) ? 1 : 0);
	if (flags & NH_WEIGHT)
		nh->weight = zapi_dialect_has(d, ZAPI_NH_WEIGHT64) ? wbuf_get_be64(w)
								   : wbuf_get_be32(w);
	if (flags & NH_EVPN)
		wbuf_skip(w, 6);
	if (coloured)
		wbuf_skip(w, 4);
	if (flags & NH_BACKUP)
		skip_list(w, ZAPI_BACKUP_MAX, 1, 0);
	if (flags & NH_SEG6LOCAL) /* followed by a raw struct of unknown size */
		w->err = true;
	if (flags & NH_SEG6) {
		if (zapi_dialect_has(d, ZAPI_NH_SEG6_LIST))
			skip_list(w, ZAPI_SEGMENT_MAX, 16, 0);
		else
			wbuf_skip(w, 16);
		if (zapi_dialect_has(d, ZAPI_NH_SEG6_ENCAP))
			wbuf_skip(w, 4);
	}
}

void zapi_get_nexthop(struct wbuf *w, const struct zapi_dialect *d, bool coloured,
		      struct zapi_nexthop *nh)
{
	uint8_t flags;

	memset(nh, 0, sizeof(*nh));
	nh->vrf = wbuf_get_be32(w);
	nh->type = wbuf_get_u8(w);
	flags = wbuf_get_u8(w);
	nh->onlink = flags & NH_ONLINK;
	if (flags & ~NH_KNOWN)
		w->err = true;
	switch (nh->type) {
	case ZAPI_NEXTHOP_IPV4:
	case ZAPI_NEXTHOP_IPV4_IFINDEX:
		get_gate(w, nh, AF_INET);
		break;
	case ZAPI_NEXTHOP_IPV6:
	case ZAPI_NEXTHOP_IPV6_IFINDEX:
		get_gate(w, nh, AF_INET6);
		break;
	case ZAPI_NEXTHOP_IFINDEX:
		nh->ifindex = wbuf_get_be32(w);
		break;
	case ZAPI_NEXTHOP_BLACKHOLE:
		nh->blackhole = wbuf_get_u8(w);
		break;
	default:
		w->err = true;
	}
	get_options(w, d, flags, coloured, nh);
}
