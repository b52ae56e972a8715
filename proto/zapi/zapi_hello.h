/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_ZAPI_ZAPI_HELLO_H
#define WGRD_PROTO_ZAPI_ZAPI_HELLO_H

/*
 * The messages that open a session and say what it is to be about: HELLO and its answer,
 * the router id, VRFs, requests for routes and for notifications, and zebra's complaints.
 * See zapi.h for the rules of all codecs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proto/net/addr.h"
#include "proto/zapi/zapi.h"
#include "proto/zapi/zapi_dialect.h"

struct zapi_hello {
	enum zapi_proto proto; /* owner of what the session adds; swept when it closes */
	uint16_t instance;
	uint32_t session;
	bool notify; /* lost in dialects without ZAPI_HELLO_NOTIFY */
	bool synchronous;
};
void zapi_encode_hello(struct wbuf *w, const struct zapi_dialect *d,
		       const struct zapi_hello *h);
int zapi_decode_hello(struct wbuf *body, const struct zapi_dialect *d,
		      struct zapi_hello *h);

struct zapi_capabilities {
	bool vrf_netns; /* VRFs are network namespaces (zebra -n), not devices */
	bool mpls;
	uint32_t ecmp; /* most next hops of a route */
	uint8_t mlag_role;
	bool v6_with_v4_nexthop; /* the last two only where the dialect has them */
	bool graceful_restart;
};
void zapi_encode_capabilities(struct wbuf *w, const struct zapi_dialect *d,
			      const struct zapi_capabilities *c);
int zapi_decode_capabilities(struct wbuf *body, const struct zapi_dialect *d,
			     struct zapi_capabilities *c);

/* ROUTER_ID_ADD asks, ROUTER_ID_UPDATE answers as soon as there is one. */
void zapi_encode_router_id_add(struct wbuf *w, const struct zapi_dialect *d, uint32_t vrf,
			       sa_family_t family);
void zapi_encode_router_id_update(struct wbuf *w, const struct zapi_dialect *d,
				  uint32_t vrf, const struct ip_addr *id);
int zapi_decode_router_id_update(struct wbuf *body, struct ip_addr *id);

enum {
	ZAPI_VRF_NAME_LEN = 36
}; /* with its NUL */

/* VRF_ADD; the id is the message's. VRF_DELETE has no body. */
struct zapi_vrf {
	uint32_t table;
	char netns[ZAPI_VRF_NAME_LEN]; /* basename; "" with device VRFs */
	char name[ZAPI_VRF_NAME_LEN];
};
void zapi_encode_vrf_add(struct wbuf *w, const struct zapi_dialect *d, uint32_t id,
			 const struct zapi_vrf *v);
int zapi_decode_vrf_add(struct wbuf *body, struct zapi_vrf *v);

/* What to subscribe to, or to leave, with @kind REDISTRIBUTE_ADD or REDISTRIBUTE_DELETE.
 */
struct zapi_redistribute {
	sa_family_t family;
	enum zapi_proto proto;
	uint16_t instance; /* 0: those without an instance */
};
void zapi_encode_redistribute(struct wbuf *w, const struct zapi_dialect *d,
			      enum zapi_kind kind, uint32_t vrf,
			      const struct zapi_redistribute *r);
int zapi_decode_redistribute(struct wbuf *body, const struct zapi_dialect *d,
			     struct zapi_redistribute *r);

void zapi_encode_notify_request(struct wbuf *w, const struct zapi_dialect *d, bool on);
int zapi_decode_notify_request(struct wbuf *body, bool *on);

/* Bodies of ERROR; other numbers may come. */
enum zapi_error {
	ZAPI_ERROR_UNKNOWN = 0,
	ZAPI_ERROR_NO_VRF = 1,
	ZAPI_ERROR_BAD_TYPE = 2, /* zebra has no such message */
};
void zapi_encode_error(struct wbuf *w, uint16_t command, uint32_t vrf, uint32_t error);
int zapi_decode_error(struct wbuf *body, uint32_t *error);
const char *zapi_error_str(uint32_t error);

#endif
