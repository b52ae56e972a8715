/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a commit changes, as against everything. Most commits touch a peer or two, and there
 * may be a hundred thousand: an endpoint is nothing that routing depends on, and what a peer
 * can change is found by its prefixes. They are its overlay addresses and its static ones:
 *
 *	the tenant's claims to them			local.c
 *	who stands in for the addresses they cover	cover.c, local.c
 *	next hops in them, and the peers behind		path.c, by address
 *	prefixes learned over those			learned.c, if their path is stale
 *	routes so far nobody's with such a next hop	learned.c, if the RIB has any
 *	own prefixes that are the peer's		tables.c
 *
 * The order is that of deciding everything (tenant.c), and so is what comes out. Tenants,
 * prefix-lists and what an interface is to routing are few and change seldom: then everything
 * is decided.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/tenant/tenant_internal.h"

/* What a prefix is to a peer, before and after. */
enum prefix_use {
	USE_OVERLAY = 1,
	USE_STATIC = 2,
	USE_MASK = 3,
	USE_BITS = 2, /* by which what it was is shifted */
};

struct peer_change {
	struct tenant_device *device;
	const struct conf_peer *was, *now; /* NULL: it comes, or it goes */
	struct wg_peer *peer;              /* NULL: it goes */
	bool routing;         /* it is about something that routing depends on */
	bool whole;           /* about what all of its prefixes are subject to */
	bool limits;          /* about what is learned from it */
	struct pmap prefixes; /* to uint32_t: what it is, and what it was */
};

struct following {
	struct tenants *t;
	struct peer_change *change;
	size_t count, room;
	bool adverts; /* own prefixes have to be looked at */
	/* Next hops that may have become somebody's, and in which VRFs. */
	struct pmap gates;
	uint32_t *vrf;
	size_t vrf_count;
};

/* ---- does it matter? ---- */

static bool tenant_matters(const struct conf_tenant *was, const struct conf_tenant *now)
{
	struct conf_tenant same;

	if (!was || !now)
		return true;
	same = *was;
	same.description = now->description;
	return !conf_tenant_equal(&same, now);
}

/* What routing does not depend on is made the same, so that whatever else differs matters: what
 * is added to a configuration one day too. */
static bool wireguard_matters(const struct conf_wireguard *was,
			      const struct conf_wireguard *now)
{
	struct conf_wireguard v[2];

	if (!was || !now)
		return true;
	v[0] = *was;
	v[1] = *now;
	for (unsigned i = 0; i < ARRAY_SIZE(v); i++) {
		v[i].description = NULL;
		v[i].foreign = 0;
		explicit_bzero(&v[i].private_key, sizeof(v[i].private_key));
		v[i].additional_key_count = 0;
		v[i].listen_port = 0;
		v[i].fwmark = 0;
		v[i].mtu = 0;
		v[i].dscp = 0;
		v[i].peer_count = 0; /* find_peers() */
	}
	return !conf_wireguard_equal(&v[0], &v[1]);
}

static bool is_all_about_peers(const struct conf_change *c)
{
	struct conf_walk lists = CONF_WALK(c->old, c->new, prefix_list);
	struct conf_walk tenants = CONF_WALK(c->old, c->new, tenant);
	struct conf_walk devices = CONF_WALK(c->old, c->new, wireguard);
	const struct conf_wireguard *dev_was, *dev_now;
	const struct conf_prefix_list *list_was, *list_now;
	const struct conf_tenant *was, *now;

	if (conf_next_change(&lists, &list_was, &list_now))
		return false;
	while (conf_next_change(&tenants, &was, &now))
		if (tenant_matters(was, now))
			return false;
	while (conf_next_change(&devices, &dev_was, &dev_now))
		if (wireguard_matters(dev_was, dev_now))
			return false;
	return true;
}

static bool limits_differ(const struct conf_peer *a, const struct conf_peer *b)
{
	return a->max_prefix != b->max_prefix ||
	       a->max_prefix_hold != b->max_prefix_hold ||
	       a->max_prefix_warning != b->max_prefix_warning ||
	       strcmp(a->prefix_list, b->prefix_list);
}

static bool prefixes_differ(const struct conf_peer *a, const struct conf_peer *b)
{
	if (a->overlay_address_count != b->overlay_address_count ||
	    a->allowed_ip.count != b->allowed_ip.count)
		return true;
	for (size_t i = 0; i < a->overlay_address_count; i++)
		if (!ip_addr_equal(&a->overlay_address[i], &b->overlay_address[i]))
			return true;
	for (size_t i = 0; i < a->allowed_ip.count; i++)
		if (!prefix_equal(&a->allowed_ip.v[i], &b->allowed_ip.v[i]))
			return true;
	return false;
}

/* Does anything else differ that routing may depend on, such as whether it can be used? As with an
 * interface. */
