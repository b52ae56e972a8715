/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The long packets of a chunk, all at once, where AVX-512 IFMA can multiply for Poly1305:
 * part of aead_lanes.h if that is included with ACROSS defined.
 *
 * Each of the sixteen lanes has a packet of its own and takes one block of it after the
 * other, for ChaCha20 and for Poly1305 alike:
 *
 *	lane     0    1    2   ...   15
 *	wave 0   a1   b1   c1  ...   p1
 *	wave 1   a2   b2   c2  ...   p2
 *	...
 *	wave 9   a10  q1   c10 ...   p10       b has ended after nine blocks
 *
 * So the lanes of Poly1305 have keys of their own and never meet: there are no powers of r
 * to compute and nothing to add up. Its vectors stand between the rounds, for what the
 * waves of aead_lanes.h call due. When too few long packets are left to fill the lanes, the
 * rest, ended or not, is done as everywhere else.
 */

#include "proto/crypto/poly1305_ifma.h"

enum {
	LONG = 4 * BLOCK, /* packets below are not worth a lane's beginning and end */
	LIVE_MIN = 14,    /* lanes with a packet, below which the others are faster */
	HALVES = LANES / POLY1305_IFMA_LANES,
	STEPS = 4 * HALVES, /* steps of a wave, one in each slot */
};

/* What is due for authentication, one whole block of each lane at most. */
struct wave {
	const uint8_t *text[LANES]; /* zeros where there is none */
	struct packet *packet[LANES];
	uint32_t first, last; /* bit i: the first or last whole block of its packet */
	unsigned ends;
	struct packet *end[LANES];
};

struct across {
	unsigned longs, live; /* packets of LONG bytes or more; lanes with one */
	size_t steady,
		behind; /* waves that come, that the cursors do not know; see below */
	struct cursor cursor[LANES];
	struct wave wave[2];
	struct poly1305_ifma poly[HALVES];
};

static_assert((int)STEPS <= (int)SLOTS, "a wave ends with its rounds");

/* ---- Poly1305 between the rounds ---- */

/* One step of eight lanes. */
INLINE void weave_across(struct poly1305_ifma poly[HALVES], const struct wave *due,
			 unsigned slot)
{
	const unsigned half = slot % HALVES;

	if (slot < STEPS)
		poly1305_ifma_step(&poly[half], due->text + POLY1305_IFMA_LANES * half,
				   16 * (slot / HALVES));
}

NOINLINE void crypt_across(const uint32_t word[12], const struct group *g,
			   struct poly1305_ifma poly[HALVES], const struct wave *due)
{
	row_t x[16];

	set_rows(x, word, g);
	for (unsigned round = 0; round < 20; round += 2) {
		quarter_rounds(x, 0, 0, 0);
		quarter_rounds(x, 1, 2, 3);
		weave_across(poly, due, round / 2);
	}
	end_rows(x, word, g);
}

NOINLINE void catch_up_across(struct poly1305_ifma poly[HALVES], const struct wave *due)
{
	for (unsigned slot = 0; slot < STEPS; slot++)
		weave_across(poly, due, slot);
}

static void get_lane(const struct across *a, unsigned lane, struct packet *p)
{
	poly1305_ifma_get(&a->poly[lane / POLY1305_IFMA_LANES],
			  lane % POLY1305_IFMA_LANES, p->h);
}

/* Before what is due in @w is done. */
static void begin_wave(struct across *a, const struct wave *w)
{
	for (uint32_t left = w->first; left; left &= left - 1) {
		const unsigned lane = (unsigned)__builtin_ctz(left);

		poly1305_ifma_begin(&a->poly[lane / POLY1305_IFMA_LANES],
				    lane % POLY1305_IFMA_LANES, w->packet[lane]->r);
	}
}

/* After. */
static void end_wave(const struct batch *b, const struct across *a, struct wave *w)
{
	for (uint32_t left = w->last; left; left &= left - 1) {
		const unsigned lane = (unsigned)__builtin_ctz(left);

		get_lane(a, lane, w->packet[lane]);
	}
	for (unsigned i = 0; i < w->ends; i++) {
		end_packet(b, w->end[i]);
		w->end[i]->ended = true;
	}
	w->first = w->last = w->ends = 0;
}

/* ---- filling waves ---- */

static void take_long(struct batch *b, struct across *a, struct cursor *c)
{
	c->packet = NULL;
	if (b->taken == a->longs) {
		a->live--;
		return;
	}
	cursor_set(c, &b->packet[b->taken++]);
}

INLINE void fill_lane_across(struct batch *b, struct across *a, unsigned lane,
			     struct wave *w)
{
	struct cursor *c = &a->cursor[lane];

	w->packet[lane] = c->packet;
	if (c->counter == 1)
		w->first |= 1U << lane;
	if (c->left >= BLOCK) {
		w->text[lane] = b->sealing ? c->dst : c->src;
		if (c->left < 2 * BLOCK)
			w->last |= 1U << lane;
	} else {
		w->text[lane] = zeros;
	}
	if (fill_block(&b->group, lane, c))
		return;
	w->end[w->ends++] = c->packet;
	take_long(b, a, c);
}

