/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/tenant/oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/wgrd/tenant/oracle_conf.h"

/* ---- lines ---- */

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_lines(struct strbuf *b)
{
	char *copy = xstrdup(strbuf_str(b)), *rest = copy, *line, **v = NULL;
	size_t n = 0;

	while ((line = strtok_r(rest, "\n", &rest))) {
		v = xrealloc(v, n + 1, sizeof(*v));
		v[n++] = line;
	}
	if (n)
		qsort(v, n, sizeof(*v), compare_lines);
	strbuf_truncate(b, 0);
	for (size_t i = 0; i < n; i++)
		strbuf_printf(b, "%s\n", v[i]);
	free(v);
	free(copy);
}

static void drop_repeated_lines(struct strbuf *b)
{
	char *copy = xstrdup(strbuf_str(b)), *rest = copy, *line, *last = NULL;

	strbuf_truncate(b, 0);
	while ((line = strtok_r(rest, "\n", &rest))) {
		if (!last || strcmp(last, line))
			strbuf_printf(b, "%s\n", line);
		last = line;
	}
	free(copy);
}

/* ---- next hops ---- */

struct meaning {
	const struct conf_wireguard *device;       /* NULL: not ours */
	int near;                                  /* 0: nobody's; 129: an address */
	unsigned ways;                             /* 0: no usable peer */
	const struct conf_peer *peer[ORACLE_WAYS]; /* the best first */
};

static bool is_own(const struct conf_wireguard *d, const struct ip_addr *gate)
{
	for (size_t i = 0; i < d->address_count; i++)
		if (ip_addr_equal(&d->address[i].addr, gate))
			return true;
	return false;
}

static const struct conf_peer *direct_peer(const struct conf_wireguard *d,
					   const struct ip_addr *gate)
{
	for (size_t i = 0; i < d->peer_count; i++)
		if (oracle_has_overlay(d->peer[i], gate))
			return d->peer[i];
	return NULL;
}

/* What @gate is on @d, and those it may be reached by: whose address it is, then those that cover
 * it. */
static struct meaning on_device(const struct conf_wireguard *d,
				const struct ip_addr *gate, bool recursive)
{
	const struct conf_peer *direct = direct_peer(d, gate);
	const struct conf_peer *cover[ORACLE_WAYS];
	struct meaning m = {.device = d};
	unsigned covers;

	if (is_own(d, gate)) {
		m.near = 129;
		return m;
	}
	covers = oracle_covers(d, gate, recursive && !direct, cover);
	if (direct && oracle_usable(d, direct))
		m.peer[m.ways++] = direct;
	for (unsigned i = 0; i < covers && m.ways < ORACLE_WAYS; i++)
		if (cover[i] != direct)
			m.peer[m.ways++] = cover[i];
	if (direct)
		m.near = 129;
	else if (m.ways)
		m.near = oracle_cover_of(m.peer[0], gate, recursive);
	for (size_t i = 0; !m.near && i < d->peer_count; i++)
		for (int len = 128; len > m.near; len--)
			if (oracle_cover_of(d->peer[i], gate, recursive) == len)
				m.near = len;
	return m;
}

/* On an interface whose tenant does not learn this tag, or not from this kernel table: it could
 * be connected anywhere. */
static bool is_elsewhere(struct world *w, const char *vrf, uint32_t tag,
			 const struct rib_nexthop *nh)
{
	const struct conf *c = w->conf;

	for (size_t i = 0; nh->ifindex && i < c->wireguard_count; i++)
		if (world_ifindex(w, c->wireguard[i]->name) == nh->ifindex)
			return oracle_learns_from(c, c->wireguard[i], vrf)
				       ? !oracle_takes(c, c->wireguard[i], tag)
				       : rib_vrf_is_table(vrf);
	return false;
}

