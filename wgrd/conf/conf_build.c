/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Lists of objects from the tree. What is made anew is told as entries: all that there are,
 * or what a draft has touched; the rest is taken from the configuration before.
 */
#include "wgrd/conf/conf_build.h"

#include <libyang/libyang.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/draft.h"
#include "wgrd/conf/object.h"
#include "wgrd/conf/revoked.h"

/* An object that is made from @node, or, when that is NULL, is there no more. */
struct entry {
	const char *name;
	const struct lyd_node *node;
	/* Of an interface, which keeps its other peers; NULL: all are made anew. */
	const struct entry *peer;
	size_t peer_count;
};

/* A list of pointers to objects that begin with their name, such as conf.h has. */
struct list {
	const void *v;
	size_t count;
};

/* Makes an object from @e and adds it to @to's list; @was is the one before, or NULL. */
typedef int make_fn(struct build *b, const struct entry *e, const void *was, void *to);

/* ---- merging ---- */

/* The first from @from on whose name is not before @name. */
static size_t find_place(const struct list *l, size_t from, const char *name)
{
	size_t end = l->count;

	while (from < end) {
		size_t middle = from + (end - from) / 2;

		if (strcmp(conf_object_at(l->v, middle), name) < 0)
			from = middle + 1;
		else
			end = middle;
	}
	return from;
}

/* Copies the pointers from @from to @end behind the @*count there are in @to. */
static void take(const struct list *l, size_t from, size_t end, void *to, size_t *count)
{
	if (from < end)
		memcpy((char *)to + *count * sizeof(void *),
		       (const char *)l->v + from * sizeof(void *),
		       (end - from) * sizeof(void *));
	*count += end - from;
}

/*
 * @old with each of @entries in its place, into the array @v, which has room for all of
 * both, and *@count. @to is what @make adds to: the same list.
 */
static int merge(struct build *b, struct list old, const struct entry *entries, size_t n,
		 make_fn *make, void *v, size_t *count, void *to)
{
	size_t at = 0;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		size_t place = find_place(&old, at, entries[i].name);
		const char *was = place < old.count ? conf_object_at(old.v, place) : NULL;

		take(&old, at, place, v, count);
		if (was && strcmp(was, entries[i].name) != 0)
			was = NULL;
		at = place + (was != NULL);
		if (entries[i].node)
			err = make(b, &entries[i], was, to);
	}
	if (!err)
		take(&old, at, old.count, v, count);
	return err;
}

/* ---- making ---- */

/* What peers are made for. */
struct interface {
	const struct conf *conf; /* all that is in no list is there already */
	struct conf_wireguard *w;
};

static int make_peer(struct build *b, const struct entry *e, const void *was, void *to)
{
	struct conf_peer *p = xcalloc(1, sizeof(*p));
	struct interface *i = to;
	int err;

	(void)was;
	i->w->peer[i->w->peer_count++] = p;
	err = object_read_peer(b, e->node, p);
	conf_mark_revoked(i->conf, p);
	return err;
}

static int make_tenant(struct build *b, const struct entry *e, const void *was, void *to)
{
	struct conf_tenant *t = xcalloc(1, sizeof(*t));
	struct conf *c = to;

	(void)was;
	c->tenant[c->tenant_count++] = t;
	return object_read_tenant(b, e->node, t);
}

static int make_prefix_list(struct build *b, const struct entry *e, const void *was,
			    void *to)
{
	struct conf_prefix_list *l = xcalloc(1, sizeof(*l));
	struct conf *c = to;

	(void)was;
	c->prefix_list[c->prefix_list_count++] = l;
	return object_read_prefix_list(b, e->node, l);
}

/* All entries of a list, for free(). */
static struct entry *all_entries(const struct lyd_node *parent, const char *list,
				 size_t *count)
{
	const struct lyd_node **node = object_entries(parent, list, count);
	struct entry *e = xcalloc(*count + 1, sizeof(*e));

	for (size_t i = 0; i < *count; i++)
		e[i] = (struct entry){.name = object_name(node[i]), .node = node[i]};
	free(node);
	return e;
}

static int make_peers(struct build *b, struct list old, const struct entry *e, size_t n,
		      struct interface *i)
{
	struct conf_wireguard *w = i->w;

	if (!old.count && !n)
		return 0;
	w->peer = xcalloc(old.count + n, sizeof(struct conf_peer *));
	return merge(b, old, e, n, make_peer, w->peer, &w->peer_count, i);
}

static int make_wireguard(struct build *b, const struct entry *e, const void *was,
			  void *to)
{
	struct conf_wireguard *w = xcalloc(1, sizeof(*w));
	const struct conf_wireguard *before = was;
	struct conf *c = to;
	struct interface interface = {c, w};
	struct entry *all;
	size_t n;
	int err;

	c->wireguard[c->wireguard_count++] = w;
	err = object_read_wireguard(b, e->node, before, w);
	if (err)
		return err;
	if (e->peer)
		return make_peers(b, (struct list){before->peer, before->peer_count},
				  e->peer, e->peer_count, &interface);
	all = all_entries(e->node, "peer", &n);
	err = make_peers(b, (struct list){0}, all, n, &interface);
	free(all);
	return err;
}

/* ---- everything ---- */

/* The entries of all three lists. */
struct entries {
	struct entry *prefix_list, *wireguard, *tenant;
	struct entry *peer; /* those that entries of interfaces point to */
	size_t prefix_list_count, wireguard_count, tenant_count;
};

