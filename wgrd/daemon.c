/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "wgrd/daemon.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/aead.h"
#include "proto/crypto/selftest.h"
#include "wgrd/conf/conf.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/dplane/dplane.h"
#include "wgrd/fib/fib.h"
#include "wgrd/kernel/kmon.h"
#include "wgrd/kernel/nlq.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/loop.h"
#include "wgrd/mgmt/mgmt.h"
#include "wgrd/process.h"
#include "wgrd/rib/rib.h"
#include "wgrd/tenant/tenant.h"
#include "wgrd/wg/backend_user.h"
#include "wgrd/wg/wg.h"
#include "wgrd/zebra/zclient.h"

struct daemon {
	const struct options *opt;
	struct loop *loop;
	struct datastore *ds;
	struct nlq *nlq;
	struct kmon *kmon;
	struct rib *rib;
	struct zclient *zclient;
	struct dplane *dplane;
	struct wg *wg;
	struct fib *fib;
	struct tenants *tenants;
	struct mgmt *mgmt;
	bool adopting; /* what a former run left behind has not been cleared up yet */
	bool stopping;
	uint64_t stop_by_ns;
	struct loop_timer stop_check;
};

enum {
	STOP_CHECK_MS = 10,
	STOP_WITHIN_S = 5,
};

/* ---- who tells whom ---- */

static void on_link(void *arg, const struct kmon_link *l, bool gone)
{
	struct daemon *d = arg;

	/* The first dump comes while the monitor opens, before there are tenants to tell.
	 */
	if (!d->tenants)
		return;
	tenants_link_changed(d->tenants, l, gone);
	if (gone || !l->up)
		fib_link_down(d->fib, l->ifindex);
	else
		fib_link_up(d->fib, l->ifindex);
}

static bool tell_tenants(const struct kmon_link *l, void *arg)
{
	struct daemon *d = arg;

	tenants_link_changed(d->tenants, l, false);
	return true;
}

static void on_route_gone(void *arg, const struct kroute *r)
{
	struct daemon *d = arg;

	if (d->fib)
		fib_route_gone(d->fib, r);
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

	tenants_device_changed(d->tenants, dev, gone);
}

static void on_session(void *arg, struct wg_peer *p, bool up)
{
	(void)arg;
	log_notice(LOG_WG, "peer %s of %s: session %s", wg_peer_name(p),
		   wg_device_name(wg_peer_device(p)), up ? "established" : "lost");
}

/* Leftovers of a former run that nobody wants can go once all wishes are known. */
static void end_adoption(struct daemon *d)
{
	if (!d->adopting)
		return;
	d->adopting = false;
	tenants_run(d->tenants);
	fib_adopt_end(d->fib);
}

static void on_zebra_state(void *arg, enum zclient_state now)
{
	struct daemon *d = arg;

	if (now == ZCLIENT_UP || now == ZCLIENT_OFF)
		end_adoption(d);
}

static int advertise_add(void *arg, const char *vrf, const struct prefix *p,
			 uint32_t ifindex, uint32_t tag)
{
	struct daemon *d = arg;
	const struct zclient_own own = {.prefix = *p, .ifindex = ifindex, .tag = tag};

	return zclient_own_add_named(d->zclient, vrf, &own);
}

static void advertise_del(void *arg, const char *vrf, const struct prefix *p)
{
	struct daemon *d = arg;

	zclient_own_del_named(d->zclient, vrf, p);
}

static uint64_t now_ns(void *arg)
{
	return loop_now_ns(arg);
}

/* ---- zebra's part of the configuration ---- */

static void zebra_apply(void *ctx, struct conf_change *c)
{
	struct daemon *d = ctx;
	const struct conf_zebra *zebra = &c->new->zebra;
	struct zclient_options opt = {
		.protocol = rib_proto_parse(zebra->protocol),
		.settle_ns = zebra->settle_s * NS_PER_S,
	};

	snprintf(opt.socket, sizeof(opt.socket), "%s", d->opt->zserv ?: zebra->socket);
	zclient_configure(d->zclient, zebra->enabled ? &opt : NULL);
}

static const struct conf_subsys zebra_conf_subsys = {
	.name = "zebra",
	.apply = zebra_apply,
};

/* ---- signals ---- */

/*
 * Stopping is one last commit, of the empty configuration: the layers withdraw what they
 * have installed in the order they always keep. The loop ends when nothing is left.
 */
static int withdraw_everything(struct daemon *d, char *why, size_t why_len)
{
	int err = datastore_start_empty(d->ds);

	if (err)
		snprintf(why, why_len, "%s", strerror(-err));
	else
		err = datastore_set(d->ds, "zebra/enabled", "false", why, why_len);
	if (!err)
		err = datastore_commit(d->ds, why, why_len);
	if (!err)
		end_adoption(d);
	return err;
}

