/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/zapi/zapi_nht.h"

#include <errno.h>
#include <string.h>

#include "proto/zapi/zapi_route.h"

/* Family in two bytes, length, whole address: unlike prefixes in routes. */
static void put_target(struct wbuf *w, const struct prefix *p)
{
	wbuf_put_be16(w, p->addr.family);
	wbuf_put_u8(w, p->len);
	wbuf_put(w, p->addr.bytes, ip_family_len(p->addr.family));
}

static void get_target(struct wbuf *w, struct prefix *p)
{
	memset(p, 0, sizeof(*p));
	p->addr.family = wbuf_get_be16(w);
	p->len = wbuf_get_u8(w);
	if (!ip_family_len(p->addr.family) || p->len > prefix_max_len(p->addr.family))
		w->err = true;
	wbuf_get(w, p->addr.bytes, ip_family_len(p->addr.family));
}

void zapi_encode_nht_register(struct wbuf *w, const struct zapi_dialect *d,
			      enum zapi_kind kind, uint32_t vrf,
			      const struct zapi_nht_register *r)
{
	uint8_t *start = zapi_begin(w, d, kind, vrf);

	wbuf_put_u8(w, r->connected);
	if (zapi_dialect_has(d, ZAPI_NHT_SAFI)) {
		wbuf_put_u8(w, r->via_default);
		wbuf_put_be16(w, ZAPI_SAFI_UNICAST);
	}
	put_target(w, &r->target);
	zapi_end(w, start);
}

int zapi_decode_nht_register(struct wbuf *body, const struct zapi_dialect *d,
			     struct zapi_nht_register *r)
{
	r->connected = wbuf_get_bool(body);
	r->via_default = false;
	if (zapi_dialect_has(d, ZAPI_NHT_SAFI)) {
		r->via_default = wbuf_get_bool(body);
		wbuf_skip(body, 2);
	}
	get_target(body, &r->target);
	return wbuf_done(body) ? 0 : -EBADMSG;
}

void zapi_encode_nht_update(struct wbuf *w, const struct zapi_dialect *d, uint32_t vrf,
			    const struct zapi_nht_update *u)
{
	uint8_t *start = zapi_begin(w, d, ZAPI_NEXTHOP_UPDATE, vrf);
	uint8_t type = 0; /* unreachable: zebra's SYSTEM, which is one of our OTHER */

	if (u->proto != ZAPI_PROTO_OTHER && zapi_dialect_type(d, u->proto, &type))
		w->err = true;
	wbuf_put_be32(w, 0);
	if (zapi_dialect_has(d, ZAPI_NHT_SAFI))
		wbuf_put_be16(w, ZAPI_SAFI_UNICAST);
	put_target(w, &u->target);
	if (zapi_dialect_has(d, ZAPI_NHT_SAFI))
		put_target(w, &u->matched);
	wbuf_put_u8(w, type);
	wbuf_put_be16(w, u->instance);
	wbuf_put_u8(w, u->distance);
	wbuf_put_be32(w, u->metric);
	if (zapi_dialect_has(d, ZAPI_NHT_COUNT16))
		wbuf_put_be16(w, (uint16_t)u->nexthop_count);
	else if (u->nexthop_count > UINT8_MAX)
		w->err = true;
	else
		wbuf_put_u8(w, (uint8_t)u->nexthop_count);
	for (unsigned i = 0; i < u->nexthop_count; i++)
		zapi_put_nexthop(w, d, &u->nexthop[i]);
	zapi_end(w, start);
}

int zapi_decode_nht_update(struct wbuf *body, const struct zapi_dialect *d,
			   struct zapi_nht_update *u)
{
	uint32_t srte = zapi_dialect_has(d, ZAPI_MESSAGE_BITS_OLD) ? ZAPI_ROUTE_SRTE >> 1
								   : ZAPI_ROUTE_SRTE;
	bool coloured;

	memset(u, 0, offsetof(struct zapi_nht_update, nexthop));
	coloured = wbuf_get_be32(body) & srte;
	if (zapi_dialect_has(d, ZAPI_NHT_SAFI))
		wbuf_skip(body, 2);
	get_target(body, &u->target);
	u->matched = u->target;
	if (zapi_dialect_has(d, ZAPI_NHT_SAFI))
		get_target(body, &u->matched);
	if (coloured)
		wbuf_skip(body, 4);
	if (zapi_dialect_proto(d, wbuf_get_u8(body), &u->proto))
		return -EBADMSG;
	u->instance = wbuf_get_be16(body);
	u->distance = wbuf_get_u8(body);
	u->metric = wbuf_get_be32(body);
	u->nexthop_count = zapi_dialect_has(d, ZAPI_NHT_COUNT16) ? wbuf_get_be16(body)
								 : wbuf_get_u8(body);
	if (u->nexthop_count > ZAPI_NEXTHOP_MAX)
		return -EBADMSG;
	for (unsigned i = 0; i < u->nexthop_count; i++)
		zapi_get_nexthop(body, d, coloured, &u->nexthop[i]);
	return wbuf_done(body) ? 0 : -EBADMSG;
}
