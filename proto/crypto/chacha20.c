/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ChaCha20, four blocks side by side. A row holds one word of the state for each of four
 * blocks that differ in nothing but the block counter, so a quarter round is the same few
 * instructions for four blocks as for one. At the end words become rows:
 *
 *	row i    = word i of block 0, 1, 2, 3
 *	          after transposing rows i .. i+3:
 *	row i+b  = words i .. i+3 of block b, that is 16 bytes of its key stream
 *
 * The rows are GCC vector types, which any target has: SSE2 and NEON registers where they
 * exist, plain integers elsewhere.
 */
#include "proto/crypto/chacha20.h"

#include "proto/crypto/bytes.h"
#include "proto/crypto/wipe.h"

typedef uint32_t row_t __attribute__((vector_size(16)));

enum {
	ROW_LEN = sizeof(row_t),
	ROUND_PAIRS = 10,
};

static inline row_t rotl(row_t v, int n)
{
	return v << n | v >> (32 - n);
}

static inline void quarter_round(row_t x[16], int a, int b, int c, int d)
{
	x[a] += x[b];
	x[d] = rotl(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotl(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotl(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotl(x[b] ^ x[c], 7);
}

/* RFC 8439 section 2.3: column rounds and diagonal rounds. */
static inline void rounds(row_t x[16])
{
	for (int i = 0; i < ROUND_PAIRS; i++) {
		quarter_round(x, 0, 4, 8, 12);
		quarter_round(x, 1, 5, 9, 13);
		quarter_round(x, 2, 6, 10, 14);
		quarter_round(x, 3, 7, 11, 15);
		quarter_round(x, 0, 5, 10, 15);
		quarter_round(x, 1, 6, 11, 12);
		quarter_round(x, 2, 7, 8, 13);
		quarter_round(x, 3, 4, 9, 14);
	}
}

static inline void spread(row_t x[16], const uint32_t word[16])
{
	for (int i = 0; i < 16; i++)
		x[i] = (row_t){word[i], word[i], word[i], word[i]};
}

static inline void transpose(row_t r[4])
{
	row_t a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5);
	row_t b = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
	row_t c = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
	row_t d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);

	r[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
	r[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
	r[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
	r[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}

static inline void store_row(uint8_t *dst, row_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = (rotl(v, 8) & 0x00ff00ff) | (rotl(v, 24) & 0xff00ff00);
#endif
	memcpy(dst, &v, sizeof(v));
}

/* Fills the stream with the next CHACHA20_LANES blocks. */
static void refill(struct chacha20 *c)
{
	const row_t lane = {0, 1, 2, 3};
	row_t x[16];

	spread(x, c->word);
	x[12] += lane;
	rounds(x);
	for (int i = 0; i < 16; i++)
		x[i] += c->word[i];
	x[12] += lane;
	for (int i = 0; i < 16; i += 4) {
		transpose(x + i);
		for (int b = 0; b < CHACHA20_LANES; b++)
			store_row(c->stream + b * CHACHA20_BLOCK_LEN + 4 * i, x[i + b]);
	}
	c->word[12] += CHACHA20_LANES;
	c->used = 0;
}

static inline void xor_bytes(uint8_t *dst, const uint8_t *a, const uint8_t *b, size_t len)
{
	row_t x, y;

	for (; len >= ROW_LEN; len -= ROW_LEN) {
		memcpy(&x, a, ROW_LEN);
		memcpy(&y, b, ROW_LEN);
		x ^= y;
		memcpy(dst, &x, ROW_LEN);
		dst += ROW_LEN;
		a += ROW_LEN;
		b += ROW_LEN;
	}
	while (len--)
		*dst++ = *a++ ^ *b++;
}

static void init_words(uint32_t word[16], const uint8_t key[CHACHA20_KEY_LEN])
{
	static const char constants[16] = "expand 32-byte k";

	for (int i = 0; i < 4; i++)
		word[i] = load32_le(constants + 4 * i);
	for (int i = 0; i < 8; i++)
		word[4 + i] = load32_le(key + 4 * i);
}

void chacha20_init(struct chacha20 *c, const uint8_t key[CHACHA20_KEY_LEN],
		   const uint8_t nonce[CHACHA20_NONCE_LEN], uint32_t counter)
{
	init_words(c->word, key);
	c->word[12] = counter;
	for (int i = 0; i < 3; i++)
		c->word[13 + i] = load32_le(nonce + 4 * i);
	c->used = sizeof(c->stream);
}

/* Returns how many bytes of the stream are ready at @p, at least 1 and at most @want. */
static size_t take(struct chacha20 *c, const uint8_t **p, size_t want)
{
	size_t n;

	if (c->used == sizeof(c->stream))
		refill(c);
	*p = c->stream + c->used;
	n = sizeof(c->stream) - c->used;
	if (n > want)
		n = want;
	c->used += n;
	return n;
}

void chacha20_stream(struct chacha20 *c, uint8_t *dst, size_t len)
{
	const uint8_t *p;

	for (size_t n; len; dst += n, len -= n) {
		n = take(c, &p, len);
		memcpy(dst, p, n);
	}
}

void chacha20_xor(struct chacha20 *c, uint8_t *dst, const uint8_t *src, size_t len)
{
	const uint8_t *p;

	for (size_t n; len; dst += n, src += n, len -= n) {
		n = take(c, &p, len);
		xor_bytes(dst, src, p, n);
	}
}

void hchacha20(uint8_t out[CHACHA20_KEY_LEN], const uint8_t key[CHACHA20_KEY_LEN],
	       const uint8_t nonce[HCHACHA20_NONCE_LEN])
{
	uint32_t word[16];
	row_t x[16];

	init_words(word, key);
	for (int i = 0; i < 4; i++)
		word[12 + i] = load32_le(nonce + 4 * i);
	spread(x, word);
	rounds(x);
	for (int i = 0; i < 4; i++) {
		store32_le(out + 4 * i, x[i][0]);
		store32_le(out + 16 + 4 * i, x[12 + i][0]);
	}
	wipe(word, sizeof(word));
	wipe(x, sizeof(x));
}
