/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/pmap.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

/*
 * The prefixes of a family lie in blocks of up to 64, sorted by address and length, and
 * blocks in one array:
 *
 *	first   1.0.0.0       1.0.64.0      1.2.128.0          the array
 *	           |             |              |
 *	        1.0.0.0/8    1.0.64.0/18    1.2.128.0/17       blocks
 *	        1.0.0.0/24   1.0.64.0/19    1.2.128.0/24
 *	        1.0.4.0/24   1.2.0.0/16
 *
 * Two levels do: at a million prefixes the array has about 20,000 places, a new one comes
 * with every 32nd prefix or less, and moving half of the array then is less work for a
 * prefix than finding its place. A block has room for eight more at most, so that little of
 * it is empty in whatever order prefixes come, and is four or five arrays in one piece:
 *
 *	| values | heads | tails, of IPv6 | lengths |
 *
 * A head is the first four bytes of an address, as a number: mostly it alone decides.
 */

enum {
	BLOCK_MAX = 64, /* prefixes */
	BLOCK_MIN = 4,  /* room of the first one: many maps are small */
	BLOCK_STEP = 8, /* by which the room of others grows */
	RUN_MIN = 8,    /* prefixes one behind another that are no accident */
	TAIL_LEN = 12,  /* what an IPv6 address has after its head */
};

struct pmap_block {
	uint16_t count, room;
	uint8_t last; /* where a prefix has come last */
	uint8_t run;  /* ... and how many have come right before, one behind another */
	uint8_t data[] __attribute__((aligned(8)));
};

static_assert(BLOCK_MAX % sizeof(uint32_t) == 0 && BLOCK_MIN % sizeof(uint32_t) == 0 &&
		      BLOCK_STEP % sizeof(uint32_t) == 0,
	      "heads are aligned behind values of any size");

/* What a prefix is sorted by. */
struct key {
	uint32_t head;
	uint8_t tail[TAIL_LEN];
	uint8_t len;
};

/* A family of a map, and what its blocks look like. */
struct table {
	struct pmap_family *f;
	uint32_t value_size, tail_len;
};

static struct table table_of(const struct pmap *m, sa_family_t family)
{
	const bool is_v6 = family == AF_INET6;

	return (struct table){
		.f = (struct pmap_family *)&m->family[is_v6],
		.value_size = m->value_size,
		.tail_len = is_v6 ? TAIL_LEN : 0,
	};
}

static struct key key_of(const struct prefix *p)
{
	struct key k = {.head = be32toh(p->addr.v4.s_addr), .len = p->len};

	if (p->addr.family == AF_INET6)
		memcpy(k.tail, p->addr.bytes + 4, TAIL_LEN);
	return k;
}

/* ---- a block ---- */

static uint8_t *value_of(const struct table *t, const struct pmap_block *b, uint32_t i)
{
	return (uint8_t *)b->data + i * t->value_size;
}

static uint32_t *heads_of(const struct table *t, const struct pmap_block *b)
{
	return (uint32_t *)(void *)value_of(t, b, b->room);
}

static uint8_t *tail_of(const struct table *t, const struct pmap_block *b, uint32_t i)
{
	return (uint8_t *)&heads_of(t, b)[b->room] + i * t->tail_len;
}

static uint8_t *lengths_of(const struct table *t, const struct pmap_block *b)
{
	return tail_of(t, b, b->room);
}

/* Less than, equal to or greater than zero: entry @i stands before @k, is it, behind it. */
static int compare(const struct table *t, const struct pmap_block *b, uint32_t i,
		   const struct key *k)
{
	const uint32_t head = heads_of(t, b)[i];
	int order;

	if (head != k->head)
		return head < k->head ? -1 : 1;
	order = t->tail_len ? memcmp(tail_of(t, b, i), k->tail, TAIL_LEN) : 0;
	return order ? order : (int)lengths_of(t, b)[i] - (int)k->len;
}

