/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/zebra/zclient_priv.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/zapi/zapi_route.h"
#include "wgrd/lib/log.h"

/*
 * What is learned: VRFs and the routes of one protocol in each of them, both families. zebra
 * does not say where its first dump ends, so silence does (see settle() in zclient.c); what
 * has not been confirmed by then, routes and VRFs alike, is gone.
 */
struct zsub_vrf {
	struct zsub_vrf *next;
	uint32_t id;
	char name[ZAPI_VRF_NAME_LEN];
	bool confirmed; /* by this session */
};

static_assert((int)RIB_VRF_NAME_LEN == (int)ZAPI_VRF_NAME_LEN,
	      "a name of zebra's fits the RIB");

/* zebra's route types of each protocol. RIP and OSPF have one for each family. */
static const struct {
	enum zapi_proto v4, v6;
} types[RIB_PROTO_COUNT] = {
	[RIB_PROTO_OTHER] = {ZAPI_PROTO_OTHER, ZAPI_PROTO_OTHER},
	[RIB_PROTO_KERNEL] = {ZAPI_PROTO_KERNEL, ZAPI_PROTO_KERNEL},
	[RIB_PROTO_CONNECT] = {ZAPI_PROTO_CONNECT, ZAPI_PROTO_CONNECT},
	[RIB_PROTO_STATIC] = {ZAPI_PROTO_STATIC, ZAPI_PROTO_STATIC},
	[RIB_PROTO_RIP] = {ZAPI_PROTO_RIP, ZAPI_PROTO_RIPNG},
	[RIB_PROTO_OSPF] = {ZAPI_PROTO_OSPF, ZAPI_PROTO_OSPF6},
	[RIB_PROTO_ISIS] = {ZAPI_PROTO_ISIS, ZAPI_PROTO_ISIS},
	[RIB_PROTO_BGP] = {ZAPI_PROTO_BGP, ZAPI_PROTO_BGP},
	[RIB_PROTO_EIGRP] = {ZAPI_PROTO_EIGRP, ZAPI_PROTO_EIGRP},
	[RIB_PROTO_NHRP] = {ZAPI_PROTO_NHRP, ZAPI_PROTO_NHRP},
	[RIB_PROTO_TABLE] = {ZAPI_PROTO_TABLE, ZAPI_PROTO_TABLE},
	[RIB_PROTO_BABEL] = {ZAPI_PROTO_BABEL, ZAPI_PROTO_BABEL},
};

static enum rib_proto rib_proto_of(enum zapi_proto p)
{
	for (unsigned i = 0; p != ZAPI_PROTO_OTHER && i < RIB_PROTO_COUNT; i++)
		if (types[i].v4 == p || types[i].v6 == p)
			return (enum rib_proto)i;
	return RIB_PROTO_OTHER;
}

/* ---- asking ---- */

/* @kind is REDISTRIBUTE_ADD or _DELETE. */
static void subscribe(struct zclient *z, enum zapi_kind kind, enum rib_proto protocol,
		      uint32_t vrf)
{
	const sa_family_t families[] = {AF_INET, AF_INET6};

	if (protocol >= RIB_PROTO_COUNT)
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(families); i++) {
		struct zapi_redistribute r = {
			.family = families[i],
			.proto = families[i] == AF_INET ? types[protocol].v4
							: types[protocol].v6,
		};
		uint8_t msg[ZCLIENT_MESSAGE_ROOM];
		struct wbuf w = wbuf_writer(msg, sizeof(msg));

		if (r.proto == ZAPI_PROTO_OTHER)
			continue;
		zapi_encode_redistribute(&w, z->dialect, kind, vrf, &r);
		zclient_send(z, msg, &w);
	}
}

static void subscribe_all(struct zclient *z, enum zapi_kind kind, enum rib_proto protocol)
{
	subscribe(z, kind, protocol, 0);
	for (const struct zsub_vrf *v = z->vrfs; v; v = v->next)
		if (v->confirmed)
			subscribe(z, kind, protocol, v->id);
}

