/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/object.h"

#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wg/keys.h"

/* ---- which leaf is which field ---- */

/* clang-format off */
static const struct field zebra_fields[] = {
	FIELD("socket", field_read_chars, struct conf_zebra, socket),
	FIELD("zapi-version", field_read_chars, struct conf_zebra, zapi_version),
	FIELD("protocol", field_read_chars, struct conf_zebra, protocol),
	FIELD("settle-time", field_read_u16, struct conf_zebra, settle_s),
	FIELD("enabled", field_read_bool, struct conf_zebra, enabled),
};

static const struct field dataplane_fields[] = {
	FIELD("workers", field_read_u16, struct conf_dataplane, workers),
	FIELD("cpu-affinity", field_read_cpus, struct conf_dataplane, cpu_affinity),
	FIELD("receive-buffer", field_read_u32, struct conf_dataplane, receive_buffer),
	FIELD("send-buffer", field_read_u32, struct conf_dataplane, send_buffer),
	FIELD("interface-offload", field_read_bool, struct conf_dataplane, interface_offload),
	FIELD("udp-offload", field_read_bool, struct conf_dataplane, udp_offload),
};

static const struct field wgrd_fields[] = {
	FIELD_ARRAY("revoked-key", field_add_key, struct conf, revoked_key, revoked_key_count),
};

static const struct field prefix_list_fields[] = {
	FIELD("name", field_read_chars, struct conf_prefix_list, name),
};

static const struct field metrics_fields[] = {
	FIELD("listen", field_read_endpoint, struct conf_metrics, listen),
	FIELD("socket", field_read_chars, struct conf_metrics, socket),
};

static const struct field prefix_rule_fields[] = {
	FIELD("number", field_read_u32, struct conf_prefix_rule, seq),
	FIELD("action", field_read_action, struct conf_prefix_rule, action),
	FIELD("prefix", field_read_prefix, struct conf_prefix_rule, prefix),
	FIELD("ge", field_read_u8, struct conf_prefix_rule, ge),
	FIELD("le", field_read_u8, struct conf_prefix_rule, le),
};

static const struct field wireguard_fields[] = {
	FIELD("name", field_read_chars, struct conf_wireguard, name),
	FIELD("description", field_read_text, struct conf_wireguard, description),
	FIELD("backend", field_read_backend, struct conf_wireguard, backend),
	FIELD("foreign", field_read_foreign, struct conf_wireguard, foreign),
	FIELD("private-key", field_read_secret, struct conf_wireguard, private_key),
	FIELD("private-key-file", field_read_secret_file, struct conf_wireguard, private_key),
	FIELD("listen-port", field_read_u16, struct conf_wireguard, listen_port),
	FIELD("fwmark", field_read_u32, struct conf_wireguard, fwmark),
	FIELD("mtu", field_read_u16, struct conf_wireguard, mtu),
	FIELD("dscp", field_read_dscp, struct conf_wireguard, dscp),
	FIELD_ARRAY("address", field_add_address, struct conf_wireguard, address, address_count),
	FIELD("tenant", field_read_chars, struct conf_wireguard, tenant),
	FIELD("shutdown", field_read_flag, struct conf_wireguard, shutdown),
};

static const struct field own_key_fields[] = {
	FIELD("name", field_read_chars, struct conf_own_key, name),
	FIELD("private-key", field_read_secret, struct conf_own_key, private_key),
	FIELD("private-key-file", field_read_secret_file, struct conf_own_key, private_key),
};

static const struct field peer_key_fields[] = {
	FIELD("name", field_read_chars, struct conf_peer_key, name),
	FIELD_KEY("public-key", struct conf_peer_key, public_key, public_key_set),
	FIELD("preshared-key", field_read_secret, struct conf_peer_key, preshared_key),
	FIELD("preshared-key-file", field_read_secret_file, struct conf_peer_key, preshared_key),
};

static const struct field peer_fields[] = {
	FIELD("name", field_read_chars, struct conf_peer, name),
	FIELD("description", field_read_text, struct conf_peer, description),
	FIELD_KEY("public-key", struct conf_peer, public_key, public_key_set),
	FIELD("preshared-key", field_read_secret, struct conf_peer, preshared_key),
	FIELD("preshared-key-file", field_read_secret_file, struct conf_peer, preshared_key),
	FIELD("endpoint", field_read_endpoint, struct conf_peer, endpoint),
	FIELD("persistent-keepalive", field_read_u16, struct conf_peer, persistent_keepalive),
	FIELD("preempt-delay", field_read_u16, struct conf_peer, preempt_delay),
	FIELD_ARRAY("overlay-address", field_add_overlay, struct conf_peer, overlay_address,
		    overlay_address_count),
	FIELD_ARRAY("allowed-ip", field_add_prefix, struct conf_peer, allowed_ip.v,
		    allowed_ip.count),
	FIELD("prefix-list", field_read_chars, struct conf_peer, prefix_list),
	FIELD("max-prefix", field_read_u32, struct conf_peer, max_prefix),
	FIELD("max-prefix-warning", field_read_u8, struct conf_peer, max_prefix_warning),
	FIELD("max-prefix-hold", field_read_u32, struct conf_peer, max_prefix_hold),
	FIELD("advertise-always", field_read_flag, struct conf_peer, advertise_always),
	FIELD("shutdown", field_read_flag, struct conf_peer, shutdown),
};

