/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_DATASTORE_H
#define WGRD_CONF_DATASTORE_H

/*
 * The configuration datastores over libyang: running, and one candidate that exists while
 * an edit is open. All front ends (CLI, files, wg(8), NETCONF) edit the
 * candidate and commit through here. Main thread only.
 *
 * Paths are YANG data paths below /wgrd:wgrd without prefixes, e.g.
 * "wireguard[name='wg0']/peer[name='a']/endpoint".
 */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/conf/commit.h"
#include "wgrd/conf/commit_log.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/lib/util.h"

struct conf;
struct datastore;
struct lyd_node;
struct lys_module;
struct lysc_node;

/* @yang_dir holds wgrd's modules. On failure @why is a sentence. */
int datastore_new(const char *yang_dir, struct datastore **out, char *why,
		  size_t why_len) MUST_USE;
void datastore_free(struct datastore *ds);
/*
 * Another module beside ours, such as those of a protocol, with these features (ends with
 * NULL; NULL: none). Nothing must have been edited yet. On failure, -ENOENT, @why is a
 * sentence.
 */
int datastore_load_module(struct datastore *ds, const char *name,
			  const char *const *features, char *why,
			  size_t why_len) MUST_USE;

/* Asked in the order of registration; both pointers must outlive the datastore. */
void datastore_subscribe(struct datastore *ds, const struct conf_subsys *ops, void *ctx);

/*
 * Never NULL. Valid until the next successful commit. Before the first one it is zeroed,
 * and zebra is off in it: commit an empty candidate to get what an empty file means.
 */
const struct conf *datastore_conf(const struct datastore *ds);

/*
 * Candidate edits. The first one opens the candidate, which is what running is.
 *
 * set: creates what is missing on the way; for a leaf-list adds one entry, for a leaf
 * replaces, for a list entry or container makes sure that it is there (@value NULL). A
 * bad value is refused with what was expected. unset: removes a node with all below it
 * (@value picks the entry of a leaf-list or must equal a leaf's when not NULL). Removing
 * what is not there is not an error.
 */
int datastore_set(struct datastore *ds, const char *path, const char *value, char *why,
		  size_t why_len) MUST_USE;
int datastore_unset(struct datastore *ds, const char *path, const char *value, char *why,
		    size_t why_len) MUST_USE;
/*
 * Was there an edit that made @path, in the candidate (or in running when none is open)?
 * Values that are there by default do not count.
 */
bool datastore_exists(const struct datastore *ds, const char *path);
/* Has the list entry at @path nothing but its key? False when it is not there. */
bool datastore_is_empty(const struct datastore *ds, const char *path);
bool datastore_candidate_open(const struct datastore *ds);
void datastore_discard(struct datastore *ds);
/*
 * Opens a candidate with nothing in it, in place of any that was open: the way to load a
 * whole file. Returns 0, or -EBUSY when called out of a commit.
 */
int datastore_start_empty(struct datastore *ds) MUST_USE;

/*
 * One front end may keep the configuration for itself: candidate.h then refuses all others.
 * @owner is what they say they belong to, @who how an operator is told. datastore_owner():
 * NULL when there is none.
 */
void datastore_lock(struct datastore *ds, const void *owner, const char *who);
void datastore_unlock(struct datastore *ds);
const void *datastore_owner(const struct datastore *ds);
const char *datastore_owner_name(const struct datastore *ds);

/*
 * Whose edits the candidate has: see candidate.h, which keeps account here. NULL: nobody's
 * that is known, or there is none.
 */
void datastore_hold(struct datastore *ds, const void *holder);
const void *datastore_holder(const struct datastore *ds);

/*
 * validate -> build -> check -> prepare -> apply. On success running is the candidate. On
 * failure nothing has changed, the candidate is discarded, and @why says which object and
 * value was refused and what was expected.
 */
int datastore_commit(struct datastore *ds, char *why, size_t why_len) MUST_USE;
/* Who the next commit is made for; forgotten after it. */
void datastore_set_origin(struct datastore *ds, const struct commit_origin *origin);
/*
 * Asked before each commit whether @holder may make one: 0, or a negative errno with a
 * sentence. One guard at most; NULL takes it away.
 */
typedef int (*datastore_guard_fn)(void *arg, const void *holder, char *why,
				  size_t why_len);
void datastore_guard(struct datastore *ds, datastore_guard_fn guard, void *arg);
/* The commits that were made; the caller may read it, and give it a file. */
struct commit_log *datastore_commit_log(const struct datastore *ds);
/*
 * Would a commit be taken? Does the first half of one, up to where subsystems prepare. The
 * candidate stays as it is, open or not.
 */
int datastore_validate(struct datastore *ds, char *why, size_t why_len) MUST_USE;
/* What of the last commit, which succeeded, is not in force yet: a sentence, which has
 * also been logged, or "". Valid until the next commit. */
const char *datastore_notice(const struct datastore *ds);

/*
 * For front ends that read files. datastore_mark_line() says which line the next edits
 * come from (0: none); the nodes of a candidate remember theirs. datastore_refused()
 * tells where the last refused edit or commit went wrong; its strings are valid until the
 * next call that edits or commits.
 */
struct datastore_refusal {
	const char *path; /* as for datastore_set(); "" when it is about no single node */
	const char *word; /* the last step of it, which is the CLI's word */
	const char *value; /* the offending value, "" for none; never a secret */
	unsigned line;     /* 0: unknown, or the refused edit's own */
};
void datastore_mark_line(struct datastore *ds, unsigned line);
struct datastore_refusal datastore_refused(const struct datastore *ds);

/*
 * The trees, for code that prints them: the "wgrd" container, or NULL when empty. Each is
 * valid until the other one is asked for, or something is edited or committed: they may be
 * one tree, which is brought into the state that is asked for.
 */
const struct lyd_node *datastore_running(const struct datastore *ds);
const struct lyd_node *datastore_candidate(const struct datastore *ds);
const struct lys_module *datastore_module(const struct datastore *ds);
/* What the model says of @path; NULL when there is no such path. */
const struct lysc_node *datastore_schema(const struct datastore *ds, const char *path);
/*
 * What the candidate would change, for who asks before a commit: trees of the objects that
 * it touched, as they are in running and as they are in the candidate. Two objects that are
 * the same may be among them. Valid until the next edit or commit.
 */
struct datastore_changes {
	const struct lyd_node *before, *after; /* may be NULL, which is empty */
	struct lyd_node *copy[2];              /* datastore.c's */
};
void datastore_changes(const struct datastore *ds, struct datastore_changes *out);
void datastore_changes_free(struct datastore_changes *c);
/* Is there a key in what it changes, as against the name of a file with one? The path of
 * the first is appended to @path. */
bool datastore_changes_have_key(const struct datastore *ds, struct strbuf *path);
/* Is it the path of a leaf that nobody may be shown? */
bool datastore_path_is_secret(const struct datastore *ds, const char *path);

#endif
