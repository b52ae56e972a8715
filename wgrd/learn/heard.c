/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/learn/heard.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

/* ---- what the routes depend on ---- */

enum use_kind {
	USE_LINK,
	USE_NEXTHOP,
};

/* Compared as bytes: no padding. */
struct use_key {
	uint32_t kind, id;
};

struct heard_use {
	UT_hash_handle hh;
	struct use_key key;
	size_t count;
};

static struct heard_use *find_use(const struct heard *h, enum use_kind kind, uint32_t id)
{
	const struct use_key key = {.kind = kind, .id = id};
	struct heard_use *u;

	HASH_FIND(hh, h->uses, &key, sizeof(key), u);
	return u;
}

/* There are no more of them than interfaces and next hop objects: hence xcalloc(). */
static void add_use(struct heard *h, enum use_kind kind, uint32_t id)
{
	struct heard_use *u = find_use(h, kind, id);

	if (!u) {
		u = xcalloc(1, sizeof(*u));
		u->key = (struct use_key){.kind = kind, .id = id};
		HASH_ADD(hh, h->uses, key, sizeof(u->key), u);
	}
	u->count++;
}

static void del_use(struct heard *h, enum use_kind kind, uint32_t id)
{
	struct heard_use *u = find_use(h, kind, id);

	if (--u->count)
		return;
	HASH_DEL(h->uses, u);
	free(u);
}

static void each_use(struct heard *h, const struct heard_route *r,
		     void (*fn)(struct heard *h, enum use_kind kind, uint32_t id))
{
	for (unsigned i = 0; i < r->hop_count; i++)
		fn(h, USE_LINK, r->hop[i].oif);
	if (r->nexthop_id)
		fn(h, USE_NEXTHOP, r->nexthop_id);
}

bool heard_uses_link(const struct heard *h, uint32_t ifindex)
{
	return find_use(h, USE_LINK, ifindex) != NULL;
}

bool heard_uses_nexthop(const struct heard *h, uint32_t id)
{
	return find_use(h, USE_NEXTHOP, id) != NULL;
}

/* ---- entries ---- */

struct heard_prefix *heard_find(const struct heard *h, const struct prefix *p)
{
	return pmap_find_object(&h->prefixes, p);
}

struct heard_prefix *heard_obtain(struct heard *h, const struct prefix *p)
{
	struct heard_prefix *e = pmap_obtain_object(&h->prefixes, p, sizeof(*e));

	if (e && !e->leaving.next) { /* it is new */
		e->prefix = *p;
		CDS_INIT_LIST_HEAD(&e->leaving);
	}
	return e;
}

const struct heard_route *heard_best(const struct heard_prefix *p)
{
	const struct heard_route *r = p->routes;

	while (r && !r->wanted)
		r = r->next;
	return r;
}

void heard_forget(struct heard *h, struct heard_prefix *p)
{
	assert(!p->routes);
	pmap_remove(&h->prefixes, &p->prefix);
	cds_list_del(&p->leaving);
	free(p);
}

static void drop_route(struct heard *h, struct heard_route **at)
{
	struct heard_route *r = *at;

	*at = r->next;
	each_use(h, r, del_use);
	h->routes--;
	free(r);
}

int heard_move(struct heard *h, struct heard *from, struct heard_prefix *p)
{
	struct heard_prefix **place = pmap_obtain(&h->prefixes, &p->prefix);

	if (!place)
		return -ENOMEM;
	assert(!*place);
	*place = p;
	pmap_remove(&from->prefixes, &p->prefix);
	for (const struct heard_route *r = p->routes; r; r = r->next) {
		each_use(from, r, del_use);
		each_use(h, r, add_use);
		from->routes--;
		h->routes++;
	}
	return 0;
}

void heard_fini(struct heard *h)
{
	struct pmap_at at;

	PMAP_WALK (&at, &h->prefixes) {
		struct heard_prefix *p = pmap_object(&at);

		while (p->routes)
			drop_route(h, &p->routes);
		cds_list_del(&p->leaving);
		free(p);
	}
	pmap_clear(&h->prefixes);
	assert(!h->uses && !h->routes);
}

/* ---- routes of a prefix ---- */

static bool same_hop(const struct kforeign_hop *a, const struct kforeign_hop *b)
{
	return a->oif == b->oif && ip_addr_equal(&a->gate, &b->gate);
}

static bool has_hop(const struct kforeign_hop *v, unsigned n,
		    const struct kforeign_hop *hop)
{
	for (unsigned i = 0; i < n; i++)
		if (same_hop(&v[i], hop))
			return true;
	return false;
}

static bool same_route(const struct heard_route *a, const struct kforeign *b)
{
	if (a->metric != b->metric || a->protocol != b->protocol ||
	    a->hop_count != b->hop_count)
		return false;
	for (unsigned i = 0; i < a->hop_count; i++)
		if (!same_hop(&a->hop[i], &b->hop[i]) ||
		    a->hop[i].weight != b->hop[i].weight)
			return false;
	return true;
}

/* Where the routes of this metric begin, or where they end. */
static struct heard_route **place(struct heard_prefix *p, uint32_t metric, bool at_end)
{
	struct heard_route **at = &p->routes;

	while (*at && ((*at)->metric < metric || (at_end && (*at)->metric == metric)))
		at = &(*at)->next;
	return at;
}

