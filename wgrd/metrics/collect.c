/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The families, and where their numbers come from. A family's samples must stand together,
 * so each is a walk of its own over the peers, the tenants or the threads.
 */
#include <stdio.h>

#include "wgrd/fib/fib.h"
#include "wgrd/metrics/exposition.h"
#include "wgrd/metrics/metrics.h"
#include "wgrd/tenant/tenant.h"
#include "wgrd/wg/wg.h"
#include "wgrd/zebra/zclient.h"

#define GAUGE(text, of, about)                                                \
	{                                                                     \
		.name = "wgrd_" text, .type = EXPOSITION_GAUGE, .unit = (of), \
		.help = (about)                                               \
	}
#define COUNTER(text, of, about)                                                \
	{                                                                       \
		.name = "wgrd_" text, .type = EXPOSITION_COUNTER, .unit = (of), \
		.help = (about)                                                 \
	}

struct collector {
	const struct metrics_deps *deps;
	struct exposition x;
	unsigned column; /* which of a table's families is written */
};

static void one(struct collector *c, const struct exposition_family *f, uint64_t value)
{
	exposition_begin(&c->x, f);
	exposition_sample(&c->x, NULL, value);
}

/* ---- interfaces ---- */

static uint64_t device_up(const struct wg_device_view *v)
{
	return v->up && !v->inactive;
}

static uint64_t device_peers(const struct wg_device_view *v)
{
	return v->peers;
}

static uint64_t device_peers_up(const struct wg_device_view *v)
{
	return v->peers_up;
}

static uint64_t device_egress(const struct wg_device_view *v)
{
	return v->egress_prefixes;
}

static uint64_t device_ingress(const struct wg_device_view *v)
{
	return v->ingress_prefixes;
}

static uint64_t device_degraded(const struct wg_device_view *v)
{
	return v->degraded_prefixes;
}

static const struct {
	struct exposition_family family;
	uint64_t (*value)(const struct wg_device_view *v);
} device_table[] = {
	{GAUGE("interface_up", NULL, "1 when the interface forwards."), device_up},
	{GAUGE("interface_peers", NULL, "Peers of the interface."), device_peers},
	{GAUGE("interface_peers_up", NULL, "Peers with a session."), device_peers_up},
	{GAUGE("interface_egress_prefixes", NULL, "Prefixes that packets are sent for."),
	 device_egress},
	{GAUGE("interface_ingress_prefixes", NULL, "Prefixes that peers may send from."),
	 device_ingress},
	{GAUGE("interface_degraded_prefixes", NULL,
	       "Prefixes with one owner in the kernel, for which more is asked for."),
	 device_degraded},
};

static bool device_sample(struct wg_device *d, void *arg)
{
	struct collector *c = arg;
	struct wg_device_view v;

	wg_device_view(d, &v);
	exposition_sample(&c->x,
			  (const struct exposition_label[]){
				  {"interface", v.name}, {"tenant", v.tenant}, {0}},
			  device_table[c->column].value(&v));
	return true;
}

static void devices(struct collector *c)
{
	for (c->column = 0; c->column < ARRAY_SIZE(device_table); c->column++) {
		exposition_begin(&c->x, &device_table[c->column].family);
		wg_walk_devices(c->deps->wg, device_sample, c);
	}
}

/* ---- peers ---- */

static uint64_t peer_up(const struct wg_peer_view *v)
{
	return v->session == WG_SESSION_UP;
}

static uint64_t peer_last_handshake(const struct wg_peer_view *v)
{
	return v->last_handshake_s;
}

static uint64_t peer_rx_bytes(const struct wg_peer_view *v)
{
	return v->rx_bytes;
}

static uint64_t peer_tx_bytes(const struct wg_peer_view *v)
{
	return v->tx_bytes;
}

static uint64_t peer_rx_packets(const struct wg_peer_view *v)
{
	return v->rx_packets;
}

static uint64_t peer_tx_packets(const struct wg_peer_view *v)
{
	return v->tx_packets;
}

static uint64_t peer_handshakes(const struct wg_peer_view *v)
{
	return v->handshakes;
}

static uint64_t peer_handshakes_failed(const struct wg_peer_view *v)
{
	return v->handshakes_failed;
}

