/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kdump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/kernel/kroute.h"
#include "wgrd/kernel/krule.h"
#include "wgrd/kernel/ksock.h"
#include "wgrd/lib/log.h"

enum {
	TRIES = 5,
};

/* Both kinds are gathered alike: an array of items that grows while messages are parsed. */
struct gathered {
	char *items;
	size_t count, cap, item_bytes;
	sa_family_t family;
	int (*message)(sa_family_t family, struct nl_msg **msg);
	bool (*parse)(const struct nlmsghdr *h, sa_family_t family, void *item);
};

static bool parse_route(const struct nlmsghdr *h, sa_family_t family, void *item)
{
	return kroute_parse(h, family, item);
}

static bool parse_rule(const struct nlmsghdr *h, sa_family_t family, void *item)
{
	return krule_parse(h, family, item);
}

static int gather_one(const struct nlmsghdr *h, void *arg)
{
	struct gathered *g = arg;

	if (g->count == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 256;
		void *more = reallocarray(g->items, cap, g->item_bytes);

		if (!more)
			return -ENOMEM;
		g->items = more;
		g->cap = cap;
	}
	if (g->parse(h, g->family, g->items + g->count * g->item_bytes))
		g->count++;
	return 0;
}

static int gather_family(int fd, struct gathered *g, sa_family_t family)
{
	size_t start = g->count;
	int err = -EAGAIN;

	g->family = family;
	for (int try = 0; try < TRIES && err == -EAGAIN; try++) {
		struct nl_msg *msg;

		g->count = start;
		err = g->message(family, &msg);
		if (!err)
			err = ksock_dump(fd, msg, gather_one, g);
	}
	if (err == -EAGAIN) {
		log_warn(
			LOG_KERNEL,
			"netlink: a dump changed %d times while it was read, using the last",
			TRIES);
		return 0;
	}
	/* a kernel without IPv6 has none of these */
	return family == AF_INET6 && err == -EAFNOSUPPORT ? 0 : err;
}

static int gather(int fd, struct gathered *g)
{
	int err = gather_family(fd, g, AF_INET);

	if (!err)
		err = gather_family(fd, g, AF_INET6);
	if (err)
		free(g->items);
	return err;
}

int kdump_routes(int fd, struct kroute **routes, size_t *count)
{
	struct gathered g = {
		.item_bytes = sizeof(struct kroute),
		.message = kroute_dump_message,
		.parse = parse_route,
	};
	int err = gather(fd, &g);

	if (err)
		return err;
	*routes = (struct kroute *)g.items;
	*count = g.count;
	return 0;
}

int kdump_rules(int fd, struct krule **rules, size_t *count)
{
	struct gathered g = {
		.item_bytes = sizeof(struct krule),
		.message = krule_dump_message,
		.parse = parse_rule,
	};
	int err = gather(fd, &g);

	if (err)
		return err;
	*rules = (struct krule *)g.items;
	*count = g.count;
	return 0;
}