static int insert(struct heard *h, struct heard_route **at, const struct kforeign *r,
		  bool wanted)
{
	size_t hop_bytes = r->hop_count * sizeof(r->hop[0]);
	struct heard_route *fresh = malloc(sizeof(*fresh) + hop_bytes);

	if (!fresh)
		return -ENOMEM;
	*fresh = (struct heard_route){
		.next = *at,
		.metric = r->metric,
		.nexthop_id = r->nexthop_id,
		.protocol = r->protocol,
		.hop_count = (uint8_t)r->hop_count,
		.wanted = wanted,
	};
	memcpy(fresh->hop, r->hop, hop_bytes);
	*at = fresh;
	each_use(h, fresh, add_use);
	h->routes++;
	return 0;
}

static struct heard_route **find_same(struct heard_prefix *p, const struct kforeign *r)
{
	struct heard_route **at = place(p, r->metric, false);

	while (*at && (*at)->metric == r->metric && !same_route(*at, r))
		at = &(*at)->next;
	return *at && (*at)->metric == r->metric ? at : NULL;
}

/* ---- IPv4: routes of the same prefix and metric are different routes ---- */

static int set_v4(struct heard *h, struct heard_prefix *p, enum kfeed_change change,
		  const struct kforeign *r, bool wanted)
{
	struct heard_route **at = place(p, r->metric, change == KFEED_APPENDED);

	if (change == KFEED_REPLACED && *at && (*at)->metric == r->metric)
		drop_route(h, at);
	return find_same(p, r) ? 0 : insert(h, at, r, wanted);
}

/* The message has the route as it was made. If it does not look like that any more, because a
 * link is down, whose it is and its metric tell. */
static void unset_v4(struct heard *h, struct heard_prefix *p, const struct kforeign *r)
{
	struct heard_route **at = find_same(p, r);

	if (!at) {
		at = place(p, r->metric, false);
		while (*at && (*at)->metric == r->metric &&
		       (*at)->protocol != r->protocol)
			at = &(*at)->next;
		if (!*at || (*at)->metric != r->metric)
			at = NULL;
	}
	if (at)
		drop_route(h, at);
}

/* ---- IPv6: they are next hops of one route ---- */

static bool is_part_of(const struct heard_route *part, const struct kforeign *r)
{
	for (unsigned i = 0; i < part->hop_count; i++)
		if (!has_hop(r->hop, r->hop_count, &part->hop[i]))
			return false;
	return true;
}

static bool takes_more_hops(const struct kforeign_hop *hop, unsigned count)
{
	return count && hop->gate.family;
}

/* A replacement is for the route of the same metric that could have taken next hops, or could
 * not, as the new one can; if there is none, for the first. */
static struct heard_route **replaced_by(struct heard_prefix *p, const struct kforeign *r)
{
	struct heard_route **first = place(p, r->metric, false), **at = first;
	bool more = takes_more_hops(r->hop, r->hop_count);

	while (*at && (*at)->metric == r->metric &&
	       takes_more_hops((*at)->hop, (*at)->hop_count) != more)
		at = &(*at)->next;
	if (*at && (*at)->metric == r->metric)
		return at;
	return *first && (*first)->metric == r->metric ? first : NULL;
}

static int set_v6(struct heard *h, struct heard_prefix *p, enum kfeed_change change,
		  const struct kforeign *r, bool wanted)
{
	struct heard_route **at = replaced_by(p, r);

	if (change == KFEED_REPLACED && at)
		drop_route(h, at);
	at = place(p, r->metric, false);
	while (*at && (*at)->metric == r->metric) {
		if ((*at)->hop_count ? is_part_of(*at, r) : !r->hop_count)
			drop_route(h, at);
		else
			at = &(*at)->next;
	}
	return insert(h, at, r, wanted);
}

static void take_hops_out(struct heard *h, struct heard_route *from,
			  const struct kforeign *r)
{
	unsigned left = 0;

	each_use(h, from, del_use);
	for (unsigned i = 0; i < from->hop_count; i++)
		if (!has_hop(r->hop, r->hop_count, &from->hop[i]))
			from->hop[left++] = from->hop[i];
	from->hop_count = (uint8_t)left;
	each_use(h, from, add_use);
}

/* A rejecting route, or one whose next hops are dead. */
static bool is_without_hops(const struct heard_route *at, const struct kforeign *r)
{
	return !r->hop_count && at->protocol == r->protocol;
}

static void unset_v6(struct heard *h, struct heard_prefix *p, const struct kforeign *r)
{
	struct heard_route **at = place(p, r->metric, false);

	while (*at && (*at)->metric == r->metric) {
		bool had_hops = (*at)->hop_count;

		take_hops_out(h, *at, r);
		if (had_hops ? !(*at)->hop_count : is_without_hops(*at, r))
			drop_route(h, at);
		else
			at = &(*at)->next;
	}
}

/* ---- both ---- */

int heard_apply(struct heard *h, enum kfeed_change change, const struct kforeign *r,
		bool wanted, struct heard_prefix **out)
{
	bool v4 = r->dst.addr.family == AF_INET;
	struct heard_prefix *p = heard_find(h, &r->dst);

	*out = p;
	if (!p && change != KFEED_GONE) {
		p = heard_obtain(h, &r->dst);
		if (!p)
			return -ENOMEM;
		*out = p;
	}
	if (!p)
		return 0;
	if (change != KFEED_GONE)
		return v4 ? set_v4(h, p, change, r, wanted)
			  : set_v6(h, p, change, r, wanted);
	if (v4)
		unset_v4(h, p, r);
	else
		unset_v6(h, p, r);
	return 0;
}
