/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_NOTIFICATION_H
#define WGRD_NETCONF_NOTIFICATION_H

/* An event as a NETCONF message (RFC 5277 section 4). Main thread only. */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

#define NS_NOTIFICATION "urn:ietf:params:xml:ns:netconf:notification:1.0"
#define NS_NETMOD       "urn:ietf:params:xml:ns:netmod:notification"

struct event;
struct lyd_node;
struct nacm_user;
struct netconf;

/*
 * As the models have it: as our own has, and as RFC 6470 has. Those there are are put into @out,
 * the caller's, and their number is returned. What @u may not read of a configuration that has
 * changed is left out.
 */
enum {
	NOTIFICATION_TREES_MAX = 2
};
unsigned notification_trees(const struct netconf *n, const struct nacm_user *u,
			    const struct event *ev,
			    struct lyd_node *out[NOTIFICATION_TREES_MAX]);
/* Appends the message. */
void notification_put(struct strbuf *out, int64_t when_ms, const struct lyd_node *tree);
/* The same for those of RFC 5277 itself: "replayComplete", "notificationComplete". */
void notification_put_mark(struct strbuf *out, const char *name);

/* A date-and-time of YANG in milliseconds since 1970. -EINVAL: it is none. */
int notification_parse_time(const char *text, int64_t *out_ms) MUST_USE;
int64_t notification_now_ms(void);

#endif