static struct prefix prefix_of(const struct table *t, const struct pmap_block *b,
			       uint32_t i)
{
	struct prefix p = {
		.addr.family = t->tail_len ? AF_INET6 : AF_INET,
		.len = lengths_of(t, b)[i],
	};
	const uint32_t head = htobe32(heads_of(t, b)[i]);

	memset(p.addr.bytes, 0, sizeof(p.addr.bytes));
	memcpy(p.addr.bytes, &head, sizeof(head));
	memcpy(p.addr.bytes + 4, tail_of(t, b, i), t->tail_len);
	return p;
}

/* NULL: no memory. */
static struct pmap_block *block_new(const struct table *t, uint32_t room)
{
	struct pmap_block *b = malloc(
		sizeof(*b) + room * (t->value_size + t->tail_len + sizeof(uint32_t) + 1));

	if (b)
		*b = (struct pmap_block){.room = (uint16_t)room};
	return b;
}

/* @n entries of @from, or of the same block, get another place. Counts are the caller's. */
static void move(const struct table *t, struct pmap_block *to, uint32_t to_at,
		 struct pmap_block *from, uint32_t from_at, uint32_t n)
{
	memmove(value_of(t, to, to_at), value_of(t, from, from_at),
		(size_t)n * t->value_size);
	memmove(&heads_of(t, to)[to_at], &heads_of(t, from)[from_at],
		n * sizeof(uint32_t));
	memmove(tail_of(t, to, to_at), tail_of(t, from, from_at),
		(size_t)n * t->tail_len);
	memmove(&lengths_of(t, to)[to_at], &lengths_of(t, from)[from_at], n);
}

/* Has what is to come to @at of a full block come in order, as those before it? */
static bool is_in_order(const struct pmap_block *b, uint32_t at)
{
	return at == BLOCK_MAX || (at == b->last + 1U && b->run >= RUN_MIN);
}

static void note_run(struct pmap_block *b, uint32_t at)
{
	if (at != b->last + 1U)
		b->run = 0;
	else if (b->run < RUN_MIN)
		b->run++;
	b->last = (uint8_t)at;
}

/* What stands in @from from @at on goes to the end of @to. */
static void move_tail(const struct table *t, struct pmap_block *from, uint32_t at,
		      struct pmap_block *to)
{
	const uint32_t n = from->count - at;

	assert(to->count + n <= to->room);
	move(t, to, to->count, from, at, n);
	to->count = (uint16_t)(to->count + n);
	from->count = (uint16_t)at;
}

static void put(const struct table *t, struct pmap_block *b, uint32_t at,
		const struct key *k)
{
	move(t, b, at + 1, b, at, b->count - at);
	memset(value_of(t, b, at), 0, t->value_size);
	heads_of(t, b)[at] = k->head;
	memcpy(tail_of(t, b, at), k->tail, t->tail_len);
	lengths_of(t, b)[at] = k->len;
	b->count++;
	note_run(b, at);
}

/* ---- where something stands ---- */

struct place {
	uint32_t block, at;
};

