/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/rx.h"

#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "proto/crypto/aead.h"
#include "proto/net/ip.h"
#include "proto/wg/messages.h"
#include "wgrd/dplane/device.h"
#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/group.h"
#include "wgrd/dplane/hs.h"
#include "wgrd/dplane/io/batch.h"
#include "wgrd/dplane/io/gro.h"
#include "wgrd/dplane/io/tos.h"
#include "wgrd/dplane/io/udp.h"
#include "wgrd/dplane/peer.h"
#include "wgrd/dplane/worker.h"

/* A datagram with data. */
struct datagram {
	uint8_t *data;
	uint32_t len;
	const struct dp_udp_train *train;
};

struct dp_rx {
	struct dp_udp_rx *in;
	struct datagram datagram[DP_BATCH];
	struct dp_batch batch;
	struct aead_op op[DP_BATCH];
	struct dp_gro gro;
	struct iovec iov[DP_BATCH];
};

struct dp_rx *dp_rx_new(void)
{
	struct dp_rx *rx = calloc(1, sizeof(*rx));

	if (!rx)
		return NULL;
	rx->in = dp_udp_rx_new();
	if (rx->in)
		return rx;
	free(rx);
	return NULL;
}

void dp_rx_free(struct dp_rx *rx)
{
	if (!rx)
		return;
	dp_udp_rx_free(rx->in);
	free(rx);
}

/* ---- one session's packets ---- */

static void prepare_ops(struct dp_rx *rx, const struct dp_run *run)
{
	const uint8_t *order = rx->batch.order + run->first;

	for (unsigned i = 0; i < run->count; i++) {
		const struct datagram *d = &rx->datagram[order[i]];
		const struct wg_msg_data *m = (const struct wg_msg_data *)d->data;

		rx->op[i] = (struct aead_op){
			.dst = d->data + sizeof(*m),
			.src = d->data + sizeof(*m),
			.len = d->len - sizeof(*m),
			.nonce = load64_le(m->counter),
		};
	}
}

/* Clears ok of what was seen before. After authentication, or a forger would move the
 * window. */
static void check_replay(struct dp_worker *w, struct wg_keypair *kp, unsigned n)
{
	struct aead_op *op = w->rx->op;
	unsigned forged = 0, replayed = 0;

	for (unsigned i = 0; i < n; i++) {
		forged += !op[i].ok;
		if (!op[i].ok || wg_replay_accept(&kp->replay, op[i].nonce))
			continue;
		op[i].ok = false;
		replayed++;
	}
	dp_drop(&w->counters, DROP_RX_FORGED, forged);
	dp_drop(&w->counters, DROP_RX_REPLAYED, replayed);
}

static void follow(struct dp_worker *w, struct dp_peer *p, const struct dp_endpoint *ep)
{
	struct dp_endpoint old = dp_endpoint_load(&p->endpoint);

	if (dp_endpoint_equal(&old, ep) || !dp_endpoint_try_store(&p->endpoint, ep))
		return;
	if (old.family && !dp_endpoint_same_place(&old, ep)) {
		dp_count(&w->counters, DP_ROAMED, 1);
		dp_peer_news(p, &p->counters.moves);
	}
}

/* What authentic datagrams tell about the peer: it lives, it has the keys, it is there. */
static void learn(struct dp_worker *w, struct dp_session *s, const struct dp_endpoint *ep,
		  bool data)
{
	struct dp_peer *p = s->peer;

	follow(w, p, ep);
	wg_activity_rcvd(&p->activity, data, w->now_ns);
	if (!s->keypair.initiator &&
	    !atomic_load_explicit(&s->confirmed, memory_order_relaxed)) {
		/* releases to confirm() in hs_session.c through the poke */
		atomic_store_explicit(&s->confirmed, true, memory_order_release);
		wg_activity_confirmed(&p->activity, w->now_ns);
		dp_peer_poke(p, DP_POKE_CONFIRMED);
	}
	if (wg_keypair_rekey_on_recv(&s->keypair, w->now_ns))
		dp_peer_poke(p, DP_POKE_WANTED);
}

