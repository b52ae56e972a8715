/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "wgrd/conf/validate.h"

static int check_tables(const struct conf *c, struct refusal *r)
{
	struct claims claims = {0};
	int err = 0;

	for (size_t i = 0; i < c->tenant_count && !err; i++) {
		const struct conf_tenant *t = c->tenant[i], *other;
		const struct refusal_at at = {"tenant", t->name, NULL,
					      "table",  NULL,    NULL};
		struct claim_key k = {.len = 0};
		const struct claim *first;

		if (!t->table)
			continue;
		claim_key_add(&k, &t->table, sizeof(t->table));
		first = claims_add(&claims, &k, t, NULL);
		if (!first)
			continue;
		other = first->owner;
		err = refuse(r, &at,
			     "table %u is also that of tenant %s; expected one of its "
			     "own",
			     t->table, other->name);
	}
	claims_free(&claims);
	return err;
}

static const struct conf_tenant *tenant_of_table(const struct conf *c, uint32_t table)
{
	for (size_t i = 0; i < c->tenant_count; i++)
		if (c->tenant[i]->table == table)
			return c->tenant[i];
	return NULL;
}

/*
 * A table that is learned from, or that BIRD is to learn from, is nobody's own: what is decided
 * would be heard again. One tenant may have it for both; what is ours is not learned.
 */
static int claim_exchange(const struct conf *c, const struct conf_tenant *t,
			  const char *leaf, uint32_t table, struct claims *claims,
			  struct refusal *r)
{
	const struct refusal_at at = {"tenant", t->name, NULL, leaf, NULL, NULL};
	const struct conf_tenant *owner = table ? tenant_of_table(c, table) : NULL;
	struct claim_key k = {.len = 0};
	const struct claim *first;
	const char *other;

	if (owner)
		return refuse(r, &at,
			      "%s %u is the table that tenant %s is routed in; expected "
			      "another one",
			      leaf, table, owner->name);
	if (!table)
		return 0;
	claim_key_add(&k, &table, sizeof(table));
	first = claims_add(claims, &k, t, leaf);
	if (!first)
		return 0;
	owner = first->owner;
	other = first->what;
	return refuse(r, &at,
		      "%s is also the %s of tenant %s; expected a table of its own", leaf,
		      other, owner->name);
}

static int check_exchanges(const struct conf *c, struct refusal *r)
{
	struct claims claims = {0};
	int err = 0;

	for (size_t i = 0; i < c->tenant_count && !err; i++) {
		const struct conf_tenant *t = c->tenant[i];

		err = claim_exchange(c, t, "learn-table", t->learn_table, &claims, r);
		if (!err && t->advertise_table != t->learn_table)
			err = claim_exchange(c, t, "advertise-table", t->advertise_table,
					     &claims, r);
	}
	claims_free(&claims);
	return err;
}

static int claim_interface(const struct conf *c, const struct conf_tenant *t,
			   const char *name, struct claims *claims, struct refusal *r)
{
	const struct refusal_at at = {"tenant", t->name, NULL, "interface", name, NULL};
	const struct conf_tenant *other;
	struct claim_key k = {.len = 0};
	const struct claim *first;

	if (conf_find_wireguard(c, name))
		return refuse(r, &at,
			      "interface %s is a wireguard interface; expected a local "
			      "one "
			      "(write 'tenant %s' below 'wireguard %s' instead)",
			      name, t->name, name);
	claim_key_add(&k, name, strlen(name));
	first = claims_add(claims, &k, t, name);
	if (!first)
		return 0;
	other = first->owner;
	return refuse(r, &at,
		      "interface %s is also in tenant %s; expected it in one tenant",
		      name, other->name);
}

static int check_interfaces(const struct conf *c, struct refusal *r)
{
	struct claims claims = {0};
	int err = 0;

	for (size_t i = 0; i < c->tenant_count && !err; i++) {
		const struct conf_tenant *t = c->tenant[i];

		for (size_t j = 0; j < t->interface_count && !err; j++)
			err = claim_interface(c, t, t->interface[j], &claims, r);
	}
	claims_free(&claims);
	return err;
}

/* Sorted prefixes: the same two stand side by side. */
static int check_twice(const struct conf_tenant *t, const char *leaf,
		       const struct conf_prefixes *set, struct refusal *r)
{
	char text[PREFIX_STRLEN];
	const struct refusal_at at = {"tenant", t->name, NULL, leaf, text, NULL};

	for (size_t i = 1; i < set->count; i++) {
		if (!prefix_equal(&set->v[i - 1], &set->v[i]))
			continue;
		return refuse(r, &at, "%s %s is there twice; expected it once", leaf,
			      prefix_str(&set->v[i], text));
	}
	return 0;
}

/* What no two tenants of a VRF may have. */
static struct claim_key key_in_vrf(const struct conf_tenant *t)
{
	struct claim_key k = {.len = 0};

	claim_key_add(&k, t->vrf, strlen(t->vrf) + 1);
	return k;
}

