/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_COMMIT_H
#define WGRD_CONF_COMMIT_H

/*
 * A commit asks each subsystem in turn to check, then to prepare, then to apply.
 * check() and prepare() may refuse, with a sentence for the operator; apply() may not.
 * All check before any prepares, and all prepare before any applies. If a prepare()
 * refuses, it has undone its own part, and abort() runs for those before it, in reverse
 * order. Main thread only. Any of the four may be NULL.
 */

#include <stddef.h>

#include "wgrd/lib/util.h"

struct conf;

/* The node that a refusal is about; what does not apply is NULL. */
struct refusal_at {
	const char *top;   /* "zebra", "dataplane", "metrics", "prefix-list", "wireguard",
			      "tenant" */
	const char *name;  /* of the list entry */
	const char *peer;  /* of the peer in it */
	const char *leaf;  /* in the innermost of these */
	const char *value; /* never a secret */
	/* Of the additional-key in the interface or peer, or of the entry in the
	 * prefix-list. */
	const char *key;
};

enum {
	CONF_NOTICE_LEN = 320,
};

struct conf_change {
	const struct conf *old; /* never NULL; the empty configuration at start */
	const struct conf *new; /* outlives the commit: it is what running points to */
	void *prepared; /* owned by the subsystem between prepare and apply or abort */
	/* A prepare() that refuses may say what node it is about, in strings of @new, so
	 * that the operator is told the line. Its sentence names the object itself. */
	struct refusal_at refused;
	/* An apply() whose new settings are not all in force yet says so, in a sentence
	 * for the operator. Empty at first. */
	char notice[CONF_NOTICE_LEN];
};

/* What came of a commit beyond its result. */
struct conf_outcome {
	struct refusal_at refused;    /* all NULL when it was not said, or not refused */
	char notice[CONF_NOTICE_LEN]; /* of all subsystems; "" when there is none */
};

struct conf_subsys {
	const char *name;
	int (*check)(void *ctx, const struct conf *new, char *why, size_t why_len);
	int (*prepare)(void *ctx, struct conf_change *c, char *why, size_t why_len);
	void (*apply)(void *ctx, struct conf_change *c);
	void (*abort)(void *ctx, struct conf_change *c);
};

struct conf_subscriber {
	const struct conf_subsys *ops;
	void *ctx;
};

/*
 * Returns 0 when all applied, or the negative errno of the subsystem that refused, with
 * its sentence in @why. Subscribers are asked in the order given.
 */
int conf_commit_at(const struct conf_subscriber *subs, size_t n, const struct conf *old,
		   const struct conf *new, struct conf_outcome *outcome, char *why,
		   size_t why_len) MUST_USE;
/* The same for those who ask no more. */
int conf_commit(const struct conf_subscriber *subs, size_t n, const struct conf *old,
		const struct conf *new, char *why, size_t why_len) MUST_USE;
/* The checks alone, which change nothing. */
int conf_check(const struct conf_subscriber *subs, size_t n, const struct conf *new,
	       char *why, size_t why_len) MUST_USE;

#endif
