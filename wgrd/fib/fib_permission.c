/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Permissions go straight to wgrd/wg, which answers at once. They count the routes that
 * lead into them: while there is one, an unwanted permission stays, so packets on their
 * way are not dropped and the new owner of a prefix is reachable before the old one stops
 * being.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "wgrd/fib/fib_entry.h"

static struct fib_device *find_device(const struct fib *f, const struct wg_device *dev)
{
	struct fib_device *d;

	HASH_FIND_PTR(f->devices, &dev, d);
	return d;
}

static struct fib_device *obtain_device(struct fib *f, struct wg_device *dev)
{
	struct fib_device *d = find_device(f, dev);

	if (d)
		return d;
	d = xcalloc(1, sizeof(*d));
	d->dev = wg_device_get(dev);
	HASH_ADD_PTR(f->devices, dev, d);
	return d;
}

static struct ptree *tree_of(struct fib_device *d, const struct prefix *p)
{
	return p->addr.family == AF_INET ? &d->v4 : &d->v6;
}

struct fib_permission *fib_permission_find(const struct fib *f,
					   const struct wg_device *dev,
					   const struct prefix *p)
{
	struct fib_device *d = find_device(f, dev);
	struct ptree_node *n = d ? ptree_find(tree_of(d, p), p) : NULL;

	return n ? container_of(n, struct fib_permission, node) : NULL;
}

static struct fib_permission *permission_new(struct fib *f, struct wg_device *dev,
					     const struct prefix *p)
{
	struct fib_permission *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	fib_entry_init(f, &m->e, FIB_PERMISSION);
	CDS_INIT_LIST_HEAD(&m->passing_link);
	m->device = obtain_device(f, dev);
	m->node.prefix = *p;
	if (ptree_insert(tree_of(m->device, p), &m->node))
		abort(); /* the caller has looked */
	return m;
}

static void put_egress(struct fib_permission *m)
{
	if (m->egress)
		wg_group_put(m->egress);
}

void fib_permission_free(struct fib_permission *m)
{
	struct fib_device *d = m->device;
	struct fib *f = m->e.fib;

	fib_entry_unlink(&m->e);
	fib_passing_end(m);
	ptree_remove(tree_of(d, &m->node.prefix), &m->node);
	put_egress(m);
	if (m->ingress)
		wg_group_put(m->ingress);
	free(m);
	if (d->v4.count || d->v6.count)
		return;
	HASH_DEL(f->devices, d);
	wg_device_put(d->dev);
	free(d);
}

/* Who may send now. */
static struct wg_group *senders(const struct fib_permission *m)
{
	return m->passing ? m->passing : m->ingress;
}

static bool in_place(const struct fib_permission *m)
{
	const struct wg_device *dev = m->device->dev;
	const struct prefix *p = &m->node.prefix;

	return m->e.present && wg_ingress_get(dev, p) == senders(m) &&
	       wg_egress_get(dev, p) == m->egress;
}

int fib_want_permission(struct fib *f, struct wg_device *dev, const struct prefix *p,
			struct wg_group *egress, struct wg_group *ingress, bool linger)
{
	struct fib_permission *m = fib_permission_find(f, dev, p);
	struct wg_group *former;

	if (!m)
		m = permission_new(f, dev, p);
	else if (m->e.wanted && m->egress == egress && m->ingress == ingress)
		return 0;
	if (!m)
		return -ENOMEM;
	wg_group_get(egress);
	wg_group_get(ingress);
	former = m->ingress;
	put_egress(m);
	m->egress = egress;
	m->ingress = ingress;
	if (!linger || !m->linger)
		fib_passing_end(m);
	else if (m->e.present && former != ingress)
		fib_passing_begin(m, former);
	m->linger = linger;
	if (former)
		wg_group_put(former);
	fib_entry_want(&m->e);
	m->e.current = in_place(m);
	if (m->e.current)
		fib_entry_unlink(&m->e);
	else
		fib_entry_queue(&m->e);
	return 0;
}

void fib_unwant_permission(struct fib *f, struct wg_device *dev, const struct prefix *p)
{
	struct fib_permission *m = fib_permission_find(f, dev, p);

	if (!m || !m->e.wanted)
		return;
	fib_entry_unwant(&m->e);
	fib_entry_queue(&m->e);
}

/* Ingress first: the answers of a new owner must not be dropped. */
void fib_permission_in(struct fib_permission *m)
{
	struct wg_device *dev = m->device->dev;
	const struct prefix *p = &m->node.prefix;
	int err = 0;

	m->e.present = true;
	if (wg_ingress_get(dev, p) != senders(m))
		err = wg_ingress_set(dev, p, senders(m));
	if (!err && wg_egress_get(dev, p) != m->egress)
		err = wg_egress_set(dev, p, m->egress);
	if (err)
		fib_entry_fail(&m->e, err);
	else
		fib_entry_installed(&m->e);
}

void fib_permission_out(struct fib_permission *m)
{
	struct wg_device *dev = m->device->dev;
	const struct prefix *p = &m->node.prefix;

	if (m->users)
		return; /* the last one's release queues it again */
	if (m->e.present) {
		wg_egress_del(dev, p);
		wg_ingress_del(dev, p);
	}
	fib_permission_free(m);
}

void fib_permission_use(struct fib_permission *m)
{
	m->users++;
}

void fib_permission_release(struct fib_permission *m)
{
	if (!m)
		return;
	assert(m->users);
	if (--m->users == 0 && !m->e.wanted)
		fib_entry_queue(&m->e);
}

bool fib_permission_state(const struct fib *f, const struct wg_device *dev,
			  const struct prefix *p, enum fib_state *state)
{
	const struct fib_permission *m = fib_permission_find(f, dev, p);

	if (!m)
		return false;
	*state = fib_entry_state(&m->e);
	return true;
}
