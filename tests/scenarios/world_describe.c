/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scenarios/world.h"

#include <string.h>

struct description {
	struct strbuf *out;
	const char *device;
};

static void describe_group(struct strbuf *out, const struct wg_group *g)
{
	const struct wg_nexthop *nh;
	unsigned n = g ? wg_group_members(g, &nh) : 0;

	if (!n)
		strbuf_puts(out, " -");
	for (unsigned i = 0; i < n; i++)
		strbuf_printf(out, " %s", wg_peer_name(nh[i].peer));
}

static bool describe_permission(const struct prefix *p, const struct wg_group *egress,
				const struct wg_group *ingress, void *arg)
{
	struct description *d = arg;
	char buf[PREFIX_STRLEN];

	strbuf_printf(d->out, "  permission %s %s egress", d->device, prefix_str(p, buf));
	describe_group(d->out, egress);
	strbuf_puts(d->out, " ingress");
	describe_group(d->out, ingress);
	strbuf_puts(d->out, "\n");
	return true;
}

static bool describe_device(struct wg_device *dev, void *arg)
{
	struct description *d = arg;

	d->device = wg_device_name(dev);
	wg_walk_permissions(dev, describe_permission, d);
	return true;
}

static bool describe_route(const struct tenant_route_view *v, void *arg)
{
	struct description *d = arg;
	char buf[PREFIX_STRLEN];

	strbuf_printf(d->out, "  tenant \"%s\" %s %s: %s: %s", v->tenant,
		      tenant_origin_name(v->origin), prefix_str(&v->prefix, buf),
		      decide_verdict_name(v->verdict), v->reason);
	if (v->permission_known)
		strbuf_printf(d->out, "; permission %s", fib_state_name(v->permission));
	if (v->route_known)
		strbuf_printf(d->out, "; route %s (%d)", fib_state_name(v->route),
			      v->route_error);
	strbuf_puts(d->out, "\n");
	return true;
}

/* Indents each line of @text. */
static void describe_text(struct strbuf *out, const char *text)
{
	for (size_t len; *text; text += len) {
		len = strcspn(text, "\n") + 1;
		strbuf_puts(out, "  ");
		strbuf_add(out, text, len);
	}
}

void world_describe(struct world *w, struct strbuf *out)
{
	struct description d = {.out = out};

	strbuf_puts(out, "decisions:\n");
	tenants_walk_routes(w->tenants, NULL, describe_route, &d);
	strbuf_puts(out, "permissions:\n");
	wg_walk_devices(w->wg, describe_device, &d);
	strbuf_puts(out, "kernel:\n");
	describe_text(out, fake_kernel_text(w->kernel));
	strbuf_puts(out, "operations since they were last looked at:\n");
	describe_text(out, world_trace(w));
}