static int make_lists(struct build *b, const struct entries *e, const struct conf *old,
		      struct conf *c)
{
	int err;

	c->prefix_list = xcalloc(old->prefix_list_count + e->prefix_list_count + 1,
				 sizeof(struct conf_prefix_list *));
	c->wireguard = xcalloc(old->wireguard_count + e->wireguard_count + 1,
			       sizeof(struct conf_wireguard *));
	c->tenant = xcalloc(old->tenant_count + e->tenant_count + 1,
			    sizeof(struct conf_tenant *));
	err = merge(b, (struct list){old->prefix_list, old->prefix_list_count},
		    e->prefix_list, e->prefix_list_count, make_prefix_list,
		    c->prefix_list, &c->prefix_list_count, c);
	if (!err)
		err = merge(b, (struct list){old->wireguard, old->wireguard_count},
			    e->wireguard, e->wireguard_count, make_wireguard,
			    c->wireguard, &c->wireguard_count, c);
	if (!err)
		err = merge(b, (struct list){old->tenant, old->tenant_count}, e->tenant,
			    e->tenant_count, make_tenant, c->tenant, &c->tenant_count, c);
	return err;
}

static int make_conf(const struct lyd_node *wgrd, const struct entries *e,
		     const struct conf *old, struct conf **out, struct refusal *r)
{
	struct build b = {.refusal = r};
	struct conf *c = xcalloc(1, sizeof(*c));
	int err = object_read_top(&b, wgrd, c) ?: make_lists(&b, e, old, c);

	if (err) {
		conf_release(c, old);
		return err;
	}
	*out = c;
	return 0;
}

static void free_entries(struct entries *e)
{
	free(e->prefix_list);
	free(e->wireguard);
	free(e->tenant);
	free(e->peer);
}

int conf_build(const struct lyd_node *wgrd, struct conf **out, struct refusal *r)
{
	static const struct conf nothing;
	struct entries e = {0};
	int err;

	e.prefix_list = all_entries(wgrd, "prefix-list", &e.prefix_list_count);
	e.wireguard = all_entries(wgrd, "wireguard", &e.wireguard_count);
	e.tenant = all_entries(wgrd, "tenant", &e.tenant_count);
	err = make_conf(wgrd, &e, &nothing, out, r);
	free_entries(&e);
	return err;
}

/* ---- what a draft has touched ---- */

static struct entry entry_of(const struct lyd_node *wgrd, const struct draft_object *o)
{
	return (struct entry){
		.name = o->name.peer ?: o->name.name,
		.node = draft_find(wgrd, &o->name),
	};
}

/*
 * The objects of one interface, from @o on: itself, or peers, or both. Peers are told in
 * @peer, which has room for all. Returns how many objects that were.
 */
static size_t entry_of_interface(const struct lyd_node *wgrd,
				 const struct draft_object *o, size_t count,
				 struct entry *peer, struct entry *out)
{
	const struct draft_name name = {o->name.top, o->name.name, NULL};
	size_t n = 0;

	*out = (struct entry){
		.name = o->name.name,
		.node = draft_find(wgrd, &name),
		.peer = o->own || o->name.peer ? peer : NULL,
	};
	if (!o->name.peer)
		n = 1;
	for (; n < count && !strcmp(o[n].name.top, "wireguard") &&
	       !strcmp(o[n].name.name, o->name.name);
	     n++)
		peer[out->peer_count++] = entry_of(wgrd, &o[n]);
	return n;
}

/* Keys that are revoked, or no more, may be those of any peer. */
static bool touches_any_peer(const struct draft_object *o, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!*o[i].name.top)
			return true;
	return false;
}

static void add_objects(const struct lyd_node *wgrd, const struct draft_object *o,
			size_t count, struct entries *e)
{
	size_t peers = 0, n;

	for (size_t i = 0; i < count; i += n) {
		n = 1;
		if (!strcmp(o[i].name.top, "prefix-list")) {
			e->prefix_list[e->prefix_list_count++] = entry_of(wgrd, &o[i]);
		} else if (!strcmp(o[i].name.top, "tenant")) {
			e->tenant[e->tenant_count++] = entry_of(wgrd, &o[i]);
		} else if (!strcmp(o[i].name.top, "wireguard")) {
			struct entry *w = &e->wireguard[e->wireguard_count++];

			n = entry_of_interface(wgrd, &o[i], count - i, e->peer + peers,
					       w);
			peers += w->peer_count;
		}
	}
}

int conf_rebuild(const struct lyd_node *wgrd, const struct draft *draft,
		 const struct conf *old, struct conf **out, struct refusal *r)
{
	size_t count;
	struct draft_object *o = draft_objects(draft, &count);
	struct entries e = {
		.prefix_list = xcalloc(count + 1, sizeof(struct entry)),
		.wireguard = xcalloc(count + 1, sizeof(struct entry)),
		.tenant = xcalloc(count + 1, sizeof(struct entry)),
		.peer = xcalloc(count + 1, sizeof(struct entry)),
	};
	int err;

	if (touches_any_peer(o, count)) {
		err = conf_build(wgrd, out, r);
	} else {
		add_objects(wgrd, o, count, &e);
		err = make_conf(wgrd, &e, old, out, r);
	}
	free_entries(&e);
	free(o);
	return err;
}
