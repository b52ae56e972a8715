/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_FE64_H
#define WGRD_PROTO_CRYPTO_FE64_H

/*
 * Arithmetic modulo p = 2^255 - 19 on four limbs of 64 bits, in constant time, for x86-64
 * processors with MULX (BMI2) and ADCX, ADOX (ADX); the caller has looked. For x25519;
 * pure functions, any thread. Everything is inline, so that the compiler keeps one
 * product's loads and the next one's carries in flight at the same time.
 *
 * A number is called tight when it is below 2^255 + 2^23, loose when below 2^256.
 * Multiplication takes loose and gives tight; addition and subtraction take tight and
 * give loose, the same rule as in fe51.h.
 *
 * ADCX carries in CF alone and ADOX in OF alone, so that a row of a product adds its low
 * halves in one chain and its high halves, one limb up, in another.
 */

#include <stdint.h>

#include "proto/crypto/bytes.h"
#include "proto/crypto/ct.h"
#include "proto/crypto/wipe.h"

__extension__ typedef unsigned __int128 u128;

struct fe64 {
	uint64_t v[4]; /* value: sum of v[i] * 2^(64 * i), not necessarily below p */
};

/* Row i of a product, i = 1, 2, 3: r_i ... r_(i + 4) += a_i b, where r_(i + 4) is new. @hi
 * is a register with nothing in it. Registers are short: with a frame pointer, and two
 * that a compiler may want for the memory operands, there is not one left. */
#define FE64_ROW(a_i, r0, r1, r2, r3, r4, hi) \
	"mov " a_i "(%[a]), %%rdx\n\t"        \
	"xor %k[" r4 "], %k[" r4 "]\n\t"      \
	"mulx (%[b]), %[lo], %[" hi "]\n\t"   \
	"adcx %[lo], %[" r0 "]\n\t"           \
	"adox %[" hi "], %[" r1 "]\n\t"       \
	"mulx 8(%[b]), %[lo], %[" hi "]\n\t"  \
	"adcx %[lo], %[" r1 "]\n\t"           \
	"adox %[" hi "], %[" r2 "]\n\t"       \
	"mulx 16(%[b]), %[lo], %[" hi "]\n\t" \
	"adcx %[lo], %[" r2 "]\n\t"           \
	"adox %[" hi "], %[" r3 "]\n\t"       \
	"mulx 24(%[b]), %[lo], %[" hi "]\n\t" \
	"adcx %[lo], %[" r3 "]\n\t"           \
	"adox %[" hi "], %[" r4 "]\n\t"       \
	"adc $0, %[" r4 "]\n\t"

/*
 * r0 ... r7 to r0 ... r3, tight. First 2^256 = 38: r0 ... r4 = low half + 38 * high half,
 * r4 <= 38. Then q = r4 ... r0 >> 255 <= 77 is cut off the top and 19 q added at the
 * bottom, which cannot carry out of r3: what it is added to is below 2^255.
 */
#define FE64_REDUCE                    \
	"mov $38, %%edx\n\t"           \
	"xor %k[b], %k[b]\n\t"         \
	"mulx %[r4], %[lo], %[a]\n\t"  \
	"adcx %[lo], %[r0]\n\t"        \
	"adox %[a], %[r1]\n\t"         \
	"mulx %[r5], %[lo], %[a]\n\t"  \
	"adcx %[lo], %[r1]\n\t"        \
	"adox %[a], %[r2]\n\t"         \
	"mulx %[r6], %[lo], %[a]\n\t"  \
	"adcx %[lo], %[r2]\n\t"        \
	"adox %[a], %[r3]\n\t"         \
	"mulx %[r7], %[lo], %[r4]\n\t" \
	"adcx %[lo], %[r3]\n\t"        \
	"adox %[b], %[r4]\n\t"         \
	"adc %[b], %[r4]\n\t" FE64_CUT

#define FE64_CUT                     \
	"add %[r3], %[r3]\n\t"       \
	"adc %[r4], %[r4]\n\t"       \
	"shr %[r3]\n\t"              \
	"imul $19, %[r4], %[r4]\n\t" \
	"add %[r4], %[r0]\n\t"       \
	"adc $0, %[r1]\n\t"          \
	"adc $0, %[r2]\n\t"          \
	"adc $0, %[r3]\n\t"

