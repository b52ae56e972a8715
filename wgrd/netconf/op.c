/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/op.h"

#include <string.h>

#include "wgrd/netconf/notification.h"

static const struct op ops[] = {
	{NS_BASE, "get", "filter with-defaults", op_get},
	{NS_BASE, "get-config", "!source filter with-defaults", op_get_config},
	{NS_BASE, "edit-config",
	 "!target default-operation test-option error-option config", op_edit_config},
	{NS_BASE, "copy-config", "!target !source with-defaults", op_copy_config},
	{NS_BASE, "delete-config", "!target", op_delete_config},
	{NS_BASE, "validate", "!source", op_validate},
	{NS_BASE, "commit", "confirmed confirm-timeout persist persist-id", op_commit},
	{NS_BASE, "cancel-commit", "persist-id", op_cancel_commit},
	{NS_BASE, "discard-changes", "", op_discard_changes},
	{NS_BASE, "lock", "!target", op_lock},
	{NS_BASE, "unlock", "!target", op_unlock},
	{NS_BASE, "close-session", "", op_close_session},
	{NS_BASE, "kill-session", "!session-id", op_kill_session},
	{NS_NOTIFICATION, "create-subscription", "stream filter startTime stopTime",
	 op_create_subscription},
	{NS_MONITORING, "get-schema", "!identifier version format", op_get_schema},
	{NS_ACTIONS, "clear-peer", "interface !peer", op_clear_peer},
	{NS_ACTIONS, "clear-tenant", "!tenant", op_clear_tenant},
	{NS_ACTIONS, "rollback", "!commit", op_rollback},
	{NS_ACTIONS, "rekey", "interface peer tenant", op_rekey},
	{NS_ACTIONS, "reload-access-rules", "", op_reload_access_rules},
	{NS_ACTIONS, "resync", "", op_resync},
	{NS_ACTIONS, "revoke", "public-key peer interface", op_revoke},
	{NS_ACTIONS, "why", "!prefix", op_why},
	{NS_NMDA, "edit-data", "!datastore default-operation config url", op_edit_data},
	{NS_NMDA, "get-data",
	 "!datastore subtree-filter xpath-filter config-filter max-depth with-defaults",
	 op_get_data},
};

const struct op *op_find(const struct xml_node *node)
{
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (!strcmp(ops[i].name, node->name) && !strcmp(ops[i].ns, node->ns))
			return &ops[i];
	return NULL;
}

static const char *const target_names[] = {
	[TARGET_RUNNING] = "running",
	[TARGET_CANDIDATE] = "candidate",
	[TARGET_STARTUP] = "startup",
	[TARGET_OPERATIONAL] = "operational",
};

static bool has_startup(struct rpc *r)
{
	if (r->n->deps.config_path)
		return true;
	rpc_fail(r,
		 &(struct rpc_error){
			 .type = "protocol",
			 .tag = "operation-not-supported",
			 .message = "the configuration is in frr.conf, which vtysh saves",
			 .bad_element = "startup"});
	return false;
}

bool op_target(struct rpc *r, const char *param, enum netconf_target *out)
{
	const struct xml_node *node = rpc_param(r, param), *named = node->first;

	if (!named) {
		rpc_fail_missing(r, NULL, param);
		return false;
	}
	for (unsigned i = 0; i < TARGET_COUNT; i++) {
		if (strcmp(named->name, target_names[i]) != 0 ||
		    strcmp(named->ns, NS_BASE))
			continue;
		*out = i;
		return i != TARGET_STARTUP || has_startup(r);
	}
	if (!strcmp(named->name, "url"))
		rpc_fail(r,
			 &(struct rpc_error){.type = "protocol",
					     .tag = "operation-not-supported",
					     .message = "files are not read and written "
							"for clients",
					     .bad_element = "url"});
	else
		rpc_fail_element(r, "protocol", NULL, named);
	return false;
}

bool op_datastore(struct rpc *r, enum netconf_target *out)
{
	char word[64];
	const char *colon, *name;

	rpc_word(r, "datastore", word, sizeof(word));
	colon = strchr(word, ':');
	name = colon ? colon + 1 : word;
	for (unsigned i = 0; i < ARRAY_SIZE(target_names); i++) {
		if (strcmp(target_names[i], name) != 0)
			continue;
		*out = i;
		return i != TARGET_STARTUP || has_startup(r);
	}
	rpc_fail(r, &(struct rpc_error){.type = "protocol",
					.tag = "invalid-value",
					.message = "there is no such datastore",
					.bad_element = "datastore"});
	return false;
}

bool op_may_write(struct rpc *r, enum netconf_target target)
{
	const struct netconf_session *holder = r->n->lock[target].holder;

	if (!holder || holder == r->s)
		return true;
	rpc_fail_simply(r, "in-use", "%s is locked by session %u of %s",
			target_names[target], holder->id, holder->user);
	return false;
}
