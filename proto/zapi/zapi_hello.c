/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/zapi/zapi_hello.h"

#include <errno.h>
#include <string.h>

static int finish(const struct wbuf *body)
{
	return wbuf_done(body) ? 0 : -EBADMSG;
}

/* proto, instance, session, [notify], synchronous: 9 bytes, 8 from 10.0 on. */
void zapi_encode_hello(struct wbuf *w, const struct zapi_dialect *d,
		       const struct zapi_hello *h)
{
	uint8_t *start = zapi_begin(w, d, ZAPI_HELLO, 0);
	uint8_t type;

	if (zapi_dialect_type(d, h->proto, &type))
		w->err = true;
	wbuf_put_u8(w, type);
	wbuf_put_be16(w, h->instance);
	wbuf_put_be32(w, h->session);
	if (zapi_dialect_has(d, ZAPI_HELLO_NOTIFY))
		wbuf_put_u8(w, h->notify);
	wbuf_put_u8(w, h->synchronous);
	zapi_end(w, start);
}

int zapi_decode_hello(struct wbuf *body, const struct zapi_dialect *d,
		      struct zapi_hello *h)
{
	if (zapi_dialect_proto(d, wbuf_get_u8(body), &h->proto))
		return -EBADMSG;
	h->instance = wbuf_get_be16(body);
	h->session = wbuf_get_be32(body);
	h->notify = zapi_dialect_has(d, ZAPI_HELLO_NOTIFY) && wbuf_get_bool(body);
	h->synchronous = wbuf_get_bool(body);
	return finish(body);
}

void zapi_encode_capabilities(struct wbuf *w, const struct zapi_dialect *d,
			      const struct zapi_capabilities *c)
{
	uint8_t *start = zapi_begin(w, d, ZAPI_CAPABILITIES, 0);

	if (zapi_dialect_has(d, ZAPI_CAPS_BACKEND8))
		wbuf_put_u8(w, c->vrf_netns);
	else
		wbuf_put_be32(w, c->vrf_netns);
	wbuf_put_u8(w, c->mpls);
	wbuf_put_be32(w, c->ecmp);
	wbuf_put_u8(w, c->mlag_role);
	if (zapi_dialect_has(d, ZAPI_CAPS_V6NH))
		wbuf_put_u8(w, c->v6_with_v4_nexthop);
	if (zapi_dialect_has(d, ZAPI_CAPS_GR))
		wbuf_put_u8(w, c->graceful_restart);
	zapi_end(w, start);
}

int zapi_decode_capabilities(struct wbuf *body, const struct zapi_dialect *d,
			     struct zapi_capabilities *c)
{
	uint32_t backend = zapi_dialect_has(d, ZAPI_CAPS_BACKEND8) ? wbuf_get_u8(body)
								   : wbuf_get_be32(body);

	memset(c, 0, sizeof(*c));
	if (backend > 1)
		return -EBADMSG;
	c->vrf_netns = backend;
	c->mpls = wbuf_get_bool(body);
	c->ecmp = wbuf_get_be32(body);
	c->mlag_role = wbuf_get_u8(body);
	if (zapi_dialect_has(d, ZAPI_CAPS_V6NH))
		c->v6_with_v4_nexthop = wbuf_get_bool(body);
	if (zapi_dialect_has(d, ZAPI_CAPS_GR))
		c->graceful_restart = wbuf_get_bool(body);
	return finish(body);
}

static uint8_t afi_of(sa_family_t family)
{
	return family == AF_INET6 ? ZAPI_AFI_IPV6 : ZAPI_AFI_IPV4;
}

void zapi_encode_router_id_add(struct wbuf *w, const struct zapi_dialect *d, uint32_t vrf,
			       sa_family_t family)
{
	uint8_t *start = zapi_begin(w, d, ZAPI_ROUTER_ID_ADD, vrf);

	wbuf_put_be16(w, afi_of(family));
	zapi_end(w, start);
}