static const struct {
	struct exposition_family family;
	uint64_t (*value)(const struct wg_peer_view *v);
	bool not_in_kernel; /* which does not say */
} peer_table[] = {
	{GAUGE("peer_session_up", NULL, "1 while the peer has a session."), peer_up,
	 false},
	{GAUGE("peer_last_handshake_timestamp_seconds", "seconds",
	       "When the last handshake was completed, UNIX time; 0: never."),
	 peer_last_handshake, false},
	{COUNTER("peer_receive_bytes", "bytes", "Received from the peer."), peer_rx_bytes,
	 false},
	{COUNTER("peer_transmit_bytes", "bytes", "Sent to the peer."), peer_tx_bytes,
	 false},
	{COUNTER("peer_receive_packets", NULL, "Received from the peer."),
	 peer_rx_packets, true},
	{COUNTER("peer_transmit_packets", NULL, "Sent to the peer."), peer_tx_packets,
	 true},
	{COUNTER("peer_handshakes", NULL, "Handshakes completed."), peer_handshakes,
	 false},
	{COUNTER("peer_handshake_failures", NULL, "Handshakes that timed out."),
	 peer_handshakes_failed, true},
};

static bool peer_sample(struct wg_peer *p, void *arg)
{
	struct collector *c = arg;
	struct wg_peer_view v;

	wg_peer_view(p, &v);
	if (v.packets_unknown && peer_table[c->column].not_in_kernel)
		return true;
	exposition_sample(&c->x,
			  (const struct exposition_label[]){
				  {"interface", v.device}, {"peer", v.name}, {0}},
			  peer_table[c->column].value(&v));
	return true;
}

static bool peers_of(struct wg_device *d, void *arg)
{
	wg_walk_peers(d, peer_sample, arg);
	return true;
}

static void peers(struct collector *c)
{
	for (c->column = 0; c->column < ARRAY_SIZE(peer_table); c->column++) {
		exposition_begin(&c->x, &peer_table[c->column].family);
		wg_walk_devices(c->deps->wg, peers_of, c);
	}
}

/* ---- tenants ---- */

static void tenant_state(struct collector *c, const struct tenant_view *v,
			 const char *state, uint64_t value)
{
	exposition_sample(&c->x,
			  (const struct exposition_label[]){
				  {"tenant", v->name}, {"state", state}, {0}},
			  value);
}

static bool tenant_sample(const struct tenant_view *v, void *arg)
{
	struct collector *c = arg;

	tenant_state(c, v, "accepted", v->accepted);
	tenant_state(c, v, "refused", v->refused);
	tenant_state(c, v, "fixed", v->fixed);
	return true;
}

static void tenants(struct collector *c)
{
	static const struct exposition_family family =
		GAUGE("tenant_prefixes", NULL,
		      "Prefixes of a tenant: learned and accepted, learned and refused, "
		      "or configured.");

	exposition_begin(&c->x, &family);
	tenants_walk(c->deps->tenants, tenant_sample, c);
}

/* ---- what is installed, and zebra ---- */

static void installed(struct collector *c)
{
	static const struct exposition_family
		permissions =
			GAUGE("fib_permissions", NULL, "Permissions that are wanted."),
		routes = GAUGE("fib_routes", NULL, "Routes that are wanted."),
		rules = GAUGE("fib_rules", NULL, "Policy rules that are wanted."),
		pending = GAUGE("fib_pending", NULL, "Changes on their way."),
		failed = GAUGE("fib_failed", NULL, "Refused by the kernel."),
		put_back = COUNTER("fib_put_back", NULL,
				   "Rules and routes put back after somebody else "
				   "removed or replaced them."),
		resyncs = COUNTER("fib_resyncs", NULL,
				  "Comparisons of everything after messages of the "
				  "kernel were lost.");
	struct fib_view v;

	fib_view(c->deps->fib, &v);
	one(c, &permissions, v.permissions);
	one(c, &routes, v.routes);
	one(c, &rules, v.rules);
	one(c, &pending, v.pending);
	one(c, &failed, v.failed);
	one(c, &put_back, v.put_back);
	one(c, &resyncs, v.resyncs);
}

static uint64_t instance_up(const struct zclient_view *v)
{
	return v->state == ZCLIENT_UP;
}

static uint64_t instance_prefixes(const struct zclient_view *v)
{
	return v->own_count;
}

static uint64_t instance_installed(const struct zclient_view *v)
{
	return v->own_installed;
}

static uint64_t instance_disconnects(const struct zclient_view *v)
{
	return v->disconnects;
}

static const struct {
	struct exposition_family family;
	uint64_t (*value)(const struct zclient_view *v);
} instance_table[] = {
	{GAUGE("zebra_instance_session_up", NULL,
	       "1 while zebra can be given prefixes for redistribute table N."),
	 instance_up},
	{GAUGE("zebra_instance_own_prefixes", NULL,
	       "Own prefixes that zebra is to be given with the instance."),
	 instance_prefixes},
	{GAUGE("zebra_instance_own_prefixes_installed", NULL,
	       "Those that zebra has confirmed."),
	 instance_installed},
	{COUNTER("zebra_instance_disconnects", NULL, "Sessions that ended."),
	 instance_disconnects},
};

