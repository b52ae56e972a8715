/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Handshake messages that come in, cheapest test first: mac1 says that the sender knows
 * which key it writes to (and so which of the interfaces on the port it means); under load,
 * mac2 that it receives at the address it writes from, and the rate limit that it does
 * not do so too often; only then is there any curve arithmetic.
 */

#include <errno.h>
#include <limits.h>

#include "proto/crypto/blake2s_set.h"
#include "wgrd/dplane/device.h"
#include "wgrd/dplane/hs_internal.h"
#include "wgrd/dplane/keys/handshake.h"
#include "wgrd/dplane/keys/own_key.h"
#include "wgrd/dplane/port.h"

/* A message of a turn. */
struct incoming {
	const struct dp_hs_message *msg;
	struct dp_port *port;
	enum wg_msg_type type;
	/* of an initiation that is worth opening; else NULL */
	struct dp_own_key *key;
	struct noise_peek *peek;
};

static void count_drop(struct dp_hs *hs, enum dp_drop why)
{
	dp_drop(&hs->counters, why, 1);
}

/* The one that is found moves to the front: a flood comes to one port. */
static struct dp_port *find_port(struct dp_hs *hs, uint32_t id)
{
	struct dp_port **link = &hs->ports, *port;

	while (*link && (*link)->id != id)
		link = &(*link)->hs_next;
	port = *link;
	if (port && port != hs->ports) {
		*link = port->hs_next;
		port->hs_next = hs->ports;
		hs->ports = port;
	}
	return port;
}

/* Which of our keys the initiation is for. A search costs more the more interfaces share
 * the port, so under load there is not one for each message. */
static struct dp_own_key *find_key(struct dp_hs *hs, const struct dp_port *port,
				   const struct dp_hs_message *m, bool under_load)
{
	unsigned budget = under_load ? hs->search_left : UINT_MAX, before = budget;
	struct dp_own_key *k;
	bool exhausted;

	k = dp_own_keys_find(&port->hs_keys, m->bytes, m->len, &m->from, &budget,
			     &exhausted);
	dp_count(&hs->counters, DP_HS_SEARCHED,
		 (before - budget) * (uint64_t)BLAKE2S_SET_LANES);
	if (under_load)
		hs->search_left = budget;
	if (!k)
		count_drop(hs, exhausted ? DROP_HS_BUSY : DROP_HS_MAC);
	return k;
}

/* Whether the message, meant for @k, is worth what it will cost. If not, the sender may
 * have been given a cookie to show next time. */
static bool admit(struct dp_hs *hs, struct dp_port *port, const struct dp_own_key *k,
		  const struct dp_hs_message *m, bool under_load)
{
	struct ip_addr src = dp_endpoint_addr(&m->from);
	struct wg_msg_cookie reply;

	if (!under_load)
		return true;
	if (wg_mac2_check(&hs->cookies, m->bytes, m->len, &src, m->from.port,
			  hs->now_ns)) {
		if (ratelimit_allow(hs->limit, &src, hs->now_ns))
			return true;
		count_drop(hs, DROP_HS_RATE);
		return false;
	}
	wg_cookie_reply(&hs->cookies, &reply, m->bytes, m->len, k->local.cookie_key, &src,
			m->from.port, hs->now_ns);
	dp_hs_send(hs, port, NULL, &m->from, 0, &reply, sizeof(reply));
	dp_count(&hs->counters, DP_TX_COOKIES, 1);
	return false;
}

/* ---- an initiation ---- */

static void answer(struct dp_hs *hs, struct dp_handshake *h, struct noise_initiation *in,
		   const struct dp_hs_message *m)
{
	struct dp_peer *p = h->identity->peer;
	struct dp_session *s = dp_session_new(p, h);
	struct wg_msg_response msg;
	uint32_t index = 0;

	if (!s || dp_sessions_reserve(hs->dp->sessions, h, &hs->dp->rng, &index)) {
		count_drop(hs, DROP_HS_NO_MEMORY);
		goto free_session;
	}
	if (noise_response_create(in, &h->noise, &msg, index, &hs->dp->rng, &s->keypair,
				  hs->now_ns)) {
		count_drop(hs, DROP_HS_FORGED);
		goto free_session;
	}
	dp_hs_peer_heard(hs, p, &m->from, m->len);
	dp_hs_session_answered(hs, p, s);
	dp_hs_peer_send(hs, p, h, &msg, sizeof(msg));
	dp_count(&hs->counters, DP_TX_RESPONSES, 1);
	wg_timers_derived(&p->hs.timers, false, hs->now_ns);
	dp_hs_peer_run(hs, p);
	return;

free_session:
	noise_initiation_drop(in);
	dp_sessions_release(hs->dp->sessions, index);
	dp_session_free(s);
}

/* A message that means a peer we know. */
static void refuse(struct dp_hs *hs, struct dp_peer *p, enum dp_refusal why)
{
	static const enum dp_drop drop[] = {
		[DP_REFUSED_FORGED] = DROP_HS_FORGED,
		[DP_REFUSED_REPLAYED] = DROP_HS_REPLAYED,
		[DP_REFUSED_TOO_OFTEN] = DROP_HS_FLOOD,
	};

	count_drop(hs, drop[why]);
	dp_peer_news(p, &p->counters.refused[why]);
}

