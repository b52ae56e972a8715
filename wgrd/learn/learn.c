/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/learn/learn.h"

#include <assert.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/conf.h"
#include "wgrd/learn/asks.h"
#include "wgrd/learn/heard.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/rtproto.h"

enum {
	READ_SOON_MS = 50, /* links that come and go together are one reading */
	RETRY_S = 1,
};

struct learn_table {
	struct learn *l;
	struct ask ask;
	uint32_t vrf; /* the last id that the VRF was seen to have: see vrf_of() */
	bool complete;
	struct heard heard;
	struct cds_list_head leaving; /* of heard_prefix, the first to go first */
	struct loop_timer linger;
	uint64_t ignored[KFOREIGN_KIND_COUNT];
};

struct learn {
	struct loop *loop;
	struct rib *rib;
	kfeed_open_fn open;
	struct kfeed *feed; /* NULL while nothing is followed */
	const struct conf *conf;
	bool stand_in, zebra_tells;
	struct vrf_places places;
	struct learn_table **table; /* by number */
	size_t count;
	struct loop_timer read;                   /* everything that is not complete */
	void (*on_read)(void *arg, uint32_t vrf); /* or NULL */
	void *on_read_arg;
	uint64_t overruns, reads;
};

/* ---- to the RIB ---- */

/* Others give VRFs their ids, and new ones: what counts is the name. */
static uint32_t vrf_of(struct learn_table *t)
{
	const char *name = rib_vrf_name(t->l->rib, t->vrf);

	if (name && !strcmp(name, t->ask.vrf))
		return t->vrf;
	if (rib_vrf_find(t->l->rib, t->ask.vrf, &t->vrf) == 0)
		return t->vrf;
	t->vrf = t->ask.vrf_id;
	if (rib_vrf_set(t->l->rib, t->vrf, t->ask.vrf))
		log_err(LOG_RIB, "table %u: no memory for what is learned from it",
			t->ask.table);
	return t->vrf;
}

static void read_later(struct learn *l, uint64_t after_ns)
{
	if (!loop_timer_is_set(&l->read))
		loop_timer_set(l->loop, &l->read, after_ns);
}

/* Not everything could be recorded: the table is read again. */
static void is_incomplete(struct learn_table *t)
{
	t->complete = false;
	read_later(t->l, RETRY_S * NS_PER_S);
}

static enum rib_proto rib_proto_of(uint8_t protocol)
{
	const char *name = rtproto_name(protocol);
	enum rib_proto p = name ? rib_proto_parse(name) : RIB_PROTO_COUNT;

	return p == RIB_PROTO_COUNT ? RIB_PROTO_OTHER : p;
}

static void announce(struct learn_table *t, const struct prefix *p,
		     const struct heard_route *best)
{
	static_assert((int)KFOREIGN_HOP_MAX <= (int)RIB_NEXTHOP_MAX, "every route fits");
	struct rib_nexthop nh[RIB_NEXTHOP_MAX];
	const struct rib_route r = {
		.prefix = *p,
		.source = RIB_FROM_KERNEL,
		.proto = (uint8_t)rib_proto_of(best->protocol),
		.metric = best->metric,
		.nh_count = best->hop_count,
		.nh = nh,
	};

	for (unsigned i = 0; i < best->hop_count; i++)
		nh[i] = (struct rib_nexthop){
			.gate = best->hop[i].gate,
			.ifindex = best->hop[i].oif,
			.weight = best->hop[i].weight,
		};
	if (rib_update(t->l->rib, vrf_of(t), &r))
		is_incomplete(t);
}

static void withdraw(struct learn_table *t, struct heard_prefix *p)
{
	(void)rib_withdraw(t->l->rib, vrf_of(t), &p->prefix, RIB_FROM_KERNEL);
	p->known = false;
	cds_list_del_init(&p->leaving);
	if (!p->routes)
		heard_forget(&t->heard, p);
}

static void on_linger(struct loop_timer *timer)
{
	struct learn_table *t = container_of(timer, struct learn_table, linger);
	uint64_t now_ns = loop_now_ns(t->l->loop);

	while (!cds_list_empty(&t->leaving)) {
		struct heard_prefix *p =
			cds_list_first_entry(&t->leaving, struct heard_prefix, leaving);

		if (p->leave_ns > now_ns) {
			loop_timer_set(t->l->loop, timer, p->leave_ns - now_ns);
			return;
		}
		withdraw(t, p);
	}
}

