/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_GROUP_H
#define WGRD_DPLANE_GROUP_H

/*
 * Who gets packets to a prefix, or may send from it: one or more peers with weights, and
 * backups for them, of one rank or of several. The group object stays; its members are an
 * immutable array that is replaced whole, so every prefix that refers to the group moves
 * by one store. Main thread only, but for dp_group_pick() and dp_group_has(), which workers
 * call between two quiescent states.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

struct dp_group;
struct dp_peer;

struct dp_nexthop {
	struct dp_peer *peer;
	uint16_t weight; /* at least 1 */
	uint8_t rank;    /* 0: primary; higher: for when no lower one is ready */
};
enum {
	DP_GROUP_MAX = 64,
};

/* @n may be 0: a group that drops everything; at most DP_GROUP_MAX. 0 or -ENOMEM. The peers are not referenced:
 * one may be freed once no group names it any more. */
int dp_group_new(const struct dp_nexthop *nh, unsigned n, struct dp_group **out) MUST_USE;
int dp_group_set(struct dp_group *g, const struct dp_nexthop *nh, unsigned n) MUST_USE;
/* No table refers to it any more. */
void dp_group_free(struct dp_group *g);

/*
 * The member for a flow. Each flow keeps its member as long as that is ready. The flows
 * of another are spread by weight over the others of its rank that are, or if there is none
 * over those of the next rank that has one; and go back when it is ready again. No group is
 * changed for it: dp_peer_ready() decides, packet by packet. So nothing waits for a
 * handshake that one member needs while another can have the packet now. Where nobody is
 * ready, the same is done with those that are worth a try: dp_peer_usable().
 *
 * *@passed_over is one that would have come before, or NULL: the caller has it tried
 * again. Where there are several, each gets its turn. If none is usable, the first choice
 * is returned, for whoever sends to say why not. NULL: an empty group.
 */
struct dp_peer *dp_group_pick(const struct dp_group *g, uint32_t flow_hash,
			      struct dp_peer **passed_over);
bool dp_group_has(const struct dp_group *g, const struct dp_peer *p);

#endif