static struct meaning mean(struct world *w, const char *vrf, uint32_t tag,
			   const struct rib_nexthop *nh)
{
	const struct conf *c = w->conf;
	bool elsewhere = is_elsewhere(w, vrf, tag, nh);
	uint32_t ifindex = elsewhere ? 0 : nh->ifindex;
	struct meaning best = {0}, other = {0};

	if (elsewhere && ip_addr_is_linklocal(&nh->gate))
		return best;
	for (size_t i = 0; i < c->wireguard_count; i++) {
		const struct conf_wireguard *d = c->wireguard[i];
		struct meaning m = {.device = d};

		if (!oracle_learns_from(c, d, vrf))
			continue;
		if (ifindex && world_ifindex(w, d->name) == ifindex) {
			if (oracle_takes(c, d, tag) && nh->gate.family)
				m = on_device(d, &nh->gate, false);
			return m;
		}
		if (ifindex || !nh->gate.family || !oracle_takes(c, d, tag))
			continue;
		m = on_device(d, &nh->gate, true);
		if (m.near > best.near)
			best = m;
	}
	/* Nobody there can be used: somebody else of the same tenant. */
	for (size_t i = 0; best.near && !best.ways && i < c->wireguard_count; i++) {
		const struct conf_wireguard *d = c->wireguard[i];
		struct meaning m;

		if (is_own(best.device, &nh->gate) ||
		    strcmp(d->tenant, best.device->tenant) || !oracle_takes(c, d, tag))
			continue;
		m = on_device(d, &nh->gate, true);
		if ((m.ways || is_own(d, &nh->gate)) && m.near > other.near)
			other = m;
	}
	return other.near ? other : best;
}

/* ---- one learned route ---- */

struct carrier {
	const struct conf_wireguard *device;
	const struct conf_peer *peer;
	unsigned weight, rank;
};

struct learned_fate {
	const struct conf_wireguard *first; /* whose tenant it is; NULL: nobody's */
	struct carrier carrier[RIB_NEXTHOP_MAX];
	unsigned carriers;
	bool candidate; /* only a limit can refuse it */
};

static void add_carrier(struct learned_fate *f, const struct meaning *m, unsigned rank,
			unsigned weight)
{
	for (unsigned i = 0; i < f->carriers; i++) {
		struct carrier *c = &f->carrier[i];

		if (c->peer != m->peer[rank])
			continue;
		if (c->rank == rank)
			c->weight += weight;
		return;
	}
	f->carrier[f->carriers++] =
		(struct carrier){m->device, m->peer[rank], weight, rank};
}

static bool passes_policy(struct world *w, const char *tenant, const struct prefix *p)
{
	const struct conf_tenant *t = conf_find_tenant(w->conf, tenant);
	bool inside = !t || !t->supernet.count;

	for (size_t i = 0; t && i < t->advertise.count; i++)
		if (prefix_equal(&t->advertise.v[i], p))
			return false;
	if (oracle_local_device(w, tenant, p))
		return false;
	if (prefix_is_default(p))
		inside = false;
	for (size_t i = 0; t && i < t->supernet.count; i++)
		if (prefix_is_default(p) ? prefix_equal(&t->supernet.v[i], p)
					 : prefix_contains(&t->supernet.v[i], p))
			inside = true;
	return inside && oracle_list_permits(w->conf, t ? t->prefix_list : "", p);
}

static bool pass_lists(struct world *w, const struct learned_fate *f,
		       const struct prefix *p)
{
	for (unsigned i = 0; i < f->carriers; i++)
		if (!oracle_list_permits(w->conf, f->carrier[i].peer->prefix_list, p))
			return false;
	return true;
}

static void work_out(struct world *w, const char *vrf, const struct rib_route *r,
		     struct learned_fate *f)
{
	memset(f, 0, sizeof(*f));
	for (unsigned rank = 0; rank < ORACLE_WAYS; rank++)
		for (unsigned i = 0; i < r->nh_count; i++) {
			struct meaning m = mean(w, vrf, r->tag, &r->nh[i]);

			if (rank >= m.ways)
				continue;
			f->first = f->first ?: m.device;
			if (!strcmp(f->first->tenant, m.device->tenant))
				add_carrier(f, &m, rank, r->nh[i].weight ?: 1);
		}
	f->candidate = f->first && passes_policy(w, f->first->tenant, &r->prefix) &&
		       pass_lists(w, f, &r->prefix);
}

