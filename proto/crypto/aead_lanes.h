/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ChaCha20-Poly1305 for a batch, LANES blocks at a time: the body of aead_avx2.c and its
 * like, which make of its seal_batch() and open_batch() a struct aead_impl. Before they
 * include this they define
 *
 *	LANES             4, 8 or 16
 *	CHAINS            packets whose authentication goes on at the same time: 1 or 2
 *	EVERY             after how many rounds, 1 or 2, some of that is done
 *	AT_ONCE           quarter rounds that go in step: 4 if registers suffice, else 1
 *	UNROLL            unrolls the loop that follows
 *	row_t             a vector of LANES uint32_t
 *	rotl16() rotl12() rotl8() rotl7()   of a row
 *	split_nonces()    the low and the high halves of LANES uint64_t
 *	emit()            transposes 16 rows into a key stream block for each lane, and xors
 *	                  that over the lane's 64 bytes
 *	step()            poly1305_step() or the like
 *	ACROSS            if long packets are to go the way of aead_across.h
 *
 * A lane is one block of whichever packet. The blocks of up to CHUNK packets stand in one
 * queue, first block 0 of each packet, which holds its Poly1305 key, then the data, here
 * with three packets and two chains:
 *
 *	lane     0    1    2    3    4    5    6    7
 *	group 0  key  key  key  a1   b1   a2   b2   a3
 *	group 1  b3   a4   b4   a5   b5   c1   b6   c2
 *
 * Poly1305 of one packet is a chain in which each step waits for the multiplications of the
 * one before. It runs on the processor's scalar side while the vector side has the rounds
 * of ChaCha20: between those stands what is due for authentication. When sealing, that is
 * the group before; when opening, the group itself, whose cipher text is overwritten after
 * its last round. A second chain pays where a round has so many lanes that one chain would
 * be slower than the rounds.
 */

#include <assert.h>
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
	BURN = 2048, /* more than the frames of what run_batch() calls, but for the deep one */
	AHEAD = BLOCK * LANES / CHAINS,
	SLOTS = 20 / EVERY,     /* places between the rounds */
	TURNS = LANES / CHAINS, /* times that CHAINS blocks are due */
	SHARE = SLOTS / TURNS >= 4 ? 4
				   : SLOTS / TURNS, /* slots that a turn is spread over */
};

struct packet {
	uint64_t h[3], r[2], pad[2];
	struct aead_op *op;
	size_t len, done; /* of the text; how much of it, in whole blocks, is behind us */
	bool ended;
};

/* What is due for authentication: whole blocks of 64 bytes, then the ends of packets. */
struct due {
	unsigned blocks, ends;
	struct packet *packet[LANES];
	const uint8_t *text[LANES];
	struct packet *end[CHUNK];
	bool apart[TURNS]; /* these CHAINS blocks are of different packets */
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
	unsigned detours;
	struct detour detour[LANES];
	uint8_t in[LANES][BLOCK], out[LANES][BLOCK];
};

/* Where the next lane takes its block from. */
struct cursor {
	struct packet *packet; /* NULL: no packet is left */
	const uint8_t *src;
	uint8_t *dst;
	size_t left;
	uint64_t nonce;
	uint32_t counter;
};

struct batch {
	bool sealing, deep;     /* deep: run_across() has used more stack than BURN */
	unsigned packets, keys; /* keys: packets whose block 0 has had its lane */
	unsigned taken;         /* packets that a cursor has had */
	uint32_t word[12];      /* constants and key */
	struct cursor cursor[CHAINS];
	struct due due[2];
	struct group group;
	struct packet packet[CHUNK];
	uint8_t key_block[CHUNK][BLOCK];
};

static const uint8_t zeros[BLOCK];

static_assert(SHARE == 1 || SHARE == 2 || SHARE == 4,
	      "a block of 64 bytes is four steps");

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

