/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenarios/world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/make_conf.h"
#include "wgrd/lib/log.h"

/* ---- the trace ---- */

static bool is_about_settings(const char *line)
{
	return !strncmp(line, "device_", 7) || !strncmp(line, "peer_", 5);
}

/* Takes over what the data plane has logged since the last time. */
static void weave_backend(struct world *w)
{
	const char *line = fake_backend_log(w->be) + w->be_seen;

	while (*line) {
		size_t len = strcspn(line, "\n") + 1;

		if (!is_about_settings(line))
			strbuf_add(&w->trace, line, len);
		line += len;
	}
	w->be_seen = (size_t)(line - fake_backend_log(w->be));
}

static void remember(struct world *w, const char *dev, const struct prefix *p)
{
	struct world_connected *c = xcalloc(1, sizeof(*c));

	snprintf(c->dev, sizeof(c->dev), "%s", dev);
	c->prefix = *p;
	c->next = w->connected;
	w->connected = c;
}

/* Own prefixes in a table for routing daemons are nothing that a permission is needed for. */
static bool is_advertised(const struct world *w, const struct conf_wireguard *dev,
			  const struct prefix *p)
{
	const struct conf_tenant *t = conf_find_tenant(w->conf, dev->tenant);

	if (!t || (!t->advertise_table && !t->advertise_kernel))
		return false;
	for (size_t i = 0; i < t->advertise.count; i++)
		if (prefix_equal(&t->advertise.v[i], p))
			return true;
	return false;
}

static bool has_address_in(const struct conf_wireguard *dev, const struct prefix *p)
{
	for (size_t i = 0; i < dev->address_count; i++)
		if (dev->address[i].len == p->len &&
		    prefix_has_addr(p, &dev->address[i].addr))
			return true;
	return false;
}

/* A connected prefix of the interface needs no permission. It may have left the
 * configuration by the time its route goes, so it is remembered. */
static bool is_connected(struct world *w, const char *dev, const struct prefix *p)
{
	const struct conf_wireguard *conf = conf_find_wireguard(w->conf, dev);
	struct world_connected *c = w->connected;

	while (c && (strcmp(c->dev, dev) || !prefix_equal(&c->prefix, p)))
		c = c->next;
	if (c)
		return true;
	if (!conf || (!has_address_in(conf, p) && !is_advertised(w, conf, p)))
		return false;
	remember(w, dev, p);
	return true;
}

/* A route over a WireGuard interface comes after its permission and goes before it. */
static void check_permission(struct world *w, const struct prefix *p, uint32_t oif,
			     const char *what)
{
	const char *dev = world_ifname(w, oif);
	char prefix[PREFIX_STRLEN];

	if (!fake_backend_has_device(w->be, dev) || is_connected(w, dev, p))
		return;
	prefix_str(p, prefix);
	if (!w->error.len && (!fake_backend_egress(w->be, dev, prefix) ||
			      !fake_backend_ingress(w->be, dev, prefix)))
		strbuf_printf(&w->error, "route %s over %s %s without a permission there",
			      prefix, dev, what);
}

static void check_set(struct world *w, const char *line, uint32_t oif)
{
	char text[64];
	struct prefix p;

	if (sscanf(line, "set %63s", text) == 1 && prefix_parse(&p, text) == 0)
		check_permission(w, &p, oif, "set");
}

/* The kernel tells of what it had, whatever it was asked to delete. */
static void check_gone(struct world *w, const struct kroute *r)
{
	char text[KROUTE_STRLEN];

	kroute_str(r, text);
	if (r->oif && !strstr(strbuf_str(&w->former), text))
		check_permission(w, &r->dst, r->oif, "deleted");
}

static void on_kernel_line(void *arg, const char *line)
{
	struct world *w = arg;
	const char *oif = strstr(line, " oif ");
	uint32_t index;
	char *rest;

	if (!w->fib)
		return;
	weave_backend(w);
	if (!oif) {
		strbuf_printf(&w->trace, "%s\n", line);
		return;
	}
	index = (uint32_t)strtoul(oif + 5, &rest, 10);
	check_set(w, line, index);
	strbuf_add(&w->trace, line, (size_t)(oif - line));
	strbuf_printf(&w->trace, " dev %s%s\n", world_ifname(w, index), rest);
}

