/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "wgrd/daemon.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/aead.h"
#include "proto/crypto/selftest.h"
#include "proto/zapi/zapi_dialect.h"
#include "wgrd/cli/cli.h"
#include "wgrd/conf/conf.h"
#include "wgrd/conf/confirm.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/daemon_internal.h"
#include "wgrd/dplane/dplane.h"
#include "wgrd/fdstore.h"
#include "wgrd/fib/fib.h"
#include "wgrd/kernel/kfeed.h"
#include "wgrd/kernel/kmon.h"
#include "wgrd/kernel/knetns.h"
#include "wgrd/kernel/kwg.h"
#include "wgrd/kernel/nlq.h"
#include "wgrd/learn/learn.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/loop.h"
#include "wgrd/metrics/metrics.h"
#include "wgrd/mgmt/events.h"
#include "wgrd/mgmt/mgmt.h"
#include "wgrd/netconf/netconf.h"
#include "wgrd/relay.h"
#include "wgrd/rib/rib.h"
#include "wgrd/signals.h"
#include "wgrd/tenant/tenant.h"
#include "wgrd/uapi/uapi.h"
#include "wgrd/wg/backend_kernel.h"
#include "wgrd/wg/backend_user.h"
#include "wgrd/wg/wg.h"
#include "wgrd/wg/wg_dataplane.h"
#include "wgrd/zebra/zclient.h"

/* ---- zebra's part of the configuration ---- */

static bool tenants_differ(const struct conf_change *c)
{
	struct conf_walk walk = CONF_WALK(c->old, c->new, tenant);
	const struct conf_tenant *was, *now;

	return conf_next_change(&walk, &was, &now);
}

static void tell_tables(struct daemon *d, const struct conf *c)
{
	uint32_t *table = xcalloc(c->tenant_count + 1, sizeof(*table));
	size_t n = 0;

	for (size_t i = 0; i < c->tenant_count; i++)
		if (c->tenant[i]->learn_direct)
			table[n++] = c->tenant[i]->learn_table;
	zclient_set_tables(d->zclient, table, n);
	free(table);
}

static void tell_instances(struct daemon *d, const struct conf *c)
{
	uint8_t *instance = xcalloc(c->tenant_count + 1, sizeof(*instance));
	size_t n = 0;

	for (size_t i = 0; i < c->tenant_count; i++)
		if (c->tenant[i]->advertise_instance)
			instance[n++] = c->tenant[i]->advertise_instance;
	zclient_set_instances(d->zclient, instance, n);
	free(instance);
}

static void zebra_apply(void *ctx, struct conf_change *c)
{
	struct daemon *d = ctx;
	const struct conf_zebra *zebra = &c->new->zebra;
	struct zclient_options opt = {
		/* NULL, find out, for "automatic" */
		.dialect = zapi_dialect_by_release(zebra->zapi_version),
		.protocol = rib_proto_parse(zebra->protocol),
		.settle_ns = zebra->settle_s * NS_PER_S,
	};
	bool differ = tenants_differ(c);

	snprintf(opt.socket, sizeof(opt.socket), "%s", d->opt->zserv ?: zebra->socket);
	if (differ)
		tell_tables(d, c->new);
	zclient_configure(d->zclient, zebra->enabled ? &opt : NULL);
	if (differ)
		tell_instances(d, c->new);
}

static const struct conf_subsys zebra_conf_subsys = {
	.name = "zebra",
	.apply = zebra_apply,
};

/* ---- a configuration that comes from frr.conf ---- */

/* However it came here, it would be gone after the next start. */
static int refuse_keys(void *ctx, const struct conf *new, char *why, size_t why_len)
{
	struct daemon *d = ctx;
	struct strbuf path = {0};
	bool found = datastore_changes_have_key(d->ds, &path);

	(void)new;
	if (found)
		snprintf(why, why_len,
			 "%s: frr.conf, which wgrd is started from, cannot hold keys: "
			 "put it into a file, and use private-key-file or "
			 "preshared-key-file",
			 path.s);
	strbuf_free(&path);
	return found ? -EINVAL : 0;
}

static const struct conf_subsys frr_conf_subsys = {
	.name = "frr.conf",
	.check = refuse_keys,
};

/* ---- the ladders ---- */

static uint64_t now_ns(void *arg)
{
	return loop_now_ns(arg);
}

