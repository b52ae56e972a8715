/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/relay.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/socket.h>

#include "wgrd/daemon_internal.h"
#include "wgrd/learn/learn.h"
#include "wgrd/lib/log.h"
#include "wgrd/mgmt/events.h"
#include "wgrd/netconf/netconf.h"
#include "wgrd/uapi/uapi.h"

static void on_link(void *arg, const struct kmon_link *l, bool gone)
{
	struct daemon *d = arg;

	/* The first dump comes while the monitor opens, before there are tenants to tell.
	 */
	if (!d->tenants)
		return;
	wg_link_changed(d->wg, l, gone);
	tenants_link_changed(d->tenants, l, gone);
	learn_link_changed(d->learn, l->ifindex);
	learn_vrf_changed(d->learn, l->name, l->ifindex, gone ? 0 : l->vrf_table);
	if (gone || !l->up || l->ipv4_lost)
		fib_link_down(d->fib, l->ifindex);
	if (!gone && l->up)
		fib_link_up(d->fib, l->ifindex);
}

bool relay_link(const struct kmon_link *l, void *arg)
{
	struct daemon *d = arg;

	tenants_link_changed(d->tenants, l, false);
	learn_vrf_changed(d->learn, l->name, l->ifindex, l->vrf_table);
	return true;
}

static void on_route_gone(void *arg, const struct kroute *r)
{
	struct daemon *d = arg;

	if (d->fib)
		fib_route_gone(d->fib, r);
}

static void on_route_taken(void *arg, const struct kroute *r)
{
	struct daemon *d = arg;

	if (d->fib)
		fib_route_taken(d->fib, r);
}

static void on_rule_gone(void *arg, const struct krule *r)
{
	struct daemon *d = arg;

	if (d->fib)
		fib_rule_gone(d->fib, r);
}

static void on_kernel_resync(void *arg)
{
	struct daemon *d = arg;

	if (d->fib)
		fib_resync(d->fib);
}

static void on_device(void *arg, struct wg_device *dev, bool gone)
{
	struct daemon *d = arg;
	const struct kmon_link *l = kmon_find_index(d->kmon, wg_device_ifindex(dev));

	/* One that was taken over from a former run is up already, which nobody will
	 * announce again. */
	if (!gone && l)
		wg_link_changed(d->wg, l, false);
	tenants_device_changed(d->tenants, dev, gone);
	if (!wg_device_in_kernel(dev))
		uapi_device_changed(d->uapi, dev, gone);
}

static void name_peer(const struct wg_peer *p, struct event *about)
{
	snprintf(about->interface, sizeof(about->interface), "%s",
		 wg_device_name(wg_peer_device(p)));
	snprintf(about->peer, sizeof(about->peer), "%s", wg_peer_name(p));
}

static void on_session(void *arg, struct wg_peer *p, bool up)
{
	struct event about = {.kind = up ? EVENT_PEER_UP : EVENT_PEER_DOWN};
	struct daemon *d = arg;

	name_peer(p, &about);
	events_report(d->events, &about, "peer %s of %s: session %s", about.peer,
		      about.interface, up ? "established" : "lost");
}

static void name_endpoint(char text[static EVENT_ENDPOINT_LEN], const struct ip_addr *a,
			  uint16_t port)
{
	char addr[IP_ADDR_STRLEN];

	if (a->family)
		snprintf(text, EVENT_ENDPOINT_LEN,
			 a->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
			 ip_addr_str(a, addr), port);
}

/* Peers cause these, too. When a whole network moves, some stand for all. */
static void on_moved(void *arg, struct wg_peer *p, const struct ip_addr *old,
		     uint16_t old_port)
{
	static struct log_limit limit = LOG_LIMIT(50, 60);
	struct event about = {.kind = EVENT_ENDPOINT};
	struct daemon *d = arg;
	struct wg_peer_view v;

	if (!log_limit_pass(&limit, loop_now_ns(d->loop), LOG_WG))
		return;
	wg_peer_view(p, &v);
	name_peer(p, &about);
	name_endpoint(about.endpoint, &v.endpoint, v.endpoint_port);
	name_endpoint(about.old_endpoint, old, old_port);
	about.count = v.moves;
	events_report(d->events, &about, "peer %s of %s: is at %s now%s%s", about.peer,
		      about.interface, about.endpoint,
		      *about.old_endpoint ? ", was at " : "", about.old_endpoint);
}

