/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What following a commit costs by the number of peers that it does not change: `make bench`.
 *
 * usage: bench_apply [--json] [PEERS...]      (1000 10000 100000)
 *
 * PEERS, over a hundred interfaces with a tenant each, and on a single one. Each has a public
 * key, an overlay address, two prefixes of its own, and has announced one by BGP.
 * Processor time of wgrd/wg and wgrd/tenant, which subscribe, and of wgrd/fib behind them, over
 * a kernel and a back end that say yes. bench_commit measures what comes before: YANG, and the
 * configuration made of it.
 *
 *  - load: all of them come in one commit;
 *  - endpoint: one peer's changes, which routing does not depend on;
 *  - allowed-ip: one peer gets another prefix;
 *  - peer removed: with what it announced; peer added: it comes back.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/control_rig.h"
#include "tests/bench/sizes.h"
#include "wgrd/conf/conf.h"
#include "wgrd/lib/log.h"

enum {
	INTERFACES = 100,
	ROUNDS = 5, /* the best of them counts */
};

static struct sizes args = {.program = "bench_apply"};

static void must(bool ok, const char *what)
{
	sizes_must(&args, ok, what);
}

static void print(unsigned peers, unsigned interfaces, const char *what, uint64_t ns)
{
	const double ms = (double)ns / 1e6;

	if (args.json)
		printf("{\"peers\":%u,\"interfaces\":%u,\"what\":\"%s\",\"unit\":\"ms\","
		       "\"value\":%.3f}\n",
		       peers, interfaces, what, ms);
	else
		printf("  %-14s %12.3f ms\n", what, ms);
	fflush(stdout);
}

/* ---- a configuration, made by hand ---- */

/* @fmt wants the three bytes of @i below the first one. */
static struct ip_addr address(const char *fmt, unsigned i)
{
	struct ip_addr a;
	char text[64];

	snprintf(text, sizeof(text), fmt, i >> 16, i >> 8 & 255, i & 255);
	must(ip_addr_parse(&a, text) == 0, "an address that is none");
	return a;
}

static struct ip_addr overlay_of(unsigned i)
{
	return address("100.%u.%u.%u", i + (64 << 16));
}

static struct conf_peer *peer_new(unsigned i)
{
	struct conf_peer *p = xcalloc(1, sizeof(*p));

	snprintf(p->name, sizeof(p->name), "p%06u", i);
	p->public_key_set = true;
	memcpy(p->public_key, &i, sizeof(i));
	p->overlay_address = xcalloc(1, sizeof(*p->overlay_address));
	p->overlay_address_count = 1;
	p->overlay_address[0] = overlay_of(i);
	p->allowed_ip.v = xcalloc(3, sizeof(*p->allowed_ip.v)); /* room for one more */
	p->allowed_ip.count = 2;
	p->allowed_ip.v[0] = (struct prefix){address("172.%u.%u.%u", i + (16 << 16)), 32};
	p->allowed_ip.v[1] = (struct prefix){address("2001:db8:%x:%x%02x::", i), 64};
	return p;
}

static struct conf_wireguard *wireguard_new(unsigned number, unsigned peers)
{
	struct conf_wireguard *w = xcalloc(1, sizeof(*w));

	snprintf(w->name, sizeof(w->name), "wg%03u", number % 1000);
	snprintf(w->tenant, sizeof(w->tenant), "t%03u", number % 1000);
	w->mtu = CONF_MTU_DEFAULT;
	w->peer_count = peers;
	w->peer = xcalloc(peers, sizeof(struct conf_peer *));
	for (unsigned p = 0; p < peers; p++)
		w->peer[p] = peer_new(number * peers + p);
	return w;
}

static struct conf_tenant *tenant_new(unsigned number)
{
	struct conf_tenant *t = xcalloc(1, sizeof(*t));

	snprintf(t->name, sizeof(t->name), "t%03u", number % 1000);
	t->table = t->priority = 1000 + number;
	t->max_prefix = CONF_TENANT_MAX_PREFIX_DEFAULT;
	strcpy(t->vrf, "default");
	return t;
}

static struct conf *first_conf(unsigned peers, unsigned interfaces)
{
	struct conf *c = xcalloc(1, sizeof(*c));

	c->wireguard = xcalloc(interfaces, sizeof(struct conf_wireguard *));
	c->tenant = xcalloc(interfaces, sizeof(struct conf_tenant *));
	c->wireguard_count = c->tenant_count = interfaces;
	for (unsigned i = 0; i < interfaces; i++) {
		c->wireguard[i] = wireguard_new(i, peers / interfaces);
		c->tenant[i] = tenant_new(i);
	}
	return c;
}

static void *copy(const void *v, size_t n, size_t size)
{
	return memcpy(xcalloc(n, size), v, n * size);
}