/* @name NULL: no group, which is (gid_t)-1. @option is what it was said with. */
static int find_group(const char *option, const char *name, gid_t *gid, char *why,
		      size_t why_len)
{
	const struct group *g;

	*gid = (gid_t)-1;
	if (!name)
		return 0;
	g = getgrnam(name);
	if (!g) {
		snprintf(why, why_len, "%s: there is no group \"%s\"", option, name);
		return -ENOENT;
	}
	*gid = g->gr_gid;
	return 0;
}

static int open_kernel(struct daemon *d, char *why, size_t why_len)
{
	const struct kmon_events ev = relay_kmon_events(d);
	int err = nlq_open(d->loop, &d->nlq, why, why_len);

	return err ?: kmon_open(d->loop, &ev, &d->kmon, why, why_len);
}

static int open_data_plane(struct daemon *d, char *why, size_t why_len)
{
	static const struct dp_holder holder = {
		.take = fdstore_take,
		.put = fdstore_put,
		.drop = fdstore_drop,
	};
	const struct dp_options opt = {
		.workers = d->opt->workers,
		.holder = fdstore_is_there() ? &holder : NULL,
	};
	const struct wg_events ev = relay_wg_events(d);
	int err = dplane_new(d->loop, &opt, &d->dplane, why, why_len);

	if (err)
		return err;
	d->dataplane.dplane = d->dplane;
	d->wg = wg_new(d->loop, &wg_backend_user, d->dplane, &ev);
	d->kwg = kwg_open();
	d->wg_kernel = wg_kernel_new(d->loop, d->kwg);
	wg_add_backend(d->wg, CONF_BACKEND_KERNEL, &wg_backend_kernel, d->wg_kernel);
	return 0;
}

static bool is_own_netns(const char *name)
{
	return knetns_is_own(KNETNS_DIR, name);
}

static void open_control_plane(struct daemon *d)
{
	const struct zclient_events zebra_ev = relay_zebra_events(d);
	const struct fib_advertise_ops adv = relay_advertise_ops(d);
	const struct tenants_events tenants_ev = relay_tenants_events(d);

	d->zclient = zclient_new(d->loop, d->rib, &zebra_ev);
	d->learn = learn_new(d->loop, d->rib, kfeed_open, is_own_netns);
	learn_on_read(d->learn, relay_table_read, d);
	d->fib = fib_new(d->loop, d->nlq, &adv);
	fib_on_permissions(d->fib, relay_permissions, d);
	d->tenants = tenants_new(d->loop, d->rib, d->wg, d->fib, &tenants_ev);
	d->metrics = metrics_new(&(struct metrics_deps){
		.loop = d->loop,
		.wg = d->wg,
		.tenants = d->tenants,
		.fib = d->fib,
		.zclient = d->zclient,
		.version = PACKAGE_VERSION,
	});
	kmon_walk(d->kmon, relay_link, d);
	/* The order of a commit: threads must be there when interfaces are made, peers and
	 * what tables have when tenants decide, and tenants when zebra answers. */
	if (d->opt->config_in_frr)
		datastore_subscribe(d->ds, &frr_conf_subsys, d);
	datastore_subscribe(d->ds, &wg_dataplane_subsys, &d->dataplane);
	datastore_subscribe(d->ds, &wg_conf_subsys, d->wg);
	datastore_subscribe(d->ds, &learn_conf_subsys, d->learn);
	datastore_subscribe(d->ds, &tenants_conf_subsys, d->tenants);
	datastore_subscribe(d->ds, &zebra_conf_subsys, d);
	datastore_subscribe(d->ds, &metrics_conf_subsys, d->metrics);
}

static int open_management(struct daemon *d, char *why, size_t why_len)
{
	const struct mgmt_deps deps = {
		.loop = d->loop,
		.datastore = d->ds,
		.confirm = d->confirm,
		.events = d->events,
		.rib = d->rib,
		.wg = d->wg,
		.tenants = d->tenants,
		.fib = d->fib,
		.zclient = d->zclient,
		.learn = d->learn,
		.resync = relay_resync,
		.resync_arg = d,
		.reload_access = relay_reload_access,
		.reload_access_arg = d,
		.version = PACKAGE_VERSION,
		.config_path = d->opt->config,
		.in_frr = d->opt->frr,
		.keys_in_files = d->opt->config_in_frr,
	};
	gid_t gid;
	int err = find_group("--vty-group", d->opt->vty_group, &gid, why, why_len);

	if (err)
		return err;
	d->mgmt = mgmt_new(&deps);
	d->cli = cli_new(d->mgmt);
	d->uapi = uapi_new(d->loop, d->ds, d->wg, d->opt->wg_socket_dir);
	return cli_listen(d->cli, d->opt->vty_socket, gid, why, why_len);
}

