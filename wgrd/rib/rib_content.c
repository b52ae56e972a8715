/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/rib/rib_content.h"

#include <stdlib.h>
#include <string.h>

enum {
	KEY_AT = offsetof(struct rib_content, metric)
};

static size_t size_with(unsigned nh_count)
{
	return sizeof(struct rib_content) + nh_count * sizeof(struct rib_nexthop);
}

/* @c is zeroed, and long enough. */
static void fill(struct rib_content *c, const struct rib_route *r)
{
	c->metric = r->metric;
	c->tag = r->tag;
	c->instance = r->instance;
	c->proto = r->proto;
	c->distance = r->distance;
	c->nh_count = r->nh_count;
	for (unsigned i = 0; i < r->nh_count; i++) {
		const struct ip_addr *gate = &r->nh[i].gate;

		c->nh[i].gate.family = gate->family;
		memcpy(c->nh[i].gate.bytes, gate->bytes, ip_family_len(gate->family));
		c->nh[i].ifindex = r->nh[i].ifindex;
		c->nh[i].weight = r->nh[i].weight;
	}
}

/* ---- gates ---- */

/* Of the first @n next hops. */
static void unlink_gates(struct rib_contents *cs, struct rib_content *c, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct prefix host;

		if (!c->nh[i].gate.family)
			continue;
		host = prefix_host(&c->nh[i].gate);
		pchain_remove(&cs->gates, &host, &c->hop[i].node);
	}
}

/* False: no memory, and nothing has changed. */
static bool link_gates(struct rib_contents *cs, struct rib_content *c)
{
	for (unsigned i = 0; i < c->nh_count; i++) {
		struct prefix host;

		c->hop[i].content = c;
		if (!c->nh[i].gate.family)
			continue;
		host = prefix_host(&c->nh[i].gate);
		if (!pchain_add(&cs->gates, &host, &c->hop[i].node)) {
			unlink_gates(cs, c, i);
			return false;
		}
	}
	return true;
}

/* ---- life ---- */

static void content_free(struct rib_content *c)
{
	free(c->hop);
	free(c);
}

/* @key is zeroed where it has no meaning. NULL: no memory. */
static struct rib_content *content_new(struct rib_contents *cs,
				       const struct rib_content *key, size_t size)
{
	struct rib_content *c = malloc(size);

	if (!c)
		return NULL;
	memcpy(c, key, size);
	c->hop = calloc(c->nh_count ?: 1, sizeof(*c->hop));
	if (!c->hop || !link_gates(cs, c)) {
		content_free(c);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, cs->all, &c->metric, size - KEY_AT, c);
	return c;
}

struct rib_content *rib_content_obtain(struct rib_contents *cs, const struct rib_route *r)
{
	const size_t size = size_with(r->nh_count);
	union {
		struct rib_content c;
		char room[sizeof(struct rib_content) +
			  RIB_NEXTHOP_MAX * sizeof(struct rib_nexthop)];
	} key;
	struct rib_content *c;

	memset(&key, 0, size);
	fill(&key.c, r);
	HASH_FIND(hh, cs->all, &key.c.metric, size - KEY_AT, c);
	c = c ?: content_new(cs, &key.c, size);
	if (c)
		c->refs++;
	return c;
}

void rib_content_put(struct rib_contents *cs, struct rib_content *c)
{
	if (--c->refs)
		return;
	unlink_gates(cs, c, c->nh_count);
	HASH_DEL(cs->all, c);
	content_free(c);
}

static bool is_same_hop(const struct rib_nexthop *a, const struct rib_nexthop *b)
{
	return a->ifindex == b->ifindex && a->weight == b->weight &&
	       ip_addr_equal(&a->gate, &b->gate);
}

bool rib_content_is(const struct rib_content *c, const struct rib_route *r)
{
	if (c->proto != r->proto || c->distance != r->distance ||
	    c->instance != r->instance || c->metric != r->metric || c->tag != r->tag ||
	    c->nh_count != r->nh_count)
		return false;
	for (unsigned i = 0; i < c->nh_count; i++)
		if (!is_same_hop(&c->nh[i], &r->nh[i]))
			return false;
	return true;
}
