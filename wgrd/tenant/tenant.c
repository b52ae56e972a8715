/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The tenants as a whole: who there is, and when what is decided. Events only leave
 * marks; one job at the end of the turn does the work, so ten thousand updates are one
 * run. A commit is followed at once (follow.c), if it does not change everything.
 */
#include "wgrd/tenant/tenant.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/log.h"
#include "wgrd/tenant/tenant_internal.h"

/* ---- who there is ---- */

static int compare_tenants(const void *va, const void *vb)
{
	const struct tenant *const *a = va, *const *b = vb;

	return strcmp((*a)->name, (*b)->name);
}

struct tenant *tenants_find(const struct tenants *t, const char *name)
{
	for (size_t i = 0; i < t->tenant_count; i++)
		if (!strcmp(t->tenant[i]->name, name))
			return t->tenant[i];
	return NULL;
}

const struct tenant_device *tenants_device(const struct tenants *t,
					   const struct wg_device *dev)
{
	size_t low = 0, high = t->device_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = strcmp(wg_device_name(t->device[mid].dev), wg_device_name(dev));

		if (!d)
			return t->device[mid].dev == dev ? &t->device[mid] : NULL;
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

bool tenants_source_is_first(const struct tenants *t, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(t->tenant[j]->from, t->tenant[i]->from))
			return false;
	return true;
}

static struct tenant *tenant_new(struct tenants *t, const char *name)
{
	struct tenant *owner = xcalloc(1, sizeof(*owner));

	snprintf(owner->name, sizeof(owner->name), "%s", name);
	claims_init(&owner->claims);
	claims_init(&owner->wanted_claims);
	quota_init(&owner->quota, t, NULL);
	return owner;
}

static void tenant_free(struct tenant *owner)
{
	quota_fini(&owner->quota);
	free(owner);
}

void tenant_refresh(struct tenant *owner, const struct conf *all,
		    const struct conf_tenant *conf)
{
	owner->conf = conf;
	owner->table = conf ? conf->table : 0;
	quota_set(&owner->quota, conf ? conf->max_prefix : CONF_TENANT_MAX_PREFIX_DEFAULT,
		  conf ? conf->max_prefix_warning : CONF_MAX_PREFIX_WARNING_DEFAULT,
		  conf ? conf->max_prefix_hold : 0);
	owner->filter = filter_find(all, conf ? conf->prefix_list : "", NULL);
	snprintf(owner->vrf, sizeof(owner->vrf), "%s",
		 conf && conf->vrf[0] ? conf->vrf : "default");
	if (conf && conf->learn_table)
		rib_table_name(conf->learn_table, owner->from);
	else
		snprintf(owner->from, sizeof(owner->from), "%s", owner->vrf);
}

/* The tenant of this name, from @old if it was there before. */
static void take_tenant(struct tenants *t, struct tenants *old, const char *name)
{
	struct tenant *owner = tenants_find(t, name);

	if (owner)
		return;
	for (size_t i = 0; i < old->tenant_count && !owner; i++) {
		if (strcmp(old->tenant[i]->name, name))
			continue;
		owner = old->tenant[i];
		old->tenant[i] = old->tenant[--old->tenant_count];
	}
	if (!owner)
		owner = tenant_new(t, name);
	tenant_refresh(owner, t->conf, t->conf ? conf_find_tenant(t->conf, name) : NULL);
	t->tenant = xrealloc(t->tenant, t->tenant_count + 1, sizeof(*t->tenant));
	t->tenant[t->tenant_count++] = owner;
}

/* Leaves those that are no more in @old. */
static void rebuild_tenants(struct tenants *t, struct tenants *old)
{
	const struct conf *c = t->conf;

	old->tenant = t->tenant;
	old->tenant_count = t->tenant_count;
	t->tenant = NULL;
	t->tenant_count = 0;
	take_tenant(t, old, "");
	for (size_t i = 0; c && i < c->tenant_count; i++)
		take_tenant(t, old, c->tenant[i]->name);
	for (size_t i = 0; c && i < c->wireguard_count; i++)
		take_tenant(t, old, c->wireguard[i]->tenant);
	qsort(t->tenant, t->tenant_count, sizeof(*t->tenant), compare_tenants);
	tags_rebuild(t);
}

