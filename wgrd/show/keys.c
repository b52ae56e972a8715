/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which key is whose, and which of several is in use: what one looks at in a rotation. */
#include <stdio.h>
#include <string.h>

#include "proto/wg/keys.h"
#include "wgrd/conf/conf.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/show/format.h"
#include "wgrd/show/json.h"
#include "wgrd/show/show.h"
#include "wgrd/wg/wg.h"

struct walk {
	struct strbuf *out;
	struct json json;
	bool as_json;
	const char *device;
	size_t keys;
};

struct key {
	const char *peer; /* NULL: the interface's own */
	const char *name; /* "": the first */
	const uint8_t *key;
	bool set;
	unsigned in_use; /* sessions that came from it */
};

static const unsigned columns[] = {0, 10, 20, 29, 36};

static void key_text(struct walk *w, const struct key *k)
{
	char text[WG_KEY_STRLEN], in_use[16];

	snprintf(in_use, sizeof(in_use), "%u", k->in_use);
	show_row(w->out, columns,
		 (const char *[]){w->device, k->peer ?: "(own)", *k->name ? k->name : "-",
				  in_use, k->set ? wg_key_str(k->key, text) : "-"},
		 ARRAY_SIZE(columns));
}

static void key_json(struct walk *w, const struct key *k)
{
	struct json *j = &w->json;
	char text[WG_KEY_STRLEN];

	json_object(j, NULL);
	json_str(j, "interface", w->device);
	json_str(j, "peer", k->peer);
	json_str(j, "name", *k->name ? k->name : NULL);
	json_str(j, "public-key", k->set ? wg_key_str(k->key, text) : NULL);
	json_num(j, "sessions", k->in_use);
	json_object_end(j);
}

static void tell(struct walk *w, const struct key *k)
{
	w->keys++;
	if (w->as_json)
		key_json(w, k);
	else
		key_text(w, k);
}

/* ---- of the interface ---- */

struct use {
	const char *name;
	unsigned sessions;
};

static bool count_use(struct wg_peer *p, void *arg)
{
	struct use *u = arg;
	struct wg_peer_view v;

	wg_peer_view(p, &v);
	u->sessions += v.own_key_name && !strcmp(v.own_key_name, u->name);
	return true;
}

static unsigned uses_of(const struct wg_device *d, const char *name)
{
	struct use u = {.name = name};

	wg_walk_peers(d, count_use, &u);
	return u.sessions;
}

static void own_keys(struct walk *w, const struct wg_device *d)
{
	struct wg_device_view v;

	wg_device_view(d, &v);
	tell(w, &(struct key){NULL, "", v.public_key, v.public_key_set, uses_of(d, "")});
	for (size_t i = 0; i < v.additional_keys; i++) {
		const struct wg_key_view *k = &v.additional_key[i];

		tell(w, &(struct key){NULL, k->name, k->public_key, k->public_key_set,
				      uses_of(d, k->name)});
	}
}

/* ---- of its peers ---- */

static bool peer_keys(struct wg_peer *p, void *arg)
{
	const struct conf_peer *conf = wg_peer_conf(p);
	struct walk *w = arg;
	struct wg_peer_view v;

	wg_peer_view(p, &v);
	tell(w, &(struct key){v.name, "", v.public_key, v.public_key_set,
			      v.peer_key_name && !*v.peer_key_name});
	for (size_t i = 0; conf && i < conf->additional_key_count; i++) {
		const struct conf_peer_key *k = &conf->additional_key[i];

		tell(w,
		     &(struct key){v.name, k->name, k->public_key, k->public_key_set,
				   v.peer_key_name && !strcmp(v.peer_key_name, k->name)});
	}
	return !show_is_full(w->out);
}

static bool device_keys(struct wg_device *d, void *arg)
{
	struct walk *w = arg;

	w->device = wg_device_name(d);
	own_keys(w, d);
	wg_walk_peers(d, peer_keys, w);
	return !show_is_full(w->out);
}

void show_keys(const struct mgmt *m, bool json, struct strbuf *out)
{
	static const char *const heads[] = {"Interface", "Peer", "Name", "In use",
					    "Public key"};
	struct walk w = {.out = out, .json = {.out = out}, .as_json = json};

	if (json) {
		json_object(&w.json, NULL);
		json_array(&w.json, "keys");
	} else {
		show_row(out, columns, heads, ARRAY_SIZE(heads));
	}
	wg_walk_devices(m->deps.wg, device_keys, &w);
	if (json) {
		json_array_end(&w.json);
		json_object_end(&w.json);
		json_end(&w.json);
	}
}
