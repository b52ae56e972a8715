/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/rx.h"

#include <stdlib.h>
#include <unistd.h>

#include "proto/crypto/aead.h"
#include "proto/net/ip.h"
#include "proto/wg/messages.h"
#include "wgrd/dplane/batch.h"
#include "wgrd/dplane/device.h"
#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/ecn.h"
#include "wgrd/dplane/group.h"
#include "wgrd/dplane/hs.h"
#include "wgrd/dplane/peer.h"
#include "wgrd/dplane/udp.h"
#include "wgrd/dplane/worker.h"

struct dp_rx {
	struct dp_udp_rx *in;
	struct dp_batch batch;
	struct aead_op op[DP_BATCH];
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

/* ---- sorting ---- */

static void hand_over(struct dp_worker *w, const struct dp_port *port, unsigned i,
		      const uint8_t *data, size_t len)
{
	uint8_t tos;
	struct dp_endpoint from = dp_udp_rx_endpoint(w->rx->in, i, &tos);

	dp_count(&w->counters, DP_RX_HANDSHAKES, 1);
	if (!dp_hs_deliver(w->dp->hs, port->id, &from, data, len))
		dp_drop(&w->counters, DROP_HS_BUSY, 1);
}

/* The session of a datagram with data; NULL if it is something else or has none. */
static struct dp_session *session_of(struct dp_worker *w, const struct dp_port *port,
				     unsigned i)
{
	struct dp_session *s;
	const uint8_t *data;
	size_t len;

	data = dp_udp_rx_data(w->rx->in, i, &len);
	switch (wg_msg_classify(data, len)) {
	case WG_MSG_INVALID:
		dp_drop(&w->counters, DROP_RX_MALFORMED, 1);
		return NULL;
	case WG_MSG_INITIATION:
	case WG_MSG_RESPONSE:
	case WG_MSG_COOKIE:
		hand_over(w, port, i, data, len);
		return NULL;
	case WG_MSG_DATA:
		break;
	}
	s = dp_sessions_find(w->dp->sessions, wg_msg_receiver(data));
	if (!s || !atomic_load_explicit(&s->peer->enabled, memory_order_relaxed)) {
		dp_drop(&w->counters, DROP_RX_NO_SESSION, 1);
		return NULL;
	}
	return s;
}

/* ---- one session's packets ---- */

static void prepare_ops(struct dp_rx *rx, const struct dp_run *run)
{
	const uint8_t *order = rx->batch.order + run->first;

	for (unsigned i = 0; i < run->count; i++) {
		size_t len;
		uint8_t *data = dp_udp_rx_data(rx->in, order[i], &len);
		const struct wg_msg_data *m = (const struct wg_msg_data *)data;

		rx->op[i] = (struct aead_op){
			.dst = data + sizeof(*m),
			.src = data + sizeof(*m),
			.len = len - sizeof(*m),
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
	if (old.family && !dp_endpoint_same_place(&old, ep))
		dp_count(&w->counters, DP_ROAMED, 1);
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

/* Padding is cut off by what the packet says of itself. */
static void deliver(struct dp_worker *w, const struct dp_peer *p, uint8_t *data,
		    size_t len, uint8_t tos)
{
	const struct dp_device *dev = p->device;
	const struct dp_group *g;
	struct ip_packet ip;

	if (ip_parse(&ip, data, len) != IP_OK) {
		dp_drop(&w->counters, DROP_RX_NOT_IP, 1);
		return;
	}
	g = ip.family == AF_INET ? lpm_lookup4(dev->ingress, ip.src)
				 : lpm_lookup6(dev->ingress, ip.src);
	if (!g || !dp_group_has(g, p)) {
		dp_drop(&w->counters, DROP_RX_SPOOFED, 1);
		return;
	}
	if (!dp_ecn_in(&ip, data, tos)) {
		dp_drop(&w->counters, DROP_RX_ECN, 1);
		return;
	}
	if (write(dev->queue[w->index].source.fd, data, ip.len) < 0)
		dp_drop(&w->counters, DROP_RX_TUN, 1);
	else
		dp_count(&w->counters, DP_RX_PACKETS, 1);
}

static void accept_run(struct dp_worker *w, struct dp_session *s, const uint8_t *order,
		       unsigned n)
{
	const struct aead_op *op = w->rx->op;
	unsigned accepted = 0, keepalives = 0, last = 0;
	struct dp_peer *p = s->peer;
	struct dp_endpoint ep;
	uint64_t bytes = 0;
	uint8_t tos;

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
	ep = dp_udp_rx_endpoint(w->rx->in, order[last], &tos);
	learn(w, s, &ep, accepted > keepalives);
	dp_count(&w->counters, DP_RX_KEEPALIVES, keepalives);
	dp_count(&w->counters, DP_RX_BYTES, bytes);
	atomic_fetch_add_explicit(&p->counters.rx_packets, accepted - keepalives,
				  memory_order_relaxed);
	atomic_fetch_add_explicit(&p->counters.rx_bytes, bytes, memory_order_relaxed);
	/* acquires from dp_device_stop(), after which the queue must not be touched */
	if (!atomic_load_explicit(&p->device->port, memory_order_acquire))
		return;
	for (unsigned i = 0; i < n; i++) {
		if (!op[i].ok || op[i].len == WG_DATA_TAG_LEN)
			continue;
		(void)dp_udp_rx_endpoint(w->rx->in, order[i], &tos);
		deliver(w, p, op[i].dst, op[i].len - WG_DATA_TAG_LEN, tos);
	}
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
	w->aead->open(rx->op, run->count, s->keypair.recv_key);
	check_replay(w, &s->keypair, run->count);
	accept_run(w, s, rx->batch.order + run->first, run->count);
}

void dp_rx_ready(struct dp_worker *w, struct dp_source *src)
{
	const struct dp_port *port =
		container_of(src, struct dp_port_socket, source)->port;
	struct dp_batch *b = &w->rx->batch;

	b->count = dp_udp_receive(w->rx->in, src->fd);
	for (unsigned i = 0; i < b->count; i++)
		b->key[i] = session_of(w, port, i);
	dp_batch_sort(b);
	for (unsigned r = 0; r < b->runs; r++)
		open_run(w, &b->run[r]);
}
