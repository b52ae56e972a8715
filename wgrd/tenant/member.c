/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Peers as tenants see them. */
#include <assert.h>
#include <stdlib.h>

#include "wgrd/tenant/tenant_internal.h"

struct decide_filter filter_find(const struct conf *conf, const char *name,
				 const char *peer)
{
	return (struct decide_filter){
		.name = name,
		.list = *name ? conf_find_prefix_list(conf, name) : NULL,
		.peer = peer,
	};
}

void member_refresh(const struct tenants *t, struct member *m)
{
	const struct conf_peer *conf = wg_peer_conf(m->peer);

	if (conf)
		quota_set(&m->quota, conf->max_prefix, conf->max_prefix_warning,
			  conf->max_prefix_hold);
	else
		quota_set(&m->quota, 0, 0, 0);
	m->filter = filter_find(t->conf, conf ? conf->prefix_list : "",
				wg_peer_name(m->peer));
}

struct member *member_find(const struct tenants *t, const struct wg_peer *p)
{
	struct member *m;

	HASH_FIND_PTR(t->members, &p, m);
	return m;
}

struct member *member_obtain(struct tenants *t, struct wg_peer *p)
{
	struct member *m = member_find(t, p);

	if (!m) {
		m = xcalloc(1, sizeof(*m));
		m->peer = wg_peer_get(p);
		quota_init(&m->quota, t, m);
		member_refresh(t, m);
		HASH_ADD_PTR(t->members, peer, m);
	}
	return member_get(m);
}

struct member *member_get(struct member *m)
{
	m->refs++;
	return m;
}

void member_put(struct tenants *t, struct member *m)
{
	if (--m->refs)
		return;
	/* Prefixes that wait for this peer hold a path that refers to it. */
	assert(cds_list_empty(&m->quota.waiting));
	quota_fini(&m->quota);
	HASH_DEL(t->members, m);
	if (m->group)
		wg_group_put(m->group);
	wg_peer_put(m->peer);
	free(m);
}

int member_group(struct member *m, struct wg_group **out)
{
	struct wg_nexthop nh = {.peer = m->peer, .weight = 1};
	int err = 0;

	if (!m->group)
		err = wg_group_new(wg_peer_device(m->peer), &nh, 1, &m->group);
	*out = m->group;
	return err;
}

void member_refresh_all(struct tenants *t)
{
	struct member *m;

	for (m = t->members; m; m = m->hh.next)
		member_refresh(t, m);
}
