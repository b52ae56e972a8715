/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/fake_feed.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/rtproto.h"

enum {
	BIRD_METRIC = 32,
};

struct fake_feed {
	struct kfeed feed;
	struct kfeed_events ev;
	struct kforeign **route; /* in order of table, prefix, metric, precedence */
	size_t count;
	unsigned dumps;
	int fail;
	bool open, mute;
};

static struct fake_feed *current;

/* ---- the routes ---- */

static int compare_keys(const struct kforeign *a, const struct kforeign *b)
{
	int d = (a->table > b->table) - (a->table < b->table);

	d = d ? d : prefix_cmp(&a->dst, &b->dst);
	return d ? d : (a->metric > b->metric) - (a->metric < b->metric);
}

/* The first that is not before @r, or with @after the first that comes after it. */
static size_t place(const struct fake_feed *f, const struct kforeign *r, bool after)
{
	size_t i = 0;

	while (i < f->count && compare_keys(f->route[i], r) < (after ? 1 : 0))
		i++;
	return i;
}

static struct kforeign *at_key(const struct fake_feed *f, size_t i,
			       const struct kforeign *key)
{
	return i < f->count && !compare_keys(f->route[i], key) ? f->route[i] : NULL;
}

static void insert(struct fake_feed *f, size_t at, const struct kforeign *r)
{
	f->route = xrealloc(f->route, f->count + 1, sizeof(struct kforeign *));
	memmove(&f->route[at + 1], &f->route[at],
		(f->count - at) * sizeof(struct kforeign *));
	f->route[at] = xcalloc(1, sizeof(*r));
	*f->route[at] = *r;
	f->count++;
}

static void drop(struct fake_feed *f, size_t at)
{
	free(f->route[at]);
	f->count--;
	memmove(&f->route[at], &f->route[at + 1],
		(f->count - at) * sizeof(struct kforeign *));
}

static void tell(struct fake_feed *f, enum kfeed_change change, const struct kforeign *r)
{
	if (f->open && !f->mute)
		f->ev.route(f->ev.arg, change, r);
}

static bool same_hop(const struct kforeign_hop *a, const struct kforeign_hop *b)
{
	return a->oif == b->oif && ip_addr_equal(&a->gate, &b->gate);
}

static bool same_hops(const struct kforeign *a, const struct kforeign *b)
{
	for (unsigned i = 0; i < a->hop_count && a->hop_count == b->hop_count; i++)
		if (!same_hop(&a->hop[i], &b->hop[i]))
			return false;
	return a->hop_count == b->hop_count;
}

static bool has_hop(const struct kforeign *r, const struct kforeign_hop *hop)
{
	for (unsigned i = 0; i < r->hop_count; i++)
		if (same_hop(&r->hop[i], hop))
			return true;
	return false;
}

/* ---- changes ---- */

static bool add_v4(struct fake_feed *f, enum kfeed_change change,
		   const struct kforeign *r)
{
	size_t at = place(f, r, change == KFEED_APPENDED);

	for (size_t i = place(f, r, false); at_key(f, i, r); i++)
		if (same_hops(f->route[i], r) && f->route[i]->protocol == r->protocol)
			return false; /* EEXIST */
	if (change == KFEED_REPLACED) {
		if (!at_key(f, at, r))
			return false;
		drop(f, at);
	}
	insert(f, at, r);
	tell(f, change, r);
	return true;
}

/* Next hops are added to the route that is there. */
static bool add_v6(struct fake_feed *f, enum kfeed_change change,
		   const struct kforeign *r)
{
	size_t at = place(f, r, false);
	struct kforeign *there = at_key(f, at, r);

	if (!there || change == KFEED_REPLACED) {
		if (there)
			drop(f, at);
		else if (change == KFEED_REPLACED)
			return false;
		insert(f, at, r);
		tell(f, change, r);
		return true;
	}
	if (there->kind != KFOREIGN_UNICAST || r->kind != KFOREIGN_UNICAST ||
	    there->protocol != r->protocol)
		return false;
	for (unsigned i = 0; i < r->hop_count; i++)
		if (!has_hop(there, &r->hop[i]) && there->hop_count < KFOREIGN_HOP_MAX)
			there->hop[there->hop_count++] = r->hop[i];
	tell(f, KFEED_APPENDED, there);
	return true;
}

