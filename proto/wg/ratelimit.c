/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bucket is kept as one number: the time at which it will be full again. A token costs
 * one refill interval, so taking one moves that time by an interval, and there is one to
 * take as long as it is less than RATELIMIT_BURST intervals away. A bucket that is full
 * tells no more than none at all, so its place is free: nothing has to be collected.
 *
 * Buckets live in sets of eight. The hash of the source chooses the set and is the name
 * of the bucket in it; it is keyed, so nobody can aim at a set.
 */
#include "proto/wg/ratelimit.h"

#include <stdlib.h>
#include <string.h>

#include "proto/crypto/blake2s.h"
#include "proto/crypto/bytes.h"
#include "proto/crypto/wipe.h"
#include "proto/wg/limits.h"

enum {
	WAYS = 8,
	HASH_KEY_LEN = 16,
	V6_PREFIX_LEN = 8,
	V4_MAPPED_AT = 12,
};

#define TOKEN_NS (WG_NS_PER_S / RATELIMIT_PER_S)
#define BURST_NS (RATELIMIT_BURST * TOKEN_NS)

struct bucket {
	uint64_t source;  /* hash */
	uint64_t full_ns; /* not after now: free */
};

struct ratelimit {
	uint8_t hash_key[HASH_KEY_LEN];
	size_t set_mask;
	struct bucket bucket[][WAYS];
};

struct ratelimit *ratelimit_new(size_t max_sources, struct wg_rng *rng)
{
	struct ratelimit *rl;
	size_t sets = 1;

	/* Half full at most, so that sets seldom overflow. */
	while (sets < max_sources / (WAYS / 2))
		sets *= 2;
	rl = calloc(1, sizeof(*rl) + sets * sizeof(rl->bucket[0]));
	if (!rl)
		return NULL;
	rl->set_mask = sets - 1;
	rng->fill(rng, rl->hash_key, sizeof(rl->hash_key));
	return rl;
}

void ratelimit_free(struct ratelimit *rl)
{
	if (!rl)
		return;
	wipe(rl->hash_key, sizeof(rl->hash_key));
	free(rl);
}

static uint64_t hash_source(const struct ratelimit *rl, const struct ip_addr *src)
{
	const uint8_t *p = src->bytes;
	size_t len = 4;
	uint8_t out[8];

	if (src->family == AF_INET6) {
		if (IN6_IS_ADDR_V4MAPPED(&src->v6))
			p += V4_MAPPED_AT;
		else
			len = V6_PREFIX_LEN;
	}
	blake2s(out, sizeof(out), rl->hash_key, sizeof(rl->hash_key), p, len);
	return load64_le(out);
}

/* The bucket of @source, or a free one, or NULL. */
static struct bucket *find(struct ratelimit *rl, uint64_t source, uint64_t now_ns)
{
	struct bucket *set = rl->bucket[source & rl->set_mask], *free_one = NULL;

	for (int i = 0; i < WAYS; i++) {
		if (set[i].full_ns <= now_ns)
			free_one = &set[i];
		else if (set[i].source == source)
			return &set[i];
	}
	return free_one;
}

bool ratelimit_allow(struct ratelimit *rl, const struct ip_addr *src, uint64_t now_ns)
{
	uint64_t source = hash_source(rl, src);
	struct bucket *b = find(rl, source, now_ns);

	if (!b)
		return false;
	if (b->full_ns <= now_ns)
		*b = (struct bucket){source, now_ns};
	if (b->full_ns + TOKEN_NS > now_ns + BURST_NS)
		return false;
	b->full_ns += TOKEN_NS;
	return true;
}
