/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_ZAPI_ZAPI_NOTIFY_H
#define WGRD_PROTO_ZAPI_ZAPI_NOTIFY_H

/*
 * ROUTE_NOTIFY_OWNER: what became of a route we gave to zebra. See zapi.h for the rules
 * of all codecs.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "proto/zapi/zapi.h"
#include "proto/zapi/zapi_dialect.h"

enum zapi_note {
	ZAPI_NOTE_FAIL_INSTALL, /* also: it was inactive, and zebra has forgotten it */
	ZAPI_NOTE_BETTER_ADMIN_WON, /* a route of lower distance is used instead */
	ZAPI_NOTE_INSTALLED,
	ZAPI_NOTE_REMOVED,
	ZAPI_NOTE_REMOVE_FAIL,
	ZAPI_NOTE_COUNT,
};
const char *zapi_note_str(enum zapi_note note);

struct zapi_notify {
	enum zapi_note note;
	struct prefix prefix;
	bool has_src; /* about a source-specific route, @src of it */
	struct prefix src;
	uint32_t table;
	uint8_t afi, safi; /* 0 where the dialect does not say */
};
void zapi_encode_notify(struct wbuf *w, const struct zapi_dialect *d, uint32_t vrf,
			const struct zapi_notify *n);
int zapi_decode_notify(struct wbuf *body, const struct zapi_dialect *d,
		       struct zapi_notify *n);

#endif
