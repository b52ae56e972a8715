/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What others do to our interfaces. One that was removed is made again; addresses that were
 * taken, by a foreign hand or by the kernel when the interface was set down, come back. One
 * that was set down stays down until it is set up again, whoever does it: that is what an
 * operator at ip(8) has asked for.
 *
 * Addresses are looked at a moment later, because the kernel announces one at a time what we
 * have changed ourselves. Nothing is mended more than once a second, so that a program which
 * insists on the contrary does not keep us busy.
 */

#include <string.h>

#include "wgrd/kernel/kmon.h"
#include "wgrd/lib/log.h"
#include "wgrd/wg/wg_internal.h"

enum {
	LOOK_AGAIN_MS = 100,
	BETWEEN_MENDS_S = 1,
};

/* ---- mending ---- */

static void mend_later(struct wg *wg, uint64_t after_ns)
{
	uint64_t now_ns = loop_now_ns(wg->loop);

	if (loop_timer_is_set(&wg->mend))
		return;
	if (now_ns + after_ns < wg->mend_from_ns)
		after_ns = wg->mend_from_ns - now_ns;
	loop_timer_set(wg->loop, &wg->mend, after_ns);
}

/* Returns whether it is there now. */
static bool make(struct wg_device *d)
{
	uint32_t ifindex;
	char why[256];

	if (d->ops->device_reopen(d->be_arg, d->be, &ifindex, why, sizeof(why))) {
		if (!d->link_error)
			log_err(LOG_WG, "interface %s: %s; trying again every second",
				d->name, why);
		d->link_error = "it was removed and cannot be made again";
		return false;
	}
	d->removed = false;
	d->was_up = false;
	d->ifindex = ifindex;
	wg_device_apply_link(d);
	return true;
}

static void make_again(struct wg_device *d)
{
	struct wg *wg = d->wg;

	if (!make(d))
		return;
	log_notice(LOG_WG, "interface %s: made again", d->name);
	if (wg->events.device)
		wg->events.device(wg->events.arg, d, false);
}

void wg_link_make(struct wg_device *d)
{
	if (!make(d))
		mend_later(d->wg, BETWEEN_MENDS_S * NS_PER_S);
}

static void mend(struct wg_device *d)
{
	struct wg *wg = d->wg;

	if (d->removed) {
		make_again(d);
	} else if (d->changed) {
		d->changed = false;
		log_warn(
			LOG_WG,
			"interface %s: its addresses are not as configured, setting them",
			d->name);
		wg_device_apply_link(d);
	} else {
		return;
	}
	wg->mend_from_ns = loop_now_ns(wg->loop) + BETWEEN_MENDS_S * NS_PER_S;
}

void wg_link_mend(struct loop_timer *t)
{
	struct wg *wg = container_of(t, struct wg, mend);
	bool more = false;

	for (size_t i = 0; i < wg->device_count; i++) {
		mend(wg->device[i]);
		more |= wg->device[i]->removed || wg->device[i]->changed;
	}
	if (more)
		mend_later(wg, 0);
}

/* ---- noticing ---- */

static bool has_address(const struct kmon_link *l, const struct conf_address *a)
{
	for (size_t i = 0; i < l->address_count; i++)
		if (l->address[i].len == a->len &&
		    ip_addr_equal(&l->address[i].addr, &a->addr))
			return true;
	return false;
}

static bool has_all_addresses(const struct kmon_link *l, const struct conf_wireguard *c)
{
	for (size_t i = 0; i < c->address_count; i++)
		if (!has_address(l, &c->address[i]))
			return false;
	return true;
}

static void removed(struct wg_device *d)
{
	static struct log_limit limit = LOG_LIMIT(5, 10);

	if (log_limit_pass(&limit, loop_now_ns(d->wg->loop), LOG_WG))
		log_warn(LOG_WG,
			 "interface %s: somebody else removed it, making it again",
			 d->name);
	d->removed = true;
	d->changed = false;
	mend_later(d->wg, 0);
}

static void set_down(struct wg_device *d)
{
	if (!d->down)
		log_warn(LOG_WG,
			 "interface %s: somebody else set it down; \"ip link set %s up\" "
			 "ends that",
			 d->name, d->name);
	d->down = true;
}

void wg_link_changed(struct wg *wg, const struct kmon_link *l, bool gone)
{
	struct wg_device *d = wg_device_find_index(wg, l->ifindex);

	if (!d || d->removed)
		return;
	if (gone) {
		removed(d);
	} else if (!l->admin_up) {
		/* before it was set up for the first time, or by us */
		if (d->was_up && !d->conf->shutdown)
			set_down(d);
	} else {
		d->was_up = !d->conf->shutdown;
		d->down = false;
		d->changed = d->was_up && !has_all_addresses(l, d->conf);
		if (d->changed)
			mend_later(wg, LOOK_AGAIN_MS * NS_PER_MS);
	}
}