/*
 * Most waves find sixteen packets with more than a block left. These are steady: from one
 * to the next, all addresses and counters grow alike, and the cursors are told only when
 * that ends.
 */
static void fill_steady(struct batch *b, struct across *a, struct wave *w)
{
	struct group *g = &b->group;

	for (unsigned lane = 0; lane < LANES && a->behind == 0; lane++) {
		const struct cursor *c = &a->cursor[lane];

		g->counter[lane] = c->counter - 1;
		g->nonce[lane] = c->nonce;
		g->src[lane] = c->src - BLOCK;
		g->dst[lane] = c->dst - BLOCK;
	}
	for (unsigned lane = 0; lane < LANES; lane++) {
		g->counter[lane]++;
		g->src[lane] += BLOCK;
		g->dst[lane] += BLOCK;
	}
	if (b->sealing)
		memcpy(w->text, g->dst, sizeof(w->text));
	else
		memcpy(w->text, g->src, sizeof(w->text));
	a->steady--;
	a->behind++;
}

static void tell_cursors(struct across *a)
{
	const size_t len = a->behind * BLOCK;

	for (unsigned lane = 0; lane < LANES && len; lane++) {
		struct cursor *c = &a->cursor[lane];

		c->counter += (uint32_t)a->behind;
		c->src += len;
		c->dst += len;
		c->left -= len;
	}
	a->behind = 0;
}

/* Waves before one in which a packet begins or has its last whole block. */
static size_t count_steady(const struct across *a)
{
	size_t left = SIZE_MAX;

	if (a->live < LANES)
		return 0;
	for (unsigned lane = 0; lane < LANES; lane++) {
		const struct cursor *c = &a->cursor[lane];

		if (c->counter == 1)
			return 0;
		left = c->left < left ? c->left : left;
	}
	return left < 2 * BLOCK ? 0 : left / BLOCK - 1;
}

static void fill_wave(struct batch *b, struct across *a, struct wave *w)
{
	b->group.detours = 0;
	if (a->steady) {
		fill_steady(b, a, w);
		return;
	}
	tell_cursors(a);
	for (unsigned lane = 0; lane < LANES; lane++) {
		if (a->cursor[lane].packet) {
			fill_lane_across(b, a, lane, w);
			continue;
		}
		w->text[lane] = zeros;
		fill_idle(&b->group, lane, 0, b->group.out[lane]);
	}
	a->steady = count_steady(a);
}

/* ---- a chunk of the batch ---- */

/* Long packets first. Returns how many are long. */
static unsigned sort_packets(struct batch *b)
{
	struct packet p;
	unsigned longs = 0;

	for (unsigned i = 0; i < b->packets; i++) {
		if (b->packet[i].len < LONG)
			continue;
		p = b->packet[longs];
		b->packet[longs++] = b->packet[i];
		b->packet[i] = p;
	}
	return longs;
}

/* Block 0 of every packet. */
static void make_keys(struct batch *b)
{
	struct due none;

	none.blocks = 0;
	for (b->keys = 0; b->keys < b->packets;) {
		for (unsigned lane = fill_keys(b); lane < LANES; lane++)
			fill_idle(&b->group, lane, 0, b->group.out[lane]);
		crypt(b->word, &b->group, &none);
	}
	begin_packets(b);
}

/* Leaves what the lanes have begun for others to end. */
static void leave_lanes(struct batch *b, struct across *a)
{
	tell_cursors(a);
	for (unsigned lane = 0; lane < LANES; lane++) {
		const struct cursor *c = &a->cursor[lane];

		if (!c->packet)
			continue;
		c->packet->done = c->packet->len - c->left;
		/* Otherwise end_wave() has had it, or there is nothing yet. */
		if (c->left >= BLOCK && c->packet->done)
			get_lane(a, lane, c->packet);
	}
	b->taken = 0;
}

static void run_waves(struct batch *b, struct across *a)
{
	struct wave *w = &a->wave[0], *before = &a->wave[1], *swap, *due;

	for (unsigned lane = 0; lane < LANES; lane++)
		before->text[lane] = zeros;
	while (a->live >= LIVE_MIN) {
		fill_wave(b, a, w);
		due = b->sealing ? before : w;
		begin_wave(a, due);
		crypt_across(b->word, &b->group, a->poly, due);
		end_wave(b, a, due);
		end_detours(&b->group);
		swap = before;
		before = w;
		w = swap;
	}
	if (b->sealing) {
		begin_wave(a, before);
		catch_up_across(a->poly, before);
		end_wave(b, a, before);
	}
}

/* Does the long packets while there are enough, the keys of all, and nothing if there are
 * too few from the start. */
NOINLINE void run_across(struct batch *b)
{
	struct across a;

	a.longs = sort_packets(b);
	if (a.longs < LIVE_MIN)
		return;
	b->deep = true;
	make_keys(b);
	memset(a.wave, 0, sizeof(a.wave));
	memset(a.poly, 0, sizeof(a.poly));
	a.live = LANES;
	a.steady = a.behind = 0;
	for (unsigned lane = 0; lane < LANES; lane++)
		take_long(b, &a, &a.cursor[lane]);
	run_waves(b, &a);
	leave_lanes(b, &a);
	wipe(a.poly, sizeof(a.poly));
}
