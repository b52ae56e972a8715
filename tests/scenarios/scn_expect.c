/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenarios/scn.h"

#include <string.h>

/* ---- permissions ---- */

enum {
	PEERS_LEN = 256,
};

/* The words after "peer", as the back end writes them. Returns @buf. */
static const char *wanted_peers(const struct scn *s, char buf[static PEERS_LEN])
{
	unsigned i = 0;

	buf[0] = '\0';
	while (i < s->words && strcmp(s->word[i], "peer"))
		i++;
	for (i++; i < s->words; i++)
		snprintf(buf + strlen(buf), PEERS_LEN - strlen(buf), "%s%s",
			 buf[0] ? " " : "", s->word[i]);
	return buf;
}

/* expect permission DEV P peer A...: the same peers in both tables, in this order */
static bool expect_permission(struct scn *s)
{
	const char *dev = s->words > 2 ? s->word[2] : "";
	const char *egress, *ingress, *want;
	char buf[PEERS_LEN], prefix[PREFIX_STRLEN];
	struct prefix p;

	if (!scn_prefix(s, &p))
		return false;
	want = wanted_peers(s, buf);
	prefix_str(&p, prefix);
	ingress = fake_backend_ingress(s->world->be, dev, prefix);
	if (!ingress || strcmp(ingress, want))
		return scn_fail(s,
				"expected %s as a source on %s from \"%s\", seen \"%s\"",
				prefix, dev, want, ingress ?: "nobody");
	egress = fake_backend_egress(s->world->be, dev, prefix);
	if (!egress || strcmp(egress, want))
		return scn_fail(s, "expected %s on %s to \"%s\", seen \"%s\"", prefix,
				dev, want, egress ?: "nobody");
	return true;
}

static bool expect_no_permission(struct scn *s)
{
	const char *dev = s->words > 3 ? s->word[3] : "", *seen;
	char prefix[PREFIX_STRLEN];
	struct prefix p;

	if (!scn_prefix(s, &p))
		return false;
	prefix_str(&p, prefix);
	if (!fake_backend_has_device(s->world->be, dev))
		return true;
	seen = fake_backend_egress(s->world->be, dev, prefix);
	if (!seen)
		seen = fake_backend_ingress(s->world->be, dev, prefix);
	return seen ? scn_fail(s, "expected no permission for %s on %s, seen \"%s\"",
			       prefix, dev, seen)
		    : true;
}

/* expect destination | source DEV ADDRESS peer A... | nobody: whom a packet goes to, or may come
 * from, by whichever prefix */
static bool expect_packet(struct scn *s)
{
	const bool is_source = s->words > 1 && !strcmp(s->word[1], "source");
	const char *dev = s->words > 2 ? s->word[2] : "";
	const char *address = s->words > 3 ? s->word[3] : "";
	char buf[PEERS_LEN];
	const char *want = wanted_peers(s, buf), *seen;

	seen = (is_source ? fake_backend_source : fake_backend_route)(s->world->be, dev,
								      address);
	return strcmp(seen ?: "", want) ? scn_fail(s, "expected \"%s\", seen \"%s\"",
						   want, seen ?: "nobody")
					: true;
}

/* ---- routes and rules ---- */

static const struct kroute *find_route(struct scn *s, const struct prefix *p)
{
	const struct kroute *r;
	uint32_t table = scn_number(s, "table", 0);

	r = fake_kernel_route(s->world->kernel, table, p, scn_number(s, "metric", 20));
	if (!r || scn_has(s, "unreachable"))
		r = fake_kernel_route(s->world->kernel, table, p, UINT32_MAX) ?: r;
	return r;
}

