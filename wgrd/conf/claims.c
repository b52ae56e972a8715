/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/claims.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int claims_add(struct claims *c, const void *key, size_t len, const void *owner,
	       const void *what)
{
	struct claim *claim;

	assert(len <= CLAIM_KEY_LEN);
	if (c->count == c->room) {
		size_t room = c->room > 0 ? 2 * c->room : 16;
		struct claim *v = reallocarray(c->v, room, sizeof(*v));

		if (!v)
			return -ENOMEM;
		c->v = v;
		c->room = room;
	}
	claim = &c->v[c->count];
	*claim = (struct claim){.owner = owner, .what = what, .seq = c->count++};
	memcpy(claim->key, key, len);
	return 0;
}

int claims_add_prefix(struct claims *c, const struct prefix *p, const void *owner,
		      const void *what)
{
	uint8_t key[2 + 16] = {p->addr.family == AF_INET6, p->len};

	memcpy(key + 2, p->addr.bytes, ip_family_len(p->addr.family));
	return claims_add(c, key, sizeof(key), owner, what);
}

static int cmp_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = memcmp(x->key, y->key, CLAIM_KEY_LEN);

	if (order)
		return order;
	return x->seq < y->seq ? -1 : 1;
}

const struct claim *claims_clash(struct claims *c, const struct claim **first)
{
	if (c->count > 1)
		qsort(c->v, c->count, sizeof(*c->v), cmp_claims);
	for (size_t i = 1; i < c->count; i++) {
		if (memcmp(c->v[i - 1].key, c->v[i].key, CLAIM_KEY_LEN) == 0) {
			*first = &c->v[i - 1];
			return &c->v[i];
		}
	}
	return NULL;
}

void claims_free(struct claims *c)
{
	free(c->v);
	*c = (struct claims){0};
}
