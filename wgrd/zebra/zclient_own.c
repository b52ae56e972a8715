/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/zebra/zclient_priv.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "wgrd/lib/log.h"

/*
 * Which session an own prefix is given by. When a session ends, zebra sweeps what has the type
 * and instance of its HELLO, whatever the routes that came over it said. So each instance has
 * a session of its own, and what one of them gives leaves with it, no more and no less.
 *
 * A prefix that moves to another instance is given there first. zebra's RIB holds both, the
 * former selected, until that is withdrawn, which makes the other take its place: the kernel is
 * never without the route, and bgpd hears of one going and of the other coming in one breath.
 * Sessions are read by threads of their own, so how far zebra is with one is not seen from the
 * other: the former goes when the new one has been sent for a look or more.
 */
enum {
	LOOK_MS = 250,
	HANDOVER_MAX_S = 10,
};

struct zhandover {
	struct zhandover_key {
		char vrf[RIB_VRF_NAME_LEN];
		struct prefix prefix;
		uint8_t instance; /* that it leaves */
	} key;
	uint64_t until_ns;
	bool told; /* the heir had been sent at the last look */
	UT_hash_handle hh;
};

/* ---- the sessions ---- */

/* NULL: there is none of this instance. */
static struct zclient *session_of(const struct zclient *z, uint8_t instance)
{
	for (size_t i = 0; i < z->instances.count; i++)
		if (z->instances.v[i]->instance == instance)
			return z->instances.v[i];
	return instance ? NULL : (struct zclient *)(uintptr_t)z;
}

static void on_state(void *arg, enum zclient_state now)
{
	struct zclient *s = arg;
	const struct zclient_events *ev = &s->learner->ev;
	bool was_up = s->was_up;

	s->was_up = now == ZCLIENT_UP;
	if (ev->instance_state && (was_up != s->was_up || now == ZCLIENT_GIVEN_UP))
		ev->instance_state(ev->arg, s->instance, now);
}

static struct zclient *open_session(struct zclient *z, uint8_t instance)
{
	struct zinstances *all = &z->instances;
	struct zclient *s = zclient_new_one(z->loop, NULL, instance);
	size_t at = 0;

	s->learner = z;
	s->ev = (struct zclient_events){.state = on_state, .arg = s};
	all->v = xrealloc(all->v, all->count + 1, sizeof(*all->v));
	while (at < all->count && all->v[at]->instance < instance)
		at++;
	memmove(all->v + at + 1, all->v + at, (all->count - at) * sizeof(*all->v));
	all->v[at] = s;
	all->count++;
	zclient_configure(s, z->configured ? &z->opt : NULL);
	return s;
}

static struct zclient *obtain_session(struct zclient *z, uint8_t instance)
{
	return session_of(z, instance) ?: open_session(z, instance);
}

/* Ends those that nobody asks for and that have no prefixes: zebra sweeps what they gave. */
static void tidy(struct loop_job *j)
{
	struct zinstances *all = container_of(j, struct zinstances, tidy);
	size_t left = 0;

	for (size_t i = 0; i < all->count; i++) {
		struct zclient *s = all->v[i];

		if (s->asked || s->count.own_count) {
			all->v[left++] = s;
			continue;
		}
		log_notice(LOG_ZEBRA, "%s: not in use any more", s->title);
		zclient_configure(s, NULL); /* which tells that it is not up any more */
		zclient_free(s);
	}
	all->count = left;
}

void zclient_set_instances(struct zclient *z, const uint8_t *instance, size_t n)
{
	for (size_t i = 0; i < z->instances.count; i++)
		z->instances.v[i]->asked = false;
	for (size_t i = 0; i < n; i++)
		obtain_session(z, instance[i])->asked = true;
	loop_job_queue(z->loop, &z->instances.tidy);
}

void zclient_instances_walk(const struct zclient *z,
			    bool (*fn)(const struct zclient_view *v, void *arg),
			    void *arg)
{
	struct zclient_view v;

	for (size_t i = 0; i < z->instances.count; i++) {
		zclient_view(z->instances.v[i], &v);
		if (!fn(&v, arg))
			return;
	}
}

/* ---- handing over ---- */

static struct zhandover_key key_of(const struct zclient_own *own)
{
	struct zhandover_key key;

	memset(&key, 0, sizeof(key)); /* its bytes are hashed, holes included */
	memcpy(key.vrf, own->vrf, strnlen(own->vrf, sizeof(key.vrf) - 1));
	key.prefix.addr.family = own->prefix.addr.family;
	memcpy(key.prefix.addr.bytes, own->prefix.addr.bytes,
	       ip_family_len(own->prefix.addr.family));
	key.prefix.len = own->prefix.len;
	key.instance = own->instance;
	return key;
}

static struct zclient_own own_of(const struct zhandover *h)
{
	return (struct zclient_own){
		.vrf = h->key.vrf, .prefix = h->key.prefix, .instance = h->key.instance};
}

