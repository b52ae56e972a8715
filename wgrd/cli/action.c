/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/action.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wg/keys.h"
#include "wgrd/cli/cli.h"
#include "wgrd/cli/config_print.h"
#include "wgrd/cli/edit.h"
#include "wgrd/cli/logging.h"
#include "wgrd/cli/show.h"
#include "wgrd/conf/confirm.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/loop.h"
#include "wgrd/mgmt/clear_peer.h"
#include "wgrd/mgmt/cleared.h"
#include "wgrd/mgmt/events.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/mgmt/ping.h"
#include "wgrd/mgmt/rekey.h"
#include "wgrd/mgmt/revoke.h"
#include "wgrd/show/format.h"
#include "wgrd/tenant/tenant.h"
#include "wgrd/wg/wg.h"

/* ---- moving about ---- */

static enum cli_status do_nothing(struct cli_session *s, const struct cli_call *call,
				  struct strbuf *out)
{
	(void)s;
	(void)call;
	(void)out;
	return CLI_SUCCESS;
}

static enum cli_status do_configure(struct cli_session *s, const struct cli_call *call,
				    struct strbuf *out)
{
	(void)call;
	(void)out;
	s->node = CLI_CONFIG;
	return CLI_SUCCESS;
}

static enum cli_status do_exit(struct cli_session *s, const struct cli_call *call,
			       struct strbuf *out)
{
	(void)call;
	(void)out;
	cli_leave(s);
	return CLI_SUCCESS;
}

static enum cli_status do_end(struct cli_session *s, const struct cli_call *call,
			      struct strbuf *out)
{
	(void)call;
	(void)out;
	s->node = CLI_EXEC;
	return CLI_SUCCESS;
}

static enum cli_status do_enter_foreign(struct cli_session *s,
					const struct cli_call *call, struct strbuf *out)
{
	(void)out;
	if (!call->no)
		s->node = CLI_FOREIGN;
	return CLI_SUCCESS;
}

static enum cli_status do_group_begin(struct cli_session *s, const struct cli_call *call,
				      struct strbuf *out)
{
	(void)call;
	(void)out;
	cli_group_begin(s);
	return CLI_SUCCESS;
}

static enum cli_status do_group_end(struct cli_session *s, const struct cli_call *call,
				    struct strbuf *out)
{
	struct cli_refusal refusal = {0};

	(void)call;
	if (cli_group_end(s, &refusal)) {
		cli_tell_notice(&refusal, out);
		return CLI_SUCCESS;
	}
	strbuf_printf(out, "%% Nothing was changed: %s\n", refusal.why);
	return CLI_CONFIG_FAILED;
}

/* ---- for tools ---- */

static enum cli_status do_echo(struct cli_session *s, const struct cli_call *call,
			       struct strbuf *out)
{
	(void)s;
	cli_trim(call->value);
	strbuf_printf(out, "%s\n", call->value);
	return CLI_SUCCESS;
}

static enum cli_status do_autocomplete(struct cli_session *s, const struct cli_call *call,
				       struct strbuf *out)
{
	const char *variable;

	cli_trim(call->value);
	variable = strrchr(call->value, ' ');
	if (variable)
		cli_autocomplete(s, variable + 1, out);
	return CLI_SUCCESS;
}

static enum cli_status do_complete(struct cli_session *s, const struct cli_call *call,
				   struct strbuf *out)
{
	cli_complete(s, call->value ?: "", out);
	return CLI_SUCCESS;
}

static enum cli_status do_help(struct cli_session *s, const struct cli_call *call,
			       struct strbuf *out)
{
	cli_help(s, call->value ?: "", out);
	return CLI_SUCCESS;
}

static enum cli_status do_node(struct cli_session *s, const struct cli_call *call,
			       struct strbuf *out)
{
	(void)call;
	cli_prompt(s, out);
	return CLI_SUCCESS;
}

/* ---- doing ---- */

static enum cli_status do_debug(struct cli_session *s, const struct cli_call *call,
				struct strbuf *out)
{
	bool all = !strcmp(call->value, "all");

	(void)s;
	(void)out;
	for (enum log_subsys i = 0; i < LOG_SUBSYS_COUNT; i++)
		if (all || !strcmp(call->value, log_subsys_name(i)))
			log_set_debug(i, !call->no);
	return CLI_SUCCESS;
}

static void ping_told(void *arg, bool answered, const char *text)
{
	struct cli_session *s = arg;

	s->ping = NULL;
	s->answer(s, answered ? CLI_SUCCESS : CLI_WARNING, text);
}

