/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/zapi_rewrite.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "proto/zapi/zapi_hello.h"
#include "proto/zapi/zapi_iface.h"
#include "proto/zapi/zapi_nht.h"
#include "proto/zapi/zapi_notify.h"
#include "proto/zapi/zapi_route.h"

/* What decoders step over is not written again. */
static int rewrite_route(struct wbuf *body, const struct zapi_dialect *d,
			 enum zapi_kind kind, uint32_t vrf, struct wbuf *w)
{
	static struct zapi_route r;
	int err = zapi_decode_route(body, d, &r);

	if (err)
		return err;
	assert(!prefix_has_host_bits(&r.prefix));
	r.fields &= ~(uint32_t)(ZAPI_ROUTE_BACKUP | ZAPI_ROUTE_NHG | ZAPI_ROUTE_SRTE |
				ZAPI_ROUTE_OPAQUE);
	zapi_encode_route(w, d, kind, vrf, &r);
	return 0;
}

static int rewrite_nht(struct wbuf *body, const struct zapi_dialect *d,
		       enum zapi_kind kind, uint32_t vrf, struct wbuf *w)
{
	static struct zapi_nht_update update;
	struct zapi_nht_register reg;
	int err;

	if (kind == ZAPI_NEXTHOP_UPDATE) {
		err = zapi_decode_nht_update(body, d, &update);
		if (!err)
			zapi_encode_nht_update(w, d, vrf, &update);
	} else {
		err = zapi_decode_nht_register(body, d, &reg);
		if (!err)
			zapi_encode_nht_register(w, d, kind, vrf, &reg);
	}
	return err;
}

static int rewrite_iface(struct wbuf *body, const struct zapi_dialect *d,
			 enum zapi_kind kind, uint32_t vrf, struct wbuf *w)
{
	struct zapi_iface i;
	int err = zapi_decode_iface(body, d, &i);

	if (!err)
		zapi_encode_iface(w, d, kind, vrf, &i);
	return err;
}

static int rewrite_iface_addr(struct wbuf *body, const struct zapi_dialect *d,
			      enum zapi_kind kind, uint32_t vrf, struct wbuf *w)
{
	struct zapi_iface_addr a;
	int err = zapi_decode_iface_addr(body, &a);

	if (err)
		return err;
	assert(a.prefix.len <= prefix_max_len(a.prefix.addr.family));
	zapi_encode_iface_addr(w, d, kind, vrf, &a);
	return 0;
}

static int rewrite_notify(struct wbuf *body, const struct zapi_dialect *d, uint32_t vrf,
			  struct wbuf *w)
{
	struct zapi_notify n;
	int err = zapi_decode_notify(body, d, &n);

	if (!err)
		zapi_encode_notify(w, d, vrf, &n);
	return err;
}

static int rewrite_vrf(struct wbuf *body, const struct zapi_dialect *d, uint32_t vrf,
		       struct wbuf *w)
{
	struct zapi_vrf v;
	int err = zapi_decode_vrf_add(body, &v);

	if (err)
		return err;
	assert(*v.name && strlen(v.name) < sizeof(v.name));
	zapi_encode_vrf_add(w, d, vrf, &v);
	return 0;
}

static int rewrite_redistribute(struct wbuf *body, const struct zapi_dialect *d,
				enum zapi_kind kind, uint32_t vrf, struct wbuf *w)
{
	struct zapi_redistribute r;
	int err = zapi_decode_redistribute(body, d, &r);

	if (!err)
		zapi_encode_redistribute(w, d, kind, vrf, &r);
	return err;
}

/* What is about the session itself. */
static int rewrite_hello(struct wbuf *body, const struct zapi_dialect *d,
			 enum zapi_kind kind, uint32_t vrf, struct wbuf *w)
{
	struct zapi_hello hello;
	struct zapi_capabilities caps;
	struct ip_addr id;
	uint32_t error;
	bool on;
	int err = -ENOTSUP;

	if (kind == ZAPI_HELLO) {
		err = zapi_decode_hello(body, d, &hello);
		if (!err)
			zapi_encode_hello(w, d, &hello);
	} else if (kind == ZAPI_CAPABILITIES) {
		err = zapi_decode_capabilities(body, d, &caps);
		if (!err)
			zapi_encode_capabilities(w, d, &caps);
	} else if (kind == ZAPI_ROUTER_ID_UPDATE) {
		err = zapi_decode_router_id_update(body, &id);
		if (!err)
			zapi_encode_router_id_update(w, d, vrf, &id);
	} else if (kind == ZAPI_ERROR) {
		err = zapi_decode_error(body, &error);
		if (!err)
			zapi_encode_error(w, zapi_dialect_command(d, kind), vrf, error);
	} else if (kind == ZAPI_ROUTE_NOTIFY_REQUEST) {
		err = zapi_decode_notify_request(body, &on);
		if (!err)
			zapi_encode_notify_request(w, d, on);
	}
	return err;
}

int zapi_rewrite(struct wbuf *body, const struct zapi_dialect *d, enum zapi_kind kind,
		 uint32_t vrf, struct wbuf *w)
{
	switch (kind) {
	case ZAPI_REDISTRIBUTE_ROUTE_ADD:
	case ZAPI_REDISTRIBUTE_ROUTE_DEL:
	case ZAPI_ROUTE_ADD:
	case ZAPI_ROUTE_DELETE:
		return rewrite_route(body, d, kind, vrf, w);
	case ZAPI_INTERFACE_ADD:
	case ZAPI_INTERFACE_DELETE:
	case ZAPI_INTERFACE_UP:
	case ZAPI_INTERFACE_DOWN:
		return rewrite_iface(body, d, kind, vrf, w);
	case ZAPI_INTERFACE_ADDRESS_ADD:
	case ZAPI_INTERFACE_ADDRESS_DELETE:
		return rewrite_iface_addr(body, d, kind, vrf, w);
	case ZAPI_NEXTHOP_REGISTER:
	case ZAPI_NEXTHOP_UNREGISTER:
	case ZAPI_NEXTHOP_UPDATE:
		return rewrite_nht(body, d, kind, vrf, w);
	case ZAPI_ROUTE_NOTIFY_OWNER:
		return rewrite_notify(body, d, vrf, w);
	case ZAPI_VRF_ADD:
		return rewrite_vrf(body, d, vrf, w);
	case ZAPI_REDISTRIBUTE_ADD:
	case ZAPI_REDISTRIBUTE_DELETE:
		return rewrite_redistribute(body, d, kind, vrf, w);
	default:
		return rewrite_hello(body, d, kind, vrf, w);
	}
}