/* Neither withdraws anything: the new generation does, when it has settled. */
void zsub_change_protocol(struct zclient *z, enum rib_proto from)
{
	rib_sync_begin(z->rib, RIB_FROM_ZEBRA);
	subscribe_all(z, ZAPI_REDISTRIBUTE_DELETE, from);
	subscribe_all(z, ZAPI_REDISTRIBUTE_ADD, z->opt.protocol);
}

static void ask(struct zclient *z, enum zapi_kind kind)
{
	uint8_t msg[ZCLIENT_MESSAGE_ROOM];
	struct wbuf w = wbuf_writer(msg, sizeof(msg));

	if (zapi_dialect_command(z->dialect, kind) == ZAPI_COMMAND_NONE)
		return;
	if (kind == ZAPI_ROUTE_NOTIFY_REQUEST)
		zapi_encode_notify_request(&w, z->dialect, true);
	else if (kind == ZAPI_ROUTER_ID_ADD)
		zapi_encode_router_id_add(&w, z->dialect, 0, AF_INET);
	else
		zapi_encode_empty(&w, z->dialect, kind, 0);
	zclient_send(z, msg, &w);
}

void zsub_start(struct zclient *z)
{
	rib_sync_begin(z->rib, RIB_FROM_ZEBRA);
	for (struct zsub_vrf *v = z->vrfs; v; v = v->next)
		v->confirmed = false;
	ask(z, ZAPI_ROUTE_NOTIFY_REQUEST);
	ask(z, ZAPI_ROUTER_ID_ADD);
	ask(z, ZAPI_INTERFACE_ADD);                               /* those of every VRF */
	subscribe_all(z, ZAPI_REDISTRIBUTE_ADD, z->opt.protocol); /* others when named */
}

/* ---- VRFs ---- */

static struct zsub_vrf *find_vrf(const struct zclient *z, const char *name)
{
	struct zsub_vrf *v = z->vrfs;

	while (v && strcmp(v->name, name))
		v = v->next;
	return v;
}

/* Takes @v off the list, and out of the RIB unless its id belongs to another by now. */
static void forget_vrf(struct zclient *z, struct zsub_vrf *v)
{
	const char *known = rib_vrf_name(z->rib, v->id);
	struct zsub_vrf **at = &z->vrfs;

	while (*at != v)
		at = &(*at)->next;
	*at = v->next;
	if (known && !strcmp(known, v->name))
		rib_vrf_del(z->rib, v->id);
	free(v);
}

/* zebra's default VRF always has id 0; with zebra -n it may be called otherwise. */
int zsub_vrf_add(struct zclient *z, struct zapi_message *m)
{
	struct zsub_vrf *v;
	struct zapi_vrf vrf;
	bool news;

	if (zapi_decode_vrf_add(&m->body, &vrf))
		return -EBADMSG;
	if (m->vrf == 0)
		return 0;
	if (rib_vrf_set(z->rib, m->vrf, vrf.name)) {
		log_warn(LOG_ZEBRA, "zebra: VRF %u cannot be called %s", m->vrf,
			 vrf.name);
		return 0;
	}
	v = find_vrf(z, vrf.name);
	if (!v) {
		v = xcalloc(1, sizeof(*v));
		memcpy(v->name, vrf.name, sizeof(v->name));
		v->next = z->vrfs;
		z->vrfs = v;
	}
	news = !v->confirmed || v->id != m->vrf;
	v->id = m->vrf;
	v->confirmed = true;
	if (!news)
		return 0;
	log_info(LOG_ZEBRA, "zebra: VRF %s is %u", v->name, v->id);
	subscribe(z, ZAPI_REDISTRIBUTE_ADD, z->opt.protocol, v->id);
	return 0;
}

int zsub_vrf_delete(struct zclient *z, struct zapi_message *m)
{
	const char *name = rib_vrf_name(z->rib, m->vrf);
	struct zsub_vrf *v = name && m->vrf ? find_vrf(z, name) : NULL;

	if (!v)
		return 0;
	log_info(LOG_ZEBRA, "zebra: VRF %s is gone", v->name);
	zinject_vrf_gone(z, m->vrf);
	forget_vrf(z, v);
	return 0;
}

