/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ChaCha20-Poly1305 for a batch, LANES blocks at a time: the body of aead_avx2.c and its
 * like, which define, before they include this,
 *
 *	LANES                        4, 8 or 16
 *	row_t                        a vector of LANES uint32_t
 *	rotl16() rotl12() rotl8() rotl7()   of a row
 *	emit(x, src, dst)            transposes the 16 rows into a key stream block for each
 *	                             lane, and xors that over the lane's 64 bytes
 *
 * and which make of seal_batch() and open_batch() a struct aead_impl.
 *
 * A lane is one block of whichever packet. The blocks of up to CHUNK packets stand in one
 * queue, first block 0 of each packet, which holds its Poly1305 key, then the data:
 *
 *	lane     0    1    2   ..                                        LANES - 1
 *	group 0  key0 key1 key2 a1   b1   a2   b2   a3   ...
 *	group 1  a7   b7   a8   b8   c1   b9   c2   b10  ...
 *
 * Data comes from two packets at once, a and b, because of Poly1305: one packet's blocks
 * are a chain in which each step waits for the multiplications of the one before, so two
 * chains are followed at the same time. They run on the processor's scalar side, while
 * the vector side has the rounds of ChaCha20: between two double rounds stands some of
 * the work that is due for authentication. When sealing, that is the group before; when
 * opening, the group itself, whose cipher text is overwritten after its last round.
 */

#include <errno.h>
#include <string.h>

#include "proto/crypto/aead.h"
#include "proto/crypto/bytes.h"
#include "proto/crypto/ct.h"
#include "proto/crypto/poly1305_step.h"
#include "proto/crypto/wipe.h"

#define INLINE   static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))

enum {
	CHUNK = 32,
	BLOCK = 64,
	PAIR_ROUNDS = 16 / LANES, /* double rounds that share the work of two lanes */
	BURN = 2048,              /* more than a group's frame */
};

struct packet {
	uint64_t h[3], r[2], pad[2];
	struct aead_op *op;
	size_t len; /* of the text */
};

/* What is due for authentication: whole blocks of 64 bytes, then the ends of packets. */
struct due {
	unsigned blocks, ends;
	struct packet *packet[LANES];
	const uint8_t *text[LANES];
	struct packet *end[CHUNK];
};

/* A lane whose output is not 64 bytes of a packet goes through memory of our own. */
struct detour {
	uint8_t *to;
	unsigned lane, len;
};

struct group {
	uint32_t counter[LANES];
	uint64_t nonce[LANES];
	const uint8_t *src[LANES];
	uint8_t *dst[LANES];
	unsigned lanes, detours;
	struct detour detour[LANES];
	uint8_t in[LANES][BLOCK], out[LANES][BLOCK];
};

struct cursor {
	struct packet *packet; /* NULL: no packet is left */
	size_t at;
};

struct batch {
	bool sealing;
	unsigned packets, keys; /* keys: packets whose block 0 has had its lane */
	unsigned taken;         /* packets that a cursor has had */
	uint32_t word[12];      /* constants and key */
	struct cursor cursor[2];
	struct due due[2];
	struct group group;
	struct packet packet[CHUNK];
	uint8_t key_block[CHUNK][BLOCK];
};

static const uint8_t zeros[BLOCK];

/* ---- Poly1305, woven in ---- */

INLINE void absorb(struct packet *p, const uint8_t *m, unsigned n)
{
	const uint64_t r[2] = {p->r[0], p->r[1]}, s1 = r[1] + (r[1] >> 2);
	uint64_t h[3] = {p->h[0], p->h[1], p->h[2]};

	for (unsigned i = 0; i < n; i++)
		step(h, r, s1, m + 16 * i);
	p->h[0] = h[0];
	p->h[1] = h[1];
	p->h[2] = h[2];
}

