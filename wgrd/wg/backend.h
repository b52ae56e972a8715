/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_WG_BACKEND_H
#define WGRD_WG_BACKEND_H

/*
 * What a back end must do for wgrd/wg. backend_user.c does it with wgrd/dplane, and
 * tests/lib/fake_backend.c records it for scenario tests. Main thread only. Objects are
 * the back end's own, opaque here; groups and peers belong to the device they were made
 * on.
 *
 * prepare may refuse with a sentence; everything else that can fail does so only for lack
 * of memory.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/conf/conf.h"
#include "wgrd/lib/util.h"

struct wg_backend_peer_state {
	struct ip_addr endpoint; /* family 0: not known */
	uint16_t endpoint_port;
	bool session_up, handshaking, expired;
	uint64_t last_handshake_s, last_handshake_ns;
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets, handshakes,
		handshakes_failed;
};

struct wg_backend_nexthop {
	void *peer;
	uint16_t weight;
};

/* Called by the back end on the main thread. */
struct wg_backend_events {
	void (*session)(void *arg, void *peer_cookie, bool up);
	void *arg;
};

struct wg_backend_ops {
	const char *name; /* "user" */
	void (*set_events)(void *be, const struct wg_backend_events *ev);

	/* Makes the interface (down, without addresses) and binds its port. */
	int (*device_new)(void *be, const struct conf_wireguard *conf, void **dev,
			  uint32_t *ifindex, char *why, size_t why_len);
	/* Tries whether the new settings can be had (port free, ...) without changing
	 * anything visible; device_set() with the same @conf cannot fail afterwards. */
	int (*device_prepare)(void *be, void *dev, const struct conf_wireguard *conf,
			      char *why, size_t why_len);
	void (*device_set)(void *be, void *dev, const struct conf_wireguard *conf);
	void (*device_abort)(void *be, void *dev); /* undoes device_prepare() */
	/* Makes addresses, MTU and state (up unless shutdown) of the interface what @conf
	 * says. Returns 0 or a negative errno. */
	int (*device_link)(void *be, void *dev, const struct conf_wireguard *conf);
	/* Stops forwarding and gives up the interface and the port before it returns.
	 * After it only peer_retire(), peer_free(), group_free() and device_free() are
	 * called for the device, the last one when no peer or group of it is left. */
	void (*device_stop)(void *be, void *dev);
	void (*device_free)(void *be, void *dev);
	uint16_t (*device_port)(void *be, void *dev);
	/* @key: what conf_wireguard.private_key gives, computed once by the back end. */
	bool (*device_public_key)(void *be, void *dev, uint8_t key[32]);

	int (*peer_new)(void *be, void *dev, const struct conf_peer *conf, void *cookie,
			void **peer);
	void (*peer_set)(void *be, void *peer, const struct conf_peer *conf);
	/* Stops forwarding now; the object stays for groups that still name it. */
	void (*peer_retire)(void *be, void *peer);
	void (*peer_free)(void *be, void *peer);
	void (*peer_clear)(void *be, void *peer);
	void (*peer_state)(void *be, void *peer, struct wg_backend_peer_state *st);

	int (*group_new)(void *be, void *dev, const struct wg_backend_nexthop *nh,
			 unsigned n, void **group);
	int (*group_set)(void *be, void *group, const struct wg_backend_nexthop *nh,
			 unsigned n);
	void (*group_free)(void *be, void *group);

	int (*egress_set)(void *be, void *dev, const struct prefix *p, void *group);
	void (*egress_del)(void *be, void *dev, const struct prefix *p);
	int (*ingress_set)(void *be, void *dev, const struct prefix *p, void *group);
	void (*ingress_del)(void *be, void *dev, const struct prefix *p);

	void (*walk_counters)(void *be,
			      bool (*fn)(const char *name, const char *what, bool drop,
					 uint64_t value, void *arg),
			      void *arg);
};

#endif
