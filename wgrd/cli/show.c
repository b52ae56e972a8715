/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/show.h"

#include <stdlib.h>

#include "proto/net/prefix.h"
#include "wgrd/cli/cli_priv.h"
#include "wgrd/cli/config_print.h"
#include "wgrd/cli/logging.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/show.h"
#include "wgrd/tenant/tenant.h"
#include "wgrd/wg/wg.h"

#define SHOW(name)                                                                      \
	static enum cli_status do_show_##name(                                          \
		struct cli_session *s, const struct cli_call *call, struct strbuf *out) \
	{                                                                               \
		show_##name(s->m, call->option, out);                                   \
		return CLI_SUCCESS;                                                     \
	}

SHOW(commits)
SHOW(dataplane)
SHOW(debugging)
SHOW(keys)
SHOW(logging)
SHOW(memory)
SHOW(summary)
SHOW(tables)
SHOW(tenants)
SHOW(version)
SHOW(wireguard)
SHOW(zebra)

/* ---- what is let through ---- */

static bool has_word(const struct cli_call *call, const char *word)
{
	for (unsigned i = 0; i < call->words && i < call->form->words; i++)
		if (cli_span_is(call->form->word[i].text, word))
			return true;
	return false;
}

/* What was given after @word of the command's pattern; NULL: the pattern does not have it. */
static const char *value_after(const struct cli_call *call, const char *word)
{
	for (unsigned i = 0; i + 1 < call->words && i + 1 < call->form->words; i++)
		if (cli_span_is(call->form->word[i].text, word))
			return call->word[i + 1];
	return NULL;
}

enum cli_status cli_no_peer(const char *name, struct strbuf *out)
{
	strbuf_printf(out, "%% There is no peer %s; `show wireguard peers` has all.\n",
		      name);
	return CLI_WARNING;
}

enum cli_status cli_no_tenant(const char *name, struct strbuf *out)
{
	strbuf_printf(out,
		      "%% There is no tenant %s; `show wireguard tenants` has all.\n",
		      name);
	return CLI_WARNING;
}

static bool know_peer(const struct cli_session *s, const char *name, struct strbuf *out)
{
	if (!name || wg_peer_find_any(s->m->deps.wg, name))
		return true;
	cli_no_peer(name, out);
	return false;
}

static bool know_tenant(const struct cli_session *s, const char *name, struct strbuf *out)
{
	if (!name || tenants_has(s->m->deps.tenants, name))
		return true;
	cli_no_tenant(name, out);
	return false;
}

/* An address stands for its host's prefix; host bits are cut off. */
static bool take_prefix(const char *text, struct prefix *p, struct strbuf *out)
{
	int err = prefix_parse(p, text);

	if (!err)
		prefix_mask(p);
	else
		strbuf_printf(out,
			      "%% \"%s\" is not a prefix; expected 192.0.2.0/24, "
			      "2001:db8::/32 or an address.\n",
			      text);
	return !err;
}

/* The prefix of the command's pattern, if it has one, with what lies in it or without. */
static bool take_scope(const struct cli_call *call, struct show_prefixes *scope,
		       struct strbuf *out)
{
	for (unsigned i = 0; i < call->words && i < call->form->words; i++) {
		if (!cli_span_is(call->form->word[i].text, "PREFIX"))
			continue;
		scope->given = true;
		scope->longer = has_word(call, "longer-prefixes");
		return take_prefix(call->word[i], &scope->prefix, out);
	}
	return true;
}

/* ---- commands with a filter ---- */

/* Events outlive their peer. */
static enum cli_status do_show_events(struct cli_session *s, const struct cli_call *call,
				      struct strbuf *out)
{
	show_events(s->m, value_after(call, "peer"), call->option, out);
	return CLI_SUCCESS;
}

static enum cli_status do_show_peers(struct cli_session *s, const struct cli_call *call,
				     struct strbuf *out)
{
	const struct show_peer_filter only = {.tenant = value_after(call, "tenant"),
					      .session = value_after(call, "session")};

	if (!know_tenant(s, only.tenant, out))
		return CLI_WARNING;
	show_peers(s->m, &only, call->option, out);
	return CLI_SUCCESS;
}

static enum cli_status do_show_permissions(struct cli_session *s,
					   const struct cli_call *call,
					   struct strbuf *out)
{
	struct show_permission_filter only = {.peer = value_after(call, "peer")};

