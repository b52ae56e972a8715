/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/zapi/zapi_iface.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

bool zapi_iface_is_running(const struct zapi_iface *i)
{
	return (i->flags & IFF_UP) && (i->flags & IFF_RUNNING);
}

void zapi_encode_iface(struct wbuf *w, const struct zapi_dialect *d, enum zapi_kind kind,
		       uint32_t vrf, const struct zapi_iface *i)
{
	uint8_t *start = zapi_begin(w, d, kind, vrf);

	wbuf_put(w, i->name, sizeof(i->name));
	wbuf_put_be32(w, i->ifindex);
	wbuf_put_u8(w, i->status);
	wbuf_put_be64(w, i->flags);
	wbuf_put_zeros(w, 2); /* PTM */
	wbuf_put_be32(w, i->metric);
	wbuf_put_be32(w, i->speed);
	if (zapi_dialect_has(d, ZAPI_IF_TXQLEN))
		wbuf_put_be32(w, 0);
	wbuf_put_be32(w, i->mtu);
	wbuf_put_be32(w, i->mtu6);
	wbuf_put_be32(w, i->bandwidth);
	wbuf_put_be32(w, i->link_ifindex);
	if (zapi_dialect_has(d, ZAPI_IF_TYPE))
		wbuf_put_be32(w, 0);
	wbuf_put_be32(w, i->link_type);
	wbuf_put_be32(w, i->hwaddr_len);
	wbuf_put(w, i->hwaddr, i->hwaddr_len);
	wbuf_put_u8(w, 0); /* no link parameters */
	zapi_end(w, start);
}

/*
 * Link parameters are for traffic engineering and their layout changes with the release;
 * when they are announced, they are the rest of the message, whatever it is.
 */
static void get_link_params(struct wbuf *body)
{
	if (wbuf_get_bool(body))
		wbuf_skip(body, wbuf_left(body));
}

int zapi_decode_iface(struct wbuf *body, const struct zapi_dialect *d,
		      struct zapi_iface *i)
{
	uint32_t hwaddr_len;

	memset(i, 0, sizeof(*i));
	wbuf_get(body, i->name, sizeof(i->name));
	i->ifindex = wbuf_get_be32(body);
	i->status = wbuf_get_u8(body);
	i->flags = wbuf_get_be64(body);
	wbuf_skip(body, 2); /* PTM */
	i->metric = wbuf_get_be32(body);
	i->speed = wbuf_get_be32(body);
	if (zapi_dialect_has(d, ZAPI_IF_TXQLEN))
		wbuf_skip(body, 4);
	i->mtu = wbuf_get_be32(body);
	i->mtu6 = wbuf_get_be32(body);
	i->bandwidth = wbuf_get_be32(body);
	i->link_ifindex = wbuf_get_be32(body);
	if (zapi_dialect_has(d, ZAPI_IF_TYPE))
		wbuf_skip(body, 4);
	i->link_type = wbuf_get_be32(body);
	hwaddr_len = wbuf_get_be32(body);
	if (hwaddr_len > sizeof(i->hwaddr))
		return -EBADMSG;
	i->hwaddr_len = (uint8_t)hwaddr_len;
	wbuf_get(body, i->hwaddr, hwaddr_len);
	get_link_params(body);
	if (!wbuf_done(body) || !memchr(i->name, '\0', sizeof(i->name)))
		return -EBADMSG;
	return 0;
}

void zapi_encode_iface_addr(struct wbuf *w, const struct zapi_dialect *d,
			    enum zapi_kind kind, uint32_t vrf,
			    const struct zapi_iface_addr *a)
{
	uint8_t *start = zapi_begin(w, d, kind, vrf);
	size_t len = ip_family_len(a->prefix.addr.family);

	wbuf_put_be32(w, a->ifindex);
	wbuf_put_u8(w, a->flags);
	wbuf_put_u8(w, (uint8_t)a->prefix.addr.family);
	wbuf_put(w, a->prefix.addr.bytes, len);
	wbuf_put_u8(w, a->prefix.len);
	wbuf_put(w, a->dest.bytes, len);
	zapi_end(w, start);
}

int zapi_decode_iface_addr(struct wbuf *body, struct zapi_iface_addr *a)
{
	sa_family_t family;
	size_t len;

	memset(a, 0, sizeof(*a));
	a->ifindex = wbuf_get_be32(body);
	a->flags = wbuf_get_u8(body);
	family = wbuf_get_u8(body);
	len = ip_family_len(family);
	a->prefix.addr.family = family;
	wbuf_get(body, a->prefix.addr.bytes, len);
	a->prefix.len = wbuf_get_u8(body);
	a->dest.family = family;
	wbuf_get(body, a->dest.bytes, len);
	if (!len || a->prefix.len > prefix_max_len(family))
		return -EBADMSG;
	return wbuf_done(body) ? 0 : -EBADMSG;
}
