/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_ZAPI_ZAPI_H
#define WGRD_PROTO_ZAPI_ZAPI_H

/*
 * ZAPI, the protocol zebra speaks on its zserv socket: a byte stream of messages with a
 * ten-byte header. This file cuts the stream into messages and frames those going out;
 *the bodies have files of their own, and what changes between releases of FRR is in
 * zapi_dialect.h. Pure functions, any thread; nothing is allocated.
 *
 *	 0        2     3     4          8         10
 *	+--------+-----+-----+----------+---------+------
 *	| length | 254 |  6  |  VRF id  | command | body
 *	+--------+-----+-----+----------+---------+------
 *
 * Integers are big-endian, but where zebra copies a C object raw (said at each such
 *field). Every decoder returns 0 or -EBADMSG and is strict: the body has to be used up
 *exactly. Every encoder writes a whole message and sets the cursor's error if it does not
 *fit.
 */

#include <stdint.h>

#include "proto/net/wbuf.h"

struct zapi_dialect;

enum {
	ZAPI_HEADER_LEN = 10,
	ZAPI_MESSAGE_MAX = 16384, /* header included; the same in every release */
	ZAPI_MARKER = 254,
	ZAPI_VERSION = 6, /* from FRR 4 to 10.7: it says nothing about the dialect */

	ZAPI_COMMAND_NONE = 0xffff,  /* the dialect has no such message */
	ZAPI_COMMAND_PROBE = 0xfffe, /* no release knows it: the answer is an ERROR */
};

/* What a message is about; its number on the wire is the dialect's. */
enum zapi_kind {
	ZAPI_UNKNOWN,
	ZAPI_INTERFACE_ADD,
	ZAPI_INTERFACE_DELETE,
	ZAPI_INTERFACE_ADDRESS_ADD,
	ZAPI_INTERFACE_ADDRESS_DELETE,
	ZAPI_INTERFACE_UP,
	ZAPI_INTERFACE_DOWN,
	ZAPI_ROUTE_ADD,
	ZAPI_ROUTE_DELETE,
	ZAPI_ROUTE_NOTIFY_OWNER,
	ZAPI_REDISTRIBUTE_ADD,
	ZAPI_REDISTRIBUTE_DELETE,
	ZAPI_ROUTER_ID_ADD,
	ZAPI_ROUTER_ID_DELETE,
	ZAPI_ROUTER_ID_UPDATE,
	ZAPI_HELLO,
	ZAPI_CAPABILITIES,
	ZAPI_NEXTHOP_REGISTER,
	ZAPI_NEXTHOP_UNREGISTER,
	ZAPI_NEXTHOP_UPDATE,
	ZAPI_REDISTRIBUTE_ROUTE_ADD,
	ZAPI_REDISTRIBUTE_ROUTE_DEL,
	ZAPI_VRF_ADD,
	ZAPI_VRF_DELETE,
	ZAPI_ERROR,
	ZAPI_ROUTE_NOTIFY_REQUEST,
	ZAPI_CLIENT_CLOSE_NOTIFY,
	ZAPI_KIND_COUNT,
};
/* "REDISTRIBUTE_ROUTE_ADD"; "UNKNOWN" for ZAPI_UNKNOWN. */
const char *zapi_kind_name(enum zapi_kind kind);

struct zapi_message {
	uint16_t command; /* the wire's number: zapi_dialect_kind() gives the meaning */
	uint16_t len;     /* header included */
	uint32_t vrf;
	struct wbuf body; /* into the caller's buffer */
};

/*
 * Takes the first message off @len bytes at @buf. Returns its length, 0 when more bytes
 * are needed, or -EBADMSG when this cannot be ZAPI and the stream is to be given up.
 */
int zapi_cut(struct zapi_message *m, const void *buf, size_t len);

/* Address families (AFI) as zebra numbers them in subscriptions. */
enum {
	ZAPI_AFI_IPV4 = 1,
	ZAPI_AFI_IPV6 = 2,
	ZAPI_SAFI_UNICAST = 1
};

/*
 * Frames: everything put between begin and end is the body. begin() returns where the
 * message starts, which end() needs to write the length.
 */
uint8_t *zapi_begin(struct wbuf *w, const struct zapi_dialect *d, enum zapi_kind kind,
		    uint32_t vrf);
uint8_t *zapi_begin_command(struct wbuf *w, uint16_t command, uint32_t vrf);
void zapi_end(struct wbuf *w, uint8_t *start);

/* A message without a body: the probe, INTERFACE_ADD as a request, VRF_DELETE. */
void zapi_encode_empty(struct wbuf *w, const struct zapi_dialect *d, enum zapi_kind kind,
		       uint32_t vrf);
void zapi_encode_probe(struct wbuf *w);

#endif
