/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/conf_build.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/field.h"

/* ---- which leaf is which field ---- */

/* clang-format off */
static const struct field zebra_fields[] = {
	FIELD("socket", field_read_chars, struct conf_zebra, socket),
	FIELD("protocol", field_read_chars, struct conf_zebra, protocol),
	FIELD("settle-time", field_read_u16, struct conf_zebra, settle_s),
	FIELD("enabled", field_read_bool, struct conf_zebra, enabled),
};

static const struct field wireguard_fields[] = {
	FIELD("name", field_read_chars, struct conf_wireguard, name),
	FIELD("description", field_read_text, struct conf_wireguard, description),
	FIELD("private-key", field_read_secret, struct conf_wireguard, private_key),
	FIELD("private-key-file", field_read_secret_file, struct conf_wireguard, private_key),
	FIELD("listen-port", field_read_u16, struct conf_wireguard, listen_port),
	FIELD("fwmark", field_read_u32, struct conf_wireguard, fwmark),
	FIELD("mtu", field_read_u16, struct conf_wireguard, mtu),
	FIELD_ARRAY("address", field_add_address, struct conf_wireguard, address, address_count),
	FIELD("tenant", field_read_chars, struct conf_wireguard, tenant),
	FIELD("shutdown", field_read_flag, struct conf_wireguard, shutdown),
};

static const struct field peer_fields[] = {
	FIELD("name", field_read_chars, struct conf_peer, name),
	FIELD("description", field_read_text, struct conf_peer, description),
	FIELD("public-key", field_read_public_key, struct conf_peer, public_key),
	FIELD("preshared-key", field_read_secret, struct conf_peer, preshared_key),
	FIELD("preshared-key-file", field_read_secret_file, struct conf_peer, preshared_key),
	FIELD("endpoint", field_read_endpoint, struct conf_peer, endpoint),
	FIELD("persistent-keepalive", field_read_u16, struct conf_peer, persistent_keepalive),
	FIELD_ARRAY("overlay-address", field_add_overlay, struct conf_peer, overlay_address,
		    overlay_address_count),
	FIELD_ARRAY("allowed-ip", field_add_prefix, struct conf_peer, allowed_ip.v,
		    allowed_ip.count),
	FIELD("max-prefix", field_read_u32, struct conf_peer, max_prefix),
	FIELD("shutdown", field_read_flag, struct conf_peer, shutdown),
};

static const struct field tenant_fields[] = {
	FIELD("name", field_read_chars, struct conf_tenant, name),
	FIELD("description", field_read_text, struct conf_tenant, description),
	FIELD("table", field_read_u32, struct conf_tenant, table),
	FIELD("priority", field_read_u32, struct conf_tenant, priority),
	FIELD("vrf", field_read_chars, struct conf_tenant, vrf),
	FIELD_ARRAY("interface", field_add_interface, struct conf_tenant, interface,
		    interface_count),
	FIELD_ARRAY("supernet", field_add_prefix, struct conf_tenant, supernet.v, supernet.count),
	FIELD_ARRAY("advertise", field_add_prefix, struct conf_tenant, advertise.v, advertise.count),
	FIELD("advertise-tag", field_read_u32, struct conf_tenant, advertise_tag),
	FIELD("max-prefix", field_read_u32, struct conf_tenant, max_prefix),
};
/* clang-format on */

/* Reads the leaves of @node into @object. Lists are the caller's. */
static int read_fields(struct build *b, const struct lyd_node *node,
		       const struct field *fields, size_t n, void *object)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(node), child)
	{
		const char *name = child->schema->name;
		size_t i = 0;
		int err;

		if (!(child->schema->nodetype & LYD_NODE_TERM))
			continue;
		while (i < n && strcmp(fields[i].leaf, name) != 0)
			i++;
		b->at.leaf = name;
		if (i == n)
			return refuse(b->refusal, &b->at,
				      "%s: the model has it, but this program does not",
				      name);
		err = fields[i].read(b, child, &fields[i], object);
		if (err)
			return err;
	}
	b->at.leaf = NULL;
	return 0;
}

/* ---- lists, in the order of their names ---- */

static const char *entry_name(const struct lyd_node *entry)
{
	return lyd_get_value(lyd_child(entry));
}

static int cmp_entries(const void *a, const void *b)
{
	return strcmp(entry_name(*(struct lyd_node *const *)a),
		      entry_name(*(struct lyd_node *const *)b));
}

/*
 * Gives the entries of the list @name below @parent, sorted; NULL when there are none.
 * Pointers are sorted here rather than the objects afterwards, because these hold secrets
 * and qsort() may work on a copy.
 */
