/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/candidate.h"

#include <errno.h>
#include <stdio.h>

#include "wgrd/conf/datastore.h"

/* Is it this one's now? */
static bool is_held(const struct candidate *c)
{
	return datastore_holder(c->ds) == c && datastore_candidate_open(c->ds);
}

int candidate_edit(struct candidate *c, const struct conf_edit *e, char *why,
		   size_t why_len)
{
	if (e->unset)
		return datastore_unset(c->ds, e->path, e->value, why, why_len);
	return datastore_set(c->ds, e->path, e->value, why, why_len);
}

void candidate_release(struct candidate *c)
{
	if (datastore_holder(c->ds) == c)
		datastore_discard(c->ds);
}

int candidate_take(struct candidate *c, char *why, size_t why_len)
{
	char reason[512];

	if (datastore_owner(c->ds) && datastore_owner(c->ds) != c->owner) {
		snprintf(why, why_len,
			 "%s has locked the configuration; try again when it is unlocked",
			 datastore_owner_name(c->ds));
		return -EBUSY;
	}
	if (is_held(c))
		return 0;
	if (datastore_candidate_open(c->ds) && !datastore_holder(c->ds)) {
		snprintf(why, why_len,
			 "another session has edited the configuration and not "
			 "committed it; try again when it has");
		return -EBUSY;
	}
	datastore_discard(c->ds);
	datastore_hold(c->ds, c);
	for (size_t i = 0; i < c->edits.count; i++) {
		int err = candidate_edit(c, &c->edits.edit[i], reason, sizeof(reason));

		if (err) {
			snprintf(why, why_len, "an earlier line of this group: %s",
				 reason);
			candidate_release(c); /* half of it is none */
			return err;
		}
	}
	return 0;
}

void candidate_remember(struct candidate *c, const struct conf_edit *e)
{
	edits_add(&c->edits, e);
}

int candidate_commit(struct candidate *c, char *why, size_t why_len)
{
	return datastore_commit(c->ds, why, why_len);
}

void candidate_drop(struct candidate *c)
{
	edits_fini(&c->edits);
	candidate_release(c);
}
