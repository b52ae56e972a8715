/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_STATE_NODE_H
#define WGRD_NETCONF_STATE_NODE_H

/*
 * Nodes of state trees, by their names. What the model does not know under that name, or
 * with that value, is left out; tests find that. Main thread only.
 */

#include <stdint.h>
#include <time.h>

#include "wgrd/netconf/netconf_priv.h"
#include "wgrd/netconf/state.h"

struct lyd_node;
struct tenant_route_view;

/* A container at the top, appended to *@out. NULL: there is no memory. */
struct lyd_node *state_top(const struct netconf *n, const char *module, const char *name,
			   struct lyd_node **out);
struct lyd_node *state_container(struct lyd_node *parent, const char *name);
/* @value NULL or "": none. */
void state_leaf(struct lyd_node *parent, const char *name, const char *value);
/* That is there when it is "", too. */
void state_text(struct lyd_node *parent, const char *name, const char *value);
void state_flag(struct lyd_node *parent, const char *name, bool value);
void state_number(struct lyd_node *parent, const char *name, uint64_t value);
void state_time(struct lyd_node *parent, const char *name, time_t when);
/* An entry; @key1 NULL: the list has no more, or no, keys. */
struct lyd_node *state_entry(struct lyd_node *parent, const char *name, const char *key0,
			     const char *key1);

/* How long ago that was; @then_ns is loop time. */
uint64_t state_seconds_since(const struct netconf *n, uint64_t then_ns);

/* Fills in an entry of the list "route", or one made like it: all but its keys. */
void state_route(const struct netconf *n, struct lyd_node *node,
		 const struct tenant_route_view *v);

enum {
	STATE_SLICE = 200 /* about so many entries are made at once */
};

/* ---- the parts of wgrd-state, appended if the filter can want them ---- */

/* Returns whether there are more of them; @at is where they go on. */
typedef bool state_part(const struct netconf *n, const struct filter *f,
			struct state_at *at, struct lyd_node *top);
state_part state_interfaces, state_peers, state_permissions,
	state_dataplane;                                       /* state_wg.c */
state_part state_tenants, state_routes;                        /* state_tenant.c */
state_part state_zebra, state_learn_tables, state_learn_reads; /* state_heard.c */
state_part state_commits, state_trial;                         /* state_commit.c */

/* <nacm> with its counters; the caller's. NULL: there is no memory. */
struct lyd_node *state_access(const struct netconf *n);
/* ietf-netconf-monitoring, and the streams of nc-notifications. */
void state_monitoring(const struct netconf *n, struct lyd_node **out);
void state_streams(const struct netconf *n, struct lyd_node **out);

#define STATE_TOP "wgrd-state"

#endif