/* Shares all with the one that runs, but @w, the interface in the middle. */
static struct conf *next_conf(const struct control_rig *r, struct conf_wireguard **w)
{
	struct conf *c = copy(r->conf, 1, sizeof(*c));
	const size_t at = c->wireguard_count / 2;

	c->wireguard =
		copy(c->wireguard, c->wireguard_count, sizeof(struct conf_wireguard *));
	c->tenant = copy(c->tenant, c->tenant_count, sizeof(struct conf_tenant *));
	*w = c->wireguard[at] = copy(c->wireguard[at], 1, sizeof(**w));
	(*w)->peer = copy((*w)->peer, (*w)->peer_count, sizeof(struct conf_peer *));
	return c;
}

/* ---- what is measured: it happens to the peer in the middle of that interface ---- */

static unsigned number_of(const struct control_rig *r)
{
	const struct conf_wireguard *w = r->conf->wireguard[r->conf->wireguard_count / 2];

	return (unsigned)strtoul(w->peer[w->peer_count / 2]->name + 1, NULL, 10);
}

static uint64_t change(struct control_rig *r, unsigned port, bool prefix)
{
	const unsigned i = number_of(r);
	struct conf_peer *p = peer_new(i);
	struct conf_wireguard *w;
	struct conf *c = next_conf(r, &w);

	w->peer[w->peer_count / 2] = p;
	p->endpoint.addr = overlay_of(0);
	p->endpoint.port = (uint16_t)port;
	if (prefix)
		p->allowed_ip.v[p->allowed_ip.count++] =
			(struct prefix){address("198.%u.%u.%u", i + (18 << 16)), 32};
	return control_rig_commit(r, c);
}

static uint64_t take_out(struct control_rig *r)
{
	struct conf_wireguard *w;
	struct conf *c = next_conf(r, &w);
	const size_t at = w->peer_count / 2;

	w->peer_count--;
	memmove(&w->peer[at], &w->peer[at + 1],
		(w->peer_count - at) * sizeof(struct conf_peer *));
	return control_rig_commit(r, c);
}

static uint64_t put_back(struct control_rig *r, unsigned i)
{
	struct conf_wireguard *w;
	struct conf *c = next_conf(r, &w);
	const size_t at = ++w->peer_count / 2;

	w->peer = xrealloc(w->peer, w->peer_count, sizeof(struct conf_peer *));
	memmove(&w->peer[at + 1], &w->peer[at],
		(w->peer_count - at - 1) * sizeof(struct conf_peer *));
	w->peer[at] = peer_new(i);
	return control_rig_commit(r, c);
}

static void least(uint64_t *best, uint64_t ns)
{
	if (!*best || ns < *best)
		*best = ns;
}

static void measure_changes(struct control_rig *r, unsigned peers, unsigned interfaces)
{
	uint64_t endpoint = 0, prefix = 0, removed = 0, added = 0;

	for (unsigned n = 1; n <= ROUNDS; n++) {
		const unsigned i = number_of(r);

		least(&endpoint, change(r, n, false));
		least(&prefix, change(r, n, true));
		change(r, n, false);
		control_rig_answer(r);
		least(&removed, take_out(r));
		control_rig_answer(r);
		least(&added, put_back(r, i));
		control_rig_answer(r);
	}
	print(peers, interfaces, "endpoint", endpoint);
	print(peers, interfaces, "allowed-ip", prefix);
	print(peers, interfaces, "peer removed", removed);
	print(peers, interfaces, "peer added", added);
}

static void announce(struct control_rig *r, unsigned peers)
{
	for (unsigned i = 0; i < peers; i++) {
		const struct rib_nexthop nh = {.gate = overlay_of(i), .weight = 1};
		const struct rib_route route = {
			.prefix = {address("10.%u.%u.%u", i), 32},
			.proto = RIB_PROTO_BGP,
			.nh = &nh,
			.nh_count = 1,
		};

		must(rib_update(r->rib, 0, &route) == 0, "no memory for a route");
	}
	tenants_run(r->tenants);
	fib_commit(r->fib);
	control_rig_answer(r);
}

static void measure(unsigned peers, unsigned interfaces)
{
	struct control_rig *r = control_rig_new_empty();

	if (!args.json)
		printf("%u peers, interfaces: %u\n", peers, interfaces);
	print(peers, interfaces, "load",
	      control_rig_commit(r, first_conf(peers, interfaces)));
	control_rig_answer(r);
	announce(r, peers);
	measure_changes(r, peers, interfaces);
	control_rig_free(r);
}

static void measure_both(unsigned peers)
{
	measure(peers, INTERFACES);
	measure(peers, 1);
}

int main(int argc, char **argv)
{
	log_set_level(LOG_LEVEL_ERR);
	sizes_run(&args, argc, argv, measure_both);
	return 0;
}
