/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/learn/asks.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/kernel/kforeign.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/rtproto.h"
#include "wgrd/lib/util.h"

/* ---- where VRFs are ---- */

bool vrf_places_set(struct vrf_places *p, const char *name, uint32_t ifindex,
		    uint32_t table)
{
	struct vrf_device fresh = {.ifindex = ifindex, .table = table};
	size_t i = 0;

	snprintf(fresh.name, sizeof(fresh.name), "%s", name);
	while (i < p->count && p->device[i].ifindex != ifindex)
		i++;
	if (i == p->count && !table)
		return false;
	if (i < p->count && p->device[i].table == table &&
	    !strcmp(p->device[i].name, fresh.name))
		return false;
	if (!table) {
		p->device[i] = p->device[--p->count];
		return true;
	}
	if (i == p->count)
		p->device = xrealloc(p->device, ++p->count, sizeof(*p->device));
	p->device[i] = fresh;
	return true;
}

/* The VRF that our namespace is, if any tenant learns from one that is. */
static const char *vrf_of_netns(const struct conf *c, const struct vrf_places *p)
{
	for (size_t i = 0; i < c->tenant_count; i++)
		if (!c->tenant[i]->learn_table && p->is_own_netns(c->tenant[i]->vrf))
			return c->tenant[i]->vrf;
	return RIB_VRF_DEFAULT;
}

static bool find_place(const struct vrf_places *p, const char *vrf, const char *of_netns,
		       struct ask *ask)
{
	for (size_t i = 0; i < p->count; i++)
		if (!strcmp(p->device[i].name, vrf)) {
			ask->table = p->device[i].table;
			ask->vrf_id = p->device[i].ifindex; /* as zebra has it */
			return true;
		}
	if (strcmp(vrf, of_netns))
		return false;
	ask->table = KFOREIGN_MAIN_TABLE;
	ask->vrf_id = strcmp(vrf, RIB_VRF_DEFAULT) ? RIB_VRF_OWN_NETNS : 0;
	return true;
}

/* ---- asking ---- */

static bool has_table(const struct asks *a, uint32_t table)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->v[i].table == table)
			return true;
	return false;
}

static void add(struct asks *a, const struct ask *ask)
{
	a->v = xrealloc(a->v, a->count + 1, sizeof(*a->v));
	a->v[a->count++] = *ask;
}

void asks_for_tenants(struct asks *a, const struct conf *c)
{
	for (size_t i = 0; i < c->tenant_count; i++) {
		const struct conf_tenant *t = c->tenant[i];
		struct ask ask = {.table = t->learn_table};

		if (!t->learn_table)
			continue;
		ask.direct = t->learn_direct;
		ask.vrf_id = rib_table_vrf(t->learn_table);
		rib_table_name(t->learn_table, ask.vrf);
		ask.follows[RTPROT_BIRD] = !t->learn_protocol_count;
		for (size_t j = 0; j < t->learn_protocol_count; j++)
			ask.follows[t->learn_protocol[j]] = true;
		add(a, &ask);
	}
}

/* zebra marks what comes from a daemon it has a number for, and the rest as its own. */
static void ask_for_vrf(struct asks *a, const struct conf *c, const struct vrf_places *p,
			const char *vrf)
{
	uint8_t protocol = rtproto_parse(c->zebra.protocol);
	struct ask ask = {.stands_in = true};

	if (!find_place(p, vrf, vrf_of_netns(c, p), &ask)) {
		if (strcmp(vrf, RIB_VRF_DEFAULT))
			log_warn(LOG_KERNEL,
				 "VRF %s is neither a VRF device nor the network "
				 "namespace wgrd runs in: nothing is learned from it "
				 "while zebra is not understood",
				 vrf);
		return;
	}
	/* a tenant that learns from it is in zebra's place already */
	if (has_table(a, ask.table))
		return;
	snprintf(ask.vrf, sizeof(ask.vrf), "%s", vrf);
	ask.follows[protocol ? protocol : RTPROT_ZEBRA] = true;
	add(a, &ask);
}

static bool is_first_of_vrf(const struct conf *c, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!c->tenant[j]->learn_table &&
		    !strcmp(c->tenant[j]->vrf, c->tenant[i]->vrf))
			return false;
	return !c->tenant[i]->learn_table && strcmp(c->tenant[i]->vrf, RIB_VRF_DEFAULT);
}

void asks_for_zebra(struct asks *a, const struct conf *c, const struct vrf_places *p)
{
	ask_for_vrf(a, c, p, RIB_VRF_DEFAULT);
	for (size_t i = 0; i < c->tenant_count; i++)
		if (is_first_of_vrf(c, i))
			ask_for_vrf(a, c, p, c->tenant[i]->vrf);
}

static int by_table(const void *va, const void *vb)
{
	const struct ask *a = va, *b = vb;

	return (a->table > b->table) - (a->table < b->table);
}

void asks_sort(struct asks *a)
{
	if (a->count)
		qsort(a->v, a->count, sizeof(*a->v), by_table);
}

void asks_free(struct asks *a)
{
	free(a->v);
	*a = (struct asks){0};
}