const char *world_trace(struct world *w)
{
	weave_backend(w);
	return strbuf_str(&w->trace);
}

void world_forget(struct world *w)
{
	weave_backend(w);
	strbuf_truncate(&w->trace, 0);
	fake_backend_clear_log(w->be);
	w->be_seen = 0;
	fake_kernel_forget(w->kernel);
}

const char *world_error(struct world *w)
{
	return w->error.len ? strbuf_str(&w->error) : NULL;
}

/* ---- zebra ---- */

const struct world_advert *world_advert(const struct world *w, const char *vrf,
					const struct prefix *p)
{
	const struct world_advert *a = w->adverts;

	while (a && (strcmp(a->vrf, vrf) || !prefix_equal(&a->prefix, p)))
		a = a->next;
	return a;
}

static void drop_advert(struct world *w, const char *vrf, uint8_t instance,
			const struct prefix *p)
{
	struct world_advert **at = &w->adverts, *a;

	while (*at && (strcmp((*at)->vrf, vrf) || (*at)->instance != instance ||
		       !prefix_equal(&(*at)->prefix, p)))
		at = &(*at)->next;
	a = *at;
	if (!a)
		return;
	*at = a->next;
	free(a);
}

/* "10.0.0.0/8", and the instance where there is one */
static void trace_advert(struct world *w, const char *did, const struct fib_advert *a)
{
	char buf[PREFIX_STRLEN];

	weave_backend(w);
	strbuf_printf(&w->trace, "%s %s", did, prefix_str(&a->prefix, buf));
	if (a->instance)
		strbuf_printf(&w->trace, " instance %u", a->instance);
}

static int add_advert(void *arg, const struct fib_advert *given)
{
	struct world *w = arg;
	struct world_advert *a;
	uint32_t id;

	if (rib_vrf_find(w->rib, given->vrf, &id))
		return -ENOENT;
	drop_advert(w, given->vrf, given->instance, &given->prefix);
	a = xcalloc(1, sizeof(*a));
	snprintf(a->vrf, sizeof(a->vrf), "%s", given->vrf);
	a->prefix = given->prefix;
	a->instance = given->instance;
	a->ifindex = given->ifindex;
	a->tag = given->tag;
	a->next = w->adverts;
	w->adverts = a;
	trace_advert(w, "advertise", given);
	strbuf_printf(&w->trace, " dev %s tag %u\n", world_ifname(w, given->ifindex),
		      given->tag);
	return 0;
}

static void del_advert(void *arg, const struct fib_advert *a)
{
	struct world *w = arg;

	drop_advert(w, a->vrf, a->instance, &a->prefix);
	trace_advert(w, "withdraw", a);
	strbuf_puts(&w->trace, "\n");
}

static void on_silence(struct loop_timer *t)
{
	struct world *w = container_of(t, struct world, settle);

	rib_sync_end(w->rib, RIB_FROM_ZEBRA);
	tenants_run(w->tenants);
	fib_adopt_end(w->fib);
}

void world_zebra_spoke(struct world *w)
{
	if (loop_timer_is_set(&w->settle))
		loop_timer_set(w->loop, &w->settle, WORLD_SETTLE_S * NS_PER_S);
}

void world_zebra_lost(struct world *w)
{
	loop_timer_stop(&w->settle);
}

void world_zebra_back(struct world *w)
{
	rib_sync_begin(w->rib, RIB_FROM_ZEBRA);
	loop_timer_set(w->loop, &w->settle, WORLD_SETTLE_S * NS_PER_S);
}

/* ---- links ---- */

uint32_t world_ifindex(const struct world *w, const char *name)
{
	const struct wg_device *d = wg_device_find(w->wg, name);

	if (d)
		return wg_device_ifindex(d);
	for (const struct world_link *l = w->links; l; l = l->next)
		if (!strcmp(l->link.name, name))
			return l->link.ifindex;
	return 0;
}

const char *world_ifname(const struct world *w, uint32_t ifindex)
{
	const struct wg_device *d = wg_device_find_index(w->wg, ifindex);

	if (d)
		return wg_device_name(d);
	for (const struct world_link *l = w->links; l; l = l->next)
		if (l->link.ifindex == ifindex)
			return l->link.name;
	return "?";
}

