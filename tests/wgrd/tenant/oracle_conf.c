/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/tenant/oracle_conf.h"

#include <stdio.h>
#include <string.h>

/* ---- the configuration, asked simply ---- */

/* The VRF of the RIB that @t, NULL for the built-in tenant, learns from. */
static const char *source_of(const struct conf_tenant *t,
			     char buf[static RIB_VRF_NAME_LEN])
{
	if (t && t->learn_table)
		return rib_table_name(t->learn_table, buf);
	return t ? t->vrf : "default";
}

bool oracle_learns_from(const struct conf *c, const struct conf_wireguard *d,
			const char *vrf)
{
	char buf[RIB_VRF_NAME_LEN];

	return !strcmp(source_of(conf_find_tenant(c, d->tenant), buf), vrf);
}

static bool has_tag(const struct conf_tenant *t, uint32_t tag)
{
	for (size_t i = 0; t && i < t->learn_tag_count; i++)
		if (t->learn_tag[i] == tag)
			return true;
	return false;
}

bool oracle_takes(const struct conf *c, const struct conf_wireguard *d, uint32_t tag)
{
	const struct conf_tenant *own = conf_find_tenant(c, d->tenant);

	if (own && own->learn_tag_count)
		return has_tag(own, tag);
	for (size_t i = 0; i < c->tenant_count; i++) {
		char buf[RIB_VRF_NAME_LEN];

		if (oracle_learns_from(c, d, source_of(c->tenant[i], buf)) &&
		    has_tag(c->tenant[i], tag))
			return false;
	}
	return true;
}

bool oracle_usable(const struct conf_wireguard *d, const struct conf_peer *p)
{
	return !d->shutdown && !p->shutdown && !p->revoked && p->public_key_set;
}

bool oracle_has_overlay(const struct conf_peer *p, const struct ip_addr *a)
{
	for (size_t i = 0; i < p->overlay_address_count; i++)
		if (ip_addr_equal(&p->overlay_address[i], a))
			return true;
	return false;
}

static bool has_static(const struct conf_peer *p, const struct prefix *prefix)
{
	for (size_t i = 0; i < p->allowed_ip.count; i++)
		if (prefix_equal(&p->allowed_ip.v[i], prefix))
			return true;
	return false;
}

int oracle_cover_of(const struct conf_peer *p, const struct ip_addr *gate, bool recursive)
{
	int len = -1;

	for (size_t j = 0; j < p->allowed_ip.count; j++) {
		const struct prefix *s = &p->allowed_ip.v[j];

		if (prefix_has_addr(s, gate) && s->len > len &&
		    !(recursive && s->len == 0))
			len = s->len;
	}
	return len;
}

unsigned oracle_covers(const struct conf_wireguard *d, const struct ip_addr *gate,
		       bool recursive, const struct conf_peer *v[static ORACLE_WAYS])
{
	unsigned n = 0;

	for (int len = 128; len >= 0; len--)
		for (size_t i = 0; i < d->peer_count && n < ORACLE_WAYS; i++)
			if (oracle_usable(d, d->peer[i]) &&
			    oracle_cover_of(d->peer[i], gate, recursive) == len)
				v[n++] = d->peer[i];
	return n;
}

/* 0: connected, 1: overlay, 2: static; 3: no claim of @p. */
static int claim_rank(const struct conf_wireguard *d, const struct conf_peer *p,
		      const struct prefix *prefix)
{
	struct prefix host = prefix_host(&prefix->addr);

	if (!oracle_usable(d, p))
		return 3;
	if (prefix_equal(&host, prefix) && oracle_has_overlay(p, &prefix->addr))
		return 1;
	return has_static(p, prefix) ? 2 : 3;
}

/* The peer of @d that has @prefix without any routing daemon, or NULL. */
static const struct conf_peer *holder(const struct conf_wireguard *d,
				      const struct prefix *prefix, int *rank)
{
	const struct conf_peer *best = NULL;

	*rank = 3;
	for (size_t i = 0; i < d->peer_count; i++) {
		int r = claim_rank(d, d->peer[i], prefix);

		if (r < *rank) {
			*rank = r;
			best = d->peer[i];
		}
	}
	return best;
}

static bool is_connected_to(const struct ip_addr *a, unsigned len, const struct prefix *p)
{
	return len == p->len && len < prefix_max_len(a->family) &&
	       prefix_has_addr(p, a) && !ip_addr_is_linklocal(a);
}

