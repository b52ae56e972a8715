/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_CONF_H
#define WGRD_CONF_CONF_H

/*
 * The configuration as the rest of the daemon sees it: one immutable struct, built from
 * the YANG tree by conf_build() and replaced whole by a commit. Main thread only.
 *
 * Lists are arrays of pointers sorted by name. A configuration shares with the one before
 * it every object that is the same in both, so that a commit costs what it changes: the
 * same pointer means that nothing in it has changed, nor in anything below. Two
 * configurations are compared with conf_next_change().
 *
 * A field, its YANG leaf and its CLI word have the same name ('-' becomes '_').
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/conf/prefix_list.h"
#include "wgrd/lib/util.h"

enum {
	CONF_NAME_LEN = 64, /* with the NUL; names match [A-Za-z0-9_][A-Za-z0-9_.-]* */
	CONF_KEY_LEN = 32,
	CONF_MTU_DEFAULT = 1420,
	/* Of an interface or a peer. */
	CONF_ADDITIONAL_KEYS_MAX = 7,
	CONF_PRIORITY_DEFAULT = 1000,
	CONF_DSCP_COPY = 64,
	CONF_CPUS_MAX = 64, /* in one list, as many as there can be workers */
	CONF_TENANT_MAX_PREFIX_DEFAULT = 1000000,
	CONF_MAX_PREFIX_WARNING_DEFAULT = 75,
};

/* Who forwards the packets of an interface. */
enum conf_backend {
	CONF_BACKEND_USER,
	CONF_BACKEND_KERNEL,
	CONF_BACKENDS,
};

