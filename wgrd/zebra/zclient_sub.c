/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/zebra/zclient_priv.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/zapi/zapi_route.h"
#include "wgrd/lib/log.h"

/*
 * What is learned: VRFs and the routes of one protocol in each of them, both families. Those of
 * our own type are listened to as well, because zebra says no other way that one has gone. zebra
 * does not say where its first dump ends, so silence does (see settle() in zclient.c); what
 * has not been confirmed by then, routes and VRFs alike, is gone.
 *
 * A session that only gives asks for less: its interfaces, and what becomes of its prefixes.
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
	if (p == ZAPI_PROTO_TABLE_DIRECT)
		return RIB_PROTO_TABLE; /* zebra does not say whose it was */
	for (unsigned i = 0; p != ZAPI_PROTO_OTHER && i < RIB_PROTO_COUNT; i++)
		if (types[i].v4 == p || types[i].v6 == p)
			return (enum rib_proto)i;
	return RIB_PROTO_OTHER;
}

/* ---- asking ---- */

void zsub_send_redistribute(struct zclient *z, enum zapi_kind kind, uint32_t vrf,
			    const struct zapi_redistribute *r)
{
	uint8_t msg[ZCLIENT_MESSAGE_ROOM];
	struct wbuf w = wbuf_writer(msg, sizeof(msg));

	zapi_encode_redistribute(&w, z->dialect, kind, vrf, r);
	zclient_send(z, msg, &w);
}

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

		if (r.proto != ZAPI_PROTO_OTHER)
			zsub_send_redistribute(z, kind, vrf, &r);
	}
}

static void subscribe_all(struct zclient *z, enum zapi_kind kind, enum rib_proto protocol)
{
	subscribe(z, kind, protocol, 0);
	for (const struct zsub_vrf *v = z->vrfs; v; v = v->next)
		if (v->confirmed)
			subscribe(z, kind, protocol, v->id);
}

/* Neither withdraws anything: the new generation does, when it has settled. What is subscribed
 * to already is not dumped, so a protocol that is watched and now to be learned is let go first. */
void zsub_change_protocol(struct zclient *z, enum rib_proto from)
{
	rib_sync_begin(z->rib, RIB_FROM_ZEBRA);
	subscribe_all(z, ZAPI_REDISTRIBUTE_DELETE, from);
	if (z->opt.protocol == RIB_PROTO_TABLE)
		subscribe_all(z, ZAPI_REDISTRIBUTE_DELETE, RIB_PROTO_TABLE);
	subscribe_all(z, ZAPI_REDISTRIBUTE_ADD, z->opt.protocol);
	if (from == RIB_PROTO_TABLE)
		subscribe_all(z, ZAPI_REDISTRIBUTE_ADD, RIB_PROTO_TABLE);
}

/* zebra dumps what somebody subscribes to anew, and only that. */
void zsub_restart(struct zclient *z)
{
	rib_sync_begin(z->rib, RIB_FROM_ZEBRA);
	subscribe_all(z, ZAPI_REDISTRIBUTE_DELETE, z->opt.protocol);
	subscribe_all(z, ZAPI_REDISTRIBUTE_ADD, z->opt.protocol);
	ztables_restart(z);
}

