/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_SUBSCRIPTION_H
#define WGRD_NETCONF_SUBSCRIPTION_H

/*
 * Events for a session (RFC 5277). Nothing is queued for it: it has a place in the ring of
 * events, and takes some from there whenever its last message has been taken. Who falls
 * behind by the whole ring is dropped. Main thread only.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/lib/loop.h"
#include "wgrd/netconf/filter.h"

struct netconf_session;

/* Embedded in a session; {0} is none. */
struct subscription {
	bool active;
	uint64_t next_id; /* of the next event to send */
	uint64_t
		replay_end_id; /* the first that is not of the past; 0: there is no replay */
	int64_t start_ms;      /* events before that are passed over */
	int64_t stop_ms;       /* UNIX time; INT64_MAX: never */
	struct loop_timer stop;
	struct filter filter;
	struct xml_doc request; /* that the filter is in */
};

void subscription_fini(struct subscription *sub);
/* Is there something to send? */
bool subscription_has_more(const struct netconf_session *s);
/*
 * Appends framed messages to @out, as many as go together. False: the session has fallen
 * behind, and must end.
 */
bool subscription_take(struct netconf_session *s, struct strbuf *out) MUST_USE;

#endif
