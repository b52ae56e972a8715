/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The body of blake2s_set_match(), included by blake2s_set.c once for each width of
 * register. Before: LANES, a vector register's worth of 32-bit words; TARGET, what the
 * compiler may use; SUFFIX(name).
 */

typedef uint32_t SUFFIX(row) __attribute__((vector_size(4 * LANES), aligned(4)));

static inline __attribute__((always_inline, TARGET)) void
SUFFIX(mix)(SUFFIX(row) * v, int a, int b, int c, int d, uint32_t x, uint32_t y)
{
	v[a] += v[b] + x;
	v[d] ^= v[a];
	v[d] = v[d] >> 16 | v[d] << 16;
	v[c] += v[d];
	v[b] ^= v[c];
	v[b] = v[b] >> 12 | v[b] << 20;
	v[a] += v[b] + y;
	v[d] ^= v[a];
	v[d] = v[d] >> 8 | v[d] << 24;
	v[c] += v[d];
	v[b] ^= v[c];
	v[b] = v[b] >> 7 | v[b] << 25;
}

/* RFC 7693 section 3.2 in each lane: one block, one count, as many states. */
static inline __attribute__((always_inline, TARGET)) void
SUFFIX(compress)(SUFFIX(row) * h, const uint32_t m[16], uint64_t total, uint32_t last)
{
	SUFFIX(row) v[16];

	for (int i = 0; i < 8; i++) {
		v[i] = h[i];
		v[8 + i] = (SUFFIX(row)){0} + blake2s_iv[i];
	}
	v[12] ^= (uint32_t)total;
	v[13] ^= (uint32_t)(total >> 32);
	v[14] ^= last;
	for (int r = 0; r < 10; r++) {
		const uint8_t *s = blake2s_sigma[r];

		SUFFIX(mix)(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
		SUFFIX(mix)(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
		SUFFIX(mix)(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
		SUFFIX(mix)(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
		SUFFIX(mix)(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
		SUFFIX(mix)(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
		SUFFIX(mix)(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
		SUFFIX(mix)(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
	}
	for (int i = 0; i < 8; i++)
		h[i] ^= v[i] ^ v[8 + i];
}

static __attribute__((TARGET)) uint32_t
SUFFIX(match)(const struct blake2s_set *s, const void *msg, size_t len,
	      const uint8_t mac[BLAKE2S_SET_MAC_LEN])
{
	uint32_t found = 0;

	for (unsigned first = 0; first < BLAKE2S_SET_LANES; first += LANES) {
		uint64_t total = BLAKE2S_BLOCK_LEN;
		const uint8_t *p = msg;
		size_t left = len;
		SUFFIX(row) h[8], differ;
		uint32_t m[16];

		for (int i = 0; i < 8; i++)
			memcpy(&h[i], &s->h[i][first], sizeof(h[i]));
		while (left) {
			size_t n = load_block(m, p, left);

			p += n;
			left -= n;
			total += n;
			SUFFIX(compress)(h, m, total, left ? 0 : UINT32_MAX);
		}
		differ = (SUFFIX(row)){0};
		for (int i = 0; i < BLAKE2S_SET_MAC_LEN / 4; i++)
			differ |= h[i] ^ load32_le(mac + 4 * i);
		for (unsigned i = 0; i < LANES; i++)
			found |= (uint32_t)(differ[i] == 0) << (first + i);
	}
	return found;
}

#undef LANES
#undef TARGET
#undef SUFFIX
