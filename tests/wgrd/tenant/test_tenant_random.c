/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Random histories of zebra, kernel tables that others fill, operator, interfaces, kernel and
 * memory; whenever things have
 * settled, permissions, routes, rules and own prefixes are what the oracle works out.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/wgrd/tenant/oracle.h"
#include "wgrd/lib/log.h"

enum {
	CHECKS = 60,
	STEPS = 12, /* at most, between two checks */
};

static unsigned seed, first_seed;

static unsigned below(unsigned n)
{
	return (unsigned)rand_r(&seed) % n;
}

#define PICK(a) ((a)[below(ARRAY_SIZE(a))])

static const char *const devices[] = {"wg0", "wg1", "wg2"};
static const char *const peers[] = {"a", "b", "c"};
static const char *const tenants_of_test[] = {"red", "blue"};
static const char *const overlays[] = {"10.99.0.2", "10.99.0.3", "10.99.0.4", "fd99::2",
				       "fe80::2"};
static const char *const gates[] = {"10.99.0.2", "10.99.0.3", "10.99.0.4", "10.99.0.5",
				    "10.99.0.1", "fd99::2",   "fe80::2",   "192.0.2.1"};
static const char *const prefixes[] = {
	"0.0.0.0/0",     "::/0",           "10.0.0.0/8",     "10.2.0.0/16",
	"10.2.3.0/24",   "192.168.1.0/24", "192.168.2.0/24", "192.168.3.0/24",
	"10.99.0.3/32",  "10.99.0.0/24",   "fd00::/16",      "fd00:1::/64",
	"172.16.0.0/12", "fd99::2/128",
};
static const char *const supernets[] = {"10.0.0.0/8", "192.168.0.0/16", "fd00::/8",
					"0.0.0.0/0"};

static const char *const lists[] = {"x", "y", "none"};

/* ---- zebra ---- */

static const char *some_vrf(void)
{
	return below(3) ? "default" : "blue";
}

static void zebra_says(struct world *w)
{
	struct rib_nexthop nh[3] = {0};
	struct rib_route r = {.proto = RIB_PROTO_BGP, .nh = nh};
	unsigned n = 1 + (below(3) ? 0 : below(3));
	uint32_t vrf;

	assert_int_equal(rib_vrf_find(w->rib, some_vrf(), &vrf), 0);
	assert_int_equal(prefix_parse(&r.prefix, PICK(prefixes)), 0);
	r.nh_count = (uint8_t)n;
	r.tag = below(3) ? 0 : 100 * (1 + below(3));
	for (unsigned i = 0; i < n; i++) {
		nh[i].weight = (uint16_t)(1 + below(3));
		if (below(12))
			assert_int_equal(ip_addr_parse(&nh[i].gate, PICK(gates)), 0);
		if (below(4))
			nh[i].ifindex = world_ifindex(w, PICK(devices)) ?: 999;
	}
	assert_int_equal(rib_update(w->rib, vrf, &r), 0);
	world_zebra_spoke(w);
}

/* One that has an overlay address, or NULL; and its interface. */
static const struct conf_peer *some_peer(const struct world *w,
					 const struct conf_wireguard **d)
{
	const struct conf_peer *found = NULL;
	unsigned n = 0;

	for (size_t i = 0; i < w->conf->wireguard_count; i++) {
		const struct conf_wireguard *at = w->conf->wireguard[i];

		for (size_t j = 0; j < at->peer_count; j++)
			if (at->peer[j]->overlay_address_count && !below(++n)) {
				found = at->peer[j];
				*d = at;
			}
	}
	return found;
}

/* Most of what zebra says by chance means nobody, and then no limit is ever reached. */
static void zebra_says_what_a_peer_has(struct world *w)
{
	const struct conf_wireguard *d;
	const struct conf_peer *p = some_peer(w, &d);
	const struct conf_tenant *t = p ? conf_find_tenant(w->conf, d->tenant) : NULL;
	struct rib_nexthop nh = {.weight = 1};
	struct rib_route r = {.proto = RIB_PROTO_BGP, .nh = &nh, .nh_count = 1};
	uint32_t vrf;

	if (!p || rib_vrf_find(w->rib, t ? t->vrf : "default", &vrf))
		return;
	nh.gate = p->overlay_address[below((unsigned)p->overlay_address_count)];
	nh.ifindex = world_ifindex(w, d->name);
	r.tag = t && t->learn_tag_count ? t->learn_tag[0] : 0;
	for (unsigned i = 1 + below(6); i; i--) {
		assert_int_equal(prefix_parse(&r.prefix, PICK(prefixes)), 0);
		assert_int_equal(rib_update(w->rib, vrf, &r), 0);
	}
	world_zebra_spoke(w);
}

