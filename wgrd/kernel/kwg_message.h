/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KWG_MESSAGE_H
#define WGRD_KERNEL_KWG_MESSAGE_H

/*
 * Generic netlink messages of the kernel's WireGuard (linux/wireguard.h), both ways. Pure but for
 * the callbacks; main thread only.
 *
 * What is to be set is written piece by piece, and split into messages of at most a given size:
 * a peer whose AllowedIPs do not fit goes on in the next message. Each message is a change of its
 * own to the kernel. A prefix that is given to a peer leaves the one that had it in one step.
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/util.h"

struct nlmsghdr;
struct nlattr;

enum {
	KWG_KEY_BYTES = 32,
	/* The largest message we write: lists are attributes, whose length has 16 bits. */
	KWG_MESSAGE_BYTES = 32768,
	KWG_MESSAGE_BYTES_MIN = 512,
};

/* ---- writing ---- */

struct kwg_device_change {
	const uint8_t *private_key; /* NULL: as it is; all zero: none */
	bool set_port, set_fwmark;
	uint16_t port; /* 0: the kernel chooses */
	uint32_t fwmark;
};

struct kwg_peer_change {
	uint8_t public_key[KWG_KEY_BYTES];
	bool remove;
	bool update_only;             /* one that is not there is not made */
	const uint8_t *preshared_key; /* NULL: as it is; all zero: none */
	struct ip_addr endpoint;      /* family 0: as it is */
	uint16_t endpoint_port;
	int keepalive_s; /* -1: as it is; 0: off */
};

struct kwg_writer {
	/* Sends one message and returns the kernel's verdict. */
	int (*send)(void *arg, struct nlmsghdr *h);
	void *arg;
	uint16_t family;
	uint32_t ifindex;
	size_t limit; /* octets of a message */
	int err;      /* the first; nothing is written or sent after it */
	struct nlmsghdr *message;
	struct nlattr *peers, *peer, *allowed_ips; /* open lists, outermost first */
	uint8_t public_key[KWG_KEY_BYTES];         /* of the open peer */
	uint64_t buf[KWG_MESSAGE_BYTES / sizeof(uint64_t)];
};

/* @limit: KWG_MESSAGE_BYTES; less is for tests. */
void kwg_writer_init(struct kwg_writer *w, uint16_t family, uint32_t ifindex,
		     size_t limit, int (*send)(void *arg, struct nlmsghdr *h), void *arg);
void kwg_write_device(struct kwg_writer *w, const struct kwg_device_change *c);
void kwg_write_peer(struct kwg_writer *w, const struct kwg_peer_change *c);
/* Of the peer written last. @remove: taken from it, if the kernel can do that and it has it. */
void kwg_write_allowed_ip(struct kwg_writer *w, const struct prefix *p, bool remove);
/* Sends what is left, and wipes it. Returns 0 or the first error. */
int kwg_writer_end(struct kwg_writer *w) MUST_USE;

/* Asks for everything about a device; to be sent as a dump. @buf: at least 64 octets, aligned. */
struct nlmsghdr *kwg_get_message(void *buf, uint16_t family, uint32_t ifindex);

/* ---- reading ---- */

struct kwg_device_info {
	uint32_t ifindex;
	char name[IFNAMSIZ];
	bool public_key_set;
	uint8_t public_key[KWG_KEY_BYTES];
	uint16_t port;
	uint32_t fwmark;
};

struct kwg_peer_info {
	uint8_t public_key[KWG_KEY_BYTES];
	/* The peer goes on: only its prefixes follow, and the rest of this is not there. */
	bool continued;
	struct ip_addr endpoint; /* family 0: not known */
	uint16_t endpoint_port, keepalive_s;
	uint64_t last_handshake_s; /* UNIX time, 0: never */
	uint64_t rx_bytes, tx_bytes;
};

struct kwg_reader {
	void (*device)(void *arg, const struct kwg_device_info *d);
	void (*peer)(void *arg, const struct kwg_peer_info *p);
	void (*allowed_ip)(void *arg, const struct prefix *p); /* of the peer before it */
	void *arg;
};

/* One message of the answer. Returns 0, or -EBADMSG if it does not hold what it says; what was
 * read before that has been passed on. */
int kwg_read(const struct kwg_reader *r, const struct nlmsghdr *h) MUST_USE;

#endif