static enum cli_status do_ping(struct cli_session *s, const struct cli_call *call,
			       struct strbuf *out)
{
	struct wg_peer *peer = wg_peer_find_any(s->m->deps.wg, call->value);

	if (!s->answer) {
		strbuf_puts(out,
			    "% There is nobody here who could wait for an answer.\n");
		return CLI_WARNING;
	}
	if (!peer)
		return cli_no_peer(call->value, out);
	s->ping = ping_start(s->m->deps.loop, peer, ping_told, s, out);
	return s->ping ? CLI_LATER : CLI_WARNING;
}

static enum cli_status do_clear_counters(struct cli_session *s,
					 const struct cli_call *call, struct strbuf *out)
{
	(void)call;
	(void)out;
	cleared_take(s->m->cleared, s->m->deps.wg, loop_now_ns(s->m->deps.loop));
	return CLI_SUCCESS;
}

static enum cli_status do_clear_peer(struct cli_session *s, const struct cli_call *call,
				     struct strbuf *out)
{
	const struct clear_peer_scope scope = {.peer = call->value};

	if (clear_peer(s->m->deps.wg, s->m->deps.tenants, &scope))
		return CLI_SUCCESS;
	return cli_no_peer(call->value, out);
}

static enum cli_status do_clear_tenant(struct cli_session *s, const struct cli_call *call,
				       struct strbuf *out)
{
	if (tenants_release(s->m->deps.tenants, call->value))
		return CLI_SUCCESS;
	return cli_no_tenant(call->value, out);
}

/* "3 handshakes begun"; "(1 peer inactive)" for those it was not begun with. */
static void tell_rekey(const struct rekey_result *r, struct strbuf *out)
{
	const struct {
		size_t count;
		const char *why;
	} others[] = {
		{r->inactive, "inactive"},
		{r->without_endpoint, "without an endpoint"},
		{r->in_kernel,
		 "left to the kernel, which renews keys when it thinks fit"},
	};
	char count[SHOW_FIELD_LEN];

	strbuf_printf(out, "%s begun\n", show_count(r->begun, "handshake", count));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (others[i].count)
			strbuf_printf(out, "%s %s\n",
				      show_count(others[i].count, "peer", count),
				      others[i].why);
}

static enum cli_status do_rekey(struct cli_session *s, const struct rekey_scope *scope,
				struct strbuf *out)
{
	struct rekey_result r;
	char what[160];

	rekey(s->m->deps.wg, scope, &r);
	if (r.found) {
		tell_rekey(&r, out);
		return r.begun ? CLI_SUCCESS : CLI_WARNING;
	}
	if (scope->peer)
		return cli_no_peer(scope->peer, out);
	rekey_scope_str(scope, what, sizeof(what));
	strbuf_printf(out, "%% There is no %s.\n", what);
	return CLI_WARNING;
}

static enum cli_status do_rekey_peer(struct cli_session *s, const struct cli_call *call,
				     struct strbuf *out)
{
	return do_rekey(s, &(struct rekey_scope){.peer = call->value}, out);
}

static enum cli_status do_rekey_interface(struct cli_session *s,
					  const struct cli_call *call, struct strbuf *out)
{
	return do_rekey(s, &(struct rekey_scope){.interface = call->value}, out);
}

static enum cli_status do_rekey_tenant(struct cli_session *s, const struct cli_call *call,
				       struct strbuf *out)
{
	return do_rekey(s, &(struct rekey_scope){.tenant = call->value}, out);
}

/* The startup configuration is another one. */
static void report_saved(const struct cli_session *s)
{
	struct event about = {.kind = EVENT_SAVED};

	snprintf(about.user, sizeof(about.user), "%s", s->origin.user);
	events_report(s->m->deps.events, &about, "configuration: saved%s%s",
		      *about.user ? " by " : "", about.user);
}

static enum cli_status do_revoke(struct cli_session *s, const struct revoke_what *what,
				 const char *name, struct strbuf *out)
{
	struct commit_origin by = s->origin;
	const struct mgmt_deps *deps = &s->m->deps;
	const struct revoke_place place = {
		.datastore = deps->datastore,
		.config_path = deps->config_path,
		.in_frr = deps->keys_in_files,
		.by = &by,
	};
	char why[512], count[SHOW_FIELD_LEN];
	struct revoke_result r;

	snprintf(by.from, sizeof(by.from), "%.16s, revoke %.36s", s->origin.from, name);
	if (revoke(&place, what, &r, why, sizeof(why))) {
		strbuf_printf(out, "%% %s\n", why);
		return CLI_WARNING;
	}
	strbuf_printf(out, "%s revoked\n", show_count(r.keys, "key", count));
	if (r.keys && !*r.unsaved)
		report_saved(s);
	if (!*r.unsaved)
		return CLI_SUCCESS;
	strbuf_printf(out, "%% It would be forgotten by a restart: %s.\n", r.unsaved);
	return CLI_WARNING;
}

