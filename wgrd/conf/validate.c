/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/validate.h"

#include <string.h>

static int validate_prefix_lists(const struct conf *old, const struct conf *now,
				 struct refusal *r)
{
	struct conf_walk walk = CONF_WALK(old, now, prefix_list);
	const struct conf_prefix_list *was, *is;
	int err = 0;

	while (!err && conf_next_change(&walk, &was, &is))
		if (is)
			err = validate_prefix_list(is, r);
	return err;
}

/* An interface that comes or goes may be one that a tenant names, too. */
static bool concerns_tenants(const struct conf *old, const struct conf *now)
{
	struct conf_walk walk = CONF_WALK(old, now, tenant);
	const struct conf_wireguard *was, *is;
	const struct conf_tenant *a, *b;

	if (conf_next_change(&walk, &a, &b))
		return true;
	walk = CONF_WALK(old, now, wireguard);
	while (conf_next_change(&walk, &was, &is))
		if (!was || !is)
			return true;
	return false;
}

int conf_validate(const struct conf *old, const struct conf *now, struct claims *claims,
		  struct refusal *r)
{
	int err = validate_metrics(now, r);

	if (!err)
		err = validate_prefix_lists(old, now, r);
	if (!err)
		err = validate_wireguards(old, now, claims, r);
	if (!err && concerns_tenants(old, now))
		err = validate_tenants(now, r);
	return err;
}

struct claim_key claim_key_in(const struct conf_wireguard *w, enum claim_kind kind)
{
	const uint8_t first = (uint8_t)kind;
	struct claim_key k = {.len = 0};

	claim_key_add(&k, &first, 1);
	claim_key_add(&k, w->name, strlen(w->name) + 1);
	return k;
}

struct claim_key claim_key_host(const struct conf_wireguard *w, const struct ip_addr *a)
{
	struct claim_key k = claim_key_in(w, CLAIM_HOST);
	const struct prefix host = prefix_host(a);

	claim_key_add_prefix(&k, &host);
	return k;
}