/* @k chains, step by step: @n blocks each of the texts from @i on, beginning at @at. */
INLINE void absorb_chains(const struct due *due, unsigned i, unsigned k, unsigned at,
			  unsigned n)
{
	uint64_t h[CHAINS][3], r[CHAINS][2], s1[CHAINS];

	UNROLL for (unsigned j = 0; j < k; j++)
	{
		const struct packet *p = due->packet[i + j];

		h[j][0] = p->h[0];
		h[j][1] = p->h[1];
		h[j][2] = p->h[2];
		r[j][0] = p->r[0];
		r[j][1] = p->r[1];
		s1[j] = r[j][1] + (r[j][1] >> 2);
	}
	UNROLL for (unsigned b = 0; b < n; b++)
	{
		UNROLL for (unsigned j = 0; j < k; j++)
			step(h[j], r[j], s1[j], due->text[i + j] + at + 16 * b);
	}
	UNROLL for (unsigned j = 0; j < k; j++)
	{
		struct packet *p = due->packet[i + j];

		p->h[0] = h[j][0];
		p->h[1] = h[j][1];
		p->h[2] = h[j][2];
	}
}

/* What is done in @slot: SHARE slots share the next block of CHAINS packets, the first takes
 * the front of each, the last the end. Blocks of one packet go one after the other. */
INLINE void weave(const struct due *due, unsigned slot)
{
	const unsigned n = 4 / SHARE, part = slot % SHARE;
	const unsigned i = CHAINS * (slot / SHARE);

	if (i >= due->blocks)
		return;
	if (due->apart[i / CHAINS])
		absorb_chains(due, i, CHAINS, 16 * n * part, n);
	else if (part == 0)
		for (unsigned j = i; j < due->blocks && j < i + CHAINS; j++)
			absorb(due->packet[j], due->text[j], 4);
}

/* Sees where CHAINS texts in a row belong to different packets. */
static void note_chains(struct due *due)
{
	for (unsigned i = 0; i < due->blocks; i += CHAINS) {
		bool apart = i + CHAINS <= due->blocks;

		for (unsigned j = i; apart && j < i + CHAINS; j++)
			for (unsigned k = i; k < j; k++)
				apart &= due->packet[j] != due->packet[k];
		due->apart[i / CHAINS] = apart;
	}
}

/* @n bytes, 1 to 15, as a block with zeros after them. */
INLINE void load_short(uint64_t block[2], const uint8_t *m, size_t n)
{
	block[0] = block[1] = 0;
	if (n > 8) {
		block[0] = load64_le(m);
		block[1] = load64_le(m + n - 8) >> 8 * (16 - n);
	} else if (n >= 4) {
		block[0] = load32_le(m) | (uint64_t)load32_le(m + n - 4) << 8 * (n - 4);
	} else {
		for (size_t i = 0; i < n; i++)
			block[0] |= (uint64_t)m[i] << 8 * i;
	}
}

/* The last bytes, the lengths (RFC 8439 section 2.8) and the tag. */
static void end_packet(const struct batch *b, struct packet *p)
{
	struct aead_op *op = p->op;
	const uint8_t *m = b->sealing ? op->dst : op->src;
	size_t at = p->len & ~(size_t)(BLOCK - 1);
	uint64_t last[2], tag[2];

	absorb(p, m + at, (unsigned)((p->len - at) / 16));
	at = p->len & ~(size_t)15;
	if (at < p->len) {
		load_short(last, m + at, p->len - at);
		absorb(p, (const uint8_t *)last, 1);
	}
	last[0] = 0;
	last[1] = p->len;
	absorb(p, (const uint8_t *)last, 1);
	if (b->sealing) {
		poly1305_tag(op->dst + p->len, p->h, p->pad);
		return;
	}
	poly1305_tag((uint8_t *)tag, p->h, p->pad);
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
	for (unsigned slot = 0; slot < TURNS * SHARE; slot++)
		weave(due, slot);
	end_packets(b, due);
}

/* ---- ChaCha20 ---- */

/* Four quarter rounds in step, so that the next instruction never waits for the last. Row i
 * of each four goes with rows i + @b, i + @c and i + @d of the others, modulo 4. */
