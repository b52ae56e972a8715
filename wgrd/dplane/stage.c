/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Memory is a pool of small cells; a packet is a chain of them, so short packets take
 * little and long ones need no big block. Cells are numbered and linked by number.
 *
 *	stage (one for a peer)  first -> packet -> packet -> packet <- last
 *	                                   |         |
 *	                                  cell      cell
 *	                                             |
 *	                                            cell
 */

#include "wgrd/dplane/stage.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "wgrd/dplane/drop.h"
#include "wgrd/dplane/io/batch.h"
#include "wgrd/dplane/peer.h"
#include "wgrd/dplane/tx.h"
#include "wgrd/dplane/worker.h"

enum {
	CELL_DATA = 496,
	CELLS = 8192, /* 4 MiB, touched only when used */
	STAGES = 1024,
	BUCKETS = 1024,
	NONE = 0, /* no cell; cell 0 is not used */
};

struct cell {
	uint32_t more;   /* the next cell of the packet */
	uint32_t packet; /* in the first cell: the first one of the next packet */
	uint32_t len;    /* in the first cell: of the packet */
	uint32_t tos;
	uint8_t data[CELL_DATA];
};

struct stage {
	struct stage *next;            /* in its bucket, or free */
	struct stage *younger, **link; /* in the list of all */
	struct dp_peer *peer;          /* referenced */
	uint32_t drop_turn;            /* of the peer when the first packet came */
	uint32_t first, last;
	unsigned count;
};

struct dp_stages {
	struct cell *cell;
	uint32_t free_cell, fresh_cell; /* list of used ones; the first never used */
	struct stage stage[STAGES];
	struct stage *free_stage, *all;
	struct stage *bucket[BUCKETS];
	struct dp_arena arena; /* for what is sent */
	struct dp_packet out[DP_BATCH];
};

struct dp_stages *dp_stages_new(void)
{
	struct dp_stages *st = calloc(1, sizeof(*st));
	void *cells;

	if (!st)
		return NULL;
	cells = mmap(NULL, CELLS * sizeof(struct cell), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (cells == MAP_FAILED)
		goto free_stages;
	if (dp_arena_init(&st->arena))
		goto unmap;
	st->cell = cells;
	st->fresh_cell = NONE + 1;
	for (unsigned i = 0; i < STAGES; i++) {
		st->stage[i].next = st->free_stage;
		st->free_stage = &st->stage[i];
	}
	return st;

unmap:
	munmap(cells, CELLS * sizeof(struct cell));
free_stages:
	free(st);
	return NULL;
}

void dp_stages_free(struct dp_stages *st)
{
	if (!st)
		return;
	munmap(st->cell, CELLS * sizeof(struct cell));
	dp_arena_fini(&st->arena);
	free(st);
}

/* ---- cells ---- */

static uint32_t take_cell(struct dp_stages *st)
{
	uint32_t c = st->free_cell;

	if (c)
		st->free_cell = st->cell[c].more;
	else if (st->fresh_cell < CELLS)
		c = st->fresh_cell++;
	return c;
}

static void give_cells(struct dp_stages *st, uint32_t c)
{
	while (c) {
		uint32_t more = st->cell[c].more;

		st->cell[c].more = st->free_cell;
		st->free_cell = c;
		c = more;
	}
}

/* Returns the first cell, or NONE if there are not enough. */
static uint32_t copy_in(struct dp_stages *st, const struct dp_packet *pkt)
{
	uint32_t first = NONE, *link = &first;

	for (size_t at = 0; at < pkt->len; at += CELL_DATA) {
		size_t len = pkt->len - at < CELL_DATA ? pkt->len - at : CELL_DATA;
		uint32_t c = take_cell(st);

		if (!c) {
			give_cells(st, first);
			return NONE;
		}
		st->cell[c].more = NONE;
		memcpy(st->cell[c].data, pkt->data + at, len);
		*link = c;
		link = &st->cell[c].more;
	}
	st->cell[first].packet = NONE;
	st->cell[first].len = pkt->len;
	st->cell[first].tos = pkt->tos;
	return first;
}

static void copy_out(const struct dp_stages *st, uint32_t c, uint8_t *to)
{
	uint32_t left = st->cell[c].len;

	for (; c; c = st->cell[c].more) {
		uint32_t len = left < CELL_DATA ? left : CELL_DATA;

		memcpy(to, st->cell[c].data, len);
		to += len;
		left -= len;
	}
}

/* ---- stages ---- */

static struct stage **bucket_of(struct dp_stages *st, const struct dp_peer *p)
{
	uint64_t h = (uint64_t)(uintptr_t)p * UINT64_C(0x9e3779b97f4a7c15);

	return &st->bucket[h >> 54];
}
static_assert(BUCKETS == 1 << (64 - 54), "the hash covers the buckets");

static bool has_bit(const struct dp_worker *w, const struct dp_peer *p)
{
	return atomic_load_explicit(&p->staged_on, memory_order_relaxed) >> w->index & 1;
}

static struct stage *find_stage(struct dp_worker *w, const struct dp_peer *p)
{
	struct stage *s = *bucket_of(w->stages, p);

	while (s && s->peer != p)
		s = s->next;
	return s;
}

static struct stage *make_stage(struct dp_worker *w, struct dp_peer *p)
{
	struct dp_stages *st = w->stages;
	struct stage *s = st->free_stage, **bucket = bucket_of(st, p);