/* ---- routes ---- */

/*
 * Blackholes lead nowhere and are left out. Behind zebra -n an index of another VRF could be
 * any interface in ours, so a leaked next hop goes by its address alone.
 */
static unsigned convert_nexthops(const struct zclient *z, uint32_t vrf,
				 const struct zapi_route *r, struct rib_nexthop *out)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->nexthop_count && n < RIB_NEXTHOP_MAX; i++) {
		const struct zapi_nexthop *nh = &r->nexthop[i];

		if (nh->type == ZAPI_NEXTHOP_BLACKHOLE)
			continue;
		out[n++] = (struct rib_nexthop){
			.gate = nh->gate,
			.ifindex = z->caps.vrf_netns && nh->vrf != vrf ? 0 : nh->ifindex,
			.weight = nh->weight > UINT16_MAX ? UINT16_MAX : (uint16_t)nh->weight ?: 1,
		};
	}
	return n;
}

static int learn(struct zclient *z, uint32_t vrf, const struct zapi_route *r)
{
	static struct log_limit limit = LOG_LIMIT(5, 60);
	struct rib_route *route = rib_route_new(RIB_NEXTHOP_MAX);
	char prefix[PREFIX_STRLEN];
	int err;

	if (!route)
		return -ENOMEM;
	route->prefix = r->prefix;
	route->source = RIB_FROM_ZEBRA;
	route->proto = (uint8_t)rib_proto_of(r->proto);
	route->distance = r->distance;
	route->instance = r->instance;
	route->metric = r->metric;
	route->tag = r->tag;
	route->nh_count = (uint8_t)convert_nexthops(z, vrf, r, route->nh);
	if (r->nexthop_count > RIB_NEXTHOP_MAX &&
	    log_limit_pass(&limit, loop_now_ns(z->loop), LOG_ZEBRA))
		log_warn(LOG_ZEBRA, "zebra: %s has %u next hops, %d are used",
			 prefix_str(&r->prefix, prefix), r->nexthop_count,
			 RIB_NEXTHOP_MAX);
	err = rib_update(z->rib, vrf, route);
	free(route);
	return err;
}

int zsub_route(struct zclient *z, struct zapi_message *m, bool add)
{
	struct zapi_route r;

	if (zapi_decode_route(&m->body, z->dialect, &r))
		return -EBADMSG;
	z->last_route_ns = loop_now_ns(z->loop);
	if (r.safi != ZAPI_SAFI_UNICAST || (r.fields & ZAPI_ROUTE_SRC)) {
		z->count.ignored++;
		return 0;
	}
	if (add) {
		z->count.routes_added++;
		return learn(z, m->vrf, &r);
	}
	z->count.routes_deleted++;
	rib_withdraw(z->rib, m->vrf, &r.prefix, RIB_FROM_ZEBRA);
	return 0;
}

/* ---- endings ---- */

size_t zsub_settled(struct zclient *z)
{
	struct zsub_vrf *v, *next;
	size_t before = rib_count(z->rib, RIB_FROM_ZEBRA);

	for (v = z->vrfs; v; v = next) {
		next = v->next;
		if (!v->confirmed)
			forget_vrf(z, v);
	}
	rib_sync_end(z->rib, RIB_FROM_ZEBRA);
	return before - rib_count(z->rib, RIB_FROM_ZEBRA);
}

size_t zsub_forget(struct zclient *z)
{
	rib_sync_begin(z->rib, RIB_FROM_ZEBRA);
	for (struct zsub_vrf *v = z->vrfs; v; v = v->next)
		v->confirmed = false;
	return zsub_settled(z);
}

void zsub_fini(struct zclient *z)
{
	struct zsub_vrf *next;

	for (struct zsub_vrf *v = z->vrfs; v; v = next) {
		next = v->next;
		free(v);
	}
	z->vrfs = NULL;
}
