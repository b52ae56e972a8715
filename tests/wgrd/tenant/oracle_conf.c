/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/tenant/oracle_conf.h"

#include <stdio.h>
#include <string.h>

/* ---- the configuration, asked simply ---- */

const char *oracle_vrf_of(const struct conf *c, const struct conf_wireguard *d)
{
	const struct conf_tenant *t = conf_find_tenant(c, d->tenant);

	return t ? t->vrf : "default";
}

bool oracle_usable(const struct conf_wireguard *d, const struct conf_peer *p)
{
	return !d->shutdown && !p->shutdown && p->public_key_set;
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
		int r = claim_rank(d, &d->peer[i], prefix);

		if (r < *rank) {
			*rank = r;
			best = &d->peer[i];
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
		const struct conf_wireguard *d = &w->conf->wireguard[i];

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
		const struct conf_wireguard *d = &w->conf->wireguard[i];
		int rank;

		if (!strcmp(d->tenant, tenant) && holder(d, prefix, &rank) &&
		    rank < best_rank) {
			best_rank = rank;
			best = d->name;
		}
	}
	return best;
}

/* ---- what the configuration alone asks for ---- */

static void print_local_permission(struct strbuf *out, const struct conf_wireguard *d,
				   const struct prefix *p)
{
	char prefix[PREFIX_STRLEN];
	int rank;
	const struct conf_peer *peer = holder(d, p, &rank);

	prefix_str(p, prefix);
	if (peer)
		strbuf_printf(out, "egress %s %s %s\ningress %s %s %s\n", d->name, prefix,
			      peer->name, d->name, prefix, peer->name);
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
		const struct conf_peer *p = &d->peer[i];

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

static void print_adverts(struct world *w, struct strbuf *out,
			  const struct conf_tenant *t)
{
	const struct conf_wireguard *over = NULL;

	for (size_t i = 0; !over && i < w->conf->wireguard_count; i++)
		if (!strcmp(w->conf->wireguard[i].tenant, t->name) &&
		    !w->conf->wireguard[i].shutdown)
			over = &w->conf->wireguard[i];
	for (size_t i = 0; over && i < t->advertise.count; i++) {
		char line[160], prefix[PREFIX_STRLEN];

		prefix_str(&t->advertise.v[i], prefix);
		snprintf(line, sizeof(line), "advert %s %s ", t->vrf, prefix);
		if (!strstr(strbuf_str(out), line))
			strbuf_printf(out, "%s%s tag %u\n", line, over->name,
				      t->advertise_tag);
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
		if (!strcmp(w->conf->wireguard[i].tenant, t->name))
			print_rules(out, t, w->conf->wireguard[i].name);
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