/* Two chains, step by step. */
INLINE void absorb_two(struct packet *a, const uint8_t *ma, struct packet *b,
		       const uint8_t *mb, unsigned n)
{
	const uint64_t ra[2] = {a->r[0], a->r[1]}, rb[2] = {b->r[0], b->r[1]};
	const uint64_t sa = ra[1] + (ra[1] >> 2), sb = rb[1] + (rb[1] >> 2);
	uint64_t ha[3] = {a->h[0], a->h[1], a->h[2]}, hb[3] = {b->h[0], b->h[1], b->h[2]};

	UNROLL for (unsigned i = 0; i < n; i++)
	{
		step(ha, ra, sa, ma + 16 * i);
		step(hb, rb, sb, mb + 16 * i);
	}
	UNROLL for (int i = 0; i < 3; i++)
	{
		a->h[i] = ha[i];
		b->h[i] = hb[i];
	}
}

/* The share of double round @round of ten: of the PAIR_ROUNDS that lanes 2i and 2i + 1
 * have, the first take the front of both, the last their end. */
INLINE void weave(const struct due *due, unsigned round)
{
	const unsigned n = 4 / PAIR_ROUNDS, part = round % PAIR_ROUNDS;
	const unsigned i = 2 * (round / PAIR_ROUNDS);

	if (i + 1 < due->blocks && due->packet[i] != due->packet[i + 1]) {
		absorb_two(due->packet[i], due->text[i] + 16 * n * part,
			   due->packet[i + 1], due->text[i + 1] + 16 * n * part, n);
	} else if (part == 0 && i < due->blocks) {
		absorb(due->packet[i], due->text[i], 4);
		if (i + 1 < due->blocks)
			absorb(due->packet[i + 1], due->text[i + 1], 4);
	}
}

/* The last bytes, the lengths (RFC 8439 section 2.8) and the tag. */
static void end_packet(const struct batch *b, struct packet *p)
{
	struct aead_op *op = p->op;
	const uint8_t *m = b->sealing ? op->dst : op->src;
	size_t at = p->len & ~(size_t)(BLOCK - 1);
	uint8_t last[16] = {0}, tag[AEAD_TAG_LEN];

	absorb(p, m + at, (unsigned)((p->len - at) / 16));
	at = p->len & ~(size_t)15;
	if (at < p->len) {
		memcpy(last, m + at, p->len - at);
		absorb(p, last, 1);
	}
	store64_le(last, 0);
	store64_le(last + 8, p->len);
	absorb(p, last, 1);
	if (b->sealing) {
		poly1305_tag(op->dst + p->len, p->h, p->pad);
		return;
	}
	poly1305_tag(tag, p->h, p->pad);
	op->ok = ct_equal(tag, op->src + p->len, AEAD_TAG_LEN);
	wipe(tag, sizeof(tag));
}

static void end_packets(const struct batch *b, struct due *due)
{
	for (unsigned i = 0; i < due->ends; i++)
		end_packet(b, due->end[i]);
	due->ends = 0;
	due->blocks = 0;
}

/* What no rounds were left for. */
NOINLINE void catch_up(const struct batch *b, struct due *due)
{
	for (unsigned round = 0; round < LANES / 2 * PAIR_ROUNDS; round++)
		weave(due, round);
	end_packets(b, due);
}

/* ---- ChaCha20 ---- */

/* Four quarter rounds in step, so that the next instruction never waits for the last. Row i
 * of each four goes with rows i + @b, i + @c and i + @d of the others, modulo 4. */
INLINE void quarter_rounds(row_t x[16], int b, int c, int d)
{
	row_t *const xa = x, *const xb = x + 4, *const xc = x + 8, *const xd = x + 12;

#define EACH(statement)                                                      \
	UNROLL for (int i = 0; i < 4; i++)                                   \
	{                                                                    \
		const int B = (i + b) % 4, C = (i + c) % 4, D = (i + d) % 4; \
		statement;                                                   \
	}
	EACH(xa[i] += xb[B]; xd[D] ^= xa[i]; (void)C)
	EACH(xd[D] = rotl16(xd[D]); (void)B; (void)C)
	EACH(xc[C] += xd[D]; xb[B] ^= xc[C])
	EACH(xb[B] = rotl12(xb[B]); (void)C; (void)D)
	EACH(xa[i] += xb[B]; xd[D] ^= xa[i]; (void)C)
	EACH(xd[D] = rotl8(xd[D]); (void)B; (void)C)
	EACH(xc[C] += xd[D]; xb[B] ^= xc[C])
	EACH(xb[B] = rotl7(xb[B]); (void)C; (void)D)
#undef EACH
}