/* ---- what wgrd says about limits ---- */

struct asked {
	const char *tenant;
	enum decide_verdict verdict;
};

static bool take_verdict(const struct tenant_route_view *v, void *arg)
{
	struct asked *a = arg;

	/* A route of another VRF that is no tenant's is shown without a tenant as well. */
	if (v->origin == TENANT_LEARNED && !strcmp(v->tenant, a->tenant) &&
	    (v->verdict != DECIDE_NOT_OURS || a->verdict == DECIDE_VERDICT_COUNT))
		a->verdict = v->verdict;
	return true;
}

static enum decide_verdict ask(struct world *w, const char *tenant,
			       const struct prefix *p)
{
	struct asked a = {.tenant = tenant, .verdict = DECIDE_VERDICT_COUNT};

	tenants_walk_routes(w->tenants, p, take_verdict, &a);
	return a.verdict;
}

static bool is_about_limits(enum decide_verdict v)
{
	return v == DECIDE_PEER_LIMIT || v == DECIDE_PEER_HELD ||
	       v == DECIDE_TENANT_LIMIT || v == DECIDE_TENANT_HELD;
}

/* ---- the walk over all learned routes ---- */

struct learned_walk {
	struct world *w;
	const char *vrf;
	struct strbuf *out; /* NULL: only count */
	const struct conf_peer *peer;
	const char *tenant;
	unsigned count; /* accepted ones of @peer, or of @tenant */
};

static void count_accepted(struct learned_walk *k, const struct learned_fate *f)
{
	if (k->tenant && !strcmp(k->tenant, f->first->tenant))
		k->count++;
	for (unsigned i = 0; k->peer && i < f->carriers; i++)
		k->count += f->carrier[i].peer == k->peer && !f->carrier[i].rank;
}

static void print_members(struct learned_walk *k, const struct learned_fate *f,
			  const struct conf_wireguard *d, const char *prefix)
{
	struct strbuf peers = {0};

	for (unsigned i = 0; i < f->carriers; i++) {
		const struct carrier *c = &f->carrier[i];

		if (c->device != d)
			continue;
		strbuf_printf(&peers, " %s", c->peer->name);
		if (c->weight != 1)
			strbuf_printf(&peers, "*%u", c->weight);
		if (c->rank)
			strbuf_printf(&peers, "/%u", c->rank);
	}
	if (peers.len)
		strbuf_printf(k->out, "egress %s %s%s\ningress %s %s%s\n", d->name,
			      prefix, strbuf_str(&peers), d->name, prefix,
			      strbuf_str(&peers));
	strbuf_free(&peers);
}

static void print_accepted(struct learned_walk *k, const struct learned_fate *f,
			   const struct prefix *p)
{
	const struct conf_tenant *t = conf_find_tenant(k->w->conf, f->first->tenant);
	char prefix[PREFIX_STRLEN];

	prefix_str(p, prefix);
	for (size_t i = 0; i < k->w->conf->wireguard_count; i++)
		print_members(k, f, k->w->conf->wireguard[i], prefix);
	if (t && t->table)
		strbuf_printf(k->out, "%s table %u metric 20 oif %u\n", prefix, t->table,
			      world_ifindex(k->w, f->first->name));
}

static bool visit_route(const struct rib_route *r, void *arg)
{
	struct learned_walk *k = arg;
	struct learned_fate f;

	work_out(k->w, k->vrf, r, &f);
	if (!f.candidate)
		return true;
	if (is_about_limits(ask(k->w, f.first->tenant, &r->prefix)))
		return true;
	if (k->out)
		print_accepted(k, &f, &r->prefix);
	else
		count_accepted(k, &f);
	return true;
}

