/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/selftest.h"

#include <stdbool.h>
#include <string.h>

#include "proto/crypto/aead_impl.h"
#include "proto/crypto/blake2s.h"
#include "proto/crypto/bytes.h"
#include "proto/crypto/hkdf.h"
#include "proto/crypto/x25519.h"
#include "proto/crypto/xchacha.h"

/* The text, key and associated data that RFC 8439 section 2.8.2 and
 * draft-irtf-cfrg-xchacha-03 appendix A.3.1 have in common. The tag vouches for the
 * cipher text, so there is no need to keep that here. */
static const char text[] =
	"Ladies and Gentlemen of the class of '99: If I could offer you only one tip "
	"for the future, sunscreen would be it.";
static const uint8_t ad[12] = {0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1,
			       0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7};

enum {
	TEXT_LEN = sizeof(text) - 1,
};

static void count_up(uint8_t *dst, size_t len, uint8_t from)
{
	for (size_t i = 0; i < len; i++)
		dst[i] = from++;
}

/* "abc", RFC 7693 appendix B. */
static bool blake2s_ok(void)
{
	static const uint8_t want[BLAKE2S_HASH_LEN] = {
		0x50, 0x8c, 0x5e, 0x8c, 0x32, 0x7c, 0x14, 0xe2, 0xe1, 0xa7, 0x2b,
		0xa3, 0x4e, 0xeb, 0x45, 0x2f, 0x37, 0x45, 0x8b, 0x20, 0x9e, 0xd6,
		0x3a, 0x29, 0x4d, 0x99, 0x9b, 0x4c, 0x86, 0x67, 0x59, 0x82,
	};
	uint8_t got[BLAKE2S_HASH_LEN];

	blake2s(got, sizeof(got), NULL, 0, "abc", 3);
	return memcmp(got, want, sizeof(want)) == 0;
}

/* KDF3 of the salt 00 01 .. 1f and the input "abc", by another implementation: Python's
 * hmac over its hashlib.blake2s. The third output depends on the first two. */
static bool hkdf_ok(void)
{
	static const uint8_t want[BLAKE2S_HASH_LEN] = {
		0x73, 0xe5, 0xea, 0xe9, 0xc5, 0xd2, 0x30, 0xea, 0x6b, 0xec, 0xb2,
		0x9a, 0xb8, 0xa4, 0x9f, 0x62, 0x7a, 0xff, 0x1e, 0xb2, 0x75, 0x86,
		0xb9, 0x38, 0xa7, 0x1a, 0xe0, 0x90, 0xd4, 0xc7, 0xa1, 0x84,
	};
	uint8_t salt[BLAKE2S_HASH_LEN], t1[BLAKE2S_HASH_LEN], t2[BLAKE2S_HASH_LEN],
		t3[BLAKE2S_HASH_LEN];

	count_up(salt, sizeof(salt), 0);
	kdf3(t1, t2, t3, salt, "abc", 3);
	return memcmp(t3, want, sizeof(want)) == 0;
}

/* RFC 7748 section 5.2, the first vector, alone and beside a point of low order; and the
 * base point by both ways. */
