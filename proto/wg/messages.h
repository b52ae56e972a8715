/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_WG_MESSAGES_H
#define WGRD_PROTO_WG_MESSAGES_H

/*
 * The four messages on the wire, whitepaper sections 5.4.2 to 5.4.7. All fields are
 * arrays of bytes: the structs have no alignment and no padding and may be laid over any
 * buffer that wg_msg_classify() has passed. Integers are little endian; read and write
 * them with load32_le() and store32_le(). Pure functions, any thread.
 */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/crypto/bytes.h"

enum wg_msg_type {
	WG_MSG_INVALID = 0,
	WG_MSG_INITIATION = 1,
	WG_MSG_RESPONSE = 2,
	WG_MSG_COOKIE = 3,
	WG_MSG_DATA = 4,
};

enum {
	WG_MAC_LEN = 16,
	WG_COOKIE_LEN = 16,
	WG_COOKIE_NONCE_LEN = 24,
	WG_TAI64N_LEN = 12,
	WG_PAD_BYTES = 16, /* plain text is padded to a multiple, section 5.4.6 */
};

struct wg_msg_macs {
	uint8_t mac1[WG_MAC_LEN];
	uint8_t mac2[WG_MAC_LEN];
};

struct wg_msg_initiation {
	uint8_t type[4]; /* one byte of type and three of zero, read as one le32 */
	uint8_t sender[4];
	uint8_t ephemeral[32];
	uint8_t static_sealed[32 + 16];
	uint8_t timestamp_sealed[WG_TAI64N_LEN + 16];
	struct wg_msg_macs macs;
};

struct wg_msg_response {
	uint8_t type[4];
	uint8_t sender[4];
	uint8_t receiver[4];
	uint8_t ephemeral[32];
	uint8_t empty_sealed[16];
	struct wg_msg_macs macs;
};

struct wg_msg_cookie {
	uint8_t type[4];
	uint8_t receiver[4];
	uint8_t nonce[WG_COOKIE_NONCE_LEN];
	uint8_t cookie_sealed[WG_COOKIE_LEN + 16];
};

/* Followed by the sealed packet: padded plain text and a tag of 16 bytes. */
struct wg_msg_data {
	uint8_t type[4];
	uint8_t receiver[4];
	uint8_t counter[8];
};

enum {
	WG_DATA_TAG_LEN = 16,
	WG_DATA_OVERHEAD = sizeof(struct wg_msg_data) + WG_DATA_TAG_LEN,
	WG_DATA_MIN_LEN = WG_DATA_OVERHEAD, /* a keepalive */
};

static_assert(sizeof(struct wg_msg_initiation) == 148, "whitepaper 5.4.2");
static_assert(offsetof(struct wg_msg_initiation, sender) == 4, "whitepaper 5.4.2");
static_assert(offsetof(struct wg_msg_initiation, ephemeral) == 8, "whitepaper 5.4.2");
static_assert(offsetof(struct wg_msg_initiation, static_sealed) == 40, "5.4.2");
static_assert(offsetof(struct wg_msg_initiation, timestamp_sealed) == 88, "5.4.2");
static_assert(offsetof(struct wg_msg_initiation, macs) == 116, "whitepaper 5.4.2");
static_assert(sizeof(struct wg_msg_response) == 92, "whitepaper 5.4.3");
static_assert(offsetof(struct wg_msg_response, receiver) == 8, "whitepaper 5.4.3");
static_assert(offsetof(struct wg_msg_response, ephemeral) == 12, "whitepaper 5.4.3");
static_assert(offsetof(struct wg_msg_response, empty_sealed) == 44, "whitepaper 5.4.3");
static_assert(offsetof(struct wg_msg_response, macs) == 60, "whitepaper 5.4.3");
static_assert(sizeof(struct wg_msg_cookie) == 64, "whitepaper 5.4.7");
static_assert(offsetof(struct wg_msg_cookie, nonce) == 8, "whitepaper 5.4.7");
static_assert(offsetof(struct wg_msg_cookie, cookie_sealed) == 32, "whitepaper 5.4.7");
static_assert(sizeof(struct wg_msg_data) == 16, "whitepaper 5.4.6");
static_assert(offsetof(struct wg_msg_data, counter) == 8, "whitepaper 5.4.6");

/* What a datagram of @len bytes claims to be: its first le32 is one of the types and its
 * length fits that type (exactly, or for data at least a keepalive). */
enum wg_msg_type wg_msg_classify(const void *buf, size_t len);

/* The index of the session or handshake a message is for; 0 for an initiation, which is
 * for a key and not an index. @buf has passed wg_msg_classify(). */
uint32_t wg_msg_receiver(const void *buf);

/* The length of @len bytes of plain text once padded: up to a multiple of WG_PAD_BYTES
 * but not beyond @mtu_bytes. The padding is zeros. */
static inline size_t wg_data_padded(size_t len, size_t mtu_bytes)
{
	size_t padded = (len + WG_PAD_BYTES - 1) / WG_PAD_BYTES * WG_PAD_BYTES;

	if (padded > mtu_bytes)
		padded = mtu_bytes;
	return padded < len ? len : padded;
}

static inline void wg_data_put(struct wg_msg_data *m, uint32_t receiver, uint64_t counter)
{
	store32_le(m->type, WG_MSG_DATA);
	store32_le(m->receiver, receiver);
	store64_le(m->counter, counter);
}

#endif
