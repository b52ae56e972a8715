/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/blake2s.h"

#include <assert.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "proto/crypto/blake2s_tables.h"
#include "proto/crypto/bytes.h"
#include "proto/crypto/cpu.h"
#include "proto/crypto/wipe.h"

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

/* RFC 7693 section 3.2, the function F. @last: all ones for the last block, else zero. */
static void compress_generic(struct blake2s *b, const uint8_t block[BLAKE2S_BLOCK_LEN],
			     uint32_t last)
{
	uint32_t m[16], v[16];

	for (int i = 0; i < 16; i++)
		m[i] = load32_le(block + 4 * i);
	for (int i = 0; i < 8; i++) {
		v[i] = b->h[i];
		v[8 + i] = blake2s_iv[i];
	}
	v[12] ^= (uint32_t)b->total;
	v[13] ^= (uint32_t)(b->total >> 32);
	v[14] ^= last;
#pragma GCC unroll 10
	for (int r = 0; r < 10; r++) { /* unrolled, the places in m are constants */
		const uint8_t *s = blake2s_sigma[r];

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

#ifdef __x86_64__
/*
 * The same with the four columns, and then the four diagonals, in the lanes of a
 * register: AVX-512 has a rotation, and puts the sixteen words of a block in any order at
 * once. The chain of dependent instructions is what bounds it, so two blocks of
 * different hashes cost little more than one.
 */
#define TARGET __attribute__((target("avx512f,avx512vl")))
#define INLINE inline __attribute__((always_inline))

/* Of the words of a block, those for the columns, first and second, then those for the
 * diagonals, from the last one on: b, which comes last and is waited for, keeps its place,
 * and the others move. */
static const uint8_t order[10][16] = {
	{0, 2, 4, 6, 1, 3, 5, 7, 14, 8, 10, 12, 15, 9, 11, 13},
	{14, 4, 9, 13, 10, 8, 15, 6, 5, 1, 0, 11, 3, 12, 2, 7},
	{11, 12, 5, 15, 8, 0, 2, 13, 9, 10, 3, 7, 4, 14, 6, 1},
	{7, 3, 13, 11, 9, 1, 12, 14, 15, 2, 5, 4, 8, 6, 10, 0},
	{9, 5, 2, 10, 0, 7, 4, 15, 3, 14, 11, 6, 13, 1, 12, 8},
	{2, 6, 0, 8, 12, 10, 11, 3, 1, 4, 7, 15, 9, 13, 5, 14},
	{12, 1, 14, 4, 5, 15, 13, 10, 8, 0, 6, 9, 11, 7, 3, 2},
	{13, 7, 12, 3, 11, 14, 1, 9, 2, 5, 15, 8, 10, 0, 4, 6},
	{6, 14, 11, 0, 15, 9, 3, 8, 10, 12, 13, 1, 5, 2, 7, 4},
	{10, 8, 7, 1, 2, 4, 6, 5, 13, 15, 9, 3, 0, 11, 14, 12},
};

/* b comes last: the compiler would add it first, and wait for it. */
#define KEEP_ORDER(row) __asm__("" : "+v"(row))

struct rows {
	__m128i a, b, c, d;
};

static INLINE TARGET void mix_rows(struct rows *v, __m128i x, __m128i y)
{
	v->a = _mm_add_epi32(v->a, x);
	KEEP_ORDER(v->a);
	v->a = _mm_add_epi32(v->a, v->b);
	v->d = _mm_ror_epi32(_mm_xor_si128(v->d, v->a), 16);
	v->c = _mm_add_epi32(v->c, v->d);
	v->b = _mm_ror_epi32(_mm_xor_si128(v->b, v->c), 12);
	v->a = _mm_add_epi32(v->a, y);
	KEEP_ORDER(v->a);
	v->a = _mm_add_epi32(v->a, v->b);
	v->d = _mm_ror_epi32(_mm_xor_si128(v->d, v->a), 8);
	v->c = _mm_add_epi32(v->c, v->d);
	v->b = _mm_ror_epi32(_mm_xor_si128(v->b, v->c), 7);
}

/* A state and the block that it is given. */
struct job {
	__m512i m;
	__m128i h0, h1;
	struct rows v;
};

static INLINE TARGET void job_begin(struct job *j, const struct blake2s *b,
				    const uint8_t block[BLAKE2S_BLOCK_LEN], uint32_t last)
{
	const __m128i flags = _mm_set_epi32(0, (int)last, (int)(b->total >> 32),
					    (int)(uint32_t)b->total);

	j->m = _mm512_loadu_si512(block);
	j->h0 = _mm_loadu_si128((const __m128i *)b->h);
	j->h1 = _mm_loadu_si128((const __m128i *)(b->h + 4));
	j->v.a = j->h0;
	j->v.b = j->h1;
	j->v.c = _mm_loadu_si128((const __m128i *)blake2s_iv);
	j->v.d = _mm_xor_si128(_mm_loadu_si128((const __m128i *)(blake2s_iv + 4)), flags);
}

static INLINE TARGET void job_round(struct job *j, __m512i at)
{
	const __m512i w = _mm512_permutexvar_epi32(at, j->m);
	struct rows *v = &j->v;

	mix_rows(v, _mm512_castsi512_si128(w), _mm512_extracti32x4_epi32(w, 1));
	v->a = _mm_shuffle_epi32(v->a, _MM_SHUFFLE(2, 1, 0, 3));
	v->d = _mm_shuffle_epi32(v->d, _MM_SHUFFLE(1, 0, 3, 2));
	v->c = _mm_shuffle_epi32(v->c, _MM_SHUFFLE(0, 3, 2, 1));
	mix_rows(v, _mm512_extracti32x4_epi32(w, 2), _mm512_extracti32x4_epi32(w, 3));
	v->a = _mm_shuffle_epi32(v->a, _MM_SHUFFLE(0, 3, 2, 1));
	v->d = _mm_shuffle_epi32(v->d, _MM_SHUFFLE(1, 0, 3, 2));
	v->c = _mm_shuffle_epi32(v->c, _MM_SHUFFLE(2, 1, 0, 3));
}

static INLINE TARGET void job_end(const struct job *j, struct blake2s *b)
{
	const struct rows *v = &j->v;

	_mm_storeu_si128((__m128i *)b->h,
			 _mm_xor_si128(j->h0, _mm_xor_si128(v->a, v->c)));
	_mm_storeu_si128((__m128i *)(b->h + 4),
			 _mm_xor_si128(j->h1, _mm_xor_si128(v->b, v->d)));
}

static INLINE TARGET __m512i round_order(int r)
{
	return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)order[r]));
}

