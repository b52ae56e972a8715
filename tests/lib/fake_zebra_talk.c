/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/fake_zebra_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/util.h"

/* ---- sending ---- */

void fake_put(struct fake_client *c, const void *bytes, size_t len)
{
	if (c->out_len + len > c->out_cap) {
		c->out_cap = 2 * (c->out_len + len);
		c->out = xrealloc(c->out, c->out_cap, 1);
	}
	memcpy(c->out + c->out_len, bytes, len);
	c->out_len += len;
}

void fake_put_message(struct fake_client *c, const uint8_t *buf, const struct wbuf *w)
{
	if (w->err) {
		fprintf(stderr, "fake_zebra: a message does not fit\n");
		abort();
	}
	fake_put(c, buf, (size_t)(w->pos - buf));
}

static void send_error(struct fake_zebra *z, struct fake_client *c, uint32_t vrf,
		       uint32_t error)
{
	uint8_t buf[64];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	zapi_encode_error(&w,
			  z->opt.error_command
				  ?: zapi_dialect_command(z->opt.dialect, ZAPI_ERROR),
			  vrf, error);
	fake_put_message(c, buf, &w);
}

void fake_say_vrf(struct fake_zebra *z, struct fake_client *c, uint32_t id,
		  const char *name)
{
	struct zapi_vrf v = {.table = 254};
	uint8_t buf[128];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	snprintf(v.name, sizeof(v.name), "%s", name);
	zapi_encode_vrf_add(&w, z->opt.dialect, id, &v);
	fake_put_message(c, buf, &w);
}

static void send_capabilities(struct fake_zebra *z, struct fake_client *c)
{
	struct zapi_capabilities caps = {.vrf_netns = z->opt.vrf_netns, .ecmp = 64};
	uint8_t buf[64];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	zapi_encode_capabilities(&w, z->opt.dialect, &caps);
	wbuf_put_zeros(&w, z->opt.capabilities_extra);
	zapi_end(&w, buf);
	if (z->opt.capabilities_command) {
		struct wbuf number = wbuf_writer(buf + ZAPI_HEADER_LEN - 2, 2);

		wbuf_put_be16(&number, z->opt.capabilities_command);
	}
	fake_put_message(c, buf, &w);
}

void fake_say_iface(struct fake_zebra *z, struct fake_client *c, enum zapi_kind kind,
		    size_t n)
{
	uint8_t buf[256];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	zapi_encode_iface(&w, z->opt.dialect, kind, z->iface[n].vrf, &z->iface[n].i);
	fake_put_message(c, buf, &w);
}

void fake_say_router_id(struct fake_zebra *z, struct fake_client *c)
{
	uint8_t buf[64];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	zapi_encode_router_id_update(&w, z->opt.dialect, 0, &z->router_id);
	fake_put_message(c, buf, &w);
}

/* As zebra does: the original next hop, its interface when it is known, and a weight. */
void fake_say_route(struct fake_zebra *z, struct fake_client *c, enum zapi_kind kind,
		    const struct fake_route *r)
{
	static struct zapi_route a;
	uint8_t buf[256];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));
	struct zapi_nexthop *nh = &a.nexthop[0];

	memset(&a, 0, offsetof(struct zapi_route, nexthop));
	a.proto = r->proto;
	a.instance = r->instance;
	a.flags = ZAPI_ROUTE_ALLOW_RECURSION | ZAPI_ROUTE_IBGP | ZAPI_ROUTE_SELECTED;
	a.safi = ZAPI_SAFI_UNICAST;
	a.prefix = r->prefix;
	a.distance = 200;
	a.tag = r->tag;
	a.fields = ZAPI_ROUTE_NEXTHOP | ZAPI_ROUTE_DISTANCE | ZAPI_ROUTE_METRIC |
		   ZAPI_ROUTE_MTU | (r->tag ? ZAPI_ROUTE_TAG : 0);
	a.nexthop_count = 1;
	*nh = (struct zapi_nexthop){
		.vrf = r->vrf, .gate = r->gate, .ifindex = r->ifindex, .weight = 1};
	if (r->gate.family == AF_INET)
		nh->type = ZAPI_NEXTHOP_IPV4;
	else if (r->gate.family == AF_INET6)
		nh->type = r->ifindex ? ZAPI_NEXTHOP_IPV6_IFINDEX : ZAPI_NEXTHOP_IPV6;
	else
		nh->type = ZAPI_NEXTHOP_IFINDEX;
	zapi_encode_route(&w, z->opt.dialect, kind, r->vrf, &a);
	fake_put_message(c, buf, &w);
}

static void send_note(struct fake_zebra *z, struct fake_client *c, enum zapi_note note,
		      uint32_t vrf, const struct prefix *p)
{
	struct zapi_notify n = {
		.note = note, .prefix = *p, .table = 254, .afi = 1, .safi = 1};
	uint8_t buf[128];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	if (!c->notify)
		return;
	if (p->addr.family == AF_INET6)
		n.afi = 2;
	zapi_encode_notify(&w, z->opt.dialect, vrf, &n);
	fake_put_message(c, buf, &w);
}

/* ---- what clients say ---- */

static bool knows_vrf(const struct fake_zebra *z, uint32_t id)
{
	for (size_t i = 0; i < z->vrf_count; i++)
		if (z->vrf[i].id == id)
			return true;
	return false;
}

static bool iface_runs(const struct fake_zebra *z, uint32_t vrf, uint32_t ifindex)
{
	for (size_t i = 0; i < z->iface_count; i++)
		if (z->iface[i].vrf == vrf && z->iface[i].i.ifindex == ifindex)
			return zapi_iface_is_running(&z->iface[i].i);
	return false;
}

