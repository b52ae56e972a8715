/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/tx.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proto/crypto/aead.h"
#include "proto/net/ip.h"
#include "proto/wg/messages.h"
#include "wgrd/dplane/device.h"
#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/group.h"
#include "wgrd/dplane/io/batch.h"
#include "wgrd/dplane/io/flow.h"
#include "wgrd/dplane/io/gso.h"
#include "wgrd/dplane/io/tos.h"
#include "wgrd/dplane/io/udp.h"
#include "wgrd/dplane/peer.h"
#include "wgrd/dplane/stage.h"
#include "wgrd/dplane/worker.h"

static_assert(DP_HEADROOM == sizeof(struct wg_msg_data), "the data header fits exactly");
static_assert(DP_TAILROOM >= WG_PAD_BYTES - 1 + WG_DATA_TAG_LEN, "padding and tag fit");

enum {
	/* Before a super-packet, so that it is aligned and its header has room. */
	SUPER_ROOM = 64,
	SUPER_LEN = SUPER_ROOM + DP_PACKET_MAX,
	READS_MAX = DP_BATCH,
	/* With so many packets a batch need not wait for a super-packet to fill it up. */
	GOOD_BATCH = 32,
};

struct dp_tx {
	uint8_t super[SUPER_LEN]; /* what a read gives */
	struct dp_arena arena;    /* what becomes of it */
	struct dp_packet packet[DP_BATCH];
	struct dp_packet of_peer[DP_BATCH]; /* one peer's, in a row */
	struct dp_batch batch;
	struct aead_op op[DP_BATCH];
	/* What has been sealed and not sent: of one port, IPv4 and IPv6. */
	const struct dp_port *port;
	struct dp_udp_tx *out[2];
};

/* ---- arenas ---- */

