/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/slab.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define BY_MALLOC true
#elif defined(__has_feature)
#define BY_MALLOC __has_feature(address_sanitizer)
#else
#define BY_MALLOC false
#endif

enum {
	CHUNK = 1 << 16, /* octets, and they begin at a multiple of that */
	ALIGN = 16,
};

struct slab_chunk {
	struct slab_chunk *next, **pprev; /* slab->roomy, unless it is full */
	struct place *free;               /* given back */
	uint32_t used, fresh;             /* objects; places never given out */
};

/* In the place of an object that is free. */
struct place {
	struct place *next;
};

static size_t memory; /* of all slabs */

static size_t rounded(size_t size)
{
	return (size + ALIGN - 1) / ALIGN * ALIGN;
}

static uint32_t places(const struct slab *s)
{
	return (uint32_t)((CHUNK - rounded(sizeof(struct slab_chunk))) /
			  rounded(s->object_size));
}

static void link_chunk(struct slab *s, struct slab_chunk *c)
{
	c->next = s->roomy;
	c->pprev = &s->roomy;
	if (c->next)
		c->next->pprev = &c->next;
	s->roomy = c;
}

static void unlink_chunk(struct slab_chunk *c)
{
	*c->pprev = c->next;
	if (c->next)
		c->next->pprev = c->pprev;
}

/* Twice as much is mapped, and what is before and behind the multiple is given back. */
static struct slab_chunk *chunk_new(struct slab *s)
{
	uint8_t *all = mmap(NULL, 2 * (size_t)CHUNK, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct slab_chunk *c;
	size_t before;

	if (all == MAP_FAILED)
		return NULL;
	before = (CHUNK - (uintptr_t)all % CHUNK) % CHUNK;
	if (before)
		munmap(all, before);
	munmap(all + before + CHUNK, CHUNK - before);
	c = (struct slab_chunk *)(void *)(all + before);
	c->fresh = places(s);
	link_chunk(s, c);
	s->chunks++;
	memory += CHUNK;
	return c;
}

static void chunk_free(struct slab *s, struct slab_chunk *c)
{
	unlink_chunk(c);
	munmap(c, CHUNK);
	s->chunks--;
	memory -= CHUNK;
}

void *slab_alloc(struct slab *s)
{
	struct slab_chunk *c;
	void *object;

	if (BY_MALLOC)
		return calloc(1, s->object_size);
	c = s->roomy ?: chunk_new(s);
	if (!c)
		return NULL;
	object = c->free;
	if (object)
		c->free = c->free->next;
	else
		object = (uint8_t *)c + CHUNK - c->fresh-- * rounded(s->object_size);
	if (++c->used == places(s))
		unlink_chunk(c);
	return memset(object, 0, s->object_size);
}

void *slab_xalloc(struct slab *s)
{
	void *object = slab_alloc(s);

	if (!object) {
		fputs("wgrd: out of memory\n", stderr);
		abort();
	}
	return object;
}

void slab_free(struct slab *s, void *object)
{
	struct slab_chunk *c =
		(struct slab_chunk *)((uintptr_t)object & ~((uintptr_t)CHUNK - 1));
	struct place *place = object;

	if (BY_MALLOC) {
		free(object);
		return;
	}
	if (c->used-- == places(s))
		link_chunk(s, c);
	place->next = c->free;
	c->free = place;
	/* The last one stays: one object that comes and goes would take it along each time. */
	if (!c->used && s->chunks > 1)
		chunk_free(s, c);
}

void slab_fini(struct slab *s)
{
	if (!s->chunks)
		return;
	assert(s->chunks == 1 && s->roomy && !s->roomy->used);
	chunk_free(s, s->roomy);
}

size_t slab_memory(void)
{
	return memory;
}
