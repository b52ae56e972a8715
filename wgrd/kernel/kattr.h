/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KATTR_H
#define WGRD_KERNEL_KATTR_H

/*
 * Addresses in the attributes of a route message, whoever's it is. False: the attribute is not
 * what it should be. Pure; for the files of this folder.
 */

#include <linux/rtnetlink.h>
#include <stdbool.h>

#include "proto/net/prefix.h"

struct nlattr;

/*
 * The gateway of a route or of one of its next hops: RTA_GATEWAY, which is of the prefix's own
 * @family, or RTA_VIA, which may be of the other (RFC 8950). Family 0 when there is none.
 */
bool kattr_gate(struct nlattr *const attrs[RTA_MAX + 1], sa_family_t family,
		struct ip_addr *a);
/* Without RTA_DST it is a default route. Host bits are not looked at. */
bool kattr_dst(struct nlattr *const attrs[RTA_MAX + 1], const struct rtmsg *head,
	       struct prefix *dst);

#endif
