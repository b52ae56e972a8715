/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A batch of packets, opened by every implementation this processor can run. All must say
 * and write what the generic one does, and that must be the truth: what was sealed and
 * not touched opens, nothing else does.
 *
 * The input is one byte of flags, seven of the key, then for each packet
 *
 *	kind      RAW: the packet is the next bytes of the input. SEALED: the text is, sealed
 *	          by aead_seal(). LONG: a text of the fuzzer's length and our making, sealed.
 *	          The other bits: see enum kind.
 *	length    one byte; of a LONG one two, little endian, up to LEN_MAX
 *	at        if DAMAGED: which byte of the packet is changed, two bytes
 *
 * The nonce of a packet is its place in the batch, times a number that fills 64 bits.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/aead_impl.h"
#include "proto/crypto/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	BATCH_MAX = 70, /* two chunks of aead_lanes.h and some more */
	LEN_MAX = 1600,
	TOTAL_MAX = 24000, /* bytes in one batch: an input should not take long */
	GUARD = 0xa5,
};

enum kind {
	KIND_RAW = 0,
	KIND_SEALED = 1,
	KIND_LONG = 2,
	KIND_MASK = 3,
	KIND_DAMAGED = 4,
	KIND_CUT = 8, /* the last byte is missing */
};

enum {
	FLAG_IN_PLACE = 1,
};

struct packet {
	uint8_t *sealed; /* its own memory, of exactly this length */
	size_t len;
	bool authentic;
};

struct input {
	const uint8_t *at;
	size_t left;
};

static uint8_t take(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static uint64_t nonce_of(size_t i)
{
	return (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static void *get(size_t len)
{
	void *p = malloc(len ? len : 1);

	if (!p)
		abort();
	return p;
}

/* Up to @max bytes of the input. */
static size_t take_text(struct input *in, uint8_t *dst, size_t max)
{
	size_t len = max < in->left ? max : in->left;

	memcpy(dst, in->at, len);
	in->at += len;
	in->left -= len;
	return len;
}

static size_t make_text(struct input *in, enum kind kind, uint8_t text[LEN_MAX])
{
	size_t len = take(in);

	if (kind != KIND_LONG)
		return take_text(in, text, len);
	len = (len | (size_t)take(in) << 8) % (LEN_MAX + 1);
	for (size_t i = 0; i < len; i++)
		text[i] = (uint8_t)(i * len + (i >> 3));
	return len;
}

static struct packet make_packet(struct input *in, size_t i,
				 const uint8_t key[AEAD_KEY_LEN])
{
	uint8_t text[LEN_MAX], sealed[LEN_MAX + AEAD_TAG_LEN];
	uint8_t nonce[AEAD_NONCE_LEN] = {0}, bits = take(in);
	const enum kind kind = bits & KIND_MASK;
	size_t len = make_text(in, kind, text), at;
	struct packet p = {.len = len};

	if (kind == KIND_SEALED || kind == KIND_LONG) {
		store64_le(nonce + 4, nonce_of(i));
		aead_seal(sealed, text, len, NULL, 0, nonce, key);
		p.len = len + AEAD_TAG_LEN;
		p.authentic = !(bits & (KIND_DAMAGED | KIND_CUT));
	} else {
		memcpy(sealed, text, len);
	}
	if (bits & KIND_DAMAGED && p.len) {
		at = (take(in) | (size_t)take(in) << 8) % p.len;
		sealed[at] ^= (uint8_t)(1 << at % 8);
	}
	if (bits & KIND_CUT && p.len)
		p.len--;
	p.sealed = get(p.len);
	memcpy(p.sealed, sealed, p.len);
	return p;
}

static size_t text_len(const struct packet *p)
{
	return p->len < AEAD_TAG_LEN ? 0 : p->len - AEAD_TAG_LEN;
}

/* @out[i] has, for each packet, the memory that it is opened in or to: in place the whole
 * packet, else the text and no more. */
static void open_batch(const struct aead_impl *impl, const struct packet *p, size_t n,
		       bool in_place, struct aead_op *op, const uint8_t key[AEAD_KEY_LEN])
{
	for (size_t i = 0; i < n; i++) {
		size_t room = in_place ? p[i].len : text_len(&p[i]);
		uint8_t *dst = get(room);

		memset(dst, GUARD, room);
		if (in_place)
			memcpy(dst, p[i].sealed, p[i].len);
		op[i] = (struct aead_op){dst, in_place ? dst : p[i].sealed, p[i].len,
					 nonce_of(i), i % 2};
	}
	impl->open(op, n, key);
}

static void give_back(struct aead_op *op, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(op[i].dst);
}

static void check_truth(const struct packet *p, const struct aead_op *op, size_t n)
{
	static const uint8_t zeros[LEN_MAX + AEAD_TAG_LEN];

	for (size_t i = 0; i < n; i++) {
		assert(op[i].ok == p[i].authentic);
		if (!op[i].ok)
			assert(memcmp(op[i].dst, zeros, text_len(&p[i])) == 0);
	}
}

static void check_same(const struct packet *p, const struct aead_op *want,
		       const struct aead_op *got, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert(got[i].ok == want[i].ok);
		assert(memcmp(got[i].dst, want[i].dst, text_len(&p[i])) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct aead_op want[BATCH_MAX], got[BATCH_MAX];
	struct packet packet[BATCH_MAX] = {{0}};
	struct input in = {data, size};
	uint8_t key[AEAD_KEY_LEN] = {0}, flags = take(&in);
	const struct aead_impl *impl;
	size_t n = 0, total = 0;

	for (size_t i = 0; i < 7; i++)
		key[i * 4] = take(&in);
	while (in.left && n < BATCH_MAX && total < TOTAL_MAX) {
		packet[n] = make_packet(&in, n, key);
		total += packet[n++].len;
	}
	open_batch(&aead_generic, packet, n, flags & FLAG_IN_PLACE, want, key);
	check_truth(packet, want, n);
	for (size_t i = 0; (impl = aead_at(i)) != NULL; i++) {
		open_batch(impl, packet, n, flags & FLAG_IN_PLACE, got, key);
		check_same(packet, want, got, n);
		give_back(got, n);
	}
	give_back(want, n);
	for (size_t i = 0; i < n; i++)
		free(packet[i].sealed);
	return 0;
}