static void visit_vrfs(struct learned_walk *k,
		       bool (*fn)(const struct rib_route *r, void *arg))
{
	static const char *const vrfs[] = {"default", "blue", "table 254", "table 3001",
					   "table 3002"};

	for (size_t i = 0; i < ARRAY_SIZE(vrfs); i++) {
		uint32_t id;

		k->vrf = vrfs[i];
		if (rib_vrf_find(k->w->rib, vrfs[i], &id) == 0)
			rib_walk(k->w->rib, id, fn, k);
	}
}

static unsigned accepted_of(struct world *w, const char *tenant,
			    const struct conf_peer *peer)
{
	struct learned_walk k = {.w = w, .tenant = tenant, .peer = peer};

	visit_vrfs(&k, visit_route);
	return k.count;
}

static uint32_t tenant_max(struct world *w, const char *tenant)
{
	const struct conf_tenant *t = conf_find_tenant(w->conf, tenant);

	return t ? t->max_prefix : CONF_TENANT_MAX_PREFIX_DEFAULT;
}

static void give_up(struct world *w, const char *prefix, enum decide_verdict v)
{
	struct strbuf all = {0};

	world_describe(w, &all);
	print_error("%s", strbuf_str(&all));
	strbuf_free(&all);
	fail_msg("%s: expected it accepted, seen %s", prefix, decide_verdict_name(v));
}

/* How far prefixes get that the policy accepts. */
enum step {
	WANTED,  /* at least to the limits of their peers */
	COUNTED, /* past these, to the limit of the tenant */
};

struct step_walk {
	struct learned_walk walk;
	enum step step;
};

static bool count_step(const struct rib_route *r, void *arg)
{
	struct learned_walk *k = arg;
	const struct step_walk *s = container_of(k, struct step_walk, walk);
	struct learned_fate f;
	enum decide_verdict v;

	work_out(k->w, k->vrf, r, &f);
	if (!f.candidate)
		return true;
	v = ask(k->w, f.first->tenant, &r->prefix);
	if (s->step == WANTED || (v != DECIDE_PEER_LIMIT && v != DECIDE_PEER_HELD))
		count_accepted(k, &f);
	return true;
}

static unsigned count_of(struct world *w, const char *tenant,
			 const struct conf_peer *peer, enum step step)
{
	struct step_walk s = {.walk = {.w = w, .tenant = tenant, .peer = peer},
			      .step = step};

	visit_vrfs(&s.walk, count_step);
	return s.walk.count;
}

/* By now, whoever was held for less has been released. */
static bool peer_is_held(struct world *w, const struct conf_peer *p)
{
	return p->max_prefix_hold && p->max_prefix &&
	       count_of(w, NULL, p, WANTED) > p->max_prefix;
}

static bool peer_is_full(struct world *w, const struct conf_peer *p)
{
	return !p->max_prefix_hold && p->max_prefix &&
	       count_of(w, NULL, p, COUNTED) >= p->max_prefix;
}

static bool tenant_is_held(struct world *w, const char *name)
{
	const struct conf_tenant *t = conf_find_tenant(w->conf, name);

	return t && t->max_prefix_hold &&
	       count_of(w, name, NULL, COUNTED) > t->max_prefix;
}

static bool tenant_is_full(struct world *w, const char *name)
{
	const struct conf_tenant *t = conf_find_tenant(w->conf, name);

	return !(t && t->max_prefix_hold) &&
	       accepted_of(w, name, NULL) >= tenant_max(w, name);
}

/* Is what is said so, of one of the peers or of the tenant, and nothing else in the way? */
static bool is_justified(struct world *w, const struct learned_fate *f,
			 enum decide_verdict v)
{
	const char *tenant = f->first->tenant;
	bool held = false, full = false;

	for (unsigned i = 0; i < f->carriers && !f->carrier[i].rank; i++) {
		held |= peer_is_held(w, f->carrier[i].peer);
		full |= peer_is_full(w, f->carrier[i].peer);
	}
	if (v == DECIDE_PEER_HELD)
		return held;
	if (v == DECIDE_PEER_LIMIT)
		return full;
	if (v == DECIDE_TENANT_HELD)
		return !held && tenant_is_held(w, tenant);
	if (v == DECIDE_TENANT_LIMIT)
		return !held && tenant_is_full(w, tenant);
	return v == DECIDE_ACCEPT && !held && !tenant_is_held(w, tenant);
}

