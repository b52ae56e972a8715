/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/state_node.h"

#include <inttypes.h>
#include <libyang/libyang.h>
#include <stdio.h>

#include "wgrd/lib/loop.h"

uint64_t state_seconds_since(const struct netconf *n, uint64_t then_ns)
{
	uint64_t now_ns = loop_now_ns(n->deps.loop);

	return now_ns > then_ns ? (now_ns - then_ns) / NS_PER_S : 0;
}

struct lyd_node *state_top(const struct netconf *n, const char *module, const char *name,
			   struct lyd_node **out)
{
	const struct ly_ctx *ctx = netconf_ctx(n);
	const struct lys_module *m = ly_ctx_get_module_implemented(ctx, module);
	struct lyd_node *top = NULL;

	if (!m || lyd_new_inner(NULL, m, name, 0, &top))
		return NULL;
	lyd_insert_sibling(*out, top, out);
	return top;
}

struct lyd_node *state_container(struct lyd_node *parent, const char *name)
{
	struct lyd_node *node = NULL;

	if (parent)
		lyd_new_inner(parent, NULL, name, 0, &node);
	return node;
}

void state_text(struct lyd_node *parent, const char *name, const char *value)
{
	if (parent && value)
		(void)!lyd_new_term(parent, NULL, name, value, 0, NULL);
}

void state_leaf(struct lyd_node *parent, const char *name, const char *value)
{
	if (value && *value)
		state_text(parent, name, value);
}

void state_flag(struct lyd_node *parent, const char *name, bool value)
{
	state_text(parent, name, value ? "true" : "false");
}

void state_number(struct lyd_node *parent, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	state_leaf(parent, name, text);
}

void state_time(struct lyd_node *parent, const char *name, time_t when)
{
	char text[32];
	struct tm tm;

	if (gmtime_r(&when, &tm) && strftime(text, sizeof(text), "%FT%TZ", &tm))
		state_leaf(parent, name, text);
}

struct lyd_node *state_entry(struct lyd_node *parent, const char *name, const char *key0,
			     const char *key1)
{
	struct lyd_node *node = NULL;

	if (parent)
		(void)!lyd_new_list(parent, NULL, name, 0, &node, key0, key1);
	return node;
}
