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
#include "wgrd/wg/wg.h"

struct wg_dataplane_view;
struct wg_thread_view;

struct wg_backend_peer_state {
	struct ip_addr endpoint; /* family 0: not known */
	uint16_t endpoint_port;
	bool session_up, handshaking, expired;
	bool answers; /* the session is not known to be of no use */
	/* The first eight octets of the two public keys that the session in use came from,
	 * as a little-endian number; 0: there is none. */
	uint64_t own_key_id, peer_key_id;
	uint64_t last_handshake_s, last_handshake_ns;
	/* When it last answered a handshake of ours, and how soon; 0: not known. */
	uint64_t answered_ns, answered_in_ns;
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets, handshakes,
		handshakes_failed;
	uint64_t moves;   /* to another address or port */
	uint64_t gave_up; /* attempts at a handshake that nobody answered to the end */
	uint64_t refused[WG_REFUSALS];
};

struct wg_backend_device_state {
	bool adopted; /* somebody else made it */
	size_t foreign_peers, foreign_prefixes;
	/* For which more is demanded than one owner. */
	size_t degraded_prefixes;
	const char *trouble; /* NULL, or why it does not forward as it should */
};

struct wg_backend_nexthop {
	void *peer;
	uint16_t weight;
	uint8_t rank;
};

/* Called by the back end on the main thread. */
struct wg_backend_events {
	void (*session)(void *arg, void *peer_cookie, bool up);
	/* moves, gave_up or refused of its state have risen. */
	void (*news)(void *arg, void *peer_cookie);
	void *arg;
};

struct wg_backend_ops {
	const char *name; /* "user", "kernel" */
	/* The kernel forwards: wg(8) asks it and not us, and neither packets nor failed
	 * handshakes are counted. */
	bool in_kernel;
	void (*set_events)(void *be, const struct wg_backend_events *ev);

	/* Makes the interface (down, without addresses), or takes over that of a run which
	 * was killed, and binds its port. */
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
	/* Somebody else has removed the interface: makes it again, with another index and as
	 * new. On failure there is none, and this may be tried again. */
	int (*device_reopen)(void *be, void *dev, uint32_t *ifindex, char *why,
			     size_t why_len);
	/* Stops forwarding and gives up the interface and the port before it returns.
	 * After it only peer_retire(), peer_free(), group_free() and device_free() are
	 * called for the device, the last one when no peer or group of it is left. */
	void (*device_stop)(void *be, void *dev);
	void (*device_free)(void *be, void *dev);
	uint16_t (*device_port)(void *be, void *dev);
	/* @key: what conf_wireguard.private_key gives, or for @i above 0 the private key of
	 * additional_key[i - 1]; computed once by the back end. False: there is none. */
	bool (*device_public_key)(void *be, void *dev, size_t i, uint8_t key[32]);

	int (*peer_new)(void *be, void *dev, const struct conf_peer *conf, void *cookie,
			void **peer);
	void (*peer_set)(void *be, void *peer, const struct conf_peer *conf);
	/* Stops forwarding now; the object stays for groups that still name it. */
	void (*peer_retire)(void *be, void *peer);
	void (*peer_free)(void *be, void *peer);
	void (*peer_clear)(void *be, void *peer);
	/* A handshake beside the session there is; NULL: it cannot be had. */
	void (*peer_probe)(void *be, void *peer);
	/* Packets go to the configured endpoint again, if there is one. */
	void (*peer_home)(void *be, void *peer);
	void (*peer_state)(void *be, void *peer, struct wg_backend_peer_state *st);

	int (*group_new)(void *be, void *dev, const struct wg_backend_nexthop *nh,
			 unsigned n, void **group);
	int (*group_set)(void *be, void *group, const struct wg_backend_nexthop *nh,
			 unsigned n);
	void (*group_free)(void *be, void *group);

	/* Puts a prefix into the tables or changes it, in one step for each; one of the
	 * groups may be NULL: it is not in that table. 0, or -ENOMEM and nothing has
	 * changed. */
	int (*permission_set)(void *be, void *dev, const struct prefix *p, void *egress,
			      void *ingress);
	/* Out of both; it is in one at least. */
	void (*permission_del)(void *be, void *dev, const struct prefix *p);

	/* The following may be NULL. An object whose interface cannot be made yet, since another
	 * back end has its name until the commit is applied: device_reopen() makes it. What is
	 * known never to work is refused. */
	int (*device_later)(void *be, const struct conf_wireguard *conf, void **dev,
			    char *why, size_t why_len);
	/* What the tables were told is in force when it returns. */
	void (*settle)(void *be, void *dev);
	void (*adopt_end)(void *be); /* wg_adopt_end() */
	void (*resync)(void *be);    /* wg_resync() */
	void (*device_state)(void *be, void *dev, struct wg_backend_device_state *st);
	/* The cookie of the peer that has exactly this prefix; NULL: nobody. Without this
	 * function both tables are as told. */
	void *(*owner)(void *be, void *dev, const struct prefix *p);

	/* See wg.h. Of the back end that has a data plane. */
	void (*dataplane_view)(void *be, struct wg_dataplane_view *v);
	void (*walk_threads)(void *be,
			     bool (*fn)(const struct wg_thread_view *v, void *arg),
			     void *arg);
	void (*walk_counters)(void *be,
			      bool (*fn)(const char *name, const char *what, bool drop,
					 uint64_t value, void *arg),
			      void *arg);
};

#endif
