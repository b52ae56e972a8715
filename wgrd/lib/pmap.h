/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_PMAP_H
#define WGRD_LIB_PMAP_H

/*
 * A map from prefixes of both families to small values that lie in the map itself: for what
 * there is a million of. An IPv4 prefix costs five bytes and its value, an IPv6 prefix
 * seventeen, and up to a fifth more. Main thread only.
 *
 * Values are of one size and move: a pointer to one holds until the next prefix is added
 * or removed. Their alignment is that of their size, up to eight. A map without prefixes
 * has nothing to be freed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/util.h"

struct pmap_family {
	struct pmap_block **block;
	uint32_t *first; /* of each block: the beginning of its first address */
	uint32_t block_count, block_room;
	size_t count;
};

struct pmap {
	struct pmap_family family[2]; /* IPv4, IPv6 */
	uint32_t changes;             /* prefixes added and removed */
	uint32_t value_size;
};

#define PMAP_INIT(size)              \
	{                            \
		.value_size = (size) \
	}

/* Where a walk stands. */
struct pmap_at {
	struct prefix prefix;
	void *value;
	uint32_t changes, block, index; /* the map's */
};

size_t pmap_count(const struct pmap *m);
/* NULL: it is not there. */
void *pmap_find(const struct pmap *m, const struct prefix *p);
/* Its value, zeroed if the prefix is new. NULL: no memory. */
void *pmap_obtain(struct pmap *m, const struct prefix *p) MUST_USE;
/* @p is there. */
void pmap_remove(struct pmap *m, const struct prefix *p);
/* Removes all. */
void pmap_clear(struct pmap *m);
/* The longest prefix that covers @p, @p itself included. */
bool pmap_match(const struct pmap *m, const struct prefix *p, struct pmap_at *at);

/* In order: IPv4 first, by address, shorter before longer. Anything may be added and
 * removed between two steps, the prefix that the walk stands on included. */
bool pmap_first(const struct pmap *m, struct pmap_at *at);
bool pmap_next(const struct pmap *m, struct pmap_at *at);
/* To what comes after @p, which need not be there. */
bool pmap_after(const struct pmap *m, const struct prefix *p, struct pmap_at *at);

/* The same for those that @under contains, itself included. */
bool pmap_first_under(const struct pmap *m, const struct prefix *under,
		      struct pmap_at *at);
bool pmap_next_under(const struct pmap *m, const struct prefix *under,
		     struct pmap_at *at);
/*
 * The same for those with a value that is wanted, which are few: a prefix is put together for
 * these alone, so that a million others cost a look each. Begins with at->value being NULL.
 */
bool pmap_search(const struct pmap *m,
		 bool (*is_wanted)(const void *value, const void *arg), const void *arg,
		 struct pmap_at *at);

/*
 * What somebody has a pointer to cannot move: for that the values are pointers to objects of the
 * caller's. The object of @p; where there is none, a new one of @size zeros, which the caller
 * frees when he has removed @p. NULL: no memory.
 */
void *pmap_obtain_object(struct pmap *m, const struct prefix *p, size_t size) MUST_USE;
/* NULL: it is not there. */
void *pmap_find_object(const struct pmap *m, const struct prefix *p);
/* Where a walk stands. */
void *pmap_object(const struct pmap_at *at);

#define PMAP_WALK_UNDER(at, m, under)                                  \
	for (bool more_ = pmap_first_under((m), (under), (at)); more_; \
	     more_ = pmap_next_under((m), (under), (at)))
#define PMAP_WALK(at, m) \
	for (bool more_ = pmap_first((m), (at)); more_; more_ = pmap_next((m), (at)))

#endif
