/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_COMMIT_LOG_H
#define WGRD_CONF_COMMIT_LOG_H

/*
 * The last commits: who made them, when and from where, and the edits there and back. A
 * commit costs what it changes, not what there is. Main thread only; the datastore owns
 * it, and adds to it at each commit that changed something.
 *
 * With a file (journal.h) the history outlives the daemon. Each commit is known by a
 * digest of the configuration that it left, so what a restarted daemon loads is found
 * again among them: if it is an older one, because nobody saved the newer, that is noted
 * as one more commit, and the newer can still be gone back to. A configuration that is
 * none of them, from a file edited by hand, begins a new history.
 */

#include <stddef.h>
#include <stdint.h>

#include "wgrd/conf/edits.h"
#include "wgrd/lib/util.h"

struct commit_log;
struct lyd_node;

enum {
	COMMIT_LOG_MAX = 100, /* commits that are remembered */
	COMMIT_LOG_USER_LEN = 33,
	COMMIT_LOG_FROM_LEN = 64,
};

/* Who asks for a commit: a login name, and by what way: "vty", "netconf". "" is unknown. */
struct commit_origin {
	char user[COMMIT_LOG_USER_LEN], from[COMMIT_LOG_FROM_LEN];
};

struct commit_record {
	uint64_t id;  /* rises by one with each commit, over restarts too */
	int64_t when; /* UNIX time, seconds */
	struct commit_origin origin;
	struct edits forward, back; /* to it, and from it to the one before */
	uint64_t digest;            /* of what is configured since */
};

/* Told of each commit that is added. One at most; NULL takes it away. */
typedef void (*commit_log_fn)(void *arg, const struct commit_record *r);

struct commit_log *commit_log_new(void);
void commit_log_free(struct commit_log *h);

/*
 * Reads the file "commits" in @dir, which is made if it is not there; to be called before
 * the first commit. What of it cannot be understood is logged and left out. One daemon at
 * a time has a directory: -EBUSY for the second, or another negative errno, with a sentence,
 * and the history is kept in memory alone.
 */
int commit_log_use_dir(struct commit_log *h, const char *dir, char *why,
		       size_t why_len) MUST_USE;

/* The first configuration of this run of the daemon. */
void commit_log_begin(struct commit_log *h, const struct commit_origin *origin,
		      const struct lyd_node *tree);
/* A commit that led from @from to @to. Does nothing when they are the same. */
void commit_log_add(struct commit_log *h, const struct commit_origin *origin,
		    const struct lyd_node *from, const struct lyd_node *to);
/* What comes from now on, as the daemon takes down all it has, is no commit. */
void commit_log_end(struct commit_log *h);
/* Why the last commit is not in the file: a sentence, or "". */
const char *commit_log_trouble(const struct commit_log *h);

void commit_log_watch(struct commit_log *h, commit_log_fn fn, void *arg);

size_t commit_log_count(const struct commit_log *h);
/* The @i-th newest, 0 the newest, which is in force. Valid until the next commit. */
const struct commit_record *commit_log_get(const struct commit_log *h, size_t i);
const struct commit_record *commit_log_find(const struct commit_log *h, uint64_t id);
/* The newest's, 0 before the first. */
uint64_t commit_log_now(const struct commit_log *h);
/* Appends the edits that lead from what is in force to what was after commit @id. -ENOENT
 * when that one is not remembered. */
int commit_log_way_back(const struct commit_log *h, uint64_t id,
			struct edits *out) MUST_USE;
/* Commits from @id on are remembered however many there are; 0 ends that. */
void commit_log_pin(struct commit_log *h, uint64_t id);

#endif
