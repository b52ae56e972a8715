/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The subscriber that makes interfaces follow the configuration. prepare() gets hold of
 * everything that can be refused: new interfaces exist and are bound when it returns, and
 * old ones have tried their new settings. apply() then only switches over.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/x25519.h"
#include "wgrd/lib/log.h"
#include "wgrd/wg/wg_internal.h"

/* One interface that a commit makes or changes. */
struct prepared_device {
	struct wg_device *device;
	bool is_new;
};

struct prepared {
	size_t count;
	struct prepared_device v[];
};

/* ---- check ---- */

/* The models' own rules have been checked by now; this one needs a curve. */
static int check_own_key(const struct conf_wireguard *w, char *why, size_t why_len)
{
	uint8_t own[CONF_KEY_LEN];

	if (!w->private_key.set)
		return 0;
	x25519_public(own, w->private_key.key);
	for (size_t i = 0; i < w->peer_count; i++) {
		const struct conf_peer *p = &w->peer[i];

		if (!p->public_key_set || memcmp(p->public_key, own, sizeof(own)) != 0)
			continue;
		snprintf(
			why, why_len,
			"wireguard %s: the public-key of peer %s is that of the interface "
			"itself; expected the peer's",
			w->name, p->name);
		return -EINVAL;
	}
	return 0;
}

static int wg_check(void *ctx, const struct conf *new, char *why, size_t why_len)
{
	int err = 0;

	(void)ctx;
	for (size_t i = 0; !err && i < new->wireguard_count; i++)
		err = check_own_key(&new->wireguard[i], why, why_len);
	return err;
}

/* ---- prepare and abort ---- */

static void undo(struct wg *wg, struct prepared *p)
{
	while (p->count) {
		struct prepared_device *v = &p->v[--p->count];

		if (v->is_new) {
			wg_device_stop(v->device);
			wg_device_put(v->device);
		} else {
			wg->ops->device_abort(wg->be, v->device->be);
		}
	}
	free(p);
}

static int prepare_device(struct wg *wg, const struct conf_wireguard *conf,
			  struct prepared *p, char *why, size_t why_len)
{
	struct prepared_device v = {.device = wg_device_find(wg, conf->name)};
	int err;

	if (!v.device) {
		v.is_new = true;
		err = wg_device_new(wg, conf, &v.device, why, why_len);
	} else if (!wg_device_settings_equal(v.device->conf, conf)) {
		err = wg->ops->device_prepare(wg->be, v.device->be, conf, why, why_len);
	} else {
		return 0;
	}
	if (!err)
		p->v[p->count++] = v;
	return err;
}

static int wg_prepare(void *ctx, struct conf_change *c, char *why, size_t why_len)
{
	struct wg *wg = ctx;
	const struct conf *new = c->new;
	struct prepared *p =
		calloc(1, sizeof(*p) + new->wireguard_count * sizeof(p->v[0]));

	if (!p) {
		snprintf(why, why_len, "out of memory");
		return -ENOMEM;
	}
	for (size_t i = 0; i < new->wireguard_count; i++) {
		int err = prepare_device(wg, &new->wireguard[i], p, why, why_len);

		if (err) {
			undo(wg, p);
			return err;
		}
	}
	c->prepared = p;
	return 0;
}

static void wg_abort(void *ctx, struct conf_change *c)
{
	undo(ctx, c->prepared);
	c->prepared = NULL;
}

/* ---- apply ---- */

static void announce(struct wg *wg, struct wg_device *d, bool gone)
{
	if (wg->events.device)
		wg->events.device(wg->events.arg, d, gone);
}

static void remove_device(struct wg *wg, struct wg_device *d)
{
	log_notice(LOG_WG, "interface %s: removed", d->name);
	announce(wg, d, true);
	wg_device_stop(d);
	wg_device_put(d);
}

static void remove_missing(struct wg *wg, const struct conf *new)
{
	size_t kept = 0, gone_count = 0;
	struct wg_device **gone = xcalloc(wg->device_count + 1, sizeof(*gone));

	for (size_t i = 0; i < wg->device_count; i++) {
		struct wg_device *d = wg->device[i];

		if (conf_find_wireguard(new, d->name))
			wg->device[kept++] = d;
		else
			gone[gone_count++] = d;
	}
	wg->device_count = kept;
	for (size_t i = 0; i < gone_count; i++)
		remove_device(wg, gone[i]);
	free(gone);
}

static struct wg_device *find_prepared(const struct prepared *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++) {
		if (!strcmp(p->v[i].device->name, name))
			return p->v[i].device;
	}
	return NULL;
}

/* The new list takes over the references of the old one and of what was prepared. */
static void list_devices(struct wg *wg, const struct prepared *p, const struct conf *new)
{
	struct wg_device **list = xcalloc(new->wireguard_count + 1, sizeof(*list));

	for (size_t i = 0; i < new->wireguard_count; i++) {
		list[i] = wg_device_find(wg, new->wireguard[i].name);
		if (!list[i])
			list[i] = find_prepared(p, new->wireguard[i].name);
		assert(list[i]);
	}
	free(wg->device);
	wg->device = list;
	wg->device_count = new->wireguard_count;
}

static void wg_apply(void *ctx, struct conf_change *c)
{
	struct wg *wg = ctx;
	struct prepared *p = c->prepared;

	remove_missing(wg, c->new);
	list_devices(wg, p, c->new);
	for (size_t i = 0; i < wg->device_count; i++)
		wg_device_apply(wg->device[i], &c->new->wireguard[i]);
	for (size_t i = 0; i < p->count; i++) {
		if (!p->v[i].is_new)
			continue;
		log_notice(LOG_WG, "interface %s: made", p->v[i].device->name);
		announce(wg, p->v[i].device, false);
	}
	free(p);
	c->prepared = NULL;
}

const struct conf_subsys wg_conf_subsys = {
	.name = "wireguard",
	.check = wg_check,
	.prepare = wg_prepare,
	.apply = wg_apply,
	.abort = wg_abort,
};
