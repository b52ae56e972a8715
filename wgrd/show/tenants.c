/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "wgrd/fib/fib.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"
#include "wgrd/tenant/tenant.h"

enum {
	LABEL = 18, /* columns before what a line says */
};

static bool tenant_text(const struct tenant_view *v, void *arg)
{
	struct strbuf *out = arg;
	char peers[SHOW_FIELD_LEN], interfaces[SHOW_FIELD_LEN];
	struct strbuf head = {0};

	if (out->len)
		strbuf_puts(out, "\n");
	strbuf_printf(&head, "%s%s: ", *v->name ? "Tenant " : "No tenant", v->name);
	if (v->inactive)
		strbuf_printf(&head, "inactive (%s)", v->inactive);
	else if (*v->name)
		strbuf_printf(&head, "table %" PRIu32 ", priority %" PRIu32 ", VRF %s",
			      v->table, v->priority, v->vrf);
	else
		strbuf_puts(&head, "permissions only");
	show_wrapped(out, 0, 2, head.s);
	strbuf_free(&head);
	strbuf_printf(out, "  %-16s%s, %s\n", "Members",
		      show_count(v->interfaces, "interface", interfaces),
		      show_count(v->peers, "peer", peers));
	if (v->learn_table)
		strbuf_printf(out, "  %-16stable %" PRIu32 "\n", "Learns from",
			      v->learn_table);
	show_line(out, LABEL, "Learned", "%zu, %zu accepted, %zu refused%s%s", v->learned,
		  v->accepted, v->refused, *v->prefix_list ? ", prefix-list " : "",
		  v->prefix_list);
	show_limit(out, v->max_prefix, v->max_prefix_warning, v->max_prefix_hold);
	show_held(out, v->held_s);
	strbuf_printf(out, "  %-16s%zu\n", "Own prefixes", v->fixed);
	return !show_is_full(out);
}

static bool tenant_json(const struct tenant_view *v, void *arg)
{
	struct json *j = arg;

	json_object(j, NULL);
	json_str(j, "name", *v->name ? v->name : NULL);
	json_str(j, "inactive-reason", v->inactive);
	json_num(j, "table", v->table);
	json_num(j, "priority", v->priority);
	json_str(j, "vrf", v->vrf);
	if (v->learn_table)
		json_num(j, "learn-table", v->learn_table);
	else
		json_null(j, "learn-table");
	json_num(j, "interfaces", v->interfaces);
	json_num(j, "peers", v->peers);
	json_num(j, "learned", v->learned);
	json_num(j, "accepted", v->accepted);
	json_num(j, "refused", v->refused);
	json_num(j, "fixed", v->fixed);
	json_str(j, "prefix-list", *v->prefix_list ? v->prefix_list : NULL);
	show_limit_json(j, v->max_prefix, v->max_prefix_warning, v->max_prefix_hold);
	show_held_json(j, v->held_s);
	json_object_end(j);
	return !show_is_full(j->out);
}

static void fib_text(const struct fib_view *v, struct strbuf *out)
{
	struct strbuf head = {0};

	if (out->len)
		strbuf_puts(out, "\n");
	strbuf_printf(&head,
		      "Installed: %zu permissions, %zu routes, %zu rules, %zu own "
		      "prefixes to zebra",
		      v->permissions, v->routes, v->rules, v->advertised);
	show_wrapped(out, 0, 2, head.s);
	strbuf_free(&head);
	show_line(out, LABEL, "Progress", "%zu pending, %zu failed", v->pending,
		  v->failed);
	show_line(out, LABEL, "In the kernel",
		  "%" PRIu64 " adopted, %" PRIu64 " orphans removed, %" PRIu64
		  " put back, %" PRIu64 " resyncs",
		  v->adopted, v->orphans_removed, v->put_back, v->resyncs);
}

static void fib_json(const struct fib_view *v, struct json *j)
{
	json_object(j, "fib");
	json_num(j, "permissions", v->permissions);
	json_num(j, "routes", v->routes);
	json_num(j, "rules", v->rules);
	json_num(j, "advertised", v->advertised);
	json_num(j, "pending", v->pending);
	json_num(j, "failed", v->failed);
	json_num(j, "adopted", v->adopted);
	json_num(j, "orphans-removed", v->orphans_removed);
	json_num(j, "put-back", v->put_back);
	json_num(j, "resyncs", v->resyncs);
	json_object_end(j);
}

void show_tenants(const struct mgmt *m, bool json, struct strbuf *out)
{
	struct json j = {.out = out};
	struct fib_view fib;

	fib_view(m->deps.fib, &fib);
	if (!json) {
		tenants_walk(m->deps.tenants, tenant_text, out);
		fib_text(&fib, out);
		return;
	}
	json_object(&j, NULL);
	json_array(&j, "tenants");
	tenants_walk(m->deps.tenants, tenant_json, &j);
	json_array_end(&j);
	fib_json(&fib, &j);
	json_object_end(&j);
	json_end(&j);
}
