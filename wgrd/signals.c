/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/cli/cli.h"
#include "wgrd/conf/confirm.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/daemon_internal.h"
#include "wgrd/dplane/dplane.h"
#include "wgrd/fib/fib.h"
#include "wgrd/lib/log.h"
#include "wgrd/process.h"
#include "wgrd/relay.h"
#include "wgrd/wg/backend_kernel.h"

enum {
	STOP_CHECK_MS = 10,
	STOP_WITHIN_S = 5,
};

static int refuse_while_stopping(void *arg, const void *holder, char *why, size_t why_len)
{
	(void)arg;
	(void)holder;
	snprintf(why, why_len, "wgrd is stopping; start it again, and then change it");
	return -ESHUTDOWN;
}

/*
 * Stopping is one last commit, of the empty configuration: the layers withdraw what they
 * have installed in the order they always keep. The loop ends when nothing is left.
 */
static int withdraw_everything(struct daemon *d, char *why, size_t why_len)
{
	int err = datastore_start_empty(d->ds);

	commit_log_end(datastore_commit_log(d->ds));
	confirm_forget(d->confirm);
	d->dataplane.keep = true;
	if (err)
		snprintf(why, why_len, "%s", strerror(-err));
	else
		err = datastore_set(d->ds, "zebra/enabled", "false", why, why_len);
	if (!err)
		err = datastore_commit(d->ds, why, why_len);
	if (err)
		return err;
	datastore_guard(d->ds, refuse_while_stopping, d);
	relay_end_adoption(d);
	return 0;
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
	if (d->opt->retain) {
		dplane_retain(d->dplane);
		wg_kernel_retain(d->wg_kernel);
	}
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
	(void)!relay_reload_access(d, why, sizeof(why)); /* it is in the log */
	if (datastore_owner(d->ds))
		log_err(LOG_CONF, "nothing changed: %s has locked the configuration",
			datastore_owner_name(d->ds));
	else if (config_load(d->cli, d->opt->config, why, sizeof(why)))
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

int signals_watch(struct daemon *d)
{
	return loop_signal(d->loop, SIGINT, on_stop, d) ?:
	       loop_signal(d->loop, SIGTERM, on_stop, d) ?:
	       loop_signal(d->loop, SIGHUP, on_reload, d) ?:
	       loop_signal(d->loop, SIGUSR1, on_log_reopen, d);
}
