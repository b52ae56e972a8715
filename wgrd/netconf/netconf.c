/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/netconf.h"

#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/datastore.h"
#include "wgrd/lib/loop.h"
#include "wgrd/netconf/nacm/nacm.h"
#include "wgrd/netconf/netconf_priv.h"
#include "wgrd/netconf/report.h"
#include "wgrd/netconf/session.h"

static const char *const netconf_features[] = {"writable-running",
					       "candidate",
					       "confirmed-commit",
					       "rollback-on-error",
					       "validate",
					       "startup",
					       "xpath",
					       NULL};
static const char *const nmda_features[] = {"with-defaults", NULL};

/* In an order in which each finds what it needs. */
static const struct {
	const char *name;
	const char *const *features;
} modules[] = {
	{"ietf-netconf-acm", NULL},
	{"ietf-netconf", netconf_features},
	{"ietf-netconf-monitoring", NULL},
	{"ietf-netconf-with-defaults", NULL},
	{"ietf-netconf-nmda", nmda_features},
	{"notifications", NULL},
	{"nc-notifications", NULL},
	{"ietf-netconf-notifications", NULL},
	{"wgrd-state", NULL},
	{"wgrd-events", NULL},
	{"wgrd-actions", NULL},
};

static int load_modules(struct datastore *ds, char *why, size_t why_len)
{
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++) {
		int err = datastore_load_module(ds, modules[i].name, modules[i].features,
						why, why_len);

		if (err)
			return err;
	}
	return 0;
}

struct ly_ctx *netconf_ctx(const struct netconf *n)
{
	return datastore_module(n->deps.datastore)->ctx;
}

static void notify_all(struct loop_job *j)
{
	struct netconf *n = container_of(j, struct netconf, notify);
	struct netconf_session *s, *next;

	for (s = n->sessions; s; s = next) {
		next = s->next;
		netconf_session_notify(s);
	}
}

static void on_event(struct events_watcher *w, const struct event *ev)
{
	struct netconf *n = container_of(w, struct netconf, watcher);

	(void)ev;
	loop_job_queue(n->deps.loop, &n->notify);
}

int netconf_new(const struct netconf_deps *deps, struct netconf **out, char *why,
		size_t why_len)
{
	int err = load_modules(deps->datastore, why, why_len);
	struct nacm *nacm;
	struct netconf *n;

	if (!err)
		err = nacm_new(datastore_module(deps->datastore)->ctx, deps->nacm_path,
			       &nacm, why, why_len);
	if (err)
		return err;
	n = xcalloc(1, sizeof(*n));
	n->deps = *deps;
	n->deps.config_path = deps->config_path ? xstrdup(deps->config_path) : NULL;
	n->deps.yang_dir = xstrdup(deps->yang_dir);
	n->deps.nacm_path = deps->nacm_path ? xstrdup(deps->nacm_path) : NULL;
	n->deps.version = xstrdup(deps->version);
	n->started = time(NULL);
	n->started_ns = loop_now_ns(deps->loop);
	n->candidate = (struct candidate){.ds = deps->datastore, .owner = n};
	n->nacm = nacm;
	n->notify.fn = notify_all;
	n->watcher.told = on_event;
	events_watch(deps->events, &n->watcher);
	confirm_watch(deps->confirm, report_trial, n);
	*out = n;
	return 0;
}

int netconf_check_nacm(struct datastore *ds, const char *nacm_path, char *why,
		       size_t why_len)
{
	struct nacm *nacm;
	int err = load_modules(ds, why, why_len);

	if (!err)
		err = nacm_new(datastore_module(ds)->ctx, nacm_path, &nacm, why, why_len);
	if (!err)
		nacm_free(nacm);
	return err;
}

int netconf_reload_nacm(struct netconf *n, char *why, size_t why_len)
{
	struct nacm *old = n->nacm;
	int err = nacm_new(netconf_ctx(n), n->deps.nacm_path, &n->nacm, why, why_len);

	if (err)
		return err;
	for (struct netconf_session *s = n->sessions; s; s = s->next) {
		nacm_user_free(s->nacm);
		s->nacm = nacm_user_new(n->nacm, s->user, s->uid, s->gid);
	}
	nacm_free(old);
	return 0;
}

uint32_t netconf_current(const struct netconf *n)
{
	return n && n->current ? n->current->id : 0;
}

static void on_client(void *arg, int fd)
{
	netconf_session_begin(arg, fd);
}

int netconf_listen(struct netconf *n, const char *path, gid_t group, char *why,
		   size_t why_len)
{
	const struct listener_conf conf = {
		.path = path,
		.mode = 0660,
		.group = group,
		.client = on_client,
		.arg = n,
	};

	return listener_open(&n->listener, n->deps.loop, &conf, why, why_len);
}

void netconf_free(struct netconf *n)
{
	if (!n)
		return;
	while (n->sessions) {
		n->sessions->ending = "other";
		netconf_session_end(n->sessions);
	}
	confirm_watch(n->deps.confirm, NULL, NULL);
	events_unwatch(n->deps.events, &n->watcher);
	loop_job_cancel(n->deps.loop, &n->notify);
	listener_close(&n->listener);
	candidate_drop(&n->candidate);
	nacm_free(n->nacm);
	free((char *)n->deps.config_path);
	free((char *)n->deps.yang_dir);
	free((char *)n->deps.nacm_path);
	free((char *)n->deps.version);
	free(n);
}
