/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_REPORT_H
#define WGRD_NETCONF_REPORT_H

/*
 * What happens in here that others may want to know, as events (RFC 6470): sessions begin and
 * end, and what becomes of confirmed commits, whoever makes them. Main thread only.
 */

#include "wgrd/conf/confirm.h"

struct netconf;
struct netconf_session;

void report_session_start(const struct netconf_session *s);
void report_session_end(const struct netconf_session *s);
/* A confirm_fn; @arg is the struct netconf. */
void report_trial(void *arg, enum confirm_news news, unsigned seconds);
/* The startup configuration has changed by the request of @s. */
void report_saved(const struct netconf_session *s);
/* A request has been answered: what it did with a trial is told, as one. */
void report_request_end(struct netconf *n);

#endif
