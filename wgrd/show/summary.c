/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One screen for a thousand peers: how many of each there are, how many are as they should
 * be, and what somebody should look at.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/conf/confirm.h"
#include "wgrd/lib/loop.h"
#include "wgrd/mgmt/cleared.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"
#include "wgrd/tenant/tenant.h"
#include "wgrd/wg/wg.h"
#include "wgrd/zebra/zclient.h"

enum {
	ATTENTION_MAX = 12, /* lines; the rest is counted */
	LABEL = 16,         /* columns before what a line says */
	SESSIONS = WG_SESSION_EXPIRED + 1,
};

struct summary {
	const struct mgmt *m;
	size_t interfaces, interfaces_up, interfaces_inactive;
	size_t peers, peers_inactive, session[SESSIONS];
	size_t tenants, tenants_inactive, learned, accepted, refused;
	uint64_t drops;
	struct fib_view fib;
	struct zclient_view zebra; /* ZCLIENT_OFF when there is none */
	struct strbuf attention;   /* lines */
	size_t attentions;
};

static void attend(struct summary *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void attend(struct summary *s, const char *fmt, ...)
{
	char line[256];
	va_list args;

	if (s->attentions++ >= ATTENTION_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	strbuf_printf(&s->attention, "%s\n", line);
}

/* ---- counting ---- */

static bool count_peer(struct wg_peer *p, void *arg)
{
	struct summary *s = arg;
	struct wg_peer_view v;

	wg_peer_view(p, &v);
	s->peers++;
	if (v.inactive)
		s->peers_inactive++;
	else
		s->session[v.session]++;
	return true;
}

static bool count_device(struct wg_device *d, void *arg)
{
	struct summary *s = arg;
	struct wg_device_view v;

	wg_device_view(d, &v);
	s->interfaces++;
	s->interfaces_up += v.up && !v.inactive;
	if (v.inactive) {
		s->interfaces_inactive++;
		attend(s, "interface %s: %s", v.name, v.inactive);
	}
	if (v.degraded_prefixes)
		attend(s, "interface %s: %zu prefixes with one peer instead of several",
		       v.name, v.degraded_prefixes);
	wg_walk_peers(d, count_peer, s);
	return true;
}

static bool count_tenant(const struct tenant_view *v, void *arg)
{
	struct summary *s = arg;

	s->tenants += *v->name != '\0';
	s->learned += v->learned;
	s->accepted += v->accepted;
	s->refused += v->refused;
	if (*v->name && v->inactive) {
		s->tenants_inactive++;
		attend(s, "tenant %s: %s", v->name, v->inactive);
	}
	return true;
}

static bool count_drop(const char *name, const char *what, bool drop, uint64_t value,
		       void *arg)
{
	struct summary *s = arg;

	(void)name;
	(void)what;
	s->drops += drop ? value : 0;
	return true;
}

/* What all of them lack is said once. */
static bool look_at_instance(const struct zclient_view *v, void *arg)
{
	struct summary *s = arg;

	if (v->state != ZCLIENT_OFF && v->state != ZCLIENT_UP &&
	    s->zebra.state == ZCLIENT_UP)
		attend(s, "zebra, instance %u: %s", v->instance,
		       *v->last_error ? v->last_error : zclient_state_name(v->state));
	return true;
}

static void look_at_zebra(struct summary *s)
{
	s->zebra.state = ZCLIENT_OFF;
	if (!s->m->deps.zclient)
		return;
	zclient_view(s->m->deps.zclient, &s->zebra);
	zclient_instances_walk(s->m->deps.zclient, look_at_instance, s);
	if (s->zebra.state != ZCLIENT_OFF && s->zebra.state != ZCLIENT_UP)
		attend(s, "zebra at %s: %s", s->zebra.socket,
		       *s->zebra.last_error ? s->zebra.last_error
					    : zclient_state_name(s->zebra.state));
}

static void collect(struct summary *s, const struct mgmt *m)
{
	struct confirm_view trial;

	*s = (struct summary){.m = m};
	look_at_zebra(s);
	wg_walk_devices(m->deps.wg, count_device, s);
	tenants_walk(m->deps.tenants, count_tenant, s);
	cleared_walk_counters(m->cleared, m->deps.wg, count_drop, s);
	fib_view(m->deps.fib, &s->fib);
	if (s->fib.failed)
		attend(s, "the kernel refused %zu: `show wireguard routes state failed`",
		       s->fib.failed);
	if (s->refused)
		attend(s, "%zu refused: `show wireguard routes state refused`",
		       s->refused);
	if (confirm_view(m->deps.confirm, &trial))
		attend(s, "commits are on trial: `show wireguard commits`");
}

/* ---- text ---- */

static void summary_zebra(const struct summary *s, struct strbuf *out)
{
	uint64_t now = loop_now_ns(s->m->deps.loop);
	char buf[SHOW_FIELD_LEN];

	strbuf_printf(out, "  %-14s%s", "zebra", zclient_state_name(s->zebra.state));
	if (s->zebra.state != ZCLIENT_OFF)
		strbuf_printf(out, " for %s, release %s",
			      show_duration(show_elapsed(now, s->zebra.since_ns), buf),
			      *s->zebra.release ? s->zebra.release : "unknown");
	strbuf_puts(out, "\n");
}

static void summary_attention(const struct summary *s, struct strbuf *out)
{
	const char *line = strbuf_str(&s->attention);

	if (!s->attentions)
		return;
	strbuf_puts(out, "\nTo be looked at\n");
	for (size_t len; *line; line += len + 1) {
		char text[256];

		len = strcspn(line, "\n");
		snprintf(text, sizeof(text), "%.*s", (int)len, line);
		strbuf_puts(out, "  ");
		show_wrapped(out, 2, 4, text);
	}
	if (s->attentions > ATTENTION_MAX)
		strbuf_printf(out, "  and %zu more\n", s->attentions - ATTENTION_MAX);
}

static void summary_text(const struct summary *s, struct strbuf *out)
{
	strbuf_printf(out, "  %-14s%zu: %zu up, %zu inactive\n", "Interfaces",
		      s->interfaces, s->interfaces_up, s->interfaces_inactive);
	show_line(out, LABEL, "Peers",
		  "%zu: %zu up, %zu in handshake, %zu without a session, %zu inactive",
		  s->peers, s->session[WG_SESSION_UP], s->session[WG_SESSION_HANDSHAKE],
		  s->session[WG_SESSION_NONE] + s->session[WG_SESSION_EXPIRED],
		  s->peers_inactive);
	strbuf_printf(out, "  %-14s%zu, %zu inactive\n", "Tenants", s->tenants,
		      s->tenants_inactive);
	strbuf_printf(out, "  %-14s%zu: %zu accepted, %zu refused\n", "Learned",
		      s->learned, s->accepted, s->refused);
	show_line(out, LABEL, "Installed",
		  "%zu permissions, %zu routes, %zu rules; %zu pending, %zu failed",
		  s->fib.permissions, s->fib.routes, s->fib.rules, s->fib.pending,
		  s->fib.failed);
	summary_zebra(s, out);
	strbuf_printf(out, "  %-14s%" PRIu64 " packets\n", "Dropped", s->drops);
	summary_attention(s, out);
}

/* ---- JSON ---- */

static void summary_json(const struct summary *s, struct json *j)
{
	const char *line = strbuf_str(&s->attention);

	json_num(j, "interfaces", s->interfaces);
	json_num(j, "interfaces-up", s->interfaces_up);
	json_num(j, "interfaces-inactive", s->interfaces_inactive);
	json_num(j, "peers", s->peers);
	json_num(j, "peers-up", s->session[WG_SESSION_UP]);
	json_num(j, "peers-in-handshake", s->session[WG_SESSION_HANDSHAKE]);
	json_num(j, "peers-inactive", s->peers_inactive);
	json_num(j, "tenants", s->tenants);
	json_num(j, "tenants-inactive", s->tenants_inactive);
	json_num(j, "learned", s->learned);
	json_num(j, "accepted", s->accepted);
	json_num(j, "refused", s->refused);
	json_num(j, "permissions", s->fib.permissions);
	json_num(j, "routes", s->fib.routes);
	json_num(j, "rules", s->fib.rules);
	json_num(j, "pending", s->fib.pending);
	json_num(j, "failed", s->fib.failed);
	json_str(j, "zebra", zclient_state_name(s->zebra.state));
	json_num(j, "drops", s->drops);
	json_num(j, "to-be-looked-at", s->attentions);
	json_array(j, "attention");
	for (size_t len; *line; line += len + 1) {
		char text[256];

		len = strcspn(line, "\n");
		snprintf(text, sizeof(text), "%.*s", (int)len, line);
		json_str(j, NULL, text);
	}
	json_array_end(j);
}

void show_summary(const struct mgmt *m, bool json, struct strbuf *out)
{
	struct json j = {.out = out};
	struct summary s;

	collect(&s, m);
	if (json) {
		json_object(&j, NULL);
		summary_json(&s, &j);
		json_object_end(&j);
		json_end(&j);
	} else {
		show_version(m, false, out);
		summary_text(&s, out);
	}
	strbuf_free(&s.attention);
}
