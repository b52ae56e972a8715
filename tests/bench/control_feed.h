/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_BENCH_CONTROL_FEED_H
#define TESTS_BENCH_CONTROL_FEED_H

/*
 * What bench_control feeds: prefixes with a peer each, the Internet's or made up, as
 * messages of zebra's, and a process that sends them as fast as a socket takes them. What
 * is kept here comes from mmap() and not from malloc(), which is measured.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto/net/prefix.h"
#include "proto/zapi/zapi_dialect.h"

struct control_route {
	struct prefix prefix;
	unsigned peer;
};

/* In the order in which zebra dumps them: IPv4 first, by address. */
struct control_feed {
	struct control_route *route;
	size_t count;
	uint8_t *message; /* REDISTRIBUTE_ROUTE_ADD for each of them, one after another */
	size_t message_len;
	size_t room, message_room;
};

/* The full table of tests/lib/full_table.h. Without it count is 0. */
void control_feed_internet(struct control_feed *f, unsigned peers);
/*
 * @count different prefixes: 19 in 20 are IPv4, their lengths as in the Internet's table,
 * one in five inside the one before.
 */
void control_feed_generate(struct control_feed *f, size_t count, unsigned peers);
void control_feed_free(struct control_feed *f);

/* A process that is zebra and sends the feed to who subscribes. */
struct control_zebra {
	pid_t pid;
	char socket[108];
};
void control_zebra_start(struct control_zebra *z, const struct control_feed *f);
void control_zebra_stop(struct control_zebra *z);
extern const char *const control_zebra_release;

#endif
