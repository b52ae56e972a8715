/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/rib/rib_vrf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct ptree *rib_vrf_tree(struct rib_vrf *v, sa_family_t family)
{
	return &v->tree[family == AF_INET6];
}

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

struct rib_vrf *rib_vrfs_add(struct rib_vrfs *vrfs, uint32_t id)
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
	vrfs->v[vrfs->count++] = v;
	sort(vrfs);
	return v;
}

void rib_vrfs_set_id(struct rib_vrfs *vrfs, struct rib_vrf *v, uint32_t id)
{
	v->id = id;
	sort(vrfs);
}

void rib_vrfs_remove(struct rib_vrfs *vrfs, struct rib_vrf *v)
{
	size_t i = 0;

	while (vrfs->v[i] != v)
		i++;
	assert(!v->tree[0].count && !v->tree[1].count);
	vrfs->v[i] = vrfs->v[--vrfs->count];
	sort(vrfs);
	free(v);
}

void rib_vrfs_drop_unreachable(struct rib_vrfs *vrfs)
{
	for (size_t i = vrfs->count; i-- > 0;) {
		struct rib_vrf *v = vrfs->v[i];

		if (v->id == RIB_VRF_NONE && !v->tree[0].count && !v->tree[1].count)
			rib_vrfs_remove(vrfs, v);
	}
}

void rib_vrfs_fini(struct rib_vrfs *vrfs)
{
	free(vrfs->v);
	*vrfs = (struct rib_vrfs){0};
}
