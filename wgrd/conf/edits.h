/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_EDITS_H
#define WGRD_CONF_EDITS_H

/*
 * Edits in the order they are to be made: of a front end's candidate, of one commit, of
 * the way back from it. Values may be keys, so they are wiped when they go. Main thread
 * only.
 */

#include <stdbool.h>
#include <stddef.h>

struct conf_edit {
	bool unset;
	char *path, *value; /* as for datastore_set(); @value may be NULL */
};

/* Embedded; zeroed before its first use. */
struct edits {
	struct conf_edit *edit; /* with copies of its own */
	size_t count, cap;
};

void edits_add(struct edits *e, const struct conf_edit *edit);
/* Appends all of @more, which stays as it is. */
void edits_add_all(struct edits *e, const struct edits *more);
/* Those that set something, which are lines of the configuration. */
size_t edits_count_set(const struct edits *e);
/* Forgets them all. */
void edits_fini(struct edits *e);

#endif
