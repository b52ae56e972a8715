/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_CLAIMS_H
#define WGRD_CONF_CLAIMS_H

/*
 * "No two objects may have the same ...": every object claims what it has, and is told who
 * was there before. Claims are kept from one configuration to the next, so a commit drops
 * those of what it changes and adds new ones; until claims_keep() all that can be undone.
 * Main thread only. Embedded; zeroed before its first use.
 */

#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/util.h"

enum {
	CLAIM_KEY_LEN = 56
};

/* What is claimed: bytes that differ when things differ. Filled with claim_key_add(). */
struct claim_key {
	uint8_t bytes[CLAIM_KEY_LEN]; /* zero behind the last */
	size_t len;
};

/* Who has it: the caller's, not looked at. Valid as long as the objects are. */
struct claim {
	const void *owner, *what;
};

struct claim_entry;

struct claims {
	struct claim_entry *table;          /* a hash of uthash */
	struct claim_entry *made, *dropped; /* since claims_keep() */
};

void claim_key_add(struct claim_key *k, const void *bytes, size_t len);
void claim_key_add_prefix(struct claim_key *k, const struct prefix *p);

/* NULL: it is claimed now. Otherwise who has it already, and nothing has changed. */
const struct claim *claims_add(struct claims *c, const struct claim_key *k,
			       const void *owner, const void *what) MUST_USE;
/* Of one that was kept, and is there. */
void claims_drop(struct claims *c, const struct claim_key *k);
void claims_keep(struct claims *c);
void claims_undo(struct claims *c); /* back to what was kept last */
void claims_free(struct claims *c); /* back to {0} */

#endif