static enum dp_refusal reason_of(int err)
{
	switch (err) {
	case -EALREADY:
		return DP_REFUSED_REPLAYED;
	case -EBUSY:
		return DP_REFUSED_TOO_OFTEN;
	default:
		return DP_REFUSED_FORGED;
	}
}

/* It has been opened; its sender is not proven yet. */
static void initiation(struct dp_hs *hs, struct incoming *m)
{
	struct noise_initiation *in = &m->peek->in;
	struct dp_identity *id;
	struct dp_handshake *h;
	int err;

	if (m->peek->err) {
		count_drop(hs, DROP_HS_FORGED);
		return;
	}
	id = dp_identities_find(&m->key->device->hs.identities, in->remote_public);
	if (!id || dp_handshake_get(id, m->key, &h)) {
		count_drop(hs, DROP_HS_UNKNOWN);
		noise_initiation_drop(in);
		return;
	}
	err = noise_initiation_finish(in, &h->noise, hs->now_ns);
	if (err) {
		refuse(hs, id->peer, reason_of(err));
		return;
	}
	dp_own_keys_used(&m->port->hs_keys, m->key, &m->msg->from);
	answer(hs, h, in, m->msg);
}

/* ---- a response ---- */

static void response(struct dp_hs *hs, struct dp_port *port,
		     const struct dp_hs_message *m, bool under_load)
{
	const struct wg_msg_response *msg = (const void *)m->bytes;
	uint32_t index = wg_msg_receiver(m->bytes);
	struct dp_handshake *h = dp_sessions_handshake(hs->dp->sessions, index);
	struct dp_session *s;
	struct dp_peer *p;

	if (!h || h->index != index) {
		count_drop(hs, DROP_HS_UNEXPECTED);
		return;
	}
	p = h->identity->peer;
	if (!wg_mac1_check(m->bytes, m->len, h->key->local.mac1_key)) {
		count_drop(hs, DROP_HS_MAC);
		return;
	}
	if (!admit(hs, port, h->key, m, under_load))
		return;
	s = dp_session_new(p, h);
	if (!s) {
		count_drop(hs, DROP_HS_NO_MEMORY);
		return;
	}
	if (noise_response_consume(&h->noise, msg, &s->keypair, hs->now_ns)) {
		refuse(hs, p, DP_REFUSED_FORGED);
		dp_session_free(s);
		return;
	}
	h->index = 0; /* it is the session's now */
	p->hs.begun = NULL;
	dp_hs_peer_heard(hs, p, &m->from, m->len);
	wg_timers_derived(&p->hs.timers, true, hs->now_ns);
	dp_hs_session_initiated(hs, p, s);
	dp_hs_peer_run(hs, p);
}

/* ---- a cookie ---- */

static void cookie(struct dp_hs *hs, const struct dp_hs_message *m)
{
	const struct wg_msg_cookie *msg = (const void *)m->bytes;
	struct dp_handshake *h =
		dp_sessions_handshake(hs->dp->sessions, wg_msg_receiver(m->bytes));
	int err = -EINVAL;

	if (h)
		err = wg_cookie_consume(&h->jar, msg, h->noise.cookie_key, hs->now_ns);
	if (err)
		count_drop(hs, err == -EINVAL ? DROP_HS_UNEXPECTED : DROP_HS_FORGED);
	else
		dp_count(&hs->counters, DP_RX_COOKIES, 1);
}

/* ---- a turn ---- */

/* Those initiations that are worth it are opened at once, which costs less than one by
 * one, and changes nothing; then every message is dealt with in its turn. */
static unsigned choose(struct dp_hs *hs, struct incoming *m, unsigned n, bool under_load,
		       struct noise_peek *peek)
{
	unsigned peeks = 0;

	for (; n; n--, m++) {
		if (m->type != WG_MSG_INITIATION)
			continue;
		m->key = find_key(hs, m->port, m->msg, under_load);
		if (!m->key || !admit(hs, m->port, m->key, m->msg, under_load))
			continue;
		m->peek = &peek[peeks++];
		m->peek->local = &m->key->local;
		m->peek->msg = (const void *)m->msg->bytes;
	}
	return peeks;
}

void dp_hs_messages(struct dp_hs *hs, const struct dp_hs_message *msg, unsigned n,
		    bool under_load)
{
	struct noise_peek peek[DP_HS_TURN];
	struct incoming in[DP_HS_TURN];
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++) {
		struct dp_port *port = find_port(hs, msg[i].port_id);

		if (!port)
			continue; /* closed since */
		in[count++] = (struct incoming){
			.msg = &msg[i],
			.port = port,
			.type = wg_msg_classify(msg[i].bytes, msg[i].len),
		};
	}
	noise_initiations_peek(peek, choose(hs, in, count, under_load, peek));
	for (unsigned i = 0; i < count; i++) {
		switch (in[i].type) {
		case WG_MSG_INITIATION:
			if (in[i].peek)
				initiation(hs, &in[i]);
			break;
		case WG_MSG_RESPONSE:
			response(hs, in[i].port, in[i].msg, under_load);
			break;
		case WG_MSG_COOKIE:
			cookie(hs, in[i].msg);
			break;
		case WG_MSG_DATA:
		case WG_MSG_INVALID:
			break;
		}
	}
}
