/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KROUTE_H
#define WGRD_KERNEL_KROUTE_H

/*
 * struct kroute as rtnetlink messages, and back. Pure but for allocation; for the files of
 * this folder and for tests.
 */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/kernel/nlq.h"
#include "wgrd/lib/util.h"

struct nl_msg;
struct nlmsghdr;

/*
 * -EINVAL for what the kernel would take for something else: metric 0, which IPv6 makes 1024
 * and a delete takes for "any"; table 0, which is main; an IPv4 gateway of an IPv6 prefix; a
 * unicast route without interface, a rejecting one with it. check_key() looks at the key only.
 */
int kroute_check(const struct kroute *r) MUST_USE;
int kroute_check_key(const struct kroute *r) MUST_USE;

/* The messages are given to the caller: nlmsg_free(). -EINVAL as above, or -ENOMEM. */

/* @replace: take the place of the route with this key. Otherwise any route there is in the
 * way (-EEXIST), be it ours or not. */
int kroute_set_message(const struct kroute *r, bool replace,
		       struct nl_msg **msg) MUST_USE;
/* Only what carries our protocol number matches. Looks at the key only. */
int kroute_del_message(const struct kroute *r, struct nl_msg **msg) MUST_USE;
/* All routes of ours of one family. Kernels before 4.20 dump everybody's. */
int kroute_dump_message(sa_family_t family, struct nl_msg **msg) MUST_USE;

/*
 * False when @h is no route, not ours, of another family than @family, or cannot be read. A
 * route of ours that struct kroute cannot express (several next hops, another type), which
 * somebody else must have made, comes out as unicast without interface: its key is right and
 * it equals nothing anybody wants.
 */
bool kroute_parse(const struct nlmsghdr *h, sa_family_t family, struct kroute *r);

#endif
