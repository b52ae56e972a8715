/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/blake2s.h"

#include <assert.h>

#include "proto/crypto/bytes.h"
#include "proto/crypto/wipe.h"

/* RFC 7693 section 2.6. */
static const uint32_t iv[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* RFC 7693 section 2.7. */
static const uint8_t sigma[10][16] = {
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	{14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
	{11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
	{7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
	{9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
	{2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
	{12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
	{13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
	{6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
	{10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static inline void mix(uint32_t v[16], int a, int b, int c, int d, uint32_t x, uint32_t y)
{
	v[a] += v[b] + x;
	v[d] = rotr32(v[d] ^ v[a], 16);
	v[c] += v[d];
	v[b] = rotr32(v[b] ^ v[c], 12);
	v[a] += v[b] + y;
	v[d] = rotr32(v[d] ^ v[a], 8);
	v[c] += v[d];
	v[b] = rotr32(v[b] ^ v[c], 7);
}

/* RFC 7693 section 3.2, the function F. @n: bytes of the block that count; @last: all
 * ones for the last block, else zero. */
static void compress(struct blake2s *b, const uint8_t block[BLAKE2S_BLOCK_LEN], size_t n,
		     uint32_t last)
{
	uint32_t m[16], v[16];

	b->total += n;
	for (int i = 0; i < 16; i++)
		m[i] = load32_le(block + 4 * i);
	for (int i = 0; i < 8; i++) {
		v[i] = b->h[i];
		v[8 + i] = iv[i];
	}
	v[12] ^= (uint32_t)b->total;
	v[13] ^= (uint32_t)(b->total >> 32);
	v[14] ^= last;
	for (int r = 0; r < 10; r++) {
		const uint8_t *s = sigma[r];

		mix(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
		mix(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
		mix(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
		mix(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
		mix(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
		mix(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
		mix(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
		mix(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
	}
	for (int i = 0; i < 8; i++)
		b->h[i] ^= v[i] ^ v[8 + i];
	wipe(m, sizeof(m));
	wipe(v, sizeof(v));
}

void blake2s_init_key(struct blake2s *b, size_t out_len, const void *key, size_t key_len)
{
	assert(out_len >= 1 && out_len <= BLAKE2S_HASH_LEN && key_len <= BLAKE2S_KEY_LEN);
	memcpy(b->h, iv, sizeof(b->h));
	/* The parameter block of section 2.8: depth and fan-out are 1. */
	b->h[0] ^= 0x01010000 | (uint32_t)key_len << 8 | (uint32_t)out_len;
	b->total = 0;
	b->out_len = out_len;
	b->buf_len = 0;
	if (key_len == 0)
		return;
	memset(b->buf, 0, sizeof(b->buf));
	memcpy(b->buf, key, key_len);
	b->buf_len = sizeof(b->buf);
}

void blake2s_init(struct blake2s *b, size_t out_len)
{
	blake2s_init_key(b, out_len, NULL, 0);
}

/* The last block is compressed differently, so a full buffer waits until more comes. */
void blake2s_update(struct blake2s *b, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len) {
		size_t n = sizeof(b->buf) - b->buf_len;

		if (n == 0) {
			compress(b, b->buf, sizeof(b->buf), 0);
			b->buf_len = 0;
			continue;
		}
		if (n > len)
			n = len;
		memcpy(b->buf + b->buf_len, p, n);
		b->buf_len += n;
		p += n;
		len -= n;
	}
}

void blake2s_final(struct blake2s *b, void *out)
{
	uint8_t hash[BLAKE2S_HASH_LEN];

	memset(b->buf + b->buf_len, 0, sizeof(b->buf) - b->buf_len);
	compress(b, b->buf, b->buf_len, UINT32_MAX);
	for (int i = 0; i < 8; i++)
		store32_le(hash + 4 * i, b->h[i]);
	memcpy(out, hash, b->out_len);
	wipe(hash, sizeof(hash));
	wipe(b, sizeof(*b));
}

void blake2s(void *out, size_t out_len, const void *key, size_t key_len, const void *data,
	     size_t len)
{
	struct blake2s b;

	blake2s_init_key(&b, out_len, key, key_len);
	blake2s_update(&b, data, len);
	blake2s_final(&b, out);
}