static bool add_device(struct wg_device *dev, void *arg)
{
	struct tenants *t = arg;
	const struct conf_wireguard *conf = NULL;

	if (t->conf)
		conf = conf_find_wireguard(t->conf, wg_device_name(dev));
	if (!conf)
		return true;
	t->device = xrealloc(t->device, t->device_count + 1, sizeof(*t->device));
	t->device[t->device_count++] = (struct tenant_device){
		.dev = wg_device_get(dev),
		.conf = conf,
		.tenant = tenants_find(t, conf->tenant),
	};
	if (covers_init(&t->device[t->device_count - 1].covers, dev))
		tenants_retry(t);
	return true;
}

static void free_devices(struct tenant_device *device, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		covers_fini(&device[i].covers);
		wg_device_put(device[i].dev);
	}
	free(device);
}

static void rebuild_devices(struct tenants *t, struct tenants *old)
{
	old->device = t->device;
	old->device_count = t->device_count;
	t->device = NULL;
	t->device_count = 0;
	wg_walk_devices(t->wg, add_device, t);
}

/* ---- deciding ---- */

static void sync_locals(struct tenants *t)
{
	t->locals_dirty = false;
	local_release(t);
	local_state(t);
}

/* Everything again. See tenant_internal.h for why wishes are first taken back. */
static void decide_everything(struct tenants *t)
{
	struct tenants old = {0};

	t->all_dirty = false;
	rebuild_tenants(t, &old);
	rebuild_devices(t, &old);
	path_switch_all(t);
	learned_start_over(t);
	member_refresh_all(t);
	path_resolve_all(t);
	learned_release_detached(t);
	for (size_t i = 0; i < old.tenant_count; i++)
		local_withdraw(t, old.tenant[i]);
	sync_locals(t);
	learned_decide_all(t);
	assert(!t->detached);
	tables_sync(t);
	for (size_t i = 0; i < old.tenant_count; i++)
		tenant_free(old.tenant[i]);
	free(old.tenant);
	free_devices(old.device, old.device_count);
}

/* Whose prefix it is says whether an own one is advertised. */
static void sync_claims(struct tenants *t)
{
	sync_locals(t);
	tables_sync(t);
}

void tenants_run(struct tenants *t)
{
	loop_job_cancel(t->loop, &t->job);
	if (t->all_dirty)
		decide_everything(t);
	else if (t->locals_dirty)
		sync_claims(t);
	learned_run_dirty(t);
}

static void run_job(struct loop_job *j)
{
	tenants_run(container_of(j, struct tenants, job));
}

void tenants_ask(struct tenants *t)
{
	loop_job_queue(t->loop, &t->job);
}

static void ask_for_all(struct tenants *t)
{
	t->all_dirty = true;
	tenants_ask(t);
}

static void retry_timer(struct loop_timer *timer)
{
	ask_for_all(container_of(timer, struct tenants, retry));
}

void tenants_retry(struct tenants *t)
{
	if (loop_timer_is_set(&t->retry))
		return;
	log_warn(LOG_TENANT, "tenants: out of memory, trying again in 1 s");
	loop_timer_set(t->loop, &t->retry, NS_PER_S);
}

/* ---- what happens ---- */

static void on_route(struct rib_watcher *w, uint32_t vrf, const struct prefix *p,
		     const struct rib_route *now)
{
	struct tenants *t = container_of(w, struct tenants, watcher);

	if (learned_mark(t, vrf, p, now == NULL))
		ask_for_all(t);
}

static void on_vrf(struct rib_watcher *w, uint32_t vrf, const char *name)
{
	(void)vrf;
	(void)name;
	ask_for_all(container_of(w, struct tenants, watcher));
}

void tenants_device_changed(struct tenants *t, struct wg_device *d, bool gone)
{
	(void)d;
	(void)gone;
	ask_for_all(t);
}

static void conf_apply(void *ctx, struct conf_change *c)
{
	struct tenants *t = ctx;

	if (!follow_commit(t, c)) {
		t->conf = c->new;
		t->all_dirty = true;
	}
	tenants_run(t);
	/* It may have taken from somebody what he only passes in. */
	fib_let_nobody_pass(t->fib);
}

const struct conf_subsys tenants_conf_subsys = {
	.name = "tenant",
	.apply = conf_apply,
};

