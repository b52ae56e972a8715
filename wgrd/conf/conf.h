/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_CONF_H
#define WGRD_CONF_CONF_H

/*
 * The configuration as the rest of the daemon sees it: one immutable struct, built from
 * the YANG tree by conf_build() and replaced whole by a commit. Main thread only. Lists
 * are arrays sorted by name, so two configurations can be walked side by side.
 *
 * A field, its YANG leaf and its CLI word have the same name ('-' becomes '_').
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/util.h"

enum {
	CONF_NAME_LEN = 64, /* with the NUL; names match [A-Za-z0-9_][A-Za-z0-9_.-]* */
	CONF_KEY_LEN = 32,
	CONF_TABLE_MIN = 1,
	CONF_MTU_DEFAULT = 1420,
	CONF_PRIORITY_DEFAULT = 1000,
	CONF_TENANT_MAX_PREFIX_DEFAULT = 1000000,
};

/* A secret that may be absent. Wiped when the configuration is freed. */
struct conf_secret {
	bool set;
	uint8_t key[CONF_KEY_LEN];
};

/* An IP address with the length of its network: host bits are kept. */
struct conf_address {
	struct ip_addr addr;
	uint8_t len;
};

struct conf_endpoint {
	struct ip_addr addr; /* family 0: none */
	uint16_t port;       /* host order */
};

struct conf_prefixes {
	struct prefix *v;
	size_t count;
};

struct conf_peer {
	char name[CONF_NAME_LEN];
	char *description; /* may be NULL */
	bool shutdown;
	bool public_key_set;
	uint8_t public_key[CONF_KEY_LEN];
	struct conf_secret preshared_key; /* inline or read from preshared-key-file */
	struct conf_endpoint endpoint;
	uint16_t persistent_keepalive; /* seconds, 0: off */
	/* Addresses of the peer inside the tunnel: next hops that mean this peer. */
	struct ip_addr *overlay_address;
	size_t overlay_address_count;
	/* Static prefixes behind the peer: permitted and routed without BGP. */
	struct conf_prefixes allowed_ip;
	uint32_t max_prefix; /* learned prefixes, 0: no limit of its own */
};

struct conf_wireguard {
	char name[IFNAMSIZ];
	char *description; /* may be NULL */
	bool shutdown;
	struct conf_secret private_key; /* inline or read from private-key-file */
	uint16_t listen_port;           /* 0: the system chooses */
	uint32_t fwmark;                /* on encrypted packets; 0: none */
	uint16_t mtu;
	struct conf_address *address;
	size_t address_count;
	char tenant[CONF_NAME_LEN]; /* "": none, prefixes become permissions only */
	struct conf_peer *peer;     /* sorted by name */
	size_t peer_count;
};

struct conf_tenant {
	char name[CONF_NAME_LEN];
	char *description; /* may be NULL */
	uint32_t table; /* kernel routing table; 0 until configured, and then inactive */
	uint32_t priority;  /* of its policy rules */
	char vrf[IFNAMSIZ]; /* zebra's VRF the prefixes are learned from; "default" */
	/* Local interfaces of the tenant: packets from them are routed in its table, and
	 * their connected prefixes are kept there. */
	char (*interface)[IFNAMSIZ];
	size_t interface_count;
	/* Prefixes a peer may announce: permitted is what one of these contains. Empty:
	 * all but a default route. A default route needs itself in the list. */
	struct conf_prefixes supernet;
	/* Prefixes given to zebra so that bgpd's "redistribute table" announces them. */
	struct conf_prefixes advertise;
	uint32_t advertise_tag; /* route tag of those; 0: none */
	uint32_t max_prefix;    /* learned prefixes in the tenant */
};

struct conf_zebra {
	bool enabled;
	char socket[108];
	char protocol[16]; /* route type subscribed to, as FRR spells it: "bgp" */
	uint16_t settle_s; /* silence after which a reconnected zebra has said all */
};

struct conf {
	uint64_t serial; /* rises with each commit */
	struct conf_zebra zebra;
	struct conf_wireguard *wireguard; /* sorted by name */
	size_t wireguard_count;
	struct conf_tenant *tenant; /* sorted by name */
	size_t tenant_count;
};

const struct conf_wireguard *conf_find_wireguard(const struct conf *c, const char *name);
const struct conf_peer *conf_find_peer(const struct conf_wireguard *w, const char *name);
const struct conf_tenant *conf_find_tenant(const struct conf *c, const char *name);
void conf_free(struct conf *c); /* wipes secrets; NULL is allowed */
/* Zeroes every key in place; conf_free() does it too. */
void conf_wipe(struct conf *c);

/*
 * Is every field the same, those of objects below included? Used to leave alone what a
 * commit did not change.
 */
bool conf_peer_equal(const struct conf_peer *a, const struct conf_peer *b);
bool conf_wireguard_equal(const struct conf_wireguard *a, const struct conf_wireguard *b);
bool conf_tenant_equal(const struct conf_tenant *a, const struct conf_tenant *b);

#endif
