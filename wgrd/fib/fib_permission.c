/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Permissions go straight to wgrd/wg, which answers at once. They count the routes that
 * lead into them: while there is one, an unwanted permission stays, so packets on their
 * way are not dropped and the new owner of a prefix is reachable before the old one stops
 * being.
 *
 * Nearly all are settled, and of these only the count is kept here: what they are is in
 * wgrd/wg. One is opened when something has to be done for it, and that must not fail, for
 * one that leaves cannot be refused.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "wgrd/fib/fib_entry.h"

/* ---- where they are kept ---- */

struct fib_device *fib_device_find(const struct fib *f, const struct wg_device *dev)
{
	struct fib_device *d;

	HASH_FIND_PTR(f->devices, &dev, d);
	return d;
}

static struct fib_device *obtain_device(struct fib *f, struct wg_device *dev)
{
	struct fib_device *d = fib_device_find(f, dev);

	if (d)
		return d;
	d = xcalloc(1, sizeof(*d));
	d->dev = wg_device_get(dev);
	d->permissions = (struct pmap)PMAP_INIT(sizeof(struct fib_permission_slot));
	d->yielded = (struct pmap)PMAP_INIT(sizeof(struct fib_permission *));
	HASH_ADD_PTR(f->devices, dev, d);
	return d;
}

static void drop_if_empty(struct fib *f, struct fib_device *d)
{
	if (pmap_count(&d->permissions))
		return;
	HASH_DEL(f->devices, d);
	wg_device_put(d->dev);
	free(d);
}

static struct fib_permission_slot *find_slot(const struct fib_device *d,
					     const struct prefix *p)
{
	return d ? pmap_find(&d->permissions, p) : NULL;
}

static void init(struct fib_permission *m, struct fib *f, struct fib_device *d,
		 const struct prefix *p)
{
	fib_entry_init(f, &m->e, FIB_PERMISSION);
	m->device = d;
	m->prefix = *p;
}

static struct wg_group *get_group(struct wg_group *g)
{
	return g ? wg_group_get(g) : NULL;
}

static struct fib_permission *open_settled(struct fib *f, struct fib_device *d,
					   const struct prefix *p)
{
	struct fib_permission *m = slab_xalloc(&f->open_permissions);

	init(m, f, d, p);
	m->egress = get_group(wg_egress_get(d->dev, p));
	m->ingress = get_group(wg_ingress_get(d->dev, p));
	m->e.wanted = true;
	m->e.present = true;
	m->e.current = true;
	return m;
}

static void open_free(struct fib_permission *m)
{
	fib_entry_unlink(&m->e);
	fib_passing_end(m);
	fib_cover_forget(m);
	wg_group_put(m->egress);
	wg_group_put(m->ingress);
	slab_free(&m->e.fib->open_permissions, m);
}

static void settle(struct fib_permission *m)
{
	if (m->passing)
		return;
	find_slot(m->device, &m->prefix)->open = NULL;
	open_free(m);
}

static void forget(struct fib_permission *m)
{
	struct fib_device *d = m->device;
	struct fib *f = m->e.fib;

	pmap_remove(&d->permissions, &m->prefix);
	open_free(m);
	drop_if_empty(f, d);
}

void fib_permissions_fini(struct fib *f)
{
	struct fib_device *d, *next;
	struct pmap_at at;

	HASH_ITER (hh, f->devices, d, next) {
		PMAP_WALK (&at, &d->permissions) {
			struct fib_permission_slot *s = at.value;

			if (s->open)
				open_free(s->open);
		}
		pmap_clear(&d->permissions);
		drop_if_empty(f, d);
	}
}

/* ---- wishes ---- */

static bool in_place(const struct fib_permission *m)
{
	const struct wg_device *dev = m->device->dev;

	return m->e.present && wg_ingress_get(dev, &m->prefix) == fib_senders(m) &&
	       wg_egress_get(dev, &m->prefix) == m->egress;
}

static bool is_wished(const struct fib_permission_slot *s, const struct wg_device *dev,
		      const struct prefix *p, const struct wg_group *egress,
		      const struct wg_group *ingress)
{
	if (s->open)
		return s->open->e.wanted && s->open->egress == egress &&
		       s->open->ingress == ingress;
	return wg_egress_get(dev, p) == egress && wg_ingress_get(dev, p) == ingress;
}

/* NULL: no memory. */
static struct fib_permission_slot *new_slot(struct fib *f, struct wg_device *dev,
					    const struct prefix *p)
{
	struct fib_permission *m = slab_alloc(&f->open_permissions);
	struct fib_permission_slot *s;
	struct fib_device *d;

	if (!m)
		return NULL;
	d = obtain_device(f, dev);
	s = pmap_obtain(&d->permissions, p);
	if (s) {
		init(m, f, d, p);
		s->open = m;
		return s;
	}
	slab_free(&f->open_permissions, m);
	drop_if_empty(f, d);
	return NULL;
}

