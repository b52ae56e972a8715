/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/mgmt/revoke.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wg/keys.h"
#include "wgrd/conf/candidate.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/lib/file.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/strbuf.h"

static const char leaf[] = "revoked-key";

/* ---- which keys ---- */

struct keys {
	const struct conf *conf;
	char (*text)[WG_KEY_STRLEN];
	size_t count, found; /* those that are not revoked yet; all */
};

static void add_key(struct keys *k, const uint8_t key[CONF_KEY_LEN])
{
	k->found++;
	if (conf_is_revoked(k->conf, key))
		return;
	k->text = xrealloc(k->text, k->count + 1, sizeof(*k->text));
	wg_key_str(key, k->text[k->count++]);
}

static void add_peer(struct keys *k, const struct conf_peer *p)
{
	if (p->public_key_set)
		add_key(k, p->public_key);
	for (size_t i = 0; i < p->additional_key_count; i++)
		if (p->additional_key[i].public_key_set)
			add_key(k, p->additional_key[i].public_key);
}

static void collect(struct keys *k, const struct revoke_what *what)
{
	if (what->key) {
		add_key(k, what->key);
		return;
	}
	for (size_t i = 0; i < k->conf->wireguard_count; i++) {
		const struct conf_wireguard *w = k->conf->wireguard[i];
		const struct conf_peer *p = NULL;

		if (!what->interface || !strcmp(what->interface, w->name))
			p = conf_find_peer(w, what->peer);
		if (p)
			add_peer(k, p);
	}
}

/* ---- running ---- */

static int commit(struct candidate *c, const struct keys *k,
		  const struct commit_origin *by, char *why, size_t why_len)
{
	int err = candidate_take(c, why, why_len);

	for (size_t i = 0; i < k->count && !err; i++) {
		const struct conf_edit e = {.path = (char *)leaf, .value = k->text[i]};

		err = candidate_edit(c, &e, why, why_len);
	}
	if (!err) {
		datastore_set_origin(c->ds, by);
		err = candidate_commit(c, why, why_len);
	}
	candidate_drop(c);
	return err;
}

/* ---- startup ---- */

static int read_file(const char *path, struct strbuf *text)
{
	char buf[4096];
	FILE *f = fopen(path, "re");
	size_t n;
	int err;

	if (!f)
		return -errno;
	while ((n = fread(buf, 1, sizeof(buf), f)))
		strbuf_add(text, buf, n);
	err = ferror(f) ? -EIO : 0;
	explicit_bzero(buf, sizeof(buf));
	fclose(f);
	return err;
}

/* Where the first line is that is neither a comment nor empty: in no block yet. */
static size_t first_line(const char *text)
{
	size_t at = 0;

	while (text[at]) {
		const char *line = text + at + strspn(text + at, " \t");

		if (*line != '!' && *line != '#' && *line != '\n' && *line != '\r')
			break;
		at += strcspn(text + at, "\n");
		at += text[at] == '\n';
	}
	return at;
}

/*
 * The file is not written anew from what is in force, which may have more in it that nobody
 * wanted to keep. Lines are put in; the rest stays as it is, comments too.
 */
static int insert_lines(const char *path, const struct keys *k)
{
	struct strbuf old = {.secret = true}, text = {.secret = true};
	char *real = realpath(path, NULL);
	int err = real ? read_file(real, &old) : -errno;

	if (!err) {
		size_t at = first_line(strbuf_str(&old));

		strbuf_add(&text, strbuf_str(&old), at);
		if (at && text.s[at - 1] != '\n')
			strbuf_puts(&text, "\n");
		for (size_t i = 0; i < k->count; i++)
			strbuf_printf(&text, "%s %s\n", leaf, k->text[i]);
		strbuf_add(&text, strbuf_str(&old) + at, old.len - at);
		err = file_replace(real, text.s, text.len) ?: file_sync_name(real);
	}
	strbuf_free(&old);
	strbuf_free(&text);
	free(real);
	return err;
}

static void save(const struct revoke_place *place, const struct keys *k,
		 struct revoke_result *r)
{
	const char *path = place->config_path;
	int err;

	if (place->in_frr) {
		snprintf(
			r->unsaved, sizeof(r->unsaved),
			"the configuration is in frr.conf: \"write memory\" of vtysh saves it");
		return;
	}
	if (!path) {
		snprintf(r->unsaved, sizeof(r->unsaved),
			 "wgrd was started without a configuration file");
		return;
	}
	err = insert_lines(path, k);
	if (!err)
		return;
	snprintf(r->unsaved, sizeof(r->unsaved),
		 "%.120s cannot be written: %s; \"write memory\" when that is mended",
		 path, strerror(-err));
	log_err(LOG_MGMT, "revoked keys are not saved: %s", r->unsaved);
}

int revoke(const struct revoke_place *place, const struct revoke_what *what,
	   struct revoke_result *r, char *why, size_t why_len)
{
	struct candidate c = {.ds = place->datastore, .owner = place->owner};
	struct keys k = {.conf = datastore_conf(c.ds)};
	int err = 0;

	*r = (struct revoke_result){0};
	collect(&k, what);
	if (!k.found) {
		snprintf(why, why_len, "there is no peer %.64s that has a key",
			 what->peer);
		return -ENOENT;
	}
	if (k.count)
		err = commit(&c, &k, place->by, why, why_len);
	if (k.count && !err) {
		r->keys = k.count;
		save(place, &k, r);
	}
	free(k.text);
	return err;
}