static inline void fe64_mul(struct fe64 *out, const struct fe64 *a, const struct fe64 *b)
{
	const struct fe64 *x = a, *y = b;
	uint64_t r0, r1, r2, r3, r4, r5, r6, r7, lo;

	/* clang-format off */
	__asm__("mov (%[a]), %%rdx\n\t"
		"mulx (%[b]), %[r0], %[r1]\n\t"
		"mulx 8(%[b]), %[lo], %[r2]\n\t"
		"add %[lo], %[r1]\n\t"
		"mulx 16(%[b]), %[lo], %[r3]\n\t"
		"adc %[lo], %[r2]\n\t"
		"mulx 24(%[b]), %[lo], %[r4]\n\t"
		"adc %[lo], %[r3]\n\t"
		"adc $0, %[r4]\n\t"
		FE64_ROW("8", "r1", "r2", "r3", "r4", "r5", "r7")
		FE64_ROW("16", "r2", "r3", "r4", "r5", "r6", "r7")
		FE64_ROW("24", "r3", "r4", "r5", "r6", "r7", "a")
		FE64_REDUCE
		: [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3),
		  [r4] "=&r"(r4), [r5] "=&r"(r5), [r6] "=&r"(r6), [r7] "=&r"(r7),
		  [lo] "=&r"(lo), [a] "+&r"(x), [b] "+&r"(y)
		: "m"(*a), "m"(*b)
		: "rdx", "cc");
	/* clang-format on */
	*out = (struct fe64){{r0, r1, r2, r3}};
}

/* The six products of different limbs, doubled while the four squares are added. */
static inline void fe64_square(struct fe64 *out, const struct fe64 *a)
{
	const struct fe64 *x = a;
	uint64_t r0, r1, r2, r3, r4, r5, r6, r7, lo, zero;

	/* clang-format off */
	__asm__("mov (%[a]), %%rdx\n\t"
		"mulx 8(%[a]), %[r1], %[r2]\n\t"
		"mulx 16(%[a]), %[lo], %[r3]\n\t"
		"add %[lo], %[r2]\n\t"
		"mulx 24(%[a]), %[lo], %[r4]\n\t"
		"adc %[lo], %[r3]\n\t"
		"adc $0, %[r4]\n\t"
		"mov 8(%[a]), %%rdx\n\t"
		"xor %k[b], %k[b]\n\t"
		"mulx 16(%[a]), %[lo], %[r7]\n\t"
		"adcx %[lo], %[r3]\n\t"
		"adox %[r7], %[r4]\n\t"
		"mulx 24(%[a]), %[lo], %[r5]\n\t"
		"mov 24(%[a]), %%rdx\n\t"
		"adcx %[lo], %[r4]\n\t"
		"adox %[b], %[r5]\n\t"
		"mulx 16(%[a]), %[lo], %[r6]\n\t"
		"mov (%[a]), %%rdx\n\t"
		"adcx %[lo], %[r5]\n\t"
		"adox %[b], %[r6]\n\t"
		"adc %[b], %[r6]\n\t"
		"xor %k[b], %k[b]\n\t"
		"mulx %%rdx, %[r0], %[r7]\n\t"
		"mov 8(%[a]), %%rdx\n\t"
		"adcx %[r1], %[r1]\n\t"
		"adox %[r7], %[r1]\n\t"
		"mulx %%rdx, %[lo], %[r7]\n\t"
		"mov 16(%[a]), %%rdx\n\t"
		"adcx %[r2], %[r2]\n\t"
		"adox %[lo], %[r2]\n\t"
		"adcx %[r3], %[r3]\n\t"
		"adox %[r7], %[r3]\n\t"
		"mulx %%rdx, %[lo], %[r7]\n\t"
		"mov 24(%[a]), %%rdx\n\t"
		"adcx %[r4], %[r4]\n\t"
		"adox %[lo], %[r4]\n\t"
		"adcx %[r5], %[r5]\n\t"
		"adox %[r7], %[r5]\n\t"
		"mulx %%rdx, %[lo], %[r7]\n\t"
		"adcx %[r6], %[r6]\n\t"
		"adox %[lo], %[r6]\n\t"
		"adcx %[b], %[r7]\n\t"
		"adox %[b], %[r7]\n\t"
		FE64_REDUCE
		: [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3),
		  [r4] "=&r"(r4), [r5] "=&r"(r5), [r6] "=&r"(r6), [r7] "=&r"(r7),
		  [lo] "=&r"(lo), [a] "+&r"(x), [b] "=&r"(zero)
		: "m"(*a)
		: "rdx", "cc");
	/* clang-format on */
	*out = (struct fe64){{r0, r1, r2, r3}};
}