/* Whether the packet may go to the interface; congestion is marked in it. */
static bool check_packet(struct dp_worker *w, const struct dp_peer *p,
			 const struct ip_packet *ip, uint8_t *data, uint8_t tos)
{
	const struct dp_device *dev = p->device;
	const struct dp_group *g;

	g = ip->family == AF_INET
		    ? dp_permits_lookup4(&dev->permits, DP_INGRESS, ip->src)
		    : dp_permits_lookup6(&dev->permits, DP_INGRESS, ip->src);
	if (!g || !dp_group_has(g, p)) {
		dp_drop(&w->counters, DROP_RX_SPOOFED, 1);
		return false;
	}
	if (!dp_tos_in(ip, data, tos)) {
		dp_drop(&w->counters, DROP_RX_ECN, 1);
		return false;
	}
	return true;
}

static void count_written(struct dp_worker *w, ssize_t written, unsigned packets)
{
	if (written < 0)
		dp_drop(&w->counters, DROP_RX_TUN, packets);
	else
		dp_count(&w->counters, DP_RX_PACKETS, packets);
}

static void write_joined(struct dp_worker *w, int fd)
{
	struct dp_rx *rx = w->rx;

	for (unsigned i = 0; i < rx->gro.items; i++) {
		unsigned n = dp_gro_take(&rx->gro, i, rx->iov);

		dp_count(&w->counters, DP_RX_SUPERS, n > 1);
		count_written(w, writev(fd, rx->iov, (int)n), n);
	}
}

/* Padding is cut off by what the packet says of itself. */
static void deliver(struct dp_worker *w, const struct dp_peer *p, const uint8_t *order,
		    unsigned n)
{
	const struct dp_device *dev = p->device;
	const int fd = dev->queue[w->index].source.fd;
	struct dp_rx *rx = w->rx;

	dp_gro_begin(&rx->gro, dev->offload.udp);
	for (unsigned i = 0; i < n; i++) {
		const struct aead_op *op = &rx->op[i];
		struct ip_packet ip;

		if (!op->ok || op->len == WG_DATA_TAG_LEN)
			continue;
		if (ip_parse(&ip, op->dst, op->len - WG_DATA_TAG_LEN) != IP_OK)
			dp_drop(&w->counters, DROP_RX_NOT_IP, 1);
		else if (!check_packet(w, p, &ip, op->dst,
				       rx->datagram[order[i]].train->tos))
			continue;
		else if (dev->offload.vnet)
			dp_gro_add(&rx->gro, &ip, op->dst);
		else
			count_written(w, write(fd, op->dst, ip.len), 1);
	}
	write_joined(w, fd);
}

static void accept_run(struct dp_worker *w, struct dp_session *s, const uint8_t *order,
		       unsigned n)
{
	const struct aead_op *op = w->rx->op;
	unsigned accepted = 0, keepalives = 0, last = 0;
	struct dp_peer *p = s->peer;
	uint64_t bytes = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!op[i].ok)
			continue;
		accepted++;
		keepalives += op[i].len == WG_DATA_TAG_LEN;
		bytes += op[i].len + sizeof(struct wg_msg_data);
		last = i;
	}
	if (!accepted)
		return;
	learn(w, s, &w->rx->datagram[order[last]].train->from, accepted > keepalives);
	dp_count(&w->counters, DP_RX_KEEPALIVES, keepalives);
	dp_count(&w->counters, DP_RX_BYTES, bytes);
	atomic_fetch_add_explicit(&p->counters.rx_packets, accepted - keepalives,
				  memory_order_relaxed);
	atomic_fetch_add_explicit(&p->counters.rx_bytes, bytes, memory_order_relaxed);
	/* acquires from dp_device_stop(), after which the queue must not be touched */
	if (atomic_load_explicit(&p->device->port, memory_order_acquire))
		deliver(w, p, order, n);
}

