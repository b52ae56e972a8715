/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_OP_H
#define WGRD_NETCONF_OP_H

/*
 * The operations, by what they are about: op_get.c reads, op_edit.c changes a datastore,
 * op_commit.c ends such changes, op_session.c is about sessions and locks, op_schema.c
 * gives modules, op_action.c and op_why.c have those of wgrd-actions. Each gets a request whose parameters
 * are known ones and complete, and whose user may call it. Main thread only.
 */

#include "wgrd/conf/commit_log.h"
#include "wgrd/netconf/rpc.h"

#define NS_ACTIONS       "urn:wgrd:yang:wgrd-actions"
#define NS_MONITORING    "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
#define NS_NMDA          "urn:ietf:params:xml:ns:yang:ietf-netconf-nmda"
#define NS_WITH_DEFAULTS "urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults"

struct op {
	const char *ns, *name;
	const char *params; /* those there can be, with '!' before those there must be */
	void (*run)(struct rpc *r);
};

/* NULL: no such operation. */
const struct op *op_find(const struct xml_node *node);

void op_get(struct rpc *r);
void op_get_config(struct rpc *r);
void op_get_data(struct rpc *r);
void op_get_schema(struct rpc *r);
void op_edit_config(struct rpc *r);
void op_edit_data(struct rpc *r);
void op_copy_config(struct rpc *r);
void op_delete_config(struct rpc *r);
void op_validate(struct rpc *r);
void op_commit(struct rpc *r);
void op_cancel_commit(struct rpc *r);
void op_discard_changes(struct rpc *r);
void op_create_subscription(struct rpc *r); /* subscription.c */
void op_clear_peer(struct rpc *r);
void op_clear_tenant(struct rpc *r);
void op_rollback(struct rpc *r);
void op_rekey(struct rpc *r);
void op_reload_access_rules(struct rpc *r);
void op_resync(struct rpc *r);
void op_revoke(struct rpc *r);
void op_why(struct rpc *r); /* op_why.c */
void op_lock(struct rpc *r);
void op_unlock(struct rpc *r);
void op_close_session(struct rpc *r);
void op_kill_session(struct rpc *r);

/* ---- what they share ---- */

/*
 * The datastore that the parameter @param names. False: it names none, and the error is told.
 * Not one given in the request itself: those are the caller's to look for.
 */
bool op_target(struct rpc *r, const char *param, enum netconf_target *out) MUST_USE;
/* The same for <datastore> of RFC 8526, which may be TARGET_OPERATIONAL. */
bool op_datastore(struct rpc *r, enum netconf_target *out) MUST_USE;
/* May this session change @target now? False: somebody has locked it, which is told. */
bool op_may_write(struct rpc *r, enum netconf_target target) MUST_USE;
/* This user, by NETCONF. */
struct commit_origin op_origin(const struct rpc *r);
/* Commits @c, in this user's name. False: it was refused, which is told. */
bool op_make_commit(struct rpc *r, struct candidate *c) MUST_USE;
/* Whoever left: his locks, and what he left in a candidate that he had locked. */
void op_session_gone(struct netconf_session *s);

#endif