/* The interface over which @prefix is connected in the tenant; the first by name. */
static const char *connected_over(struct world *w, const char *tenant,
				  const struct prefix *prefix)
{
	const struct conf_tenant *t = conf_find_tenant(w->conf, tenant);
	const char *best = NULL;

	for (size_t i = 0; i < w->conf->wireguard_count; i++) {
		const struct conf_wireguard *d = w->conf->wireguard[i];

		for (size_t j = 0; !d->shutdown && j < d->address_count; j++)
			if (!strcmp(d->tenant, tenant) &&
			    is_connected_to(&d->address[j].addr, d->address[j].len,
					    prefix) &&
			    (!best || strcmp(d->name, best) < 0))
				best = d->name;
	}
	for (const struct world_link *l = w->links; l; l = l->next)
		for (size_t i = 0; t && l->link.up && i < t->interface_count; i++)
			for (size_t j = 0; j < l->link.address_count; j++)
				if (!strcmp(t->interface[i], l->link.name) &&
				    is_connected_to(&l->link.address[j].addr,
						    l->link.address[j].len, prefix) &&
				    (!best || strcmp(l->link.name, best) < 0))
					best = l->link.name;
	return best;
}

/* Over which interface the tenant has @prefix by itself, or NULL. */
const char *oracle_local_device(struct world *w, const char *tenant,
				const struct prefix *prefix)
{
	const char *best = connected_over(w, tenant, prefix);
	int best_rank = best ? 0 : 3;

	for (size_t i = 0; i < w->conf->wireguard_count; i++) {
		const struct conf_wireguard *d = w->conf->wireguard[i];
		int rank;

		if (!strcmp(d->tenant, tenant) && holder(d, prefix, &rank) &&
		    rank < best_rank) {
			best_rank = rank;
			best = d->name;
		}
	}
	return best;
}

bool oracle_list_permits(const struct conf *c, const char *name, const struct prefix *p)
{
	const struct conf_prefix_rule *best = NULL;

	for (size_t i = 0; i < c->prefix_list_count; i++) {
		const struct conf_prefix_list *l = c->prefix_list[i];

		for (size_t j = 0; !strcmp(l->name, name) && j < l->rule_count; j++) {
			const struct conf_prefix_rule *r = &l->rule[j];
			bool length = p->len == r->prefix.len;

			if (r->ge || r->le)
				length = p->len >= r->ge && (!r->le || p->len <= r->le);
			if (length && prefix_contains(&r->prefix, p) &&
			    (!best || r->seq < best->seq))
				best = r;
		}
	}
	return !*name || (best && best->action == CONF_ACTION_PERMIT);
}

/* ---- what the configuration alone asks for ---- */

/* Those that stand in for @peer at its own address. */
static void add_backups(struct strbuf *members, const struct conf_wireguard *d,
			const struct conf_peer *peer, const struct ip_addr *a)
{
	const struct conf_peer *cover[ORACLE_WAYS];
	unsigned covers = oracle_covers(d, a, false, cover), rank = 0;

	for (unsigned i = 0; i < covers && rank < ORACLE_WAYS - 1; i++)
		if (cover[i] != peer)
			strbuf_printf(members, " %s/%u", cover[i]->name, ++rank);
}

static void print_local_permission(struct strbuf *out, const struct conf_wireguard *d,
				   const struct prefix *p)
{
	struct strbuf members = {0};
	char prefix[PREFIX_STRLEN];
	int rank;
	const struct conf_peer *peer = holder(d, p, &rank);

	prefix_str(p, prefix);
	if (!peer)
		return;
	strbuf_puts(&members, peer->name);
	if (rank == 1 && !ip_addr_is_linklocal(&p->addr) && !peer->preempt_delay)
		add_backups(&members, d, peer, &p->addr);
	strbuf_printf(out, "egress %s %s %s\ningress %s %s %s\n", d->name, prefix,
		      strbuf_str(&members), d->name, prefix, strbuf_str(&members));
	strbuf_free(&members);
}

static void print_local_route(struct world *w, struct strbuf *out, const char *tenant,
			      const struct prefix *p)
{
	const struct conf_tenant *t = conf_find_tenant(w->conf, tenant);
	const char *dev = oracle_local_device(w, tenant, p);
	char prefix[PREFIX_STRLEN];

	if (t && t->table && dev && !ip_addr_is_linklocal(&p->addr))
		strbuf_printf(out, "%s table %u metric 20 oif %u\n",
			      prefix_str(p, prefix), t->table, world_ifindex(w, dev));
}

void oracle_print_device(struct world *w, struct strbuf *out,
			 const struct conf_wireguard *d)
{
	for (size_t i = 0; i < d->peer_count; i++) {
		const struct conf_peer *p = d->peer[i];

		for (size_t j = 0; j < p->overlay_address_count; j++) {
			struct prefix host = prefix_host(&p->overlay_address[j]);

			print_local_permission(out, d, &host);
			print_local_route(w, out, d->tenant, &host);
		}
		for (size_t j = 0; j < p->allowed_ip.count; j++) {
			print_local_permission(out, d, &p->allowed_ip.v[j]);
			print_local_route(w, out, d->tenant, &p->allowed_ip.v[j]);
		}
	}
	for (size_t i = 0; i < d->address_count; i++) {
		struct prefix net = {.addr = d->address[i].addr,
				     .len = d->address[i].len};

		prefix_mask(&net);
		print_local_route(w, out, d->tenant, &net);
	}
}

