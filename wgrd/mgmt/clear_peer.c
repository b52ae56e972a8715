/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/mgmt/clear_peer.h"

#include <string.h>

#include "wgrd/tenant/tenant.h"
#include "wgrd/wg/wg.h"

struct walk {
	const struct clear_peer_scope *scope;
	struct tenants *tenants;
	size_t found;
};

static bool clear_on(struct wg_device *d, void *arg)
{
	struct walk *w = arg;
	struct wg_peer *p = NULL;

	if (!w->scope->interface || !strcmp(w->scope->interface, wg_device_name(d)))
		p = wg_peer_find(d, w->scope->peer);
	if (p) {
		wg_peer_clear(p);
		tenants_release_peer(w->tenants, p);
		w->found++;
	}
	return true;
}

size_t clear_peer(const struct wg *wg, struct tenants *tenants,
		  const struct clear_peer_scope *scope)
{
	struct walk w = {.scope = scope, .tenants = tenants};

	wg_walk_devices(wg, clear_on, &w);
	return w.found;
}
