/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wg/keys.h"
#include "wgrd/conf/confirm.h"
#include "wgrd/mgmt/clear_peer.h"
#include "wgrd/mgmt/rekey.h"
#include "wgrd/mgmt/revoke.h"
#include "wgrd/netconf/op.h"
#include "wgrd/netconf/report.h"
#include "wgrd/tenant/tenant.h"

/* The operations of wgrd-actions: what the command line can do besides configuring. */

enum {
	WHY_LEN = 512
};

static void fail_name(struct rpc *r, const char *param, const char *what,
		      const char *name)
{
	char message[160];

	snprintf(message, sizeof(message), "there is no %s %.100s", what, name);
	rpc_fail(r, &(struct rpc_error){.tag = "invalid-value",
					.message = message,
					.bad_element = param});
}

void op_clear_peer(struct rpc *r)
{
	char interface[CONF_NAME_LEN], peer[CONF_NAME_LEN];
	const struct clear_peer_scope scope = {
		.interface = rpc_word(r, "interface", interface, sizeof(interface)),
		.peer = rpc_word(r, "peer", peer, sizeof(peer)),
	};

	if (!clear_peer(r->n->deps.wg, r->n->deps.tenants, &scope))
		fail_name(r, "peer", "peer", peer);
}

void op_clear_tenant(struct rpc *r)
{
	char name[CONF_NAME_LEN];

	rpc_word(r, "tenant", name, sizeof(name));
	if (!tenants_release(r->n->deps.tenants, name))
		fail_name(r, "tenant", "tenant", name);
}

/* ---- keys ---- */

/* A leaf of the output. */
static void put(struct rpc *r, const char *name, const char *text)
{
	strbuf_printf(r->data, "<%s xmlns=\"" NS_ACTIONS "\">", name);
	xml_escape(r->data, text);
	strbuf_printf(r->data, "</%s>", name);
}

static void put_count(struct rpc *r, const char *name, size_t count)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", count);
	put(r, name, text);
}

void op_rekey(struct rpc *r)
{
	char interface[CONF_NAME_LEN], peer[CONF_NAME_LEN], tenant[CONF_NAME_LEN],
		what[160];
	const struct rekey_scope scope = {
		.interface = rpc_word(r, "interface", interface, sizeof(interface)),
		.peer = rpc_word(r, "peer", peer, sizeof(peer)),
		.tenant = rpc_word(r, "tenant", tenant, sizeof(tenant)),
	};
	struct rekey_result result;

	rekey(r->n->deps.wg, &scope, &result);
	if (!result.found) {
		rekey_scope_str(&scope, what, sizeof(what));
		rpc_fail_simply(r, "invalid-value", "there is no %s", what);
		return;
	}
	put_count(r, "begun", result.begun);
	put_count(r, "inactive", result.inactive);
	put_count(r, "without-endpoint", result.without_endpoint);
	put_count(r, "in-kernel", result.in_kernel);
}

/* Either one key or a peer. */
static bool read_revoked(struct rpc *r, struct revoke_what *what,
			 uint8_t key[CONF_KEY_LEN])
{
	char word[WG_KEY_STRLEN + 1];

	if (!rpc_word(r, "public-key", word, sizeof(word))) {
		if (!what->peer)
			rpc_fail_missing(r, NULL, "peer");
		return what->peer;
	}
	if (what->peer || what->interface) {
		rpc_fail_element(r, "protocol", NULL, rpc_param(r, "public-key"));
		return false;
	}
	what->key = key;
	if (!wg_key_parse(key, word))
		return true;
	rpc_fail(r, &(struct rpc_error){.tag = "invalid-value",
					.message = "a key has 32 octets, in base64",
					.bad_element = "public-key"});
	return false;
}

void op_revoke(struct rpc *r)
{
	char interface[CONF_NAME_LEN], peer[CONF_NAME_LEN], why[WHY_LEN];
	struct revoke_what what = {
		.interface = rpc_word(r, "interface", interface, sizeof(interface)),
		.peer = rpc_word(r, "peer", peer, sizeof(peer)),
	};
	struct commit_origin by = op_origin(r);
	const struct revoke_place place = {
		.datastore = r->n->deps.datastore,
		.config_path = r->n->deps.config_path,
		.in_frr = r->n->deps.keys_in_files,
		.owner = r->n,
		.by = &by,
	};
	uint8_t key[CONF_KEY_LEN];
	struct revoke_result result;
	int err;

	if (!op_may_write(r, TARGET_RUNNING) || !read_revoked(r, &what, key))
		return;
	snprintf(by.from, sizeof(by.from), "netconf, revoke %.40s", what.peer ?: "key");
	err = revoke(&place, &what, &result, why, sizeof(why));
	if (err) {
		rpc_fail_simply(r,
				err == -EBUSY    ? "in-use"
				: err == -ENOENT ? "invalid-value"
						 : "operation-failed",
				"%s", why);
		return;
	}
	put_count(r, "keys-revoked", result.keys);
	if (result.keys && !*result.unsaved)
		report_saved(r->s);
	if (*result.unsaved)
		put(r, "not-saved", result.unsaved);
}

void op_resync(struct rpc *r)
{
	if (r->n->deps.resync)
		r->n->deps.resync(r->n->deps.resync_arg);
}

/* ---- rules of access ---- */

/* They hold from the next request on, for those who are here too. */
void op_reload_access_rules(struct rpc *r)
{
	char why[WHY_LEN];

	if (netconf_reload_nacm(r->n, why, sizeof(why)))
		rpc_fail_simply(r, "operation-failed", "the old rules stay: %s", why);
}

/* ---- going back ---- */

static bool read_commit(struct rpc *r, uint64_t *id)
{
	char word[24], *end;

	rpc_word(r, "commit", word, sizeof(word));
	errno = 0;
	*id = strtoull(word, &end, 10);
	if (strspn(word, "0123456789") && !*end && !errno)
		return true;
	rpc_fail(r, &(struct rpc_error){.tag = "invalid-value",
					.message = "a commit has a number",
					.bad_element = "commit"});
	return false;
}

void op_rollback(struct rpc *r)
{
	struct commit_origin by;
	char why[WHY_LEN];
	uint64_t id;
	int err;

	if (!op_may_write(r, TARGET_RUNNING) || !read_commit(r, &id))
		return;
	by = op_origin(r);
	snprintf(by.from, sizeof(by.from), "netconf, rollback to %" PRIu64, id);
	err = confirm_rollback(r->n->deps.confirm, id, &by, why, sizeof(why));
	if (err)
		rpc_fail_simply(r,
				err == -EBUSY    ? "in-use"
				: err == -ENOENT ? "invalid-value"
						 : "operation-failed",
				"%s", why);
}
