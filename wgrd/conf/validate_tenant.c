/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "wgrd/conf/claims.h"
#include "wgrd/conf/validate.h"

static int check_tables(const struct conf *c, struct refusal *r)
{
	const struct claim *first, *second;
	struct claims claims = {0};
	int err = 0;

	for (size_t i = 0; i < c->tenant_count && !err; i++) {
		const struct conf_tenant *t = &c->tenant[i];

		if (t->table != 0 &&
		    claims_add(&claims, &t->table, sizeof(t->table), t, NULL))
			err = refuse_no_memory(r);
	}
	if (!err && (second = claims_clash(&claims, &first))) {
		const struct conf_tenant *a = first->owner, *b = second->owner;
		const struct refusal_at at = {"tenant", b->name, NULL, "table", NULL};

		err = refuse(r, &at,
			     "table %u is also that of tenant %s; expected one of its "
			     "own",
			     b->table, a->name);
	}
	claims_free(&claims);
	return err;
}

static int claim_interface(const struct conf *c, const struct conf_tenant *t,
			   const char *name, struct claims *claims, struct refusal *r)
{
	const struct refusal_at at = {"tenant", t->name, NULL, "interface", name};

	if (conf_find_wireguard(c, name))
		return refuse(r, &at,
			      "interface %s is a wireguard interface; expected a local "
			      "one "
			      "(write 'tenant %s' below 'wireguard %s' instead)",
			      name, t->name, name);
	if (claims_add(claims, name, strlen(name), t, name))
		return refuse_no_memory(r);
	return 0;
}

static int claim_interfaces(const struct conf *c, struct claims *claims,
			    struct refusal *r)
{
	for (size_t i = 0; i < c->tenant_count; i++) {
		const struct conf_tenant *t = &c->tenant[i];

		for (size_t j = 0; j < t->interface_count; j++) {
			int err = claim_interface(c, t, t->interface[j], claims, r);

			if (err)
				return err;
		}
	}
	return 0;
}

static int check_interfaces(const struct conf *c, struct refusal *r)
{
	const struct claim *first, *second;
	struct claims claims = {0};
	int err = claim_interfaces(c, &claims, r);

	if (!err && (second = claims_clash(&claims, &first))) {
		const struct conf_tenant *a = first->owner, *b = second->owner;
		const char *name = second->what;
		const struct refusal_at at = {"tenant", b->name, NULL, "interface", name};

		err = refuse(r, &at,
			     "interface %s is also in tenant %s; expected it in one "
			     "tenant",
			     name, a->name);
	}
	claims_free(&claims);
	return err;
}

/* Sorted prefixes: the same two stand side by side. */
static int check_twice(const struct conf_tenant *t, const char *leaf,
		       const struct conf_prefixes *set, struct refusal *r)
{
	char text[PREFIX_STRLEN];
	const struct refusal_at at = {"tenant", t->name, NULL, leaf, text};

	for (size_t i = 1; i < set->count; i++) {
		if (!prefix_equal(&set->v[i - 1], &set->v[i]))
			continue;
		return refuse(r, &at, "%s %s is there twice; expected it once", leaf,
			      prefix_str(&set->v[i], text));
	}
	return 0;
}

static int claim_advertised(const struct conf_tenant *t, struct claims *claims)
{
	for (size_t i = 0; i < t->advertise.count; i++) {
		const struct prefix *p = &t->advertise.v[i];
		struct {
			char vrf[IFNAMSIZ];
			uint8_t v6, len, addr[16];
		} key = {.v6 = p->addr.family == AF_INET6, .len = p->len};

		memcpy(key.vrf, t->vrf, strlen(t->vrf));
		memcpy(key.addr, p->addr.bytes, ip_family_len(p->addr.family));
		if (claims_add(claims, &key, sizeof(key), t, p))
			return -ENOMEM;
	}
	return 0;
}

static int check_advertised(const struct conf *c, struct refusal *r)
{
	const struct claim *first, *second;
	struct claims claims = {0};
	char text[PREFIX_STRLEN];
	int err = 0;

	for (size_t i = 0; i < c->tenant_count && !err; i++) {
		if (claim_advertised(&c->tenant[i], &claims))
			err = refuse_no_memory(r);
	}
	if (!err && (second = claims_clash(&claims, &first))) {
		const struct conf_tenant *a = first->owner, *b = second->owner;
		const struct refusal_at at = {"tenant", b->name, NULL, "advertise",
					      prefix_str(second->what, text)};

		err = refuse(r, &at,
			     "advertise %s is also in tenant %s of the same vrf %s; "
			     "expected it in one of them",
			     text, a->name, a->vrf);
	}
	claims_free(&claims);
	return err;
}

static int check_prefix_lists(const struct conf *c, struct refusal *r)
{
	for (size_t i = 0; i < c->tenant_count; i++) {
		const struct conf_tenant *t = &c->tenant[i];
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
		err = check_interfaces(c, r);
	if (!err)
		err = check_prefix_lists(c, r);
	if (!err)
		err = check_advertised(c, r);
	return err;
}
