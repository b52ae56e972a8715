/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_UAPI_SET_H
#define WGRD_UAPI_SET_H

/*
 * A set of wg(8) as edits of the candidate and one commit, as if it had been typed. What
 * it asks for is compared with the running configuration first, and what is so already
 * makes no edit. Main thread only.
 *
 * wg(8) knows one thing of the peer's prefixes: who has them. Here they are configured
 * (allowed-ip) or come from elsewhere (routing protocols, overlay addresses). So:
 *
 *  - a prefix that the peer has from elsewhere stays that, and is not made static: what
 *    wg showconf prints can be given to wg syncconf, and nothing changes;
 *  - a prefix is taken from a peer only where it is configured. What was learned stays
 *    learned.
 *
 * The same holds for the port that the system chose and the place where a peer was last
 * heard: to be told what is so already changes nothing.
 */

#include <stddef.h>

#include "wgrd/lib/util.h"
#include "wgrd/uapi/request.h"

struct datastore;
struct wg;

struct set_report {
	size_t edits;        /* 0: everything was as it was asked for */
	size_t kept_learned; /* prefixes not made static, because the peer has them */
};

/*
 * @r is a set, for the interface of that name. Returns 0 with *@report, or a negative errno
 * with a sentence, and then nothing has changed: -EBUSY when somebody else edits, -ENODEV
 * when there is no such interface, -EEXIST, -ENOMEM, or what the commit was refused with.
 */
int set_carry_out(struct datastore *ds, const struct wg *wg, const char *interface,
		  const struct request *r, struct set_report *report, char *why,
		  size_t why_len) MUST_USE;

#endif