static void print_rules(struct strbuf *out, const struct conf_tenant *t, const char *iif)
{
	strbuf_printf(out, "IPv4 %u: iif %s lookup %u\nIPv6 %u: iif %s lookup %u\n",
		      t->priority, iif, t->table, t->priority, iif, t->table);
}

static bool answers(struct world *w, const struct conf_wireguard *d,
		    const struct conf_peer *p)
{
	const struct wg_device *dev = wg_device_find(w->wg, d->name);
	const struct wg_peer *peer = dev ? wg_peer_find(dev, p->name) : NULL;
	struct wg_peer_view v = {.session = WG_SESSION_NONE};

	if (peer)
		wg_peer_view(peer, &v);
	return oracle_usable(d, p) && v.session == WG_SESSION_UP;
}

/* Any usable one of them comes before all that are not; then by rank, device and name. */
static bool is_held_back(struct world *w, const struct conf_tenant *t,
			 const struct prefix *prefix)
{
	const struct prefix host = prefix_host(&prefix->addr);

	if (connected_over(w, t->name, prefix))
		return false;
	for (int unusable = 0; unusable < 2; unusable++)
		for (int statics = 0; statics < 2; statics++)
			for (size_t i = 0; i < w->conf->wireguard_count; i++) {
				const struct conf_wireguard *d = w->conf->wireguard[i];

				for (size_t j = 0; j < d->peer_count; j++) {
					const struct conf_peer *p = d->peer[j];
					bool has =
						statics ? has_static(p, prefix)
							: prefix_equal(&host, prefix) &&
								  oracle_has_overlay(
									  p,
									  &prefix->addr);

					if (!strcmp(d->tenant, t->name) && has &&
					    oracle_usable(d, p) == !unusable)
						return !p->advertise_always &&
						       !answers(w, d, p);
				}
			}
	return false;
}

/* 0: there is none. */
static uint32_t table_of_vrf(const struct world *w, const char *vrf)
{
	if (!strcmp(vrf, "default"))
		return 254;
	for (const struct world_link *l = w->links; l; l = l->next)
		if (!strcmp(l->link.name, vrf))
			return l->link.vrf_table;
	return 0;
}

/* The line up to where two tenants that give the same to the same differ. False: it goes nowhere. */
static bool advert_head(const struct world *w, const struct conf_tenant *t,
			const struct prefix *p, char *line, size_t len)
{
	uint32_t table =
		t->advertise_kernel ? table_of_vrf(w, t->vrf) : t->advertise_table;
	char prefix[PREFIX_STRLEN];

	prefix_str(p, prefix);
	if (table)
		snprintf(line, len, "%s table %u metric %u ", prefix, table,
			 t->advertise_kernel ? 2516582400u : 20);
	else
		snprintf(line, len, "advert %s %s ", t->vrf, prefix);
	return table || !t->advertise_kernel;
}

static void print_adverts(struct world *w, struct strbuf *out,
			  const struct conf_tenant *t)
{
	const struct conf_wireguard *over = NULL;

	for (size_t i = 0; !over && i < w->conf->wireguard_count; i++)
		if (!strcmp(w->conf->wireguard[i]->tenant, t->name) &&
		    !w->conf->wireguard[i]->shutdown)
			over = w->conf->wireguard[i];
	for (size_t i = 0; over && i < t->advertise.count; i++) {
		const struct prefix *p = &t->advertise.v[i];
		bool v4 = p->addr.family == AF_INET;
		char line[160];

		if (is_held_back(w, t, p) || !advert_head(w, t, p, line, sizeof(line)) ||
		    strstr(strbuf_str(out), line))
			continue;
		if (line[0] == 'a')
			strbuf_printf(out, "%s%s tag %u instance %u\n", line, over->name,
				      t->advertise_tag, v4 ? t->advertise_instance : 0);
		else
			strbuf_printf(out, "%soif %u\n", line,
				      world_ifindex(w, over->name));
	}
}

void oracle_print_tenant(struct world *w, struct strbuf *out, const struct conf_tenant *t)
{
	print_adverts(w, out, t);
	if (!t->table)
		return;
	strbuf_printf(out,
		      "unreachable 0.0.0.0/0 table %u metric 4294967295\n"
		      "unreachable ::/0 table %u metric 4294967295\n",
		      t->table, t->table);
	for (size_t i = 0; i < w->conf->wireguard_count; i++)
		if (!strcmp(w->conf->wireguard[i]->tenant, t->name))
			print_rules(out, t, w->conf->wireguard[i]->name);
	for (size_t i = 0; i < t->interface_count; i++) {
		print_rules(out, t, t->interface[i]);
		for (const struct world_link *l = w->links; l; l = l->next)
			for (size_t j = 0; j < l->link.address_count; j++) {
				struct prefix net = {.addr = l->link.address[j].addr,
						     .len = l->link.address[j].len};

				prefix_mask(&net);
				print_local_route(w, out, t->name, &net);
			}
	}
}