static bool del_v4(struct fake_feed *f, const struct kforeign *r)
{
	size_t at = place(f, r, false);
	struct kforeign gone;

	while (at_key(f, at, r) && r->hop_count && !same_hops(f->route[at], r))
		at++;
	if (!at_key(f, at, r))
		return false;
	gone = *f->route[at];
	drop(f, at);
	tell(f, KFEED_GONE, &gone);
	return true;
}

static bool del_v6(struct fake_feed *f, const struct kforeign *r)
{
	size_t at = place(f, r, false);
	struct kforeign *there = at_key(f, at, r), gone;
	unsigned left = 0;

	if (!there)
		return false;
	gone = *there;
	gone.hop_count = 0;
	for (unsigned i = 0; i < there->hop_count; i++) {
		if (!r->hop_count || has_hop(r, &there->hop[i]))
			gone.hop[gone.hop_count++] = there->hop[i];
		else
			there->hop[left++] = there->hop[i];
	}
	there->hop_count = left;
	if (!left)
		drop(f, at);
	tell(f, KFEED_GONE, &gone);
	return true;
}

/* ---- lines ---- */

static bool read_pair(struct kforeign *r, const char *key, const char *value)
{
	struct kforeign_hop *hop = r->hop_count ? &r->hop[r->hop_count - 1] : NULL;
	uint32_t number = (uint32_t)strtoul(value, NULL, 10);

	if (!strcmp(key, "table"))
		r->table = number;
	else if (!strcmp(key, "metric"))
		r->metric = number;
	else if (!strcmp(key, "nhid"))
		r->nexthop_id = number;
	else if (!strcmp(key, "proto"))
		r->protocol = rtproto_parse(value);
	else if (!strcmp(key, "weight") && hop)
		hop->weight = (uint16_t)number;
	else if (!strcmp(key, "oif") && hop && !hop->oif)
		hop->oif = number;
	else if (!strcmp(key, "oif"))
		r->hop[r->hop_count++] =
			(struct kforeign_hop){.oif = number, .weight = 1};
	else if (!strcmp(key, "via")) {
		hop = &r->hop[r->hop_count++];
		*hop = (struct kforeign_hop){.weight = 1};
		return ip_addr_parse(&hop->gate, value) == 0;
	} else
		return false;
	return true;
}

static bool read_route(struct kforeign *r, char *rest)
{
	char *word = strtok_r(rest, " ", &rest), *value;

	*r = (struct kforeign){.metric = BIRD_METRIC, .protocol = RTPROT_BIRD};
	if (!word || prefix_parse(&r->dst, word))
		return false;
	while ((word = strtok_r(rest, " ", &rest))) {
		if (!strcmp(word, "blackhole")) {
			r->kind = KFOREIGN_REJECTS;
			continue;
		}
		value = strtok_r(rest, " ", &rest);
		if (!value || !read_pair(r, word, value))
			return false;
	}
	return true;
}

bool fake_feed_do(struct fake_feed *f, const char *line)
{
	char text[1024], *rest = text, *verb;
	struct kforeign r;
	bool v4;

	snprintf(text, sizeof(text), "%s", line);
	verb = strtok_r(rest, " ", &rest);
	if (!verb || !read_route(&r, rest))
		return false;
	v4 = r.dst.addr.family == AF_INET;
	if (!strcmp(verb, "del"))
		return v4 ? del_v4(f, &r) : del_v6(f, &r);
	if (!strcmp(verb, "add"))
		return v4 ? add_v4(f, KFEED_ADDED, &r) : add_v6(f, KFEED_ADDED, &r);
	if (!strcmp(verb, "append"))
		return v4 ? add_v4(f, KFEED_APPENDED, &r) : add_v6(f, KFEED_APPENDED, &r);
	if (!strcmp(verb, "replace"))
		return v4 ? add_v4(f, KFEED_REPLACED, &r) : add_v6(f, KFEED_REPLACED, &r);
	return false;
}

