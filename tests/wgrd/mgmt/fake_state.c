/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/mgmt/fake_state.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "tests/lib/fake_loop.h"
#include "wgrd/fib/fib.h"
#include "wgrd/rib/rib.h"
#include "wgrd/tenant/tenant.h"
#include "wgrd/wg/wg.h"
#include "wgrd/zebra/zclient.h"

struct fake_state fake_state;

#define SECONDS_AGO(s) ((FAKE_LOOP_START_S - (s)) * NS_PER_S)

struct wg_device {
	struct wg_device_view view;
};

struct wg_peer {
	struct wg_peer_view view;
	struct conf_peer conf;
};

struct wg_group {
	struct wg_nexthop nh[2];
	unsigned n;
};

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	if (ip_addr_parse(&a, text))
		a.family = 0;
	return a;
}

static struct prefix prefix(const char *text)
{
	struct prefix p;

	if (prefix_parse(&p, text))
		p.len = 0;
	return p;
}

/* ---- wg ---- */

static struct wg_device devices[2];
static struct wg_peer peers[2];
static struct wg_group to_hub, to_spoke2, to_both;

static void make_devices(void)
{
	devices[0].view = (struct wg_device_view){
		.name = "wg0",
		.ifindex = 7,
		.up = true,
		.public_key_set = true,
		.listen_port = 51820,
		.fwmark = 0xca6c,
		.mtu = 1420,
		.tenant = "red",
		.peers = 2,
		.peers_up = 1,
		.egress_prefixes = 3,
		.ingress_prefixes = 2,
		.rx_bytes = 1258291,
		.tx_bytes = 2048,
		.rx_packets = 1000,
		.tx_packets = 1,
	};
	memset(devices[0].view.public_key, 1, 32);
	devices[1].view = (struct wg_device_view){
		.name = "wg1", .inactive = "no private key", .mtu = 1280, .tenant = ""};
}

static void make_peers(void)
{
	static struct ip_addr overlay[2];
	static struct prefix allowed[1];

	overlay[0] = addr("10.99.0.1");
	overlay[1] = addr("fd99::1");
	allowed[0] = prefix("192.0.2.0/24");
	peers[0] = (struct wg_peer){
		.view = {.name = "hub",
			 .device = "wg0",
			 .public_key_set = true,
			 .preshared_key_set = true,
			 .endpoint = addr("2001:db8::1"),
			 .endpoint_port = 51820,
			 .session = WG_SESSION_UP,
			 .last_handshake_s = 1700000000,
			 .last_handshake_ns = SECONDS_AGO(12),
			 .persistent_keepalive = 25,
			 .rx_bytes = 1258291,
			 .tx_bytes = 2048,
			 .rx_packets = 1000,
			 .tx_packets = 1,
			 .handshakes = 4},
		.conf = {.description = (char *)"the \"hub\"",
			 .overlay_address = overlay,
			 .overlay_address_count = 2,
			 .allowed_ip = {allowed, 1},
			 .max_prefix = 100},
	};
	memset(peers[0].view.public_key, 2, 32);
	peers[1] = (struct wg_peer){
		.view = {.name = "spoke2", .device = "wg0", .inactive = "no public key"}};
}

static void make_groups(void)
{
	to_hub = (struct wg_group){.nh = {{&peers[0], 1}}, .n = 1};
	to_spoke2 = (struct wg_group){.nh = {{&peers[1], 1}}, .n = 1};
	to_both = (struct wg_group){.nh = {{&peers[0], 1}, {&peers[1], 3}}, .n = 2};
}

static void make_scene(void)
{
	make_devices();
	make_peers();
	make_groups();
}

void wg_walk_devices(const struct wg *wg, bool (*fn)(struct wg_device *d, void *arg),
		     void *arg)
{
	(void)wg;
	make_scene();
	for (size_t i = 0; i < ARRAY_SIZE(devices) && !fake_state.empty; i++)
		if (!fn(&devices[i], arg))
			return;
}

void wg_walk_peers(const struct wg_device *d, bool (*fn)(struct wg_peer *p, void *arg),
		   void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(peers) && d == &devices[0]; i++)
		if (!fn(&peers[i], arg))
			return;
}

