/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/dplane/lpm_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/lib/rng.h"

static char groups[RIG_GROUPS];

struct dp_permit *rig_group(unsigned i)
{
	return (struct dp_permit *)&groups[i];
}

int rig_group_index(const struct dp_permit *g)
{
	const uintptr_t i = (uintptr_t)g - (uintptr_t)groups;

	return i < RIG_GROUPS ? (int)i : -1;
}

struct prefix rig_prefix(const char *s)
{
	struct prefix p;

	assert_int_equal(prefix_parse(&p, s), 0);
	return p;
}

struct dp_permit *rig_lookup(const struct lpm *t, const struct ip_addr *a)
{
	return a->family == AF_INET ? lpm_lookup4(t, a->bytes) : lpm_lookup6(t, a->bytes);
}

struct dp_permit *rig_lookup_str(const struct lpm *t, const char *s)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(&a, s), 0);
	return rig_lookup(t, &a);
}

void rig_set(struct lpm *t, const char *s, unsigned g)
{
	struct prefix p = rig_prefix(s);

	assert_int_equal(lpm_set(t, &p, rig_group(g)), 0);
}

/* ---- random ---- */

struct ip_addr rig_random_addr(void)
{
	struct ip_addr a = {.family = rng_next() & 1 ? AF_INET : AF_INET6};
	size_t len = ip_family_len(a.family);

	for (size_t i = 0; i < len; i++)
		a.bytes[i] = rng_below(2)
				     ? 0
				     : (uint8_t)(1 << rng_below(8) | 1 << rng_below(8));
	return a;
}

struct prefix rig_random_prefix(void)
{
	struct prefix p = {.addr = rig_random_addr()};

	p.len = (uint8_t)rng_below(prefix_max_len(p.addr.family) + 1);
	prefix_mask(&p);
	return p;
}

struct ip_addr rig_random_addr_in(const struct prefix *p)
{
	struct ip_addr a = p->addr;

	for (unsigned i = p->len; i < prefix_max_len(a.family); i++)
		a.bytes[i / 8] |= (uint8_t)((rng_next() & 1) << (7 - i % 8));
	return a;
}

/* ---- the list ---- */

size_t rig_list_find(const struct rig_list *l, const struct prefix *p)
{
	size_t i = 0;

	while (i < l->count && !prefix_equal(&l->v[i].p, p))
		i++;
	return i;
}

struct dp_permit *rig_list_lookup(const struct rig_list *l, const struct ip_addr *a)
{
	struct dp_permit *best = NULL;
	int best_len = -1;

	for (size_t i = 0; i < l->count; i++) {
		if (l->v[i].p.len > best_len && prefix_has_addr(&l->v[i].p, a)) {
			best = l->v[i].g;
			best_len = l->v[i].p.len;
		}
	}
	return best;
}

void rig_list_set(struct rig_list *l, size_t at, const struct prefix *p,
		  struct dp_permit *g)
{
	if (at == l->max) {
		l->max = l->max ? 2 * l->max : 1024;
		l->v = xrealloc(l->v, l->max, sizeof(l->v[0]));
	}
	l->v[at].p = *p;
	l->v[at].g = g;
	l->count += at == l->count;
}

void rig_list_del(struct rig_list *l, size_t at)
{
	l->v[at] = l->v[--l->count];
}

void rig_list_fini(struct rig_list *l)
{
	free(l->v);
	*l = (struct rig_list){0};
}
