/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_MGMT_PING_H
#define WGRD_MGMT_PING_H

/*
 * Does a peer answer? A handshake is begun beside the session there is, and waited for: it
 * needs no address inside the tunnel and nobody's firewall there, and goes the way that
 * packets go. Main thread only.
 */

#include <stdbool.h>

#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

struct loop;
struct ping;
struct wg_peer;

enum {
	/* Within half of it a handshake is begun: there is none sooner than five seconds after the
	 * one before (whitepaper, section 6.1). */
	PING_WITHIN_S = 10,
};

/*
 * @told is called once with a line of text, from the loop, unless ping_cancel() comes first;
 * the struct ping is gone then. NULL: it cannot be asked, which @why says in a line.
 */
struct ping *ping_start(struct loop *loop, struct wg_peer *p,
			void (*told)(void *arg, bool answered, const char *text),
			void *arg, struct strbuf *why) MUST_USE;
void ping_cancel(struct ping *p); /* NULL is allowed */

#endif