static int claim_advertised(const struct conf_tenant *t, const struct prefix *p,
			    struct claims *claims, struct refusal *r)
{
	struct claim_key k = key_in_vrf(t);
	const struct conf_tenant *other;
	const struct claim *first;
	char text[PREFIX_STRLEN];
	const struct refusal_at at = {"tenant", t->name, NULL, "advertise", text, NULL};

	claim_key_add_prefix(&k, p);
	first = claims_add(claims, &k, t, p);
	if (!first)
		return 0;
	other = first->owner;
	prefix_str(p, text);
	return refuse(r, &at,
		      "advertise %s is also in tenant %s of the same vrf %s; expected it "
		      "in one of them",
		      text, other->name, t->vrf);
}

/* In a table of its own it is nobody else's business; but zebra has one RIB for a VRF, with what
 * is in the kernel's table of it. */
static int check_advertised(const struct conf *c, struct refusal *r)
{
	struct claims claims = {0};
	int err = 0;

	for (size_t i = 0; i < c->tenant_count && !err; i++) {
		const struct conf_tenant *t = c->tenant[i];

		for (size_t j = 0; j < t->advertise.count && !t->advertise_table && !err;
		     j++)
			err = claim_advertised(t, &t->advertise.v[j], &claims, r);
	}
	claims_free(&claims);
	return err;
}

static int claim_tag(const struct conf_tenant *t, uint32_t tag, struct claims *claims,
		     struct refusal *r)
{
	struct claim_key k = key_in_vrf(t);
	const struct conf_tenant *other;
	const struct claim *first;
	char text[16];
	const struct refusal_at at = {"tenant", t->name, NULL, "learn-tag", text, NULL};

	claim_key_add(&k, &tag, sizeof(tag));
	first = claims_add(claims, &k, t, NULL);
	if (!first)
		return 0;
	other = first->owner;
	snprintf(text, sizeof(text), "%u", tag);
	return refuse(r, &at,
		      "learn-tag %s is also in tenant %s of the same vrf %s; expected it "
		      "in one of them",
		      text, other->name, t->vrf);
}

/* The kernel keeps no tags with routes: such a tenant would learn nothing. */
static int check_tag_source(const struct conf_tenant *t, struct refusal *r)
{
	char tag[16];
	const struct refusal_at at = {"tenant", t->name, NULL, "learn-tag", tag, NULL};

	if (!t->learn_table || !t->learn_tag_count)
		return 0;
	snprintf(tag, sizeof(tag), "%u", t->learn_tag[0]);
	return refuse(
		r, &at,
		"learn-tag %s: routes of learn-table %u have no tags; expected one of "
		"the two",
		tag, t->learn_table);
}

/* What FRR calls table-direct has the table as the instance of a route, which has 16 bits, and
 * leaves the kernel's own tables out. */
static int check_direct(const struct conf_tenant *t, struct refusal *r)
{
	const struct refusal_at at = {"tenant",       t->name, NULL,
				      "learn-direct", NULL,    NULL};

	if (!t->learn_direct)
		return 0;
	if (!t->learn_table)
		return refuse(r, &at,
			      "learn-direct is about a learn-table; expected one");
	if (t->learn_table > UINT16_MAX ||
	    (t->learn_table >= 253 && t->learn_table <= 255))
		return refuse(r, &at,
			      "learn-direct: zebra does not tell of table %u; expected a "
			      "learn-table up to 65535 other than 253, 254 and 255",
			      t->learn_table);
	if (strcmp(t->vrf, "default") != 0)
		return refuse(r, &at,
			      "learn-direct: zebra tells of tables of VRF default alone, "
			      "not of %s; expected one of the two",
			      t->vrf);
	return 0;
}

static int check_tags(const struct conf *c, struct refusal *r)
{
	struct claims claims = {0};
	int err = 0;

	for (size_t i = 0; i < c->tenant_count && !err; i++) {
		const struct conf_tenant *t = c->tenant[i];

		err = check_tag_source(t, r) ?: check_direct(t, r);
		for (size_t j = 0; j < t->learn_tag_count && !err; j++)
			err = claim_tag(t, t->learn_tag[j], &claims, r);
	}
	claims_free(&claims);
	return err;
}

static int check_prefix_lists(const struct conf *c, struct refusal *r)
{
	for (size_t i = 0; i < c->tenant_count; i++) {
		const struct conf_tenant *t = c->tenant[i];
		int err = check_twice(t, "supernet", &t->supernet, r);

		if (!err)
			err = check_twice(t, "advertise", &t->advertise, r);
		if (err)
			return err;
	}
	return 0;
}

int validate_tenants(const struct conf *c, struct refusal *r)
{
	int err = check_tables(c, r);

	if (!err)
		err = check_exchanges(c, r);
	if (!err)
		err = check_interfaces(c, r);
	if (!err)
		err = check_prefix_lists(c, r);
	if (!err)
		err = check_advertised(c, r);
	if (!err)
		err = check_tags(c, r);
	return err;
}
