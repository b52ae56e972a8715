/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/mgmt/fake_state.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fake_loop.h"
#include "wgrd/fib/fib.h"
#include "wgrd/learn/learn.h"
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
		.dscp = 46,
		.tenant = "red",
		.backend = "user",
		.peers = 2,
		.peers_up = 1,
		.egress_prefixes = 3,
		.ingress_prefixes = 2,
		.rx_bytes = 1258291,
		.tx_bytes = 2048,
		.rx_packets = 1000,
		.tx_packets = 1,
		.additional_key = {{.name = "2027", .public_key_set = true},
				   {.name = "2028"}},
		.additional_keys = 2,
	};
	if (fake_state.large)
		devices[0].view.tenant =
			"a-tenant-whose-name-has-all-the-letters-that-a-name-"
			"may-have-here";
	memset(devices[0].view.public_key, 1, 32);
	memset(devices[0].view.additional_key[0].public_key, 2, 32);
	devices[1].view = (struct wg_device_view){
		.name = "wg1",
		.inactive = "no private key",
		.mtu = 1280,
		.tenant = "",
		.backend = "kernel",
		.adopted = true,
		.foreign_peers = 1,
		.foreign_prefixes = 2,
		.degraded_prefixes = 3,
		.packets_unknown = true,
	};
}

static void make_peers(void)
{
	static struct conf_peer_key keys[] = {{.name = "old", .public_key_set = true},
					      {.name = "to-come"}};
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
			 .handshakes = 4,
			 .own_key_name = "2027",
			 .peer_key_name = ""},
		.conf = {.description = (char *)"the \"hub\"",
			 .additional_key = keys,
			 .additional_key_count = ARRAY_SIZE(keys),
			 .overlay_address = overlay,
			 .overlay_address_count = 2,
			 .allowed_ip = {allowed, 1},
			 .prefix_list = "spokes",
			 .max_prefix = 100,
			 .max_prefix_warning = 80,
			 .max_prefix_hold = 60},
	};
	memset(peers[0].view.public_key, 2, 32);
	memset(keys[0].public_key, 1, 32);
	if (fake_state.large)
		peers[0].conf.description =
			(char *)"the hub of all hubs, in the third rack from the left, which "
				"is the one that nobody may switch off";
	peers[1] = (struct wg_peer){
		.view = {.name = "spoke2", .device = "wg0", .inactive = "no public key"}};
}

static void make_groups(void)
{
	to_hub = (struct wg_group){.nh = {{&peers[0], 1, 0}}, .n = 1};
	to_spoke2 =
		(struct wg_group){.nh = {{&peers[1], 1, 0}, {&peers[0], 1, 1}}, .n = 2};
	to_both = (struct wg_group){.nh = {{&peers[0], 1, 0}, {&peers[1], 3, 0}}, .n = 2};
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

/* Named so that they come after the others. */
static struct wg_peer *one_of_many(unsigned i)
{
	static struct wg_peer p;
	static char name[16];

	snprintf(name, sizeof(name), "x%06u", i);
	p = (struct wg_peer){.view = {.name = name, .device = "wg0"}};
	return &p;
}

void wg_walk_peers_after(const struct wg_device *d, const char *after,
			 bool (*fn)(struct wg_peer *p, void *arg), void *arg)
{
	unsigned first = after && *after == 'x' ? (unsigned)atoi(after + 1) + 1 : 0;

	if (d != &devices[0])
		return;
	for (size_t i = 0; i < ARRAY_SIZE(peers); i++)
		if ((!after || strcmp(peers[i].view.name, after) > 0) &&
		    !fn(&peers[i], arg))
			return;
	for (unsigned i = first; i < fake_state.many_peers; i++)
		if (!fn(one_of_many(i), arg))
			return;
}

void wg_walk_peers(const struct wg_device *d, bool (*fn)(struct wg_peer *p, void *arg),
		   void *arg)
{
	wg_walk_peers_after(d, NULL, fn, arg);
}

static const struct permission {
	const char *prefix;
	struct wg_group *egress, *ingress;
} permissions[] = {
	{"10.2.0.0/16", &to_spoke2, &to_spoke2},
	{"192.0.2.0/24", &to_hub, NULL},
	{"2001:db8:2::/48", &to_both, &to_both},
};

void wg_walk_permissions_after(const struct wg_device *d, const struct prefix *after,
			       bool (*fn)(const struct prefix *p,
					  const struct wg_group *egress,
					  const struct wg_group *ingress, void *arg),
			       void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(permissions) && d == &devices[0]; i++) {
		struct prefix p = prefix(permissions[i].prefix);

		if ((!after || prefix_cmp(&p, after) > 0) &&
		    !fn(&p, permissions[i].egress, permissions[i].ingress, arg))
			return;
	}
}