int dp_arena_init(struct dp_arena *a)
{
	void *p = mmap(NULL, DP_ARENA_LEN, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	*a = (struct dp_arena){0};
	if (p == MAP_FAILED)
		return -errno;
	a->base = p;
	return 0;
}

void dp_arena_fini(struct dp_arena *a)
{
	if (a->base)
		munmap(a->base, DP_ARENA_LEN);
	a->base = NULL;
}

uint8_t *dp_arena_room(struct dp_arena *a, size_t len)
{
	if (a->used + DP_HEADROOM + len + DP_TAILROOM > DP_ARENA_LEN)
		return NULL;
	return a->base + a->used + DP_HEADROOM;
}

void dp_arena_take(struct dp_arena *a, size_t len)
{
	a->used += (DP_HEADROOM + len + DP_TAILROOM + 15) & ~(size_t)15;
}

struct dp_tx *dp_tx_new(void)
{
	struct dp_tx *tx = calloc(1, sizeof(*tx));

	if (!tx)
		return NULL;
	tx->out[0] = dp_udp_tx_new();
	tx->out[1] = dp_udp_tx_new();
	if (tx->out[0] && tx->out[1] && !dp_arena_init(&tx->arena))
		return tx;
	dp_tx_free(tx);
	return NULL;
}

void dp_tx_free(struct dp_tx *tx)
{
	if (!tx)
		return;
	dp_udp_tx_free(tx->out[0]);
	dp_udp_tx_free(tx->out[1]);
	dp_arena_fini(&tx->arena);
	free(tx);
}

/* ---- sending ---- */

static void flush_family(struct dp_worker *w, unsigned f)
{
	static const sa_family_t family[2] = {AF_INET, AF_INET6};
	struct dp_tx *tx = w->tx;
	struct dp_udp_result r;
	int fd;

	if (!dp_udp_tx_count(tx->out[f]))
		return;
	fd = dp_port_fd(tx->port, w->index, family[f]);
	if (fd < 0) {
		dp_drop(&w->counters, DROP_TX_NO_SOCKET, dp_udp_tx_count(tx->out[f]));
		dp_udp_tx_discard(tx->out[f]);
		return;
	}
	r = dp_udp_tx_flush(tx->out[f], fd, w->now_ns);
	dp_count(&w->counters, DP_TX_PACKETS, r.sent);
	dp_count(&w->counters, DP_TX_TRAINS, r.trains);
	dp_drop(&w->counters, DROP_TX_SOCKET_FULL, r.full);
	dp_drop(&w->counters, DROP_TX_REFUSED, r.refused);
}

void dp_tx_flush(struct dp_worker *w)
{
	flush_family(w, 0);
	flush_family(w, 1);
	w->tx->port = NULL;
}

static void queue_datagram(struct dp_worker *w, struct dp_peer *p,
			   const struct dp_endpoint *ep, uint8_t tos, uint8_t *data,
			   size_t len)
{
	unsigned f = ep->family == AF_INET6;

	if (dp_udp_tx_count(w->tx->out[f]) == DP_BATCH)
		flush_family(w, f);
	dp_udp_tx_add(w->tx->out[f], &p->endpoint, ep, tos, data, len,
		      w->tx->port->trains, w->now_ns);
}

/* Whitepaper section 5.4.6. The padding is zeros and never makes a packet longer than the
 * interface allows. */
static uint64_t seal(struct dp_worker *w, struct wg_keypair *kp,
		     const struct dp_packet *pkt, unsigned n, uint64_t nonce,
		     uint32_t mtu)
{
	struct aead_op *op = w->tx->op;
	uint64_t bytes = 0;

	for (unsigned i = 0; i < n; i++) {
		size_t len = wg_data_padded(pkt[i].len, mtu);

		memset(pkt[i].data + pkt[i].len, 0, len - pkt[i].len);
		wg_data_put((struct wg_msg_data *)(pkt[i].data - DP_HEADROOM),
			    kp->remote_index, nonce + i);
		op[i] = (struct aead_op){
			.dst = pkt[i].data,
			.src = pkt[i].data,
			.len = len,
			.nonce = nonce + i,
		};
		bytes += len + WG_DATA_OVERHEAD;
	}
	dp_share_run(w, w->aead->seal, op, n, kp->send_key);
	return bytes;
}

bool dp_tx_can_send(const struct dp_worker *w, const struct dp_peer *p)
{
	/* in one order with staged_on, see dp_stage_put() */
	struct dp_session *s = atomic_load_explicit(&p->session, memory_order_seq_cst);

	return s && wg_keypair_alive(&s->keypair, w->now_ns);
}

bool dp_tx_send(struct dp_worker *w, struct dp_peer *p, const struct dp_endpoint *ep,
		const struct dp_packet *pkt, unsigned n)
{
	/* acquires the session from publish() in hs_session.c */
	struct dp_session *s = atomic_load_explicit(&p->session, memory_order_acquire);
	const struct dp_port *port;
	uint64_t nonce, bytes;
	uint8_t dscp;

	if (!s || !ep->family)
		return false;
	nonce = wg_keypair_take_nonces(&s->keypair, n, w->now_ns);
	if (nonce == WG_NONCE_NONE)
		return false;
	/* acquires the port from dp_device_set() */
	port = atomic_load_explicit(&p->device->port, memory_order_acquire);
	if (!port) { /* stopped meanwhile */
		dp_drop(&w->counters, DROP_TX_UNUSABLE, n);
		return true;
	}
	if (w->tx->port != port)
		dp_tx_flush(w);
	w->tx->port = port;
	bytes = seal(w, &s->keypair, pkt, n, nonce,
		     atomic_load_explicit(&p->device->mtu, memory_order_relaxed));
	dscp = atomic_load_explicit(&p->device->dscp, memory_order_relaxed);
	for (unsigned i = 0; i < n; i++)
		queue_datagram(w, p, ep, dp_tos_out(dscp, pkt[i].tos),
			       pkt[i].data - DP_HEADROOM,
			       w->tx->op[i].len + WG_DATA_OVERHEAD);
	dp_count(&w->counters, DP_TX_BYTES, bytes);
	atomic_fetch_add_explicit(&p->counters.tx_packets, n, memory_order_relaxed);
	atomic_fetch_add_explicit(&p->counters.tx_bytes, bytes, memory_order_relaxed);
	wg_activity_sent(&p->activity, true, w->now_ns);
	if (wg_keypair_rekey_on_send(&s->keypair, w->now_ns))
		dp_peer_poke(p, DP_POKE_WANTED);
	return true;
}

/* ---- a batch from a queue ---- */

/* Whom the packet is for, or NULL and it is counted, as the @n that it stands for. */
static struct dp_peer *route(struct dp_worker *w, const struct dp_device *dev,
			     const struct ip_packet *ip, const uint8_t *pkt, unsigned n)
{
	struct dp_peer *p = NULL, *passed_over;
	const struct dp_group *g;

	g = ip->family == AF_INET ? dp_permits_lookup4(&dev->permits, DP_EGRESS, ip->dst)
				  : dp_permits_lookup6(&dev->permits, DP_EGRESS, ip->dst);
	if (g)
		p = dp_group_pick(g, dp_flow_hash(ip, pkt, w->dp->flow_seed),
				  &passed_over);
	if (!p) {
		dp_drop(&w->counters, DROP_TX_NO_ROUTE, n);
		dp_unreach(w, dev, pkt, ip->len);
		return NULL;
	}
	/* does it answer again? */
	if (passed_over &&
	    !atomic_load_explicit(&passed_over->answers, memory_order_relaxed))
		dp_peer_poke(passed_over, DP_POKE_WANTED);
	return p;
}

static void refuse_run(struct dp_worker *w, const struct dp_peer *p,
		       const struct dp_packet *pkt, unsigned n, enum dp_drop why)
{
	dp_drop(&w->counters, why, n);
	for (unsigned i = 0; i < n; i++)
		dp_unreach(w, p->device, pkt[i].data, pkt[i].len);
}

static void send_run(struct dp_worker *w, struct dp_peer *p, const struct dp_packet *pkt,
		     unsigned n)
{
	const struct dp_endpoint ep = dp_endpoint_load(&p->endpoint);

	if (!atomic_load_explicit(&p->enabled, memory_order_relaxed)) {
		refuse_run(w, p, pkt, n, DROP_TX_UNUSABLE);
		return;
	}
	if (!ep.family) {
		refuse_run(w, p, pkt, n, DROP_TX_NO_ENDPOINT);
		return;
	}
	/* What waits goes first: a flow keeps its order. */
	if (dp_stage_flush(w, p) && dp_tx_send(w, p, &ep, pkt, n))
		return;
	dp_stage_put(w, p, pkt, n);
}

static void send_batch(struct dp_worker *w)
{
	struct dp_tx *tx = w->tx;
	struct dp_batch *b = &tx->batch;

	dp_count(&w->counters, DP_TX_BATCHES, 1);
	dp_batch_sort(b);
	for (unsigned r = 0; r < b->runs; r++) {
		const struct dp_run *run = &b->run[r];

		for (unsigned i = 0; i < run->count; i++)
			tx->of_peer[i] = tx->packet[b->order[run->first + i]];
		send_run(w, run->key, tx->of_peer, run->count);
	}
	dp_tx_flush(w);
	b->count = 0;
	tx->arena.used = 0;
}

static void add_piece(struct dp_tx *tx, struct dp_peer *p, struct dp_cut *cut,
		      uint8_t *room, uint8_t tos)
{
	struct dp_batch *b = &tx->batch;
	size_t len = dp_cut_next(cut, room);

	b->key[b->count] = p;
	tx->packet[b->count++] = (struct dp_packet){
		.data = room,
		.len = (uint32_t)len,
		.tos = tos,
	};
	dp_arena_take(&tx->arena, len);
}

/* All pieces, though a batch may be full in between; true if one was. */
static bool add_pieces(struct dp_worker *w, struct dp_peer *p, struct dp_cut *cut,
		       uint8_t tos)
{
	struct dp_tx *tx = w->tx;
	bool sent = false;

	if (tx->batch.count >= GOOD_BATCH &&
	    tx->batch.count + dp_cut_count(cut) > DP_BATCH) {
		send_batch(w);
		sent = true;
	}
	do {
		uint8_t *room = dp_arena_room(&tx->arena, dp_cut_max_len(cut));

		if (room && tx->batch.count < DP_BATCH) {
			add_piece(tx, p, cut, room, tos);
		} else {
			send_batch(w);
			sent = true;
		}
	} while (!dp_cut_done(cut));
	return sent;
}

static bool take_packet(struct dp_worker *w, const struct dp_device *dev,
			const struct virtio_net_hdr *vh, const uint8_t *pkt, size_t len)
{
	struct ip_packet ip;
	struct dp_peer *p;
	struct dp_cut cut;
	unsigned pieces;

	if (ip_parse(&ip, pkt, len) != IP_OK || !dp_cut_begin(&cut, vh, pkt, &ip)) {
		dp_drop(&w->counters, DROP_TX_NOT_IP, 1);
		return false;
	}
	pieces = dp_cut_count(&cut);
	if (pieces > 1)
		dp_count(&w->counters, DP_TX_SUPERS, 1);
	p = route(w, dev, &ip, pkt, pieces);
	return p && add_pieces(w, p, &cut, ip.tos);
}

/* A queue whose interface somebody has deleted would be ready forever. */
static void read_failed(struct dp_worker *w, struct dp_source *s, ssize_t len)
{
	if (len == 0 || (errno != EAGAIN && errno != EINTR))
		dp_worker_remove(w, s);
}

void dp_tx_ready(struct dp_worker *w, struct dp_source *s)
{
	const struct dp_device *dev = container_of(s, struct dp_queue, source)->device;
	const size_t head = dev->offload.vnet ? sizeof(struct virtio_net_hdr) : 0;
	uint8_t *pkt = w->tx->super + SUPER_ROOM;
	struct virtio_net_hdr vh = {0};
	bool sent = false;

	for (unsigned i = 0; i < READS_MAX && !sent; i++) {
		ssize_t len = read(s->fd, pkt - head, head + DP_PACKET_MAX);

		if (len <= 0) {
			read_failed(w, s, len);
			break;
		}
		if ((size_t)len < head) {
			dp_drop(&w->counters, DROP_TX_NOT_IP, 1);
			continue;
		}
		memcpy(&vh, pkt - head, head);
		sent = take_packet(w, dev, &vh, pkt, (size_t)len - head);
	}
	if (w->tx->batch.count)
		send_batch(w);
}
