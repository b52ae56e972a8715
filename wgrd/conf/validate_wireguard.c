/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/validate.h"

/* ---- one interface ---- */

/* What it claimed, and those of its peers that are not in @is, which may be NULL, as well. */
static void drop_interface(const struct conf_wireguard *was,
			   const struct conf_wireguard *is, struct claims *claims)
{
	struct conf_walk walk = CONF_WALK(was, is, peer);
	const struct conf_peer *p, *other;

	if (!was)
		return;
	drop_own_keys(was, claims);
	drop_addresses(was, claims);
	while (conf_next_change(&walk, &p, &other))
		if (p)
			drop_peer(was, p, claims);
}

static int validate_interface(const struct conf_wireguard *was,
			      const struct conf_wireguard *is, struct claims *claims,
			      bool settings, struct refusal *r)
{
	struct conf_walk walk = CONF_WALK(was, is, peer);
	const struct conf_peer *other, *p;
	int err = validate_own_keys(is, claims, r) ?: validate_addresses(is, claims, r);

	if (!err && settings)
		err = validate_backend(is, r);
	while (!err && conf_next_change(&walk, &other, &p))
		if (p)
			err = validate_peer(is, p, claims, r);
	return err;
}

/* ---- between interfaces ---- */

static int cmp_ports(const void *a, const void *b)
{
	const struct conf_wireguard *x = *(struct conf_wireguard *const *)a;
	const struct conf_wireguard *y = *(struct conf_wireguard *const *)b;

	if (x->listen_port != y->listen_port)
		return x->listen_port < y->listen_port ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int refuse_mark(const struct conf_wireguard *a, const struct conf_wireguard *b,
		       struct refusal *r)
{
	const struct refusal_at at = {"wireguard", b->name,
				      NULL,        b->fwmark ? "fwmark" : "listen-port",
				      NULL,        NULL};

	return refuse(r, &at,
		      "fwmark 0x%x is not that of wireguard %s, 0x%x, which has the same "
		      "listen-port %u; expected the same, since it marks the sockets",
		      b->fwmark, a->name, a->fwmark, b->listen_port);
}

/* Any number of interfaces may have one port, but its sockets have one mark. */
static int validate_ports(const struct conf *c, struct refusal *r)
{
	const size_t n = c->wireguard_count;
	const struct conf_wireguard **v = xcalloc(n + 1, sizeof(*v));
	int err = 0;

	for (size_t i = 0; i < n; i++)
		v[i] = c->wireguard[i];
	qsort(v, n, sizeof(*v), cmp_ports);
	for (size_t i = 1; i < n && !err; i++) {
		if (v[i]->listen_port && v[i]->listen_port == v[i - 1]->listen_port &&
		    v[i]->fwmark != v[i - 1]->fwmark)
			err = refuse_mark(v[i - 1], v[i], r);
	}
	free(v);
	return err;
}

static int validate_between(const struct conf *c, struct refusal *r)
{
	int err = validate_own_keys_between(c, r)
			  ?: validate_ports(c, r) ?: validate_addresses_between(c, r);

	for (size_t i = 0; i < c->wireguard_count && !err; i++)
		err = validate_backend_port(c, c->wireguard[i], r);
	return err;
}

/* ---- all ---- */

/* What was claimed is given back before anything is claimed: things may change hands. */
static void drop_changed(const struct conf *old, const struct conf *now,
			 struct claims *claims)
{
	struct conf_walk walk = CONF_WALK(old, now, wireguard);
	const struct conf_wireguard *was, *is;

	while (conf_next_change(&walk, &was, &is))
		drop_interface(was, is, claims);
}

int validate_wireguards(const struct conf *old, const struct conf *now,
			struct claims *claims, struct refusal *r)
{
	struct conf_walk walk = CONF_WALK(old, now, wireguard);
	const struct conf_wireguard *was, *is;
	bool between = false;
	int err = 0;

	drop_changed(old, now, claims);
	while (!err && conf_next_change(&walk, &was, &is)) {
		bool settings = !was || !is || !conf_wireguard_settings_equal(was, is);

		if (is)
			err = validate_interface(was, is, claims, settings, r);
		between |= settings;
	}
	return !err && between ? validate_between(now, r) : err;
}