static const struct field tenant_fields[] = {
	FIELD("name", field_read_chars, struct conf_tenant, name),
	FIELD("description", field_read_text, struct conf_tenant, description),
	FIELD("table", field_read_u32, struct conf_tenant, table),
	FIELD("priority", field_read_u32, struct conf_tenant, priority),
	FIELD("vrf", field_read_chars, struct conf_tenant, vrf),
	FIELD("learn-table", field_read_u32, struct conf_tenant, learn_table),
	FIELD("learn-direct", field_read_flag, struct conf_tenant, learn_direct),
	FIELD_ARRAY("learn-protocol", field_add_protocol, struct conf_tenant, learn_protocol,
		    learn_protocol_count),
	FIELD_ARRAY("learn-tag", field_add_u32, struct conf_tenant, learn_tag, learn_tag_count),
	FIELD_ARRAY("interface", field_add_interface, struct conf_tenant, interface,
		    interface_count),
	FIELD_ARRAY("supernet", field_add_prefix, struct conf_tenant, supernet.v, supernet.count),
	FIELD("prefix-list", field_read_chars, struct conf_tenant, prefix_list),
	FIELD_ARRAY("advertise", field_add_prefix, struct conf_tenant, advertise.v, advertise.count),
	FIELD("advertise-tag", field_read_u32, struct conf_tenant, advertise_tag),
	FIELD("advertise-instance", field_read_u8, struct conf_tenant, advertise_instance),
	FIELD("advertise-table", field_read_u32, struct conf_tenant, advertise_table),
	FIELD("advertise-kernel", field_read_flag, struct conf_tenant, advertise_kernel),
	FIELD("max-prefix", field_read_u32, struct conf_tenant, max_prefix),
	FIELD("max-prefix-warning", field_read_u8, struct conf_tenant, max_prefix_warning),
	FIELD("max-prefix-hold", field_read_u32, struct conf_tenant, max_prefix_hold),
};
/* clang-format on */

/* ---- nodes ---- */

const char *object_name(const struct lyd_node *entry)
{
	return lyd_get_value(lyd_child(entry));
}

static int cmp_entries(const void *a, const void *b)
{
	return strcmp(object_name(*(struct lyd_node *const *)a),
		      object_name(*(struct lyd_node *const *)b));
}

static bool is_called(const struct lyd_node *node, const char *name)
{
	return strcmp(node->schema->name, name) == 0;
}

const struct lyd_node **object_entries(const struct lyd_node *parent, const char *list,
				       size_t *count)
{
	const struct lyd_node *first = lyd_child(parent), *n, **entries;

	*count = 0;
	while (first && !is_called(first, list))
		first = first->next;
	/* libyang keeps the entries of a list together */
	for (n = first; n && n->schema == first->schema; n = n->next)
		++*count;
	entries = xcalloc(*count + 1, sizeof(*entries));
	n = first;
	for (size_t i = 0; i < *count; i++, n = n->next)
		entries[i] = n;
	qsort(entries, *count, sizeof(*entries), cmp_entries);
	return entries;
}

/* Of an interface there may be very many, and they stand behind its own. */
static bool is_peer(const struct lyd_node *node)
{
	return node->schema->nodetype == LYS_LIST && is_called(node, "peer");
}

