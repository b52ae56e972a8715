/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a route costs from zebra's socket to the lookup tables: `make bench`.
 *
 * usage: bench_control [--json] [PREFIXES]
 *
 * Two worlds: the Internet's table of tests/lib/full_table.h, in one tenant with 1,000 peers;
 * and PREFIXES made up (1,000,000), over 1,000 peers in 200 tenants. In each
 *
 *  - every layer from below, alone over those beneath it: nanoseconds of CPU and bytes of
 *    malloc(), its overhead included, for a prefix. The back end is a lookup table for
 *    each interface. The kernel agrees to all, and what the queue to it would remember of
 *    routes is remembered. "Decoded and decided" is what decoder, RIB and tenants would do
 *    if wishes cost nothing;
 *  - everything at once: a zebra in another process sends without a break over its Unix
 *    socket, and time runs from the subscription to the last answer of the kernel. What has
 *    come into memory meanwhile, that of the C library's making included, is "resident".
 *
 * Then half of PREFIXES have one next hop, and its address moves to another peer: time to the
 * last switch of a group, and until the commit is over, which decides every prefix again.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/zapi/zapi_route.h"
#include "tests/bench/control_feed.h"
#include "tests/bench/control_rig.h"
#include "wgrd/dplane/permit.h"
#include "wgrd/dplane/sync/rcu.h"
#include "wgrd/kernel/kown.h"
#include "wgrd/lib/log.h"
#include "wgrd/zebra/zclient.h"

enum {
	PEERS = 1000,
	TENANTS = 200,
};

static bool json;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_control: %s\n", what);
	exit(1);
}

static void print(const char *world, const char *what, const char *unit, double value)
{
	if (json)
		printf("{\"world\":\"%s\",\"what\":\"%s\",\"unit\":\"%s\",\"value\":%.1f}\n",
		       world, what, unit, value);
	else
		printf("  %-28s %12.*f %s\n", what, value < 1000, value, unit);
	fflush(stdout);
}

/* ---- one layer after another ---- */

struct cost {
	double ns, bytes; /* of a prefix */
};

struct meter {
	uint64_t cpu_ns;
	size_t bytes;
};

static struct meter meter_start(void)
{
	struct meter m = {.bytes = control_memory()};

	m.cpu_ns = control_cpu_ns();
	return m;
}

static struct cost meter_read(const struct meter *m, const struct control_feed *f)
{
	const uint64_t cpu_ns = control_cpu_ns() - m->cpu_ns;

	return (struct cost){
		.ns = (double)cpu_ns / (double)f->count,
		.bytes = ((double)control_memory() - (double)m->bytes) / (double)f->count,
	};
}

static struct cost time_decode(const struct control_feed *f)
{
	const struct zapi_dialect *d = zapi_dialect_by_release(control_zebra_release);
	const struct meter m = meter_start();
	size_t n = 0;

	for (size_t at = 0; at < f->message_len; n++) {
		struct zapi_message msg;
		struct zapi_route r;
		const int len = zapi_cut(&msg, f->message + at, f->message_len - at);

		must(len > 0 && zapi_decode_route(&msg.body, d, &r) == 0,
		     "a bad message");
		at += (size_t)len;
	}
	must(n == f->count, "a message too few");
	return meter_read(&m, f);
}

static void learn_all(struct rib *rib, const struct control_feed *f)
{
	struct rib_nexthop nh = {.weight = 1};
	struct rib_route r = {
		.source = RIB_FROM_ZEBRA,
		.proto = RIB_PROTO_BGP,
		.distance = 200,
		.nh_count = 1,
		.nh = &nh,
	};

	for (size_t i = 0; i < f->count; i++) {
		r.prefix = f->route[i].prefix;
		nh.gate = control_rig_gate(f->route[i].peer, r.prefix.addr.family);
		must(rib_update(rib, 0, &r) == 0, "no memory for a route");
	}
}

/* What learn_all() does but the RIB. */
static double time_gates(const struct control_feed *f)
{
	const uint64_t started = control_cpu_ns();
	unsigned sum = 0;

	for (size_t i = 0; i < f->count; i++)
		sum += control_rig_gate(f->route[i].peer, f->route[i].prefix.addr.family)
			       .bytes[3];
	must(sum != 0, "no address");
	return (double)(control_cpu_ns() - started) / (double)f->count;
}

static uint64_t no_clock(void *arg)
{
	(void)arg;
	return 0;
}

static struct cost time_rib(const struct control_feed *f)
{
	struct rib *rib = rib_new(no_clock, NULL);
	const struct meter m = meter_start();
	struct cost c;

	learn_all(rib, f);
	c = meter_read(&m, f);
	rib_free(rib);
	return c;
}

static struct cost time_lookup_tables(const struct control_feed *f, unsigned tenants)
{
	struct dp_permits *t = xcalloc(tenants, sizeof(*t));
	static char group[PEERS];
	struct meter m;
	struct cost c;

