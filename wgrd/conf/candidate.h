/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_CANDIDATE_H
#define WGRD_CONF_CANDIDATE_H

/*
 * The edits of one front end, on their way to a commit. Main thread only.
 *
 * The datastore has one candidate for all. Whoever edits takes it from whoever had it;
 * who lost it that way builds it again from the edits it remembers, when it goes on. So
 * edits of two front ends never meet in one commit. A candidate that somebody opened
 * without this noun is nobody's to take: -EBUSY. Nor is any while another owner has locked
 * the configuration.
 */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/conf/edits.h"
#include "wgrd/lib/util.h"

struct datastore;

/* Embedded; zeroed but for @ds and @owner before its first use. */
struct candidate {
	struct datastore *ds;
	const void *owner;  /* as for datastore_lock(); NULL: belongs to nobody */
	struct edits edits; /* what is remembered */
};

/* Makes the datastore's candidate this one's. 0, or a negative errno with a sentence. */
int candidate_take(struct candidate *c, char *why, size_t why_len) MUST_USE;
/* Of a candidate that is held. On failure @why says what is wrong, and it is as before. */
int candidate_edit(struct candidate *c, const struct conf_edit *e, char *why,
		   size_t why_len) MUST_USE;
/* Copies an edit that was made, so that it can be made again. */
void candidate_remember(struct candidate *c, const struct conf_edit *e);
/* Of a candidate that is held, which it then is no longer. See datastore_commit(). */
int candidate_commit(struct candidate *c, char *why, size_t why_len) MUST_USE;
/* Lets go of the datastore's candidate, if it is this one's; what is remembered stays. */
void candidate_release(struct candidate *c);
/* Forgets all edits, wiping their values, and lets go. */
void candidate_drop(struct candidate *c);

#endif
