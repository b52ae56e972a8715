/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_SLAB_H
#define WGRD_LIB_SLAB_H

/*
 * Objects of one size that live for a while, by the hundred thousand at times: what is on its
 * way. They lie apart from what stays, in chunks that go back to the system when they are
 * empty; with malloc() they would leave holes of their size all over the heap. One owner.
 *
 * Where the address sanitizer looks on, each is an object of malloc(), so that it sees.
 */

#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

struct slab {
	size_t object_size;
	struct slab_chunk *roomy; /* those with a free place */
	size_t chunks;
};

#define SLAB_INIT(type)                      \
	{                                    \
		.object_size = sizeof(type), \
	}

/* Zeroed. NULL: no memory. */
void *slab_alloc(struct slab *s) MUST_USE;
/* For what must not fail: ends the program, as xcalloc() does. */
void *slab_xalloc(struct slab *s) __attribute__((returns_nonnull));
void slab_free(struct slab *s, void *object);
/* All have been freed. */
void slab_fini(struct slab *s);
/* Octets of all slabs together, since malloc() knows nothing of them. */
size_t slab_memory(void);

#endif