	for (unsigned i = 0; i < tenants; i++)
		must(dp_permits_init(&t[i]) == 0, "no memory for a table");
	m = meter_start();
	for (size_t i = 0; i < f->count; i++) {
		const unsigned peer = f->route[i].peer;
		struct dp_group *g = (struct dp_group *)&group[peer];

		must(dp_permits_set(&t[peer * tenants / PEERS], &f->route[i].prefix, g,
				    g) == 0,
		     "no memory for a prefix");
	}
	c = meter_read(&m, f);
	for (unsigned i = 0; i < tenants; i++)
		dp_permits_fini(&t[i]);
	free(t);
	return c;
}

/* What tenants would hand down: a group for each peer, and its interface. */
static void make_groups(struct control_rig *r, struct wg_device *dev[static PEERS])
{
	control_rig_groups(r);
	for (unsigned i = 0; i < PEERS; i++)
		dev[i] = control_rig_device(r, i);
}

static struct cost time_wg(const struct control_feed *f, unsigned tenants)
{
	struct control_rig *r = control_rig_new(tenants, PEERS);
	struct wg_device *dev[PEERS];
	struct meter m;
	struct cost c;

	make_groups(r, dev);
	m = meter_start();
	for (size_t i = 0; i < f->count; i++) {
		const struct control_route *cr = &f->route[i];

		must(!wg_permission_set(dev[cr->peer], &cr->prefix, r->group[cr->peer],
					r->group[cr->peer]),
		     "no memory for a permission");
	}
	c = meter_read(&m, f);
	control_rig_free(r);
	return c;
}

static struct kroute kroute_of(const struct control_rig *r,
			       const struct control_route *cr, uint32_t oif)
{
	return (struct kroute){
		.table = control_rig_table(r, cr->peer),
		.dst = cr->prefix,
		.metric = 20,
		.oif = oif,
	};
}

/* What the queue to the kernel keeps of routes that are there. */
static struct cost time_kernel(const struct control_feed *f, unsigned tenants)
{
	struct control_rig *r = control_rig_new(tenants, PEERS);
	struct kown own = {0};
	const struct meter m = meter_start();
	struct cost c;

	for (size_t i = 0; i < f->count; i++) {
		const struct kroute route = kroute_of(r, &f->route[i], 0);
		bool ours;

		must(kown_route_begin(&own, &route, &ours) == 0, "no memory for a route");
		kown_route_end(&own, &route, true);
	}
	c = meter_read(&m, f);
	kown_fini(&own);
	control_rig_free(r);
	return c;
}

static struct cost time_fib(const struct control_feed *f, unsigned tenants)
{
	struct control_rig *r = control_rig_new(tenants, PEERS);
	struct wg_device *dev[PEERS];
	struct meter m;
	struct cost c;

	make_groups(r, dev);
	m = meter_start();
	for (size_t i = 0; i < f->count; i++) {
		const unsigned peer = f->route[i].peer;
		const struct kroute route =
			kroute_of(r, &f->route[i], wg_device_ifindex(dev[peer]));

		must(!fib_want_permission(r->fib, dev[peer], &f->route[i].prefix,
					  r->group[peer], r->group[peer], true) &&
			     !fib_want_route(r->fib, &route, dev[peer]),
		     "no memory for a wish");
	}
	fib_commit(r->fib);
	control_rig_answer(r);
	c = meter_read(&m, f);
	control_rig_free(r);
	return c;
}

static struct cost time_all(const struct control_feed *f, unsigned tenants)
{
	struct control_rig *r = control_rig_new(tenants, PEERS);
	const size_t before = r->answered;
	const struct meter m = meter_start();
	struct cost c;

	learn_all(r->rib, f);
	tenants_run(r->tenants);
	fib_commit(r->fib);
	control_rig_answer(r);
	must(r->answered == before + f->count, "not every prefix was accepted");
	c = meter_read(&m, f);
	control_rig_free(r);
	return c;
}

static void print_layers(const char *world, const struct control_feed *f,
			 unsigned tenants)
{
	const double gates_ns = time_gates(f);
	const struct cost decode = time_decode(f), rib = time_rib(f),
			  lpm = time_lookup_tables(f, tenants), wg = time_wg(f, tenants),
			  kernel = time_kernel(f, tenants), fib = time_fib(f, tenants),
			  all = time_all(f, tenants);

	print(world, "decoded and decided", "routes/s",
	      1e9 / (decode.ns + all.ns - fib.ns - gates_ns));
	print(world, "decode", "ns", decode.ns);
	print(world, "rib", "ns", rib.ns - gates_ns);
	print(world, "tenant", "ns", all.ns - fib.ns - rib.ns);
	print(world, "fib", "ns", fib.ns - kernel.ns - wg.ns);
	print(world, "kernel", "ns", kernel.ns);
	print(world, "wg", "ns", wg.ns - lpm.ns);
	print(world, "lookup tables", "ns", lpm.ns);
	print(world, "decode to lookup tables", "ns", decode.ns + all.ns - gates_ns);
	print(world, "rib", "bytes", rib.bytes);
	print(world, "tenant", "bytes", all.bytes - fib.bytes - rib.bytes);
	print(world, "fib", "bytes", fib.bytes - kernel.bytes - wg.bytes);
	print(world, "kernel", "bytes", kernel.bytes);
	print(world, "wg", "bytes", wg.bytes - lpm.bytes);
	print(world, "lookup tables", "bytes", lpm.bytes);
	print(world, "rib to lookup tables", "bytes", all.bytes);
}

