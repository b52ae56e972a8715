/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/rib/rib_vrf.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int by_id(const void *a, const void *b)
{
	const struct rib_vrf *x = *(struct rib_vrf *const *)a,
			     *y = *(struct rib_vrf *const *)b;

	return (x->id > y->id) - (x->id < y->id);
}

static void sort(struct rib_vrfs *vrfs)
{
	qsort(vrfs->v, vrfs->count, sizeof(struct rib_vrf *), by_id);
}

struct rib_vrf *rib_vrfs_by_id(const struct rib_vrfs *vrfs, uint32_t id)
{
	size_t lo = 0, hi = vrfs->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (vrfs->v[mid]->id == id)
			return vrfs->v[mid];
		if (vrfs->v[mid]->id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

struct rib_vrf *rib_vrfs_by_name(const struct rib_vrfs *vrfs, const char *name)
{
	for (size_t i = 0; i < vrfs->count; i++)
		if (!strcmp(vrfs->v[i]->name, name))
			return vrfs->v[i];
	return NULL;
}

struct rib_vrf *rib_vrfs_add(struct rib_vrfs *vrfs, uint32_t id, size_t value_size)
{
	struct rib_vrf *v = calloc(1, sizeof(*v));
	struct rib_vrf **grown;

	if (!v)
		return NULL;
	grown = reallocarray(vrfs->v, vrfs->count + 1, sizeof(struct rib_vrf *));
	if (!grown) {
		free(v);
		return NULL;
	}
	vrfs->v = grown;
	v->id = id;
	for (unsigned s = 0; s < RIB_SOURCE_COUNT; s++)
		v->routes[s] = (struct pmap)PMAP_INIT((uint32_t)value_size);
	vrfs->v[vrfs->count++] = v;
	sort(vrfs);
	return v;
}

void rib_vrfs_set_id(struct rib_vrfs *vrfs, struct rib_vrf *v, uint32_t id)
{
	v->id = id;
	sort(vrfs);
}

bool rib_vrf_is_empty(const struct rib_vrf *v)
{
	for (unsigned s = 0; s < RIB_SOURCE_COUNT; s++)
		if (pmap_count(&v->routes[s]))
			return false;
	return true;
}

void rib_vrfs_remove(struct rib_vrfs *vrfs, struct rib_vrf *v)
{
	size_t i = 0;

	while (vrfs->v[i] != v)
		i++;
	assert(rib_vrf_is_empty(v));
	vrfs->v[i] = vrfs->v[--vrfs->count];
	sort(vrfs);
	free(v);
}

void rib_vrfs_drop_unreachable(struct rib_vrfs *vrfs)
{
	for (size_t i = vrfs->count; i-- > 0;) {
		struct rib_vrf *v = vrfs->v[i];

		if (v->id == RIB_VRF_NONE && rib_vrf_is_empty(v))
			rib_vrfs_remove(vrfs, v);
	}
}

void rib_vrfs_fini(struct rib_vrfs *vrfs)
{
	free(vrfs->v);
	*vrfs = (struct rib_vrfs){0};
}
