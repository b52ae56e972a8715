/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_CLAIMS_H
#define WGRD_CONF_CLAIMS_H

/*
 * "No two objects may have the same ...": every object claims what it has, then one sort
 * brings equal claims together. Used by validate.c on the stack. Single owner.
 */

#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/util.h"

enum {
	CLAIM_KEY_LEN = 40
};

struct claim {
	uint8_t key[CLAIM_KEY_LEN]; /* zero-padded */
	const void *owner, *what;   /* the caller's; not compared */
	size_t seq;                 /* order of claiming */
};

struct claims {
	struct claim *v;
	size_t count, room;
};

/* @len up to CLAIM_KEY_LEN. Return 0 or -ENOMEM. */
int claims_add(struct claims *c, const void *key, size_t len, const void *owner,
	       const void *what) MUST_USE;
int claims_add_prefix(struct claims *c, const struct prefix *p, const void *owner,
		      const void *what) MUST_USE;
/*
 * Sorts, and returns the later of the first two claims that have the same key, *@first
 * being the earlier; or NULL when all differ.
 */
const struct claim *claims_clash(struct claims *c, const struct claim **first);
void claims_free(struct claims *c); /* back to {0} */

#endif
