/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_ZAPI_ZAPI_DIALECT_H
#define WGRD_PROTO_ZAPI_ZAPI_DIALECT_H

/*
 * ZAPI has had one version number since 2018 and many meanings: releases of FRR number
 * their commands and route types differently and widen fields. A dialect is one such
 * meaning, as a constant table; codecs ask it and know no release themselves.
 *
 * Which dialect a zebra speaks is found in two ways that must agree: by its release,
 * asked on its vty, and by a probe, which looks at the numbers of its ERROR and
 * CAPABILITIES messages and at the length of the latter. Constant data and pure
 * functions, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/zapi/zapi.h"

/* Route types by our own numbers; RIPNG and OSPF6 are the IPv6 twins of RIP and OSPF. */
enum zapi_proto {
	ZAPI_PROTO_OTHER, /* a type we have no use for; cannot be encoded */
	ZAPI_PROTO_KERNEL,
	ZAPI_PROTO_CONNECT,
	ZAPI_PROTO_LOCAL,
	ZAPI_PROTO_STATIC,
	ZAPI_PROTO_RIP,
	ZAPI_PROTO_RIPNG,
	ZAPI_PROTO_OSPF,
	ZAPI_PROTO_OSPF6,
	ZAPI_PROTO_ISIS,
	ZAPI_PROTO_BGP,
	ZAPI_PROTO_EIGRP,
	ZAPI_PROTO_NHRP,
	ZAPI_PROTO_TABLE,
	ZAPI_PROTO_BABEL,
	ZAPI_PROTO_TABLE_DIRECT,
	ZAPI_PROTO_COUNT,
};

enum zapi_feature {
	ZAPI_HELLO_NOTIFY = 1 << 0,  /* HELLO asks for owner notifications with a byte */
	ZAPI_CAPS_V6NH = 1 << 1,     /* CAPABILITIES: v6_with_v4_nexthop */
	ZAPI_CAPS_GR = 1 << 2,       /* CAPABILITIES: graceful_restart */
	ZAPI_CAPS_BACKEND8 = 1 << 3, /* CAPABILITIES: VRF backend in one byte, not four */
	ZAPI_IF_TXQLEN = 1 << 4,     /* INTERFACE: transmit queue length */
	ZAPI_IF_TYPE = 1 << 5,       /* INTERFACE: zebra's interface type */
	ZAPI_NH_LABEL_TYPE = 1 << 6, /* next hop: type of the labels */
	ZAPI_NH_WEIGHT64 = 1 << 7,   /* next hop: weight in eight bytes */
	ZAPI_NH_SEG6_LIST = 1 << 8,  /* next hop: list of SRv6 segments, not one */
	ZAPI_NH_SEG6_ENCAP = 1 << 9, /* next hop: SRv6 encapsulation behaviour */
	ZAPI_NHT_SAFI = 1 << 10,     /* tracking: SAFI, via-default, matched prefix */
	ZAPI_NHT_COUNT16 = 1 << 11,  /* tracking: 16-bit count of next hops */
	ZAPI_NOTIFY_SAFI = 1 << 12,  /* NOTIFY_OWNER: AFI and SAFI */
	ZAPI_NOTIFY_SRC = 1 << 13,   /* NOTIFY_OWNER: source prefix */
	ZAPI_MESSAGE_BITS_OLD =
		1 << 14, /* routes: no NHG and OPAQUE, later bits one lower */
	ZAPI_FLAG_WITH_TABLEID = 1 << 15, /* routes: flag 0x800 goes with a table id */
	ZAPI_REDISTRIBUTE_TABLE = 1
				  << 16, /* its bgpd knows a plain "redistribute table" */
};

struct zapi_dialect {
	const char *name; /* the first release series that spoke it: "8.4" */
	uint8_t major, minor_first, minor_last;
	uint8_t command_set; /* column of the table of commands: 'A' to 'E' */
	uint8_t proto_set;   /* column of the table of route types */
	uint32_t features;   /* enum zapi_feature */
};

/* All of them, oldest first. */
extern const struct zapi_dialect zapi_dialects[];
extern const size_t zapi_dialect_count;

/* ZAPI_COMMAND_NONE if the dialect has no such message. */
uint16_t zapi_dialect_command(const struct zapi_dialect *d, enum zapi_kind kind);
/* ZAPI_UNKNOWN for what we have no use for. */
enum zapi_kind zapi_dialect_kind(const struct zapi_dialect *d, uint16_t command);
/* Returns 0 or -ENOENT: the dialect has no such route type. */
int zapi_dialect_type(const struct zapi_dialect *d, enum zapi_proto proto, uint8_t *type);
/* Returns 0, or -EBADMSG if @type is beyond the dialect's last. */
int zapi_dialect_proto(const struct zapi_dialect *d, uint8_t type,
		       enum zapi_proto *proto);
static inline bool zapi_dialect_has(const struct zapi_dialect *d, enum zapi_feature f)
{
	return d->features & f;
}

/*
 * By release, as zebra prints it: "8.4.4", "10.2.6-1~deb13u1". NULL if it is none we
 * know; a development snapshot ("10.4-dev") is none, as its numbers are those of no
 * release.
 */
const struct zapi_dialect *zapi_dialect_by_release(const char *release);

/* What the probe saw. */
struct zapi_probe {
	uint16_t error;            /* number of the ERROR message */
	uint16_t capabilities;     /* number of the CAPABILITIES message */
	uint16_t capabilities_len; /* of its body */
};
bool zapi_dialect_fits(const struct zapi_dialect *d, const struct zapi_probe *p);
/* Whether any dialect answers an unknown command with an ERROR of this number. */
bool zapi_error_is_known(uint16_t error);

/*
 * By the probe alone. Returns the oldest dialect that fits, NULL if none does. *@certain
 * is false when another fits as well and differs in something we read or write; then only
 * the release can tell them apart.
 */
const struct zapi_dialect *zapi_dialect_by_probe(const struct zapi_probe *p,
						 bool *certain);

/* Length of the body of the dialect's CAPABILITIES. */
size_t zapi_capabilities_len(const struct zapi_dialect *d);

#endif