/* Tells the RIB what has become of the prefix. */
static void publish(struct learn_table *t, struct heard_prefix *p)
{
	const struct heard_route *best = heard_best(p);

	if (best) {
		cds_list_del_init(&p->leaving);
		p->known = true;
		announce(t, &p->prefix, best);
		return;
	}
	if (!p->known) {
		if (!p->routes)
			heard_forget(&t->heard, p);
		return;
	}
	if (!cds_list_empty(&p->leaving))
		return;
	p->leave_ns = loop_now_ns(t->l->loop) + LEARN_LINGER_MS * NS_PER_MS;
	cds_list_add_tail(&p->leaving, &t->leaving);
	if (!loop_timer_is_set(&t->linger))
		loop_timer_set(t->l->loop, &t->linger, LEARN_LINGER_MS * NS_PER_MS);
}

/* ---- from the kernel ---- */

static struct learn_table *find_table(const struct learn *l, uint32_t table)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->table[mid]->ask.table == table)
			return l->table[mid];
		if (l->table[mid]->ask.table < table)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static bool is_wanted(struct learn_table *t, enum kfeed_change change,
		      const struct kforeign *r)
{
	char text[PREFIX_STRLEN];

	if (!t->ask.follows[r->protocol])
		return false;
	if (r->kind == KFOREIGN_UNICAST)
		return true;
	if (change == KFEED_GONE)
		return false;
	t->ignored[r->kind]++;
	log_debug(LOG_KERNEL, "table %u: %s metric %u is %s, not learned", t->ask.table,
		  prefix_str(&r->dst, text), r->metric, kforeign_kind_name(r->kind));
	return false;
}

static void on_route(void *arg, enum kfeed_change change, const struct kforeign *r)
{
	struct learn *l = arg;
	struct learn_table *t = find_table(l, r->table);
	struct heard_prefix *p;

	if (!t)
		return;
	if (heard_apply(&t->heard, change, r, is_wanted(t, change, r), &p))
		is_incomplete(t);
	if (p)
		publish(t, p);
}

static int take_dumped(void *arg, const struct kforeign *r)
{
	struct learn_table *t = arg;
	struct heard_prefix *p;

	return heard_apply(&t->heard, KFEED_APPENDED, r, is_wanted(t, KFEED_APPENDED, r),
			   &p);
}

/* A prefix from before the table was read anew: what the RIB knows has to be published again,
 * if only to be withdrawn. If the reading has gaps, the prefix is kept. */
static void compare(struct learn_table *t, struct heard *old, struct heard_prefix *p,
		    bool has_gaps)
{
	struct heard_prefix *now = heard_find(&t->heard, &p->prefix);

	cds_list_del_init(&p->leaving);
	if (!now && has_gaps && p->routes && !heard_move(&t->heard, old, p))
		return;
	if (!p->known)
		return;
	if (!now)
		now = heard_obtain(&t->heard, &p->prefix);
	if (now)
		now->known = true;
	else
		(void)rib_withdraw(t->l->rib, vrf_of(t), &p->prefix, RIB_FROM_KERNEL);
}

static void compare_all(struct learn_table *t, struct heard *old, bool has_gaps)
{
	struct pmap_at at;

	PMAP_WALK (&at, &old->prefixes)
		compare(t, old, pmap_object(&at), has_gaps);
}

static void publish_all(struct learn_table *t)
{
	struct pmap_at at;

	PMAP_WALK (&at, &t->heard.prefixes)
		publish(t, pmap_object(&at));
}

/* What the kernel has now takes the place of what was heard; the RIB hears the difference. */
static void read_table(struct learn_table *t)
{
	struct heard old = t->heard, fresh;
	int err;

	t->heard = (struct heard)HEARD_INIT;
	t->l->reads++;
	err = kfeed_dump(t->l->feed, t->ask.table, take_dumped, t);
	if (err && err != -EAGAIN) {
		log_err(LOG_KERNEL, "table %u: reading it: %s, trying again",
			t->ask.table, strerror(-err));
		fresh = t->heard;
		t->heard = old;
		heard_fini(&fresh);
		is_incomplete(t);
		return;
	}
	compare_all(t, &old, err != 0);
	heard_fini(&old);
	t->complete = true;
	publish_all(t);
	if (err)
		is_incomplete(t);
	else if ((t->ask.stands_in || t->ask.direct) && t->l->on_read)
		t->l->on_read(t->l->on_read_arg, vrf_of(t));
}

