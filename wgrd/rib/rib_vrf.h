/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_RIB_RIB_VRF_H
#define WGRD_RIB_RIB_VRF_H

/*
 * The VRFs of a RIB: its tables, found by id for every route and by name now and then. Used
 * by rib.c alone; main thread only. What is in the maps is rib.c's business.
 */

#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/pmap.h"
#include "wgrd/rib/rib.h"

#define RIB_VRF_NONE UINT32_MAX /* id of a table whose name has lost its id */

struct rib_vrf {
	uint32_t id;
	char name[RIB_VRF_NAME_LEN]; /* "" while nobody has named it */
	struct pmap routes[RIB_SOURCE_COUNT];
};

/* Starts as {0}. In order of id, those without one last. */
struct rib_vrfs {
	struct rib_vrf **v;
	size_t count;
};

struct rib_vrf *rib_vrfs_by_id(const struct rib_vrfs *vrfs, uint32_t id);
struct rib_vrf *rib_vrfs_by_name(const struct rib_vrfs *vrfs, const char *name);
/* With maps to values of @value_size. NULL when there is no memory. */
struct rib_vrf *rib_vrfs_add(struct rib_vrfs *vrfs, uint32_t id, size_t value_size);
void rib_vrfs_set_id(struct rib_vrfs *vrfs, struct rib_vrf *v, uint32_t id);
/* Frees @v, whose maps are empty. */
void rib_vrfs_remove(struct rib_vrfs *vrfs, struct rib_vrf *v);
/* Frees the empty ones without an id. */
bool rib_vrf_is_empty(const struct rib_vrf *v);
void rib_vrfs_drop_unreachable(struct rib_vrfs *vrfs);
void rib_vrfs_fini(struct rib_vrfs *vrfs); /* when all have been removed */

#endif
