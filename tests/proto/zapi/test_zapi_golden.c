/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The golden messages of every dialect: each is written byte for byte, read and written
 * again, refused when a byte is missing anywhere or one is too many, and means something in
 * exactly the dialects it is said to be of.
 */
#include "tests/proto/zapi/zapi_test.h"

#include <errno.h>
#include <stdio.h>

#include "proto/zapi/zapi_hello.h"
#include "proto/zapi/zapi_iface.h"
#include "proto/zapi/zapi_nht.h"
#include "proto/zapi/zapi_notify.h"
#include "proto/zapi/zapi_route.h"
#include "tests/lib/zapi_rewrite.h"
#include "tests/proto/zapi/zapi_golden.h"

enum {
	VRF = 2
};

static struct zapi_nexthop nexthop(enum zapi_nexthop_type type, bool with_gate)
{
	struct zapi_nexthop nh = {.vrf = VRF, .type = type, .ifindex = 3};

	if (with_gate) {
		nh.gate = addr_of("10.99.0.7");
		nh.weight = 1;
	}
	return nh;
}

static void write_route(struct wbuf *w, const struct zapi_dialect *d, enum zapi_kind kind,
			bool own)
{
	static struct zapi_route r;

	memset(&r, 0, sizeof(r));
	r.safi = ZAPI_SAFI_UNICAST;
	r.prefix = prefix_of("192.168.7.0/24");
	r.fields = ZAPI_ROUTE_NEXTHOP | ZAPI_ROUTE_DISTANCE | ZAPI_ROUTE_TAG;
	r.tag = 700;
	r.nexthop_count = 1;
	if (own) {
		r.proto = ZAPI_PROTO_TABLE;
		r.distance = 150;
		r.nexthop[0] = nexthop(ZAPI_NEXTHOP_IFINDEX, false);
	} else {
		r.proto = ZAPI_PROTO_BGP;
		r.flags = ZAPI_ROUTE_ALLOW_RECURSION | ZAPI_ROUTE_IBGP |
			  ZAPI_ROUTE_SELECTED;
		r.fields |= ZAPI_ROUTE_METRIC | ZAPI_ROUTE_MTU;
		r.distance = 200;
		r.metric = 20;
		r.nexthop[0] = nexthop(ZAPI_NEXTHOP_IPV4, true);
	}
	zapi_encode_route(w, d, kind, VRF, &r);
}

static void write_iface(struct wbuf *w, const struct zapi_dialect *d, enum zapi_kind kind)
{
	const struct zapi_iface i = {
		.name = "wg0",
		.ifindex = 3,
		.status = 1,
		.flags = 0x110d1,
		.mtu = 1420,
		.mtu6 = 1420,
		.link_type = 30,
	};

	zapi_encode_iface(w, d, kind, VRF, &i);
}

static void write_nht(struct wbuf *w, const struct zapi_dialect *d, enum zapi_kind kind)
{
	static struct zapi_nht_update u;
	struct zapi_nht_register r = {.target = prefix_of("10.255.0.8/32"),
				      .via_default = true};

	if (kind != ZAPI_NEXTHOP_UPDATE) {
		zapi_encode_nht_register(w, d, kind, VRF, &r);
		return;
	}
	memset(&u, 0, sizeof(u));
	u.target = u.matched = r.target;
	u.proto = ZAPI_PROTO_STATIC;
	u.distance = 1;
	u.metric = 20;
	u.nexthop_count = 1;
	u.nexthop[0] = nexthop(ZAPI_NEXTHOP_IPV4_IFINDEX, true);
	zapi_encode_nht_update(w, d, VRF, &u);
}

static void write_hello(struct wbuf *w, const struct zapi_dialect *d, enum zapi_kind kind)
{
	const struct zapi_hello h = {.proto = ZAPI_PROTO_TABLE, .instance = 100};
	const struct zapi_capabilities c = {.vrf_netns = true,
					    .mpls = true,
					    .ecmp = 64,
					    .v6_with_v4_nexthop = true,
					    .graceful_restart = true};
	const struct zapi_vrf v = {.table = 1009, .name = "red"};
	const struct zapi_redistribute r = {AF_INET, ZAPI_PROTO_BGP, 0};
	const struct ip_addr id = addr_of("192.0.2.1");

	if (kind == ZAPI_HELLO)
		zapi_encode_hello(w, d, &h);
	else if (kind == ZAPI_CAPABILITIES)
		zapi_encode_capabilities(w, d, &c);
	else if (kind == ZAPI_VRF_ADD)
		zapi_encode_vrf_add(w, d, VRF, &v);
	else if (kind == ZAPI_ROUTER_ID_ADD)
		zapi_encode_router_id_add(w, d, VRF, AF_INET);
	else if (kind == ZAPI_ROUTER_ID_UPDATE)
		zapi_encode_router_id_update(w, d, VRF, &id);
	else
		zapi_encode_redistribute(w, d, kind, VRF, &r);
}