static struct world_link *find_link(const struct world *w, const char *name)
{
	struct world_link *l = w->links;

	while (l && strcmp(l->link.name, name))
		l = l->next;
	return l;
}

struct world_link *world_link(struct world *w, const char *name)
{
	struct world_link *l = find_link(w, name);

	if (l)
		return l;
	l = xcalloc(1, sizeof(*l));
	l->link.ifindex = ++w->last_ifindex;
	snprintf(l->link.name, sizeof(l->link.name), "%s", name);
	l->next = w->links;
	w->links = l;
	return l;
}

/* What the kernel drops with a link, of ours and of others. */
static void lose_link(struct world *w, uint32_t ifindex)
{
	fake_kernel_link_down(w->kernel, ifindex);
	fake_feed_link_down(w->feed, ifindex);
	learn_link_changed(w->learn, ifindex);
}

/* As kmon tells it: the state first, then what the kernel dropped for it. */
void world_link_changed(struct world *w, struct world_link *l)
{
	if (l->link.up)
		fake_kernel_link_up(w->kernel, l->link.ifindex);
	tenants_link_changed(w->tenants, &l->link, false);
	if (!l->link.up)
		lose_link(w, l->link.ifindex);
}

static void free_link(struct world_link *l)
{
	free(l->link.address);
	free(l);
}

void world_link_gone(struct world *w, struct world_link *l)
{
	struct world_link **at = &w->links;

	tenants_link_changed(w->tenants, &l->link, true);
	lose_link(w, l->link.ifindex);
	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	free_link(l);
}

static void tell_device(struct world *w, const char *name, uint32_t ifindex, bool up,
			bool gone)
{
	struct kmon_link l = {.ifindex = ifindex, .up = up, .admin_up = up};

	snprintf(l.name, sizeof(l.name), "%s", name);
	if (up)
		fake_kernel_link_up(w->kernel, ifindex);
	tenants_link_changed(w->tenants, &l, gone);
	if (!up)
		lose_link(w, ifindex);
}

void world_device_gone(struct world *w, const char *name)
{
	struct kmon_link l = {.ifindex = world_ifindex(w, name)};

	wg_link_changed(w->wg, &l, true);
	tell_device(w, name, l.ifindex, false, true);
}

void world_link_state(struct world *w, const char *name, bool up)
{
	struct world_link *l = find_link(w, name);

	if (!l) {
		tell_device(w, name, world_ifindex(w, name), up, false);
		return;
	}
	l->link.up = up;
	world_link_changed(w, l);
}

/* ---- wiring ---- */

static void on_device(void *arg, struct wg_device *d, bool gone)
{
	struct world *w = arg;

	tenants_device_changed(w->tenants, d, gone);
	tell_device(w, wg_device_name(d), wg_device_ifindex(d), !gone, gone);
}

static void on_route_gone(void *arg, const struct kroute *r)
{
	struct world *w = arg;

	if (!w->fib)
		return;
	check_gone(w, r);
	fib_route_gone(w->fib, r);
}

static void on_rule_gone(void *arg, const struct krule *r)
{
	struct world *w = arg;

	if (w->fib)
		fib_rule_gone(w->fib, r);
}

static uint64_t now_ns(void *arg)
{
	return loop_now_ns(arg);
}

static bool no_netns(const char *name)
{
	(void)name;
	return false;
}

static void on_limit(void *arg, const struct tenant_limit_event *e)
{
	static const char *const news[] = {"near", "held", "released"};
	struct world *w = arg;

	weave_backend(w);
	strbuf_printf(&w->trace, "limit of %s %s: %u of %u, %u wanted\n",
		      e->peer ?: e->tenant, news[e->news], e->used, e->max, e->wanted);
}