static void close_feed(struct learn *l)
{
	kfeed_close(l->feed);
	l->feed = NULL;
}

static void on_nexthop_gone(void *arg, uint32_t id)
{
	struct learn *l = arg;

	for (size_t i = 0; i < l->count; i++) {
		if (!heard_uses_nexthop(&l->table[i]->heard, id))
			continue;
		l->table[i]->complete = false;
		read_later(l, READ_SOON_MS * NS_PER_MS);
	}
}

static void on_lost(void *arg)
{
	struct learn *l = arg;

	l->overruns++;
	log_notice(LOG_KERNEL, "netlink: announcements of routes were lost, reading "
			       "the tables learned from again");
	for (size_t i = 0; i < l->count; i++)
		l->table[i]->complete = false;
	read_later(l, 0);
}

static int open_feed(struct learn *l)
{
	const struct kfeed_events ev = {
		.route = on_route,
		.nexthop_gone = on_nexthop_gone,
		.lost = on_lost,
		.arg = l,
	};
	char why[256];
	int err = l->feed ? 0 : l->open(l->loop, &ev, &l->feed, why, sizeof(why));

	if (err)
		log_err(LOG_KERNEL, "%s: nothing is learned from tables, trying again",
			why);
	return err;
}

static void read_all(struct learn *l)
{
	loop_timer_stop(&l->read);
	if (l->count && open_feed(l)) {
		read_later(l, RETRY_S * NS_PER_S);
		return;
	}
	for (size_t i = 0; i < l->count; i++)
		if (!l->table[i]->complete)
			read_table(l->table[i]);
}

static void on_read(struct loop_timer *timer)
{
	read_all(container_of(timer, struct learn, read));
}

void learn_resync(struct learn *l)
{
	for (size_t i = 0; i < l->count; i++)
		l->table[i]->complete = false;
	loop_timer_stop(&l->read);
	read_later(l, 0);
}

void learn_link_changed(struct learn *l, uint32_t ifindex)
{
	for (size_t i = 0; i < l->count; i++) {
		if (!heard_uses_link(&l->table[i]->heard, ifindex))
			continue;
		l->table[i]->complete = false;
		read_later(l, READ_SOON_MS * NS_PER_MS);
	}
}

/* ---- what is followed ---- */

static struct learn_table *table_new(struct learn *l, const struct ask *ask)
{
	struct learn_table *t = xcalloc(1, sizeof(*t));

	t->l = l;
	t->ask = *ask;
	t->vrf = ask->vrf_id;
	t->heard = (struct heard)HEARD_INIT;
	t->linger.fn = on_linger;
	CDS_INIT_LIST_HEAD(&t->leaving);
	(void)vrf_of(t); /* so that the VRF has its name before it has a route */
	return t;
}

static void table_free(struct learn_table *t)
{
	loop_timer_stop(&t->linger);
	heard_fini(&t->heard);
	free(t);
}

static void withdraw_all(struct learn_table *t)
{
	struct pmap_at at;

	PMAP_WALK (&at, &t->heard.prefixes)
		(void)rib_withdraw(t->l->rib, vrf_of(t), &at.prefix, RIB_FROM_KERNEL);
}

/* Nobody asks for it any more. A VRF that nobody but us gave an id goes with it, unless zebra
 * tells of the table. */
static void table_leave(struct learn_table *t)
{
	uint32_t vrf = vrf_of(t);

	withdraw_all(t);
	if (rib_vrf_is_ours(vrf))
		rib_vrf_del_empty(t->l->rib, vrf);
	table_free(t);
}

/* The table of @ask, taken out of @old if it was followed before. */
static struct learn_table *take_table(struct learn *l, struct learn_table **old,
				      size_t old_count, const struct ask *ask)
{
	struct learn_table *t = NULL;

	for (size_t i = 0; i < old_count && !t; i++) {
		if (!old[i] || old[i]->ask.table != ask->table ||
		    strcmp(old[i]->ask.vrf, ask->vrf) != 0)
			continue;
		t = old[i];
		old[i] = NULL;
	}
	if (!t)
		t = table_new(l, ask);
	if (memcmp(t->ask.follows, ask->follows, sizeof(ask->follows)) != 0)
		t->complete = false;
	t->ask = *ask;
	return t;
}

