/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_NACM_NACM_RULE_H
#define WGRD_NETCONF_NACM_NACM_RULE_H

/* One rule of NACM, and what it is about (RFC 8341 section 3.4). Main thread only. */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/lib/util.h"
#include "wgrd/netconf/nacm/nacm.h"

enum {
	NACM_RULE_KEYS_MAX = 4
};

/* A step of a rule's path: "wireguard[name='wg0']". */
struct nacm_step {
	const struct lysc_node *schema;
	unsigned keys;
	char *key[NACM_RULE_KEYS_MAX];   /* names */
	char *value[NACM_RULE_KEYS_MAX]; /* "$USER" and the like are not known */
};

struct nacm_rule {
	bool permit;
	unsigned access;          /* enum nacm_access */
	char *module;             /* NULL: any */
	char *rpc, *notification; /* NULL: not about one; "*": all */
	struct nacm_step *step;   /* path, from the top; NULL: none */
	size_t steps;
};

/* As it is written; NULL where nothing is. */
struct nacm_rule_text {
	const char *name, *module, *rpc, *notification, *path, *access;
	bool permit;
};

/* -EINVAL: @why is a sentence. nacm_rule_fini() in any case. */
int nacm_rule_init(struct nacm_rule *r, const struct ly_ctx *ctx,
		   const struct nacm_rule_text *text, char *why, size_t why_len) MUST_USE;
void nacm_rule_fini(struct nacm_rule *r);

bool nacm_rule_is_about(const struct nacm_rule *r, const struct nacm_place *place);
bool nacm_rule_is_about_rpc(const struct nacm_rule *r, const struct lysc_node *rpc);
bool nacm_rule_is_about_notification(const struct nacm_rule *r,
				     const struct lysc_node *notification);

#endif
