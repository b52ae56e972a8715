/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/mgmt/cli_action.h"

#include <string.h>

#include "wgrd/conf/datastore.h"
#include "wgrd/lib/log.h"
#include "wgrd/mgmt/cli_edit.h"
#include "wgrd/mgmt/config_print.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/mgmt/show.h"
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
	if (cli_group_end(s, &refusal))
		return CLI_SUCCESS;
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

/* ---- show ---- */

#define SHOW(name)                                                                      \
	static enum cli_status do_show_##name(                                          \
		struct cli_session *s, const struct cli_call *call, struct strbuf *out) \
	{                                                                               \
		show_##name(s->m, call->option, out);                                   \
		return CLI_SUCCESS;                                                     \
	}

SHOW(dataplane)
SHOW(peers)
SHOW(permissions)
SHOW(routes)
SHOW(tenants)
SHOW(version)
SHOW(wireguard)
SHOW(zebra)

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
	config_print(s->m->forms, datastore_running(s->m->deps.datastore), false, out);
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

struct clear {
	const char *name;
	unsigned found;
};

static bool clear_on_device(struct wg_device *d, void *arg)
{
	struct clear *c = arg;
	struct wg_peer *p = wg_peer_find(d, c->name);

	if (p) {
		wg_peer_clear(p);
		c->found++;
	}
	return true;
}

static enum cli_status do_clear_peer(struct cli_session *s, const struct cli_call *call,
				     struct strbuf *out)
{
	struct clear c = {.name = call->value};

	wg_walk_devices(s->m->deps.wg, clear_on_device, &c);
	if (c.found)
		return CLI_SUCCESS;
	strbuf_printf(out, "%% There is no peer %s.\n", call->value);
	return CLI_WARNING;
}

static enum cli_status do_write(struct cli_session *s, const struct cli_call *call,
				struct strbuf *out)
{
	const char *path = s->m->deps.config_path;
	char why[512];

	(void)call;
	if (!path) {
		strbuf_puts(out, "% wgrd was started without a configuration file.\n");
		return CLI_WARNING;
	}
	if (config_save(s->m, path, why, sizeof(why))) {
		log_err(LOG_MGMT, "%s", why);
		strbuf_printf(out, "%% %s\n", why);
		return CLI_WARNING;
	}
	strbuf_printf(out, "Configuration saved to %s\n[OK]\n", path);
	return CLI_SUCCESS;
}

typedef enum cli_status (*action_fn)(struct cli_session *s, const struct cli_call *call,
				     struct strbuf *out);

static const action_fn actions[CLI_ACTION_COUNT] = {
	[CLI_DO_NOTHING] = do_nothing,
	[CLI_DO_CLEAR_PEER] = do_clear_peer,
	[CLI_DO_COMPLETE] = do_complete,
	[CLI_DO_CONFIGURE] = do_configure,
	[CLI_DO_DEBUG] = do_debug,
	[CLI_DO_ECHO] = do_echo,
	[CLI_DO_END] = do_end,
	[CLI_DO_ENTER_FOREIGN] = do_enter_foreign,
	[CLI_DO_EXIT] = do_exit,
	[CLI_DO_GROUP_BEGIN] = do_group_begin,
	[CLI_DO_GROUP_END] = do_group_end,
	[CLI_DO_HELP] = do_help,
	[CLI_DO_NODE] = do_node,
	[CLI_DO_SHOW_DATAPLANE] = do_show_dataplane,
	[CLI_DO_SHOW_DEBUGGING] = do_show_debugging,
	[CLI_DO_SHOW_PEER] = do_show_peer,
	[CLI_DO_SHOW_PEERS] = do_show_peers,
	[CLI_DO_SHOW_PERMISSIONS] = do_show_permissions,
	[CLI_DO_SHOW_ROUTES] = do_show_routes,
	[CLI_DO_SHOW_RUNNING] = do_show_running,
	[CLI_DO_SHOW_TENANTS] = do_show_tenants,
	[CLI_DO_SHOW_VERSION] = do_show_version,
	[CLI_DO_SHOW_WIREGUARD] = do_show_wireguard,
	[CLI_DO_SHOW_ZEBRA] = do_show_zebra,
	[CLI_DO_WRITE] = do_write,
};

enum cli_status cli_act(struct cli_session *s, const struct cli_call *call,
			struct strbuf *out)
{
	return actions[call->form->cmd->action](s, call, out);
}
