/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_NETCONF_PRIV_H
#define WGRD_NETCONF_NETCONF_PRIV_H

/* What the files of this folder share. Main thread only. */

#include <stdint.h>
#include <time.h>

#include "wgrd/conf/candidate.h"
#include "wgrd/lib/listener.h"
#include "wgrd/mgmt/events.h"
#include "wgrd/netconf/netconf.h"

struct ly_ctx;
struct nacm;
struct netconf_session;

#define NS_BASE "urn:ietf:params:xml:ns:netconf:base:1.0"

enum netconf_target {
	TARGET_RUNNING,
	TARGET_CANDIDATE,
	TARGET_STARTUP,
	TARGET_COUNT,
	TARGET_OPERATIONAL = TARGET_COUNT, /* to be read only */
};

struct netconf_lock {
	struct netconf_session *holder; /* NULL: free */
	time_t since;
};

struct netconf {
	struct netconf_deps deps; /* the strings are our own copies */
	struct listener listener;
	struct netconf_session *sessions;
	unsigned count;
	uint32_t last_id;
	size_t unfinished, unread; /* octets, of all sessions */
	time_t started;
	uint64_t started_ns; /* loop time */
	/* RFC 6022: of all sessions there ever were. */
	uint64_t bad_hellos, sessions_in, dropped_sessions, rpcs, bad_rpcs, errors,
		notifications;
	/* All sessions share one candidate, as RFC 6241 section 8.3 has it. */
	struct candidate candidate;
	struct netconf_lock lock[TARGET_COUNT];
	/* A confirmed commit: whose session it dies with, NULL: none's, and the commit that it
	 * goes back to, by which it is told from one that began elsewhere. */
	struct netconf_session *trial_session;
	uint64_t trial_base;
	/* Whose request is being answered, or who is leaving; NULL: nobody. What it causes is
	 * told in its name. */
	const struct netconf_session *current;
	/* What became of the trial in this request, told when it ends. */
	bool trial_news;
	struct event trial_event;
	struct nacm *nacm;
	uint64_t denied_operations, denied_writes, denied_notifications; /* RFC 8341 */
	/* An event has come, perhaps out of a request: it is passed on when that has ended. */
	struct events_watcher watcher;
	struct loop_job notify;
};

/* Of the datastore, where all models are. */
struct ly_ctx *netconf_ctx(const struct netconf *n);

#endif
