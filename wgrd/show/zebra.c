/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

#include "wgrd/lib/loop.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/rib/rib.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"
#include "wgrd/wg/wg.h"
#include "wgrd/zebra/zclient.h"

/* ---- show wireguard zebra ---- */

enum {
	LABEL = 18, /* columns before what a line says */
};

struct own_walk {
	const struct mgmt *m;
	struct strbuf *out;
	struct json *json;
};

static bool own_text(const struct zclient_own *own, bool sent, bool installed, void *arg)
{
	struct own_walk *w = arg;
	char prefix[PREFIX_STRLEN];

	strbuf_printf(w->out, "    %-30s VRF %s, tag %" PRIu32 ", %s\n",
		      prefix_str(&own->prefix, prefix), own->vrf, own->tag,
		      installed ? "installed"
		      : sent    ? "sent"
				: "waiting");
	return !show_is_full(w->out);
}

static bool own_json(const struct zclient_own *own, bool sent, bool installed, void *arg)
{
	struct own_walk *w = arg;
	char prefix[PREFIX_STRLEN];

	json_object(w->json, NULL);
	json_str(w->json, "prefix", prefix_str(&own->prefix, prefix));
	json_str(w->json, "vrf", own->vrf);
	json_num(w->json, "ifindex", own->ifindex);
	json_num(w->json, "tag", own->tag);
	json_bool(w->json, "sent", sent);
	json_bool(w->json, "installed", installed);
	json_object_end(w->json);
	return !show_is_full(w->out);
}

static const char *router_id(const struct zclient_view *v, char buf[INET_ADDRSTRLEN])
{
	const struct in_addr a = {.s_addr = v->router_id};

	return v->router_id ? inet_ntop(AF_INET, &a, buf, INET_ADDRSTRLEN) : NULL;
}

static bool instance_text(const struct zclient_view *v, void *arg)
{
	struct own_walk *w = arg;
	uint64_t for_ns = show_elapsed(loop_now_ns(w->m->deps.loop), v->since_ns);
	char buf[SHOW_FIELD_LEN], name[24];

	snprintf(name, sizeof(name), "Instance %u", v->instance);
	show_line(w->out, LABEL, name, "%s for %s, %zu own prefixes, %zu installed",
		  zclient_state_name(v->state), show_duration(for_ns, buf), v->own_count,
		  v->own_installed);
	if (*v->last_error)
		show_line(w->out, LABEL, "", "%s", v->last_error);
	show_line(w->out, LABEL, "",
		  "%" PRIu64 " messages received, %" PRIu64
		  " sent, %u connects, %u disconnects",
		  v->messages_rcvd, v->messages_sent, v->connects, v->disconnects);
	zclient_own_walk(w->m->deps.zclient, v->instance, own_text, w);
	return !show_is_full(w->out);
}

static void zebra_text(const struct mgmt *m, const struct zclient_view *v,
		       struct strbuf *out)
{
	struct own_walk w = {.m = m, .out = out};
	uint64_t for_ns = show_elapsed(loop_now_ns(m->deps.loop), v->since_ns);
	char buf[SHOW_FIELD_LEN], id[INET_ADDRSTRLEN];

	strbuf_printf(out, "zebra at %s: %s for %s\n", v->socket,
		      zclient_state_name(v->state), show_duration(for_ns, buf));
	if (*v->last_error)
		show_line(out, LABEL, "Last error", "%s", v->last_error);
	if (*v->release || *v->dialect)
		show_line(out, LABEL, "Release", "%s, dialect %s%s%s",
			  *v->release ? v->release : "unknown",
			  *v->dialect ? v->dialect : "unknown",
			  *v->evidence ? ", found by " : "", v->evidence);
	show_line(out, LABEL, "Router ID", "%s", router_id(v, id) ?: "-");
	show_line(out, LABEL, "Routes",
		  "%zu in the RIB, %" PRIu64 " added, %" PRIu64 " deleted",
		  rib_count(m->deps.rib, RIB_FROM_ZEBRA), v->routes_added,
		  v->routes_deleted);
	show_line(out, LABEL, "Messages", "%" PRIu64 " received, %" PRIu64 " sent",
		  v->messages_rcvd, v->messages_sent);
	show_line(out, LABEL, "",
		  "%" PRIu64 " malformed, %" PRIu64 " ignored, %" PRIu64
		  " errors from zebra",
		  v->malformed, v->ignored, v->errors);
	show_line(out, LABEL, "Sessions", "%u connects, %u disconnects", v->connects,
		  v->disconnects);
	show_line(out, LABEL, "Own prefixes", "%zu, %zu installed", v->own_count,
		  v->own_installed);
	zclient_own_walk(m->deps.zclient, 0, own_text, &w);
	zclient_instances_walk(m->deps.zclient, instance_text, &w);
}