static bool x25519_impl_ok(const struct x25519_impl *impl)
{
	enum {
		N = 3,
	};
	static const uint8_t scalar[X25519_LEN] = {
		0xa5, 0x46, 0xe3, 0x6b, 0xf0, 0x52, 0x7c, 0x9d, 0x3b, 0x16, 0x15,
		0x4b, 0x82, 0x46, 0x5e, 0xdd, 0x62, 0x14, 0x4c, 0x0a, 0xc1, 0xfc,
		0x5a, 0x18, 0x50, 0x6a, 0x22, 0x44, 0xba, 0x44, 0x9a, 0xc4,
	};
	static const uint8_t point[X25519_LEN] = {
		0xe6, 0xdb, 0x68, 0x67, 0x58, 0x30, 0x30, 0xdb, 0x35, 0x94, 0xc1,
		0xa4, 0x24, 0xb1, 0x5f, 0x7c, 0x72, 0x66, 0x24, 0xec, 0x26, 0xb3,
		0x35, 0x3b, 0x10, 0xa9, 0x03, 0xa6, 0xd0, 0xab, 0x1c, 0x4c,
	};
	static const uint8_t want[X25519_LEN] = {
		0xc3, 0xda, 0x55, 0x37, 0x9d, 0xe9, 0xc6, 0x90, 0x8e, 0x94, 0xea,
		0x4d, 0xf2, 0x8d, 0x08, 0x4f, 0x32, 0xec, 0xcf, 0x03, 0x49, 0x1c,
		0x71, 0xf7, 0x54, 0xb4, 0x07, 0x55, 0x77, 0xa2, 0x85, 0x52,
	};
	static const uint8_t zero[X25519_LEN], nine[X25519_LEN] = {9};
	uint8_t got[N][X25519_LEN];
	struct x25519_op op[N] = {
		{got[0], scalar, point, false},
		{got[1], scalar, zero, false},
		{got[2], scalar, point, false},
	};

	impl->multiply(op, N);
	if (memcmp(got[0], want, sizeof(want)) != 0 ||
	    memcmp(got[1], zero, sizeof(zero)) != 0 ||
	    memcmp(got[2], want, sizeof(want)) != 0)
		return false;
	op[0].point = nine;
	impl->multiply(op, 1);
	impl->base(got[1], scalar);
	return memcmp(got[0], got[1], sizeof(got[0])) == 0;
}

/* Refuses every implementation that fails; the generic one must not. */
static bool x25519_ok(crypto_refused_fn *refused)
{
	const struct x25519_impl *impl;

	for (size_t i = 0; (impl = x25519_at(i)) != NULL;) {
		if (x25519_impl_ok(impl)) {
			i++;
			continue;
		}
		if (impl == &x25519_generic)
			return false;
		x25519_refuse(impl);
		refused("x25519", impl->name);
	}
	return true;
}

static bool aead_ok(void)
{
	static const uint8_t nonce[AEAD_NONCE_LEN] = {7,    0,    0,    0,    0x40, 0x41,
						      0x42, 0x43, 0x44, 0x45, 0x46, 0x47};
	static const uint8_t want[AEAD_TAG_LEN] = {
		0x1a, 0xe1, 0x0b, 0x59, 0x4f, 0x09, 0xe2, 0x6a,
		0x7e, 0x90, 0x2e, 0xcb, 0xd0, 0x60, 0x06, 0x91,
	};
	uint8_t key[AEAD_KEY_LEN], buf[TEXT_LEN + AEAD_TAG_LEN];

	count_up(key, sizeof(key), 0x80);
	aead_seal(buf, (const uint8_t *)text, TEXT_LEN, ad, sizeof(ad), nonce, key);
	if (memcmp(buf + TEXT_LEN, want, sizeof(want)) != 0)
		return false;
	if (aead_open(buf, buf, sizeof(buf), ad, sizeof(ad), nonce, key))
		return false;
	return memcmp(buf, text, TEXT_LEN) == 0;
}

static bool xchacha_ok(void)
{
	static const uint8_t want[AEAD_TAG_LEN] = {
		0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79,
		0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a, 0xcf, 0x49,
	};
	uint8_t key[AEAD_KEY_LEN], nonce[XCHACHA_NONCE_LEN];
	uint8_t buf[TEXT_LEN + AEAD_TAG_LEN];

	count_up(key, sizeof(key), 0x80);
	count_up(nonce, sizeof(nonce), 0x40);
	xchacha_seal(buf, (const uint8_t *)text, TEXT_LEN, ad, sizeof(ad), nonce, key);
	return memcmp(buf + TEXT_LEN, want, sizeof(want)) == 0;
}

/* A batch of packets of the given length and the next ones, longest last, sealed by @impl
 * and by the single form, then opened in place; the second packet with a bit changed. */