static void open_run(struct dp_worker *w, const struct dp_run *run)
{
	struct dp_session *s = run->key;
	struct dp_rx *rx = w->rx;

	if (!wg_keypair_alive(&s->keypair, w->now_ns)) {
		dp_drop(&w->counters, DROP_RX_EXPIRED, run->count);
		return;
	}
	prepare_ops(rx, run);
	dp_share_run(w, w->aead->open, rx->op, run->count, s->keypair.recv_key);
	check_replay(w, &s->keypair, run->count);
	accept_run(w, s, rx->batch.order + run->first, run->count);
}

/* ---- a batch from a port ---- */

static void hand_over(struct dp_worker *w, const struct dp_port *port,
		      const struct dp_endpoint *from, const uint8_t *data, size_t len)
{
	dp_count(&w->counters, DP_RX_HANDSHAKES, 1);
	if (!dp_hs_deliver(w->dp->hs, port->id, from, data, len))
		dp_drop(&w->counters, DROP_HS_BUSY, 1);
}

static struct dp_session *find_session(struct dp_worker *w, uint32_t index)
{
	const struct dp_batch *b = &w->rx->batch;
	struct dp_session *s;

	/* Mostly it is that of the datagram before. */
	if (b->count) {
		s = b->key[b->count - 1];
		if (s->keypair.local_index == index)
			return s;
	}
	s = dp_sessions_find(w->dp->sessions, index);
	if (s && atomic_load_explicit(&s->peer->enabled, memory_order_relaxed))
		return s;
	dp_drop(&w->counters, DROP_RX_NO_SESSION, 1);
	return NULL;
}

static void open_batch(struct dp_worker *w)
{
	struct dp_batch *b = &w->rx->batch;

	dp_batch_sort(b);
	for (unsigned r = 0; r < b->runs; r++)
		open_run(w, &b->run[r]);
	b->count = 0;
}

static void take_datagram(struct dp_worker *w, const struct dp_port *port,
			  const struct dp_udp_train *t, uint8_t *data, uint32_t len)
{
	struct dp_rx *rx = w->rx;
	struct dp_batch *b = &rx->batch;
	struct dp_session *s;

	switch (wg_msg_classify(data, len)) {
	case WG_MSG_INVALID:
		dp_drop(&w->counters, DROP_RX_MALFORMED, 1);
		return;
	case WG_MSG_INITIATION:
	case WG_MSG_RESPONSE:
	case WG_MSG_COOKIE:
		hand_over(w, port, &t->from, data, len);
		return;
	case WG_MSG_DATA:
		break;
	}
	s = find_session(w, wg_msg_receiver(data));
	if (!s)
		return;
	if (b->count == DP_BATCH)
		open_batch(w);
	b->key[b->count] = s;
	rx->datagram[b->count++] =
		(struct datagram){.data = data, .len = len, .train = t};
}

static void take_train(struct dp_worker *w, const struct dp_port *port,
		       const struct dp_udp_train *t)
{
	uint32_t at = 0, len;

	if (t->len > t->each)
		dp_count(&w->counters, DP_RX_TRAINS, 1);
	do {
		len = t->len - at < t->each ? t->len - at : t->each;
		take_datagram(w, port, t, t->data + at, len);
		at += len;
	} while (at < t->len);
}

void dp_rx_ready(struct dp_worker *w, struct dp_source *src)
{
	const struct dp_port *port =
		container_of(src, struct dp_port_socket, source)->port;
	unsigned trains = dp_udp_receive(w->rx->in, src->fd);

	dp_count(&w->counters, DP_RX_BATCHES, trains > 0);
	for (unsigned i = 0; i < trains; i++)
		take_train(w, port, dp_udp_rx_train(w->rx->in, i));
	open_batch(w);
}
