/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_WG_COOKIE_H
#define WGRD_PROTO_WG_COOKIE_H

/*
 * mac1, mac2 and the cookie reply, whitepaper sections 5.4.4 and 5.4.7. mac1 shows that
 * the sender knows our public key; mac2, that it receives what we send to its address.
 * Both are the last 32 bytes of an initiation and of a response, so the functions here
 * take either, as a buffer with a length that wg_msg_classify() has checked. Each struct
 * belongs to the handshake thread; wg_mac1_check() is pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/addr.h"
#include "proto/wg/keys.h"
#include "proto/wg/messages.h"

/* HASH("mac1----" || public key) and HASH("cookie--" || public key). */
void wg_mac1_key(uint8_t key[32], const uint8_t public_key[WG_KEY_LEN]);
void wg_cookie_key(uint8_t key[32], const uint8_t public_key[WG_KEY_LEN]);

/* @mac1_key: of the local key the message may be for, struct noise_local. */
bool wg_mac1_check(const void *msg, size_t len, const uint8_t mac1_key[32]);

/* Gives out cookies and recognises them: one per process is enough. */
struct wg_cookie_maker {
	uint8_t secret[32];
	uint64_t born_ns; /* replaced after WG_COOKIE_LIFE_NS */
	struct wg_rng *rng;
};

void wg_cookie_maker_init(struct wg_cookie_maker *m, struct wg_rng *rng);
void wg_cookie_maker_fini(struct wg_cookie_maker *m);

/* Whether mac2 was made with the cookie that belongs to this source. Checks mac2 only.
 * @port is in host order. */
bool wg_mac2_check(struct wg_cookie_maker *m, const void *msg, size_t len,
		   const struct ip_addr *src, uint16_t port, uint64_t now_ns);

/* The answer, under load, to @msg with a good mac1 and no good mac2. @cookie_key: of the
 * local key the message is for. */
void wg_cookie_reply(struct wg_cookie_maker *m, struct wg_msg_cookie *reply,
		     const void *msg, size_t len, const uint8_t cookie_key[32],
		     const struct ip_addr *src, uint16_t port, uint64_t now_ns);

/* The cookie a peer has given us, and the mac1 it will have sealed the next one to. One
 * beside each struct noise_handshake; all zeros is empty. */
struct wg_cookie_jar {
	uint8_t cookie[WG_COOKIE_LEN];
	uint64_t cookie_ns; /* when it came; 0: there is none */
	uint8_t last_mac1[WG_MAC_LEN];
	bool awaits; /* a reply to last_mac1 would be believed */
};

/* Writes mac1, and mac2 if the jar has a fresh cookie (else zeros): the last thing before
 * a handshake message goes out. @mac1_key: of the peer, struct noise_handshake. */
void wg_mac_sign(struct wg_cookie_jar *jar, void *msg, size_t len,
		 const uint8_t mac1_key[32], uint64_t now_ns);

/* Keeps the cookie for the next message. Each signed message believes one reply. Returns
 * 0, or -EBADMSG, or -EINVAL if no reply is awaited. The caller has found the jar by
 * wg_msg_receiver(). @cookie_key: of the peer, struct noise_handshake. */
MUST_USE int wg_cookie_consume(struct wg_cookie_jar *jar,
			       const struct wg_msg_cookie *reply,
			       const uint8_t cookie_key[32], uint64_t now_ns);

#endif