void wg_walk_permissions(const struct wg_device *d,
			 bool (*fn)(const struct prefix *p, const struct wg_group *egress,
				    const struct wg_group *ingress, void *arg),
			 void *arg)
{
	const struct {
		struct prefix p;
		const struct wg_group *egress, *ingress;
	} permission[] = {
		{prefix("10.2.0.0/16"), &to_spoke2, &to_spoke2},
		{prefix("192.0.2.0/24"), &to_hub, NULL},
		{prefix("2001:db8:2::/48"), &to_both, &to_both},
	};

	for (size_t i = 0; i < ARRAY_SIZE(permission) && d == &devices[0]; i++)
		if (!fn(&permission[i].p, permission[i].egress, permission[i].ingress,
			arg))
			return;
}

const char *wg_encryption_name(void)
{
	return "abacus";
}

void wg_walk_counters(const struct wg *wg,
		      bool (*fn)(const char *name, const char *what, bool drop,
				 uint64_t value, void *arg),
		      void *arg)
{
	(void)wg;
	fn("rx-packets", "Packets that came in and were meant for us", false, 1000, arg);
	fn("replayed",
	   "The packet had been seen before, or came so late that nobody can "
	   "say whether it had",
	   true, UINT64_MAX, arg);
	fn("tx-packets", "Packets sent", false, 1, arg);
}

void wg_device_view(const struct wg_device *d, struct wg_device_view *v)
{
	*v = d->view;
}

void wg_peer_view(const struct wg_peer *p, struct wg_peer_view *v)
{
	*v = p->view;
}

const char *wg_device_name(const struct wg_device *d)
{
	return d->view.name;
}

const char *wg_peer_name(const struct wg_peer *p)
{
	return p->view.name;
}

const struct conf_peer *wg_peer_conf(const struct wg_peer *p)
{
	return p == &peers[0] ? &p->conf : NULL;
}

struct wg_peer *wg_peer_find(const struct wg_device *d, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(peers) && d == &devices[0]; i++)
		if (!strcmp(peers[i].view.name, name))
			return &peers[i];
	return NULL;
}

void wg_peer_clear(struct wg_peer *p)
{
	(void)p;
	fake_state.cleared++;
}

unsigned wg_group_members(const struct wg_group *g, const struct wg_nexthop **nh)
{
	*nh = g->nh;
	return g->n;
}

const char *wg_session_name(enum wg_session s)
{
	static const char *const name[] = {"none", "handshake", "up", "expired"};

	return name[s];
}

/* ---- tenant and fib ---- */

void tenants_walk(const struct tenants *t,
		  bool (*fn)(const struct tenant_view *v, void *arg), void *arg)
{
	static const struct tenant_view view[] = {
		{.name = "", .vrf = "default", .interfaces = 1, .peers = 0},
		{.name = "blue", .inactive = "no table", .vrf = "blue", .max_prefix = 10},
		{.name = "red",
		 .table = 1009,
		 .priority = 1000,
		 .vrf = "default",
		 .interfaces = 2,
		 .peers = 2,
		 .learned = 3,
		 .accepted = 2,
		 .refused = 1,
		 .fixed = 4,
		 .max_prefix = 1000000},
	};

	(void)t;
	for (size_t i = 0; i < ARRAY_SIZE(view) && !fake_state.empty; i++)
		if (!fn(&view[i], arg))
			return;
}

