/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_LIB_FAKE_KWG_H
#define WGRD_TESTS_LIB_FAKE_KWG_H

/*
 * A kernel with WireGuard interfaces and nothing else, for tests of the kernel's back end. It reads
 * the messages it is sent with a parser of its own, does what drivers/net/wireguard does, and
 * writes answers that go over several messages.
 *
 * Peers are told by a letter, with which their public key begins; zeros follow, as make_conf.h
 * makes them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/kernel/kwg.h"

struct fake_kwg;

struct fake_kwg *fake_kwg_new(void);
void fake_kwg_free(struct fake_kwg *f);
struct kwg *fake_kwg(struct fake_kwg *f);

/* ---- what it is ---- */

/* Linux 6.16 and later: takes one prefix from a peer. */
void fake_kwg_can_remove(struct fake_kwg *f, bool can);
/* The next @n messages are refused with @err, before anything of them is done. */
void fake_kwg_refuse(struct fake_kwg *f, unsigned n, int err);
/* The next @n answers have gaps. */
void fake_kwg_interrupt(struct fake_kwg *f, unsigned n);
/* Says EOPNOTSUPP to everything, from now on. */
void fake_kwg_without_module(struct fake_kwg *f);

/* ---- somebody else's hand ---- */

void fake_kwg_make(struct fake_kwg *f, const char *dev, bool wireguard,
		   const char *alias);
void fake_kwg_remove(struct fake_kwg *f, const char *dev);
void fake_kwg_private_key(struct fake_kwg *f, const char *dev, const uint8_t key[32]);
void fake_kwg_port(struct fake_kwg *f, const char *dev, uint16_t port);
/* Makes the peer if it is not there. @prefixes: separated by blanks, may be "". */
void fake_kwg_peer(struct fake_kwg *f, const char *dev, char key, const char *prefixes);
void fake_kwg_peer_remove(struct fake_kwg *f, const char *dev, char key);
/* What it is to say of the peer. @endpoint: an IPv4 address or NULL. */
void fake_kwg_peer_state(struct fake_kwg *f, const char *dev, char key,
			 const char *endpoint, uint64_t handshake_s, uint64_t tx_bytes);

/* ---- asking ---- */

/*
 * What it has, in order of the keys, on one line each: "a 192.0.2.1:51820 25s psk: 10.1.0.0/16
 * 10.2.0.0/16". Valid until the next call; NULL if there is no such interface.
 */
const char *fake_kwg_text(struct fake_kwg *f, const char *dev);
/* "up 1420 51820 0x0 made by wgrd: 10.0.0.1/24" */
const char *fake_kwg_link(struct fake_kwg *f, const char *dev);
/* Messages that changed something or would have; since the last call. */
unsigned fake_kwg_messages(struct fake_kwg *f);
/* How often @prefix of any interface was without an owner since it had its first one. */
void fake_kwg_watch(struct fake_kwg *f, const char *prefix);
unsigned fake_kwg_orphaned(const struct fake_kwg *f);
/* Times an endpoint was written. */
unsigned fake_kwg_endpoints(const struct fake_kwg *f);

#endif