/* What is to be learned, and what becomes of own prefixes. */
static void subscribe_vrf(struct zclient *z, uint32_t vrf)
{
	subscribe(z, ZAPI_REDISTRIBUTE_ADD, z->opt.protocol, vrf);
	if (z->opt.protocol != RIB_PROTO_TABLE)
		subscribe(z, ZAPI_REDISTRIBUTE_ADD, RIB_PROTO_TABLE, vrf);
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

/* zebra keeps subscriptions to an instance by client, and those of its VRFs are included. */
static void subscribe_instance(struct zclient *z)
{
	struct zapi_redistribute r = {.proto = ZAPI_PROTO_TABLE, .instance = z->instance};

	r.family = AF_INET;
	zsub_send_redistribute(z, ZAPI_REDISTRIBUTE_ADD, 0, &r);
	r.family = AF_INET6;
	zsub_send_redistribute(z, ZAPI_REDISTRIBUTE_ADD, 0, &r);
}

static void learn_all(struct zclient *z)
{
	rib_sync_begin(z->rib, RIB_FROM_ZEBRA);
	ask(z, ZAPI_ROUTER_ID_ADD);
	subscribe_vrf(z, 0); /* others when named */
	ztables_start(z);
}

void zsub_start(struct zclient *z)
{
	for (struct zsub_vrf *v = z->vrfs; v; v = v->next)
		v->confirmed = false;
	ask(z, ZAPI_ROUTE_NOTIFY_REQUEST);
	ask(z, ZAPI_INTERFACE_ADD); /* those of every VRF */
	if (z->rib)
		learn_all(z);
	else
		subscribe_instance(z);
}

/* ---- VRFs ---- */

static struct zsub_vrf *find_vrf(const struct zclient *z, const char *name)
{
	struct zsub_vrf *v = z->vrfs;

	while (v && strcmp(v->name, name))
		v = v->next;
	return v;
}

bool zsub_vrf_id(const struct zclient *z, const char *name, uint32_t *id)
{
	const struct zsub_vrf *v = find_vrf(z, name);

	*id = v ? v->id : 0;
	return v ? v->confirmed : strcmp(name, RIB_VRF_DEFAULT) == 0;
}

static struct zsub_vrf *find_confirmed(const struct zclient *z, uint32_t id)
{
	struct zsub_vrf *v = z->vrfs;

	while (v && (!v->confirmed || v->id != id))
		v = v->next;
	return v;
}

const char *zsub_vrf_name(const struct zclient *z, uint32_t id)
{
	const struct zsub_vrf *v = find_confirmed(z, id);

	return v ? v->name : id ? NULL : RIB_VRF_DEFAULT;
}

/* Takes @v off the list, and out of the RIB unless its id belongs to another by now. */
static void forget_vrf(struct zclient *z, struct zsub_vrf *v)
{
	const char *known = z->rib ? rib_vrf_name(z->rib, v->id) : NULL;
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
	if (z->rib && rib_vrf_set(z->rib, m->vrf, vrf.name)) {
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
	if (!news || !z->rib)
		return 0;
	log_info(LOG_ZEBRA, "zebra: VRF %s is %u", v->name, v->id);
	subscribe_vrf(z, v->id);
	return 0;
}

int zsub_vrf_delete(struct zclient *z, struct zapi_message *m)
{
	struct zsub_vrf *v = m->vrf ? find_confirmed(z, m->vrf) : NULL;

	if (!v)
		return 0;
	log_info(LOG_ZEBRA, "%s: VRF %s is gone", z->title, v->name);
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
	struct rib_nexthop nh[RIB_NEXTHOP_MAX];
	const struct rib_route route = {
		.prefix = r->prefix,
		.source = RIB_FROM_ZEBRA,
		.proto = (uint8_t)rib_proto_of(r->proto),
		.distance = r->distance,
		.instance = r->instance,
		.metric = r->metric,
		.tag = r->tag,
		.nh_count = (uint8_t)convert_nexthops(z, vrf, r, nh),
		.nh = nh,
	};
	char prefix[PREFIX_STRLEN];

	if (r->nexthop_count > RIB_NEXTHOP_MAX &&
	    log_limit_pass(&limit, loop_now_ns(z->loop), LOG_ZEBRA))
		log_warn(LOG_ZEBRA, "zebra: %s has %u next hops, %d are used",
			 prefix_str(&r->prefix, prefix), r->nexthop_count,
			 RIB_NEXTHOP_MAX);
	return rib_update(z->rib, vrf, &route);
}

int zsub_route(struct zclient *z, struct zapi_message *m, bool add)
{
	struct zapi_route r;
	uint32_t vrf = m->vrf;

	if (zapi_decode_route(&m->body, z->dialect, &r))
		return -EBADMSG;
	if (r.proto == ZAPI_PROTO_TABLE && r.instance == z->instance && !add)
		zinject_lost(z, m->vrf, &r.prefix);
	if (!z->rib)
		return 0;
	if (r.proto == ZAPI_PROTO_TABLE_DIRECT ? !ztables_vrf(z, &r, &vrf)
					       : rib_proto_of(r.proto) != z->opt.protocol)
		return 0;
	z->last_route_ns = loop_now_ns(z->loop);
	if (r.safi != ZAPI_SAFI_UNICAST || (r.fields & ZAPI_ROUTE_SRC)) {
		z->count.ignored++;
		return 0;
	}
	if (add) {
		z->count.routes_added++;
		return learn(z, vrf, &r);
	}
	z->count.routes_deleted++;
	rib_withdraw(z->rib, vrf, &r.prefix, RIB_FROM_ZEBRA);
	return 0;
}

/* ---- endings ---- */

static void forget_unconfirmed(struct zclient *z)
{
	struct zsub_vrf *next;

	for (struct zsub_vrf *v = z->vrfs; v; v = next) {
		next = v->next;
		if (!v->confirmed)
			forget_vrf(z, v);
	}
}

size_t zsub_settled(struct zclient *z)
{
	size_t before = rib_count(z->rib, RIB_FROM_ZEBRA);

	forget_unconfirmed(z);
	rib_sync_end(z->rib, RIB_FROM_ZEBRA);
	return before - rib_count(z->rib, RIB_FROM_ZEBRA);
}

size_t zsub_forget(struct zclient *z)
{
	for (struct zsub_vrf *v = z->vrfs; v; v = v->next)
		v->confirmed = false;
	if (!z->rib) {
		forget_unconfirmed(z);
		return 0;
	}
	rib_sync_begin(z->rib, RIB_FROM_ZEBRA);
	return zsub_settled(z);
}

struct told {
	struct prefix *prefix;
	size_t count;
};

/* The RIB shows the route of the most preferred source, which zebra is. */
static bool note_told(const struct rib_route *r, void *arg)
{
	struct told *t = arg;

	if (r->source == RIB_FROM_ZEBRA)
		t->prefix[t->count++] = r->prefix;
	return true;
}

ssize_t zsub_withdraw_vrf(struct zclient *z, uint32_t vrf)
{
	size_t most = rib_count(z->rib, RIB_FROM_ZEBRA);
	struct told told = {0};

	if (!most)
		return 0;
	told.prefix = calloc(most, sizeof(*told.prefix));
	if (!told.prefix)
		return -ENOMEM;
	rib_walk(z->rib, vrf, note_told, &told);
	for (size_t i = 0; i < told.count; i++)
		rib_withdraw(z->rib, vrf, &told.prefix[i], RIB_FROM_ZEBRA);
	free(told.prefix);
	return (ssize_t)told.count;
}

int zclient_yield(struct zclient *z, uint32_t vrf)
{
	ssize_t left;

	if (!z->gave_up || z->dialect)
		return 0;
	left = zsub_withdraw_vrf(z, vrf);
	if (left > 0)
		log_notice(
			LOG_ZEBRA,
			"zebra: its %zd routes of VRF %s left for those learned elsewhere",
			left, rib_vrf_name(z->rib, vrf) ?: "?");
	return left < 0 ? (int)left : 0;
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