INLINE void quarter_rounds(row_t x[16], int b, int c, int d)
{
	row_t *const xa = x, *const xb = x + 4, *const xc = x + 8, *const xd = x + 12;

	UNROLL for (int i = 0; i < 4; i += AT_ONCE)
	{
#define EACH(statement)                                                      \
	UNROLL for (int j = i; j < i + AT_ONCE; j++)                         \
	{                                                                    \
		const int B = (j + b) % 4, C = (j + c) % 4, D = (j + d) % 4; \
		statement;                                                   \
	}
		EACH(xa[j] += xb[B]; (void)C; (void)D)
		EACH(xd[D] ^= xa[j]; (void)C; (void)B)
		EACH(xd[D] = rotl16(xd[D]); (void)B; (void)C)
		EACH(xc[C] += xd[D]; (void)B)
		EACH(xb[B] ^= xc[C]; (void)D)
		EACH(xb[B] = rotl12(xb[B]); (void)C; (void)D)
		EACH(xa[j] += xb[B]; (void)C; (void)D)
		EACH(xd[D] ^= xa[j]; (void)B; (void)C)
		EACH(xd[D] = rotl8(xd[D]); (void)B; (void)C)
		EACH(xc[C] += xd[D]; (void)B)
		EACH(xb[B] ^= xc[C]; (void)D)
		EACH(xb[B] = rotl7(xb[B]); (void)C; (void)D)
	}
#undef EACH
}

INLINE row_t spread(uint32_t word)
{
	return word - (row_t){0};
}

INLINE void set_rows(row_t x[16], const uint32_t word[12], const struct group *g)
{
	row_t counter, low, high;

	memcpy(&counter, g->counter, sizeof(counter));
	split_nonces(g->nonce, &low, &high);
	UNROLL for (int i = 0; i < 12; i++) x[i] = spread(word[i]);
	x[12] = counter;
	x[13] = spread(0);
	x[14] = low;
	x[15] = high;
}

/* Adds what set_rows() has set, which makes the key stream, and uses that. */
INLINE void end_rows(row_t x[16], const uint32_t word[12], const struct group *g)
{
	row_t counter, low, high;

	UNROLL for (int i = 0; i < 12; i++) x[i] += spread(word[i]);
	memcpy(&counter, g->counter, sizeof(counter));
	split_nonces(g->nonce, &low, &high);
	x[12] += counter;
	x[14] += low;
	x[15] += high;
	emit(x, g->src, g->dst);
}

/* Columns and then diagonals, RFC 8439 section 2.3. */
NOINLINE void crypt(const uint32_t word[12], const struct group *g, const struct due *due)
{
	row_t x[16];

	set_rows(x, word, g);
	for (unsigned round = 0; round < 20; round += 2) {
		quarter_rounds(x, 0, 0, 0);
		if (EVERY == 1)
			weave(due, round);
		quarter_rounds(x, 1, 2, 3);
		weave(due, EVERY == 1 ? round + 1 : round / 2);
	}
	end_rows(x, word, g);
}

/* ---- filling groups ---- */

/* To what is left of @p. */
INLINE void cursor_set(struct cursor *c, struct packet *p)
{
	const struct aead_op *op = p->op;

	*c = (struct cursor){p,
			     op->src + p->done,
			     op->dst + p->done,
			     p->len - p->done,
			     op->nonce,
			     (uint32_t)(1 + p->done / BLOCK)};
}

