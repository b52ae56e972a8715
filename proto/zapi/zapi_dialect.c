/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/zapi/zapi_dialect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Numbers of the messages, one column for each command set. Sets differ because FRR
 * inserts into and removes from the middle of its enumeration; within a release series
 * they are stable. Set A: 7.5. B: 8.4 to 9.0. C: 9.1. D: 10.0 and 10.1. E: from 10.2.
 */
enum {
	SET_COUNT = 5,
	NONE = ZAPI_COMMAND_NONE
};

/* clang-format off */
static const uint16_t commands[ZAPI_KIND_COUNT][SET_COUNT] = {
	/*                                    A     B     C     D     E  */
	[ZAPI_UNKNOWN]                  = {NONE, NONE, NONE, NONE, NONE},
	[ZAPI_INTERFACE_ADD]            = {   0,    0,    0,    0,    0},
	[ZAPI_INTERFACE_DELETE]         = {   1,    1,    1,    1,    1},
	[ZAPI_INTERFACE_ADDRESS_ADD]    = {   2,    2,    2,    2,    2},
	[ZAPI_INTERFACE_ADDRESS_DELETE] = {   3,    3,    3,    3,    3},
	[ZAPI_INTERFACE_UP]             = {   4,    4,    4,    4,    4},
	[ZAPI_INTERFACE_DOWN]           = {   5,    5,    5,    5,    5},
	[ZAPI_ROUTE_ADD]                = {   8,    8,    8,    9,    9},
	[ZAPI_ROUTE_DELETE]             = {   9,    9,    9,   10,   10},
	[ZAPI_ROUTE_NOTIFY_OWNER]       = {  10,   10,   10,   11,   11},
	[ZAPI_REDISTRIBUTE_ADD]         = {  11,   11,   11,   12,   12},
	[ZAPI_REDISTRIBUTE_DELETE]      = {  12,   12,   12,   13,   13},
	[ZAPI_ROUTER_ID_ADD]            = {  15,   15,   15,   16,   16},
	[ZAPI_ROUTER_ID_DELETE]         = {  16,   16,   16,   17,   17},
	[ZAPI_ROUTER_ID_UPDATE]         = {  17,   17,   17,   18,   18},
	[ZAPI_HELLO]                    = {  18,   18,   18,   19,   19},
	[ZAPI_CAPABILITIES]             = {  19,   19,   19,   20,   20},
	[ZAPI_NEXTHOP_REGISTER]         = {  20,   20,   20,   21,   21},
	[ZAPI_NEXTHOP_UNREGISTER]       = {  21,   21,   21,   22,   22},
	[ZAPI_NEXTHOP_UPDATE]           = {  22,   22,   22,   23,   23},
	[ZAPI_REDISTRIBUTE_ROUTE_ADD]   = {  33,   30,   30,   31,   31},
	[ZAPI_REDISTRIBUTE_ROUTE_DEL]   = {  34,   31,   31,   32,   32},
	[ZAPI_VRF_ADD]                  = {  36,   33,   33,   34,   33},
	[ZAPI_VRF_DELETE]               = {  37,   34,   34,   35,   34},
	[ZAPI_ERROR]                    = { 112,  118,  117,  118,  120},
	[ZAPI_ROUTE_NOTIFY_REQUEST]     = {NONE,  124,  123,  124,  126},
	[ZAPI_CLIENT_CLOSE_NOTIFY]      = {NONE,  125,  124,  125,  127},
};

/* Route types: 10.0 inserted LOCAL at 3. The last row is the first number that is none. */
enum { TYPES_OLD, TYPES_WITH_LOCAL, TYPES_COUNT, NO_TYPE = 0xff };

