/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_HELLO_H
#define WGRD_NETCONF_HELLO_H

/* The first message of each side, and what this server can (RFC 6241 section 8.1). Main
 * thread only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

struct netconf;

void hello_write(const struct netconf *n, uint32_t session_id, struct strbuf *out);
/* The client's. *@chunked: both sides know base:1.1. -EINVAL: @why says what is wrong. */
int hello_read(const struct strbuf *message, bool *chunked, char *why,
	       size_t why_len) MUST_USE;

/* Each capability, until @fn returns false. */
void hello_walk_capabilities(const struct netconf *n,
			     bool (*fn)(const char *uri, void *arg), void *arg);

#endif