	if (!know_peer(s, only.peer, out) || !take_scope(call, &only.in, out))
		return CLI_WARNING;
	show_permissions(s->m, &only, call->option, out);
	return CLI_SUCCESS;
}

static enum cli_status do_show_routes(struct cli_session *s, const struct cli_call *call,
				      struct strbuf *out)
{
	struct show_route_filter only = {.tenant = value_after(call, "tenant"),
					 .peer = value_after(call, "peer"),
					 .state = value_after(call, "state")};

	if (!know_tenant(s, only.tenant, out) || !know_peer(s, only.peer, out) ||
	    !take_scope(call, &only.in, out))
		return CLI_WARNING;
	show_routes(s->m, &only, call->option, out);
	return CLI_SUCCESS;
}

static enum cli_status do_show_why(struct cli_session *s, const struct cli_call *call,
				   struct strbuf *out)
{
	char text[PREFIX_STRLEN];
	struct prefix p;

	if (!take_prefix(call->value, &p, out))
		return CLI_WARNING;
	if (show_why(s->m, &p, call->option, out) || call->option)
		return CLI_SUCCESS;
	strbuf_printf(
		out,
		"%% %s: no routing daemon has told it or a prefix that covers it, and "
		"nothing configured has it.\n",
		prefix_str(&p, text));
	return CLI_WARNING;
}

static enum cli_status do_show_peer(struct cli_session *s, const struct cli_call *call,
				    struct strbuf *out)
{
	struct strbuf text = {0};
	bool found = show_peer(s->m, call->value, call->option, &text);

	if (found)
		strbuf_puts(out, text.s);
	else
		cli_no_peer(call->value, out);
	strbuf_free(&text);
	return found ? CLI_SUCCESS : CLI_WARNING;
}

/* ---- the others ---- */

static enum cli_status do_show_running(struct cli_session *s, const struct cli_call *call,
				       struct strbuf *out)
{
	(void)call;
	config_print(s->cli->forms, datastore_running(s->m->deps.datastore), false, out);
	return CLI_SUCCESS;
}

static enum cli_status do_show_commit(struct cli_session *s, const struct cli_call *call,
				      struct strbuf *out)
{
	if (show_commit(s->m, strtoull(call->value, NULL, 10), call->option, out))
		return CLI_SUCCESS;
	strbuf_printf(out,
		      "%% Commit %s is not among those remembered; see `show wireguard "
		      "commits`.\n",
		      call->value);
	return CLI_WARNING;
}

typedef enum cli_status (*show_fn)(struct cli_session *s, const struct cli_call *call,
				   struct strbuf *out);

static const show_fn shows[CLI_ACTION_COUNT] = {
	[CLI_DO_SHOW_COMMIT] = do_show_commit,
	[CLI_DO_SHOW_COMMITS] = do_show_commits,
	[CLI_DO_SHOW_DATAPLANE] = do_show_dataplane,
	[CLI_DO_SHOW_DEBUGGING] = do_show_debugging,
	[CLI_DO_SHOW_EVENTS] = do_show_events,
	[CLI_DO_SHOW_KEYS] = do_show_keys,
	[CLI_DO_SHOW_PEER] = do_show_peer,
	[CLI_DO_SHOW_PEERS] = do_show_peers,
	[CLI_DO_SHOW_PERMISSIONS] = do_show_permissions,
	[CLI_DO_SHOW_ROUTES] = do_show_routes,
	[CLI_DO_SHOW_RUNNING] = do_show_running,
	[CLI_DO_SHOW_SUMMARY] = do_show_summary,
	[CLI_DO_SHOW_TABLES] = do_show_tables,
	[CLI_DO_SHOW_TENANTS] = do_show_tenants,
	[CLI_DO_SHOW_LOGGING] = do_show_logging,
	[CLI_DO_SHOW_MEMORY] = do_show_memory,
	[CLI_DO_SHOW_VERSION] = do_show_version,
	[CLI_DO_SHOW_WHY] = do_show_why,
	[CLI_DO_SHOW_WIREGUARD] = do_show_wireguard,
	[CLI_DO_SHOW_ZEBRA] = do_show_zebra,
};

enum cli_status cli_show(struct cli_session *s, const struct cli_call *call,
			 struct strbuf *out)
{
	return shows[call->form->cmd->action](s, call, out);
}