static struct zhandover *find_handover(const struct zclient *z,
				       const struct zclient_own *own)
{
	const struct zhandover_key key = key_of(own);
	struct zhandover *h;

	HASH_FIND(hh, z->instances.handovers, &key, sizeof(key), h);
	return h;
}

static void drop_handover(struct zclient *z, struct zhandover *h)
{
	if (!h)
		return;
	HASH_DEL(z->instances.handovers, h);
	free(h);
}

enum heir {
	NO_HEIR,
	HEIR_WAITS, /* zebra has not been told of it yet */
	HEIR_TOLD,
};

/* Who has it besides @own, and does not hand it over himself. */
static enum heir heir_of(const struct zclient *z, const struct zclient_own *own)
{
	enum heir best = NO_HEIR;

	for (size_t i = 0; i <= z->instances.count; i++) {
		const struct zclient *s = i ? z->instances.v[i - 1] : z;
		struct zclient_own other = *own;
		bool sent, installed;

		other.instance = s->instance;
		if (other.instance == own->instance ||
		    !zinject_find(s, &other, &sent, &installed) ||
		    find_handover(z, &other))
			continue;
		if (sent)
			return HEIR_TOLD;
		best = HEIR_WAITS;
	}
	return best;
}

static void withdraw(struct zclient *z, const struct zclient_own *own)
{
	struct zclient *s = session_of(z, own->instance);

	if (s)
		zinject_del(s, own);
	loop_job_queue(z->loop, &z->instances.tidy);
}

static void begin_handover(struct zclient *z, const struct zclient_own *own)
{
	struct zhandover *h = xcalloc(1, sizeof(*h));

	h->key = key_of(own);
	h->until_ns = loop_now_ns(z->loop) + HANDOVER_MAX_S * NS_PER_S;
	HASH_ADD(hh, z->instances.handovers, key, sizeof(h->key), h);
	if (!loop_timer_is_set(&z->instances.look))
		loop_timer_set(z->loop, &z->instances.look, LOOK_MS * NS_PER_MS);
}

static bool is_over(const struct zclient *z, struct zhandover *h)
{
	const struct zclient_own own = own_of(h);
	enum heir heir = heir_of(z, &own);
	bool was_told = h->told;

	h->told = heir == HEIR_TOLD;
	return heir == NO_HEIR || (h->told && was_told) ||
	       loop_now_ns(z->loop) >= h->until_ns;
}

static void look(struct loop_timer *t)
{
	struct zclient *z = container_of(t, struct zclient, instances.look);
	struct zhandover *h, *next;

	HASH_ITER (hh, z->instances.handovers, h, next) {
		const struct zclient_own own = own_of(h);

		if (!is_over(z, h))
			continue;
		withdraw(z, &own);
		drop_handover(z, h);
	}
	if (z->instances.handovers)
		loop_timer_set(z->loop, &z->instances.look, LOOK_MS * NS_PER_MS);
}

/* ---- own prefixes ---- */

int zclient_own_add(struct zclient *z, const struct zclient_own *own)
{
	int err;

	drop_handover(z, find_handover(z, own)); /* it has come back */
	err = zinject_add(obtain_session(z, own->instance), own);
	if (err) /* nobody may want the session */
		loop_job_queue(z->loop, &z->instances.tidy);
	return err;
}

void zclient_own_del(struct zclient *z, const struct zclient_own *own)
{
	bool sent, installed;

	zclient_own_state(z, own, &sent, &installed);
	if (!sent || heir_of(z, own) != HEIR_WAITS)
		withdraw(z, own);
	else if (!find_handover(z, own))
		begin_handover(z, own);
}

void zclient_own_state(const struct zclient *z, const struct zclient_own *own, bool *sent,
		       bool *installed)
{
	const struct zclient *s = session_of(z, own->instance);

	*sent = *installed = false;
	if (s)
		zinject_find(s, own, sent, installed);
}

void zclient_own_walk(const struct zclient *z, uint8_t instance,
		      bool (*fn)(const struct zclient_own *own, bool sent, bool installed,
				 void *arg),
		      void *arg)
{
	const struct zclient *s = session_of(z, instance);

	if (s)
		zinject_walk(s, fn, arg);
}

/* ---- life ---- */

void zinstances_init(struct zclient *z)
{
	z->instances.tidy.fn = tidy;
	z->instances.look.fn = look;
}

void zinstances_configure(struct zclient *z, const struct zclient_options *opt)
{
	for (size_t i = 0; i < z->instances.count; i++)
		zclient_configure(z->instances.v[i], opt);
}

void zinstances_fini(struct zclient *z)
{
	loop_job_cancel(z->loop, &z->instances.tidy);
	loop_timer_stop(&z->instances.look);
	while (z->instances.handovers)
		drop_handover(z, z->instances.handovers);
	for (size_t i = 0; i < z->instances.count; i++)
		zclient_free(z->instances.v[i]);
	free(z->instances.v);
}
