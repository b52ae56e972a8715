/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"
#include "wgrd/wg/wg.h"

/* Backups follow in parentheses. */
static const char *separator(const struct wg_nexthop *nh, unsigned i)
{
	if (nh[i].rank && (!i || !nh[i - 1].rank))
		return i ? " (" : "(";
	return i ? "," : "";
}

/* "a,b", and "a*1,b*3" when the weights differ from one; "a (hub)" with a backup. */
static void group_text(struct strbuf *out, const struct wg_group *g)
{
	const struct wg_nexthop *nh = NULL;
	unsigned n = g ? wg_group_members(g, &nh) : 0;
	bool weighted = false;

	for (unsigned i = 0; i < n; i++)
		weighted = weighted || nh[i].weight != 1;
	for (unsigned i = 0; i < n; i++) {
		strbuf_printf(out, "%s%s", separator(nh, i), wg_peer_name(nh[i].peer));
		if (weighted)
			strbuf_printf(out, "*%u", nh[i].weight);
	}
	if (n && nh[n - 1].rank)
		strbuf_puts(out, ")");
	if (!n)
		strbuf_puts(out, "-");
}

static void row(struct strbuf *out, const char *prefix, const char *to, const char *from)
{
	static const unsigned at[] = {2, 33, 56};

	show_row(out, at, (const char *[]){prefix, to, from}, ARRAY_SIZE(at));
}

/* A walk over what interfaces permit. */
struct walk {
	const struct show_permission_filter *only;
	const struct wg_device *device;
	struct strbuf *out;
	struct json json;
	bool headed; /* the interface has been named */
};

static bool has_peer(const struct wg_group *g, const char *name)
{
	const struct wg_nexthop *nh = NULL;
	unsigned n = g ? wg_group_members(g, &nh) : 0;

	for (unsigned i = 0; i < n; i++)
		if (!strcmp(wg_peer_name(nh[i].peer), name))
			return true;
	return false;
}

static bool is_wanted(const struct walk *w, const struct prefix *p,
		      const struct wg_group *egress, const struct wg_group *ingress)
{
	const struct show_permission_filter *f = w->only;

	return show_in_prefixes(&f->in, p) &&
	       (!f->peer || has_peer(egress, f->peer) || has_peer(ingress, f->peer));
}

/* Whether @g is @owner and nobody else. */
static bool is_alone(const struct wg_group *g, const struct wg_peer *owner)
{
	const struct wg_nexthop *nh;

	return !g || (wg_group_members(g, &nh) == 1 && nh[0].peer == owner);
}

/* Of a back end with one table: who has the prefix, if that is not all that was asked for. */
static void owner_text(const struct walk *w, const struct prefix *p,
		       const struct wg_group *egress, const struct wg_group *ingress)
{
	const struct wg_peer *owner = wg_prefix_owner(w->device, p);

	if (!wg_has_owners(w->device) ||
	    (owner && is_alone(egress, owner) && is_alone(ingress, owner)))
		return;
	strbuf_printf(w->out, "    in the kernel: %s\n",
		      owner ? wg_peer_name(owner) : "-");
}

static void heading(struct walk *w)
{
	struct wg_device_view v;

	if (w->headed)
		return;
	w->headed = true;
	wg_device_view(w->device, &v);
	strbuf_printf(w->out, "%sInterface %s: %zu prefixes in egress, %zu in ingress\n",
		      w->out->len ? "\n" : "", v.name, v.egress_prefixes,
		      v.ingress_prefixes);
	if (v.egress_prefixes || v.ingress_prefixes)
		row(w->out, "Prefix", "Egress: send to", "Ingress: accept from");
}

static bool prefix_text(const struct prefix *p, const struct wg_group *egress,
			const struct wg_group *ingress, void *arg)
{
	struct walk *w = arg;
	struct strbuf *out = w->out, to = {0}, from = {0};
	char text[PREFIX_STRLEN];

	if (!is_wanted(w, p, egress, ingress))
		return true;
	heading(w);
	group_text(&to, egress);
	group_text(&from, ingress);
	row(out, prefix_str(p, text), to.s, from.s);
	strbuf_free(&to);
	strbuf_free(&from);
	owner_text(w, p, egress, ingress);
	return !show_is_full(out);
}

/* With a filter only interfaces that have something. */
static bool device_text(struct wg_device *d, void *arg)
{
	struct walk *w = arg;

	w->device = d;
	w->headed = false;
	if (!w->only->peer && !w->only->in.given)
		heading(w);
	wg_walk_permissions(d, prefix_text, w);
	return !show_is_full(w->out);
}

void show_member(struct json *j, const struct wg_nexthop *nh)
{
	json_str(j, "peer", wg_peer_name(nh->peer));
	json_num(j, "weight", nh->weight);
	json_num(j, "rank", nh->rank);
}

static void group_json(struct json *j, const char *key, const struct wg_group *g)
{
	const struct wg_nexthop *nh = NULL;
	unsigned n = g ? wg_group_members(g, &nh) : 0;

	json_array(j, key);
	for (unsigned i = 0; i < n; i++) {
		json_object(j, NULL);
		show_member(j, &nh[i]);
		json_object_end(j);
	}
	json_array_end(j);
}

static bool prefix_json(const struct prefix *p, const struct wg_group *egress,
			const struct wg_group *ingress, void *arg)
{
	struct walk *w = arg;
	struct json *j = &w->json;
	const struct wg_peer *owner = wg_prefix_owner(w->device, p);
	char text[PREFIX_STRLEN];

	if (!is_wanted(w, p, egress, ingress))
		return true;
	json_object(j, NULL);
	json_str(j, "prefix", prefix_str(p, text));
	group_json(j, "egress", egress);
	group_json(j, "ingress", ingress);
	if (wg_has_owners(w->device))
		json_str(j, "owner", owner ? wg_peer_name(owner) : NULL);
	json_object_end(j);
	return !show_is_full(j->out);
}

static bool device_json(struct wg_device *d, void *arg)
{
	struct walk *w = arg;
	struct json *j = &w->json;

	w->device = d;
	json_object(j, NULL);
	json_str(j, "name", wg_device_name(d));
	json_array(j, "permissions");
	wg_walk_permissions(d, prefix_json, w);
	json_array_end(j);
	json_object_end(j);
	return !show_is_full(j->out);
}

static void permissions_text(struct walk *w, const struct wg *wg)
{
	wg_walk_devices(wg, device_text, w);
	if (w->out->len)
		return;
	strbuf_puts(w->out, w->only->peer || w->only->in.given
				    ? "Nothing is permitted.\n"
				    : "No WireGuard interface is configured.\n");
}

void show_permissions(const struct mgmt *m, const struct show_permission_filter *only,
		      bool json, struct strbuf *out)
{
	struct walk w = {.only = only, .out = out, .json = {.out = out}};

	if (!json) {
		permissions_text(&w, m->deps.wg);
		return;
	}
	json_object(&w.json, NULL);
	json_array(&w.json, "interfaces");
	wg_walk_devices(m->deps.wg, device_json, &w);
	json_array_end(&w.json);
	json_object_end(&w.json);
	json_end(&w.json);
}