/* What the golden messages are about, in our own words. */
static void write_message(struct wbuf *w, const struct zapi_dialect *d,
			  enum zapi_kind kind)
{
	struct zapi_notify n = {.note = ZAPI_NOTE_INSTALLED,
				.prefix = prefix_of("172.16.102.0/24"),
				.table = 254,
				.afi = ZAPI_AFI_IPV4,
				.safi = ZAPI_SAFI_UNICAST};
	struct zapi_iface_addr a = {.ifindex = 3,
				    .prefix = prefix_of("10.99.0.1/24"),
				    .dest = addr_of("0.0.0.0")};

	switch (kind) {
	case ZAPI_REDISTRIBUTE_ROUTE_ADD:
	case ZAPI_REDISTRIBUTE_ROUTE_DEL:
		write_route(w, d, kind, false);
		break;
	case ZAPI_ROUTE_ADD:
	case ZAPI_ROUTE_DELETE:
		write_route(w, d, kind, true);
		break;
	case ZAPI_INTERFACE_ADD:
	case ZAPI_INTERFACE_DELETE:
	case ZAPI_INTERFACE_UP:
	case ZAPI_INTERFACE_DOWN:
		write_iface(w, d, kind);
		break;
	case ZAPI_INTERFACE_ADDRESS_ADD:
	case ZAPI_INTERFACE_ADDRESS_DELETE:
		zapi_encode_iface_addr(w, d, kind, VRF, &a);
		break;
	case ZAPI_NEXTHOP_REGISTER:
	case ZAPI_NEXTHOP_UNREGISTER:
	case ZAPI_NEXTHOP_UPDATE:
		write_nht(w, d, kind);
		break;
	case ZAPI_ROUTE_NOTIFY_OWNER:
		zapi_encode_notify(w, d, VRF, &n);
		break;
	case ZAPI_ERROR:
		zapi_encode_error(w, zapi_dialect_command(d, kind), VRF,
				  ZAPI_ERROR_BAD_TYPE);
		break;
	case ZAPI_ROUTE_NOTIFY_REQUEST:
		zapi_encode_notify_request(w, d, true);
		break;
	case ZAPI_VRF_DELETE:
		zapi_encode_empty(w, d, kind, VRF);
		break;
	default:
		write_hello(w, d, kind);
	}
}

static uint8_t ours[ZAPI_MESSAGE_MAX], again[ZAPI_MESSAGE_MAX];

/* Each pair of a message and a dialect it is of. */
#define EACH_PAIR(g, d) EACH_GOLDEN(g) EACH_DIALECT(d) if (golden_is_for(g, d))

/* Fails unless the bytes are those of @w, which was begun at @start. */
static void assert_written(const struct golden *g, const struct zapi_dialect *d,
			   const uint8_t *start, const struct wbuf *w,
			   const struct bytes *expected)
{
	size_t len = (size_t)(w->pos - start);

	if (w->err || len != expected->len)
		fail_msg("%s of %s: expected %zu bytes, saw %zu%s",
			 zapi_kind_name(g->kind), d->name, expected->len, len,
			 w->err ? ", cut" : "");
	for (size_t i = 0; i < len; i++)
		if (start[i] != expected->b[i])
			fail_msg("%s of %s, byte %zu: expected %02x, saw %02x",
				 zapi_kind_name(g->kind), d->name, i, expected->b[i],
				 start[i]);
}

static void every_kind_has_a_golden_message_in_every_dialect(void **state)
{
	(void)state;
	EACH_DIALECT(d)
	{
		for (unsigned k = ZAPI_UNKNOWN + 1; k < ZAPI_KIND_COUNT; k++) {
			enum zapi_kind kind = (enum zapi_kind)k;
			unsigned want =
				zapi_dialect_command(d, kind) != ZAPI_COMMAND_NONE;
			unsigned saw = 0;

			EACH_GOLDEN(g)
			saw += g->kind == kind && golden_is_for(g, d);
			if (saw != want)
				fail_msg("%s of %s: expected %u, saw %u",
					 zapi_kind_name(kind), d->name, want, saw);
		}
	}
}

static void each_has_the_length_and_the_number_it_says(void **state)
{
	(void)state;
	EACH_PAIR(g, d)
	{
		struct bytes b = hex(g->message);
		struct zapi_message m;

		if (zapi_cut(&m, b.b, b.len) != (int)b.len)
			fail_msg("%s of %s is no message of %zu bytes",
				 zapi_kind_name(g->kind), d->name, b.len);
		if (zapi_dialect_kind(d, m.command) != g->kind)
			fail_msg("%s of %s: %u is %s", zapi_kind_name(g->kind), d->name,
				 m.command,
				 zapi_kind_name(zapi_dialect_kind(d, m.command)));
	}
}

static void each_is_written_byte_for_byte(void **state)
{
	(void)state;
	EACH_PAIR(g, d)
	{
		struct bytes b = hex(g->message);
		struct wbuf w = wbuf_writer(ours, sizeof(ours));

		if (g->ways != GOLDEN_BOTH)
			continue;
		write_message(&w, d, g->kind);
		assert_written(g, d, ours, &w, &b);
	}
}