static TARGET void compress_avx512(struct blake2s *b,
				   const uint8_t block[BLAKE2S_BLOCK_LEN], uint32_t last)
{
	struct job j;

	job_begin(&j, b, block, last);
	for (int r = 0; r < 10; r++)
		job_round(&j, round_order(r));
	job_end(&j, b);
}

/* Two blocks that are not their hashes' last. */
static TARGET void compress_two_avx512(struct blake2s *b1,
				       const uint8_t block1[BLAKE2S_BLOCK_LEN],
				       struct blake2s *b2,
				       const uint8_t block2[BLAKE2S_BLOCK_LEN])
{
	struct job j1, j2;

	job_begin(&j1, b1, block1, 0);
	job_begin(&j2, b2, block2, 0);
	for (int r = 0; r < 10; r++) {
		const __m512i at = round_order(r);

		job_round(&j1, at);
		job_round(&j2, at);
	}
	job_end(&j1, b1);
	job_end(&j2, b2);
}
#endif

static bool only_generic;

void blake2s_use_generic(bool on)
{
	only_generic = on;
}

#ifdef __x86_64__
static bool has_avx512(void)
{
	return !only_generic && cpu_features() & CPU_AVX512;
}
#endif

/* @n: bytes of the block that count. */
static void compress(struct blake2s *b, const uint8_t block[BLAKE2S_BLOCK_LEN], size_t n,
		     uint32_t last)
{
	b->total += n;
#ifdef __x86_64__
	if (has_avx512()) {
		compress_avx512(b, block, last);
		return;
	}
#endif
	compress_generic(b, block, last);
}

void blake2s_init_key(struct blake2s *b, size_t out_len, const void *key, size_t key_len)
{
	assert(out_len >= 1 && out_len <= BLAKE2S_HASH_LEN && key_len <= BLAKE2S_KEY_LEN);
	memcpy(b->h, blake2s_iv, sizeof(b->h));
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

void blake2s_init_blocks(struct blake2s *b1, const uint8_t block1[BLAKE2S_BLOCK_LEN],
			 struct blake2s *b2, const uint8_t block2[BLAKE2S_BLOCK_LEN])
{
	blake2s_init(b1, BLAKE2S_HASH_LEN);
	blake2s_init(b2, BLAKE2S_HASH_LEN);
#ifdef __x86_64__
	if (has_avx512()) {
		b1->total = b2->total = BLAKE2S_BLOCK_LEN;
		compress_two_avx512(b1, block1, b2, block2);
		return;
	}
#endif
	compress(b1, block1, BLAKE2S_BLOCK_LEN, 0);
	compress(b2, block2, BLAKE2S_BLOCK_LEN, 0);
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