void fake_feed_link_down(struct fake_feed *f, uint32_t ifindex)
{
	for (size_t i = f->count; i-- > 0;) {
		struct kforeign gone = *f->route[i];
		unsigned over = 0;

		for (unsigned j = 0; j < gone.hop_count; j++)
			over += gone.hop[j].oif == ifindex;
		if (!over || over < gone.hop_count)
			continue;
		drop(f, i);
		if (gone.dst.addr.family == AF_INET6)
			tell(f, KFEED_GONE, &gone);
	}
}

void fake_feed_nexthop_gone(struct fake_feed *f, uint32_t id)
{
	for (size_t i = f->count; i-- > 0;)
		if (f->route[i]->nexthop_id == id &&
		    f->route[i]->dst.addr.family == AF_INET)
			drop(f, i);
	if (f->open && !f->mute)
		f->ev.nexthop_gone(f->ev.arg, id);
}

/* ---- when it goes wrong ---- */

void fake_feed_mute(struct fake_feed *f)
{
	f->mute = true;
}

void fake_feed_tell_lost(struct fake_feed *f)
{
	f->mute = false;
	if (f->open)
		f->ev.lost(f->ev.arg);
}

void fake_feed_fail_next(struct fake_feed *f, int err)
{
	f->fail = err;
}

/* ---- as a feed ---- */

static int fake_dump(struct kfeed *feed, uint32_t table,
		     int (*each)(void *arg, const struct kforeign *r), void *arg)
{
	struct fake_feed *f = container_of(feed, struct fake_feed, feed);
	int fail = f->fail, err;

	f->fail = 0;
	f->dumps++;
	if (fail && fail != -EAGAIN)
		return fail;
	for (size_t i = 0; i < f->count; i++) {
		if (f->route[i]->table != table || (fail && i % 2))
			continue;
		err = each(arg, f->route[i]);
		if (err)
			return err;
	}
	return fail;
}

static void fake_close(struct kfeed *feed)
{
	container_of(feed, struct fake_feed, feed)->open = false;
}

static const struct kfeed_ops fake_ops = {.dump = fake_dump, .close = fake_close};

int fake_feed_open(struct loop *loop, const struct kfeed_events *ev, struct kfeed **out,
		   char *why, size_t why_len)
{
	int fail = current->fail;

	(void)loop;
	current->fail = 0;
	if (fail) {
		snprintf(why, why_len, "fake feed: %s", strerror(-fail));
		return fail;
	}
	current->open = true;
	current->ev = *ev;
	*out = &current->feed;
	return 0;
}

struct fake_feed *fake_feed_new(void)
{
	current = xcalloc(1, sizeof(*current));
	current->feed.ops = &fake_ops;
	return current;
}

void fake_feed_free(struct fake_feed *f)
{
	while (f->count)
		drop(f, f->count - 1);
	free(f->route);
	free(f);
	current = NULL;
}

bool fake_feed_is_open(const struct fake_feed *f)
{
	return f->open;
}

unsigned fake_feed_dumps(const struct fake_feed *f)
{
	return f->dumps;
}

const struct kforeign *fake_feed_best(const struct fake_feed *f, uint32_t table,
				      const struct prefix *p, uint8_t protocol)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct kforeign *r = f->route[i];

		if (r->table == table && r->protocol == protocol &&
		    r->kind == KFOREIGN_UNICAST && prefix_equal(&r->dst, p))
			return r;
	}
	return NULL;
}