void wg_walk_permissions(const struct wg_device *d,
			 bool (*fn)(const struct prefix *p, const struct wg_group *egress,
				    const struct wg_group *ingress, void *arg),
			 void *arg)
{
	wg_walk_permissions_after(d, NULL, fn, arg);
}

static const struct permission *find_permission(const struct wg_device *d,
						const struct prefix *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(permissions) && d == &devices[0]; i++) {
		struct prefix there = prefix(permissions[i].prefix);

		if (prefix_equal(&there, p))
			return &permissions[i];
	}
	return NULL;
}

struct wg_group *wg_egress_get(const struct wg_device *d, const struct prefix *p)
{
	const struct permission *there = find_permission(d, p);

	return there ? there->egress : NULL;
}

struct wg_group *wg_ingress_get(const struct wg_device *d, const struct prefix *p)
{
	const struct permission *there = find_permission(d, p);

	return there ? there->ingress : NULL;
}

bool wg_has_owners(const struct wg_device *d)
{
	return d == &devices[1];
}

struct wg_peer *wg_prefix_owner(const struct wg_device *d, const struct prefix *p)
{
	(void)p;
	return d == &devices[1] ? &peers[0] : NULL;
}

struct wg_device *wg_device_find(const struct wg *wg, const char *name)
{
	(void)wg;
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		if (!strcmp(devices[i].view.name, name))
			return &devices[i];
	return NULL;
}

const char *wg_encryption_name(void)
{
	return "abacus";
}

void wg_dataplane_view(const struct wg *wg, struct wg_dataplane_view *v)
{
	(void)wg;
	*v = (struct wg_dataplane_view){
		.workers = 2,
		.workers_configured = 8,
		.receive_buffer = 212992,
		.receive_buffer_configured = 4 << 20,
		.send_buffer_configured = 4 << 20,
		.interface_offload = true,
		.interfaces = 2,
		.interfaces_offloaded = 1,
		.ports = 1,
	};
}

void wg_walk_threads(const struct wg *wg,
		     bool (*fn)(const struct wg_thread_view *v, void *arg), void *arg)
{
	const struct wg_thread_view v[] = {
		{.name = "wg-dp/0",
		 .cpu = 3,
		 .tx_packets = 123456789012,
		 .tx_bytes = 1 << 30,
		 .tx_batches = 3048315778, /* 40.5 */
		 .rx_packets = 1000,
		 .rx_bytes = 1 << 20,
		 .rx_batches = 80,
		 .drops = 7,
		 .wakeups = 5},
		{.name = "wg-hs", .cpu = -1, .drops = 12},
	};

	(void)wg;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (!fn(&v[i], arg))
			return;
}

void wg_walk_counters(const struct wg *wg,
		      bool (*fn)(const char *name, const char *what, bool drop,
				 uint64_t value, void *arg),
		      void *arg)
{
	(void)wg;
	fn("rx-packets", "Packets that came in and were meant for us", false,
	   1000 + fake_state.more, arg);
	fn("replayed",
	   "The packet had been seen before, or came so late that nobody can "
	   "say whether it had",
	   true, UINT64_MAX, arg);
	fn("tx-packets", "Packets sent", false, 1, arg);
}

void wg_device_view(const struct wg_device *d, struct wg_device_view *v)
{
	*v = d->view;
	v->rx_bytes += fake_state.more;
	v->tx_packets += fake_state.more;
}

void wg_peer_view(const struct wg_peer *p, struct wg_peer_view *v)
{
	*v = p->view;
	v->rx_bytes += fake_state.more;
	v->tx_packets += fake_state.more;
	v->handshakes += fake_state.more;
	v->answered_ns = fake_state.answered_ns;
	v->answered_in_ns = fake_state.answered_ns ? 3250000 : 0;
}

const char *wg_device_name(const struct wg_device *d)
{
	return d->view.name;
}

bool wg_device_in_kernel(const struct wg_device *d)
{
	return d != &devices[0] || fake_state.in_kernel;
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
	for (unsigned i = 0; i < fake_state.many_peers && d == &devices[0]; i++)
		if (!strcmp(one_of_many(i)->view.name, name))
			return one_of_many(i);
	return NULL;
}

/* Its first interface alone has peers. */
struct wg_peer *wg_peer_find_any(const struct wg *wg, const char *name)
{
	(void)wg;
	make_scene();
	return fake_state.empty ? NULL : wg_peer_find(&devices[0], name);
}

bool wg_peer_probe(struct wg_peer *p)
{
	(void)p;
	fake_state.probed++;
	return !fake_state.no_probe;
}

struct wg_peer *wg_peer_get(struct wg_peer *p)
{
	return p;
}