static bool batch_ok(const struct aead_impl *impl, size_t len)
{
	enum {
		N = 5,
		MAX = 1500 + N + AEAD_TAG_LEN
	};
	static const uint8_t zeros[MAX];
	uint8_t key[AEAD_KEY_LEN], nonce[AEAD_NONCE_LEN] = {0};
	uint8_t plain[MAX], want[MAX], got[N][MAX];
	struct aead_op op[N];

	count_up(key, sizeof(key), (uint8_t)len);
	count_up(plain, sizeof(plain), (uint8_t)(len * 3));
	for (size_t i = 0; i < N; i++)
		op[i] = (struct aead_op){got[i], plain, len + i, 0x0102030405060708 + i,
					 false};
	impl->seal(op, N, key);
	for (size_t i = 0; i < N; i++) {
		store64_le(nonce + 4, op[i].nonce);
		aead_seal(want, plain, len + i, NULL, 0, nonce, key);
		if (memcmp(got[i], want, len + i + AEAD_TAG_LEN) != 0)
			return false;
		op[i].src = got[i];
		op[i].len = len + i + AEAD_TAG_LEN;
	}
	got[1][len / 2] ^= 0x10;
	impl->open(op, N, key);
	for (size_t i = 0; i < N; i++)
		if (op[i].ok != (i != 1) ||
		    memcmp(got[i], i == 1 ? zeros : plain, len + i) != 0)
			return false;
	return true;
}

/* More packets than any implementation has lanes, most of them long, some empty. */
static bool crowd_ok(const struct aead_impl *impl)
{
	enum {
		N = 70,
		MAX = 600
	};
	uint8_t key[AEAD_KEY_LEN], nonce[AEAD_NONCE_LEN] = {0};
	uint8_t plain[MAX], want[MAX + AEAD_TAG_LEN], got[N][MAX + AEAD_TAG_LEN];
	struct aead_op op[N];
	size_t len;

	count_up(key, sizeof(key), 1);
	count_up(plain, sizeof(plain), 2);
	for (size_t i = 0; i < N; i++) {
		len = i % 4 ? 256 + i * 53 % (MAX - 256) : i % 3 * i;
		op[i] = (struct aead_op){got[i], plain, len, i, false};
	}
	impl->seal(op, N, key);
	for (size_t i = 0; i < N; i++) {
		store64_le(nonce + 4, i);
		aead_seal(want, plain, op[i].len, NULL, 0, nonce, key);
		if (memcmp(got[i], want, op[i].len + AEAD_TAG_LEN) != 0)
			return false;
		op[i].src = got[i];
		op[i].len += AEAD_TAG_LEN;
	}
	impl->open(op, N, key);
	for (size_t i = 0; i < N; i++)
		if (!op[i].ok || memcmp(got[i], plain, op[i].len - AEAD_TAG_LEN) != 0)
			return false;
	return true;
}

bool aead_selftest(const struct aead_impl *impl)
{
	static const size_t some[] = {66,  79,  80,   91,   127,  128, 191,
				      192, 255, 256,  319,  320,  511, 512,
				      575, 960, 1023, 1280, 1420, 1500};

	for (size_t len = 0; len <= 65; len += 3)
		if (!batch_ok(impl, len))
			return false;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		if (!batch_ok(impl, some[i]))
			return false;
	return crowd_ok(impl);
}

/* As x25519_ok(). */
static bool batches_ok(crypto_refused_fn *refused)
{
	const struct aead_impl *impl;

	for (size_t i = 0; (impl = aead_at(i)) != NULL; i++) {
		if (aead_selftest(impl))
			continue;
		if (impl == &aead_generic)
			return false;
		aead_refuse(impl);
		refused("aead", impl->name);
	}
	return true;
}

static void ignore(const char *primitive, const char *impl)
{
	(void)primitive;
	(void)impl;
}

const char *crypto_selftest(crypto_refused_fn *refused)
{
	static const struct {
		const char *name;
		bool (*ok)(void);
	} tests[] = {
		{"blake2s", blake2s_ok},
		{"hkdf", hkdf_ok},
		{"aead", aead_ok},
		{"xchacha", xchacha_ok},
	};

	if (!refused)
		refused = ignore;
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (!tests[i].ok())
			return tests[i].name;
	if (!x25519_ok(refused))
		return "x25519";
	return batches_ok(refused) ? NULL : "aead";
}
