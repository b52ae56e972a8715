/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/poly1305.h"

#include "proto/crypto/bytes.h"
#include "proto/crypto/poly1305_step.h"
#include "proto/crypto/wipe.h"

void poly1305_init(struct poly1305 *p, const uint8_t key[POLY1305_KEY_LEN])
{
	p->h[0] = p->h[1] = p->h[2] = 0;
	poly1305_clamp(p->r, key);
	p->pad[0] = load64_le(key + 16);
	p->pad[1] = load64_le(key + 24);
	p->part_len = 0;
}

/* Absorbs @n whole blocks. */
static void blocks(struct poly1305 *p, const uint8_t *m, size_t n)
{
	const uint64_t s1 = p->r[1] + (p->r[1] >> 2);

	for (; n; n--, m += POLY1305_BLOCK_LEN)
		poly1305_step(p->h, p->r, s1, m);
}

void poly1305_update(struct poly1305 *p, const void *data, size_t len)
{
	const uint8_t *m = data;
	size_t n;

	if (p->part_len) {
		n = POLY1305_BLOCK_LEN - p->part_len;
		if (n > len)
			n = len;
		memcpy(p->part + p->part_len, m, n);
		p->part_len += n;
		m += n;
		len -= n;
		if (p->part_len < POLY1305_BLOCK_LEN)
			return;
		blocks(p, p->part, 1);
		p->part_len = 0;
	}
	n = len / POLY1305_BLOCK_LEN;
	blocks(p, m, n);
	m += n * POLY1305_BLOCK_LEN;
	len -= n * POLY1305_BLOCK_LEN;
	if (len)
		memcpy(p->part, m, len);
	p->part_len = len;
}

void poly1305_pad(struct poly1305 *p)
{
	if (p->part_len == 0)
		return;
	memset(p->part + p->part_len, 0, POLY1305_BLOCK_LEN - p->part_len);
	blocks(p, p->part, 1);
	p->part_len = 0;
}

/* The last block, if it is short, is read as a number of its own length with a one above
 * it. blocks() adds 2^128; here the one belongs lower, so it is taken back first. */
static void last_block(struct poly1305 *p)
{
	p->part[p->part_len] = 1;
	memset(p->part + p->part_len + 1, 0, POLY1305_BLOCK_LEN - p->part_len - 1);
	p->h[2] -= 1;
	blocks(p, p->part, 1);
}

void poly1305_final(struct poly1305 *p, uint8_t tag[POLY1305_TAG_LEN])
{
	if (p->part_len)
		last_block(p);
	poly1305_tag(tag, p->h, p->pad);
	wipe(p, sizeof(*p));
}