static void zebra_takes_back(struct world *w)
{
	struct prefix p;
	uint32_t vrf;

	assert_int_equal(rib_vrf_find(w->rib, some_vrf(), &vrf), 0);
	assert_int_equal(prefix_parse(&p, PICK(prefixes)), 0);
	(void)!rib_withdraw(w->rib, vrf, &p, RIB_FROM_ZEBRA);
	world_zebra_spoke(w);
}

static void zebra_restarts(struct world *w)
{
	world_zebra_lost(w);
	world_settle(w);
	world_zebra_back(w);
	for (unsigned i = below(8); i; i--)
		zebra_says(w);
}

static void vrf_changes_id(struct world *w)
{
	assert_int_equal(rib_vrf_set(w->rib, 7 + below(3), "blue"), 0);
}

/* ---- those who fill kernel tables ---- */

static void hop_of(struct world *w, const char *prefix, char *buf, size_t len)
{
	const char *gate = PICK(gates);

	while (!strchr(gate, ':') != !strchr(prefix, ':'))
		gate = PICK(gates);
	snprintf(buf, len, " via %s oif %u weight %u", gate,
		 world_ifindex(w, PICK(devices)) ?: 999, 1 + below(3));
}

/* As `ip route replace` does it: in place of what is there, or new. */
static void put_route(struct world *w, const char *rest)
{
	char line[320];

	snprintf(line, sizeof(line), "replace %s", rest);
	if (below(4) && fake_feed_do(w->feed, line))
		return;
	snprintf(line, sizeof(line), "%s %s", below(2) ? "add" : "append", rest);
	(void)fake_feed_do(w->feed, line);
}

static void a_table_changes(struct world *w)
{
	static const unsigned tables[] = {254, 3001, 3002};
	static const char *const few[] = {"0.0.0.0/0",      "10.2.0.0/16",
					  "192.168.1.0/24", "192.168.2.0/24",
					  "10.99.0.3/32",   "fd00:1::/64"};
	const char *prefix = PICK(few);
	unsigned table = PICK(tables), metric = below(4) ? 32 : 33;
	char line[256], one[64], two[64] = "";

	if (!below(4)) {
		snprintf(line, sizeof(line), "del %s table %u metric %u", prefix, table,
			 metric);
		(void)fake_feed_do(w->feed, line);
		return;
	}
	hop_of(w, prefix, one, sizeof(one));
	if (!below(3))
		hop_of(w, prefix, two, sizeof(two));
	snprintf(line, sizeof(line), "%s%s%s proto %s table %u metric %u", prefix, one,
		 two, below(3) ? "bird" : "bgp", table, metric);
	put_route(w, line);
}

static void a_table_loses_announcements(struct world *w)
{
	if (!fake_feed_is_open(w->feed))
		return;
	fake_feed_mute(w->feed);
	for (unsigned i = below(6); i; i--)
		a_table_changes(w);
	fake_feed_tell_lost(w->feed);
}

/* ---- the operator ---- */