/* What zebra tells as well is not followed; with @keep only if it was not before, because zebra
 * may not have told yet. */
static bool is_left_to_zebra(const struct learn *l, const struct ask *ask, bool keep,
			     struct learn_table *const *old, size_t old_count)
{
	if (!ask->direct || !l->zebra_tells)
		return false;
	for (size_t i = 0; keep && i < old_count; i++)
		if (old[i] && old[i]->ask.table == ask->table)
			return false;
	return true;
}

static void follow(struct learn *l, bool keep)
{
	struct learn_table **old = l->table;
	size_t old_count = l->count;
	struct asks asks = {0};

	if (l->conf)
		asks_for_tenants(&asks, l->conf);
	if (l->conf && l->stand_in)
		asks_for_zebra(&asks, l->conf, &l->places);
	asks_sort(&asks);
	l->table = xcalloc(asks.count + 1, sizeof(struct learn_table *));
	l->count = 0;
	for (size_t i = 0; i < asks.count; i++)
		if (!is_left_to_zebra(l, &asks.v[i], keep, old, old_count))
			l->table[l->count++] = take_table(l, old, old_count, &asks.v[i]);
	for (size_t i = 0; i < old_count; i++)
		if (old[i])
			table_leave(old[i]);
	free(old);
	asks_free(&asks);
	if (!l->count)
		close_feed(l);
	read_all(l);
}

void learn_stand_in(struct learn *l, bool on)
{
	if (l->stand_in == on)
		return;
	l->stand_in = on;
	follow(l, true);
}

void learn_vrf_changed(struct learn *l, const char *name, uint32_t ifindex,
		       uint32_t table)
{
	if (vrf_places_set(&l->places, name, ifindex, table) && l->stand_in)
		follow(l, true);
}

void learn_leave_direct(struct learn *l, bool yes)
{
	if (!yes && !l->zebra_tells)
		return;
	l->zebra_tells = yes;
	follow(l, false);
}

bool learn_stands_in(const struct learn *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->table[i]->ask.stands_in && !l->table[i]->complete)
			return false;
	return l->stand_in;
}

void learn_on_read(struct learn *l, void (*fn)(void *arg, uint32_t vrf), void *arg)
{
	l->on_read = fn;
	l->on_read_arg = arg;
}

/* What is asked for follows from the tenants, and from the protocol that zebra is asked for. */
static bool may_ask_otherwise(const struct learn *l, const struct conf_change *c)
{
	struct conf_walk walk = CONF_WALK(c->old, c->new, tenant);
	const struct conf_tenant *was, *now;

	return l->conf != c->old ||
	       strcmp(c->old->zebra.protocol, c->new->zebra.protocol) ||
	       conf_next_change(&walk, &was, &now);
}

static void conf_apply(void *ctx, struct conf_change *c)
{
	struct learn *l = ctx;
	const bool again = may_ask_otherwise(l, c);

	l->conf = c->new;
	if (again)
		follow(l, true);
}

const struct conf_subsys learn_conf_subsys = {
	.name = "learn",
	.apply = conf_apply,
};

/* ---- life ---- */

struct learn *learn_new(struct loop *loop, struct rib *rib, kfeed_open_fn open,
			bool (*is_own_netns)(const char *name))
{
	struct learn *l = xcalloc(1, sizeof(*l));

	l->loop = loop;
	l->rib = rib;
	l->open = open;
	l->places.is_own_netns = is_own_netns;
	l->read.fn = on_read;
	return l;
}

void learn_free(struct learn *l)
{
	if (!l)
		return;
	loop_timer_stop(&l->read);
	close_feed(l);
	for (size_t i = 0; i < l->count; i++)
		table_free(l->table[i]);
	free(l->table);
	free(l->places.device);
	free(l);
}

/* ---- for show ---- */

void learn_walk(const struct learn *l,
		bool (*fn)(const struct learn_table_view *v, void *arg), void *arg)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct learn_table *t = l->table[i];
		struct learn_table_view v = {
			.table = t->ask.table,
			.vrf = t->ask.vrf,
			.routes = t->heard.routes,
			.complete = t->complete,
		};

		memcpy(v.ignored, t->ignored, sizeof(v.ignored));
		if (!fn(&v, arg))
			return;
	}
}

void learn_counts(const struct learn *l, uint64_t *overruns, uint64_t *reads)
{
	*overruns = l->overruns;
	*reads = l->reads;
}
