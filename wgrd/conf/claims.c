/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/claims.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct claim_entry {
	UT_hash_handle hh;
	struct claim claim;
	struct claim_entry *next; /* that was made, or dropped, before */
	uint8_t key[CLAIM_KEY_LEN];
};

void claim_key_add(struct claim_key *k, const void *bytes, size_t len)
{
	assert(len <= CLAIM_KEY_LEN - k->len);
	memcpy(k->bytes + k->len, bytes, len);
	k->len += len;
}

void claim_key_add_prefix(struct claim_key *k, const struct prefix *p)
{
	const uint8_t kind[] = {p->addr.family == AF_INET6, p->len};

	claim_key_add(k, kind, sizeof(kind));
	claim_key_add(k, p->addr.bytes, ip_family_len(p->addr.family));
}

static void insert(struct claims *c, struct claim_entry *e)
{
	HASH_ADD(hh, c->table, key, CLAIM_KEY_LEN, e);
}

const struct claim *claims_add(struct claims *c, const struct claim_key *k,
			       const void *owner, const void *what)
{
	struct claim_entry *e;

	HASH_FIND(hh, c->table, k->bytes, CLAIM_KEY_LEN, e);
	if (e)
		return &e->claim;
	e = xcalloc(1, sizeof(*e));
	e->claim = (struct claim){owner, what};
	memcpy(e->key, k->bytes, CLAIM_KEY_LEN);
	insert(c, e);
	e->next = c->made;
	c->made = e;
	return NULL;
}

void claims_drop(struct claims *c, const struct claim_key *k)
{
	struct claim_entry *e;

	HASH_FIND(hh, c->table, k->bytes, CLAIM_KEY_LEN, e);
	assert(e);
	HASH_DEL(c->table, e);
	e->next = c->dropped;
	c->dropped = e;
}

static struct claim_entry *pop(struct claim_entry **list)
{
	struct claim_entry *e = *list;

	if (e)
		*list = e->next;
	return e;
}

void claims_keep(struct claims *c)
{
	struct claim_entry *e;

	c->made = NULL;
	while ((e = pop(&c->dropped)))
		free(e);
}

void claims_undo(struct claims *c)
{
	struct claim_entry *e;

	while ((e = pop(&c->made))) {
		HASH_DEL(c->table, e);
		free(e);
	}
	while ((e = pop(&c->dropped)))
		insert(c, e);
}

void claims_free(struct claims *c)
{
	struct claim_entry *e, *next;

	claims_keep(c);
	HASH_ITER (hh, c->table, e, next) {
		HASH_DEL(c->table, e);
		free(e);
	}
	*c = (struct claims){0};
}