void tenants_walk_routes(const struct tenants *t, const struct prefix *p,
			 bool (*fn)(const struct tenant_route_view *v, void *arg),
			 void *arg)
{
	const struct rib_nexthop nh[] = {
		{addr("10.99.0.2"), 7, 1}, {addr("fe80::1"), 7, 1}, {.weight = 1}};
	const struct tenant_route_view common = {.tenant = "red",
						 .vrf = "default",
						 .origin = TENANT_LEARNED,
						 .protocol = "bgp",
						 .nexthop_count = 1,
						 .nexthop = nh,
						 .device = "wg0",
						 .peer_count = 1,
						 .peer = {"spoke2"},
						 .table = 1009,
						 .reason = "next hop 10.99.0.2 is spoke2",
						 .permission_known = true,
						 .permission = FIB_INSTALLED,
						 .route_known = true,
						 .route = FIB_INSTALLED,
						 .changed_ns = SECONDS_AGO(3)};
	struct tenant_route_view view[5] = {common, common, common, common, common};

	(void)t;
	(void)p;
	view[0].prefix = prefix("10.2.0.0/16");
	view[1].prefix = prefix("10.3.0.0/16");
	view[1].route = FIB_FAILED;
	view[1].route_error = -ENETUNREACH;
	view[2].prefix = prefix("10.66.0.0/16");
	view[2].verdict = DECIDE_OUTSIDE_SUPERNET;
	view[2].reason =
		"10.66.0.0/16 lies in none of the supernets of tenant red, so that "
		"no peer may use it";
	view[2].device = "";
	view[2].peer_count = 0;
	view[2].permission_known = view[2].route_known = false;
	view[3].prefix = prefix("192.168.1.0/24");
	view[3].origin = TENANT_ADVERTISED;
	view[3].protocol = "";
	view[3].nexthop_count = 0;
	view[3].peer_count = 0;
	view[3].changed_ns = 0;
	view[3].permission_known = view[3].route_known = false;
	view[4].prefix = prefix("2001:db8:2::/48");
	view[4].tenant = "";
	view[4].nexthop_count = 2;
	view[4].peer_count = 2;
	view[4].peer[1] = "hub";
	view[4].route_known = false;
	view[4].table = 0;
	for (unsigned n = 0; n < (fake_state.repeat ?: 1); n++)
		for (size_t i = 0; i < ARRAY_SIZE(view) && !fake_state.empty; i++)
			if (!fn(&view[i], arg))
				return;
}

const char *tenant_origin_name(enum tenant_origin o)
{
	static const char *const name[] = {"learned", "static", "overlay", "connected",
					   "advertised"};

	return name[o];
}

const char *decide_verdict_name(enum decide_verdict v)
{
	return v == DECIDE_ACCEPT ? "accept" : "outside-supernet";
}

const char *fib_state_name(enum fib_state s)
{
	static const char *const name[] = {"wanted", "sent", "installed", "failed",
					   "leaving"};

	return name[s];
}

void fib_view(const struct fib *f, struct fib_view *v)
{
	(void)f;
	*v = (struct fib_view){.permissions = 3,
			       .routes = 2,
			       .rules = 4,
			       .advertised = 1,
			       .failed = 1,
			       .adopted = 5};
}

/* ---- rib and zebra ---- */

const char *rib_vrf_name(const struct rib *rib, uint32_t vrf)
{
	(void)rib;
	return vrf ? NULL : "default";
}

size_t rib_count(const struct rib *rib, enum rib_source source)
{
	(void)rib;
	return source == RIB_FROM_ZEBRA ? 3 : 0;
}

void zclient_view(const struct zclient *z, struct zclient_view *v)
{
	(void)z;
	*v = (struct zclient_view){.state = ZCLIENT_UP,
				   .socket = "/var/run/frr/zserv.api",
				   .release = "8.4.4",
				   .dialect = "frr-8.4",
				   .router_id = htonl(0x0a630001),
				   .since_ns = SECONDS_AGO(200),
				   .connects = 1,
				   .messages_rcvd = 40,
				   .messages_sent = 9,
				   .routes_added = 3,
				   .own_count = 1,
				   .own_installed = 1};
	if (!fake_state.zebra_waiting)
		return;
	v->state = ZCLIENT_WAITING;
	v->release = v->dialect = "";
	v->router_id = 0;
	strcpy(v->last_error, "connect: No such file or directory");
}

const char *zclient_state_name(enum zclient_state s)
{
	static const char *const name[] = {"off", "waiting", "probing", "syncing", "up"};

	return name[s];
}

void zclient_own_walk(const struct zclient *z,
		      bool (*fn)(const struct zclient_own *own, bool sent, bool installed,
				 void *arg),
		      void *arg)
{
	const struct zclient_own own = {
		.prefix = prefix("192.168.1.0/24"), .ifindex = 7, .tag = 100};

	(void)z;
	fn(&own, true, true, arg);
}