static void each_is_understood_as_what_we_would_have_written(void **state)
{
	unsigned understood = 0;

	(void)state;
	EACH_PAIR(g, d)
	{
		struct bytes b = hex(g->message), mine = {.len = 0};
		struct wbuf w = wbuf_writer(ours, sizeof(ours)), back;
		struct zapi_message m;
		int err;

		assert_true(zapi_cut(&m, b.b, b.len) > 0);
		back = wbuf_writer(again, sizeof(again));
		err = zapi_rewrite(&m.body, d, g->kind, m.vrf, &back);
		if (err == -ENOTSUP)
			continue;
		if (err)
			fail_msg("%s of %s was refused", zapi_kind_name(g->kind),
				 d->name);
		write_message(&w, d, g->kind);
		assert_false(w.err);
		mine.len = (size_t)(w.pos - ours);
		memcpy(mine.b, ours, mine.len);
		assert_written(g, d, again, &back, &mine);
		understood++;
	}
	assert_true(understood > 200);
}

static int read_exactly(const struct zapi_dialect *d, enum zapi_kind kind,
			const uint8_t *body, size_t len)
{
	uint8_t *exact = malloc(len ?: 1); /* so that ASan sees the first byte beyond */
	struct wbuf in, w = wbuf_writer(again, sizeof(again));
	int err;

	assert_non_null(exact);
	memcpy(exact, body, len);
	in = wbuf_reader(exact, len);
	err = zapi_rewrite(&in, d, kind, VRF, &w);
	free(exact);
	return err;
}

static void a_byte_less_anywhere_or_one_more_is_refused(void **state)
{
	(void)state;
	EACH_PAIR(g, d)
	{
		struct bytes b = hex(g->message);
		size_t len = b.len - ZAPI_HEADER_LEN;

		b.b[b.len] = 0;
		for (size_t n = 0; n <= len + 1; n++) {
			int err = read_exactly(d, g->kind, b.b + ZAPI_HEADER_LEN, n);

			if (err == -ENOTSUP)
				break;
			if ((err == 0) != (n == len))
				fail_msg("%s of %s: %zu of %zu bytes were %s",
					 zapi_kind_name(g->kind), d->name, n, len,
					 err ? "refused" : "accepted");
		}
	}
}

/* What differs in length between two dialects is never read by the other one. */
static void another_dialects_layout_is_refused(void **state)
{
	unsigned refused = 0;

	(void)state;
	EACH_GOLDEN(g)
	{
		struct bytes b = hex(g->message);

		EACH_GOLDEN(h)
		{
			const struct zapi_dialect *d = zapi_dialect_by_release(h->first);
			int err;

			if (g->kind != h->kind || hex(h->message).len == b.len)
				continue;
			err = read_exactly(d, g->kind, b.b + ZAPI_HEADER_LEN,
					   b.len - ZAPI_HEADER_LEN);
			if (!err)
				fail_msg("%s took a %s of %s", h->first,
					 zapi_kind_name(g->kind), g->first);
			refused++;
		}
	}
	assert_true(refused > 50);
}

/*
 * The corpus of the fuzz target is one file for each dialect: the byte that chooses it and all
 * its golden messages. It is made by running this with $WGRD_WRITE_CORPUS set to the folder,
 * and has the order of a little-endian host.
 */
static size_t corpus_of(const struct zapi_dialect *d, uint8_t *out)
{
	size_t len = 0;

	out[len++] = (uint8_t)(0x80 | (d - zapi_dialects));
	EACH_GOLDEN(g)
	{
		struct bytes b = hex(g->message);

		if (!golden_is_for(g, d))
			continue;
		memcpy(out + len, b.b, b.len);
		len += b.len;
	}
	return len;
}

static void the_fuzzing_corpus_is_made_of_them(void **state)
{
	const char *dir = getenv("WGRD_WRITE_CORPUS"), *src = getenv("WGRD_SRCDIR");
	const uint16_t probe = 1;

	(void)state;
	if (*(const uint8_t *)&probe != 1)
		skip();
	EACH_DIALECT(d)
	{
		size_t len = corpus_of(d, ours), saw;
		char path[4096];
		FILE *f;

		if (dir)
			snprintf(path, sizeof(path), "%s/%s", dir, d->name);
		else
			snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/zapi/%s",
				 src ?: ".", d->name);
		f = fopen(path, dir ? "wb" : "rb");
		if (!f)
			fail_msg("%s cannot be opened", path);
		if (dir) {
			assert_int_equal(fwrite(ours, 1, len, f), len);
		} else {
			saw = fread(again, 1, sizeof(again), f);
			if (saw != len || memcmp(ours, again, len))
				fail_msg(
					"%s is not of the golden messages; write it anew",
					path);
		}
		fclose(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_has_a_golden_message_in_every_dialect),
		cmocka_unit_test(each_has_the_length_and_the_number_it_says),
		cmocka_unit_test(each_is_written_byte_for_byte),
		cmocka_unit_test(each_is_understood_as_what_we_would_have_written),
		cmocka_unit_test(a_byte_less_anywhere_or_one_more_is_refused),
		cmocka_unit_test(another_dialects_layout_is_refused),
		cmocka_unit_test(the_fuzzing_corpus_is_made_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