static void check_stopped(struct loop_timer *t)
{
	struct daemon *d = container_of(t, struct daemon, stop_check);
	struct fib_view v;

	fib_view(d->fib, &v);
	if (!v.pending && !v.failed) {
		loop_stop(d->loop);
	} else if (loop_now_ns(d->loop) >= d->stop_by_ns) {
		log_warn(
			LOG_DAEMON,
			"wgrd: %zu routes and rules are still there after %d s, leaving them",
			v.pending + v.failed, STOP_WITHIN_S);
		loop_stop(d->loop);
	} else {
		loop_timer_set(d->loop, t, STOP_CHECK_MS * NS_PER_MS);
	}
}

static void on_stop(void *arg, int signo)
{
	struct daemon *d = arg;
	char why[512];

	log_notice(LOG_DAEMON, "wgrd: signal %d, stopping", signo);
	if (d->opt->retain || d->stopping) {
		loop_stop(d->loop);
		return;
	}
	d->stopping = true;
	if (withdraw_everything(d, why, sizeof(why))) {
		log_err(LOG_DAEMON, "wgrd: leaving rules and routes as they are: %s",
			why);
		loop_stop(d->loop);
		return;
	}
	d->stop_by_ns = loop_now_ns(d->loop) + STOP_WITHIN_S * NS_PER_S;
	d->stop_check.fn = check_stopped;
	loop_timer_set(d->loop, &d->stop_check, STOP_CHECK_MS * NS_PER_MS);
}

static void on_reload(void *arg, int signo)
{
	struct daemon *d = arg;
	char why[1024];

	(void)signo;
	process_notify("RELOADING=1");
	if (config_load(d->mgmt, d->opt->config, why, sizeof(why)))
		log_err(LOG_CONF, "nothing changed: %s", why);
	else
		log_notice(LOG_CONF, "%s read again", d->opt->config);
	process_notify("READY=1");
}

static void on_log_reopen(void *arg, int signo)
{
	(void)arg;
	(void)signo;
	log_reopen();
}

static int watch_signals(struct daemon *d)
{
	return loop_signal(d->loop, SIGINT, on_stop, d) ?:
	       loop_signal(d->loop, SIGTERM, on_stop, d) ?:
	       loop_signal(d->loop, SIGHUP, on_reload, d) ?:
	       loop_signal(d->loop, SIGUSR1, on_log_reopen, d);
}

/* ---- the ladders ---- */

static int find_group(const char *name, gid_t *gid, char *why, size_t why_len)
{
	const struct group *g;

	*gid = (gid_t)-1;
	if (!name)
		return 0;
	g = getgrnam(name);
	if (!g) {
		snprintf(why, why_len, "--vty-group: there is no group \"%s\"", name);
		return -ENOENT;
	}
	*gid = g->gr_gid;
	return 0;
}

static int open_kernel(struct daemon *d, char *why, size_t why_len)
{
	const struct kmon_events ev = {
		.link = on_link,
		.route_gone = on_route_gone,
		.rule_gone = on_rule_gone,
		.resync = on_kernel_resync,
		.arg = d,
	};
	int err = nlq_open(d->loop, &d->nlq, why, why_len);

	return err ?: kmon_open(d->loop, &ev, &d->kmon, why, why_len);
}

static int open_data_plane(struct daemon *d, char *why, size_t why_len)
{
	const struct dp_options opt = {.workers = d->opt->workers};
	const struct wg_events ev = {
		.device = on_device,
		.session = on_session,
		.arg = d,
	};
	int err = dplane_new(d->loop, &opt, &d->dplane, why, why_len);

	if (err)
		return err;
	d->wg = wg_new(d->loop, &wg_backend_user, d->dplane, &ev);
	return 0;
}

static void open_control_plane(struct daemon *d)
{
	const struct zclient_events zebra_ev = {.state = on_zebra_state, .arg = d};
	const struct fib_advertise_ops adv = {
		.add = advertise_add,
		.del = advertise_del,
		.arg = d,
	};

	d->zclient = zclient_new(d->loop, d->rib, &zebra_ev);
	d->fib = fib_new(d->loop, d->nlq, &adv);
	d->tenants = tenants_new(d->loop, d->rib, d->wg, d->fib);
	kmon_walk(d->kmon, tell_tenants, d);
	/* The order of a commit: peers must be there when tenants decide, and tenants
	 * when zebra answers. */
	datastore_subscribe(d->ds, &wg_conf_subsys, d->wg);
	datastore_subscribe(d->ds, &tenants_conf_subsys, d->tenants);
	datastore_subscribe(d->ds, &zebra_conf_subsys, d);
}

