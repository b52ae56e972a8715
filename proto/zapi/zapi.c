/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/zapi/zapi.h"

#include <errno.h>
#include <stddef.h>

#include "proto/zapi/zapi_dialect.h"

static const char *const kind_names[ZAPI_KIND_COUNT] = {
	[ZAPI_UNKNOWN] = "UNKNOWN",
	[ZAPI_INTERFACE_ADD] = "INTERFACE_ADD",
	[ZAPI_INTERFACE_DELETE] = "INTERFACE_DELETE",
	[ZAPI_INTERFACE_ADDRESS_ADD] = "INTERFACE_ADDRESS_ADD",
	[ZAPI_INTERFACE_ADDRESS_DELETE] = "INTERFACE_ADDRESS_DELETE",
	[ZAPI_INTERFACE_UP] = "INTERFACE_UP",
	[ZAPI_INTERFACE_DOWN] = "INTERFACE_DOWN",
	[ZAPI_ROUTE_ADD] = "ROUTE_ADD",
	[ZAPI_ROUTE_DELETE] = "ROUTE_DELETE",
	[ZAPI_ROUTE_NOTIFY_OWNER] = "ROUTE_NOTIFY_OWNER",
	[ZAPI_REDISTRIBUTE_ADD] = "REDISTRIBUTE_ADD",
	[ZAPI_REDISTRIBUTE_DELETE] = "REDISTRIBUTE_DELETE",
	[ZAPI_ROUTER_ID_ADD] = "ROUTER_ID_ADD",
	[ZAPI_ROUTER_ID_DELETE] = "ROUTER_ID_DELETE",
	[ZAPI_ROUTER_ID_UPDATE] = "ROUTER_ID_UPDATE",
	[ZAPI_HELLO] = "HELLO",
	[ZAPI_CAPABILITIES] = "CAPABILITIES",
	[ZAPI_NEXTHOP_REGISTER] = "NEXTHOP_REGISTER",
	[ZAPI_NEXTHOP_UNREGISTER] = "NEXTHOP_UNREGISTER",
	[ZAPI_NEXTHOP_UPDATE] = "NEXTHOP_UPDATE",
	[ZAPI_REDISTRIBUTE_ROUTE_ADD] = "REDISTRIBUTE_ROUTE_ADD",
	[ZAPI_REDISTRIBUTE_ROUTE_DEL] = "REDISTRIBUTE_ROUTE_DEL",
	[ZAPI_VRF_ADD] = "VRF_ADD",
	[ZAPI_VRF_DELETE] = "VRF_DELETE",
	[ZAPI_ERROR] = "ERROR",
	[ZAPI_ROUTE_NOTIFY_REQUEST] = "ROUTE_NOTIFY_REQUEST",
	[ZAPI_CLIENT_CLOSE_NOTIFY] = "CLIENT_CLOSE_NOTIFY",
};

const char *zapi_kind_name(enum zapi_kind kind)
{
	return kind_names[kind];
}

int zapi_cut(struct zapi_message *m, const void *buf, size_t len)
{
	struct wbuf w = wbuf_reader(buf, len < ZAPI_HEADER_LEN ? 0 : ZAPI_HEADER_LEN);
	uint8_t marker, version;

	if (len < ZAPI_HEADER_LEN)
		return 0;
	m->len = wbuf_get_be16(&w);
	marker = wbuf_get_u8(&w);
	version = wbuf_get_u8(&w);
	m->vrf = wbuf_get_be32(&w);
	m->command = wbuf_get_be16(&w);
	if (marker != ZAPI_MARKER || version != ZAPI_VERSION ||
	    m->len < ZAPI_HEADER_LEN || m->len > ZAPI_MESSAGE_MAX)
		return -EBADMSG;
	if (len < m->len)
		return 0;
	m->body = wbuf_reader(w.pos, m->len - ZAPI_HEADER_LEN);
	return m->len;
}

uint8_t *zapi_begin_command(struct wbuf *w, uint16_t command, uint32_t vrf)
{
	uint8_t *start = w->pos;

	if (command == ZAPI_COMMAND_NONE)
		w->err = true;
	wbuf_put_be16(w, ZAPI_HEADER_LEN);
	wbuf_put_u8(w, ZAPI_MARKER);
	wbuf_put_u8(w, ZAPI_VERSION);
	wbuf_put_be32(w, vrf);
	wbuf_put_be16(w, command);
	return start;
}

uint8_t *zapi_begin(struct wbuf *w, const struct zapi_dialect *d, enum zapi_kind kind,
		    uint32_t vrf)
{
	return zapi_begin_command(w, zapi_dialect_command(d, kind), vrf);
}

void zapi_end(struct wbuf *w, uint8_t *start)
{
	struct wbuf length = wbuf_writer(start, sizeof(uint16_t));

	if (w->err || w->pos - start > ZAPI_MESSAGE_MAX)
		w->err = true;
	else
		wbuf_put_be16(&length, (uint16_t)(w->pos - start));
}

void zapi_encode_empty(struct wbuf *w, const struct zapi_dialect *d, enum zapi_kind kind,
		       uint32_t vrf)
{
	zapi_end(w, zapi_begin(w, d, kind, vrf));
}

void zapi_encode_probe(struct wbuf *w)
{
	zapi_end(w, zapi_begin_command(w, ZAPI_COMMAND_PROBE, 0));
}