static const uint8_t types[ZAPI_PROTO_COUNT + 1][TYPES_COUNT] = {
	[ZAPI_PROTO_OTHER]        = {NO_TYPE, NO_TYPE},
	[ZAPI_PROTO_KERNEL]       = {1, 1},
	[ZAPI_PROTO_CONNECT]      = {2, 2},
	[ZAPI_PROTO_LOCAL]        = {NO_TYPE, 3},
	[ZAPI_PROTO_STATIC]       = {3, 4},
	[ZAPI_PROTO_RIP]          = {4, 5},
	[ZAPI_PROTO_RIPNG]        = {5, 6},
	[ZAPI_PROTO_OSPF]         = {6, 7},
	[ZAPI_PROTO_OSPF6]        = {7, 8},
	[ZAPI_PROTO_ISIS]         = {8, 9},
	[ZAPI_PROTO_BGP]          = {9, 10},
	[ZAPI_PROTO_EIGRP]        = {11, 12},
	[ZAPI_PROTO_NHRP]         = {12, 13},
	[ZAPI_PROTO_TABLE]        = {15, 16},
	[ZAPI_PROTO_BABEL]        = {22, 23},
	[ZAPI_PROTO_TABLE_DIRECT] = {NO_TYPE, 31},
	[ZAPI_PROTO_COUNT]        = {30, 32},
};

/* Each release series adds to or takes from the features of the one above it. */
enum {
	F_7_5 = ZAPI_HELLO_NOTIFY | ZAPI_MESSAGE_BITS_OLD | ZAPI_REDISTRIBUTE_TABLE,
	F_8_4 = (F_7_5 & ~ZAPI_MESSAGE_BITS_OLD) | ZAPI_NHT_SAFI | ZAPI_NOTIFY_SAFI,
	F_9_0 = F_8_4 | ZAPI_NH_LABEL_TYPE,
	F_9_1 = F_9_0 | ZAPI_CAPS_V6NH | ZAPI_IF_TXQLEN | ZAPI_NH_SEG6_LIST,
	F_10_0 = F_9_1 & ~ZAPI_HELLO_NOTIFY,
	F_10_1 = F_10_0 | ZAPI_NH_WEIGHT64,
	F_10_2 = F_10_1 | ZAPI_CAPS_GR,
	F_10_3 = F_10_2 | ZAPI_NHT_COUNT16 | ZAPI_NOTIFY_SRC,
	F_10_4 = F_10_3 | ZAPI_FLAG_WITH_TABLEID | ZAPI_NH_SEG6_ENCAP,
	F_10_5 = F_10_4 & ~ZAPI_REDISTRIBUTE_TABLE,
	F_10_6 = F_10_5 | ZAPI_CAPS_BACKEND8 | ZAPI_IF_TYPE,
};

/*
 * What may be different between two dialects without us noticing: zebra never sends labels or
 * SRv6 segments in what we subscribe to, and the CLI of bgpd is not on this wire.
 */
enum {
	HARMLESS = ZAPI_NH_LABEL_TYPE | ZAPI_NH_SEG6_LIST | ZAPI_NH_SEG6_ENCAP |
		   ZAPI_REDISTRIBUTE_TABLE,
};

const struct zapi_dialect zapi_dialects[] = {
	{"7.5",   7, 5, 5, 'A', TYPES_OLD,        F_7_5},
	{"8.4",   8, 4, 5, 'B', TYPES_OLD,        F_8_4},
	{"9.0",   9, 0, 0, 'B', TYPES_OLD,        F_9_0},
	{"9.1",   9, 1, 1, 'C', TYPES_OLD,        F_9_1},
	{"10.0", 10, 0, 0, 'D', TYPES_WITH_LOCAL, F_10_0},
	{"10.1", 10, 1, 1, 'D', TYPES_WITH_LOCAL, F_10_1},
	{"10.2", 10, 2, 2, 'E', TYPES_WITH_LOCAL, F_10_2},
	{"10.3", 10, 3, 3, 'E', TYPES_WITH_LOCAL, F_10_3},
	{"10.4", 10, 4, 4, 'E', TYPES_WITH_LOCAL, F_10_4},
	{"10.5", 10, 5, 5, 'E', TYPES_WITH_LOCAL, F_10_5},
	{"10.6", 10, 6, 7, 'E', TYPES_WITH_LOCAL, F_10_6},
};
/* clang-format on */
const size_t zapi_dialect_count = sizeof(zapi_dialects) / sizeof(zapi_dialects[0]);