static int open_management(struct daemon *d, char *why, size_t why_len)
{
	const struct mgmt_deps deps = {
		.loop = d->loop,
		.datastore = d->ds,
		.rib = d->rib,
		.wg = d->wg,
		.tenants = d->tenants,
		.fib = d->fib,
		.zclient = d->zclient,
		.version = PACKAGE_VERSION,
		.config_path = d->opt->config,
	};
	gid_t gid;
	int err = find_group(d->opt->vty_group, &gid, why, why_len);

	if (err)
		return err;
	d->mgmt = mgmt_new(&deps);
	return mgmt_listen(d->mgmt, d->opt->vty_socket, gid, why, why_len);
}

/* A machine that was not configured yet: wgrctl can do it. */
static int load_nothing(struct daemon *d, char *why, size_t why_len)
{
	log_notice(LOG_DAEMON, "%s is not there: starting with nothing configured",
		   d->opt->config);
	return datastore_start_empty(d->ds) ?: datastore_commit(d->ds, why, why_len);
}

/* What a former run left in the kernel is looked at before the first wish is stated. */
static int load(struct daemon *d, char *why, size_t why_len)
{
	int err = fib_adopt(d->fib);

	if (err) {
		snprintf(why, why_len, "cannot read routes and rules from the kernel: %s",
			 strerror(-err));
		return err;
	}
	d->adopting = true;
	err = config_load(d->mgmt, d->opt->config, why, why_len);
	if (err == -ENOENT)
		err = load_nothing(d, why, why_len);
	if (err)
		return -EINVAL;
	if (!datastore_conf(d->ds)->zebra.enabled)
		end_adoption(d);
	return 0;
}

static void on_refused(const char *primitive, const char *impl)
{
	log_err(LOG_DAEMON, "self-test: %s of %s gives wrong answers and is not used",
		impl, primitive);
}

/* Before any key is loaded. */
static int check_crypto(char *why, size_t why_len)
{
	const char *failed = crypto_selftest(on_refused);
	const char *used = aead_best()->name, *forced = aead_forced();

	if (failed) {
		snprintf(why, why_len, "self-test: %s gives wrong answers", failed);
		return -ENOTSUP;
	}
	if (forced && strcmp(forced, used) != 0)
		log_warn(LOG_DAEMON, "self-test: WGRD_CRYPTO_IMPL is %s, %s is used",
			 forced, used);
	log_info(LOG_DAEMON, "self-test: passed, packets are encrypted by %s", used);
	return 0;
}

static int open_all(struct daemon *d, char *why, size_t why_len)
{
	int err;

	d->loop = loop_new();
	d->rib = rib_new(now_ns, d->loop);
	err = watch_signals(d);
	if (err) {
		snprintf(why, why_len, "signals cannot be watched: %s", strerror(-err));
		return err;
	}
	err = datastore_new(d->opt->yang_dir, &d->ds, why, why_len);
	if (err)
		return err;
	err = open_kernel(d, why, why_len) ?: open_data_plane(d, why, why_len);
	if (err)
		return err;
	open_control_plane(d);
	return open_management(d, why, why_len) ?: load(d, why, why_len);
}

int daemon_new(const struct options *opt, struct daemon **out, char *why, size_t why_len)
{
	int err = check_crypto(why, why_len);
	struct daemon *d;

	if (err)
		return err;
	d = xcalloc(1, sizeof(*d));
	d->opt = opt;
	err = open_all(d, why, why_len);
	if (err) {
		daemon_free(d);
		return err;
	}
	log_notice(LOG_DAEMON, "wgrd %s started", PACKAGE_VERSION);
	*out = d;
	return 0;
}

int daemon_run(struct daemon *d)
{
	int err = loop_run(d->loop);

	if (err)
		log_err(LOG_DAEMON, "wgrd: the event loop failed: %s", strerror(-err));
	return err;
}

void daemon_free(struct daemon *d)
{
	loop_timer_stop(&d->stop_check);
	mgmt_free(d->mgmt);
	tenants_free(d->tenants);
	fib_free(d->fib);
	zclient_free(d->zclient);
	wg_free(d->wg);
	dplane_free(d->dplane);
	kmon_close(d->kmon);
	nlq_close(d->nlq);
	datastore_free(d->ds);
	rib_free(d->rib);
	loop_free(d->loop);
	free(d);
}

int daemon_check(const struct options *opt, char *why, size_t why_len)
{
	struct mgmt_deps deps = {.version = PACKAGE_VERSION};
	struct mgmt *m;
	int err = datastore_new(opt->yang_dir, &deps.datastore, why, why_len);

	if (err)
		return err;
	deps.loop = loop_new();
	m = mgmt_new(&deps);
	err = config_load(m, opt->config, why, why_len);
	mgmt_free(m);
	loop_free(deps.loop);
	datastore_free(deps.datastore);
	return err;
}
