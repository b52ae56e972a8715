/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_NACM_NACM_H
#define WGRD_NETCONF_NACM_NACM_H

/*
 * Who may do what: RFC 8341. The rules are a file of the machine's administrator, the
 * <nacm> of the model ietf-netconf-acm in XML; NETCONF shows them and does not change them.
 * Without a file its defaults hold: everybody who is let in reads all but secrets, and
 * root alone writes. Root is the recovery user and may do everything. Main thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "wgrd/lib/util.h"

struct ly_ctx;
struct lyd_node;
struct lysc_node;
struct nacm;
struct nacm_user;

/* Where a node is: itself, and the place it is in. Stands on the stack of who walks. */
struct nacm_place {
	const struct nacm_place *up; /* NULL: at the top */
	unsigned depth;              /* 1 at the top */
	const struct lysc_node *schema;
	/* Of a list's entry: the entry, or when there is none yet, the value of its key. */
	const struct lyd_node *entry;
	const char *key;
};
/* @schema in @up, which may be NULL. */
struct nacm_place nacm_place_in(const struct nacm_place *up,
				const struct lysc_node *schema,
				const struct lyd_node *entry, const char *key);

enum nacm_access {
	NACM_READ = 1 << 0,
	NACM_CREATE = 1 << 1,
	NACM_UPDATE = 1 << 2,
	NACM_DELETE = 1 << 3,
	NACM_EXEC = 1 << 4,
};

/* The rules of @file; NULL, or one that is not there: the defaults. The models must be loaded.
 * On failure @why is "FILE:LINE: "WORD": sentence". */
int nacm_new(struct ly_ctx *ctx, const char *file, struct nacm **out, char *why,
	     size_t why_len) MUST_USE;
void nacm_free(struct nacm *n);
/* The rules as they were read, <nacm> with what holds by default; NULL: there is no file. */
const struct lyd_node *nacm_tree(const struct nacm *n);

/* What holds for one user. @n must outlive it. */
struct nacm_user *nacm_user_new(const struct nacm *n, const char *name, uid_t uid,
				gid_t gid);
void nacm_user_free(struct nacm_user *u);

/* Is nothing kept from this user? */
bool nacm_may_all(const struct nacm_user *u);
bool nacm_may(const struct nacm_user *u, const struct nacm_place *place,
	      enum nacm_access access);
/* By the namespace and name of the operation. */
bool nacm_may_run(const struct nacm_user *u, const char *ns, const char *name);

/* Events of this kind (RFC 8341 section 3.4.6). */
bool nacm_may_be_told(const struct nacm_user *u, const struct lysc_node *notification);

#endif