void fib_permission_set_groups(struct fib_permission *m, struct wg_group *egress,
			       struct wg_group *ingress)
{
	wg_group_put(m->egress);
	wg_group_put(m->ingress);
	m->egress = egress;
	m->ingress = ingress;
}

/* Who may send for a while, now that it is as wished with @linger. It was @former's; one that
 * has yielded may have followed since, and who lost it then has the full time. */
static void let_pass(struct fib_permission *m, struct wg_group *former, bool lingered,
		     bool linger)
{
	if (!m->e.present && linger)
		fib_cover_cut(m);
	else if (!lingered || !linger)
		fib_passing_end(m);
	else if (former && (m->yielded || former != m->ingress))
		fib_passing_begin(m, former);
}

int fib_want_permission(struct fib *f, struct wg_device *dev, const struct prefix *p,
			struct wg_group *egress, struct wg_group *ingress, bool linger)
{
	struct fib_device *d = fib_device_find(f, dev);
	struct fib_permission_slot *s = find_slot(d, p);
	struct fib_permission *m;
	struct wg_group *former;
	bool lingered;

	if (s && is_wished(s, dev, p, egress, ingress))
		return 0;
	s = s ?: new_slot(f, dev, p);
	if (!s)
		return -ENOMEM;
	m = s->open = s->open ?: open_settled(f, d, p);
	former = get_group(m->ingress);
	lingered = !m->e.present || s->linger;
	fib_permission_set_groups(m, wg_group_get(egress), wg_group_get(ingress));
	let_pass(m, former, lingered, linger);
	if (!lingered || !linger)
		fib_cover_ordered(m->device, p);
	fib_cover_forget(m);
	s->linger = linger;
	wg_group_put(former);
	fib_entry_want(&m->e);
	m->e.current = in_place(m);
	if (m->e.current) {
		fib_entry_unlink(&m->e);
		settle(m);
	} else {
		fib_entry_queue(&m->e);
	}
	return 0;
}

void fib_unwant_permission(struct fib *f, struct wg_device *dev, const struct prefix *p,
			   bool linger)
{
	struct fib_device *d = fib_device_find(f, dev);
	struct fib_permission_slot *s = find_slot(d, p);

	if (!s || (s->open && !s->open->e.wanted))
		return;
	s->open = s->open ?: open_settled(f, d, p);
	s->open->yields = linger && s->linger ? f->edicts : 0;
	fib_entry_unwant(&s->open->e);
	fib_entry_queue(&s->open->e);
}

/* ---- progress ---- */

void fib_permission_in(struct fib_permission *m)
{
	int err =
		wg_permission_set(m->device->dev, &m->prefix, m->egress, fib_senders(m));

	if (err) {
		fib_entry_fail(&m->e, err);
		return;
	}
	fib_entry_installed(&m->e);
	fib_cover_changed(m->device, &m->prefix);
	settle(m);
}

/* It may take long until it leaves: its last wish is carried out, and who passed meanwhile is
 * taken out. */
static void stay(struct fib_permission *m)
{
	int err = 0;

	if (m->e.present && !in_place(m))
		err = wg_permission_set(m->device->dev, &m->prefix, m->egress,
					fib_senders(m));
	if (err)
		fib_entry_fail(&m->e, err);
}

void fib_permission_out(struct fib_permission *m)
{
	if (find_slot(m->device, &m->prefix)->users) {
		stay(m); /* the last one's release queues it again */
		return;
	}
	if (m->e.present && fib_cover_take(m))
		return;
	if (m->e.present)
		wg_permission_del(m->device->dev, &m->prefix);
	forget(m);
}

/* ---- routes that lead into them ---- */

bool fib_permission_ready(const struct fib *f, const struct wg_device *dev,
			  const struct prefix *p)
{
	const struct fib_permission_slot *s = find_slot(fib_device_find(f, dev), p);

	return s && (!s->open || (s->open->e.wanted && s->open->e.current));
}

struct fib_device *fib_permission_use(const struct fib *f, const struct wg_device *dev,
				      const struct prefix *p)
{
	struct fib_device *d = fib_device_find(f, dev);
	struct fib_permission_slot *s = find_slot(d, p);

	if (!s)
		return NULL;
	s->users++;
	return d;
}

void fib_permission_release(const struct fib_device *d, const struct prefix *p)
{
	struct fib_permission_slot *s = find_slot(d, p);

	if (!d)
		return;
	assert(s && s->users);
	if (--s->users == 0 && s->open && !s->open->e.wanted)
		fib_entry_queue(&s->open->e);
}

/* ---- what show prints ---- */

bool fib_permission_state(const struct fib *f, const struct wg_device *dev,
			  const struct prefix *p, enum fib_state *state)
{
	const struct fib_permission_slot *s = find_slot(fib_device_find(f, dev), p);

	if (!s)
		return false;
	*state = s->open ? fib_entry_state(&s->open->e) : FIB_INSTALLED;
	return true;
}