static bool rest_differs(const struct conf_peer *was, const struct conf_peer *now)
{
	struct conf_peer v[2] = {*was, *now};

	for (unsigned i = 0; i < ARRAY_SIZE(v); i++) {
		v[i].description = NULL;
		memset(v[i].public_key, 0, sizeof(v[i].public_key));
		explicit_bzero(&v[i].preshared_key, sizeof(v[i].preshared_key));
		v[i].additional_key_count = 0;
		v[i].endpoint = (struct conf_endpoint){0};
		v[i].persistent_keepalive = 0;
		v[i].overlay_address_count = 0; /* prefixes_differ() */
		v[i].allowed_ip.count = 0;
		v[i].advertise_always = false; /* judge() */
	}
	return !conf_peer_equal(&v[0], &v[1]);
}

static void judge(struct peer_change *ch)
{
	const struct conf_peer *was = ch->was, *now = ch->now;

	ch->limits = was && now && limits_differ(was, now);
	ch->whole = !was || !now || rest_differs(was, now);
	ch->routing = ch->whole || prefixes_differ(was, now) ||
		      was->advertise_always != now->advertise_always;
}

/* ---- what changes ---- */

static void add_change(struct following *f, const struct peer_change *ch)
{
	if (f->count == f->room) {
		f->room = f->room ? 2 * f->room : 16;
		f->change = xrealloc(f->change, f->room, sizeof(*f->change));
	}
	f->change[f->count++] = *ch;
}

static void find_peers(struct following *f, struct tenant_device *d,
		       const struct conf_wireguard *was, const struct conf_wireguard *now)
{
	struct conf_walk walk = CONF_WALK(was, now, peer);
	struct peer_change ch = {
		.device = d,
		.prefixes = PMAP_INIT(sizeof(uint32_t)),
	};

	while (conf_next_change(&walk, &ch.was, &ch.now)) {
		ch.peer = ch.now ? wg_peer_find(d->dev, ch.now->name) : NULL;
		judge(&ch);
		add_change(f, &ch);
	}
}

/* The interfaces take over the configuration, and so do the tenants. False: one of them is not
 * known here. */
static bool take_over(struct following *f, const struct conf_change *c)
{
	struct conf_walk devices = CONF_WALK(c->old, c->new, wireguard);
	struct conf_walk tenants = CONF_WALK(c->old, c->new, tenant);
	const struct conf_wireguard *dev_was, *dev_now;
	const struct conf_tenant *was, *now;
	struct tenants *t = f->t;

	t->conf = c->new;
	while (conf_next_change(&devices, &dev_was, &dev_now)) {
		struct wg_device *dev = wg_device_find(t->wg, dev_now->name);
		const struct tenant_device *d = dev ? tenants_device(t, dev) : NULL;
		struct tenant_device *at;

		if (!d)
			return false;
		at = &t->device[d - t->device];
		at->conf = dev_now;
		find_peers(f, at, dev_was, dev_now);
	}
	while (conf_next_change(&tenants, &was, &now))
		tenant_refresh(tenants_find(t, now->name), c->new, now);
	return true;
}

static void each_change(struct following *f,
			void (*fn)(struct following *f, struct peer_change *ch))
{
	for (size_t i = 0; i < f->count; i++)
		if (f->change[i].routing)
			fn(f, &f->change[i]);
}

/* ---- the prefixes of a peer ---- */

static void use_prefix(struct following *f, struct peer_change *ch,
		       const struct prefix *p, uint32_t use)
{
	uint32_t *uses = pmap_obtain(&ch->prefixes, p);

	if (uses)
		*uses |= use;
	else
		tenants_retry(f->t);
}

static void use_all(struct following *f, struct peer_change *ch,
		    const struct conf_peer *conf, unsigned shift)
{
	for (size_t i = 0; conf && i < conf->overlay_address_count; i++) {
		const struct prefix host = prefix_host(&conf->overlay_address[i]);

		use_prefix(f, ch, &host, (uint32_t)USE_OVERLAY << shift);
	}
	for (size_t i = 0; conf && i < conf->allowed_ip.count; i++)
		use_prefix(f, ch, &conf->allowed_ip.v[i], (uint32_t)USE_STATIC << shift);
}

static void list_prefixes(struct following *f, struct peer_change *ch)
{
	use_all(f, ch, ch->now, 0);
	use_all(f, ch, ch->was, USE_BITS);
}

static uint32_t use_now(const struct pmap_at *at)
{
	return *(uint32_t *)at->value & USE_MASK;
}

static uint32_t use_before(const struct pmap_at *at)
{
	return *(uint32_t *)at->value >> USE_BITS;
}

/* Is another answer possible for what lies in this prefix? */
static bool is_affected(const struct peer_change *ch, const struct pmap_at *at)
{
	return ch->whole || use_now(at) != use_before(at);
}

/* ---- next hops ---- */

static void remove_covers(struct following *f, struct peer_change *ch)
{
	(void)f;
	if (ch->was)
		covers_remove(&ch->device->covers, ch->was);
}