static void edit(struct world *w, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void edit(struct world *w, const char *fmt, ...)
{
	char lines[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(lines, sizeof(lines), fmt, args);
	va_end(args);
	conf_builder_text(w->candidate, "exit-wireguard");
	conf_builder_text(w->candidate, lines);
}

static const char *no(unsigned one_in)
{
	return below(one_in) ? "" : "no ";
}

/* An overlay address belongs to one peer of an interface, as validation demands. */
static void give_overlay(struct world *w, const char *dev, const char *peer,
			 const char *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(peers); i++)
		edit(w, "wireguard %s\npeer %s\nno overlay-address %s\n", dev, peers[i],
		     a);
	edit(w, "wireguard %s\npeer %s\noverlay-address %s\n", dev, peer, a);
}

/* Two peers exchange their addresses, the one that has none gets the other's. */
static void exchange_overlays(struct world *w, const char *dev, const char *peer)
{
	const struct conf_wireguard *d = conf_find_wireguard(w->conf, dev);
	const struct conf_peer *a = d ? conf_find_peer(d, peer) : NULL;
	const struct conf_peer *b = d ? conf_find_peer(d, PICK(peers)) : NULL;
	char text[IP_ADDR_STRLEN];

	for (size_t i = 0; a && b && i < a->overlay_address_count; i++)
		give_overlay(w, dev, b->name, ip_addr_str(&a->overlay_address[i], text));
	for (size_t i = 0; a && b && i < b->overlay_address_count; i++)
		give_overlay(w, dev, a->name, ip_addr_str(&b->overlay_address[i], text));
}

/* What a commit does to a peer that routing does not depend on. */
static void edit_peer_aside(struct world *w, const char *dev, const char *peer)
{
	if (below(2))
		edit(w, "wireguard %s\npeer %s\npersistent-keepalive %u\n", dev, peer,
		     below(3));
	else
		edit(w, "wireguard %s\npeer %s\n%sdescription %s\n", dev, peer, no(2),
		     PICK(lists));
}

static void edit_peer(struct world *w)
{
	const char *dev = PICK(devices), *peer = PICK(peers);

	switch (below(15)) {
	case 0:
	case 1:
		give_overlay(w, dev, peer, PICK(overlays));
		break;
	case 2:
	case 3:
		edit(w, "wireguard %s\npeer %s\n%sallowed-ip %s\n", dev, peer, no(2),
		     PICK(prefixes));
		break;
	case 4:
		edit(w, "wireguard %s\npeer %s\n%sshutdown\n", dev, peer, no(2));
		break;
	case 5:
		edit(w, "wireguard %s\npeer %s\n%sadvertise-always\n", dev, peer, no(2));
		break;
	case 6:
		edit(w, "wireguard %s\npeer %s\nmax-prefix %u\n", dev, peer, below(3));
		break;
	case 7:
		edit(w, "wireguard %s\nno peer %s\n", dev, peer);
		break;
	case 8:
		edit(w, "wireguard %s\npeer %s\n%sprefix-list %s\n", dev, peer, no(2),
		     PICK(lists));
		break;
	case 9:
		edit(w, "wireguard %s\npeer %s\nmax-prefix %u\n%smax-prefix-hold %u\n",
		     dev, peer, 1 + below(2), no(3), 1 + below(20));
		break;
	case 10:
		if (below(2))
			edit(w, "wireguard %s\npeer %s\n%spublic-key\n", dev, peer,
			     no(3));
		else
			edit(w, "wireguard %s\npeer %s\n%srevoked\n", dev, peer, no(2));
		break;
	case 11:
		edit(w, "wireguard %s\npeer %s\n%spreempt-delay %u\n", dev, peer, no(2),
		     1 + below(9));
		break;
	case 12:
		exchange_overlays(w, dev, peer);
		break;
	case 13:
		edit_peer_aside(w, dev, peer);
		break;
	case 14: /* none of it stays, and the next edits may make it anew */
		edit(w, "wireguard %s\nno peer %s\npeer %s\noverlay-address %s\n", dev,
		     PICK(peers), peer, "10.99.0.5");
		give_overlay(w, dev, peer, "10.99.0.5");
		break;
	}
}

static void edit_wireguard(struct world *w)
{
	const char *dev = PICK(devices);

	switch (below(6)) {
	case 0:
		edit(w, "wireguard %s\n%stenant %s\n", dev, no(4), PICK(tenants_of_test));
		break;
	case 1:
		edit(w, "wireguard %s\n%saddress 10.99.0.1/24\n", dev, no(3));
		break;
	case 2:
		edit(w, "wireguard %s\n%sshutdown\n", dev, no(2));
		break;
	case 3:
		edit(w, "no wireguard %s\n", dev);
		break;
	case 4:
		edit(w, "wireguard %s\nmtu %u\nfwmark %u\n", dev, 1400 + below(2),
		     below(2));
		break;
	case 5:
		edit(w, "wireguard %s\n%sdescription %s\n", dev, no(2), PICK(lists));
		break;
	}
}

/* Where own prefixes go. Both tenants may go to the same, other than with a table. */
static void edit_place(struct world *w, const char *tenant, bool red)
{
	switch (below(4)) {
	case 0:
		edit(w, "tenant %s\n%sadvertise-kernel\n", tenant, no(3));
		break;
	case 1:
		edit(w, "tenant %s\n%sadvertise-table %u\n", tenant, no(3),
		     red ? 3003 : 3004);
		break;
	default:
		edit(w, "tenant %s\n%sadvertise-instance %u\n", tenant, no(4),
		     253 + below(2));
	}
}

static void edit_tenant(struct world *w)
{
	const char *tenant = PICK(tenants_of_test);
	bool red = !strcmp(tenant, "red");

	switch (below(16)) {
	case 0: /* tables are unique */
		edit(w, "tenant %s\ntable %u\n", tenant, (red ? 1001 : 2001) + below(2));
		break;
	case 1:
		edit(w, "tenant %s\nno table\n", tenant);
		break;
	case 2:
		edit(w, "tenant %s\n%ssupernet %s\n", tenant, no(2), PICK(supernets));
		break;
	case 3: /* an interface is in one tenant */
		edit(w, "tenant %s\n%sinterface %s\n", tenant, no(3),
		     red ? "lan0" : "lan1");
		break;
	case 4:
		edit(w, "tenant %s\n%sadvertise %s\n", tenant, no(2), PICK(prefixes));
		break;
	case 5:
		edit(w, "tenant %s\nmax-prefix %u\n", tenant, 1 + below(6));
		break;
	case 6:
		edit(w, "tenant %s\nvrf %s\n", tenant, some_vrf());
		break;
	case 7:
		edit(w, below(2) ? "tenant %s\npriority 900\n" : "no tenant %s\n",
		     tenant);
		break;
	case 8:
		edit(w, "tenant %s\n%sprefix-list %s\n", tenant, no(2), PICK(lists));
		break;
	case 9: /* a tag is in one tenant of a VRF, and tables have none */
		edit(w, "tenant %s\nno learn-table\n%slearn-tag %u\n", tenant, no(2),
		     red ? 100 : 200);
		break;
	case 10: /* nor are they two tenants' */
		edit(w, "tenant %s\nno learn-tag %u\n%slearn-table %u\n", tenant,
		     red ? 100 : 200, no(3),
		     !red       ? 3002
		     : below(3) ? 3001
				: 254);
		break;
	case 11:
		edit(w, "tenant %s\n%slearn-protocol bgp\n", tenant, no(2));
		break;
	case 12:
		edit(w, "tenant %s\nmax-prefix %u\n%smax-prefix-hold %u\n", tenant,
		     1 + below(3), no(3), 1 + below(20));
		break;
	case 13:
		edit(w, "tenant %s\n%sdescription %s\n", tenant, no(2), PICK(lists));
		break;
	case 14:
		edit(w, "tenant %s\n%sadvertise-tag %u\n", tenant, no(2), 1 + below(3));
		break;
	case 15:
		edit_place(w, tenant, red);
		break;
	}
}

/* The list "none" stays as its name says. */
static void edit_list(struct world *w)
{
	const char *list = below(2) ? "x" : "y", *text = PICK(prefixes);
	struct prefix p;

	assert_int_equal(prefix_parse(&p, text), 0);
	switch (below(6)) {
	case 0:
		edit(w, "no prefix-list %s\n", list);
		break;
	case 1:
		edit(w, "no prefix-list %s seq %u\n", list, 1 + below(6));
		break;
	case 2:
		edit(w, "prefix-list %s seq %u permit %s le %u\n", list, 1 + below(6),
		     p.addr.family == AF_INET ? "0.0.0.0/0" : "::/0",
		     prefix_max_len(p.addr.family));
		break;
	default:
		edit(w, "prefix-list %s seq %u %s %s%s\n", list, 1 + below(6),
		     below(2) ? "permit" : "deny", text,
		     p.len <= 24 && below(2) ? " le 24" : "");
		break;
	}
}

static void commit(struct world *w)
{
	char why[256];

	/* a commit that cannot have the memory it needs is refused, which is none of ours */
	fake_backend_fail_memory(w->be, 0);
	if (world_commit(w, why, sizeof(why)))
		fail_msg("the commit was refused: %s", why);
}

static void operator_commits(struct world *w)
{
	void (*const edits[])(struct world * w) = {edit_peer,      edit_peer,
						   edit_wireguard, edit_tenant,
						   edit_tenant,    edit_list};

	for (unsigned i = 1 + below(3); i; i--)
		PICK(edits)(w);
	commit(w);
}

/* As most commits are: what follows from it is worked out for these peers alone. */
static void operator_changes_peers(struct world *w)
{
	for (unsigned i = 1 + (below(4) ? below(3) : below(20)); i; i--)
		edit_peer(w);
	if (!below(4))
		edit(w, "tenant %s\n%sdescription %s\n", PICK(tenants_of_test), no(2),
		     PICK(lists));
	commit(w);
}

/* Two tenants exchange their tables: the worst case for the order of wishes. */
static void operator_swaps_tables(struct world *w)
{
	char why[256];

	edit(w, "tenant red\ntable 2001\nexit-tenant\ntenant blue\ntable 1001\n");
	if (world_commit(w, why, sizeof(why)))
		fail_msg("the commit was refused: %s", why);
	world_settle(w);
	edit(w, "tenant red\ntable 1001\nexit-tenant\ntenant blue\ntable 2001\n");
	if (world_commit(w, why, sizeof(why)))
		fail_msg("the commit was refused: %s", why);
}

/* ---- interfaces, kernel, memory ---- */

static void lan_changes(struct world *w)
{
	static const char *const addresses[] = {"192.168.1.1/24", "192.168.2.1/24",
						"fd00:1::1/64", "fe80::1/64",
						"192.168.9.1/32"};
	struct world_link *l = world_link(w, below(2) ? "lan0" : "lan1");
	unsigned n = below(3);

	if (!below(6)) {
		world_link_gone(w, l);
		return;
	}
	l->link.up = below(4);
	l->link.address = xrealloc(l->link.address, n + 1, sizeof(*l->link.address));
	for (unsigned i = 0; i < n; i++) {
		struct prefix p;

		assert_int_equal(prefix_parse(&p, PICK(addresses)), 0);
		l->link.address[i] = (struct klink_address){p.addr, p.len};
	}
	l->link.address_count = n;
	world_link_changed(w, l);
}

static void tunnel_flaps(struct world *w)
{
	const char *dev = PICK(devices);

	if (!wg_device_find(w->wg, dev))
		return;
	world_link_state(w, dev, false);
	if (below(2))
		world_settle(w);
	world_link_state(w, dev, true);
}

/* A VRF by name is one in the kernel, or it is not. */
static void a_vrf_device_changes(struct world *w)
{
	struct world_link *l = world_link(w, "blue");

	if (below(3)) {
		l->link.vrf_table = 4000 + below(2);
		world_link_changed(w, l);
	} else {
		world_link_gone(w, l);
	}
}

static void kernel_refuses(struct world *w)
{
	static const int errors[] = {-ENOMEM, -ENOBUFS, -EINVAL, -EPERM};

	fake_kernel_fail_next(w->kernel, PICK(errors));
}

static void foreign_hand(struct world *w)
{
	char *copy = xstrdup(fake_kernel_text(w->kernel)), *rest = copy, *line;
	unsigned left = below(20);

	while ((line = strtok_r(rest, "\n", &rest)) && left--)
		;
	if (line && line[0] != 'I' && line[0] != 'f') {
		struct kroute r = {0};
		char text[64];
		bool guard = sscanf(line, "unreachable %63s table %u metric %u", text,
				    &r.table, &r.metric) == 3;

		if ((guard || sscanf(line, "%63s table %u metric %u", text, &r.table,
				     &r.metric) == 3) &&
		    prefix_parse(&r.dst, text) == 0)
			fake_kernel_lose_route(w->kernel, r.table, &r.dst, r.metric);
	}
	free(copy);
}

static void memory_runs_out(struct world *w)
{
	fake_backend_fail_memory(w->be, 1 + below(3));
}

static void time_passes(struct world *w)
{
	world_advance(w, below(8000) * NS_PER_MS);
}

static void wgrd_is_killed(struct world *w)
{
	if (below(6))
		return;
	world_settle(w);
	fake_backend_fail_memory(w->be, 0);
	world_restart(w, below(2));
	assert_int_equal(rib_vrf_set(w->rib, 7, "blue"), 0);
	for (unsigned i = below(12); i; i--)
		zebra_says(w);
}

static void a_session_comes_or_goes(struct world *w)
{
	const char *dev = PICK(devices), *peer = PICK(peers);

	if (fake_backend_has_device(w->be, dev) &&
	    fake_backend_has_peer(w->be, dev, peer))
		fake_backend_session(w->be, dev, peer, below(2));
}

static bool release(struct wg_peer *p, void *arg)
{
	struct world *w = arg;

	tenants_release_peer(w->tenants, p);
	return true;
}

static void operator_clears(struct world *w)
{
	const struct wg_device *d = wg_device_find(w->wg, PICK(devices));

	(void)tenants_release(w->tenants, PICK(tenants_of_test));
	if (d)
		wg_walk_peers(d, release, w);
}

static void turn(struct world *w)
{
	world_settle(w);
}

/* ---- the history ---- */

static void step(struct world *w)
{
	void (*const events[])(struct world * w) = {
		zebra_says,
		zebra_says,
		zebra_says,
		zebra_says,
		zebra_says_what_a_peer_has,
		zebra_says_what_a_peer_has,
		zebra_takes_back,
		zebra_takes_back,
		a_table_changes,
		a_table_changes,
		a_table_changes,
		a_table_loses_announcements,
		operator_commits,
		operator_commits,
		operator_commits,
		operator_changes_peers,
		operator_changes_peers,
		operator_changes_peers,
		operator_changes_peers,
		lan_changes,
		zebra_restarts,
		vrf_changes_id,
		tunnel_flaps,
		kernel_refuses,
		a_vrf_device_changes,
		foreign_hand,
		memory_runs_out,
		time_passes,
		wgrd_is_killed,
		operator_clears,
		a_session_comes_or_goes,
		a_session_comes_or_goes,
		turn,
		turn,
		operator_swaps_tables,
	};

	PICK(events)(w);
}

static void settle(struct world *w)
{
	fake_backend_fail_memory(w->be, 0);
	for (unsigned i = 0; i < 3; i++) {
		world_advance(w, 61 * NS_PER_S);
		fib_resync(w->fib);
	}
	world_settle(w);
}

static void check(struct world *w, unsigned n)
{
	struct strbuf want = {0}, seen = {0}, all = {0};
	struct fib_view v;

	oracle_expected(w, &want);
	oracle_seen(w, &seen);
	fib_view(w->fib, &v);
	if (strcmp(strbuf_str(&want), strbuf_str(&seen)) || v.pending || world_error(w)) {
		world_describe(w, &all);
		print_error("expected:\n%s", strbuf_str(&want));
		print_error("seen:\n%s", strbuf_str(&seen));
		print_error("%s", strbuf_str(&all));
		fail_msg("seed %u, check %u: %zu pending, %s", first_seed, n, v.pending,
			 world_error(w) ?: "no rule broken");
	}
	strbuf_free(&want);
	strbuf_free(&seen);
	strbuf_free(&all);
}

/* A commit that changes nothing, hearing everything again, and deciding everything anew, which
 * is what commits follow only in part, cost nothing. */
static void nothing_is_done_for_nothing(struct world *w)
{
	char why[256];

	world_forget(w);
	assert_int_equal(world_commit(w, why, sizeof(why)), 0);
	tenants_device_changed(w->tenants, NULL, false);
	fib_resync(w->fib);
	world_settle(w);
	if (*world_trace(w))
		fail_msg("seed %u: expected no operation, seen:\n%s", first_seed,
			 world_trace(w));
}

static void quiet(enum log_level level, enum log_subsys s, const char *line)
{
	(void)level;
	(void)s;
	(void)line;
}

static void random_histories_end_as_the_oracle_says(void **state)
{
	struct world *w = world_new();
	char why[256];

	(void)state;
	log_capture(quiet);
	assert_int_equal(rib_vrf_set(w->rib, 7, "blue"), 0);
	edit(w, "wireguard wg0\ntenant red\npeer a\noverlay-address 10.99.0.2\n"
		"peer b\noverlay-address 10.99.0.3\nmax-prefix 2\nmax-prefix-hold 20\n"
		"wireguard wg1\ntenant blue\npeer b\noverlay-address 10.99.0.3\n"
		"exit-wireguard\ntenant red\ntable 1001\ninterface lan0\n"
		"exit-tenant\ntenant blue\ntable 2001\ninterface lan1\nvrf blue\n"
		"learn-table 3002\nexit-tenant\n");
	assert_int_equal(world_commit(w, why, sizeof(why)), 0);
	for (unsigned n = 0; n < CHECKS; n++) {
		for (unsigned i = 1 + below(STEPS); i; i--)
			step(w);
		settle(w);
		check(w, n);
		nothing_is_done_for_nothing(w);
	}
	world_free(w);
	log_capture(NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_histories_end_as_the_oracle_says),
	};

	seed = argc > 1 ? (unsigned)atoi(argv[1]) : (unsigned)time(NULL);
	first_seed = seed;
	printf("seed %u\n", seed);
	return cmocka_run_group_tests_name("tenant, random", tests, NULL, NULL);
}
