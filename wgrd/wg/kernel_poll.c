/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The kernel tells nobody when a session begins or a peer has moved: it is asked, every second as
 * long as something happens and less and less often when not. The answer has everything it
 * knows of a device, so it also shows what somebody else has changed: that is written again.
 * An answer costs time in proportion to the prefixes, and so does the pause after it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wgrd/lib/log.h"
#include "wgrd/wg/kernel_internal.h"

enum {
	INTERVAL_MIN_S = 1,
	INTERVAL_MAX_S = 10,
	COST_FACTOR = 50,
	FRESH_MS = 300,
	TRIES = 3,
	/* WireGuard's constants: a session is used for so long, handshakes are tried for so
	 * long (REJECT_AFTER_TIME; MAX_TIMER_HANDSHAKES times REKEY_TIMEOUT). */
	SESSION_S = 180,
	ATTEMPT_S = 90,
	/* Nothing was sent for so long: it does not try. */
	QUIET_S = 30,
};

/* ---- what an answer says ---- */

static void on_device(void *arg, const struct kwg_device_info *i)
{
	struct kernel_device *d = arg;

	d->port = i->port;
	d->fwmark = i->fwmark;
	d->key_differs = d->applied &&
			 (i->public_key_set != d->public_key_set ||
			  (d->public_key_set &&
			   memcmp(d->public_key, i->public_key, sizeof(d->public_key))));
	if (d->applied)
		return;
	d->public_key_set = i->public_key_set;
	memcpy(d->public_key, i->public_key, sizeof(d->public_key));
}

static void set_session(struct kernel_peer *p, bool up)
{
	const struct wg_backend_events *ev = &p->device->k->events;

	if (p->state.session_up == up)
		return;
	p->state.session_up = p->state.answers = up;
	p->device->changed = true;
	if (p->cookie && ev->session)
		ev->session(ev->arg, p->cookie, up);
}

static void tell_news(const struct kernel_peer *p)
{
	const struct wg_backend_events *ev = &p->device->k->events;

	if (p->cookie && ev->news)
		ev->news(ev->arg, p->cookie);
}

/* Sends without a session, and for how long already: then it is given up, as the kernel does. */
static void judge(struct kernel_peer *p, bool sends, uint64_t now_ns)
{
	struct wg_backend_peer_state *st = &p->state;
	const bool was_expired = st->expired;

	if (st->session_up || (p->asked_ns && now_ns - p->asked_ns > QUIET_S * NS_PER_S))
		p->asking_since_ns = p->asked_ns = 0;
	if (!st->session_up && sends) {
		p->asked_ns = now_ns;
		if (!p->asking_since_ns)
			p->asking_since_ns = now_ns;
	}
	/* once given up it stays so until there is a session */
	if (st->session_up)
		st->expired = false;
	else if (p->asking_since_ns &&
		 now_ns - p->asking_since_ns >= ATTEMPT_S * NS_PER_S)
		st->expired = true;
	st->handshaking = p->asking_since_ns && !st->expired;
	if (st->handshaking)
		p->device->changed = true;
	if (st->expired != was_expired)
		kernel_table_touch_peer(p->device, p);
	if (st->expired && !was_expired) {
		st->gave_up++;
		tell_news(p);
	}
}

static bool has_moved(const struct wg_backend_peer_state *st,
		      const struct kwg_peer_info *now)
{
	return st->endpoint.family && now->endpoint.family &&
	       (now->endpoint_port != st->endpoint_port ||
		!ip_addr_equal(&now->endpoint, &st->endpoint));
}

static void take_state(struct kernel_peer *p, const struct kwg_peer_info *i)
{
	struct kernel_device *d = p->device;
	struct wg_backend_peer_state *st = &p->state;
	const uint64_t now_ns = loop_now_ns(d->k->loop), now_s = (uint64_t)time(NULL);
	const uint64_t age_s =
		now_s > i->last_handshake_s ? now_s - i->last_handshake_s : 0;
	const bool sends = i->tx_bytes > st->tx_bytes, moved = has_moved(st, i);

	if (i->endpoint_port != st->endpoint_port ||
	    !ip_addr_equal(&i->endpoint, &st->endpoint))
		d->changed = true;
	st->endpoint = i->endpoint;
	st->endpoint_port = i->endpoint_port;
	st->rx_bytes = i->rx_bytes;
	st->tx_bytes = i->tx_bytes;
	if (i->last_handshake_s && i->last_handshake_s != st->last_handshake_s) {
		st->handshakes++;
		d->changed = true;
	}
	st->last_handshake_s = i->last_handshake_s;
	st->last_handshake_ns = 0;
	if (i->last_handshake_s)
		st->last_handshake_ns =
			now_ns > age_s * NS_PER_S ? now_ns - age_s * NS_PER_S : 1;
	set_session(p, i->last_handshake_s && age_s < SESSION_S);
	judge(p, sends, now_ns);
	if (moved) {
		st->moves++;
		tell_news(p);
	}
}

static void on_peer(void *arg, const struct kwg_peer_info *i)
{
	struct kernel_device *d = arg;

	d->reading = kernel_peer_find(d, i->public_key);
	d->reading_stranger = NULL;
	if (d->reading) {
		d->reading->seen = d->round;
		d->reading->present = true;
		if (!i->continued)
			take_state(d->reading, i);
		return;
	}
	d->reading_stranger = kernel_stranger_obtain(d, i->public_key);
	if (!d->reading_stranger)
		return;
	d->reading_stranger->seen = d->round;
	if (i->continued)
		return;
	d->reading_stranger->info = *i;
	d->reading_stranger->prefixes = 0;
}