/* The last block whose first entry is not behind @k; the first one if there is none. */
static uint32_t find_block(const struct table *t, const struct key *k)
{
	const struct pmap_family *f = t->f;
	uint32_t low = 0, high = f->block_count;

	while (low < high) {
		const uint32_t mid = low + (high - low) / 2;

		if (f->first[mid] != k->head ? f->first[mid] < k->head
					     : compare(t, f->block[mid], 0, k) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? low - 1 : 0;
}

/* Where the first entry that is not before @k stands, or would in the block of those before
 * it. There is a block. */
static struct place find_place(const struct table *t, const struct key *k)
{
	const uint32_t n = find_block(t, k);
	const struct pmap_block *b = t->f->block[n];
	uint32_t low = 0, high = b->count;

	while (low < high) {
		const uint32_t mid = low + (high - low) / 2;

		if (compare(t, b, mid, k) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return (struct place){.block = n, .at = low};
}

static bool holds(const struct table *t, struct place pl, const struct key *k)
{
	const struct pmap_block *b = t->f->block[pl.block];

	return pl.at < b->count && compare(t, b, pl.at, k) == 0;
}

/* ---- the array of blocks ---- */

static void note_first(const struct table *t, uint32_t at)
{
	t->f->first[at] = heads_of(t, t->f->block[at])[0];
}

/* Room for one more. */
static bool reserve_block(struct pmap_family *f)
{
	const uint32_t room = f->block_room + f->block_room / 4 + 1;
	struct pmap_block **block;
	uint32_t *first;

	if (f->block_count < f->block_room)
		return true;
	block = reallocarray(f->block, room, sizeof(struct pmap_block *));
	if (!block)
		return false;
	f->block = block;
	first = reallocarray(f->first, room, sizeof(uint32_t));
	if (!first)
		return false;
	f->first = first;
	f->block_room = room;
	return true;
}

static struct pmap_block *insert_block(const struct table *t, uint32_t at, uint32_t room)
{
	struct pmap_family *f = t->f;
	struct pmap_block *b = reserve_block(f) ? block_new(t, room) : NULL;

	if (!b)
		return NULL;
	memmove(&f->block[at + 1], &f->block[at],
		(f->block_count - at) * sizeof(struct pmap_block *));
	memmove(&f->first[at + 1], &f->first[at],
		(f->block_count - at) * sizeof(uint32_t));
	f->block[at] = b;
	f->block_count++;
	return b;
}

static void forget_blocks(struct pmap_family *f)
{
	free(f->block);
	free(f->first);
	*f = (struct pmap_family){0};
}

static void remove_block(struct pmap_family *f, uint32_t at)
{
	free(f->block[at]);
	f->block_count--;
	memmove(&f->block[at], &f->block[at + 1],
		(f->block_count - at) * sizeof(struct pmap_block *));
	memmove(&f->first[at], &f->first[at + 1],
		(f->block_count - at) * sizeof(uint32_t));
	if (!f->block_count)
		forget_blocks(f);
}

/* Another block in place of the one at @at, with other room. */
static bool resize_block(const struct table *t, uint32_t at, uint32_t room)
{
	struct pmap_block *b = block_new(t, room);

	if (!b)
		return false;
	b->last = t->f->block[at]->last;
	b->run = t->f->block[at]->run;
	move_tail(t, t->f->block[at], 0, b);
	free(t->f->block[at]);
	t->f->block[at] = b;
	return true;
}

static uint32_t room_for(uint32_t count)
{
	return (count + BLOCK_STEP - 1) / BLOCK_STEP * BLOCK_STEP;
}

/*
 * The block is full, and what is behind its half goes to another. Where prefixes come in
 * order it is what is behind @pl: so they have the end of a block to come to, and leave
 * full ones behind, even if others lie behind them all, as overlay addresses often do.
 */
static bool split(const struct table *t, struct place *pl)
{
	const uint32_t cut =
		is_in_order(t->f->block[pl->block], pl->at) ? pl->at : BLOCK_MAX / 2;
	struct pmap_block *b =
		insert_block(t, pl->block + 1, room_for(BLOCK_MAX - cut + 1));

	if (!b)
		return false;
	if (cut == BLOCK_MAX) {
		*pl = (struct place){.block = pl->block + 1};
		return true;
	}
	move_tail(t, t->f->block[pl->block], cut, b);
	note_first(t, pl->block + 1);
	(void)resize_block(t, pl->block, room_for(cut + 1)); /* without memory it stays */
	if (pl->at > cut)
		*pl = (struct place){.block = pl->block + 1, .at = pl->at - cut};
	return true;
}

/* @pl follows the entry it stood for. */
static bool make_room(const struct table *t, struct place *pl)
{
	const struct pmap_block *b;

	if (!t->f->block_count)
		return insert_block(t, 0, BLOCK_MIN) != NULL;
	b = t->f->block[pl->block];
	if (b->count < b->room)
		return true;
	if (b->room < BLOCK_MAX)
		return resize_block(t, pl->block, room_for(b->room + 1U));
	return split(t, pl);
}

/* Two neighbours that are at most half a block together become one. */
static void merge_small(const struct table *t, uint32_t at)
{
	const struct pmap_family *f = t->f;
	uint32_t sum;

	if (at + 1 >= f->block_count)
		return;
	sum = f->block[at]->count + f->block[at + 1]->count;
	if (sum > BLOCK_MAX / 2)
		return;
	if (f->block[at]->room < sum && !resize_block(t, at, room_for(sum)))
		return;
	move_tail(t, f->block[at + 1], 0, f->block[at]);
	remove_block(t->f, at + 1);
}

/* After a removal. */
static void tidy(const struct table *t, uint32_t at)
{
	const struct pmap_block *b = t->f->block[at];

	if (!b->count) {
		remove_block(t->f, at);
		return;
	}
	note_first(t, at);
	if (b->room - b->count >= 2 * BLOCK_STEP)
		(void)resize_block(t, at, room_for(b->count));
	merge_small(t, at);
	if (at)
		merge_small(t, at - 1);
}

/* ---- what callers ask for ---- */

size_t pmap_count(const struct pmap *m)
{
	return m->family[0].count + m->family[1].count;
}

void *pmap_find(const struct pmap *m, const struct prefix *p)
{
	const struct table t = table_of(m, p->addr.family);
	const struct key k = key_of(p);
	struct place pl;

	if (!t.f->count)
		return NULL;
	pl = find_place(&t, &k);
	return holds(&t, pl, &k) ? value_of(&t, t.f->block[pl.block], pl.at) : NULL;
}

void *pmap_obtain(struct pmap *m, const struct prefix *p)
{
	const struct table t = table_of(m, p->addr.family);
	const struct key k = key_of(p);
	struct place pl = {0};

	if (t.f->count) {
		pl = find_place(&t, &k);
		if (holds(&t, pl, &k))
			return value_of(&t, t.f->block[pl.block], pl.at);
	}
	if (!make_room(&t, &pl))
		return NULL;
	put(&t, t.f->block[pl.block], pl.at, &k);
	note_first(&t, pl.block);
	t.f->count++;
	m->changes++;
	return value_of(&t, t.f->block[pl.block], pl.at);
}

void pmap_remove(struct pmap *m, const struct prefix *p)
{
	const struct table t = table_of(m, p->addr.family);
	const struct key k = key_of(p);
	struct pmap_block *b;
	struct place pl;

	assert(t.f->count);
	pl = find_place(&t, &k);
	assert(holds(&t, pl, &k));
	b = t.f->block[pl.block];
	b->count--;
	move(&t, b, pl.at, b, pl.at + 1, b->count - pl.at);
	t.f->count--;
	m->changes++;
	tidy(&t, pl.block);
}

void pmap_clear(struct pmap *m)
{
	for (unsigned i = 0; i < ARRAY_SIZE(m->family); i++) {
		for (uint32_t j = 0; j < m->family[i].block_count; j++)
			free(m->family[i].block[j]);
		forget_blocks(&m->family[i]);
	}
	m->changes++;
}

/* ---- walks ---- */

/* @at comes to stand on @pl, or on what follows in another block. */
static bool stand_on(const struct pmap *m, const struct table *t, struct place pl,
		     struct pmap_at *at)
{
	const struct pmap_family *f = t->f;

	if (pl.block < f->block_count && pl.at == f->block[pl.block]->count)
		pl = (struct place){.block = pl.block + 1};
	if (pl.block >= f->block_count)
		return false;
	*at = (struct pmap_at){
		.prefix = prefix_of(t, f->block[pl.block], pl.at),
		.value = value_of(t, f->block[pl.block], pl.at),
		.changes = m->changes,
		.block = pl.block,
		.index = pl.at,
	};
	return true;
}

bool pmap_first(const struct pmap *m, struct pmap_at *at)
{
	const struct table v4 = table_of(m, AF_INET), v6 = table_of(m, AF_INET6);

	return stand_on(m, &v4, (struct place){0}, at) ||
	       stand_on(m, &v6, (struct place){0}, at);
}

/* Where the walk goes on. */
static struct place place_after(const struct pmap *m, const struct table *t,
				const struct pmap_at *at)
{
	const struct key k = key_of(&at->prefix);
	struct place pl = {.block = at->block, .at = at->index + 1};

	if (at->changes == m->changes)
		return pl;
	if (!t->f->count)
		return (struct place){0};
	pl = find_place(t, &k);
	pl.at += holds(t, pl, &k);
	return pl;
}

bool pmap_next(const struct pmap *m, struct pmap_at *at)
{
	const sa_family_t family = at->prefix.addr.family;
	const struct table t = table_of(m, family), v6 = table_of(m, AF_INET6);

	return stand_on(m, &t, place_after(m, &t, at), at) ||
	       (family == AF_INET && stand_on(m, &v6, (struct place){0}, at));
}

bool pmap_after(const struct pmap *m, const struct prefix *p, struct pmap_at *at)
{
	/* as if there had been changes since it stood there */
	*at = (struct pmap_at){.prefix = *p, .changes = m->changes - 1};
	return pmap_next(m, at);
}

/* What a prefix contains stands right behind it. */
bool pmap_first_under(const struct pmap *m, const struct prefix *under,
		      struct pmap_at *at)
{
	const struct table t = table_of(m, under->addr.family);
	const struct key k = key_of(under);

	return t.f->count && stand_on(m, &t, find_place(&t, &k), at) &&
	       prefix_contains(under, &at->prefix);
}

bool pmap_next_under(const struct pmap *m, const struct prefix *under, struct pmap_at *at)
{
	return pmap_next(m, at) && prefix_contains(under, &at->prefix);
}

/* From @pl on. */
static bool search(const struct pmap *m, const struct table *t, struct place pl,
		   bool (*is_wanted)(const void *value, const void *arg), const void *arg,
		   struct pmap_at *at)
{
	for (; pl.block < t->f->block_count; pl = (struct place){.block = pl.block + 1}) {
		const struct pmap_block *b = t->f->block[pl.block];

		for (; pl.at < b->count; pl.at++)
			if (is_wanted(value_of(t, b, pl.at), arg))
				return stand_on(m, t, pl, at);
	}
	return false;
}

bool pmap_search(const struct pmap *m,
		 bool (*is_wanted)(const void *value, const void *arg), const void *arg,
		 struct pmap_at *at)
{
	const sa_family_t family = at->value ? at->prefix.addr.family : AF_INET;
	const struct table t = table_of(m, family), v6 = table_of(m, AF_INET6);
	const struct place from = at->value ? place_after(m, &t, at) : (struct place){0};

	return search(m, &t, from, is_wanted, arg, at) ||
	       (family == AF_INET &&
		search(m, &v6, (struct place){0}, is_wanted, arg, at));
}

/* ---- values that are pointers ---- */

void *pmap_object(const struct pmap_at *at)
{
	return *(void **)at->value;
}

void *pmap_find_object(const struct pmap *m, const struct prefix *p)
{
	void **place = pmap_find(m, p);

	return place ? *place : NULL;
}

void *pmap_obtain_object(struct pmap *m, const struct prefix *p, size_t size)
{
	void **place, *made;

	assert(m->value_size == sizeof(*place));
	place = pmap_obtain(m, p);
	if (!place || *place)
		return place ? *place : NULL;
	made = calloc(1, size);
	if (made)
		*place = made;
	else
		pmap_remove(m, p);
	return made;
}

/* ---- the longest match ---- */

/* There is an entry before @pl. */
static struct place place_before(const struct table *t, struct place pl)
{
	if (pl.at)
		return (struct place){.block = pl.block, .at = pl.at - 1};
	pl.block--;
	return (struct place){.block = pl.block, .at = t->f->block[pl.block]->count - 1U};
}

/*
 * What a prefix covers stands right behind it. So if the entry before @p does not cover it,
 * whatever does is no longer than what the two have in common, and stands before both.
 */
bool pmap_match(const struct pmap *m, const struct prefix *p, struct pmap_at *at)
{
	const struct table t = table_of(m, p->addr.family);
	struct prefix up = *p;

	while (t.f->count) {
		const struct key k = key_of(&up);
		struct place pl = find_place(&t, &k);

		if (holds(&t, pl, &k))
			return stand_on(m, &t, pl, at);
		if (!pl.block && !pl.at)
			return false;
		(void)stand_on(m, &t, place_before(&t, pl), at);
		if (prefix_contains(&at->prefix, p))
			return true;
		up.len = (uint8_t)prefix_common_len(&at->prefix, p);
		prefix_mask(&up);
	}
	return false;
}