static void zebra_json_counters(struct json *j, const struct zclient_view *v)
{
	json_num(j, "connects", v->connects);
	json_num(j, "disconnects", v->disconnects);
	json_num(j, "messages-received", v->messages_rcvd);
	json_num(j, "messages-sent", v->messages_sent);
	json_num(j, "routes-added", v->routes_added);
	json_num(j, "routes-deleted", v->routes_deleted);
	json_num(j, "malformed", v->malformed);
	json_num(j, "ignored", v->ignored);
	json_num(j, "errors", v->errors);
}

static void zebra_json_own(struct own_walk *w, uint8_t instance)
{
	json_array(w->json, "own-prefixes");
	zclient_own_walk(w->m->deps.zclient, instance, own_json, w);
	json_array_end(w->json);
}

static bool instance_json(const struct zclient_view *v, void *arg)
{
	struct own_walk *w = arg;
	struct json *j = w->json;

	json_object(j, NULL);
	json_num(j, "instance", v->instance);
	json_str(j, "state", zclient_state_name(v->state));
	json_num(j, "state-seconds",
		 show_elapsed(loop_now_ns(w->m->deps.loop), v->since_ns) / NS_PER_S);
	json_str(j, "last-error", *v->last_error ? v->last_error : NULL);
	json_num(j, "connects", v->connects);
	json_num(j, "disconnects", v->disconnects);
	json_num(j, "messages-received", v->messages_rcvd);
	json_num(j, "messages-sent", v->messages_sent);
	json_num(j, "malformed", v->malformed);
	json_num(j, "errors", v->errors);
	zebra_json_own(w, v->instance);
	json_object_end(j);
	return !show_is_full(w->out);
}

static void zebra_json(const struct mgmt *m, const struct zclient_view *v, struct json *j)
{
	struct own_walk w = {.m = m, .out = j->out, .json = j};
	char id[INET_ADDRSTRLEN];

	json_str(j, "state", zclient_state_name(v->state));
	json_num(j, "state-seconds",
		 show_elapsed(loop_now_ns(m->deps.loop), v->since_ns) / NS_PER_S);
	json_str(j, "socket", v->socket);
	json_str(j, "release", *v->release ? v->release : NULL);
	json_str(j, "dialect", *v->dialect ? v->dialect : NULL);
	json_str(j, "dialect-found-by", *v->evidence ? v->evidence : NULL);
	json_bool(j, "given-up", v->gave_up);
	json_str(j, "router-id", router_id(v, id));
	json_str(j, "last-error", *v->last_error ? v->last_error : NULL);
	json_num(j, "routes", rib_count(m->deps.rib, RIB_FROM_ZEBRA));
	zebra_json_counters(j, v);
	zebra_json_own(&w, 0);
	json_array(j, "instances");
	zclient_instances_walk(m->deps.zclient, instance_json, &w);
	json_array_end(j);
}

void show_zebra(const struct mgmt *m, bool json, struct strbuf *out)
{
	struct json j = {.out = out};
	struct zclient_view v;
	bool off;

	if (m->deps.zclient)
		zclient_view(m->deps.zclient, &v);
	off = !m->deps.zclient || v.state == ZCLIENT_OFF;
	if (!json) {
		if (off)
			strbuf_puts(out, "zebra: off\n");
		else
			zebra_text(m, &v, out);
		return;
	}
	json_object(&j, NULL);
	if (off)
		json_str(&j, "state", zclient_state_name(ZCLIENT_OFF));
	else
		zebra_json(m, &v, &j);
	json_object_end(&j);
	json_end(&j);
}
