/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/show.h"

#include <stdlib.h>

#include "proto/net/prefix.h"
#include "wgrd/cli/cli_priv.h"
#include "wgrd/cli/config_print.h"
#include "wgrd/cli/logging.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/lib/log.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/show.h"

#define SHOW(name)                                                                      \
	static enum cli_status do_show_##name(                                          \
		struct cli_session *s, const struct cli_call *call, struct strbuf *out) \
	{                                                                               \
		show_##name(s->m, call->option, out);                                   \
		return CLI_SUCCESS;                                                     \
	}

SHOW(commits)
SHOW(dataplane)
SHOW(keys)
SHOW(logging)
SHOW(memory)
SHOW(permissions)
SHOW(summary)
SHOW(tables)
SHOW(tenants)
SHOW(version)
SHOW(wireguard)
SHOW(zebra)

static enum cli_status do_show_events(struct cli_session *s, const struct cli_call *call,
				      struct strbuf *out)
{
	show_events(s->m, NULL, call->option, out);
	return CLI_SUCCESS;
}

static enum cli_status do_show_events_peer(struct cli_session *s,
					   const struct cli_call *call,
					   struct strbuf *out)
{
	show_events(s->m, call->value, call->option, out);
	return CLI_SUCCESS;
}

static enum cli_status do_show_peers(struct cli_session *s, const struct cli_call *call,
				     struct strbuf *out)
{
	show_peers(s->m, NULL, call->option, out);
	return CLI_SUCCESS;
}

static enum cli_status do_show_peers_session(struct cli_session *s,
					     const struct cli_call *call,
					     struct strbuf *out)
{
	show_peers(s->m, &(struct show_peer_filter){.session = call->value}, call->option,
		   out);
	return CLI_SUCCESS;
}

static enum cli_status do_show_peers_tenant(struct cli_session *s,
					    const struct cli_call *call,
					    struct strbuf *out)
{
	show_peers(s->m, &(struct show_peer_filter){.tenant = call->value}, call->option,
		   out);
	return CLI_SUCCESS;
}

static enum cli_status do_show_routes(struct cli_session *s, const struct cli_call *call,
				      struct strbuf *out)
{
	show_routes(s->m, NULL, call->option, out);
	return CLI_SUCCESS;
}

static enum cli_status show_some_routes(struct cli_session *s,
					const struct cli_call *call,
					const struct show_route_filter *only,
					struct strbuf *out)
{
	show_routes(s->m, only, call->option, out);
	return CLI_SUCCESS;
}

static enum cli_status do_show_routes_tenant(struct cli_session *s,
					     const struct cli_call *call,
					     struct strbuf *out)
{
	return show_some_routes(s, call,
				&(struct show_route_filter){.tenant = call->value}, out);
}

static enum cli_status do_show_routes_peer(struct cli_session *s,
					   const struct cli_call *call,
					   struct strbuf *out)
{
	return show_some_routes(s, call, &(struct show_route_filter){.peer = call->value},
				out);
}

static enum cli_status do_show_routes_state(struct cli_session *s,
					    const struct cli_call *call,
					    struct strbuf *out)
{
	return show_some_routes(s, call,
				&(struct show_route_filter){.state = call->value}, out);
}

/* An address stands for its host's prefix; host bits are cut off. */
static bool take_prefix(const struct cli_call *call, struct prefix *p, struct strbuf *out)
{
	int err = prefix_parse(p, call->value);

	if (!err)
		prefix_mask(p);
	else
		strbuf_printf(out,
			      "%% \"%s\" is not a prefix; expected 192.0.2.0/24, "
			      "2001:db8::/32 or an address.\n",
			      call->value);
	return !err;
}

static enum cli_status do_show_routes_in(struct cli_session *s,
					 const struct cli_call *call, struct strbuf *out)
{
	struct prefix in;

	if (!take_prefix(call, &in, out))
		return CLI_WARNING;
	return show_some_routes(s, call, &(struct show_route_filter){.in = &in}, out);
}

static enum cli_status do_show_why(struct cli_session *s, const struct cli_call *call,
				   struct strbuf *out)
{
	char text[PREFIX_STRLEN];
	struct prefix p;

	if (!take_prefix(call, &p, out))
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
		strbuf_printf(out, "%% There is no peer %s.\n", call->value);
	strbuf_free(&text);
	return found ? CLI_SUCCESS : CLI_WARNING;
}

static enum cli_status do_show_running(struct cli_session *s, const struct cli_call *call,
				       struct strbuf *out)
{
	(void)call;
	config_print(s->cli->forms, datastore_running(s->m->deps.datastore), false, out);
	return CLI_SUCCESS;
}

static enum cli_status do_show_debugging(struct cli_session *s,
					 const struct cli_call *call, struct strbuf *out)
{
	bool any = false;

	(void)s;
	(void)call;
	for (enum log_subsys i = 0; i < LOG_SUBSYS_COUNT; i++) {
		if (!log_debug_on(i))
			continue;
		strbuf_printf(out, "wgrd debugging is on: %s\n", log_subsys_name(i));
		any = true;
	}
	if (!any)
		strbuf_puts(out, "wgrd debugging is off\n");
	return CLI_SUCCESS;
}

static enum cli_status do_show_commit(struct cli_session *s, const struct cli_call *call,
				      struct strbuf *out)
{
	if (show_commit(s->m, strtoull(call->value, NULL, 10), call->option, out))
		return CLI_SUCCESS;
	strbuf_printf(out, "%% Commit %s is not among those remembered.\n", call->value);
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
	[CLI_DO_SHOW_EVENTS_PEER] = do_show_events_peer,
	[CLI_DO_SHOW_KEYS] = do_show_keys,
	[CLI_DO_SHOW_PEER] = do_show_peer,
	[CLI_DO_SHOW_PEERS] = do_show_peers,
	[CLI_DO_SHOW_PEERS_SESSION] = do_show_peers_session,
	[CLI_DO_SHOW_PEERS_TENANT] = do_show_peers_tenant,
	[CLI_DO_SHOW_PERMISSIONS] = do_show_permissions,
	[CLI_DO_SHOW_ROUTES] = do_show_routes,
	[CLI_DO_SHOW_ROUTES_IN] = do_show_routes_in,
	[CLI_DO_SHOW_ROUTES_PEER] = do_show_routes_peer,
	[CLI_DO_SHOW_ROUTES_STATE] = do_show_routes_state,
	[CLI_DO_SHOW_ROUTES_TENANT] = do_show_routes_tenant,
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