/* Moves @c to the next packet that has data; one without is at its end already. */
static void take_packet(struct batch *b, struct cursor *c, struct due *due)
{
	c->packet = NULL;
	while (b->taken < b->packets) {
		struct packet *p = &b->packet[b->taken++];

		if (p->ended)
			continue;
		if (p->len) {
			cursor_set(c, p);
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

/* A batch need not be in the first cache: asks for what the lane reads a few blocks after
 * this one, and for what it will write. */
INLINE void fetch(const uint8_t *src, const uint8_t *dst)
{
	__builtin_prefetch((const void *)((uintptr_t)src + AHEAD));
	__builtin_prefetch(dst, 1);
}

/* Gives @lane the next block of the packet under the cursor. Whether there is more of it. */
INLINE bool fill_block(struct group *g, unsigned lane, struct cursor *c)
{
	g->counter[lane] = c->counter++;
	g->nonce[lane] = c->nonce;
	g->src[lane] = c->src;
	g->dst[lane] = c->dst;
	if (c->left >= BLOCK) {
		fetch(c->src, c->dst);
		c->src += BLOCK;
		c->dst += BLOCK;
		c->left -= BLOCK;
		return c->left;
	}
	memcpy(g->in[lane], c->src, c->left);
	g->src[lane] = g->in[lane];
	detour(g, lane, c->dst, (unsigned)c->left);
	return false;
}

/* With @defer, whose text may not be overwritten yet. */
INLINE void fill_lane(struct batch *b, unsigned lane, struct cursor *c, struct due *due,
		      bool defer)
{
	const bool whole = c->left >= BLOCK;
	bool more;

	if (whole) {
		due->packet[due->blocks] = c->packet;
		due->text[due->blocks++] = b->sealing ? c->dst : c->src;
	}
	more = fill_block(&b->group, lane, c);
	if (whole && defer)
		detour(&b->group, lane, b->group.dst[lane], BLOCK);
	if (more)
		return;
	due->end[due->ends++] = c->packet;
	take_packet(b, c, due);
}

static void fill_idle(struct group *g, unsigned lane, uint64_t nonce, uint8_t *dst)
{
	g->counter[lane] = 0;
	g->nonce[lane] = nonce;
	g->src[lane] = zeros;
	g->dst[lane] = dst;
}

/* Gives lanes block 0 of packets that have not had theirs. Returns the next lane. */
static unsigned fill_keys(struct batch *b)
{
	unsigned lane = 0;

	for (; lane < LANES && b->keys < b->packets; lane++, b->keys++)
		fill_idle(&b->group, lane, b->packet[b->keys].op->nonce,
			  b->key_block[b->keys]);
	return lane;
}

static void fill_group(struct batch *b, struct due *due, bool defer)
{
	struct group *g = &b->group;
	unsigned lane, which = 0, idle = 0;

	g->detours = 0;
	lane = fill_keys(b);
	while (lane < LANES && idle < CHAINS) {
		struct cursor *c = &b->cursor[which++ % CHAINS];

		if (c->packet) {
			fill_lane(b, lane++, c, due, defer);
			idle = 0;
		} else {
			idle++;
		}
	}
	for (; lane < LANES; lane++)
		fill_idle(g, lane, 0, g->out[lane]);
	note_chains(due);
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

#ifdef ACROSS
#include "proto/crypto/aead_across.h"
#endif

/* ---- a chunk of the batch ---- */

static bool cursors_left(const struct batch *b)
{
	bool left = b->keys < b->packets;

	for (unsigned i = 0; i < CHAINS; i++)
		left |= b->cursor[i].packet != NULL;
	return left;
}

static void seal_chunk(struct batch *b)
{
	struct due *now = &b->due[0], *next = &b->due[1], *swap;

	for (unsigned i = 0; i < CHAINS; i++)
		take_packet(b, &b->cursor[i], next);
	while (cursors_left(b)) {
		bool keys = b->keys < b->packets;

		fill_group(b, next, false);
		crypt(b->word, &b->group, now);
		if (keys && b->keys < b->packets)
			continue; /* what is due, empty packets, needs its keys */
		if (keys)
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
	for (unsigned i = 0; i < CHAINS; i++)
		take_packet(b, &b->cursor[i], due);
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
	end_packets(b, due);
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
		p->done = 0;
		p->ended = false;
		p->len = op[i].len - (b->sealing ? 0 : AEAD_TAG_LEN);
		b->packets++;
	}
#ifdef ACROSS
	run_across(b);
#endif
	if (b->sealing)
		seal_chunk(b);
	else
		open_chunk(b);
	wipe(b->packet, b->packets * sizeof(b->packet[0]));
	return i;
}

/* What the functions above left below the frame of run_batch(): spilled rows. */
NOINLINE void burn(void)
{
	uint8_t below[BURN];

	wipe(below, sizeof(below));
}

NOINLINE void run_batch(struct aead_op *op, size_t n, const uint8_t key[AEAD_KEY_LEN],
			bool sealing)
{
	static const char constants[16] = "expand 32-byte k";
	struct batch b;

	b.sealing = sealing;
	b.deep = false;
	for (int i = 0; i < 4; i++)
		b.word[i] = load32_le(constants + 4 * i);
	for (int i = 0; i < 8; i++)
		b.word[4 + i] = load32_le(key + 4 * i);
	for (size_t done; n; op += done, n -= done)
		done = run_chunk(&b, op, n);
	wipe(b.word, sizeof(b.word));
	wipe(b.group.in, sizeof(b.group.in));
	wipe(b.group.out, sizeof(b.group.out));
	burn();
	if (b.deep)
		wipe_stack();
}

static void seal_batch(struct aead_op *op, size_t n, const uint8_t key[AEAD_KEY_LEN])
{
	run_batch(op, n, key, true);
}

static void open_batch(struct aead_op *op, size_t n, const uint8_t key[AEAD_KEY_LEN])
{
	run_batch(op, n, key, false);
}