/* What is to be done with what a kernel's interface has and nothing here asks for. */
enum conf_foreign {
	CONF_FOREIGN_AUTOMATIC, /* kept if somebody else made the interface */
	CONF_FOREIGN_KEEP,
	CONF_FOREIGN_REMOVE,
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

/* Numbers of CPUs, in the order given. */
struct conf_cpus {
	uint16_t v[CONF_CPUS_MAX];
	unsigned count; /* 0: none */
};

/* An additional-key of a peer: it may begin handshakes with it too. */
struct conf_peer_key {
	char name[CONF_NAME_LEN];
	bool public_key_set;
	bool revoked; /* see struct conf */
	uint8_t public_key[CONF_KEY_LEN];
	struct conf_secret preshared_key; /* not set: that of the peer counts */
};

struct conf_peer {
	char name[CONF_NAME_LEN];
	char *description; /* may be NULL */
	bool shutdown;
	bool revoked; /* its public key is: as if it were shut down */
	bool public_key_set;
	uint8_t public_key[CONF_KEY_LEN];
	struct conf_secret preshared_key;     /* inline or read from preshared-key-file */
	struct conf_peer_key *additional_key; /* sorted by name */
	size_t additional_key_count;
	struct conf_endpoint endpoint;
	uint16_t persistent_keepalive; /* seconds, 0: off */
	uint16_t preempt_delay;        /* seconds that others keep what they took over */
	/* Addresses of the peer inside the tunnel: next hops that mean this peer. */
	struct ip_addr *overlay_address;
	size_t overlay_address_count;
	/* Static prefixes behind the peer: permitted and routed without BGP. */
	struct conf_prefixes allowed_ip;
	char prefix_list[CONF_NAME_LEN]; /* for what is learned; "": none */
	uint32_t max_prefix;             /* learned prefixes, 0: no limit of its own */
	uint32_t max_prefix_hold;        /* seconds without any after more; 0: none */
	uint8_t max_prefix_warning;      /* percent of max_prefix; 0: never */
	bool advertise_always;           /* its own prefixes, whether it answers or not */
};

/* An additional-key of an interface: handshakes to it are answered. */
struct conf_own_key {
	char name[CONF_NAME_LEN];
	struct conf_secret private_key;
	uint8_t public_key[CONF_KEY_LEN]; /* of it; zero when there is none */
};

struct conf_wireguard {
	char name[IFNAMSIZ];
	char *description; /* may be NULL */
	uint8_t backend;   /* enum conf_backend */
	uint8_t foreign;   /* enum conf_foreign */
	bool shutdown;
	struct conf_secret private_key;      /* inline or read from private-key-file */
	uint8_t public_key[CONF_KEY_LEN];    /* of it; zero when there is none */
	struct conf_own_key *additional_key; /* sorted by name */
	size_t additional_key_count;
	uint16_t listen_port; /* 0: the system chooses */
	uint32_t fwmark;      /* on encrypted packets; 0: none */
	uint16_t mtu;
	uint8_t dscp; /* of encrypted packets; CONF_DSCP_COPY: each packet's own */
	struct conf_address *address;
	size_t address_count;
	char tenant[CONF_NAME_LEN]; /* "": none, prefixes become permissions only */
	struct conf_peer **peer;    /* sorted by name */
	size_t peer_count;
};

struct conf_tenant {
	char name[CONF_NAME_LEN];
	char *description; /* may be NULL */
	uint32_t table; /* kernel routing table; 0 until configured, and then inactive */
	uint32_t priority;  /* of its policy rules */
	char vrf[IFNAMSIZ]; /* zebra's VRF the prefixes are learned from; "default" */
	/* Kernel table that prefixes are learned from instead of zebra, 0: none; and whose
	 * routes count in it (RTPROT_*), none: BIRD's. */
	uint32_t learn_table;
	uint8_t *learn_protocol;
	size_t learn_protocol_count;
	bool learn_direct; /* zebra tells what learn_table has, if it can */
	/* Route tags of the prefixes that are its own, sorted. None: those that are no
	 * other tenant's of the VRF. */
	uint32_t *learn_tag;
	size_t learn_tag_count;
	/* Local interfaces of the tenant: packets from them are routed in its table, and
	 * their connected prefixes are kept there. */
	char (*interface)[IFNAMSIZ];
	size_t interface_count;
	/* Prefixes a peer may announce: permitted is what one of these contains. Empty:
	 * all but a default route. A default route needs itself in the list. */
	struct conf_prefixes supernet;
	char prefix_list[CONF_NAME_LEN]; /* for what is learned; "": none */
	/* Prefixes given to zebra so that bgpd's "redistribute table" announces them. */
	struct conf_prefixes advertise;
	uint32_t advertise_tag;     /* route tag of those; 0: none */
	uint8_t advertise_instance; /* of those of IPv4; 0: none */
	/* Where they are put instead, no more than one of these. */
	uint32_t advertise_table; /* kernel table; 0: none */
	bool advertise_kernel;    /* the kernel's table of the VRF */
	uint32_t max_prefix;      /* learned prefixes in the tenant */
	uint32_t max_prefix_hold; /* as of a peer, and so is the next one */
	uint8_t max_prefix_warning;
};

struct conf_zebra {
	bool enabled;
	char socket[108];
	char zapi_version
		[16];      /* release series of FRR it speaks: "10.2"; or "automatic" */
	char protocol[16]; /* route type subscribed to, as FRR spells it: "bgp" */
	uint16_t settle_s; /* silence after which a reconnected zebra has said all */
};

struct conf_dataplane {
	uint16_t workers; /* 0: one for each CPU, at most 4 */
	struct conf_cpus cpu_affinity;
	uint32_t receive_buffer, send_buffer; /* octets, of each UDP socket */
	bool interface_offload, udp_offload;
};

/* Where numbers are to be had for Prometheus. */
struct conf_metrics {
	struct conf_endpoint listen; /* a loopback address; family 0: none */
	char socket[108];            /* path of a UNIX socket; "": none */
};

struct conf {
	uint64_t serial; /* rises with each commit */
	/* Public keys that nobody is let in with, whatever else is configured; sorted. */
	uint8_t (*revoked_key)[CONF_KEY_LEN];
	size_t revoked_key_count;
	struct conf_zebra zebra;
	struct conf_dataplane dataplane;
	struct conf_metrics metrics;
	struct conf_prefix_list **prefix_list; /* sorted by name */
	size_t prefix_list_count;
	struct conf_wireguard **wireguard; /* sorted by name */
	size_t wireguard_count;
	struct conf_tenant **tenant; /* sorted by name */
	size_t tenant_count;
};

const struct conf_wireguard *conf_find_wireguard(const struct conf *c, const char *name);
const struct conf_peer *conf_find_peer(const struct conf_wireguard *w, const char *name);
const struct conf_tenant *conf_find_tenant(const struct conf *c, const char *name);
const struct conf_prefix_list *conf_find_prefix_list(const struct conf *c,
						     const char *name);

/*
 * Takes from @old what is equal in @c, and frees it here: afterwards both share it. What is
 * shared already costs a glance.
 */
void conf_share(struct conf *c, const struct conf *old);
/* Frees @c, but for what @keep shares with it. Wipes secrets. @c NULL is allowed. */
void conf_release(struct conf *c, const struct conf *keep);
/* The same for one that shares nothing. */
void conf_free(struct conf *c);
/* Zeroes every key in place, as freeing does. */
void conf_wipe(struct conf *c);
/* One object, when no configuration has it. Wipes secrets. */
void conf_peer_free(struct conf_peer *p);
void conf_wireguard_free(struct conf_wireguard *w); /* with its peers */
void conf_tenant_free(struct conf_tenant *t);
void conf_prefix_list_free(struct conf_prefix_list *l);

/*
 * Walks two lists of one kind side by side, and stops where they differ: an object that is
 * new (*@was NULL), gone (*@now NULL) or another one of that name. False at the end. Equal
 * pointers are passed over without a look at what they point to.
 *
 *	struct conf_walk walk = CONF_WALK(old, new, wireguard);
 *	const struct conf_wireguard *was, *now;
 *
 *	while (conf_next_change(&walk, &was, &now))
 */
struct conf_walk {
	const void *was, *now; /* arrays of pointers */
	size_t was_left, now_left;
};
#define CONF_WALK(a, b, list)                                                 \
	(struct conf_walk)                                                    \
	{                                                                     \
		.was = (a) ? (a)->list : NULL, .now = (b) ? (b)->list : NULL, \
		.was_left = (a) ? (a)->list##_count : 0,                      \
		.now_left = (b) ? (b)->list##_count : 0                       \
	}
/* @was, @now: pointers to pointers to such an object. */
bool conf_next_change(struct conf_walk *w, void *was, void *now);

/* The @i-th object in a list of any kind, whose type the caller knows. */
void *conf_object_at(const void *list, size_t i);

/* Is it among the revoked ones? */
bool conf_is_revoked(const struct conf *c, const uint8_t key[CONF_KEY_LEN]);
/* Is @tag one of its own? */
bool conf_tenant_has_tag(const struct conf_tenant *t, uint32_t tag);

/*
 * Is every field the same, those of objects below included? Used to leave alone what a
 * commit did not change.
 */
bool conf_own_keys_equal(const struct conf_wireguard *a, const struct conf_wireguard *b);
bool conf_peer_equal(const struct conf_peer *a, const struct conf_peer *b);
/* But for their peers. */
bool conf_wireguard_settings_equal(const struct conf_wireguard *a,
				   const struct conf_wireguard *b);
bool conf_wireguard_equal(const struct conf_wireguard *a, const struct conf_wireguard *b);
bool conf_tenant_equal(const struct conf_tenant *a, const struct conf_tenant *b);

#endif
