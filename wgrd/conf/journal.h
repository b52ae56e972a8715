/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_JOURNAL_H
#define WGRD_CONF_JOURNAL_H

/*
 * The file of commits, mode 0600 because keys may be in it. Text, one item a line:
 *
 *	wgrd commits 1
 *	commit ID TIME DIGEST USER FROM...
 *	do + PATH [TAB VALUE]        forward: set
 *	do - PATH [TAB VALUE]        forward: unset
 *	undo + PATH [TAB VALUE]      back, the same two
 *	end ID
 *
 * An unknown user is "-". A crash while a commit is appended leaves one without its end,
 * which reading drops. Main thread only; may block on the disk.
 */

#include <stddef.h>

#include "wgrd/conf/commit_log.h"
#include "wgrd/lib/util.h"

/*
 * Calls @take for each whole record, oldest first; it takes over the edits. Returns 0,
 * -ENOENT when there is no file, or a negative errno with a sentence in @why when reading
 * ended before the end of the file: what comes behind is lost.
 */
int journal_read(const char *path, void (*take)(void *arg, struct commit_record *r),
		 void *arg, char *why, size_t why_len) MUST_USE;

/* Appends and fsyncs. On failure the file is as it was, and @why is a sentence. */
int journal_append(const char *path, const struct commit_record *r, char *why,
		   size_t why_len) MUST_USE;

/* Replaces the file by these, oldest first: @record gives the @i-th. */
int journal_rewrite(const char *path,
		    const struct commit_record *(*record)(void *arg, size_t i), void *arg,
		    size_t count, char *why, size_t why_len) MUST_USE;

#endif