/* "instance" is what Prometheus calls the host. */
static bool instance_sample(const struct zclient_view *v, void *arg)
{
	struct collector *c = arg;
	char number[8];

	snprintf(number, sizeof(number), "%u", v->instance);
	exposition_sample(
		&c->x, (const struct exposition_label[]){{"table_instance", number}, {0}},
		instance_table[c->column].value(v));
	return true;
}

static void zebra(struct collector *c)
{
	static const struct exposition_family
		up = GAUGE("zebra_session_up", NULL, "1 while zebra has told all."),
		received = COUNTER("zebra_messages_received", NULL, "From zebra."),
		sent = COUNTER("zebra_messages_sent", NULL, "To zebra."),
		malformed = COUNTER("zebra_messages_malformed", NULL,
				    "From zebra, and not understood."),
		disconnects = COUNTER("zebra_disconnects", NULL, "Sessions that ended.");
	struct zclient_view v;

	if (!c->deps->zclient)
		return;
	zclient_view(c->deps->zclient, &v);
	one(c, &up, v.state == ZCLIENT_UP);
	one(c, &received, v.messages_rcvd);
	one(c, &sent, v.messages_sent);
	one(c, &malformed, v.malformed);
	one(c, &disconnects, v.disconnects);
	for (c->column = 0; c->column < ARRAY_SIZE(instance_table); c->column++) {
		exposition_begin(&c->x, &instance_table[c->column].family);
		zclient_instances_walk(c->deps->zclient, instance_sample, c);
	}
}

/* ---- the data plane ---- */

static uint64_t thread_rx_bytes(const struct wg_thread_view *v)
{
	return v->rx_bytes;
}

static uint64_t thread_tx_bytes(const struct wg_thread_view *v)
{
	return v->tx_bytes;
}

static uint64_t thread_rx_packets(const struct wg_thread_view *v)
{
	return v->rx_packets;
}

static uint64_t thread_tx_packets(const struct wg_thread_view *v)
{
	return v->tx_packets;
}

static const struct {
	struct exposition_family family;
	uint64_t (*value)(const struct wg_thread_view *v);
} thread_table[] = {
	{COUNTER("thread_receive_bytes", "bytes", "Decrypted by the thread."),
	 thread_rx_bytes},
	{COUNTER("thread_transmit_bytes", "bytes", "Encrypted by the thread."),
	 thread_tx_bytes},
	{COUNTER("thread_receive_packets", NULL, "Decrypted by the thread."),
	 thread_rx_packets},
	{COUNTER("thread_transmit_packets", NULL, "Encrypted by the thread."),
	 thread_tx_packets},
};

static bool thread_sample(const struct wg_thread_view *v, void *arg)
{
	struct collector *c = arg;

	exposition_sample(&c->x,
			  (const struct exposition_label[]){{"thread", v->name}, {0}},
			  thread_table[c->column].value(v));
	return true;
}

/* Drops and the other counters are two families: they are added up for different reasons. */
static bool counter_sample(const char *name, const char *what, bool drop, uint64_t value,
			   void *arg)
{
	struct collector *c = arg;

	(void)what;
	if (drop == (c->column == 0))
		exposition_sample(&c->x,
				  (const struct exposition_label[]){
					  {drop ? "reason" : "event", name}, {0}},
				  value);
	return true;
}

static void dataplane(struct collector *c)
{
	static const struct exposition_family families[] = {
		COUNTER("drops", NULL, "Packets dropped, by reason."),
		COUNTER("dataplane_events", NULL,
			"What the data plane counts besides drops."),
	};

	for (c->column = 0; c->column < ARRAY_SIZE(thread_table); c->column++) {
		exposition_begin(&c->x, &thread_table[c->column].family);
		wg_walk_threads(c->deps->wg, thread_sample, c);
	}
	for (c->column = 0; c->column < ARRAY_SIZE(families); c->column++) {
		exposition_begin(&c->x, &families[c->column]);
		wg_walk_counters(c->deps->wg, counter_sample, c);
	}
}

static void build(struct collector *c)
{
	static const struct exposition_family family = {
		.name = "wgrd_build", .type = EXPOSITION_INFO, .help = "The program."};

	exposition_begin(&c->x, &family);
	exposition_sample(
		&c->x,
		(const struct exposition_label[]){{"version", c->deps->version},
						  {"encryption", wg_encryption_name()},
						  {0}},
		1);
}

void metrics_collect(const struct metrics_deps *deps, bool openmetrics,
		     struct strbuf *out)
{
	struct collector c = {.deps = deps,
			      .x = {.out = out, .openmetrics = openmetrics}};

	build(&c);
	devices(&c);
	peers(&c);
	tenants(&c);
	installed(&c);
	zebra(&c);
	dataplane(&c);
	exposition_end(&c.x);
}
