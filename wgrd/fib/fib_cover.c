/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Addresses also move when no prefix does. A longer prefix of B that appears within one of A
 * takes its addresses from A, and when it is withdrawn they are A's again:
 *
 *	10.2.0.0/16      A ------------------------------------------
 *	10.2.128.0/17               B ------------- (A and B, 5 s)
 *	                            |             |              |
 *	who may send     A          B and A, 5 s  yields         is removed
 *	from 10.2.128.1
 *
 * The new one is like a prefix that moves from A to B. The one that leaves yields: it stays for a
 * while as if it had moved to A, with the groups of what covers it now, and then goes,
 * which changes nothing for anybody. If what covers it changes before, it follows. An entry
 * that has yielded is not wanted, covers nothing, and is on no queue unless it has to follow.
 *
 * Looking for a cover costs a few searches, and letting somebody pass some 200 bytes. When a
 * table of a million prefixes comes or goes, that is no time to care for each packet, so
 * only so many are looked at in a period. A back end with one owner for each prefix
 * could not let two send, so nothing of this is for its devices.
 */
#include "wgrd/fib/fib_entry.h"

enum {
	LOOKS_MAX = 4096,
	LOOKS_PERIOD_S = 5, /* as long as they pass: no more than twice as many do */
};

/* What there is of a permission, and who may send; without references. */
struct cover {
	struct wg_group *egress, *ingress, *senders;
};

static bool may_look(struct fib *f, const struct fib_device *d)
{
	uint64_t now_ns = loop_now_ns(f->loop);

	if (wg_has_owners(d->dev))
		return false;
	if (now_ns >= f->look_until_ns) {
		f->look_until_ns = now_ns + LOOKS_PERIOD_S * NS_PER_S;
		f->looks = 0;
	}
	return f->looks < LOOKS_MAX && ++f->looks;
}

/* Is it in the tables, and, if @by_itself, not because it has yielded? */
static bool is_there(const struct fib_permission_slot *s, bool by_itself)
{
	return !s->open || (s->open->e.present && !(by_itself && s->open->yielded));
}

static struct cover cover_at(const struct fib_device *d, const struct pmap_at *at)
{
	const struct fib_permission *m =
		((const struct fib_permission_slot *)at->value)->open;
	struct cover c;

	if (m)
		return (struct cover){m->egress, m->ingress, fib_senders(m)};
	c.egress = wg_egress_get(d->dev, &at->prefix);
	c.ingress = c.senders = wg_ingress_get(d->dev, &at->prefix);
	return c;
}

/* The longest one around @p. */
static bool find_cover(const struct fib_device *d, const struct prefix *p, bool by_itself,
		       struct cover *c)
{
	struct prefix around = *p;
	struct pmap_at at;

	while (around.len) {
		around.len--;
		prefix_mask(&around);
		if (!pmap_match(&d->permissions, &around, &at))
			return false;
		around = at.prefix;
		if (!is_there(at.value, by_itself))
			continue;
		*c = cover_at(d, &at);
		return c->egress && c->ingress; /* not those of a device that is gone */
	}
	return false;
}

void fib_cover_cut(struct fib_permission *m)
{
	struct cover c;

	fib_passing_end(m);
	if (may_look(m->e.fib, m->device) &&
	    find_cover(m->device, &m->prefix, false, &c) && c.senders != m->ingress)
		fib_passing_begin(m, c.senders);
}

/* ---- those that have yielded ---- */

static bool note(struct fib_permission *m)
{
	struct fib_permission **place = pmap_obtain(&m->device->yielded, &m->prefix);

	if (place)
		*place = m;
	return place != NULL;
}

void fib_cover_forget(struct fib_permission *m)
{
	if (m->yielded)
		pmap_remove(&m->device->yielded, &m->prefix);
	m->yielded = false;
}

/* Calls @fn for each below @p. */
static void each_below(const struct fib_device *d, const struct prefix *p,
		       void (*fn)(struct fib_permission *m))
{
	struct pmap_at at;

	if (!pmap_count(&d->yielded))
		return;
	for (bool more = pmap_after(&d->yielded, p, &at);
	     more && prefix_contains(p, &at.prefix); more = pmap_next(&d->yielded, &at))
		fn(*(struct fib_permission **)at.value);
}

static void follow(struct fib_permission *m)
{
	fib_entry_queue(&m->e);
}

static void go(struct fib_permission *m)
{
	fib_passing_end(m);
	fib_entry_queue(&m->e);
}

void fib_cover_changed(const struct fib_device *d, const struct prefix *p)
{
	each_below(d, p, follow);
}

void fib_cover_ordered(const struct fib_device *d, const struct prefix *p)
{
	each_below(d, p, go);
}

/* ---- to yield ---- */

static bool may_yield(const struct fib_permission *m)
{
	struct fib *f = m->e.fib;

	if (m->yielded)
		return m->passing;
	return m->yields == f->edicts && may_look(f, m->device);
}

static void yield_to(struct fib_permission *m, const struct cover *c)
{
	struct wg_group *former = wg_group_get(fib_senders(m));

	fib_permission_set_groups(m, wg_group_get(c->egress), wg_group_get(c->ingress));
	if (m->yielded)
		fib_passing_follow(m);
	else if (note(m)) {
		m->yielded = true;
		fib_passing_begin(m, former);
	}
	wg_group_put(former);
}

bool fib_cover_take(struct fib_permission *m)
{
	struct cover c;

	if (!m->yielded && m->yields == m->e.fib->edicts)
		fib_cover_changed(m->device, &m->prefix);
	else if (!m->yielded)
		fib_cover_ordered(m->device, &m->prefix);
	if (!may_yield(m) || !find_cover(m->device, &m->prefix, true, &c))
		return false;
	yield_to(m, &c);
	return m->yielded && m->passing &&
	       wg_permission_set(m->device->dev, &m->prefix, m->egress, fib_senders(m)) ==
		       0;
}