static int list_entries(struct build *b, const struct lyd_node *parent, const char *name,
			const struct lyd_node ***entries, size_t *count)
{
	const struct lyd_node *child;
	size_t n = 0;

	*entries = NULL;
	*count = 0;
	LY_LIST_FOR(lyd_child(parent), child)
	{
		if (strcmp(child->schema->name, name) == 0)
			n++;
	}
	if (n == 0)
		return 0;
	*entries = calloc(n, sizeof(**entries));
	if (!*entries)
		return refuse_no_memory(b->refusal);
	LY_LIST_FOR(lyd_child(parent), child)
	{
		if (strcmp(child->schema->name, name) == 0)
			(*entries)[(*count)++] = child;
	}
	qsort(*entries, n, sizeof(**entries), cmp_entries);
	return 0;
}

static int cmp_prefixes(const void *a, const void *b)
{
	return prefix_cmp(a, b);
}

static void sort_prefixes(struct conf_prefixes *p)
{
	if (p->count > 1)
		qsort(p->v, p->count, sizeof(*p->v), cmp_prefixes);
}

static int cmp_interfaces(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int build_peer(struct build *b, const struct lyd_node *entry, struct conf_peer *p)
{
	int err;

	b->at.peer = entry_name(entry);
	err = read_fields(b, entry, peer_fields, ARRAY_SIZE(peer_fields), p);
	sort_prefixes(&p->allowed_ip);
	return err;
}

static int build_peers(struct build *b, const struct lyd_node *node,
		       struct conf_wireguard *w)
{
	const struct lyd_node **entries;
	size_t n;
	int err = list_entries(b, node, "peer", &entries, &n);

	if (err || n == 0)
		return err;
	w->peer = calloc(n, sizeof(*w->peer));
	if (!w->peer)
		err = refuse_no_memory(b->refusal);
	while (w->peer_count < n && !err) {
		size_t i = w->peer_count++;

		err = build_peer(b, entries[i], &w->peer[i]);
	}
	free(entries);
	return err;
}

static int build_wireguard(struct build *b, const struct lyd_node *entry,
			   struct conf_wireguard *w)
{
	int err;

	b->at = (struct refusal_at){.top = "wireguard", .name = entry_name(entry)};
	err = read_fields(b, entry, wireguard_fields, ARRAY_SIZE(wireguard_fields), w);
	return err ?: build_peers(b, entry, w);
}

static int build_wireguards(struct build *b, const struct lyd_node *wgrd, struct conf *c)
{
	const struct lyd_node **entries;
	size_t n;
	int err = list_entries(b, wgrd, "wireguard", &entries, &n);

	if (err || n == 0)
		return err;
	c->wireguard = calloc(n, sizeof(*c->wireguard));
	if (!c->wireguard)
		err = refuse_no_memory(b->refusal);
	while (c->wireguard_count < n && !err) {
		size_t i = c->wireguard_count++;

		err = build_wireguard(b, entries[i], &c->wireguard[i]);
	}
	free(entries);
	return err;
}

static int build_tenant(struct build *b, const struct lyd_node *entry,
			struct conf_tenant *t)
{
	int err;

	b->at = (struct refusal_at){.top = "tenant", .name = entry_name(entry)};
	err = read_fields(b, entry, tenant_fields, ARRAY_SIZE(tenant_fields), t);
	sort_prefixes(&t->supernet);
	sort_prefixes(&t->advertise);
	if (t->interface_count > 1)
		qsort(t->interface, t->interface_count, sizeof(*t->interface),
		      cmp_interfaces);
	return err;
}

static int build_tenants(struct build *b, const struct lyd_node *wgrd, struct conf *c)
{
	const struct lyd_node **entries;
	size_t n;
	int err = list_entries(b, wgrd, "tenant", &entries, &n);

	if (err || n == 0)
		return err;
	c->tenant = calloc(n, sizeof(*c->tenant));
	if (!c->tenant)
		err = refuse_no_memory(b->refusal);
	while (c->tenant_count < n && !err) {
		size_t i = c->tenant_count++;

		err = build_tenant(b, entries[i], &c->tenant[i]);
	}
	free(entries);
	return err;
}

static int build_zebra(struct build *b, const struct lyd_node *wgrd, struct conf *c)
{
	const struct lyd_node *child;

	b->at = (struct refusal_at){.top = "zebra"};
	LY_LIST_FOR(lyd_child(wgrd), child)
	{
		if (strcmp(child->schema->name, "zebra") == 0)
			return read_fields(b, child, zebra_fields,
					   ARRAY_SIZE(zebra_fields), &c->zebra);
	}
	return 0;
}

int conf_build(const struct lyd_node *wgrd, struct conf **out, struct refusal *r)
{
	struct build b = {.refusal = r};
	struct conf *c = xcalloc(1, sizeof(*c));
	int err = build_zebra(&b, wgrd, c);

	if (!err)
		err = build_wireguards(&b, wgrd, c);
	if (!err)
		err = build_tenants(&b, wgrd, c);
	if (err) {
		conf_free(c);
		return err;
	}
	*out = c;
	return 0;
}