/* expect route P table T [metric M] dev IF | expect route P table T unreachable */
static bool expect_route(struct scn *s)
{
	const char *dev = scn_after(s, "dev") ?: "";
	const struct kroute *r;
	const char *seen;
	struct prefix p;

	if (!scn_prefix(s, &p))
		return false;
	r = find_route(s, &p);
	if (!r)
		return scn_fail(s, "expected this route, there is none");
	if (scn_has(s, "unreachable")) {
		if (r->type == KROUTE_UNREACHABLE)
			return true;
		return scn_fail(s, "expected it unreachable, it is not");
	}
	seen = world_ifname(s->world, r->oif);
	if (r->type != KROUTE_UNICAST || strcmp(seen, dev))
		return scn_fail(s, "expected a route over %s, seen %s", dev, seen);
	return true;
}

static bool expect_no_route(struct scn *s)
{
	struct prefix p;

	if (!scn_prefix(s, &p))
		return false;
	return find_route(s, &p) ? scn_fail(s, "expected no such route") : true;
}

/* expect foreign route P table T */
static bool expect_foreign(struct scn *s)
{
	char line[128], prefix[PREFIX_STRLEN];
	struct prefix p;

	if (!scn_prefix(s, &p))
		return false;
	snprintf(line, sizeof(line), "foreign %s table %u ", prefix_str(&p, prefix),
		 scn_number(s, "table", 0));
	if (strstr(fake_kernel_text(s->world->kernel), line))
		return true;
	return scn_fail(s, "expected somebody else's route, there is none");
}

/* The rule of one family for an interface, whatever its priority. */
static bool has_rule(struct scn *s, sa_family_t family, const char *iif, uint32_t table)
{
	char line[128];

	snprintf(line, sizeof(line), "%s %u: iif %s lookup %u\n",
		 family == AF_INET ? "IPv4" : "IPv6", scn_number(s, "priority", 1000),
		 iif, table);
	return strstr(fake_kernel_text(s->world->kernel), line) != NULL;
}

/* expect rule iif IF table T [priority N] [ipv4 | ipv6]: for both families if none is said */
static bool expect_rule(struct scn *s, bool want)
{
	const char *iif = scn_after(s, "iif") ?: "";
	uint32_t table = scn_number(s, "table", 0);

	if (!scn_has(s, "ipv6") && has_rule(s, AF_INET, iif, table) != want)
		return scn_fail(s, "expected %s IPv4 rule", want ? "the" : "no");
	if (!scn_has(s, "ipv4") && has_rule(s, AF_INET6, iif, table) != want)
		return scn_fail(s, "expected %s IPv6 rule", want ? "the" : "no");
	return true;
}

/* ---- what zebra has ---- */

/* expect advertised P [vrf V] [instance N] dev IF tag N */
static bool expect_advertised(struct scn *s, bool want)
{
	const struct world_advert *a;
	const char *dev;
	struct prefix p;

	if (!scn_prefix(s, &p))
		return false;
	a = world_advert(s->world, scn_after(s, "vrf") ?: "default", &p);
	if (!a || !want)
		return !a == !want ? true
				   : scn_fail(s, "expected it %s zebra",
					      want ? "in" : "not in");
	dev = world_ifname(s->world, a->ifindex);
	if (strcmp(dev, scn_after(s, "dev") ?: "") || a->tag != scn_number(s, "tag", 0) ||
	    a->instance != scn_number(s, "instance", 0))
		return scn_fail(s, "seen instance %u dev %s tag %u", a->instance, dev,
				a->tag);
	return true;
}

/* ---- verdicts ---- */

struct rows {
	const char *tenant, *origin, *peer; /* NULL: any */
	unsigned n;
	char verdict[32], reason[256], permission[16], route[16];
};

static bool take_row(const struct tenant_route_view *v, void *arg)
{
	struct rows *r = arg;

	if ((r->tenant && strcmp(r->tenant, v->tenant)) ||
	    (r->origin && strcmp(r->origin, tenant_origin_name(v->origin))) ||
	    (r->peer && (!v->peer_count || strcmp(r->peer, v->peer[0]))))
		return true;
	r->n++;
	snprintf(r->verdict, sizeof(r->verdict), "%s", decide_verdict_name(v->verdict));
	snprintf(r->reason, sizeof(r->reason), "%s", v->reason);
	snprintf(r->permission, sizeof(r->permission), "%s",
		 v->permission_known ? fib_state_name(v->permission) : "none");
	snprintf(r->route, sizeof(r->route), "%s",
		 v->route_known ? fib_state_name(v->route) : "none");
	return true;
}

