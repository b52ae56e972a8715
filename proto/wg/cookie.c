/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/wg/cookie.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "proto/crypto/blake2s.h"
#include "proto/crypto/ct.h"
#include "proto/crypto/wipe.h"
#include "proto/crypto/xchacha.h"
#include "proto/wg/limits.h"

/* The labels of section 5.4.4 and 5.4.7. */
enum {
	LABEL_LEN = 8,
};
static const char mac1_label[LABEL_LEN + 1] = "mac1----";
static const char cookie_label[LABEL_LEN + 1] = "cookie--";

static void labelled_key(uint8_t key[32], const char label[LABEL_LEN + 1],
			 const uint8_t public_key[WG_KEY_LEN])
{
	struct blake2s b;

	blake2s_init(&b, 32);
	blake2s_update(&b, label, LABEL_LEN);
	blake2s_update(&b, public_key, WG_KEY_LEN);
	blake2s_final(&b, key);
}

void wg_mac1_key(uint8_t key[32], const uint8_t public_key[WG_KEY_LEN])
{
	labelled_key(key, mac1_label, public_key);
}

void wg_cookie_key(uint8_t key[32], const uint8_t public_key[WG_KEY_LEN])
{
	labelled_key(key, cookie_label, public_key);
}

/* Where the macs of an initiation or a response begin. */
static size_t macs_at(size_t len)
{
	assert(len == sizeof(struct wg_msg_initiation) ||
	       len == sizeof(struct wg_msg_response));
	return len - sizeof(struct wg_msg_macs);
}

/* mac1 covers all before the macs; mac2 that and mac1, with the cookie as its key. */
static void compute_mac1(uint8_t mac[WG_MAC_LEN], const void *msg, size_t len,
			 const uint8_t mac1_key[32])
{
	blake2s(mac, WG_MAC_LEN, mac1_key, 32, msg, macs_at(len));
}

static void compute_mac2(uint8_t mac[WG_MAC_LEN], const void *msg, size_t len,
			 const uint8_t cookie[WG_COOKIE_LEN])
{
	blake2s(mac, WG_MAC_LEN, cookie, WG_COOKIE_LEN, msg, macs_at(len) + WG_MAC_LEN);
}

static const struct wg_msg_macs *macs_of(const void *msg, size_t len)
{
	return (const void *)((const uint8_t *)msg + macs_at(len));
}

bool wg_mac1_check(const void *msg, size_t len, const uint8_t mac1_key[32])
{
	uint8_t mac[WG_MAC_LEN];

	compute_mac1(mac, msg, len, mac1_key);
	return ct_equal(mac, macs_of(msg, len)->mac1, WG_MAC_LEN);
}

void wg_cookie_maker_init(struct wg_cookie_maker *m, struct wg_rng *rng)
{
	memset(m, 0, sizeof(*m));
	m->rng = rng;
}

void wg_cookie_maker_fini(struct wg_cookie_maker *m)
{
	wipe(m, sizeof(*m));
}

/* The cookie of a source: a MAC of its address and port under a secret that nobody else
 * has and that does not last. */
static void make_cookie(struct wg_cookie_maker *m, uint8_t cookie[WG_COOKIE_LEN],
			const struct ip_addr *src, uint16_t port, uint64_t now_ns)
{
	const uint8_t port_bytes[2] = {(uint8_t)(port >> 8), (uint8_t)port};
	struct blake2s b;

	if (m->born_ns == 0 || now_ns >= m->born_ns + WG_COOKIE_LIFE_NS) {
		m->rng->fill(m->rng, m->secret, sizeof(m->secret));
		m->born_ns = now_ns;
	}
	blake2s_init_key(&b, WG_COOKIE_LEN, m->secret, sizeof(m->secret));
	blake2s_update(&b, src->bytes, ip_family_len(src->family));
	blake2s_update(&b, port_bytes, sizeof(port_bytes));
	blake2s_final(&b, cookie);
}

bool wg_mac2_check(struct wg_cookie_maker *m, const void *msg, size_t len,
		   const struct ip_addr *src, uint16_t port, uint64_t now_ns)
{
	uint8_t cookie[WG_COOKIE_LEN], mac[WG_MAC_LEN];

	make_cookie(m, cookie, src, port, now_ns);
	compute_mac2(mac, msg, len, cookie);
	wipe(cookie, sizeof(cookie));
	return ct_equal(mac, macs_of(msg, len)->mac2, WG_MAC_LEN);
}

void wg_cookie_reply(struct wg_cookie_maker *m, struct wg_msg_cookie *reply,
		     const void *msg, size_t len, const uint8_t cookie_key[32],
		     const struct ip_addr *src, uint16_t port, uint64_t now_ns)
{
	/* The sender is in the same place in both messages. */
	const struct wg_msg_initiation *asked = msg;
	uint8_t cookie[WG_COOKIE_LEN];

	static_assert(offsetof(struct wg_msg_initiation, sender) ==
			      offsetof(struct wg_msg_response, sender),
		      "one place for the sender");
	store32_le(reply->type, WG_MSG_COOKIE);
	memcpy(reply->receiver, asked->sender, sizeof(reply->receiver));
	m->rng->fill(m->rng, reply->nonce, sizeof(reply->nonce));
	make_cookie(m, cookie, src, port, now_ns);
	/* mac1 as associated data: only who sent the message can use the answer. */
	xchacha_seal(reply->cookie_sealed, cookie, sizeof(cookie),
		     macs_of(msg, len)->mac1, WG_MAC_LEN, reply->nonce, cookie_key);
	wipe(cookie, sizeof(cookie));
}

static bool is_fresh(const struct wg_cookie_jar *jar, uint64_t now_ns)
{
	return jar->cookie_ns && now_ns < jar->cookie_ns + WG_COOKIE_LIFE_NS;
}

void wg_mac_sign(struct wg_cookie_jar *jar, void *msg, size_t len,
		 const uint8_t mac1_key[32], uint64_t now_ns)
{
	struct wg_msg_macs *macs = (void *)((uint8_t *)msg + macs_at(len));

	compute_mac1(macs->mac1, msg, len, mac1_key);
	if (is_fresh(jar, now_ns))
		compute_mac2(macs->mac2, msg, len, jar->cookie);
	else
		memset(macs->mac2, 0, sizeof(macs->mac2));
	memcpy(jar->last_mac1, macs->mac1, sizeof(jar->last_mac1));
	jar->awaits = true;
}

int wg_cookie_consume(struct wg_cookie_jar *jar, const struct wg_msg_cookie *reply,
		      const uint8_t cookie_key[32], uint64_t now_ns)
{
	uint8_t cookie[WG_COOKIE_LEN];
	int err;

	if (!jar->awaits)
		return -EINVAL;
	err = xchacha_open(cookie, reply->cookie_sealed, sizeof(reply->cookie_sealed),
			   jar->last_mac1, sizeof(jar->last_mac1), reply->nonce,
			   cookie_key);
	if (err)
		return err;
	memcpy(jar->cookie, cookie, sizeof(jar->cookie));
	jar->cookie_ns = now_ns;
	jar->awaits = false;
	wipe(cookie, sizeof(cookie));
	return 0;
}