static enum cli_status do_revoke_peer(struct cli_session *s, const struct cli_call *call,
				      struct strbuf *out)
{
	return do_revoke(s, &(struct revoke_what){.peer = call->value}, call->value, out);
}

static enum cli_status do_revoke_key(struct cli_session *s, const struct cli_call *call,
				     struct strbuf *out)
{
	uint8_t key[CONF_KEY_LEN];

	if (!wg_key_parse(key, call->value))
		return do_revoke(s, &(struct revoke_what){.key = key}, "key", out);
	strbuf_printf(out, "%% \"%s\" is not a key: 32 octets in base64 are expected.\n",
		      call->value);
	return CLI_WARNING;
}

static enum cli_status do_reload_access(struct cli_session *s,
					const struct cli_call *call, struct strbuf *out)
{
	const struct mgmt_deps *deps = &s->m->deps;
	char why[512];

	(void)call;
	if (!deps->reload_access ||
	    !deps->reload_access(deps->reload_access_arg, why, sizeof(why)))
		return CLI_SUCCESS;
	strbuf_printf(out, "%% The old rules stay: %s\n", why);
	return CLI_WARNING;
}

static enum cli_status do_resync(struct cli_session *s, const struct cli_call *call,
				 struct strbuf *out)
{
	(void)call;
	(void)out;
	if (s->m->deps.resync)
		s->m->deps.resync(s->m->deps.resync_arg);
	return CLI_SUCCESS;
}

static uint64_t number_of(const struct cli_call *call)
{
	return strtoull(call->value, NULL, 10);
}

static enum cli_status tell_failure(int err, const char *why, struct strbuf *out)
{
	if (!err)
		return CLI_SUCCESS;
	strbuf_printf(out, "%% %s\n", why);
	return CLI_WARNING;
}

static enum cli_status do_rollback(struct cli_session *s, const struct cli_call *call,
				   struct strbuf *out)
{
	struct commit_origin by = s->origin;
	char why[512];

	snprintf(by.from, sizeof(by.from), "%.20s, rollback to %s", s->origin.from,
		 call->value);
	return tell_failure(confirm_rollback(s->m->deps.confirm, number_of(call), &by,
					     why, sizeof(why)),
			    why, out);
}

/* Anybody at a terminal may confirm: whoever began may have lost the way to this machine. */
static enum cli_status do_revert_after(struct cli_session *s, const struct cli_call *call,
				       struct strbuf *out)
{
	char by[COMMIT_LOG_USER_LEN + COMMIT_LOG_FROM_LEN + 8], why[512];
	struct confirm_terms terms = {.seconds = (unsigned)number_of(call), .by = by};

	snprintf(by, sizeof(by), "%s from %s", *s->origin.user ? s->origin.user : "-",
		 *s->origin.from ? s->origin.from : "-");
	return tell_failure(confirm_begin(s->m->deps.confirm, &terms, why, sizeof(why)),
			    why, out);
}

static enum cli_status end_trial(struct cli_session *s, bool keep, struct strbuf *out)
{
	struct confirm *c = s->m->deps.confirm;
	char why[512];
	int err = confirm_check(c, NULL, NULL, why, sizeof(why));

	if (!err && keep)
		confirm_keep(c);
	else if (!err)
		err = confirm_revert(c, &s->origin, why, sizeof(why));
	return tell_failure(err, why, out);
}

static enum cli_status do_confirm(struct cli_session *s, const struct cli_call *call,
				  struct strbuf *out)
{
	(void)call;
	return end_trial(s, true, out);
}

static enum cli_status do_revert(struct cli_session *s, const struct cli_call *call,
				 struct strbuf *out)
{
	(void)call;
	return end_trial(s, false, out);
}

static enum cli_status do_write(struct cli_session *s, const struct cli_call *call,
				struct strbuf *out)
{
	const char *path = s->m->deps.config_path;
	struct confirm_view trial;
	char why[512];

