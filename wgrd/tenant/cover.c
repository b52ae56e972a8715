/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which peers of an interface an address lies behind: those with a static prefix that covers
 * it, the longest first. Asked for each next hop whenever everything is decided again, and
 * kept up to date peer by peer, so with many peers not all of them can be looked at.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/tenant/tenant_internal.h"

/* Who has one prefix; by name. */
struct cover {
	size_t count;
	struct wg_peer *peer[]; /* referenced */
};

static struct cover **find(const struct covers *c, const struct prefix *p)
{
	return pmap_find(&c->map, p);
}

static size_t size_with(size_t peers)
{
	return sizeof(struct cover) + peers * sizeof(struct wg_peer *);
}

/* The first peer whose name is not before @name. */
static size_t place_of(const struct cover *v, const char *name)
{
	size_t i = 0;

	while (i < v->count && strcmp(wg_peer_name(v->peer[i]), name) < 0)
		i++;
	return i;
}

static void insert(struct cover **at, struct wg_peer *p)
{
	struct cover *v = xrealloc(*at, 1, size_with((*at ? (*at)->count : 0) + 1));
	size_t i;

	if (!*at)
		v->count = 0;
	*at = v;
	i = place_of(v, wg_peer_name(p));
	memmove(&v->peer[i + 1], &v->peer[i], (v->count - i) * sizeof(struct wg_peer *));
	v->peer[i] = wg_peer_get(p);
	v->count++;
}

int covers_add(struct covers *c, struct wg_peer *p)
{
	const struct conf_peer *conf = wg_peer_conf(p);

	for (size_t i = 0; conf && i < conf->allowed_ip.count; i++) {
		struct cover **at = pmap_obtain(&c->map, &conf->allowed_ip.v[i]);

		if (!at)
			return -ENOMEM;
		insert(at, p);
	}
	return 0;
}

static void take_out(struct covers *c, const struct prefix *p, const char *name)
{
	struct cover **at = find(c, p), *v = at ? *at : NULL;
	size_t i = v ? place_of(v, name) : 0;

	/* Without memory it may never have come in. */
	if (!v || i == v->count || strcmp(wg_peer_name(v->peer[i]), name))
		return;
	wg_peer_put(v->peer[i]);
	v->count--;
	memmove(&v->peer[i], &v->peer[i + 1], (v->count - i) * sizeof(struct wg_peer *));
	if (v->count)
		return;
	free(v);
	pmap_remove(&c->map, p);
}

void covers_remove(struct covers *c, const struct conf_peer *was)
{
	for (size_t i = 0; i < was->allowed_ip.count; i++)
		take_out(c, &was->allowed_ip.v[i], was->name);
}

struct filling {
	struct covers *covers;
	int err;
};

static bool add_peer(struct wg_peer *p, void *arg)
{
	struct filling *f = arg;

	f->err = covers_add(f->covers, p);
	return !f->err;
}

int covers_init(struct covers *c, const struct wg_device *dev)
{
	struct filling f = {.covers = c};

	*c = (struct covers){.map = PMAP_INIT(sizeof(struct cover *))};
	wg_walk_peers(dev, add_peer, &f);
	return f.err;
}

void covers_fini(struct covers *c)
{
	struct pmap_at at;

	PMAP_WALK (&at, &c->map) {
		struct cover *v = *(struct cover **)at.value;

		for (size_t i = 0; i < v->count; i++)
			wg_peer_put(v->peer[i]);
		free(v);
	}
	pmap_clear(&c->map);
}

static bool is_among(const struct covering *v, unsigned n, const struct wg_peer *p)
{
	while (n)
		if (v[--n].peer == p)
			return true;
	return false;
}

unsigned covers_find(const struct covers *c, const struct ip_addr *a, unsigned shortest,
		     struct covering *best, unsigned room)
{
	struct prefix p = prefix_host(a);
	struct covering unusable = {0};
	struct pmap_at at;
	unsigned n = 0;

	while (n < room && pmap_match(&c->map, &p, &at) && at.prefix.len >= shortest) {
		const struct cover *v = *(struct cover **)at.value;

		for (size_t i = 0; i < v->count && n < room; i++) {
			const struct covering one = {v->peer[i], at.prefix.len};

			if (!wg_peer_usable(one.peer))
				unusable = unusable.peer ? unusable : one;
			else if (!is_among(best, n, one.peer))
				best[n++] = one;
		}
		if (!at.prefix.len)
			break;
		p = at.prefix;
		p.len--;
		prefix_mask(&p);
	}
	if (!n && unusable.peer && room)
		best[n++] = unusable;
	return n;
}