static void add_covers(struct following *f, struct peer_change *ch)
{
	if (ch->now && covers_add(&ch->device->covers, ch->peer))
		tenants_retry(f->t);
}

static void note_vrf(struct following *f, uint32_t vrf)
{
	for (size_t i = 0; i < f->vrf_count; i++)
		if (f->vrf[i] == vrf)
			return;
	f->vrf = xrealloc(f->vrf, f->vrf_count + 1, sizeof(*f->vrf));
	f->vrf[f->vrf_count++] = vrf;
}

/* Routes may have been nobody's because the peer did not have @p. */
static void note_gates(struct following *f, uint32_t vrf, const struct prefix *p)
{
	if (!rib_has_gate(f->t->rib, p))
		return;
	if (pmap_obtain(&f->gates, p))
		note_vrf(f, vrf);
	else
		tenants_retry(f->t);
}

static void touch_paths(struct following *f, struct peer_change *ch)
{
	const struct tenant *owner = ch->device->tenant;
	struct pmap_at at;
	uint32_t vrf;

	if (rib_vrf_find(f->t->rib, owner->from, &vrf))
		return;
	PMAP_WALK (&at, &ch->prefixes) {
		if (is_affected(ch, &at))
			path_touch(f->t, vrf, &at.prefix);
		if (use_now(&at) & ~use_before(&at))
			note_gates(f, vrf, &at.prefix);
	}
}

/* ---- members ---- */

static void mark_member(struct following *f, struct peer_change *ch)
{
	struct member *m = ch->limits ? member_find(f->t, ch->peer) : NULL;

	if (m)
		m->touched = true;
}

static void unmark_member(struct following *f, struct peer_change *ch)
{
	struct member *m = ch->limits ? member_find(f->t, ch->peer) : NULL;

	if (m)
		m->touched = false;
}

/* Of each peer that changed, since they point to strings of the configuration. One that goes
 * is nobody's member any more when all is decided. */
static void refresh_members(const struct following *f)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct wg_peer *p = f->change[i].peer;
		struct member *m = p ? member_find(f->t, p) : NULL;

		if (m)
			member_refresh(f->t, m);
	}
}

/* ---- claims ---- */

static void drop_claims(struct following *f, struct peer_change *ch)
{
	if (ch->was)
		local_drop_peer(f->t, ch->device, ch->was);
}

static void add_claims(struct following *f, struct peer_change *ch)
{
	if (ch->now)
		local_add_peer(f->t, ch->device, ch->peer);
}

static void restate_overlays(struct following *f, struct peer_change *ch)
{
	struct pmap_at at;

	PMAP_WALK (&at, &ch->prefixes)
		if (is_affected(ch, &at))
			local_restate_overlays(f->t, ch->device, &at.prefix);
}

static void look_for_adverts(struct following *f, struct peer_change *ch)
{
	struct pmap_at at;

	PMAP_WALK (&at, &ch->prefixes)
		f->adverts |= tables_advertises(ch->device->tenant, &at.prefix);
}

static void change_claims(struct following *f)
{
	each_change(f, drop_claims);
	each_change(f, add_claims);
	local_release_edited(f->t);
	local_state_edited(f->t);
	each_change(f, restate_overlays);
}

/* ---- all of it ---- */

static void follow_peers(struct following *f)
{
	struct learned_set stale = {0};
	struct tenants *t = f->t;

	each_change(f, list_prefixes);
	each_change(f, remove_covers);
	each_change(f, add_covers);
	each_change(f, mark_member);
	each_change(f, touch_paths);
	path_switch_touched(t);
	learned_gather_stale(t, &stale);
	learned_start_over_some(t, &stale);
	refresh_members(f);
	path_resolve_touched(t);
	learned_release_some(t, &stale);
	path_forget_touched(t);
	change_claims(f);
	learned_decide_some(t, &stale);
	for (size_t i = 0; i < f->vrf_count; i++)
		learned_adopt(t, f->vrf[i], &f->gates);
	assert(!t->detached);
	each_change(f, look_for_adverts);
	if (f->adverts)
		tables_sync_adverts(t);
	each_change(f, unmark_member);
	learned_set_fini(&stale);
}

static void following_fini(struct following *f)
{
	for (size_t i = 0; i < f->count; i++)
		pmap_clear(&f->change[i].prefixes);
	pmap_clear(&f->gates);
	free(f->change);
	free(f->vrf);
}

bool follow_commit(struct tenants *t, const struct conf_change *c)
{
	struct following f = {.t = t, .gates = PMAP_INIT(sizeof(uint32_t))};
	bool known;

	if (t->all_dirty || t->conf != c->old || !is_all_about_peers(c))
		return false;
	known = take_over(&f, c);
	if (known)
		follow_peers(&f);
	following_fini(&f);
	return known;
}
