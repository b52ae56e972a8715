/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_CONFIRM_H
#define WGRD_CONF_CONFIRM_H

/*
 * Going back: to a commit that somebody names, and to the one before a trial that nobody
 * confirmed in time (RFC 6241 section 8.4, confirmed commit). Both are commits like any
 * other, with a place in the history. Main thread only.
 *
 * A trial begins at what is in force. Until its time is over it is kept by
 * confirm_keep(), or everything committed since is undone: by the clock, by
 * confirm_revert(), or at once when the session it belongs to ends. A daemon that ends
 * during a trial loads what was saved before, for nobody can save during one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/conf/commit_log.h"
#include "wgrd/lib/util.h"

struct confirm;
struct datastore;
struct loop;

enum {
	CONFIRM_SECONDS_MIN = 1,
	CONFIRM_SECONDS_MAX = 86400,
	CONFIRM_SECONDS_DEFAULT = 600, /* RFC 6241 */
	CONFIRM_TOKEN_LEN = 256,
};

struct confirm_terms {
	unsigned seconds;
	/* Whoever commits in a trial that belongs to a session must be that session: a
	 * candidate's holder. NULL: everybody may, and only the clock ends the trial. */
	const void *session;
	/* The trial outlives its session, and belongs to who shows this. NULL: it does not.
	 */
	const char *token;
	/* During a trial that has a token: the one that it was begun with. NULL: @token. */
	const char *shown;
	const char *by; /* for the sentences: "vty of root" */
};

/* What becomes of a trial. */
enum confirm_news {
	CONFIRM_BEGUN,
	CONFIRM_EXTENDED,  /* its time begins anew */
	CONFIRM_COMPLETED, /* what was committed stays */
	CONFIRM_CANCELLED, /* it is undone: somebody said so, or its session ended */
	CONFIRM_TIMED_OUT, /* it is undone by the clock */
	CONFIRM_FORGOTTEN, /* nothing had been committed in it */
};
/* Told of them; @seconds of the first two. One at most; NULL takes it away. */
typedef void (*confirm_fn)(void *arg, enum confirm_news news, unsigned seconds);

/* Both must outlive it. It becomes the datastore's guard. */
struct confirm *confirm_new(struct datastore *ds, struct loop *loop);
/* A trial that is open is forgotten: what is in force stays. NULL is allowed. */
void confirm_free(struct confirm *c);

void confirm_watch(struct confirm *c, confirm_fn fn, void *arg);

/* The configuration as it was after commit @id; but keys that have been revoked since stay so.
 * On failure nothing has changed. */
int confirm_rollback(struct confirm *c, uint64_t id, const struct commit_origin *by,
		     char *why, size_t why_len) MUST_USE;

/*
 * Begins a trial. During one, by whom it belongs to, gives it new time, session and token;
 * what it goes back to stays. Others get -EBUSY with a sentence.
 */
int confirm_begin(struct confirm *c, const struct confirm_terms *terms, char *why,
		  size_t why_len) MUST_USE;
/* May @session, or who shows @token, end the trial? 0; -ENOENT when there is none, -EPERM;
 * both with a sentence. */
int confirm_check(const struct confirm *c, const void *session, const char *token,
		  char *why, size_t why_len) MUST_USE;
/* Of a trial that is open: what was committed stays. */
void confirm_keep(struct confirm *c);
/* Of a trial that is open. On failure it goes on, and is tried again by the clock. */
int confirm_revert(struct confirm *c, const struct commit_origin *by, char *why,
		   size_t why_len) MUST_USE;
/* @session is gone. */
void confirm_session_ended(struct confirm *c, const void *session);

/* The daemon ends, and with it the trial. */
void confirm_forget(struct confirm *c);

struct confirm_view {
	uint64_t base; /* the commit it goes back to */
	uint64_t left_s;
	const char *by; /* valid until the trial changes */
};
/* False when there is no trial. */
bool confirm_view(const struct confirm *c, struct confirm_view *v);

#endif