	(void)call;
	if (confirm_view(s->m->deps.confirm, &trial)) {
		strbuf_puts(out, "% What was committed is on trial: `wireguard commit "
				 "confirm` before saving it.\n");
		return CLI_WARNING;
	}
	if (!path) {
		strbuf_puts(out, "% wgrd was started without a configuration file.\n");
		return CLI_WARNING;
	}
	if (config_save(s->cli, path, why, sizeof(why))) {
		log_err(LOG_MGMT, "%s", why);
		strbuf_printf(out, "%% %s\n", why);
		return CLI_WARNING;
	}
	report_saved(s);
	strbuf_printf(out, "Configuration saved to %s\n[OK]\n", path);
	return CLI_SUCCESS;
}

typedef enum cli_status (*action_fn)(struct cli_session *s, const struct cli_call *call,
				     struct strbuf *out);

static const action_fn actions[CLI_ACTION_COUNT] = {
	[CLI_DO_NOTHING] = do_nothing,
	[CLI_DO_AUTOCOMPLETE] = do_autocomplete,
	[CLI_DO_CLEAR_COUNTERS] = do_clear_counters,
	[CLI_DO_CLEAR_PEER] = do_clear_peer,
	[CLI_DO_CLEAR_TENANT] = do_clear_tenant,
	[CLI_DO_COMPLETE] = do_complete,
	[CLI_DO_CONFIRM] = do_confirm,
	[CLI_DO_CONFIGURE] = do_configure,
	[CLI_DO_DEBUG] = do_debug,
	[CLI_DO_ECHO] = do_echo,
	[CLI_DO_END] = do_end,
	[CLI_DO_ENTER_FOREIGN] = do_enter_foreign,
	[CLI_DO_EXIT] = do_exit,
	[CLI_DO_GROUP_BEGIN] = do_group_begin,
	[CLI_DO_GROUP_END] = do_group_end,
	[CLI_DO_HELP] = do_help,
	[CLI_DO_LOG_FILE] = cli_log,
	[CLI_DO_LOG_STDOUT] = cli_log,
	[CLI_DO_LOG_SYSLOG] = cli_log,
	[CLI_DO_NODE] = do_node,
	[CLI_DO_PING] = do_ping,
	[CLI_DO_REKEY_INTERFACE] = do_rekey_interface,
	[CLI_DO_REKEY_PEER] = do_rekey_peer,
	[CLI_DO_REKEY_TENANT] = do_rekey_tenant,
	[CLI_DO_RELOAD_ACCESS] = do_reload_access,
	[CLI_DO_RESYNC] = do_resync,
	[CLI_DO_REVERT] = do_revert,
	[CLI_DO_REVERT_AFTER] = do_revert_after,
	[CLI_DO_REVOKE_KEY] = do_revoke_key,
	[CLI_DO_REVOKE_PEER] = do_revoke_peer,
	[CLI_DO_ROLLBACK] = do_rollback,
	[CLI_DO_SHOW_COMMIT] = cli_show,
	[CLI_DO_SHOW_COMMITS] = cli_show,
	[CLI_DO_SHOW_DATAPLANE] = cli_show,
	[CLI_DO_SHOW_DEBUGGING] = cli_show,
	[CLI_DO_SHOW_EVENTS] = cli_show,
	[CLI_DO_SHOW_KEYS] = cli_show,
	[CLI_DO_SHOW_PEER] = cli_show,
	[CLI_DO_SHOW_PEERS] = cli_show,
	[CLI_DO_SHOW_PERMISSIONS] = cli_show,
	[CLI_DO_SHOW_ROUTES] = cli_show,
	[CLI_DO_SHOW_RUNNING] = cli_show,
	[CLI_DO_SHOW_SUMMARY] = cli_show,
	[CLI_DO_SHOW_TABLES] = cli_show,
	[CLI_DO_SHOW_TENANTS] = cli_show,
	[CLI_DO_SHOW_LOGGING] = cli_show,
	[CLI_DO_SHOW_MEMORY] = cli_show,
	[CLI_DO_SHOW_VERSION] = cli_show,
	[CLI_DO_SHOW_WHY] = cli_show,
	[CLI_DO_SHOW_WIREGUARD] = cli_show,
	[CLI_DO_SHOW_ZEBRA] = cli_show,
	[CLI_DO_WRITE] = do_write,
};

enum cli_status cli_act(struct cli_session *s, const struct cli_call *call,
			struct strbuf *out)
{
	return actions[call->form->cmd->action](s, call, out);
}
