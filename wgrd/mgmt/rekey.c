/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/mgmt/rekey.h"

#include <stdio.h>
#include <string.h>

#include "wgrd/wg/wg.h"

struct walk {
	const struct rekey_scope *scope;
	struct rekey_result *r;
	bool in_kernel; /* the interface that is walked now */
};

static bool fits(const char *wanted, const char *name)
{
	return !wanted || !strcmp(wanted, name);
}

static bool rekey_peer(struct wg_peer *p, void *arg)
{
	struct walk *w = arg;
	struct wg_peer_view v;

	if (!fits(w->scope->peer, wg_peer_name(p)))
		return true;
	w->r->found++;
	wg_peer_view(p, &v);
	if (v.inactive)
		w->r->inactive++;
	else if (w->in_kernel)
		w->r->in_kernel++;
	else if (!v.endpoint.family)
		w->r->without_endpoint++;
	else if (wg_peer_probe(p))
		w->r->begun++;
	return true;
}

static bool rekey_on(struct wg_device *d, void *arg)
{
	struct walk *w = arg;
	struct wg_device_view v;

	if (!fits(w->scope->interface, wg_device_name(d)))
		return true;
	if (w->scope->tenant) {
		wg_device_view(d, &v);
		if (!fits(w->scope->tenant, v.tenant))
			return true;
	}
	w->in_kernel = wg_device_in_kernel(d);
	wg_walk_peers(d, rekey_peer, w);
	return true;
}

void rekey(const struct wg *wg, const struct rekey_scope *scope, struct rekey_result *r)
{
	struct walk w = {.scope = scope, .r = r};

	*r = (struct rekey_result){0};
	wg_walk_devices(wg, rekey_on, &w);
}

void rekey_scope_str(const struct rekey_scope *scope, char *buf, size_t len)
{
	const char *of = scope->interface ?: scope->tenant;

	snprintf(buf, len, "peer%s%.64s%s%.64s", scope->peer ? " " : "",
		 scope->peer ?: "", of ? " of " : "", of ?: "");
}