static bool find_row(struct scn *s, struct rows *r)
{
	struct prefix p;

	r->tenant = scn_after(s, "tenant");
	r->origin = scn_after(s, "origin") ?: "learned";
	r->peer = scn_after(s, "peer");
	if (!scn_prefix(s, &p))
		return false;
	tenants_walk_routes(s->world->tenants, &p, take_row, r);
	if (r->n != 1)
		return scn_fail(s, "expected one such %s prefix to be shown, seen %u",
				r->origin, r->n);
	return true;
}

/* expect verdict P WORD [tenant T] [origin O] [peer A] */
static bool expect_verdict(struct scn *s)
{
	struct rows r = {0};

	if (!find_row(s, &r))
		return false;
	if (strcmp(r.verdict, s->word[3]))
		return scn_fail(s, "expected %s, seen %s: %s", s->word[3], r.verdict,
				r.reason);
	return true;
}

/* expect progress P permission STATE route STATE [tenant T] [origin O] */
static bool expect_progress(struct scn *s)
{
	const char *permission = scn_after(s, "permission") ?: "none";
	const char *route = scn_after(s, "route") ?: "none";
	struct rows r = {0};

	if (!find_row(s, &r))
		return false;
	if (strcmp(r.permission, permission) || strcmp(r.route, route))
		return scn_fail(s, "seen permission %s route %s", r.permission, r.route);
	return true;
}

/* expect reason P: SENTENCE. The prefix ends with a colon; the rest is the sentence, about the own
 * prefix if there is no learned one. */
static bool expect_reason(struct scn *s)
{
	char want[256] = "", *colon = s->words > 2 ? strrchr(s->word[2], ':') : NULL;
	struct rows r = {.origin = "learned"};
	struct prefix p;

	if (!colon || colon[1])
		return scn_fail(s, "the prefix has no colon after it");
	*colon = '\0';
	if (prefix_parse(&p, s->word[2]))
		return scn_fail(s, "\"%s\" is not a prefix", s->word[2]);
	for (unsigned i = 3; i < s->words; i++)
		snprintf(want + strlen(want), sizeof(want) - strlen(want), "%s%s",
			 want[0] ? " " : "", s->word[i]);
	tenants_walk_routes(s->world->tenants, &p, take_row, &r);
	r.origin = "advertised";
	if (!r.n)
		tenants_walk_routes(s->world->tenants, &p, take_row, &r);
	if (strcmp(r.reason, want))
		return scn_fail(s, "seen \"%s\"", r.reason);
	return true;
}

/* ---- counts ---- */

struct tenant_counts {
	const char *name;
	struct tenant_view v;
	bool found;
};

static bool take_tenant(const struct tenant_view *v, void *arg)
{
	struct tenant_counts *c = arg;

	if (strcmp(v->name, c->name))
		return true;
	c->v = *v;
	c->found = true;
	return false;
}

/* expect tenant T accepted N refused N [inactive] */
static bool expect_tenant(struct scn *s)
{
	struct tenant_counts c = {.name = s->words > 2 ? s->word[2] : ""};

	tenants_walk(s->world->tenants, take_tenant, &c);
	if (!c.found)
		return scn_fail(s, "there is no such tenant");
	if (c.v.accepted != scn_number(s, "accepted", (uint32_t)c.v.accepted) ||
	    c.v.refused != scn_number(s, "refused", (uint32_t)c.v.refused))
		return scn_fail(s, "seen accepted %zu refused %zu", c.v.accepted,
				c.v.refused);
	if (scn_has(s, "inactive") != (c.v.inactive != NULL))
		return scn_fail(s, "seen %s", c.v.inactive ?: "active");
	return true;
}

