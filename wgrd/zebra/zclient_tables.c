/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/zebra/zclient_priv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/zapi/zapi_route.h"
#include "wgrd/lib/log.h"

/*
 * What bgpd and others put into tables of their own ("set table"), which zebra tells of no other
 * way: as routes of type TABLE_DIRECT, whose instance is the table, in the default VRF. Who put
 * them there is lost, the tag and the next hops are not.
 */

static void ask(struct zclient *z, enum zapi_kind kind, uint32_t table)
{
	struct zapi_redistribute r = {.proto = ZAPI_PROTO_TABLE_DIRECT,
				      .instance = (uint16_t)table};

	r.family = AF_INET;
	zsub_send_redistribute(z, kind, 0, &r);
	r.family = AF_INET6;
	zsub_send_redistribute(z, kind, 0, &r);
}

/* In this session, not only as far as we remember. */
static bool can_tell(const struct zclient *z)
{
	uint8_t type;

	return z->dialect &&
	       zapi_dialect_type(z->dialect, ZAPI_PROTO_TABLE_DIRECT, &type) == 0;
}

static void name_vrf(struct zclient *z, uint32_t table)
{
	char name[RIB_VRF_NAME_LEN];

	if (rib_vrf_set(z->rib, rib_table_vrf(table), rib_table_name(table, name)))
		log_err(LOG_RIB, "%s: no memory for what zebra tells of it", name);
}

static bool has(const uint32_t *table, size_t n, uint32_t one)
{
	for (size_t i = 0; i < n; i++)
		if (table[i] == one)
			return true;
	return false;
}

void ztables_start(struct zclient *z)
{
	z->tells_tables = can_tell(z);
	for (size_t i = 0; i < z->table_count && z->tells_tables; i++) {
		name_vrf(z, z->tables[i]);
		ask(z, ZAPI_REDISTRIBUTE_ADD, z->tables[i]);
	}
}

void ztables_restart(struct zclient *z)
{
	for (size_t i = 0; i < z->table_count && z->tells_tables; i++) {
		ask(z, ZAPI_REDISTRIBUTE_DELETE, z->tables[i]);
		ask(z, ZAPI_REDISTRIBUTE_ADD, z->tables[i]);
	}
}

bool ztables_vrf(const struct zclient *z, const struct zapi_route *r, uint32_t *vrf)
{
	if (*vrf || !has(z->tables, z->table_count, r->instance))
		return false;
	*vrf = rib_table_vrf(r->instance);
	return true;
}

static void let_go(struct zclient *z, uint32_t table)
{
	uint32_t vrf = rib_table_vrf(table);

	if (can_tell(z))
		ask(z, ZAPI_REDISTRIBUTE_DELETE, table);
	if (zsub_withdraw_vrf(z, vrf) < 0)
		log_err(LOG_RIB, "table %u: no memory to withdraw what zebra told of it",
			table);
	rib_vrf_del_empty(z->rib, vrf);
}

void zclient_set_tables(struct zclient *z, const uint32_t *table, size_t n)
{
	uint32_t *old = z->tables;
	size_t old_count = z->table_count;

	z->tables = xcalloc(n + 1, sizeof(*z->tables));
	z->table_count = n;
	for (size_t i = 0; i < n; i++) {
		assert(table[i] && table[i] <= UINT16_MAX);
		z->tables[i] = table[i];
		if (has(old, old_count, table[i]) || !can_tell(z))
			continue;
		name_vrf(z, table[i]);
		ask(z, ZAPI_REDISTRIBUTE_ADD, table[i]);
	}
	for (size_t i = 0; i < old_count; i++)
		if (!has(table, n, old[i]))
			let_go(z, old[i]);
	free(old);
}

bool zclient_tells_tables(const struct zclient *z)
{
	return z->tells_tables && !z->gave_up;
}

void ztables_fini(struct zclient *z)
{
	free(z->tables);
}
