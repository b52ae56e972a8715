/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LEARN_ASKS_H
#define WGRD_LEARN_ASKS_H

/*
 * Which tables are to be followed, for whom, and whose routes in them count: by the
 * configuration, and while zebra is not understood by where the VRFs of its tenants are in the
 * kernel. For learn.c; main thread only.
 *
 * A VRF is a device with a table, or it is the network namespace we run in, as with `zebra -n`,
 * and then our main table is its. Otherwise that is the default VRF's.
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/conf/conf.h"
#include "wgrd/rib/rib.h"

struct ask {
	uint32_t table;
	char vrf[RIB_VRF_NAME_LEN];  /* of the RIB, by name */
	uint32_t vrf_id;             /* until somebody else gives it one */
	bool stands_in;              /* for zebra */
	bool direct;                 /* zebra may be able to tell as well */
	bool follows[UINT8_MAX + 1]; /* by protocol */
};

/* In order of table, once sorted; each table once. */
struct asks {
	struct ask *v;
	size_t count;
};

struct vrf_device {
	char name[IFNAMSIZ];
	uint32_t ifindex, table;
};

struct vrf_places {
	struct vrf_device *device;
	size_t count;
	bool (*is_own_netns)(const char *name);
};

/* @table 0: it is no VRF device, or no more. False: nothing has changed. */
bool vrf_places_set(struct vrf_places *p, const char *name, uint32_t ifindex,
		    uint32_t table);

void asks_for_tenants(struct asks *a, const struct conf *c);
/* In zebra's place, after asks_for_tenants(): a table that a tenant asks for is not asked for
 * again. */
void asks_for_zebra(struct asks *a, const struct conf *c, const struct vrf_places *p);
void asks_sort(struct asks *a);
void asks_free(struct asks *a);

#endif