static void on_anomaly(void *arg, struct wg_peer *p, const struct wg_anomaly *a)
{
	static struct log_limit limit = LOG_LIMIT(10, 60);
	struct event about = {
		.kind = EVENT_HANDSHAKE, .what = a->kind, .count = a->count};
	struct daemon *d = arg;

	if (!log_limit_pass(&limit, loop_now_ns(d->loop), LOG_WG))
		return;
	name_peer(p, &about);
	if (a->count)
		events_report(d->events, &about,
			      "peer %s of %s: %" PRIu64
			      " messages of handshakes were refused, most of them %s",
			      about.peer, about.interface, a->count, a->kind);
	else
		events_report(d->events, &about,
			      "peer %s of %s: no handshake was answered, given up",
			      about.peer, about.interface);
}

void relay_commit(void *arg, const struct commit_record *r)
{
	struct event about = {.kind = EVENT_COMMIT, .commit = r->id};
	struct daemon *d = arg;

	snprintf(about.user, sizeof(about.user), "%s", r->origin.user);
	about.session = netconf_current(d->netconf);
	events_report(d->events, &about, "configuration: commit %llu%s%s%s%s",
		      (unsigned long long)r->id, *r->origin.user ? " by " : "",
		      r->origin.user, *r->origin.from ? " from " : "", r->origin.from);
}

/* "peer b of wg0" */
static void name_limit(const struct tenant_limit_event *e, struct event *about, char *who,
		       size_t len)
{
	if (e->peer) {
		snprintf(about->interface, sizeof(about->interface), "%s", e->device);
		snprintf(about->peer, sizeof(about->peer), "%s", e->peer);
		snprintf(who, len, "peer %s of %s", e->peer, e->device);
	} else {
		snprintf(about->tenant, sizeof(about->tenant), "%s", e->tenant);
		snprintf(who, len, "tenant %s", *e->tenant ? e->tenant : "(none)");
	}
}

/* A peer causes these: too many of them must not crowd out the others. */
static void on_limit(void *arg, const struct tenant_limit_event *e)
{
	static struct log_limit limit = LOG_LIMIT(10, 60);
	struct event about = {.kind = EVENT_PREFIX_LIMIT};
	char who[2 * CONF_NAME_LEN + 16];
	struct daemon *d = arg;

	if (!log_limit_pass(&limit, loop_now_ns(d->loop), LOG_TENANT))
		return;
	name_limit(e, &about, who, sizeof(who));
	switch (e->news) {
	case TENANT_LIMIT_NEAR:
		events_report(d->events, &about,
			      "%s: %" PRIu32 " of at most %" PRIu32 " prefixes", who,
			      e->used, e->max);
		break;
	case TENANT_LIMIT_HELD:
		events_report(d->events, &about,
			      "%s: more than %" PRIu32
			      " prefixes, none is accepted for %" PRIu32 " s",
			      who, e->max, e->hold_s);
		break;
	case TENANT_LIMIT_RELEASED:
		events_report(d->events, &about, "%s: prefixes are accepted again", who);
		break;
	}
}

/* Leftovers of a former run that nobody wants can go once all wishes are known. */
void relay_end_adoption(struct daemon *d)
{
	if (!d->adopting)
		return;
	d->adopting = false;
	tenants_run(d->tenants);
	fib_adopt_end(d->fib);
	wg_adopt_end(d->wg);
}

/* What zebra had told before it could not be understood any more passes over to the kernel's
 * table of the VRF, prefix by prefix. */
void relay_table_read(void *arg, uint32_t vrf)
{
	struct daemon *d = arg;

	if (d->standing_in && zclient_yield(d->zclient, vrf) == 0 &&
	    learn_stands_in(d->learn))
		relay_end_adoption(d);
}

static void stand_in(struct daemon *d, bool on)
{
	if (d->standing_in == on)
		return;
	d->standing_in = on;
	if (on)
		log_warn(LOG_DAEMON, "zebra is not understood: what it installs in the "
				     "kernel's tables of its VRFs is learned instead");
	else
		log_notice(LOG_DAEMON, "zebra's VRFs are not learned from the kernel any "
				       "more");
	learn_stand_in(d->learn, on);
	if (learn_stands_in(d->learn)) /* if only because there is no such table */
		relay_end_adoption(d);
}

/* Of the states on the way up and down, those that last. A session that is up and told once
 * more what it knows is up. */