static int open_netconf(struct daemon *d, char *why, size_t why_len)
{
	const struct netconf_deps deps = {
		.loop = d->loop,
		.datastore = d->ds,
		.confirm = d->confirm,
		.events = d->events,
		.cli = d->cli,
		.config_path = d->opt->config_in_frr ? NULL : d->opt->config,
		.keys_in_files = d->opt->config_in_frr,
		.yang_dir = d->opt->yang_dir,
		.nacm_path = d->opt->nacm,
		.resync = relay_resync,
		.resync_arg = d,
		.version = PACKAGE_VERSION,
		.rib = d->rib,
		.wg = d->wg,
		.tenants = d->tenants,
		.fib = d->fib,
		.zclient = d->zclient,
		.learn = d->learn,
	};
	gid_t gid;
	int err =
		find_group("--netconf-group", d->opt->netconf_group, &gid, why, why_len);

	if (!err)
		err = netconf_new(&deps, &d->netconf, why, why_len);
	return err
		       ?: netconf_listen(d->netconf, d->opt->netconf_socket, gid, why,
					 why_len);
}

/* A machine that was not configured yet, which wgrctl can do; or vtysh will, from frr.conf. */
static int load_nothing(struct daemon *d, char *why, size_t why_len)
{
	if (d->opt->config_in_frr)
		log_notice(LOG_DAEMON, "there is an frr.conf: not reading %s",
			   d->opt->config);
	else
		log_notice(LOG_DAEMON,
			   "%s is not there: starting with nothing configured",
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
	err = d->opt->config_in_frr ? -ENOENT
				    : config_load(d->cli, d->opt->config, why, why_len);
	if (err == -ENOENT)
		err = load_nothing(d, why, why_len);
	if (err)
		return -EINVAL;
	fdstore_clear(); /* interfaces of a former run that are no longer configured */
	if (!datastore_conf(d->ds)->zebra.enabled)
		relay_end_adoption(d);
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

/* Without one, commits are remembered for as long as the daemon runs. */
static void open_history(struct daemon *d)
{
	char why[256];

	d->confirm = confirm_new(d->ds, d->loop);
	commit_log_watch(datastore_commit_log(d->ds), relay_commit, d);
	if (commit_log_use_dir(datastore_commit_log(d->ds), d->opt->state_dir, why,
			       sizeof(why)))
		log_warn(LOG_DAEMON, "%s", why);
}

static int open_all(struct daemon *d, char *why, size_t why_len)
{
	int err;

	d->events = events_new();
	d->loop = loop_new();
	d->rib = rib_new(now_ns, d->loop);
	err = signals_watch(d);
	if (err) {
		snprintf(why, why_len, "signals cannot be watched: %s", strerror(-err));
		return err;
	}
	err = datastore_new(d->opt->yang_dir, &d->ds, why, why_len);
	if (err)
		return err;
	open_history(d);
	err = open_kernel(d, why, why_len) ?: open_data_plane(d, why, why_len);
	if (err)
		return err;
	open_control_plane(d);
	return open_management(d, why, why_len) ?: open_netconf(d, why, why_len) ?: load(d, why, why_len);
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
	netconf_free(d->netconf);
	uapi_free(d->uapi);
	cli_free(d->cli);
	mgmt_free(d->mgmt);
	metrics_free(d->metrics);
	confirm_free(d->confirm);
	tenants_free(d->tenants);
	fib_free(d->fib);
	learn_free(d->learn);
	zclient_free(d->zclient);
	wg_free(d->wg);
	wg_kernel_free(d->wg_kernel);
	kwg_close(d->kwg);
	dplane_free(d->dplane);
	kmon_close(d->kmon);
	nlq_close(d->nlq);
	datastore_free(d->ds);
	events_free(d->events);
	rib_free(d->rib);
	loop_free(d->loop);
	free(d);
}

int daemon_check(const struct options *opt, char *why, size_t why_len)
{
	struct mgmt_deps deps = {.version = PACKAGE_VERSION};
	struct mgmt *m;
	struct cli *cli;
	int err = datastore_new(opt->yang_dir, &deps.datastore, why, why_len);

	if (err)
		return err;
	deps.loop = loop_new();
	m = mgmt_new(&deps);
	cli = cli_new(m);
	err = netconf_check_nacm(deps.datastore, opt->nacm, why, why_len)
		      ?: config_load(cli, opt->config, why, why_len);
	cli_free(cli);
	mgmt_free(m);
	loop_free(deps.loop);
	datastore_free(deps.datastore);
	return err;
}