void wg_peer_put(struct wg_peer *p)
{
	(void)p;
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
	static const struct tenant_view large = {
		.name = "red",
		.table = UINT32_MAX,
		.priority = 32765,
		.vrf = "a-vrf-of-15-let",
		.learned = 1200000,
		.accepted = 1100000,
		.refused = 100000,
		.prefix_list =
			"a-prefix-list-whose-name-has-all-the-letters-that-it-may-have"};
	static const struct tenant_view view[] = {
		{.name = "", .vrf = "default", .interfaces = 1, .prefix_list = ""},
		{.name = "blue",
		 .inactive = "no table",
		 .vrf = "blue",
		 .max_prefix = 10,
		 .max_prefix_hold = 60,
		 .held_s = 57,
		 .prefix_list = ""},
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
		 .max_prefix = 1000000,
		 .max_prefix_warning = 75,
		 .prefix_list = "spokes"},
	};

	(void)t;
	for (size_t i = 0; i < ARRAY_SIZE(view) && !fake_state.empty; i++)
		if (!fn(&view[i], arg))
			return;
	if (fake_state.large)
		fn(&large, arg);
}

void tenants_peer_view(const struct tenants *t, const struct wg_peer *p,
		       struct tenant_peer_view *v)
{
	const bool hub = p == &peers[0];

	(void)t;
	*v = (struct tenant_peer_view){
		.counted = hub ? 0 : 3, .waiting = hub ? 101 : 0, .held_s = hub ? 57 : 0};
}

void tenants_release_peer(struct tenants *t, const struct wg_peer *p)
{
	(void)t;
	(void)p;
	fake_state.released++;
}

bool tenants_release(struct tenants *t, const char *name)
{
	(void)t;
	fake_state.released += !strcmp(name, "red");
	return !strcmp(name, "red");
}

