/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_ZAPI_REWRITE_H
#define TESTS_LIB_ZAPI_REWRITE_H

/*
 * Reads a ZAPI message of any kind and writes what was understood of it, for golden messages
 * and for fuzzing: what is written must be read again as the same.
 */

#include <stdint.h>

#include "proto/zapi/zapi.h"
#include "proto/zapi/zapi_dialect.h"

/*
 * Returns 0, -EBADMSG if the body is refused, or -ENOTSUP if wgrd has no decoder for this
 * kind. The cursor's error is set when what was read cannot be written: a route type that is
 * none of ours.
 */
int zapi_rewrite(struct wbuf *body, const struct zapi_dialect *d, enum zapi_kind kind,
		 uint32_t vrf, struct wbuf *w);

#endif