INLINE row_t spread(uint32_t word)
{
	return word - (row_t){0};
}

/* Columns and then diagonals, RFC 8439 section 2.3. */
NOINLINE void crypt(const uint32_t word[12], const struct group *g, const struct due *due)
{
	row_t x[16], counter, low, high;

	memcpy(&counter, g->counter, sizeof(counter));
	split_nonces(g->nonce, &low, &high);
	UNROLL for (int i = 0; i < 12; i++) x[i] = spread(word[i]);
	x[12] = counter;
	x[13] = spread(0);
	x[14] = low;
	x[15] = high;
	for (unsigned round = 0; round < 10; round++) {
		quarter_rounds(x, 0, 0, 0);
		quarter_rounds(x, 1, 2, 3);
		weave(due, round);
	}
	UNROLL for (int i = 0; i < 12; i++) x[i] += spread(word[i]);
	memcpy(&counter, g->counter, sizeof(counter));
	split_nonces(g->nonce, &low, &high);
	x[12] += counter;
	x[14] += low;
	x[15] += high;
	emit(x, g->src, g->dst);
}

/* ---- filling groups ---- */

/* Moves @c to the next packet that has data; one without is at its end already. */
static void take_packet(struct batch *b, struct cursor *c, struct due *due)
{
	c->packet = NULL;
	c->at = 0;
	while (b->taken < b->packets) {
		struct packet *p = &b->packet[b->taken++];

		if (p->len) {
			c->packet = p;
			return;
		}
		due->end[due->ends++] = p;
	}
}

static void detour(struct group *g, unsigned lane, uint8_t *to, unsigned len)
{
	g->detour[g->detours++] = (struct detour){to, lane, len};
	g->dst[lane] = g->out[lane];
}

/* Gives @lane the next block of the packet under the cursor. With @defer, whose text may
 * not be overwritten yet. */
INLINE void fill_lane(struct batch *b, unsigned lane, struct cursor *c, struct due *due,
		      bool defer)
{
	struct group *g = &b->group;
	struct packet *p = c->packet;
	size_t at = c->at, left = p->len - at;
	const uint8_t *src = p->op->src + at;
	uint8_t *dst = p->op->dst + at;

	g->counter[lane] = (uint32_t)(at / BLOCK) + 1;
	g->nonce[lane] = p->op->nonce;
	g->src[lane] = src;
	g->dst[lane] = dst;
	c->at = at + BLOCK;
	if (left >= BLOCK) {
		due->packet[due->blocks] = p;
		due->text[due->blocks++] = b->sealing ? dst : src;
		if (defer)
			detour(g, lane, dst, BLOCK);
		if (left > BLOCK)
			return;
	} else {
		memcpy(g->in[lane], src, left);
		g->src[lane] = g->in[lane];
		detour(g, lane, dst, (unsigned)left);
	}
	due->end[due->ends++] = p;
	take_packet(b, c, due);
}

static void fill_idle(struct group *g, unsigned lane, uint64_t nonce, uint8_t *dst)
{
	g->counter[lane] = 0;
	g->nonce[lane] = nonce;
	g->src[lane] = zeros;
	g->dst[lane] = dst;
}

static void fill_group(struct batch *b, struct due *due, bool defer)
{
	struct group *g = &b->group;
	unsigned lane = 0, which = 0;

	g->detours = 0;
	for (; lane < LANES && b->keys < b->packets; lane++, b->keys++)
		fill_idle(g, lane, b->packet[b->keys].op->nonce, b->key_block[b->keys]);
	for (; lane < LANES; lane++, which ^= 1) {
		if (!b->cursor[which].packet)
			which ^= 1;
		if (!b->cursor[which].packet)
			break;
		fill_lane(b, lane, &b->cursor[which], due, defer);
	}
	for (; lane < LANES; lane++)
		fill_idle(g, lane, 0, g->out[lane]);
}

static void end_detours(struct group *g)
{
	for (unsigned i = 0; i < g->detours; i++)
		memcpy(g->detour[i].to, g->out[g->detour[i].lane], g->detour[i].len);
}

