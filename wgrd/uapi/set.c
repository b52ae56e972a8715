/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/uapi/set.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wg/keys.h"
#include "wgrd/conf/candidate.h"
#include "wgrd/conf/conf.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/uapi/plan.h"
#include "wgrd/wg/wg.h"

struct set {
	const struct wg_device *device;
	const struct conf_wireguard *conf;
	const struct request *request;
	struct plan plan;
	struct candidate candidate;
	struct set_report report;
	char *why;
	size_t why_len;
	/* Peers that are to be sent to where they are configured to be, after the commit. */
	const char **home;
	size_t homes;
};

/* ---- edits ---- */

static int edit(struct set *s, bool unset, const char *value, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* @fmt: the path below the interface, "" for the interface itself. */
static int edit(struct set *s, bool unset, const char *value, const char *fmt, ...)
{
	char below[128], path[192];
	struct conf_edit e = {.unset = unset, .path = path, .value = (char *)value};
	va_list args;
	int err;

	va_start(args, fmt);
	vsnprintf(below, sizeof(below), fmt, args);
	va_end(args);
	snprintf(path, sizeof(path), "wireguard[name='%s']/%s", s->conf->name, below);
	err = candidate_take(&s->candidate, s->why, s->why_len);
	if (err)
		return err;
	s->report.edits++;
	return candidate_edit(&s->candidate, &e, s->why, s->why_len);
}

/* 0 is what the leaf means when it is not there. */
static int edit_number(struct set *s, const char *path, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%" PRIu32, value);
	return edit(s, !value, value ? text : NULL, "%s", path);
}

/* A key, or none: it may stand in the configuration or in a file of its own. */
static int edit_key(struct set *s, const char *path, const uint8_t *key)
{
	char text[WG_KEY_STRLEN];
	int err;

	if (!key)
		return edit(s, true, NULL, "%s", path)
			       ?: edit(s, true, NULL, "%s-file", path);
	err = edit(s, false, wg_key_str(key, text), "%s", path);
	explicit_bzero(text, sizeof(text));
	return err;
}

/* ---- the interface ---- */

static bool secrets_equal(const struct conf_secret *a, const struct conf_secret *b)
{
	return a->set == b->set && (!a->set || !memcmp(a->key, b->key, CONF_KEY_LEN));
}

static int set_private_key(struct set *s)
{
	static const uint8_t none[CONF_KEY_LEN];
	struct conf_secret want = {0};
	int err = 0;

	if (!s->request->has_private_key)
		return 0;
	memcpy(want.key, s->request->private_key, sizeof(want.key));
	want.set = memcmp(want.key, none, sizeof(none)) != 0;
	if (!secrets_equal(&want, &s->conf->private_key))
		err = edit_key(s, "private-key", want.set ? want.key : NULL);
	explicit_bzero(&want, sizeof(want));
	return err;
}

/* Told the port that the system has chosen, it stays the system's choice. */
static int set_listen_port(struct set *s)
{
	struct wg_device_view v;
	uint16_t want = s->request->listen_port;

	if (!s->request->has_listen_port || want == s->conf->listen_port)
		return 0;
	wg_device_view(s->device, &v);
	if (!s->conf->listen_port && want == v.listen_port)
		return 0;
	return edit_number(s, "listen-port", want);
}

static int set_fwmark(struct set *s)
{
	if (!s->request->has_fwmark || s->request->fwmark == s->conf->fwmark)
		return 0;
	return edit_number(s, "fwmark", s->request->fwmark);
}

/* ---- a peer ---- */

static bool endpoints_equal(const struct conf_endpoint *a, const struct conf_endpoint *b)
{
	return ip_addr_equal(&a->addr, &b->addr) &&
	       (!a->addr.family || a->port == b->port);
}

/* Where packets to the peer go now: it may have moved since it was configured. */
static struct conf_endpoint endpoint_in_use(const struct set *s, const char *peer)
{
	struct wg_peer *p = wg_peer_find(s->device, peer);
	struct wg_peer_view v;

	if (!p)
		return (struct conf_endpoint){0};
	wg_peer_view(p, &v);
	return (struct conf_endpoint){.addr = v.endpoint, .port = v.endpoint_port};
}

static int set_endpoint(struct set *s, const struct plan_peer *p)
{
	const struct conf_endpoint *want = &p->endpoint;
	struct conf_endpoint now;
	char text[IP_ENDPOINT_STRLEN];

	if (!p->endpoint_said) {
		if (want->addr.family || !p->conf || !p->conf->endpoint.addr.family)
			return 0;
		return edit(s, true, NULL, "peer[name='%s']/endpoint", p->name);
	}
	now = endpoint_in_use(s, p->name);
	if (endpoints_equal(want, &now))
		return 0;
	/* No edit could say it: it is configured so, and the peer has moved since. */
	if (p->conf && endpoints_equal(want, &p->conf->endpoint)) {
		s->home[s->homes++] = p->name;
		return 0;
	}
	return edit(s, false, ip_endpoint_str(&want->addr, want->port, text),
		    "peer[name='%s']/endpoint", p->name);
}

static int set_preshared_key(struct set *s, const struct plan_peer *p)
{
	static const struct conf_secret none;
	const struct conf_secret *had = p->conf ? &p->conf->preshared_key : &none;
	char path[128];

	if (secrets_equal(&p->preshared_key, had))
		return 0;
	snprintf(path, sizeof(path), "peer[name='%s']/preshared-key", p->name);
	return edit_key(s, path, p->preshared_key.set ? p->preshared_key.key : NULL);
}

static int set_keepalive(struct set *s, const struct plan_peer *p)
{
	char path[128];

	if (p->persistent_keepalive == (p->conf ? p->conf->persistent_keepalive : 0))
		return 0;
	snprintf(path, sizeof(path), "peer[name='%s']/persistent-keepalive", p->name);
	return edit_number(s, path, p->persistent_keepalive);
}

static int set_peer(struct set *s, const struct plan_peer *p)
{
	char key[WG_KEY_STRLEN];
	int err = 0;

	if (!p->present)
		return p->conf ? edit(s, true, NULL, "peer[name='%s']", p->name) : 0;
	if (!p->conf)
		err = edit(s, false, wg_key_str(p->public_key, key),
			   "peer[name='%s']/public-key", p->name);
	return err ?: set_preshared_key(s, p) ?: set_keepalive(s, p) ?: set_endpoint(s, p);
}

static int set_peers(struct set *s)
{
	struct plan_peer *p, *next;
	int err = 0;

	s->home = calloc(HASH_CNT(by_key, s->plan.by_key) + 1, sizeof(*s->home));
	if (!s->home) {
		snprintf(s->why, s->why_len, "out of memory");
		return -ENOMEM;
	}
	HASH_ITER (by_key, s->plan.by_key, p, next) {
		err = set_peer(s, p);
		if (err)
			break;
	}
	return err;
}

/* ---- prefixes ---- */

/* Has the peer the prefix, though it is not configured so? */
static bool has_otherwise(const struct set *s, const struct prefix *p, const char *name)
{
	const struct wg_peer *peer = wg_peer_find(s->device, name);

	return wg_group_has(wg_egress_get(s->device, p), peer) ||
	       wg_group_has(wg_ingress_get(s->device, p), peer);
}

static int set_prefix(struct set *s, const struct plan_prefix *e)
{
	char text[PREFIX_STRLEN];
	int err = 0;

	if (e->was == e->now)
		return 0;
	prefix_str(&e->prefix, text);
	if (e->was && e->was->present)
		err = edit(s, true, text, "peer[name='%s']/allowed-ip", e->was->name);
	if (err || !e->now)
		return err;
	if (has_otherwise(s, &e->prefix, e->now->name)) {
		s->report.kept_learned++;
		return 0;
	}
	return edit(s, false, text, "peer[name='%s']/allowed-ip", e->now->name);
}

static int set_prefixes(struct set *s)
{
	struct pmap_at at;
	int err;

	PMAP_WALK (&at, &s->plan.prefixes) {
		err = set_prefix(s, pmap_object(&at));
		if (err)
			return err;
	}
	return 0;
}

/* ---- all of it ---- */

static int make_plan(struct set *s)
{
	int err = plan_init(&s->plan, s->conf) ?: plan_apply(&s->plan, s->request);

	if (err == -EEXIST)
		snprintf(s->why, s->why_len,
			 "wireguard %s: every name that could be made of a peer's key is "
			 "taken",
			 s->conf->name);
	else if (err)
		snprintf(s->why, s->why_len, "out of memory");
	return err;
}

static void send_home(const struct set *s)
{
	for (size_t i = 0; i < s->homes; i++) {
		struct wg_peer *p = wg_peer_find(s->device, s->home[i]);

		if (p)
			wg_peer_home(p);
	}
}

static int carry_out(struct set *s)
{
	int err = make_plan(s);

	if (!err)
		err = set_private_key(s) ?: set_listen_port(s) ?: set_fwmark(s);
	if (!err)
		err = set_peers(s) ?: set_prefixes(s);
	if (!err && s->report.edits) {
		datastore_set_origin(s->candidate.ds,
				     &(struct commit_origin){.from = "wg"});
		err = candidate_commit(&s->candidate, s->why, s->why_len);
	}
	if (!err)
		send_home(s);
	return err;
}

int set_carry_out(struct datastore *ds, const struct wg *wg, const char *interface,
		  const struct request *r, struct set_report *report, char *why,
		  size_t why_len)
{
	struct set s = {
		.device = wg_device_find(wg, interface),
		.conf = conf_find_wireguard(datastore_conf(ds), interface),
		.request = r,
		.candidate.ds = ds,
		.why = why,
		.why_len = why_len,
	};
	int err;

	if (!s.device || !s.conf) {
		snprintf(why, why_len, "wireguard %s is not there any more", interface);
		return -ENODEV;
	}
	err = carry_out(&s);
	candidate_drop(&s.candidate);
	plan_fini(&s.plan);
	free(s.home);
	*report = s.report;
	return err;
}
