/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the kernel's WireGuard cannot do is refused where it would be silently different: one key
 * at each end, no DSCP, a UDP port of its own. That it has one table only is no reason to
 * refuse: what is lost is shown (wgrd/wg/kernel_table.c).
 */
#include <stdio.h>

#include "wgrd/conf/validate.h"

static int refuse_key(const struct conf_wireguard *w, const char *peer, const char *key,
		      struct refusal *r)
{
	const struct refusal_at at = {"wireguard", w->name, peer, .key = key};

	return refuse(r, &at,
		      "the kernel knows one key of each end; expected none with 'backend "
		      "kernel'");
}

int validate_backend_peer(const struct conf_wireguard *w, const struct conf_peer *p,
			  struct refusal *r)
{
	if (w->backend != CONF_BACKEND_KERNEL || !p->additional_key_count)
		return 0;
	return refuse_key(w, p->name, p->additional_key[0].name, r);
}

static int check_keys(const struct conf_wireguard *w, struct refusal *r)
{
	if (w->additional_key_count)
		return refuse_key(w, NULL, w->additional_key[0].name, r);
	for (size_t i = 0; i < w->peer_count; i++) {
		int err = validate_backend_peer(w, w->peer[i], r);

		if (err)
			return err;
	}
	return 0;
}

static int check_dscp(const struct conf_wireguard *w, struct refusal *r)
{
	const struct refusal_at at = {"wireguard", w->name, NULL, "dscp", NULL, NULL};

	if (!w->dscp)
		return 0;
	return refuse(r, &at,
		      "dscp: the kernel marks no packets; expected none with 'backend "
		      "kernel'");
}

int validate_backend_port(const struct conf *c, const struct conf_wireguard *w,
			  struct refusal *r)
{
	const struct refusal_at at = {"wireguard",   w->name, NULL,
				      "listen-port", NULL,    NULL};

	if (w->backend != CONF_BACKEND_KERNEL || !w->listen_port)
		return 0;
	for (size_t i = 0; i < c->wireguard_count; i++) {
		const struct conf_wireguard *other = c->wireguard[i];

		if (other != w && other->listen_port == w->listen_port)
			return refuse(r, &at,
				      "listen-port %u is also that of wireguard %s, and "
				      "the kernel shares none; expected another with "
				      "'backend kernel'",
				      w->listen_port, other->name);
	}
	return 0;
}

int validate_backend(const struct conf_wireguard *w, struct refusal *r)
{
	if (w->backend != CONF_BACKEND_KERNEL)
		return 0;
	return check_keys(w, r) ?: check_dscp(w, r);
}
