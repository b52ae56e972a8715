/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/uapi/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void on_device(void *arg, struct wg_device *d, bool gone)
{
	struct rig *r = arg;

	if (r->device)
		r->device(r->device_arg, d, gone);
}

static void path_below(char *buf, size_t size, const char *path)
{
	snprintf(buf, size, "wireguard[name='wg0']%s%s", *path ? "/" : "", path);
}

void rig_set(struct rig *r, const char *path, const char *value)
{
	char full[256], why[512];

	path_below(full, sizeof(full), path);
	if (datastore_set(r->ds, full, value, why, sizeof(why)))
		fail_msg("%s %s: %s", path, value, why);
}

void rig_unset(struct rig *r, const char *path, const char *value)
{
	char full[256], why[512];

	path_below(full, sizeof(full), path);
	if (datastore_unset(r->ds, full, value, why, sizeof(why)))
		fail_msg("no %s %s: %s", path, value, why);
}

void rig_commit(struct rig *r)
{
	char why[512];

	if (datastore_commit(r->ds, why, sizeof(why)))
		fail_msg("%s", why);
}

static void configure(struct rig *r)
{
	char why[512];

	assert_int_equal(datastore_set(r->ds, "zebra/enabled", "false", why, sizeof(why)),
			 0);
	rig_set(r, "private-key", KEY_01);
	rig_set(r, "listen-port", "51820");
	rig_set(r, "peer[name='alice']/public-key", KEY_0A);
	rig_set(r, "peer[name='alice']/description", "of the field");
	rig_set(r, "peer[name='alice']/preshared-key", KEY_0C);
	rig_set(r, "peer[name='alice']/endpoint", "192.0.2.1:9");
	rig_set(r, "peer[name='alice']/persistent-keepalive", "25");
	rig_set(r, "peer[name='alice']/overlay-address", "10.99.0.1");
	rig_set(r, "peer[name='alice']/allowed-ip", "10.1.0.0/16");
	rig_set(r, "peer[name='alice']/allowed-ip", "fd00:1::/32");
	rig_set(r, "peer[name='bob']/public-key", KEY_0B);
	rig_set(r, "peer[name='bob']/allowed-ip", "10.2.0.0/16");
	rig_commit(r);
}

int rig_setup(void **state)
{
	struct rig *r = xcalloc(1, sizeof(*r));
	const struct wg_events events = {.device = on_device, .arg = r};
	char why[512];

	strcpy(r->dir, "/tmp/wgrd-uapi-XXXXXX");
	if (!mkdtemp(r->dir))
		return -1;
	if (datastore_new(getenv("WGRD_YANG_DIR") ?: "yang", &r->ds, why, sizeof(why))) {
		print_error("%s\n", why);
		return -1;
	}
	r->loop = loop_new();
	r->be = fake_backend_new();
	r->wg = wg_new(r->loop, &fake_backend_ops, r->be, &events);
	datastore_subscribe(r->ds, &wg_conf_subsys, r->wg);
	configure(r);
	fake_backend_clear_log(r->be);
	*state = r;
	return 0;
}

int rig_teardown(void **state)
{
	struct rig *r = *state;

	wg_free(r->wg);
	fake_backend_free(r->be);
	datastore_free(r->ds);
	loop_free(r->loop);
	rmdir(r->dir);
	free(r);
	return 0;
}

static struct wg_group *make_group(struct rig *r, const char *names)
{
	struct wg_device *d = wg_device_find(r->wg, "wg0");
	char *copy = xstrdup(names), *rest = copy, *name;
	struct wg_nexthop nh[4];
	struct wg_group *g;
	unsigned n = 0;

	while ((name = strsep(&rest, " "))) {
		nh[n].peer = wg_peer_find(d, name);
		assert_non_null(nh[n].peer);
		nh[n++].weight = 1;
	}
	assert_int_equal(wg_group_new(d, nh, n, &g), 0);
	free(copy);
	return g;
}

void rig_permit(struct rig *r, const char *prefix, const char *egress,
		const char *ingress)
{
	struct wg_device *d = wg_device_find(r->wg, "wg0");
	struct wg_group *out = egress ? make_group(r, egress) : NULL;
	struct wg_group *in = ingress ? make_group(r, ingress) : NULL;
	struct prefix p;

	assert_int_equal(prefix_parse(&p, prefix), 0);
	assert_int_equal(wg_permission_set(d, &p, out, in), 0);
	wg_group_put(out);
	wg_group_put(in);
}

void rig_roam(struct rig *r, const char *peer, const char *endpoint)
{
	struct wg_backend_peer_state st = {
		.last_handshake_s = 1700000000, .rx_bytes = 7, .tx_bytes = 8};

	assert_int_equal(ip_endpoint_parse(&st.endpoint, &st.endpoint_port, endpoint), 0);
	fake_backend_state(r->be, "wg0", peer, &st);
}

const struct conf_wireguard *rig_conf(const struct rig *r)
{
	return conf_find_wireguard(datastore_conf(r->ds), "wg0");
}

const struct conf_peer *rig_peer(const struct rig *r, const char *name)
{
	return conf_find_peer(rig_conf(r), name);
}

const char *rig_allowed(const struct rig *r, const char *name)
{
	static char buf[512];
	const struct conf_peer *p = rig_peer(r, name);
	char text[PREFIX_STRLEN];
	size_t len = 0;

	assert_non_null(p);
	buf[0] = '\0';
	for (size_t i = 0; i < p->allowed_ip.count; i++)
		len += (size_t)snprintf(buf + len, sizeof(buf) - len, "%s%s",
					i ? " " : "",
					prefix_str(&p->allowed_ip.v[i], text));
	return buf;
}
