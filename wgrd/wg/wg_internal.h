/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_WG_WG_INTERNAL_H
#define WGRD_WG_WG_INTERNAL_H

/*
 * The objects behind wg.h, for the files of this folder only. Main thread only.
 *
 * Every object has two lives. Its back-end half (be) goes when the configuration drops
 * its interface, or for a peer when nothing names it any more. The rest goes with the
 * last reference. be is NULL in between, and whoever calls the back end looks first.
 *
 *	wg --> device[] (by name) --> peer[] (by name)      what is configured
 *	       device --> peers, groups                     all with a back-end half
 *	       device --> permissions[family] --> group --> peer
 *	peer, group --reference--> device;  group --reference--> peer
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/ptree.h"
#include "wgrd/wg/backend.h"
#include "wgrd/wg/wg.h"

struct wg {
	struct loop *loop;
	const struct wg_backend_ops *ops;
	void *be;
	struct wg_events events;
	struct wg_device **device; /* running ones, sorted by name, one reference each */
	size_t device_count;
};

enum wg_table {
	WG_EGRESS,
	WG_INGRESS,
	WG_TABLES,
};

struct wg_overlay {
	struct ip_addr addr;
	struct wg_peer *peer;
};

struct wg_device {
	unsigned refs;
	bool gone;
	struct wg *wg;
	char name[IFNAMSIZ];
	uint32_t ifindex;
	const struct conf_wireguard *conf; /* running; NULL once gone */
	void *be;
	const char *link_error; /* why its addresses or state are not as configured */
	struct wg_peer **peer;  /* running ones, sorted by name, one reference each */
	size_t peer_count;
	struct wg_overlay *overlay; /* sorted by address */
	size_t overlay_count;
	struct wg_peer *peers; /* all with a back-end half, in no order */
	struct wg_group *groups;
	struct ptree permissions[2]; /* IPv4, IPv6; of struct permission */
	size_t permission_count[WG_TABLES];
};

struct wg_peer {
	unsigned refs;
	bool gone, up;
	struct wg_device *device;
	char name[CONF_NAME_LEN];
	const struct conf_peer *conf; /* running; NULL once gone */
	void *be;
	struct wg_peer *next, **pprev; /* device->peers */
};

struct wg_group {
	unsigned refs;
	struct wg_device *device;
	void *be;
	struct wg_nexthop *nexthop;
	unsigned nexthop_count;
	struct wg_group *next, **pprev; /* device->groups */
};

/* ---- wg_device.c ---- */

/* Makes the back-end half; what may refuse. The device has one reference. */
int wg_device_new(struct wg *wg, const struct conf_wireguard *conf,
		  struct wg_device **out, char *why, size_t why_len) MUST_USE;
/* Takes over @conf: settings if they differ from the former ones, peers, addresses. */
void wg_device_apply(struct wg_device *d, const struct conf_wireguard *conf);
/* Ends its back-end half, and those of its peers and groups. Keeps the reference. */
void wg_device_stop(struct wg_device *d);
/* Do the interfaces differ in more than their peers? */
bool wg_device_settings_equal(const struct conf_wireguard *a,
			      const struct conf_wireguard *b);

/* ---- wg_peer.c ---- */

struct wg_peer *wg_peer_new(struct wg_device *d, const struct conf_peer *conf);
/* Has left the configuration, or its device has. */
void wg_peer_retire(struct wg_peer *p);
void wg_peer_drop_backend(struct wg_peer *p);
/* From the back end. */
void wg_peer_session(void *wg, void *peer, bool up);

/* ---- wg_group.c ---- */

void wg_group_drop_backend(struct wg_group *g);

/* ---- wg_permission.c ---- */

/* Forgets all, without telling the back end. */
void wg_permissions_clear(struct wg_device *d);

#endif