void zapi_encode_router_id_update(struct wbuf *w, const struct zapi_dialect *d,
				  uint32_t vrf, const struct ip_addr *id)
{
	uint8_t *start = zapi_begin(w, d, ZAPI_ROUTER_ID_UPDATE, vrf);
	size_t len = ip_family_len(id->family);

	wbuf_put_u8(w, (uint8_t)id->family);
	wbuf_put(w, id->bytes, len);
	wbuf_put_u8(w, (uint8_t)(8 * len));
	zapi_end(w, start);
}

int zapi_decode_router_id_update(struct wbuf *body, struct ip_addr *id)
{
	memset(id, 0, sizeof(*id));
	id->family = wbuf_get_u8(body);
	if (!ip_family_len(id->family))
		return -EBADMSG;
	wbuf_get(body, id->bytes, ip_family_len(id->family));
	if (wbuf_get_u8(body) != 8 * ip_family_len(id->family))
		return -EBADMSG;
	return finish(body);
}

/* table in host order, then two names of fixed size: a raw copy of zebra's struct. */
void zapi_encode_vrf_add(struct wbuf *w, const struct zapi_dialect *d, uint32_t id,
			 const struct zapi_vrf *v)
{
	uint8_t *start = zapi_begin(w, d, ZAPI_VRF_ADD, id);

	wbuf_put_host32(w, v->table);
	wbuf_put(w, v->netns, sizeof(v->netns));
	wbuf_put(w, v->name, sizeof(v->name));
	zapi_end(w, start);
}

int zapi_decode_vrf_add(struct wbuf *body, struct zapi_vrf *v)
{
	v->table = wbuf_get_host32(body);
	wbuf_get(body, v->netns, sizeof(v->netns));
	wbuf_get(body, v->name, sizeof(v->name));
	if (!memchr(v->netns, '\0', sizeof(v->netns)) ||
	    !memchr(v->name, '\0', sizeof(v->name)) || v->name[0] == '\0')
		return -EBADMSG;
	return finish(body);
}

void zapi_encode_redistribute(struct wbuf *w, const struct zapi_dialect *d,
			      enum zapi_kind kind, uint32_t vrf,
			      const struct zapi_redistribute *r)
{
	uint8_t *start = zapi_begin(w, d, kind, vrf);
	uint8_t type;

	if (zapi_dialect_type(d, r->proto, &type))
		w->err = true;
	wbuf_put_u8(w, afi_of(r->family));
	wbuf_put_u8(w, type);
	wbuf_put_be16(w, r->instance);
	zapi_end(w, start);
}

int zapi_decode_redistribute(struct wbuf *body, const struct zapi_dialect *d,
			     struct zapi_redistribute *r)
{
	uint8_t afi = wbuf_get_u8(body);

	if (afi != ZAPI_AFI_IPV4 && afi != ZAPI_AFI_IPV6)
		return -EBADMSG;
	r->family = afi == ZAPI_AFI_IPV6 ? AF_INET6 : AF_INET;
	if (zapi_dialect_proto(d, wbuf_get_u8(body), &r->proto))
		return -EBADMSG;
	r->instance = wbuf_get_be16(body);
	return finish(body);
}

void zapi_encode_notify_request(struct wbuf *w, const struct zapi_dialect *d, bool on)
{
	uint8_t *start = zapi_begin(w, d, ZAPI_ROUTE_NOTIFY_REQUEST, 0);

	wbuf_put_u8(w, on);
	zapi_end(w, start);
}

int zapi_decode_notify_request(struct wbuf *body, bool *on)
{
	*on = wbuf_get_bool(body);
	return finish(body);
}

/* The body is a C enumeration, so in host order. */
void zapi_encode_error(struct wbuf *w, uint16_t command, uint32_t vrf, uint32_t error)
{
	uint8_t *start = zapi_begin_command(w, command, vrf);

	wbuf_put_host32(w, error);
	zapi_end(w, start);
}

int zapi_decode_error(struct wbuf *body, uint32_t *error)
{
	*error = wbuf_get_host32(body);
	return finish(body);
}

const char *zapi_error_str(uint32_t error)
{
	switch (error) {
	case ZAPI_ERROR_NO_VRF:
		return "there is no such VRF";
	case ZAPI_ERROR_BAD_TYPE:
		return "it does not know the message";
	default:
		return "unknown error";
	}
}