static void start(struct world *w)
{
	const struct fib_advertise_ops adv = {
		.add = add_advert, .del = del_advert, .arg = w};
	const struct wg_events ev = {.device = on_device, .arg = w};
	const struct tenants_events tenants_ev = {.limit = on_limit, .arg = w};

	w->be = fake_backend_new();
	w->be_seen = 0;
	w->rib = rib_new(now_ns, w->loop);
	w->wg = wg_new(w->loop, &fake_backend_ops, w->be, &ev);
	w->fib = fib_new(w->loop, fake_kernel_nlq(w->kernel), &adv);
	w->tenants = tenants_new(w->loop, w->rib, w->wg, w->fib, &tenants_ev);
	w->learn = learn_new(w->loop, w->rib, fake_feed_open, no_netns);
	for (struct world_link *l = w->links; l; l = l->next)
		tenants_link_changed(w->tenants, &l->link, false);
	if (fib_adopt(w->fib))
		abort(); /* the fake kernel dumps unless told to fail */
	world_zebra_back(w);
}

static void stop(struct world *w)
{
	loop_timer_stop(&w->settle);
	learn_free(w->learn);
	tenants_free(w->tenants);
	fib_free(w->fib);
	w->fib = NULL;
	wg_free(w->wg);
	fake_backend_free(w->be);
	rib_free(w->rib);
	while (w->adverts)
		drop_advert(w, w->adverts->vrf, w->adverts->instance,
			    &w->adverts->prefix);
}

static int commit(struct world *w, struct conf *new, char *why, size_t why_len)
{
	const struct conf_subscriber subs[] = {
		{.ops = &wg_conf_subsys, .ctx = w->wg},
		{.ops = &learn_conf_subsys, .ctx = w->learn},
		{.ops = &tenants_conf_subsys, .ctx = w->tenants},
	};

	return make_commit(subs, ARRAY_SIZE(subs), &w->conf, new, why, why_len);
}

int world_commit(struct world *w, char *why, size_t why_len)
{
	return commit(w, conf_builder_take(w->candidate), why, why_len);
}

/* What the kernel was asked for is done; the answers come to nothing, for nobody acts on
 * them before the end. */
void world_restart(struct world *w, bool keep_interfaces)
{
	uint32_t lost[16];
	size_t n = 0;
	char why[256];

	fake_kernel_complete(w->kernel, SIZE_MAX);
	for (size_t i = 0; i < w->conf->wireguard_count && n < ARRAY_SIZE(lost); i++)
		lost[n++] = world_ifindex(w, w->conf->wireguard[i]->name);
	stop(w);
	for (size_t i = 0; !keep_interfaces && i < n; i++) {
		fake_kernel_link_down(w->kernel, lost[i]);
		fake_feed_link_down(w->feed, lost[i]);
	}
	strbuf_truncate(&w->former, 0);
	strbuf_puts(&w->former, fake_kernel_text(w->kernel));
	start(w);
	conf_free(w->conf);
	w->conf = xcalloc(1, sizeof(*w->conf));
	if (world_commit(w, why, sizeof(why)))
		abort(); /* the data plane refuses nothing at this point */
}

struct world *world_new(void)
{
	const struct fake_kernel_events ev = {.route_gone = on_route_gone,
					      .rule_gone = on_rule_gone};
	struct world *w = xcalloc(1, sizeof(*w));
	struct fake_kernel_events mine = ev;

	mine.arg = w;
	w->loop = loop_new();
	w->kernel = fake_kernel_new(w->loop);
	w->feed = fake_feed_new();
	fake_kernel_watch(w->kernel, &mine);
	fake_kernel_on_trace(w->kernel, on_kernel_line, w);
	w->candidate = conf_builder_new();
	w->conf = xcalloc(1, sizeof(*w->conf));
	w->settle.fn = on_silence;
	start(w);
	return w;
}

void world_free(struct world *w)
{
	stop(w);
	fake_kernel_free(w->kernel);
	fake_feed_free(w->feed);
	while (w->links) {
		struct world_link *l = w->links;

		w->links = l->next;
		free_link(l);
	}
	while (w->connected) {
		struct world_connected *c = w->connected;

		w->connected = c->next;
		free(c);
	}
	conf_free(w->conf);
	conf_builder_free(w->candidate);
	loop_free(w->loop);
	strbuf_free(&w->trace);
	strbuf_free(&w->error);
	strbuf_free(&w->former);
	free(w);
}

void world_settle(struct world *w)
{
	fake_loop_settle(w->loop);
}

void world_advance(struct world *w, uint64_t ns)
{
	fake_loop_advance(w->loop, ns);
}