static bool check_limit(const struct rib_route *r, void *arg)
{
	struct learned_walk *k = arg;
	struct learned_fate f;
	enum decide_verdict v;
	char buf[PREFIX_STRLEN];

	work_out(k->w, k->vrf, r, &f);
	if (!f.candidate)
		return true;
	v = ask(k->w, f.first->tenant, &r->prefix);
	if (!is_justified(k->w, &f, v))
		give_up(k->w, prefix_str(&r->prefix, buf), v);
	return true;
}

static void check_counts(struct world *w)
{
	for (size_t i = 0; i < w->conf->wireguard_count; i++) {
		const struct conf_wireguard *d = w->conf->wireguard[i];

		for (size_t j = 0; j < d->peer_count; j++) {
			const struct conf_peer *p = d->peer[j];

			if (p->max_prefix &&
			    count_of(w, NULL, p, COUNTED) > p->max_prefix)
				fail_msg("peer %s has more than %u prefixes", p->name,
					 p->max_prefix);
		}
	}
	for (size_t i = 0; i < w->conf->tenant_count; i++)
		if (accepted_of(w, w->conf->tenant[i]->name, NULL) >
		    w->conf->tenant[i]->max_prefix)
			fail_msg("tenant %s has more than %u prefixes",
				 w->conf->tenant[i]->name,
				 w->conf->tenant[i]->max_prefix);
}

/* ---- all of it ---- */

void oracle_expected(struct world *w, struct strbuf *out)
{
	struct learned_walk k = {.w = w, .out = out};

	visit_vrfs(&k, check_limit);
	check_counts(w);
	for (size_t i = 0; i < w->conf->tenant_count; i++)
		oracle_print_tenant(w, out, w->conf->tenant[i]);
	for (size_t i = 0; i < w->conf->wireguard_count; i++)
		oracle_print_device(w, out, w->conf->wireguard[i]);
	visit_vrfs(&k, visit_route);
	sort_lines(out);
	drop_repeated_lines(out); /* prefixes with several claims */
}

/* ---- what there is ---- */

struct seen {
	struct world *w;
	struct strbuf *out;
	const char *device;
	size_t n;
};

static bool print_permission(const struct prefix *p, const struct wg_group *egress,
			     const struct wg_group *ingress, void *arg)
{
	struct seen *s = arg;
	char prefix[PREFIX_STRLEN];
	const char *members;

	(void)egress;
	(void)ingress;
	s->n++;
	prefix_str(p, prefix);
	members = fake_backend_egress(s->w->be, s->device, prefix);
	strbuf_printf(s->out, "egress %s %s %s\n", s->device, prefix, members ?: "-");
	members = fake_backend_ingress(s->w->be, s->device, prefix);
	strbuf_printf(s->out, "ingress %s %s %s\n", s->device, prefix, members ?: "-");
	return true;
}

static bool print_tables(struct wg_device *d, void *arg)
{
	struct seen *s = arg;

	s->device = wg_device_name(d);
	s->n = 0;
	wg_walk_permissions(d, print_permission, s);
	assert_int_equal(fake_backend_egress_count(s->w->be, s->device), s->n);
	assert_int_equal(fake_backend_ingress_count(s->w->be, s->device), s->n);
	return true;
}

void oracle_seen(struct world *w, struct strbuf *out)
{
	struct seen s = {.w = w, .out = out};
	char prefix[PREFIX_STRLEN];

	wg_walk_devices(w->wg, print_tables, &s);
	strbuf_puts(out, fake_kernel_text(w->kernel));
	for (const struct world_advert *a = w->adverts; a; a = a->next)
		strbuf_printf(out, "advert %s %s %s tag %u instance %u\n", a->vrf,
			      prefix_str(&a->prefix, prefix), world_ifname(w, a->ifindex),
			      a->tag, a->instance);
	sort_lines(out);
}