/* @small below 2^17, so that 19 q is below 2^23. */
static inline void fe64_mul_small(struct fe64 *out, const struct fe64 *a, uint32_t small)
{
	const struct fe64 *x = a;
	uint64_t r0, r1, r2, r3, r4, lo;

	/* clang-format off */
	__asm__("mulx (%[a]), %[r0], %[r1]\n\t"
		"mulx 8(%[a]), %[lo], %[r2]\n\t"
		"add %[lo], %[r1]\n\t"
		"mulx 16(%[a]), %[lo], %[r3]\n\t"
		"adc %[lo], %[r2]\n\t"
		"mulx 24(%[a]), %[lo], %[r4]\n\t"
		"adc %[lo], %[r3]\n\t"
		"adc $0, %[r4]\n\t"
		FE64_CUT
		: [r0] "=&r"(r0), [r1] "=&r"(r1), [r2] "=&r"(r2), [r3] "=&r"(r3),
		  [r4] "=&r"(r4), [lo] "=&r"(lo)
		: "d"((uint64_t)small), [a] "r"(x), "m"(*a)
		: "cc");
	/* clang-format on */
	*out = (struct fe64){{r0, r1, r2, r3}};
}

/* Twice 2^255 + 2^23 is little more than 2^256: after a carry limb 0 has room for 38. */
static inline void fe64_add(struct fe64 *out, const struct fe64 *a, const struct fe64 *b)
{
	uint64_t r0 = a->v[0], r1 = a->v[1], r2 = a->v[2], r3 = a->v[3], c;

	__asm__("add %[b0], %[r0]\n\t"
		"adc %[b1], %[r1]\n\t"
		"adc %[b2], %[r2]\n\t"
		"adc %[b3], %[r3]\n\t"
		"sbb %[c], %[c]\n\t"
		"and $38, %k[c]\n\t"
		"add %[c], %[r0]\n\t"
		: [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3),
		  [c] "=&r"(c)
		: [b0] "rm"(b->v[0]), [b1] "rm"(b->v[1]), [b2] "rm"(b->v[2]),
		  [b3] "rm"(b->v[3])
		: "cc");
	*out = (struct fe64){{r0, r1, r2, r3}};
}

/* A borrow has added 2^256, which is 38 too much; a negative difference of tight numbers
 * is above -2^255 - 2^11, so that there is no second borrow. */
static inline void fe64_sub(struct fe64 *out, const struct fe64 *a, const struct fe64 *b)
{
	uint64_t r0 = a->v[0], r1 = a->v[1], r2 = a->v[2], r3 = a->v[3], c;

	__asm__("sub %[b0], %[r0]\n\t"
		"sbb %[b1], %[r1]\n\t"
		"sbb %[b2], %[r2]\n\t"
		"sbb %[b3], %[r3]\n\t"
		"sbb %[c], %[c]\n\t"
		"and $38, %k[c]\n\t"
		"sub %[c], %[r0]\n\t"
		"sbb $0, %[r1]\n\t"
		"sbb $0, %[r2]\n\t"
		"sbb $0, %[r3]\n\t"
		: [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3),
		  [c] "=&r"(c)
		: [b0] "rm"(b->v[0]), [b1] "rm"(b->v[1]), [b2] "rm"(b->v[2]),
		  [b3] "rm"(b->v[3])
		: "cc");
	*out = (struct fe64){{r0, r1, r2, r3}};
}

/* @w below 2^255. */
static inline void fe64_from_words(struct fe64 *f, const uint64_t w[4])
{
	*f = (struct fe64){{w[0], w[1], w[2], w[3]}};
}

/* Ignores the top bit, as RFC 7748 section 5 asks. */
static inline void fe64_load(struct fe64 *f, const uint8_t s[32])
{
	for (int i = 0; i < 4; i++)
		f->v[i] = load64_le(s + 8 * i);
	f->v[3] &= INT64_MAX;
}

/* Writes the one representative below p of a tight @f. */
static inline void fe64_store(uint8_t s[32], const struct fe64 *f)
{
	const uint64_t *v = f->v;
	u128 sum = 19;
	uint64_t r[4];

	/* As a tight number is below 2 p, one p is all there may be too much: it is if
	 * adding 19 reaches 2^255, and then that sum without its top bit is the result. */
	for (int i = 0; i < 4; i++) {
		sum += v[i];
		r[i] = (uint64_t)sum;
		sum >>= 64;
	}
	sum = 19 * (ct_opaque(r[3]) >> 63);
	for (int i = 0; i < 4; i++) {
		sum += v[i];
		r[i] = (uint64_t)sum;
		sum >>= 64;
	}
	r[3] &= INT64_MAX;
	for (int i = 0; i < 4; i++)
		store64_le(s + 8 * i, r[i]);
}

/* Exchanges @a and @b if @bit is 1; @bit is 0 or 1. */
static inline void fe64_cswap(struct fe64 *a, struct fe64 *b, uint64_t bit)
{
	const uint64_t mask = 0 - ct_opaque(bit);

	for (int i = 0; i < 4; i++) {
		uint64_t x = mask & (a->v[i] ^ b->v[i]);

		a->v[i] ^= x;
		b->v[i] ^= x;
	}
}

#define FE(name) fe64_##name
#define FE_T     fe64
#include "proto/crypto/fe_invert.h"
#undef FE
#undef FE_T

#endif