/* ---- everything at once ---- */

static uint64_t subscribed_ns;

static void on_state(void *arg, enum zclient_state now)
{
	(void)arg;
	if (now == ZCLIENT_SYNCING && !subscribed_ns)
		subscribed_ns = control_now_ns();
}

static void print_socket(const char *world, const struct control_feed *f,
			 unsigned tenants)
{
	struct control_rig *r = control_rig_new(tenants, PEERS);
	const struct zclient_events ev = {.state = on_state};
	struct zclient_options opt = {.protocol = RIB_PROTO_BGP, .settle_ns = NS_PER_S};
	struct zclient *client = zclient_new(r->loop, r->rib, &ev);
	struct control_zebra zebra;
	const size_t resident = control_resident_start();
	uint64_t cpu_ns = control_cpu_ns(), took_ns;

	control_zebra_start(&zebra, f);
	memcpy(opt.socket, zebra.socket, sizeof(opt.socket));
	subscribed_ns = 0;
	r->stop_at = r->answered + f->count;
	zclient_configure(client, &opt);
	must(loop_run(r->loop) == 0, "the loop fails");
	took_ns = control_now_ns() - subscribed_ns;
	cpu_ns = control_cpu_ns() - cpu_ns;
	print(world, "from the socket", "routes/s",
	      (double)f->count / (double)took_ns * 1e9);
	print(world, "from the socket", "ns of CPU", (double)cpu_ns / (double)f->count);
	print(world, "resident", "bytes",
	      ((double)control_resident() - (double)resident) / (double)f->count);
	print(world, "resident at most", "bytes",
	      ((double)control_resident_peak() - (double)resident) / (double)f->count);
	zclient_free(client);
	control_zebra_stop(&zebra);
	control_rig_free(r);
}

/* ---- a next hop moves ---- */

static void print_move(size_t count)
{
	struct control_rig *r = control_rig_new(1, 2);
	struct control_feed f;
	uint64_t started_ns;

	control_feed_generate(&f, count, 1);
	learn_all(r->rib, &f);
	tenants_run(r->tenants);
	fib_commit(r->fib);
	control_rig_answer(r);
	r->group_switched_ns = 0;
	started_ns = control_now_ns();
	control_rig_move_overlay(r, 0, 1);
	must(r->group_switched_ns, "no group has been switched");
	print("next hop", "prefixes", "of one next hop", (double)f.count);
	print("next hop", "last switch of a group", "ms",
	      (double)(r->group_switched_ns - started_ns) / 1e6);
	print("next hop", "the whole commit", "ms",
	      (double)(control_now_ns() - started_ns) / 1e6);
	control_rig_free(r);
	control_feed_free(&f);
}

static void run_world(const char *world, const char *title, struct control_feed *f,
		      unsigned tenants)
{
	if (f->count && !json)
		printf("%s: %zu prefixes, %d peers, tenants: %u\n", title, f->count,
		       PEERS, tenants);
	if (f->count) {
		print_layers(world, f, tenants);
		print_socket(world, f, tenants);
	}
	control_feed_free(f);
}

static void quiet(enum log_level level, enum log_subsys s, const char *line)
{
	(void)s;
	if (level <= LOG_LEVEL_WARN)
		fprintf(stderr, "bench_control: %s\n", line);
}

int main(int argc, char **argv)
{
	struct control_feed f;
	size_t prefixes = 1000000;
	int at = 1;

	if (at < argc && !strcmp(argv[at], "--json")) {
		json = true;
		at++;
	}
	if (at < argc)
		prefixes = strtoul(argv[at++], NULL, 10);
	if (prefixes < 2 || prefixes > 2000000 || at < argc) {
		fprintf(stderr, "usage: bench_control [--json] [PREFIXES]\n");
		return 2;
	}
	log_capture(quiet);
	dp_rcu_init();
	control_feed_internet(&f, PEERS);
	run_world("internet", "the Internet's table", &f, 1);
	control_feed_generate(&f, prefixes, PEERS);
	run_world("generated", "made up", &f, TENANTS);
	if (!json)
		printf("a next hop moves to another peer\n");
	print_move(prefixes / 2);
	return 0;
}