uint16_t zapi_dialect_command(const struct zapi_dialect *d, enum zapi_kind kind)
{
	return commands[kind][d->command_set - 'A'];
}

enum zapi_kind zapi_dialect_kind(const struct zapi_dialect *d, uint16_t command)
{
	if (command == ZAPI_COMMAND_NONE)
		return ZAPI_UNKNOWN;
	for (unsigned kind = ZAPI_UNKNOWN + 1; kind < ZAPI_KIND_COUNT; kind++)
		if (commands[kind][d->command_set - 'A'] == command)
			return (enum zapi_kind)kind;
	return ZAPI_UNKNOWN;
}

int zapi_dialect_type(const struct zapi_dialect *d, enum zapi_proto proto, uint8_t *type)
{
	*type = types[proto][d->proto_set];
	return *type == NO_TYPE ? -ENOENT : 0;
}

int zapi_dialect_proto(const struct zapi_dialect *d, uint8_t type, enum zapi_proto *proto)
{
	*proto = ZAPI_PROTO_OTHER;
	if (type >= types[ZAPI_PROTO_COUNT][d->proto_set])
		return -EBADMSG;
	for (unsigned p = ZAPI_PROTO_OTHER + 1; p < ZAPI_PROTO_COUNT; p++)
		if (types[p][d->proto_set] == type)
			*proto = (enum zapi_proto)p;
	return 0;
}

const struct zapi_dialect *zapi_dialect_by_release(const char *release)
{
	unsigned long major, minor;
	char *end;

	if (release[0] < '0' || release[0] > '9' || strstr(release, "-dev"))
		return NULL;
	major = strtoul(release, &end, 10);
	if (end[0] != '.' || end[1] < '0' || end[1] > '9')
		return NULL;
	minor = strtoul(end + 1, NULL, 10);
	for (size_t i = 0; i < zapi_dialect_count; i++) {
		const struct zapi_dialect *d = &zapi_dialects[i];

		if (d->major == major && d->minor_first <= minor &&
		    minor <= d->minor_last)
			return d;
	}
	return NULL;
}

bool zapi_dialect_fits(const struct zapi_dialect *d, const struct zapi_probe *p)
{
	return zapi_dialect_command(d, ZAPI_ERROR) == p->error &&
	       zapi_dialect_command(d, ZAPI_CAPABILITIES) == p->capabilities &&
	       zapi_capabilities_len(d) == p->capabilities_len;
}

bool zapi_error_is_known(uint16_t error)
{
	for (unsigned set = 0; set < SET_COUNT; set++)
		if (commands[ZAPI_ERROR][set] == error)
			return true;
	return false;
}

const struct zapi_dialect *zapi_dialect_by_probe(const struct zapi_probe *p,
						 bool *certain)
{
	const struct zapi_dialect *found = NULL;

	*certain = true;
	for (size_t i = 0; i < zapi_dialect_count; i++) {
		const struct zapi_dialect *d = &zapi_dialects[i];

		if (!zapi_dialect_fits(d, p))
			continue;
		if (!found)
			found = d;
		else if ((d->features ^ found->features) & ~(uint32_t)HARMLESS)
			*certain = false;
	}
	return found;
}

size_t zapi_capabilities_len(const struct zapi_dialect *d)
{
	size_t len = 4 + 1 + 4 + 1; /* VRF backend, MPLS, ECMP, MLAG role */

	if (zapi_dialect_has(d, ZAPI_CAPS_BACKEND8))
		len -= 3;
	if (zapi_dialect_has(d, ZAPI_CAPS_V6NH))
		len++;
	if (zapi_dialect_has(d, ZAPI_CAPS_GR))
		len++;
	return len;
}
