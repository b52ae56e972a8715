/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/zapi/zapi_route.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
	ENCODABLE = ZAPI_ROUTE_NEXTHOP | ZAPI_ROUTE_DISTANCE | ZAPI_ROUTE_METRIC |
		    ZAPI_ROUTE_TAG | ZAPI_ROUTE_MTU | ZAPI_ROUTE_SRC | ZAPI_ROUTE_TABLE,
	DECODABLE = 0x7ff,
	SAFI_MAX = 9, /* none of FRR's reaches this */
	OPAQUE_MAX = 1024,
};

/*
 * 7.5 had neither NHG (0x80) nor OPAQUE (0x400), so TABLE and SRTE were one bit lower;
 * the bits below are the same in all dialects.
 */
static uint32_t fields_to_wire(const struct zapi_dialect *d, uint32_t fields)
{
	if (!zapi_dialect_has(d, ZAPI_MESSAGE_BITS_OLD))
		return fields;
	return (fields & 0x07f) | (fields & 0x300) >> 1;
}

/* Returns 0, or -EBADMSG for bits that change the layout in a way we do not know. */
static int fields_from_wire(const struct zapi_dialect *d, uint32_t wire, uint32_t *fields)
{
	*fields = wire;
	if (zapi_dialect_has(d, ZAPI_MESSAGE_BITS_OLD)) {
		if (wire & ~(uint32_t)0x1ff)
			return -EBADMSG;
		*fields = (wire & 0x07f) | (wire & 0x180) << 1;
	}
	return *fields & ~(uint32_t)DECODABLE ? -EBADMSG : 0;
}

static size_t prefix_bytes(const struct prefix *p)
{
	return (p->len + 7u) / 8;
}

static void put_prefix(struct wbuf *w, const struct prefix *p)
{
	wbuf_put_u8(w, p->len);
	wbuf_put(w, p->addr.bytes, prefix_bytes(p));
}

static void get_prefix(struct wbuf *w, sa_family_t family, struct prefix *p)
{
	memset(p, 0, sizeof(*p));
	p->addr.family = family;
	p->len = wbuf_get_u8(w);
	if (p->len > prefix_max_len(family)) {
		w->err = true;
		p->len = 0;
	}
	wbuf_get(w, p->addr.bytes, prefix_bytes(p));
	prefix_mask(p);
}

void zapi_encode_route(struct wbuf *w, const struct zapi_dialect *d, enum zapi_kind kind,
		       uint32_t vrf, const struct zapi_route *r)
{
	uint8_t *start = zapi_begin(w, d, kind, vrf);
	uint32_t flags = r->flags;
	uint8_t type;

	assert(!(r->fields & ~(uint32_t)ENCODABLE) &&
	       r->nexthop_count <= ZAPI_NEXTHOP_MAX);
	if (zapi_dialect_type(d, r->proto, &type))
		w->err = true;
	if ((r->fields & ZAPI_ROUTE_TABLE) && zapi_dialect_has(d, ZAPI_FLAG_WITH_TABLEID))
		flags |= ZAPI_ROUTE_TABLEID;
	wbuf_put_u8(w, type);
	wbuf_put_be16(w, r->instance);
	wbuf_put_be32(w, flags);
	wbuf_put_be32(w, fields_to_wire(d, r->fields));
	wbuf_put_u8(w, r->safi);
	wbuf_put_u8(w, (uint8_t)r->prefix.addr.family);
	put_prefix(w, &r->prefix);
	if (r->fields & ZAPI_ROUTE_SRC)
		put_prefix(w, &r->src);
	if (r->fields & ZAPI_ROUTE_NEXTHOP) {
		wbuf_put_be16(w, (uint16_t)r->nexthop_count);
		for (unsigned i = 0; i < r->nexthop_count; i++)
			zapi_put_nexthop(w, d, &r->nexthop[i]);
	}
	if (r->fields & ZAPI_ROUTE_DISTANCE)
		wbuf_put_u8(w, r->distance);
	if (r->fields & ZAPI_ROUTE_METRIC)
		wbuf_put_be32(w, r->metric);
	if (r->fields & ZAPI_ROUTE_TAG)
		wbuf_put_be32(w, r->tag);
	if (r->fields & ZAPI_ROUTE_MTU)
		wbuf_put_be32(w, r->mtu);
	if (r->fields & ZAPI_ROUTE_TABLE)
		wbuf_put_be32(w, r->table);
	zapi_end(w, start);
}

/* Returns the count, 0 after an error. */
static unsigned get_count(struct wbuf *w)
{
	uint16_t n = wbuf_get_be16(w);

	if (n > ZAPI_NEXTHOP_MAX)
		w->err = true;
	return w->err ? 0 : n;
}

static void get_nexthops(struct wbuf *w, const struct zapi_dialect *d,
			 struct zapi_route *r)
{
	bool coloured = r->fields & ZAPI_ROUTE_SRTE;
	struct zapi_nexthop backup;

	if (r->fields & ZAPI_ROUTE_NEXTHOP) {
		r->nexthop_count = get_count(w);
		for (unsigned i = 0; i < r->nexthop_count; i++)
			zapi_get_nexthop(w, d, coloured, &r->nexthop[i]);
	}
	if (r->fields & ZAPI_ROUTE_BACKUP)
		for (unsigned n = get_count(w); n > 0; n--)
			zapi_get_nexthop(w, d, coloured, &backup);
}

static void get_attributes(struct wbuf *w, struct zapi_route *r)
{
	if (r->fields & ZAPI_ROUTE_DISTANCE)
		r->distance = wbuf_get_u8(w);
	if (r->fields & ZAPI_ROUTE_METRIC)
		r->metric = wbuf_get_be32(w);
	if (r->fields & ZAPI_ROUTE_TAG)
		r->tag = wbuf_get_be32(w);
	if (r->fields & ZAPI_ROUTE_MTU)
		r->mtu = wbuf_get_be32(w);
	if (r->fields & ZAPI_ROUTE_TABLE)
		r->table = wbuf_get_be32(w);
	if (r->fields & ZAPI_ROUTE_OPAQUE) {
		uint16_t len = wbuf_get_be16(w);

		if (len > OPAQUE_MAX)
			w->err = true;
		wbuf_skip(w, len);
	}
}

int zapi_decode_route(struct wbuf *body, const struct zapi_dialect *d,
		      struct zapi_route *r)
{
	sa_family_t family;

	memset(r, 0, offsetof(struct zapi_route, nexthop));
	if (zapi_dialect_proto(d, wbuf_get_u8(body), &r->proto))
		return -EBADMSG;
	r->instance = wbuf_get_be16(body);
	r->flags = wbuf_get_be32(body);
	if (fields_from_wire(d, wbuf_get_be32(body), &r->fields))
		return -EBADMSG;
	r->safi = wbuf_get_u8(body);
	family = wbuf_get_u8(body);
	if (r->safi == 0 || r->safi >= SAFI_MAX || !ip_family_len(family))
		return -EBADMSG;
	get_prefix(body, family, &r->prefix);
	if (r->fields & ZAPI_ROUTE_SRC) {
		get_prefix(body, AF_INET6, &r->src);
		if (family != AF_INET6)
			return -EBADMSG;
	}
	if (r->fields & ZAPI_ROUTE_NHG)
		wbuf_skip(body, 4);
	get_nexthops(body, d, r);
	get_attributes(body, r);
	return wbuf_done(body) ? 0 : -EBADMSG;
}
