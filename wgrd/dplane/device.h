/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_DEVICE_H
#define WGRD_DPLANE_DEVICE_H

/*
 * An interface: its TUN queues, its two tables, its port and its private keys. The
 * main thread makes, changes and stops it; workers read the tables and the published
 * fields; the handshake thread has the keys and knows whose public keys are welcome.
 */

#include <net/if.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wg/keys.h"
#include "wgrd/dplane/dplane.h"
#include "wgrd/dplane/io/tun.h"
#include "wgrd/dplane/keys/identity.h"
#include "wgrd/dplane/permit.h"
#include "wgrd/dplane/port.h"
#include "wgrd/dplane/source.h"
#include "wgrd/dplane/sync/rcu.h"

struct dp_own_key;
struct dp_peer;

enum {
	/* Of an interface or a peer, in addition to the one that handshakes are begun
	 * with: during a rotation there is one. */
	DP_ADDITIONAL_KEYS_MAX = 7,
};

struct dp_device_conf {
	bool enabled; /* it has a private key and is not shut down */
	uint8_t private_key[WG_KEY_LEN];
	/* Handshakes to these are answered; none is begun with them. */
	uint8_t additional_key[DP_ADDITIONAL_KEYS_MAX][WG_KEY_LEN];
	unsigned additional_keys;
	uint16_t port; /* 0: the system chooses */
	uint32_t fwmark;
	uint16_t mtu;
	uint8_t dscp; /* of the datagrams, see tos.h */
};

/* The handshake thread's part. */
struct dp_hs_device {
	struct dp_port *port;    /* NULL: takes no part in handshakes */
	struct dp_own_key *keys; /* the one that handshakes are begun with first */
	struct dp_identities identities; /* of its peers, by public key */
	struct dp_peer *peers;
};

struct dp_queue {
	struct dp_source source;
	struct dp_device *device;
};

struct dp_device {
	/* set once */
	struct dplane *dp;
	char name[IFNAMSIZ];
	uint32_t ifindex;
	struct dp_tun_offload offload;
	struct dp_permits permits; /* changed by the main thread */

	/* main writes, any thread reads */
	_Atomic(struct dp_port *) port; /* NULL once it is stopped */
	_Atomic uint32_t mtu;
	_Atomic uint8_t dscp;

	struct dp_hs_device hs;

	/* main */
	struct dp_port *bound;    /* what port points to */
	struct dp_port *prepared; /* by dp_device_prepare() */
	uint16_t wanted_port;     /* 0: bound by the system's choice */
	bool held;                /* somebody else has a queue, too */
	uint32_t fwmark;
	struct dp_rcu rcu;

	struct dp_queue queue[]; /* one for each worker */
};

/* Main thread only. */

/* Makes the interface, down, or takes it over from a former run, and binds its port. On
 * failure @why is a sentence. The device takes part in nothing until dp_device_set(). */
int dp_device_new(struct dplane *dp, const char *name, const struct dp_device_conf *conf,
		  struct dp_device **out, char *why, size_t why_len) MUST_USE;
/* Gets hold of the new port and tries the mark. dp_device_set() with the same @conf, or
 * dp_device_abort(), must follow. */
int dp_device_prepare(struct dp_device *dev, const struct dp_device_conf *conf, char *why,
		      size_t why_len) MUST_USE;
void dp_device_set(struct dp_device *dev, const struct dp_device_conf *conf);
void dp_device_abort(struct dp_device *dev);
/* Somebody else has removed the interface: makes another one, down, with another ifindex.
 * Peers, sessions and tables stay. On failure there is none, and this may be tried again. */
int dp_device_reopen(struct dp_device *dev, char *why, size_t why_len) MUST_USE;
/* When it returns no worker reads or writes its queues and the port is free. The interface is
 * gone, unless somebody else had a queue: true, and he may take a moment to let go. */
bool dp_device_stop(struct dp_device *dev);
/* It is stopped, its peers are retired, and its groups and peers are freed. */
void dp_device_free(struct dp_device *dev);
uint16_t dp_device_port(const struct dp_device *dev);

#endif
