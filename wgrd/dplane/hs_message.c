/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Handshake messages that come in, cheapest test first: mac1 says that the sender knows
 * which key it writes to (and which of the interfaces on the port it means); under load,
 * mac2 that it receives at the address it writes from, and the rate limit that it does
 * not do so too often; only then is there any curve arithmetic.
 */

#include <errno.h>

#include "wgrd/dplane/device.h"
#include "wgrd/dplane/hs_internal.h"

static void count_drop(struct dp_hs *hs, enum dp_drop why)
{
	dp_drop(&hs->counters, why, 1);
}

static struct dp_port *find_port(const struct dp_hs *hs, uint32_t id)
{
	struct dp_port *port = hs->ports;

	while (port && port->id != id)
		port = port->hs_next;
	return port;
}

static bool is_for(const struct dp_device *dev, const struct dp_hs_message *m)
{
	return dev->hs.keyed && wg_mac1_check(m->bytes, m->len, dev->hs.local.mac1_key);
}

/* Whether the message, meant for @dev, is worth what it will cost. If not, the sender may
 * have been given a cookie to show next time. */
static bool admit(struct dp_hs *hs, struct dp_port *port, const struct dp_device *dev,
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
	wg_cookie_reply(&hs->cookies, &reply, m->bytes, m->len, dev->hs.local.cookie_key,
			&src, m->from.port, hs->now_ns);
	dp_hs_send(hs, port, NULL, &m->from, 0, &reply, sizeof(reply));
	dp_count(&hs->counters, DP_TX_COOKIES, 1);
	return false;
}

/* ---- an initiation ---- */

static void answer(struct dp_hs *hs, struct dp_identity *id, struct noise_initiation *in,
		   const struct dp_hs_message *m)
{
	struct dp_peer *p = id->peer;
	struct dp_session *s = dp_session_new(p);
	struct wg_msg_response msg;
	uint32_t index = 0;

	if (!s || dp_sessions_reserve(hs->dp->sessions, id, &hs->dp->rng, &index)) {
		count_drop(hs, DROP_HS_NO_MEMORY);
		goto free_session;
	}
	if (noise_response_create(in, &id->noise, &msg, index, &hs->dp->rng, &s->keypair,
				  hs->now_ns)) {
		count_drop(hs, DROP_HS_FORGED);
		goto free_session;
	}
	dp_hs_peer_heard(hs, p, &m->from, m->len);
	dp_hs_session_answered(hs, p, s);
	dp_hs_peer_send(hs, p, id, &msg, sizeof(msg));
	dp_count(&hs->counters, DP_TX_RESPONSES, 1);
	wg_timers_derived(&p->hs.timers, false, hs->now_ns);
	dp_hs_peer_run(hs, p);
	return;

free_session:
	noise_initiation_drop(in);
	dp_sessions_release(hs->dp->sessions, index);
	dp_session_free(s);
}

static enum dp_drop reason_of(int err)
{
	switch (err) {
	case -EALREADY:
		return DROP_HS_REPLAYED;
	case -EBUSY:
		return DROP_HS_FLOOD;
	default:
		return DROP_HS_FORGED;
	}
}

static void initiation(struct dp_hs *hs, struct dp_port *port,
		       const struct dp_hs_message *m, bool under_load)
{
	const struct wg_msg_initiation *msg = (const void *)m->bytes;
	struct dp_device *dev = port->hs_devices;
	struct noise_initiation in;
	struct dp_identity *id;
	int err;

	while (dev && !is_for(dev, m))
		dev = dev->hs.next_on_port;
	if (!dev) {
		count_drop(hs, DROP_HS_MAC);
		return;
	}
	if (!admit(hs, port, dev, m, under_load))
		return;
	if (noise_initiation_peek(&in, &dev->hs.local, msg)) {
		count_drop(hs, DROP_HS_FORGED);
		return;
	}
	id = dp_identities_find(&dev->hs.identities, in.remote_public);
	if (!id || dp_identity_ready(id, &dev->hs.local)) {
		count_drop(hs, DROP_HS_UNKNOWN);
		noise_initiation_drop(&in);
		return;
	}
	err = noise_initiation_finish(&in, &id->noise, hs->now_ns);
	if (err)
		count_drop(hs, reason_of(err));
	else
		answer(hs, id, &in, m);
}

/* ---- a response ---- */

static void response(struct dp_hs *hs, struct dp_port *port,
		     const struct dp_hs_message *m, bool under_load)
{
	const struct wg_msg_response *msg = (const void *)m->bytes;
	uint32_t index = wg_msg_receiver(m->bytes);
	struct dp_identity *id = dp_sessions_identity(hs->dp->sessions, index);
	struct dp_session *s;
	struct dp_peer *p;

	if (!id || id->index != index) {
		count_drop(hs, DROP_HS_UNEXPECTED);
		return;
	}
	p = id->peer;
	if (!is_for(p->device, m)) {
		count_drop(hs, DROP_HS_MAC);
		return;
	}
	if (!admit(hs, port, p->device, m, under_load))
		return;
	s = dp_session_new(p);
	if (!s) {
		count_drop(hs, DROP_HS_NO_MEMORY);
		return;
	}
	if (noise_response_consume(&id->noise, msg, &s->keypair, hs->now_ns)) {
		count_drop(hs, DROP_HS_FORGED);
		dp_session_free(s);
		return;
	}
	id->index = 0; /* it is the session's now */
	dp_hs_peer_heard(hs, p, &m->from, m->len);
	wg_timers_derived(&p->hs.timers, true, hs->now_ns);
	dp_hs_session_initiated(hs, p, s);
	dp_hs_peer_run(hs, p);
}

/* ---- a cookie ---- */

static void cookie(struct dp_hs *hs, const struct dp_hs_message *m)
{
	const struct wg_msg_cookie *msg = (const void *)m->bytes;
	struct dp_identity *id =
		dp_sessions_identity(hs->dp->sessions, wg_msg_receiver(m->bytes));
	int err = -EINVAL;

	if (id && id->ready)
		err = wg_cookie_consume(&id->jar, msg, id->noise.cookie_key, hs->now_ns);
	if (err)
		count_drop(hs, err == -EINVAL ? DROP_HS_UNEXPECTED : DROP_HS_FORGED);
	else
		dp_count(&hs->counters, DP_RX_COOKIES, 1);
}

void dp_hs_message(struct dp_hs *hs, struct dp_hs_message *m, bool under_load)
{
	struct dp_port *port = find_port(hs, m->port_id);

	if (!port)
		return; /* closed since */
	switch (wg_msg_classify(m->bytes, m->len)) {
	case WG_MSG_INITIATION:
		initiation(hs, port, m, under_load);
		break;
	case WG_MSG_RESPONSE:
		response(hs, port, m, under_load);
		break;
	case WG_MSG_COOKIE:
		cookie(hs, m);
		break;
	case WG_MSG_DATA:
	case WG_MSG_INVALID:
		break;
	}
}
