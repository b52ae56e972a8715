/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/fe51.h"

#include "proto/crypto/bytes.h"

void fe51_from_words(struct fe51 *f, const uint64_t w[4])
{
	/* Limb i begins at bit 51 i: bits 0, 51, 102, 153 and 204. */
	f->v[0] = w[0] & FE51_MASK;
	f->v[1] = (w[0] >> 51 | w[1] << 13) & FE51_MASK;
	f->v[2] = (w[1] >> 38 | w[2] << 26) & FE51_MASK;
	f->v[3] = (w[2] >> 25 | w[3] << 39) & FE51_MASK;
	f->v[4] = (w[3] >> 12) & FE51_MASK;
}

void fe51_load(struct fe51 *f, const uint8_t s[32])
{
	uint64_t w[4];

	for (int i = 0; i < 4; i++)
		w[i] = load64_le(s + 8 * i);
	fe51_from_words(f, w);
	wipe(w, sizeof(w));
}

/* Passes what is above 51 bits to the next limb, and from the top around to the bottom,
 * since 2^255 = 19 modulo p. */
static void carry(uint64_t v[5])
{
	for (int i = 0; i < 4; i++) {
		v[i + 1] += v[i] >> 51;
		v[i] &= FE51_MASK;
	}
	v[0] += 19 * (v[4] >> 51);
	v[4] &= FE51_MASK;
}

void fe51_store(uint8_t s[32], const struct fe51 *f)
{
	uint64_t v[5], q;

	for (int i = 0; i < 5; i++)
		v[i] = f->v[i];
	/* Twice makes it less than 2^255: the second has 0 or 1 to bring around, and if
	 * it is 1, limb 0 has room for 19 more. */
	carry(v);
	carry(v);
	/* q = 1 if v >= p, that is if v + 19 reaches 2^255. */
	q = (v[0] + 19) >> 51;
	for (int i = 1; i < 5; i++)
		q = (v[i] + q) >> 51;
	/* v - q p = v + 19 q - q 2^255; the last term falls off the top. */
	v[0] += 19 * q;
	for (int i = 0; i < 4; i++) {
		v[i + 1] += v[i] >> 51;
		v[i] &= FE51_MASK;
	}
	v[4] &= FE51_MASK;

	store64_le(s, v[0] | v[1] << 51);
	store64_le(s + 8, v[1] >> 13 | v[2] << 38);
	store64_le(s + 16, v[2] >> 26 | v[3] << 25);
	store64_le(s + 24, v[3] >> 39 | v[4] << 12);
}