static void tell_zebra(struct daemon *d, enum zclient_state now)
{
	const struct event about = {.kind = EVENT_ZEBRA};
	bool was_up = d->zebra_up;

	d->zebra_up = now == ZCLIENT_UP || (was_up && now == ZCLIENT_SYNCING);
	if (d->zebra_up && !was_up)
		events_report(d->events, &about, "zebra: the session is up");
	else if (was_up && !d->zebra_up)
		events_report(d->events, &about, "zebra: the session has ended");
	else if (now == ZCLIENT_GIVEN_UP)
		events_report(d->events, &about, "zebra: it is not understood");
}

static void on_zebra_state(void *arg, enum zclient_state now)
{
	struct daemon *d = arg;

	tell_zebra(d, now);
	stand_in(d, zclient_gave_up(d->zclient));
	/* not before it has told all */
	if (now == ZCLIENT_UP || !zclient_tells_tables(d->zclient))
		learn_leave_direct(d->learn, zclient_tells_tables(d->zclient));
	if (now == ZCLIENT_UP || now == ZCLIENT_OFF)
		relay_end_adoption(d);
}

static void on_instance_state(void *arg, uint8_t instance, enum zclient_state now)
{
	const struct event about = {.kind = EVENT_ZEBRA};
	struct daemon *d = arg;

	events_report(d->events, &about, "zebra: the session of instance %u %s", instance,
		      now == ZCLIENT_UP         ? "is up"
		      : now == ZCLIENT_GIVEN_UP ? "is not understood"
						: "has ended");
}

static struct zclient_own own_of(const struct fib_advert *a)
{
	return (struct zclient_own){.vrf = a->vrf,
				    .prefix = a->prefix,
				    .instance = a->instance,
				    .ifindex = a->ifindex,
				    .tag = a->tag};
}

static int advertise_add(void *arg, const struct fib_advert *a)
{
	const struct zclient_own own = own_of(a);
	struct daemon *d = arg;

	return zclient_own_add(d->zclient, &own);
}

static void advertise_del(void *arg, const struct fib_advert *a)
{
	const struct zclient_own own = own_of(a);
	struct daemon *d = arg;

	zclient_own_del(d->zclient, &own);
}

static enum fib_state advertise_state(void *arg, const struct fib_advert *a)
{
	const struct zclient_own own = own_of(a);
	const struct daemon *d = arg;
	bool sent, installed;

	zclient_own_state(d->zclient, &own, &sent, &installed);
	return installed ? FIB_INSTALLED : sent ? FIB_SENT : FIB_WANTED;
}

int relay_reload_access(void *arg, char *why, size_t why_len)
{
	struct daemon *d = arg;
	int err = netconf_reload_nacm(d->netconf, why, why_len);

	if (err)
		log_err(LOG_MGMT, "netconf: the old rules stay: %s", why);
	else
		log_notice(LOG_MGMT, "netconf: the rules of access were read again");
	return err;
}

void relay_resync(void *arg)
{
	struct daemon *d = arg;

	log_notice(LOG_DAEMON,
		   "wgrd: comparing everything, because somebody asked for it");
	zclient_resync(d->zclient);
	learn_resync(d->learn);
	kmon_resync(d->kmon); /* ends in fib_resync() */
	wg_resync(d->wg);
}

void relay_permissions(void *arg)
{
	wg_settle(((struct daemon *)arg)->wg);
}

/* ---- for whom they are ---- */

struct kmon_events relay_kmon_events(struct daemon *d)
{
	return (struct kmon_events){
		.link = on_link,
		.route_gone = on_route_gone,
		.route_taken = on_route_taken,
		.rule_gone = on_rule_gone,
		.resync = on_kernel_resync,
		.arg = d,
	};
}

struct wg_events relay_wg_events(struct daemon *d)
{
	return (struct wg_events){
		.device = on_device,
		.session = on_session,
		.moved = on_moved,
		.anomaly = on_anomaly,
		.arg = d,
	};
}

struct zclient_events relay_zebra_events(struct daemon *d)
{
	return (struct zclient_events){
		.state = on_zebra_state, .instance_state = on_instance_state, .arg = d};
}

struct fib_advertise_ops relay_advertise_ops(struct daemon *d)
{
	return (struct fib_advertise_ops){
		.add = advertise_add,
		.del = advertise_del,
		.state = advertise_state,
		.arg = d,
	};
}

struct tenants_events relay_tenants_events(struct daemon *d)
{
	return (struct tenants_events){.limit = on_limit, .arg = d};
}