void tenants_walk_routes(const struct tenants *t, const struct prefix *p,
			 bool (*fn)(const struct tenant_route_view *v, void *arg),
			 void *arg)
{
	const struct rib_nexthop nh[] = {
		{addr("10.99.0.2"), 7, 1}, {addr("fe80::1"), 7, 1}, {.weight = 1}};
	const struct tenant_route_view common = {.tenant = "red",
						 .vrf = "default",
						 .from = "default",
						 .source = "zebra",
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
	fake_state.whole_walks++;
	view[0].prefix = prefix("10.2.0.0/16");
	view[1].prefix = prefix("10.3.0.0/16");
	view[1].backup_count = 1;
	view[1].backup[0] = "hub";
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
	view[3].source = NULL;
	view[3].nexthop_count = 0;
	view[3].peer_count = 0;
	view[3].changed_ns = 0;
	view[3].permission_known = view[3].route_known = false;
	if (fake_state.zebra_off) {
		view[3].table = 0;
		view[3].route_known = true;
		view[3].route = FIB_WANTED;
	}
	view[4].prefix = prefix("2001:db8:2::/48");
	view[4].tenant = "";
	view[4].nexthop_count = 2;
	view[4].peer_count = 2;
	view[4].peer[1] = "hub";
	view[4].route_known = false;
	view[4].table = 0;
	for (unsigned n = 0; n < (fake_state.repeat ?: 1); n++)
		for (size_t i = 0; i < ARRAY_SIZE(view) && !fake_state.empty; i++)
			if ((!p || prefix_equal(p, &view[i].prefix)) &&
			    !fn(&view[i], arg))
				return;
}

struct routes_of {
	const char *tenant;
	bool (*fn)(const struct tenant_route_view *v, void *arg);
	void *arg;
};

static bool pass_of(const struct tenant_route_view *v, void *arg)
{
	const struct routes_of *of = arg;

	return strcmp(v->tenant, of->tenant) != 0 || of->fn(v, of->arg);
}

void tenants_walk_routes_of(const struct tenants *t, const char *name,
			    const struct prefix *p,
			    bool (*fn)(const struct tenant_route_view *v, void *arg),
			    void *arg)
{
	struct routes_of of = {name, fn, arg};

	tenants_walk_routes(t, p, pass_of, &of);
	fake_state.whole_walks--;
}

bool tenants_has(const struct tenants *t, const char *name)
{
	(void)t;
	return !fake_state.empty && (!strcmp(name, "red") || !strcmp(name, "blue"));
}

struct routes_on {
	void (*fn)(const struct tenant_route_view *v, void *arg);
	void *arg;
	size_t index, first, most;
};

static bool pass_on(const struct tenant_route_view *v, void *arg)
{
	struct routes_on *on = arg;

	if (on->index++ < on->first)
		return true;
	if (on->index > on->first + on->most)
		return false;
	on->fn(v, on->arg);
	return true;
}

/* The scene does not change: it stands at the n-th. */
bool tenants_walk_routes_on(const struct tenants *t, struct tenant_routes_at *at,
			    size_t most,
			    void (*fn)(const struct tenant_route_view *v, void *arg),
			    void *arg)
{
	struct routes_on on = {
		.fn = fn, .arg = arg, .first = (size_t)atoi(at->tenant), .most = most};

	tenants_walk_routes(t, NULL, pass_on, &on);
	snprintf(at->tenant, sizeof(at->tenant), "%zu", on.first + most);
	return on.index > on.first + most;
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
	if (fake_state.large)
		*v = (struct fib_view){.permissions = 1200000,
				       .routes = 1100000,
				       .rules = 24000,
				       .advertised = 12000,
				       .pending = 100000,
				       .failed = 10000,
				       .adopted = 1100000,
				       .orphans_removed = 100000,
				       .put_back = 10000,
				       .resyncs = 1000};
}

/* ---- rib, zebra and tables ---- */

void learn_walk(const struct learn *l,
		bool (*fn)(const struct learn_table_view *v, void *arg), void *arg)
{
	const struct learn_table_view view[] = {
		{.table = 2001, .vrf = "table 2001", .routes = 12, .complete = true},
		{.table = 2002,
		 .vrf = "table 2002",
		 .routes = 1,
		 .ignored = {[KFOREIGN_REJECTS] = 3}},
	};

	(void)l;
	for (size_t i = 0; i < ARRAY_SIZE(view) && !fake_state.empty; i++)
		if (!fn(&view[i], arg))
			return;
}

void learn_counts(const struct learn *l, uint64_t *overruns, uint64_t *reads)
{
	(void)l;
	*overruns = 1;
	*reads = 4;
}

const char *kforeign_kind_name(enum kforeign_kind k)
{
	return k == KFOREIGN_REJECTS ? "blackhole or unreachable" : "unicast";
}

bool rib_vrf_is_table(const char *name)
{
	return strchr(name, ' ') != NULL;
}

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
				   .dialect = "8.4",
				   .evidence = "release and probe",
				   .router_id = htonl(0x0a630001),
				   .since_ns = SECONDS_AGO(200),
				   .connects = 1,
				   .messages_rcvd = 40,
				   .messages_sent = 9,
				   .routes_added = 3,
				   .own_count = 1,
				   .own_installed = 1};
	if (fake_state.large) {
		v->evidence =
			"release, and by its answer to a question that others refuse";
		v->routes_added = v->routes_deleted = UINT64_MAX;
		v->messages_rcvd = v->messages_sent = UINT64_MAX;
		v->malformed = v->ignored = v->errors = UINT64_MAX / 10;
	}
	if (fake_state.zebra_off)
		v->state = ZCLIENT_OFF;
	if (!fake_state.zebra_waiting && !fake_state.zebra_given_up)
		return;
	v->state = ZCLIENT_WAITING;
	v->release = v->dialect = v->evidence = "";
	v->router_id = 0;
	strcpy(v->last_error, "connect: No such file or directory");
	if (!fake_state.zebra_given_up)
		return;
	v->state = ZCLIENT_GIVEN_UP;
	v->gave_up = true;
	v->release = "11.0.1";
	strcpy(v->last_error, "FRR 11.0.1 is not a release known to wgrd");
}

const char *zclient_state_name(enum zclient_state s)
{
	static const char *const name[] = {"off",     "waiting", "given-up",
					   "probing", "syncing", "up"};

	return name[s];
}

void zclient_own_walk(const struct zclient *z, uint8_t instance,
		      bool (*fn)(const struct zclient_own *own, bool sent, bool installed,
				 void *arg),
		      void *arg)
{
	const struct zclient_own own = {
		.vrf = "default",
		.prefix = prefix(instance ? "192.168.3.0/24" : "192.168.1.0/24"),
		.instance = instance,
		.ifindex = 7,
		.tag = 100};

	(void)z;
	fn(&own, true, !fake_state.no_instance || !instance, arg);
}

void zclient_instances_walk(const struct zclient *z,
			    bool (*fn)(const struct zclient_view *v, void *arg),
			    void *arg)
{
	struct zclient_view v = {.instance = 253,
				 .state = ZCLIENT_UP,
				 .since_ns = SECONDS_AGO(20),
				 .connects = 2,
				 .disconnects = 1,
				 .messages_rcvd = 12,
				 .messages_sent = 7,
				 .own_count = 1,
				 .own_installed = 1};

	(void)z;
	if (fake_state.large)
		v.messages_rcvd = v.messages_sent = UINT64_MAX;
	if (fake_state.no_instance) {
		v.state = ZCLIENT_WAITING;
		v.own_installed = 0;
		strcpy(v.last_error, "zebra closed the connection");
	}
	fn(&v, arg);
}