/* Reads the leaves of @node into @object. Lists are the caller's. */
static int read_fields(struct build *b, const struct lyd_node *node,
		       const struct field *fields, size_t n, void *object)
{
	const struct lyd_node *child;

	for (child = lyd_child(node); child && !is_peer(child); child = child->next) {
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

#define READ(b, node, fields, object) \
	read_fields(b, node, fields, ARRAY_SIZE(fields), object)

/* ---- order ---- */

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

static int cmp_bytes(const void *a, const void *b)
{
	return *(const uint8_t *)a - *(const uint8_t *)b;
}

static int cmp_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int cmp_keys(const void *a, const void *b)
{
	return memcmp(a, b, CONF_KEY_LEN);
}

/* ---- keys ---- */

/* The list additional-key below @parent, into *@keys, elements of @size bytes. */
static int read_keys(struct build *b, const struct lyd_node *parent,
		     const struct field *fields, size_t n_fields, size_t size, void *keys,
		     size_t *count)
{
	const struct lyd_node *first = lyd_child(parent), **entries;
	int err = 0;
	size_t n;
	char *v;

	while (first && !is_called(first, "additional-key") && !is_peer(first))
		first = first->next;
	if (!first || is_peer(first))
		return 0;
	entries = object_entries(parent, "additional-key", &n);
	v = xcalloc(n, size);
	memcpy(keys, &v, sizeof(v));
	while (*count < n && !err) {
		size_t i = (*count)++;

		b->at.key = object_name(entries[i]);
		err = read_fields(b, entries[i], fields, n_fields, v + i * size);
	}
	free(entries);
	if (!err)
		b->at.key = NULL;
	return err;
}

/* Costs a multiplication on the curve, unless the key is the one that @was has. */
static void find_public_key(uint8_t public_key[static CONF_KEY_LEN],
			    const struct conf_secret *s, const struct conf_secret *was,
			    const uint8_t *was_public)
{
	if (!s->set)
		return;
	if (was && was->set && memcmp(was->key, s->key, CONF_KEY_LEN) == 0)
		memcpy(public_key, was_public, CONF_KEY_LEN);
	else
		wg_key_public(public_key, s->key);
}

/* ---- objects ---- */

int object_read_wireguard(struct build *b, const struct lyd_node *node,
			  const struct conf_wireguard *was, struct conf_wireguard *w)
{
	int err;

	b->at = (struct refusal_at){.top = "wireguard", .name = object_name(node)};
	err = READ(b, node, wireguard_fields, w);
	if (!err)
		err = read_keys(b, node, own_key_fields, ARRAY_SIZE(own_key_fields),
				sizeof(*w->additional_key), &w->additional_key,
				&w->additional_key_count);
	find_public_key(w->public_key, &w->private_key, was ? &was->private_key : NULL,
			was ? was->public_key : NULL);
	for (size_t i = 0; i < w->additional_key_count; i++)
		find_public_key(w->additional_key[i].public_key,
				&w->additional_key[i].private_key, NULL, NULL);
	return err;
}

int object_read_peer(struct build *b, const struct lyd_node *node, struct conf_peer *p)
{
	int err;

	b->at.peer = object_name(node);
	err = READ(b, node, peer_fields, p);
	sort_prefixes(&p->allowed_ip);
	return err
		       ?: read_keys(b, node, peer_key_fields, ARRAY_SIZE(peer_key_fields),
				    sizeof(*p->additional_key), &p->additional_key,
				    &p->additional_key_count);
}

int object_read_tenant(struct build *b, const struct lyd_node *node,
		       struct conf_tenant *t)
{
	int err;

	b->at = (struct refusal_at){.top = "tenant", .name = object_name(node)};
	err = READ(b, node, tenant_fields, t);
	sort_prefixes(&t->supernet);
	sort_prefixes(&t->advertise);
	if (t->learn_protocol_count > 1)
		qsort(t->learn_protocol, t->learn_protocol_count, 1, cmp_bytes);
	if (t->learn_tag_count > 1)
		qsort(t->learn_tag, t->learn_tag_count, sizeof(*t->learn_tag),
		      cmp_numbers);
	if (t->interface_count > 1)
		qsort(t->interface, t->interface_count, sizeof(*t->interface),
		      cmp_interfaces);
	return err;
}

int object_read_prefix_list(struct build *b, const struct lyd_node *node,
			    struct conf_prefix_list *l)
{
	const struct lyd_node **entries;
	size_t n;
	int err;

	b->at = (struct refusal_at){.top = "prefix-list", .name = object_name(node)};
	err = READ(b, node, prefix_list_fields, l);
	if (err)
		return err;
	entries = object_entries(node, "seq", &n);
	l->rule = xcalloc(n + 1, sizeof(*l->rule));
	while (l->rule_count < n && !err) {
		size_t i = l->rule_count++;

		b->at.key = object_name(entries[i]);
		err = READ(b, entries[i], prefix_rule_fields, &l->rule[i]);
	}
	free(entries);
	if (!err)
		conf_prefix_list_index(l);
	return err;
}

/* The leaves of the container @name. */
static int read_container(struct build *b, const struct lyd_node *wgrd, const char *name,
			  const struct field *fields, size_t n, void *object)
{
	const struct lyd_node *child = lyd_child(wgrd);

	b->at = (struct refusal_at){.top = name};
	while (child && !is_called(child, name))
		child = child->next;
	return child ? read_fields(b, child, fields, n, object) : 0;
}

int object_read_top(struct build *b, const struct lyd_node *wgrd, struct conf *c)
{
	int err = read_container(b, wgrd, "zebra", zebra_fields, ARRAY_SIZE(zebra_fields),
				 &c->zebra);

	if (!err)
		err = read_container(b, wgrd, "dataplane", dataplane_fields,
				     ARRAY_SIZE(dataplane_fields), &c->dataplane);
	if (!err)
		err = read_container(b, wgrd, "metrics", metrics_fields,
				     ARRAY_SIZE(metrics_fields), &c->metrics);
	if (!err)
		err = READ(b, wgrd, wgrd_fields, c);
	if (c->revoked_key_count > 1)
		qsort(c->revoked_key, c->revoked_key_count, CONF_KEY_LEN, cmp_keys);
	return err;
}
