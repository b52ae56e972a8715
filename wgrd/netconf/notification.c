/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/netconf/notification.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wgrd/mgmt/events.h"
#include "wgrd/netconf/change_edits.h"
#include "wgrd/netconf/netconf_priv.h"
#include "wgrd/netconf/print.h"
#include "wgrd/netconf/state_node.h"

/* ---- ours ---- */

/* That of its kind; but "commit" is an operation, and yangcli takes one for the other. */
static const char *name_of(const struct event *ev)
{
	return ev->kind == EVENT_COMMIT ? "committed" : event_kind_name(ev->kind);
}

static struct lyd_node *new_tree(const struct netconf *n, const char *module,
				 const char *name)
{
	const struct lys_module *m =
		ly_ctx_get_module_implemented(netconf_ctx(n), module);
	struct lyd_node *tree = NULL;

	return m && !lyd_new_inner(NULL, m, name, 0, &tree) ? tree : NULL;
}

static struct lyd_node *own_tree(const struct netconf *n, const struct event *ev)
{
	struct lyd_node *tree = new_tree(n, "wgrd-events", name_of(ev));

	if (!tree)
		return NULL;
	state_number(tree, "event", ev->id);
	state_leaf(tree, "text", ev->text);
	state_leaf(tree, "interface", ev->interface);
	state_leaf(tree, "peer", ev->peer);
	state_leaf(tree, "tenant", ev->tenant);
	if (ev->commit)
		state_number(tree, "commit", ev->commit);
	if (ev->kind == EVENT_ENDPOINT) {
		state_leaf(tree, "old-endpoint", ev->old_endpoint);
		state_leaf(tree, "endpoint", ev->endpoint);
		state_number(tree, "endpoint-changes", ev->count);
	}
	if (ev->kind == EVENT_HANDSHAKE) {
		state_leaf(tree, "kind", ev->what);
		if (ev->count)
			state_number(tree, "count", ev->count);
	}
	return tree;
}

/* ---- RFC 6470 ---- */

#define BASE_MODULE "ietf-netconf-notifications"

static void add_session(struct lyd_node *node, const struct event *ev)
{
	state_text(node, "username", ev->user);
	state_number(node, "session-id", ev->session);
}

static struct lyd_node *session_tree(const struct netconf *n, const struct event *ev)
{
	struct lyd_node *tree = new_tree(n, BASE_MODULE, event_kind_name(ev->kind));

	add_session(tree, ev);
	if (ev->killed_by)
		state_number(tree, "killed-by", ev->killed_by);
	state_leaf(tree, "termination-reason", ev->what);
	return tree;
}

static struct lyd_node *trial_tree(const struct netconf *n, const struct event *ev)
{
	struct lyd_node *tree = new_tree(n, BASE_MODULE, event_kind_name(ev->kind));

	if (strcmp(ev->what, "timeout") != 0)
		add_session(tree, ev);
	state_leaf(tree, "confirm-event", ev->what);
	if (ev->count)
		state_number(tree, "timeout", ev->count);
	return tree;
}

/* What nobody has asked for at a session the server has done. */
static struct lyd_node *change_tree(const struct netconf *n, const struct nacm_user *u,
				    const struct event *ev)
{
	struct lyd_node *tree = new_tree(n, BASE_MODULE, "netconf-config-change");
	struct lyd_node *by = state_container(tree, "changed-by");

	if (!ev->session && (!*ev->user || !strcmp(ev->user, "wgrd")))
		state_text(by, "server", "");
	else
		add_session(by, ev);
	state_leaf(tree, "datastore", ev->kind == EVENT_SAVED ? "startup" : "running");
	if (ev->commit)
		change_edits(n, u, ev->commit, tree);
	return tree;
}

static struct lyd_node *base_tree(const struct netconf *n, const struct nacm_user *u,
				  const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_SESSION_START:
	case EVENT_SESSION_END:
		return session_tree(n, ev);
	case EVENT_TRIAL:
		return trial_tree(n, ev);
	case EVENT_COMMIT:
	case EVENT_SAVED:
		return change_tree(n, u, ev);
	default:
		return NULL;
	}
}

unsigned notification_trees(const struct netconf *n, const struct nacm_user *u,
			    const struct event *ev,
			    struct lyd_node *out[NOTIFICATION_TREES_MAX])
{
	struct lyd_node *own = own_tree(n, ev), *base = base_tree(n, u, ev);
	unsigned count = 0;

	if (own)
		out[count++] = own;
	if (base)
		out[count++] = base;
	return count;
}

/* ---- messages ---- */

static void begin(struct strbuf *out, int64_t when_ms)
{
	time_t when = (time_t)(when_ms / 1000);
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&when, &tm))
		strftime(text, sizeof(text), "%FT%T", &tm);
	strbuf_printf(out,
		      "<notification xmlns=\"" NS_NOTIFICATION "\"><eventTime>%s.%03dZ"
		      "</eventTime>",
		      text, (int)(when_ms % 1000));
}

void notification_put(struct strbuf *out, int64_t when_ms, const struct lyd_node *tree)
{
	begin(out, when_ms);
	print_tree(out, tree, PRINT_ALL);
	strbuf_puts(out, "</notification>");
}

void notification_put_mark(struct strbuf *out, const char *name)
{
	begin(out, notification_now_ms());
	strbuf_printf(out, "<%s xmlns=\"" NS_NETMOD "\"/></notification>", name);
}

static size_t count_digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* libyang converts what it can, and takes the rest for granted. */
static bool is_date_and_time(const char *s)
{
	static const char mask[] = "dddd-dd-ddTdd:dd:dd";

	for (const char *m = mask; *m; m++, s++)
		if (*m == 'd' ? !count_digits(s) : *m != *s)
			return false;
	if (*s == '.') {
		size_t digits = count_digits(++s);

		if (!digits)
			return false;
		s += digits;
	}
	if (*s == 'Z')
		return !s[1];
	return (*s == '+' || *s == '-') && count_digits(s + 1) == 2 && s[3] == ':' &&
	       count_digits(s + 4) == 2 && !s[6];
}

int notification_parse_time(const char *text, int64_t *out_ms)
{
	char *fraction = NULL, digits[4] = "000";
	time_t seconds;

	if (!is_date_and_time(text) || ly_time_str2time(text, &seconds, &fraction))
		return -EINVAL;
	for (int i = 0; fraction && fraction[i] && i < 3; i++)
		digits[i] = fraction[i];
	free(fraction);
	*out_ms = (int64_t)seconds * 1000 + strtol(digits, NULL, 10);
	return 0;
}

int64_t notification_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