static void add_prefix(struct kernel_stranger *s, const struct prefix *p)
{
	if (s->prefixes == s->room) {
		size_t room = s->room ? 2 * s->room : 8;
		struct prefix *more = reallocarray(s->prefix, room, sizeof(*more));

		if (!more)
			return;
		s->prefix = more;
		s->room = room;
	}
	s->prefix[s->prefixes++] = *p;
}

static void on_allowed_ip(void *arg, const struct prefix *p)
{
	struct kernel_device *d = arg;
	struct kernel_entry *e;

	if (d->reading_stranger)
		add_prefix(d->reading_stranger, p);
	if (!d->reading)
		return;
	e = kernel_entry_obtain(d, p);
	if (!e)
		return;
	e->seen = d->round;
	e->seen_owner = d->reading;
}

static int on_message(const struct nlmsghdr *h, void *arg)
{
	const struct kwg_reader reader = {on_device, on_peer, on_allowed_ip, arg};

	return kwg_read(&reader, h);
}

/* ---- what follows from a whole one ---- */

static void compare_entry(struct kernel_device *d, struct kernel_entry *e)
{
	struct kernel_peer *owner = e->seen == d->round ? e->seen_owner : NULL;
	const bool is_new =
		!e->owner && !e->group[KERNEL_EGRESS] && !e->group[KERNEL_INGRESS];

	if (owner == e->owner && owner)
		return;
	kernel_entry_own(e, owner);
	if (owner && is_new)
		kernel_entry_found(d, e);
	else
		kernel_entry_touch(d, e);
}

static void compare_entries(struct kernel_device *d)
{
	struct pmap_at at;

	PMAP_WALK (&at, &d->entries)
		compare_entry(d, pmap_object(&at));
}

static void compare_peers(struct kernel_device *d)
{
	struct kernel_stranger *s, *next_s;
	struct kernel_peer *p, *next;

	HASH_ITER (hh, d->strangers, s, next_s) {
		if (s->seen != d->round)
			kernel_stranger_free(d, s);
	}
	HASH_ITER (hh, d->peers, p, next) {
		if (p->seen == d->round)
			continue;
		if (p->present)
			log_warn(
				LOG_WG,
				"interface %s: somebody else has removed a peer, making it "
				"anew",
				d->name);
		p->present = false;
	}
}

static int read_all(struct kernel_device *d)
{
	struct kwg *kwg = d->k->kwg;
	int err = -EAGAIN;

	for (int i = 0; i < TRIES && err == -EAGAIN; i++) {
		d->round++;
		d->reading = NULL;
		d->reading_stranger = NULL;
		err = kwg->ops->get(kwg, d->ifindex, on_message, d);
	}
	return err;
}

static uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

int kernel_poll(struct kernel_device *d)
{
	const uint64_t begun_ns = monotonic_ns();
	int err;

	d->polled_ns = loop_now_ns(d->k->loop);
	err = read_all(d);
	d->cost_ns = monotonic_ns() - begun_ns;
	if (err == -ENODEV)
		kernel_trouble(d, "a question", err);
	if (!err) {
		compare_peers(d);
		compare_entries(d);
	}
	kernel_table_flush_later(d);
	return err;
}

/* What costs time is not asked for again so soon, by show and by the timer. */
static uint64_t pause_ns(const struct kernel_device *d, uint64_t at_least_ns)
{
	const uint64_t by_cost_ns = d->cost_ns * COST_FACTOR;

	return by_cost_ns > at_least_ns ? by_cost_ns : at_least_ns;
}

void kernel_poll_if_old(struct kernel_device *d)
{
	if (!d->stopped && !d->gone &&
	    loop_now_ns(d->k->loop) - d->polled_ns > pause_ns(d, FRESH_MS * NS_PER_MS))
		(void)kernel_poll(d);
}

/* ---- when ---- */

void kernel_poll_repair(struct kernel_device *d)
{
	struct kernel_peer *p, *next;

	kernel_device_repair(d);
	HASH_ITER (hh, d->peers, p, next) {
		if (p->present || kernel_peer_write(p, true))
			continue;
		kernel_table_touch_peer(d, p);
	}
	(void)kernel_table_flush(d);
}

static void set_timer(struct kernel_device *d)
{
	loop_timer_set(d->k->loop, &d->poll, pause_ns(d, d->interval_ns));
}

static void compare(struct kernel_device *d)
{
	if (kernel_poll(d))
		return;
	kernel_poll_repair(d);
	if (!d->k->adopting)
		kernel_device_sweep(d);
}

void kernel_poll_now(struct kernel_device *d)
{
	if (!d->stopped && !d->gone)
		compare(d);
}

static void on_timer(struct loop_timer *t)
{
	struct kernel_device *d = container_of(t, struct kernel_device, poll);

	d->changed = false;
	compare(d);
	d->interval_ns = d->changed ? INTERVAL_MIN_S * NS_PER_S : 2 * d->interval_ns;
	if (d->interval_ns > INTERVAL_MAX_S * NS_PER_S)
		d->interval_ns = INTERVAL_MAX_S * NS_PER_S;
	if (!d->gone)
		set_timer(d);
}

void kernel_poll_soon(struct kernel_device *d)
{
	if (d->stopped || d->gone)
		return;
	d->poll.fn = on_timer;
	d->interval_ns = INTERVAL_MIN_S * NS_PER_S;
	set_timer(d);
}

void kernel_poll_stop(struct kernel_device *d)
{
	loop_timer_stop(&d->poll);
}
