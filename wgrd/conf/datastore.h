/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_DATASTORE_H
#define WGRD_CONF_DATASTORE_H

/*
 * The configuration datastores over libyang: running, and one candidate that exists while
 * an edit is open. All front ends (CLI, files, later wg(8) and NETCONF) edit the
 * candidate and commit through here. Main thread only.
 *
 * Paths are YANG data paths below /wgrd:wgrd without prefixes, e.g.
 * "wireguard[name='wg0']/peer[name='a']/endpoint".
 */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/conf/commit.h"
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

/* Asked in the order of registration; both pointers must outlive the datastore. */
void datastore_subscribe(struct datastore *ds, const struct conf_subsys *ops, void *ctx);

/*
 * Never NULL. Valid until the next successful commit. Before the first one it is zeroed,
 * and zebra is off in it: commit an empty candidate to get what an empty file means.
 */
const struct conf *datastore_conf(const struct datastore *ds);

/*
 * Candidate edits. The first one opens the candidate as a copy of running.
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
bool datastore_candidate_open(const struct datastore *ds);
void datastore_discard(struct datastore *ds);
/*
 * Opens a candidate with nothing in it, in place of any that was open: the way to load a
 * whole file. Returns 0, or -EBUSY when called out of a commit.
 */
int datastore_start_empty(struct datastore *ds) MUST_USE;

/*
 * validate -> build -> check -> prepare -> apply. On success running is the candidate. On
 * failure nothing has changed, the candidate is discarded, and @why says which object and
 * value was refused and what was expected.
 */
int datastore_commit(struct datastore *ds, char *why, size_t why_len) MUST_USE;

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

/* The trees, for code that prints them: the "wgrd" container, or NULL when empty. */
const struct lyd_node *datastore_running(const struct datastore *ds);
const struct lyd_node *datastore_candidate(const struct datastore *ds);
const struct lys_module *datastore_module(const struct datastore *ds);
/* Is it a leaf that nobody may be shown? */
bool datastore_is_secret(const struct lysc_node *leaf);

#endif