/* ---- links ---- */

static bool same_link(const struct link *a, const struct kmon_link *b)
{
	if (a->up != b->up || strcmp(a->name, b->name) || a->vrf_table != b->vrf_table ||
	    a->address_count != b->address_count)
		return false;
	for (size_t i = 0; i < a->address_count; i++)
		if (a->address[i].len != b->address[i].len ||
		    !ip_addr_equal(&a->address[i].addr, &b->address[i].addr))
			return false;
	return true;
}

static void copy_link(struct link *to, const struct kmon_link *from)
{
	to->up = from->up;
	to->vrf_table = from->vrf_table;
	snprintf(to->name, sizeof(to->name), "%s", from->name);
	to->address =
		xrealloc(to->address, from->address_count + 1, sizeof(*to->address));
	if (from->address_count)
		memcpy(to->address, from->address,
		       from->address_count * sizeof(*to->address));
	to->address_count = from->address_count;
}

static void free_link(struct tenants *t, struct link *l)
{
	HASH_DEL(t->links, l);
	free(l->address);
	free(l);
}

void tenants_link_changed(struct tenants *t, const struct kmon_link *now, bool gone)
{
	bool was_up, is_up = now->up && !gone;
	struct link *l;

	HASH_FIND(hh, t->links, &now->ifindex, sizeof(now->ifindex), l);
	if (gone ? !l : l && same_link(l, now))
		return;
	was_up = l ? l->up : is_up;
	if (gone) {
		free_link(t, l);
	} else if (l) {
		copy_link(l, now);
	} else {
		l = xcalloc(1, sizeof(*l));
		l->ifindex = now->ifindex;
		copy_link(l, now);
		HASH_ADD(hh, t->links, ifindex, sizeof(l->ifindex), l);
	}
	if (was_up && !is_up)
		fib_link_down(t->fib, now->ifindex);
	else if (is_up && !was_up)
		fib_link_up(t->fib, now->ifindex);
	t->locals_dirty = true;
	tenants_ask(t);
}

/* ---- life ---- */

void tenants_release_peer(struct tenants *t, const struct wg_peer *p)
{
	struct member *m = member_find(t, p);

	if (m)
		quota_release(&m->quota);
}

bool tenants_release(struct tenants *t, const char *name)
{
	struct tenant *owner = tenants_find(t, name);

	if (owner)
		quota_release(&owner->quota);
	return owner != NULL;
}

struct tenants *tenants_new(struct loop *loop, struct rib *rib, struct wg *wg,
			    struct fib *fib, const struct tenants_events *ev)
{
	struct tenants *t = xcalloc(1, sizeof(*t));
	struct tenants old = {0};

	t->loop = loop;
	t->rib = rib;
	t->wg = wg;
	t->fib = fib;
	t->gates = (struct pchain)PCHAIN_INIT;
	CDS_INIT_LIST_HEAD(&t->touched);
	CDS_INIT_LIST_HEAD(&t->dirty);
	t->queued = (struct slab)SLAB_INIT(struct learned_queued);
	CDS_INIT_LIST_HEAD(&t->roomy);
	CDS_INIT_LIST_HEAD(&t->unsettled);
	if (ev)
		t->events = *ev;
	t->job.fn = run_job;
	t->retry.fn = retry_timer;
	health_init(t);
	t->watcher.changed = on_route;
	t->watcher.vrf_changed = on_vrf;
	rebuild_tenants(t, &old);
	rib_watch(rib, &t->watcher);
	return t;
}

void tenants_free(struct tenants *t)
{
	struct link *l, *next;

	if (!t)
		return;
	rib_unwatch(t->rib, &t->watcher);
	loop_timer_stop(&t->retry);
	learned_free_all(t);
	slab_fini(&t->queued);
	loop_job_cancel(t->loop, &t->job);
	loop_timer_stop(&t->health);
	tables_free(t, &t->tables);
	HASH_ITER (hh, t->links, l, next)
		free_link(t, l);
	for (size_t i = 0; i < t->tenant_count; i++) {
		local_abandon(t, t->tenant[i]);
		tenant_free(t->tenant[i]);
	}
	free(t->tenant);
	free(t->tag);
	free_devices(t->device, t->device_count);
	free(t);
}
