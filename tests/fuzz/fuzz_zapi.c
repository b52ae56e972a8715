/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every ZAPI decoder in every dialect. The first byte of the input chooses the dialect, the
 * second the decoder, the rest is the body; with the highest bit of the first byte set the
 * rest is a stream to be cut. What a decoder accepts has to survive being encoded again.
 *
 * Entry point of libFuzzer. tests/proto/zapi/test_zapi_mutations.c calls it as well, so that
 * a short run is part of every check.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/zapi/zapi_hello.h"
#include "proto/zapi/zapi_iface.h"
#include "proto/zapi/zapi_nht.h"
#include "proto/zapi/zapi_notify.h"
#include "proto/zapi/zapi_route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t wire[2 * ZAPI_MESSAGE_MAX];

/* The body of what was just encoded. */
static struct wbuf encoded(const struct wbuf *w)
{
	struct zapi_message m;

	assert(!w->err);
	assert(zapi_cut(&m, wire, (size_t)(w->pos - wire)) == w->pos - wire);
	return m.body;
}

static void try_route(struct wbuf *body, const struct zapi_dialect *d)
{
	enum {
		KEPT = ~(ZAPI_ROUTE_BACKUP | ZAPI_ROUTE_NHG | ZAPI_ROUTE_SRTE |
			 ZAPI_ROUTE_OPAQUE)
	};
	static struct zapi_route r, back;
	struct wbuf w = wbuf_writer(wire, sizeof(wire));

	if (zapi_decode_route(body, d, &r) || r.proto == ZAPI_PROTO_OTHER)
		return;
	r.fields &= (uint32_t)KEPT;
	zapi_encode_route(&w, d, ZAPI_ROUTE_ADD, 0, &r);
	w = encoded(&w);
	assert(!zapi_decode_route(&w, d, &back));
	assert(prefix_equal(&r.prefix, &back.prefix) &&
	       r.nexthop_count == back.nexthop_count);
	assert(!prefix_has_host_bits(&r.prefix));
}

static void try_nht_update(struct wbuf *body, const struct zapi_dialect *d)
{
	static struct zapi_nht_update u, back;
	struct wbuf w = wbuf_writer(wire, sizeof(wire));

	if (zapi_decode_nht_update(body, d, &u))
		return;
	zapi_encode_nht_update(&w, d, 0, &u);
	w = encoded(&w);
	assert(!zapi_decode_nht_update(&w, d, &back));
	assert(prefix_equal(&u.target, &back.target) &&
	       u.nexthop_count == back.nexthop_count);
}

static void try_iface(struct wbuf *body, const struct zapi_dialect *d)
{
	struct zapi_iface i, back;
	struct wbuf w = wbuf_writer(wire, sizeof(wire));

	if (zapi_decode_iface(body, d, &i))
		return;
	zapi_encode_iface(&w, d, ZAPI_INTERFACE_ADD, 0, &i);
	w = encoded(&w);
	assert(!zapi_decode_iface(&w, d, &back));
	assert(!memcmp(&i, &back, sizeof(i)));
}

static void try_notify(struct wbuf *body, const struct zapi_dialect *d)
{
	struct zapi_notify n, back;
	struct wbuf w = wbuf_writer(wire, sizeof(wire));

	if (zapi_decode_notify(body, d, &n))
		return;
	zapi_encode_notify(&w, d, 0, &n);
	w = encoded(&w);
	assert(!zapi_decode_notify(&w, d, &back));
	assert(n.note == back.note && prefix_equal(&n.prefix, &back.prefix));
}

static void decode(unsigned which, struct wbuf *body, const struct zapi_dialect *d)
{
	struct zapi_hello hello;
	struct zapi_capabilities caps;
	struct zapi_vrf vrf;
	struct zapi_redistribute redistribute;
	struct zapi_iface_addr ifaddr;
	struct zapi_nht_register reg;
	struct ip_addr id;
	uint32_t error;
	bool on;

	switch (which) {
	case 0:
		try_route(body, d);
		break;
	case 1:
		try_nht_update(body, d);
		break;
	case 2:
		try_iface(body, d);
		break;
	case 3:
		try_notify(body, d);
		break;
	case 4:
		if (!zapi_decode_vrf_add(body, &vrf))
			assert(strlen(vrf.name) < sizeof(vrf.name));
		break;
	case 5:
		if (!zapi_decode_iface_addr(body, &ifaddr))
			assert(ifaddr.prefix.len <=
			       prefix_max_len(ifaddr.prefix.addr.family));
		break;
	case 6:
		(void)zapi_decode_hello(body, d, &hello);
		break;
	case 7:
		(void)zapi_decode_capabilities(body, d, &caps);
		break;
	case 8:
		(void)zapi_decode_redistribute(body, d, &redistribute);
		break;
	case 9:
		(void)zapi_decode_nht_register(body, d, &reg);
		break;
	case 10:
		(void)zapi_decode_router_id_update(body, &id);
		break;
	case 11:
		(void)zapi_decode_error(body, &error);
		break;
	default:
		(void)zapi_decode_notify_request(body, &on);
		break;
	}
}

static void cut_all(const uint8_t *data, size_t size)
{
	struct zapi_message m;
	int n;

	while ((n = zapi_cut(&m, data, size)) > 0) {
		assert((size_t)n <= size && n <= ZAPI_MESSAGE_MAX);
		wbuf_skip(&m.body, (size_t)n - ZAPI_HEADER_LEN);
		assert(wbuf_done(&m.body));
		data += n;
		size -= (size_t)n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wbuf body;

	if (size < 2)
		return 0;
	body = wbuf_reader(data + 2, size - 2);
	if (data[0] & 0x80)
		cut_all(data + 2, size - 2);
	else
		decode(data[1] % 13, &body, &zapi_dialects[data[0] % zapi_dialect_count]);
	return 0;
}