	if (!s || !dp_peer_try_get(p))
		return NULL;
	st->free_stage = s->next;
	*s = (struct stage){
		.next = *bucket,
		.younger = st->all,
		.link = &st->all,
		.peer = p,
		.drop_turn = atomic_load_explicit(&p->drop_turn, memory_order_relaxed),
	};
	*bucket = s;
	if (s->younger)
		s->younger->link = &s->younger;
	st->all = s;
	return s;
}

/* It is empty. The peer may go with it. */
static void end_stage(struct dp_worker *w, struct stage *s)
{
	struct dp_stages *st = w->stages;
	struct stage **at = bucket_of(st, s->peer);

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	*s->link = s->younger;
	if (s->younger)
		s->younger->link = s->link;
	atomic_fetch_and_explicit(&s->peer->staged_on, ~(UINT64_C(1) << w->index),
				  memory_order_relaxed);
	dp_peer_put(s->peer);
	s->next = st->free_stage;
	st->free_stage = s;
}

static void drop_oldest(struct dp_stages *st, struct stage *s)
{
	uint32_t c = s->first;

	s->first = st->cell[c].packet;
	if (!s->first)
		s->last = NONE;
	s->count--;
	give_cells(st, c);
}

static void drop_all(struct dp_worker *w, struct stage *s, enum dp_drop why)
{
	dp_drop(&w->counters, why, s->count);
	while (s->count)
		drop_oldest(w->stages, s);
	end_stage(w, s);
}

static void append(struct dp_worker *w, struct stage *s, const struct dp_packet *pkt)
{
	struct dp_stages *st = w->stages;
	uint32_t c;

	if (s->count == DP_STAGED_MAX) {
		drop_oldest(st, s);
		dp_drop(&w->counters, DROP_TX_STAGE_FULL, 1);
	}
	while (!(c = copy_in(st, pkt)) && s->count) {
		drop_oldest(st, s);
		dp_drop(&w->counters, DROP_TX_STAGE_FULL, 1);
	}
	if (!c) {
		dp_drop(&w->counters, DROP_TX_STAGE_FULL, 1);
		return;
	}
	if (s->last)
		st->cell[s->last].packet = c;
	else
		s->first = c;
	s->last = c;
	s->count++;
	dp_count(&w->counters, DP_TX_STAGED, 1);
}

/* ---- sending ---- */

/* Copies out as much as fits, and sends it. */
static bool send_some(struct dp_worker *w, struct stage *s)
{
	const struct dp_endpoint ep = dp_endpoint_load(&s->peer->endpoint);
	struct dp_stages *st = w->stages;
	unsigned n = 0;
	uint8_t *room;

	st->arena.used = 0;
	for (uint32_t c = s->first;
	     c && n < DP_BATCH && (room = dp_arena_room(&st->arena, st->cell[c].len));
	     c = st->cell[c].packet) {
		copy_out(st, c, room);
		st->out[n++] = (struct dp_packet){
			.data = room,
			.len = st->cell[c].len,
			.tos = (uint8_t)st->cell[c].tos,
		};
		dp_arena_take(&st->arena, st->cell[c].len);
	}
	if (!dp_tx_send(w, s->peer, &ep, st->out, n))
		return false;
	dp_tx_flush(w);
	while (n--)
		drop_oldest(st, s);
	return true;
}

/* Ends the stage and returns true unless the packets must go on waiting. */
static bool look_at(struct dp_worker *w, struct stage *s)
{
	struct dp_peer *p = s->peer;

	if (!atomic_load_explicit(&p->enabled, memory_order_seq_cst)) {
		drop_all(w, s, DROP_TX_UNUSABLE);
		return true;
	}
	while (s->count && dp_tx_can_send(w, p)) {
		if (!send_some(w, s))
			break;
	}
	if (!s->count) {
		end_stage(w, s);
		return true;
	}
	if (atomic_load_explicit(&p->drop_turn, memory_order_relaxed) == s->drop_turn)
		return false;
	drop_all(w, s, DROP_TX_NO_ANSWER);
	return true;
}

bool dp_stage_flush(struct dp_worker *w, struct dp_peer *p)
{
	struct stage *s = has_bit(w, p) ? find_stage(w, p) : NULL;

	return !s || look_at(w, s);
}

/*
 * Either the handshake thread sees our bit after it has published a session, and wakes
 * us, or we see the session here: the bit is set before the session is looked at, and
 * publish() does it the other way round, all in one order (seq_cst). The same goes for
 * the enabled flag that dp_peer_retire() takes down.
 */
void dp_stage_put(struct dp_worker *w, struct dp_peer *p, const struct dp_packet *pkt,
		  unsigned n)
{
	struct stage *s = find_stage(w, p);
	bool none;

	if (!s)
		s = make_stage(w, p);
	if (!s) {
		dp_drop(&w->counters, DROP_TX_STAGE_FULL, n);
		dp_peer_poke(p, DP_POKE_WANTED);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		append(w, s, &pkt[i]);
	atomic_fetch_or_explicit(&p->staged_on, UINT64_C(1) << w->index,
				 memory_order_seq_cst);
	none = !s->count; /* there was no memory for a single one */
	if (!look_at(w, s) || none)
		dp_peer_poke(p, DP_POKE_WANTED);
}

void dp_stages_sweep(struct dp_worker *w)
{
	struct stage *s = w->stages->all;

	while (s) {
		struct stage *younger = s->younger;

		look_at(w, s);
		s = younger;
	}
}

void dp_stages_clear(struct dp_worker *w)
{
	while (w->stages->all)
		drop_all(w, w->stages->all, DROP_TX_UNUSABLE);
}
