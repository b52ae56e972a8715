/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_REFUSAL_H
#define WGRD_CONF_REFUSAL_H

/*
 * Why a configuration was refused: a sentence for the operator, and the node it is about,
 * so that a file's line can be found for it. Filled by whoever refuses, owned by the
 * datastore. Main thread only.
 */

#include <stddef.h>

#include "wgrd/conf/commit.h"
#include "wgrd/lib/util.h"

struct refusal {
	char why[512];
	char path[256];  /* as for datastore_set(); "" when it is about no single node */
	char value[128]; /* picks the entry of a leaf-list; "" otherwise, and for secrets
			  */
};

/*
 * Writes @r and returns -EINVAL. The sentence begins with the object: "wireguard wg0,
 * peer a: " is put before the text.
 */
int refuse(struct refusal *r, const struct refusal_at *at, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* The node alone, for a sentence that is in @r already. */
void refusal_set_node(struct refusal *r, const struct refusal_at *at);
/* "out of memory", -ENOMEM. */
int refuse_no_memory(struct refusal *r);

#endif
