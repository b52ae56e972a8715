/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_UAPI_ANSWER_H
#define WGRD_UAPI_ANSWER_H

/*
 * An interface as wg(8) is told of it, private key included: the socket is root's alone.
 * Main thread only.
 *
 * A peer's allowed_ip are the prefixes it is sent or may send from, wherever they come
 * from, and those configured for it that are not in force, as while it is shut down. A
 * prefix of several peers is listed with each. Peers without a public key are left out:
 * wg(8) would have no name for them.
 */

#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

struct conf_wireguard;
struct wg_device;

enum {
	/* A longer one is refused: a full table with three peers for each prefix fits. */
	ANSWER_MAX = 64 * 1024 * 1024,
};

/* Appends the lines, without the errno that ends them. 0, -ENOMEM, or -EMSGSIZE when it
 * would be longer than ANSWER_MAX; @out has then part of it. @conf is that of @d. */
int answer_get(const struct wg_device *d, const struct conf_wireguard *conf,
	       struct strbuf *out) MUST_USE;

#endif