/* RFC 8439 section 2.6. */
static void begin_packets(struct batch *b)
{
	for (unsigned i = 0; i < b->packets; i++) {
		struct packet *p = &b->packet[i];

		poly1305_clamp(p->r, b->key_block[i]);
		p->pad[0] = load64_le(b->key_block[i] + 16);
		p->pad[1] = load64_le(b->key_block[i] + 24);
		p->h[0] = p->h[1] = p->h[2] = 0;
	}
	wipe(b->key_block, b->packets * BLOCK);
}

/* ---- a chunk of the batch ---- */

static bool cursors_left(const struct batch *b)
{
	return b->keys < b->packets || b->cursor[0].packet || b->cursor[1].packet;
}

static void seal_chunk(struct batch *b)
{
	struct due *now = &b->due[0], *next = &b->due[1], *swap;

	take_packet(b, &b->cursor[0], next);
	take_packet(b, &b->cursor[1], next);
	while (cursors_left(b)) {
		bool keys = b->keys < b->packets;

		fill_group(b, next, false);
		crypt(b->word, &b->group, now);
		if (keys && b->keys == b->packets)
			begin_packets(b);
		end_packets(b, now);
		end_detours(&b->group);
		swap = now;
		now = next;
		next = swap;
	}
	catch_up(b, now);
}

static void open_chunk(struct batch *b)
{
	struct due *due = &b->due[0], none;

	none.blocks = 0;
	take_packet(b, &b->cursor[0], due);
	take_packet(b, &b->cursor[1], due);
	while (cursors_left(b)) {
		bool keys = b->keys < b->packets;

		fill_group(b, due, keys);
		crypt(b->word, &b->group, keys ? &none : due);
		if (!keys) {
			end_packets(b, due);
		} else if (b->keys == b->packets) {
			begin_packets(b);
			catch_up(b, due);
		}
		end_detours(&b->group);
	}
	for (unsigned i = 0; i < b->packets; i++)
		if (!b->packet[i].op->ok)
			wipe(b->packet[i].op->dst, b->packet[i].len);
}

/* Takes up to CHUNK packets, returns how many of @op that was. */
static size_t run_chunk(struct batch *b, struct aead_op *op, size_t n)
{
	size_t i;

	b->packets = b->keys = b->taken = 0;
	b->due[0].blocks = b->due[0].ends = 0;
	b->due[1].blocks = b->due[1].ends = 0;
	for (i = 0; i < n && b->packets < CHUNK; i++) {
		struct packet *p = &b->packet[b->packets];

		op[i].ok &= b->sealing;
		if (!b->sealing && op[i].len < AEAD_TAG_LEN)
			continue;
		p->op = &op[i];
		p->len = op[i].len - (b->sealing ? 0 : AEAD_TAG_LEN);
		b->packets++;
	}
	if (b->sealing)
		seal_chunk(b);
	else
		open_chunk(b);
	wipe(b->packet, b->packets * sizeof(b->packet[0]));
	return i;
}

static void run_batch(struct aead_op *op, size_t n, const uint8_t key[AEAD_KEY_LEN],
		      bool sealing)
{
	static const char constants[16] = "expand 32-byte k";
	struct batch b;

	b.sealing = sealing;
	for (int i = 0; i < 4; i++)
		b.word[i] = load32_le(constants + 4 * i);
	for (int i = 0; i < 8; i++)
		b.word[4 + i] = load32_le(key + 4 * i);
	for (size_t done; n; op += done, n -= done)
		done = run_chunk(&b, op, n);
	wipe(b.word, sizeof(b.word));
	wipe(b.group.in, sizeof(b.group.in));
	wipe(b.group.out, sizeof(b.group.out));
}

/* What the functions above left below the stack pointer: spilled rows. */
NOINLINE void burn(void)
{
	uint8_t below[BURN];

	wipe(below, sizeof(below));
}

static void seal_batch(struct aead_op *op, size_t n, const uint8_t key[AEAD_KEY_LEN])
{
	run_batch(op, n, key, true);
	burn();
}

static void open_batch(struct aead_op *op, size_t n, const uint8_t key[AEAD_KEY_LEN])
{
	run_batch(op, n, key, false);
	burn();
}