static unsigned count_lines(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* expect operations N: since they were last looked at */
static bool expect_operations(struct scn *s)
{
	unsigned want = scn_number(s, "operations", 0);
	unsigned seen = count_lines(world_trace(s->world));

	if (seen != want)
		return scn_fail(s, "expected %u operations, seen %u", want, seen);
	world_forget(s->world);
	return true;
}

/* expect trace, lines, end: all operations since they were last looked at, in order */
static bool expect_trace(struct scn *s)
{
	struct strbuf want = {0};
	unsigned line = s->line;
	bool good;

	while (scn_next(s) && !scn_begins(s, "end")) {
		for (unsigned i = 0; i < s->words; i++)
			strbuf_printf(&want, "%s%s", i ? " " : "", s->word[i]);
		strbuf_puts(&want, "\n");
	}
	good = !strcmp(strbuf_str(&want), world_trace(s->world));
	if (good) {
		world_forget(s->world);
	} else {
		s->line = line;
		scn_fail(s, "the operations below were expected, see further down for "
			    "those that were seen");
		strbuf_puts(&s->report, strbuf_str(&want));
	}
	strbuf_free(&want);
	return good;
}

/* expect nothing in kernel: none of our rules and routes is left */
static bool expect_nothing(struct scn *s)
{
	size_t n = fake_kernel_route_count(s->world->kernel) +
		   fake_kernel_rule_count(s->world->kernel);

	return n ? scn_fail(s, "expected no route or rule, seen %zu", n) : true;
}

/* expect fib pending N failed N adopted N orphans N put-back N, each if it is said */
static bool expect_fib(struct scn *s)
{
	struct fib_view v;

	fib_view(s->world->fib, &v);
	if (v.pending == scn_number(s, "pending", (uint32_t)v.pending) &&
	    v.failed == scn_number(s, "failed", (uint32_t)v.failed) &&
	    v.adopted == scn_number(s, "adopted", (uint32_t)v.adopted) &&
	    v.orphans_removed == scn_number(s, "orphans", (uint32_t)v.orphans_removed) &&
	    v.put_back == scn_number(s, "put-back", (uint32_t)v.put_back))
		return true;
	return scn_fail(
		s, "seen pending %zu failed %zu adopted %ju orphans %ju put-back %ju",
		v.pending, v.failed, (uintmax_t)v.adopted, (uintmax_t)v.orphans_removed,
		(uintmax_t)v.put_back);
}

static bool expect_rule_there(struct scn *s)
{
	return expect_rule(s, true);
}

static bool expect_no_rule(struct scn *s)
{
	return expect_rule(s, false);
}

static bool expect_advertised_there(struct scn *s)
{
	return expect_advertised(s, true);
}

static bool expect_not_advertised(struct scn *s)
{
	return expect_advertised(s, false);
}

bool scn_expect(struct scn *s)
{
	static const struct {
		const char *words;
		bool (*fn)(struct scn *s);
	} expectations[] = {
		{"expect permission", expect_permission},
		{"expect destination", expect_packet},
		{"expect source", expect_packet},
		{"expect no permission", expect_no_permission},
		{"expect route", expect_route},
		{"expect no route", expect_no_route},
		{"expect foreign route", expect_foreign},
		{"expect rule", expect_rule_there},
		{"expect no rule", expect_no_rule},
		{"expect advertised", expect_advertised_there},
		{"expect not advertised", expect_not_advertised},
		{"expect verdict", expect_verdict},
		{"expect reason", expect_reason},
		{"expect progress", expect_progress},
		{"expect tenant", expect_tenant},
		{"expect operations", expect_operations},
		{"expect trace", expect_trace},
		{"expect nothing in kernel", expect_nothing},
		{"expect fib", expect_fib},
	};

	for (size_t i = 0; i < ARRAY_SIZE(expectations); i++)
		if (scn_begins(s, expectations[i].words))
			return expectations[i].fn(s);
	return scn_fail(s, "\"expect %s\" is not known", s->words > 1 ? s->word[1] : "");
}
