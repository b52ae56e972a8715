/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Prefixes of our own for zebra. Whoever takes them (main() connects the zclient)
 * remembers them over reconnects, so there is nothing to be done here once they are taken;
 * what zebra made of them is asked for when somebody looks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/fib/fib_entry.h"

static struct fib_own_key key_of(const struct fib_advert *a)
{
	const struct prefix *p = &a->prefix;
	struct fib_own_key key;

	/* The bytes are hashed: no garbage between them. */
	memset(&key, 0, sizeof(key));
	snprintf(key.vrf, sizeof(key.vrf), "%s", a->vrf);
	key.prefix.addr.family = p->addr.family;
	memcpy(key.prefix.addr.bytes, p->addr.bytes, ip_family_len(p->addr.family));
	key.prefix.len = p->len;
	key.instance = a->instance;
	return key;
}

static struct fib_advert advert_of(const struct fib_own *o)
{
	return (struct fib_advert){.vrf = o->key.vrf,
				   .prefix = o->key.prefix,
				   .instance = o->key.instance,
				   .ifindex = o->ifindex,
				   .tag = o->tag};
}

static struct fib_own *find_own(const struct fib *f, const struct fib_own_key *key)
{
	struct fib_own *o;

	HASH_FIND(hh, f->own, key, sizeof(*key), o);
	return o;
}

static struct fib_own *own_new(struct fib *f, const struct fib_own_key *key)
{
	struct fib_own *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	fib_entry_init(f, &o->e, FIB_OWN);
	memcpy(&o->key, key, sizeof(*key));
	HASH_ADD(hh, f->own, key, sizeof(o->key), o);
	return o;
}

void fib_own_free(struct fib_own *o)
{
	fib_entry_unlink(&o->e);
	HASH_DEL(o->e.fib->own, o);
	free(o);
}

int fib_want_advertise(struct fib *f, const struct fib_advert *a)
{
	struct fib_own_key key = key_of(a);
	struct fib_own *o = find_own(f, &key) ?: own_new(f, &key);
	bool same;

	if (!o)
		return -ENOMEM;
	same = o->ifindex == a->ifindex && o->tag == a->tag;
	if (o->e.wanted && same)
		return 0;
	o->ifindex = a->ifindex;
	o->tag = a->tag;
	fib_entry_want(&o->e);
	o->e.current = o->e.current && same;
	fib_entry_review(&o->e);
	return 0;
}

void fib_unwant_advertise(struct fib *f, const struct fib_advert *a)
{
	struct fib_own_key key = key_of(a);
	struct fib_own *o = find_own(f, &key);

	if (!o || !o->e.wanted)
		return;
	fib_entry_unwant(&o->e);
	fib_entry_queue(&o->e);
}

void fib_own_in(struct fib_own *o)
{
	const struct fib_advertise_ops *adv = &o->e.fib->adv;
	const struct fib_advert a = advert_of(o);
	int err = -EOPNOTSUPP;

	if (adv->add)
		err = adv->add(adv->arg, &a);
	if (err)
		fib_entry_fail(&o->e, err);
	else
		fib_entry_installed(&o->e);
}

void fib_own_out(struct fib_own *o)
{
	const struct fib_advertise_ops *adv = &o->e.fib->adv;
	const struct fib_advert a = advert_of(o);

	if (o->e.present && adv->del)
		adv->del(adv->arg, &a);
	fib_own_free(o);
}

bool fib_advertise_state(const struct fib *f, const struct fib_advert *a,
			 enum fib_state *state, int *error)
{
	struct fib_own_key key = key_of(a);
	const struct fib_own *o = find_own(f, &key);

	if (!o)
		return false;
	*state = fib_entry_state(&o->e);
	if (*state == FIB_INSTALLED && f->adv.state)
		*state = f->adv.state(f->adv.arg, a);
	*error = o->e.error;
	return true;
}
