/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/blake2s_set.h"

#include <string.h>

#include "proto/crypto/blake2s.h"
#include "proto/crypto/blake2s_tables.h"
#include "proto/crypto/bytes.h"
#include "proto/crypto/cpu.h"
#include "proto/crypto/wipe.h"

/* The next block of @left bytes, with zeros behind what there is; returns how many. */
static inline size_t load_block(uint32_t m[16], const uint8_t *p, size_t left)
{
	uint8_t block[BLAKE2S_BLOCK_LEN] = {0};
	size_t n = left < sizeof(block) ? left : sizeof(block);

	memcpy(block, p, n);
	for (int i = 0; i < 16; i++)
		m[i] = load32_le(block + 4 * i);
	return n;
}

#define LANES        4
#define TARGET       unused
#define SUFFIX(name) name##_4
#include "proto/crypto/blake2s_lanes.h"

#ifdef __x86_64__
#define LANES        8
#define TARGET       target("avx2")
#define SUFFIX(name) name##_8
#include "proto/crypto/blake2s_lanes.h"

#define LANES        16
#define TARGET       target("avx512f,avx512vl,avx512bw")
#define SUFFIX(name) name##_16
#include "proto/crypto/blake2s_lanes.h"
#endif

static const struct {
	blake2s_set_fn *fn;
	unsigned needs; /* enum cpu_feature */
} implementations[] = {
#ifdef __x86_64__
	{match_16, CPU_AVX512},
	{match_8, CPU_AVX2},
#endif
	{match_4, 0},
};

blake2s_set_fn *blake2s_set_implementation(unsigned i)
{
	const unsigned have = cpu_features();

	for (size_t at = 0; at < sizeof(implementations) / sizeof(implementations[0]);
	     at++) {
		if ((implementations[at].needs & ~have) == 0 && i-- == 0)
			return implementations[at].fn;
	}
	return NULL;
}

uint32_t blake2s_set_match(const struct blake2s_set *s, const void *msg, size_t len,
			   const uint8_t mac[BLAKE2S_SET_MAC_LEN])
{
	return blake2s_set_implementation(0)(s, msg, len, mac);
}

void blake2s_set_put(struct blake2s_set *s, unsigned lane, const uint8_t key[32])
{
	struct blake2s b;

	blake2s_init_key(&b, BLAKE2S_SET_MAC_LEN, key, 32);
	/* A full buffer is compressed when more comes: this is the key's block. */
	blake2s_update(&b, "", 1);
	for (int i = 0; i < 8; i++)
		s->h[i][lane] = b.h[i];
	wipe(&b, sizeof(b));
}