static void on_hello(struct fake_zebra *z, struct fake_client *c, struct zapi_message *m)
{
	struct zapi_hello h;

	if (zapi_decode_hello(&m->body, z->opt.dialect, &h))
		return; /* dropped half-parsed, without a word */
	c->hello = true;
	c->instance = h.instance;
	c->notify |= h.notify;
	send_capabilities(z, c);
	for (size_t i = 0; i < z->vrf_count; i++)
		fake_say_vrf(z, c, z->vrf[i].id, z->vrf[i].name);
}

/* To an instance by client, whatever the VRF. */
bool fake_subscribed(const struct fake_client *c, uint32_t vrf, sa_family_t family,
		     enum zapi_proto proto, uint16_t instance)
{
	for (size_t i = 0; i < c->sub_count; i++)
		if ((instance || c->subs[i].vrf == vrf) &&
		    c->subs[i].what.family == family && c->subs[i].what.proto == proto &&
		    c->subs[i].what.instance == instance)
			return true;
	return false;
}

static void on_redistribute(struct fake_zebra *z, struct fake_client *c,
			    struct zapi_message *m, bool add)
{
	struct zapi_redistribute r;

	if (zapi_decode_redistribute(&m->body, z->opt.dialect, &r) ||
	    c->sub_count == SUBS_MAX)
		abort();
	if (!knows_vrf(z, m->vrf)) {
		send_error(z, c, m->vrf, ZAPI_ERROR_NO_VRF);
		return;
	}
	if (!add) {
		for (size_t i = 0; i < c->sub_count; i++)
			if (c->subs[i].vrf == m->vrf &&
			    c->subs[i].what.family == r.family &&
			    c->subs[i].what.proto == r.proto &&
			    c->subs[i].what.instance == r.instance)
				c->subs[i--] = c->subs[--c->sub_count];
		return;
	}
	c->subs[c->sub_count].vrf = m->vrf;
	c->subs[c->sub_count++].what = r;
	for (size_t i = 0; i < z->route_count; i++)
		if (z->route[i].vrf == m->vrf && z->route[i].proto == r.proto &&
		    z->route[i].instance == r.instance &&
		    z->route[i].prefix.addr.family == r.family)
			fake_say_route(z, c, ZAPI_REDISTRIBUTE_ROUTE_ADD, &z->route[i]);
}

struct fake_zebra_given *fake_find_given(struct fake_zebra *z, uint32_t vrf,
					 uint16_t instance, const struct prefix *p)
{
	for (size_t i = 0; i < z->given_count; i++)
		if (z->given[i].vrf == vrf && z->given[i].instance == instance &&
		    prefix_equal(&z->given[i].prefix, p))
			return &z->given[i];
	return NULL;
}

void fake_forget_given(struct fake_zebra *z, struct fake_zebra_given *g)
{
	*g = z->given[--z->given_count];
}

static void on_route(struct fake_zebra *z, struct fake_client *c, struct zapi_message *m,
		     bool add)
{
	static struct zapi_route r;
	struct fake_zebra_given *g;

	if (zapi_decode_route(&m->body, z->opt.dialect, &r))
		abort();
	r.instance = (uint8_t)r.instance; /* as zebra's RIB keeps it */
	g = fake_find_given(z, m->vrf, r.instance, &r.prefix);
	if (!add) {
		if (g)
			fake_forget_given(z, g);
		send_note(z, c, ZAPI_NOTE_REMOVED, m->vrf, &r.prefix);
		return;
	}
	if (!iface_runs(z, m->vrf, r.nexthop[0].ifindex)) {
		if (g)
			fake_forget_given(z, g);
		send_note(z, c, ZAPI_NOTE_FAIL_INSTALL, m->vrf, &r.prefix);
		return;
	}
	if (!g) {
		if (z->given_count == GIVEN_MAX)
			abort();
		g = &z->given[z->given_count++];
		g->adds = 0;
	}
	*g = (struct fake_zebra_given){
		.vrf = m->vrf,
		.ifindex = r.nexthop[0].ifindex,
		.tag = r.tag,
		.prefix = r.prefix,
		.distance = r.distance,
		.proto = r.proto,
		.instance = r.instance,
		.adds = g->adds + 1,
	};
	send_note(z, c, ZAPI_NOTE_INSTALLED, m->vrf, &r.prefix);
}

void fake_hear(struct fake_zebra *z, struct fake_client *c, struct zapi_message *m)
{
	enum zapi_kind kind = zapi_dialect_kind(z->opt.dialect, m->command);
	bool on;

	z->received[kind]++;
	if (z->opt.mute)
		return;
	switch (kind) {
	case ZAPI_HELLO:
		on_hello(z, c, m);
		break;
	case ZAPI_ROUTE_NOTIFY_REQUEST:
		if (!zapi_decode_notify_request(&m->body, &on))
			c->notify = on;
		break;
	case ZAPI_ROUTER_ID_ADD:
		c->wants_router_id = true;
		if (z->router_id.family)
			fake_say_router_id(z, c);
		break;
	case ZAPI_INTERFACE_ADD:
		c->wants_ifaces = true;
		for (size_t i = 0; i < z->iface_count; i++)
			fake_say_iface(z, c, ZAPI_INTERFACE_ADD, i);
		break;
	case ZAPI_REDISTRIBUTE_ADD:
	case ZAPI_REDISTRIBUTE_DELETE:
		on_redistribute(z, c, m, kind == ZAPI_REDISTRIBUTE_ADD);
		break;
	case ZAPI_ROUTE_ADD:
	case ZAPI_ROUTE_DELETE:
		on_route(z, c, m, kind == ZAPI_ROUTE_ADD);
		break;
	default:
		send_error(z, c, m->vrf, ZAPI_ERROR_BAD_TYPE);
	}
}
