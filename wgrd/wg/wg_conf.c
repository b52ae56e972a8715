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

#include "wgrd/lib/log.h"
#include "wgrd/wg/wg_internal.h"

/* One interface that a commit makes or changes. */
struct prepared_device {
	struct wg_device *device;
	bool is_new;
};

struct prepared {
	bool list_changes; /* an interface comes, goes or is exchanged */
	size_t count;
	struct prepared_device v[]; /* by name */
};

/* ---- prepare and abort ---- */

static void undo(struct prepared *p)
{
	while (p->count) {
		struct prepared_device *v = &p->v[--p->count];

		if (v->is_new) {
			wg_device_stop(v->device);
			wg_device_put(v->device);
		} else {
			v->device->ops->device_abort(v->device->be_arg, v->device->be);
		}
	}
	free(p);
}

/* The same name with another back end is another interface. Two of a name cannot be, so the new
 * one is made when the old one has gone, if its back end can be told so in advance. */
static int prepare_exchange(struct wg *wg, const struct conf_wireguard *conf,
			    struct wg_device **out, char *why, size_t why_len)
{
	const struct wg_backend_ops *ops = wg->backend[conf->backend].ops;

	if (ops && !ops->device_later) {
		snprintf(why, why_len,
			 "wireguard %s: backend %s cannot take over an interface that is "
			 "there; remove the interface in one commit and make it anew in "
			 "the next",
			 conf->name, ops->name);
		return -EBUSY;
	}
	return wg_device_new(wg, conf, true, out, why, why_len);
}

static int prepare_device(struct wg *wg, const struct conf_wireguard *conf,
			  struct prepared *p, char *why, size_t why_len)
{
	struct prepared_device v = {.device = wg_device_find(wg, conf->name)};
	int err;

	if (!v.device) {
		v.is_new = true;
		err = wg_device_new(wg, conf, false, &v.device, why, why_len);
	} else if (v.device->conf->backend != conf->backend) {
		v.is_new = true;
		err = prepare_exchange(wg, conf, &v.device, why, why_len);
	} else if (!wg_device_settings_equal(v.device->conf, conf)) {
		err = v.device->ops->device_prepare(v.device->be_arg, v.device->be, conf,
						    why, why_len);
	} else {
		return 0;
	}
	if (!err)
		p->v[p->count++] = v;
	return err;
}

static size_t count_changes(const struct conf_change *c)
{
	struct conf_walk walk = CONF_WALK(c->old, c->new, wireguard);
	const struct conf_wireguard *was, *now;
	size_t n = 0;

	while (conf_next_change(&walk, &was, &now))
		n++;
	return n;
}

static int wg_prepare(void *ctx, struct conf_change *c, char *why, size_t why_len)
{
	struct conf_walk walk = CONF_WALK(c->old, c->new, wireguard);
	const struct conf_wireguard *was, *now;
	struct wg *wg = ctx;
	struct prepared *p = calloc(1, sizeof(*p) + count_changes(c) * sizeof(p->v[0]));

	if (!p) {
		snprintf(why, why_len, "out of memory");
		return -ENOMEM;
	}
	while (conf_next_change(&walk, &was, &now)) {
		int err = now ? prepare_device(wg, now, p, why, why_len) : 0;

		if (err) {
			undo(p);
			return err;
		}
		p->list_changes |= !was || !now || was->backend != now->backend;
	}
	c->prepared = p;
	return 0;
}

static void wg_abort(void *ctx, struct conf_change *c)
{
	(void)ctx;
	undo(c->prepared);
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

static bool stays(const struct wg_device *d, const struct conf *new)
{
	const struct conf_wireguard *conf = conf_find_wireguard(new, d->name);

	return conf && conf->backend == d->conf->backend;
}

static void remove_missing(struct wg *wg, const struct conf *new)
{
	size_t kept = 0, gone_count = 0;
	struct wg_device **gone = xcalloc(wg->device_count + 1, sizeof(*gone));

	for (size_t i = 0; i < wg->device_count; i++) {
		struct wg_device *d = wg->device[i];

		if (stays(d, new))
			wg->device[kept++] = d;
		else
			gone[gone_count++] = d;
	}
	wg->device_count = kept;
	for (size_t i = 0; i < gone_count; i++)
		remove_device(wg, gone[i]);
	free(gone);
}

/* The new list takes over the references of the old one and of what was prepared: both are in
 * order, and together they are what @new has. */
static void list_devices(struct wg *wg, const struct prepared *p, const struct conf *new)
{
	struct wg_device **list = xcalloc(new->wireguard_count + 1, sizeof(*list));
	size_t kept = 0, made = 0;

	for (size_t i = 0; i < new->wireguard_count; i++) {
		const char *name = new->wireguard[i]->name;

		while (made < p->count &&
		       (!p->v[made].is_new || strcmp(p->v[made].device->name, name) < 0))
			made++;
		if (kept < wg->device_count && !strcmp(wg->device[kept]->name, name))
			list[i] = wg->device[kept++];
		else
			list[i] = p->v[made++].device;
		assert(!strcmp(list[i]->name, name));
	}
	free(wg->device);
	wg->device = list;
	wg->device_count = new->wireguard_count;
}

/* What could not be set in a former commit is tried again in each, changed or not. */
static void mend_links(struct wg *wg, const struct conf *new)
{
	for (size_t i = 0; i < wg->device_count; i++) {
		struct wg_device *d = wg->device[i];

		if (d->link_error && conf_find_wireguard(new, d->name) == d->conf)
			wg_device_apply_link(d);
	}
}

static void apply_changes(struct wg *wg, const struct conf_change *c)
{
	struct conf_walk walk = CONF_WALK(c->old, c->new, wireguard);
	const struct conf_wireguard *was, *now;

	while (conf_next_change(&walk, &was, &now))
		if (now)
			wg_device_apply(wg_device_find(wg, now->name), now);
}

static void announce_made(struct wg *wg, const struct prepared *p)
{
	for (size_t i = 0; i < p->count; i++) {
		if (!p->v[i].is_new)
			continue;
		if (p->v[i].device->removed)
			wg_link_make(p->v[i].device);
		log_notice(LOG_WG, "interface %s: made", p->v[i].device->name);
		announce(wg, p->v[i].device, false);
	}
}

static void wg_apply(void *ctx, struct conf_change *c)
{
	struct wg *wg = ctx;
	struct prepared *p = c->prepared;

	if (p->list_changes) {
		remove_missing(wg, c->new);
		list_devices(wg, p, c->new);
	}
	mend_links(wg, c->new);
	apply_changes(wg, c);
	announce_made(wg, p);
	free(p);
	c->prepared = NULL;
}

const struct conf_subsys wg_conf_subsys = {
	.name = "wireguard",
	.prepare = wg_prepare,
	.apply = wg_apply,
	.abort = wg_abort,
};
