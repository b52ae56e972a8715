/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/confirm.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/conf/candidate.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/loop.h"

enum {
	RETRY_S = 10, /* after a way back that was refused */
};

struct confirm {
	struct datastore *ds;
	struct loop *loop;
	struct loop_timer timer; /* set during a trial */
	uint64_t base;           /* 0: no trial */
	const void *session;
	bool exclusive; /* it belongs to a session, or to who knows the token */
	char token[CONFIRM_TOKEN_LEN], by[COMMIT_LOG_USER_LEN + COMMIT_LOG_FROM_LEN + 8];
	bool returning;  /* the commit that is made now is the way back */
	confirm_fn told; /* or NULL */
	void *told_arg;
};

static void tell(const struct confirm *c, enum confirm_news news, unsigned seconds)
{
	if (c->told)
		c->told(c->told_arg, news, seconds);
}

void confirm_watch(struct confirm *c, confirm_fn fn, void *arg)
{
	c->told = fn;
	c->told_arg = arg;
}

/* ---- the way back ---- */

/* Going back is about configuring. Who was revoked meanwhile is let in again by name only. */
static bool lets_in(const struct conf_edit *e)
{
	return e->unset && !strcmp(e->path, "revoked-key");
}

static int make_edits(struct candidate *c, const struct edits *way, char *why,
		      size_t why_len)
{
	int err = candidate_take(c, why, why_len);

	for (size_t i = 0; i < way->count && !err; i++)
		if (!lets_in(&way->edit[i]))
			err = candidate_edit(c, &way->edit[i], why, why_len);
	return err;
}

int confirm_rollback(struct confirm *c, uint64_t id, const struct commit_origin *by,
		     char *why, size_t why_len)
{
	/* What goes back by itself does so whoever has locked the configuration. */
	struct candidate candidate = {
		.ds = c->ds, .owner = c->returning ? datastore_owner(c->ds) : NULL};
	struct edits way = {0};
	int err = commit_log_way_back(datastore_commit_log(c->ds), id, &way);

	if (err) {
		snprintf(why, why_len,
			 "commit %" PRIu64 " is not among those remembered; see `show "
			 "wireguard commits`",
			 id);
		return err;
	}
	err = make_edits(&candidate, &way, why, why_len);
	if (!err) {
		datastore_set_origin(c->ds, by);
		err = candidate_commit(&candidate, why, why_len);
	}
	candidate_drop(&candidate);
	edits_fini(&way);
	return err;
}

/* ---- a trial ---- */

static void end_trial(struct confirm *c)
{
	loop_timer_stop(&c->timer);
	c->base = 0;
	c->exclusive = false;
	c->session = NULL;
	explicit_bzero(c->token, sizeof(c->token));
	commit_log_pin(datastore_commit_log(c->ds), 0);
}

static int revert(struct confirm *c, const struct commit_origin *by,
		  enum confirm_news news, char *why, size_t why_len)
{
	struct commit_origin origin = *by;
	uint64_t base = c->base;
	int err;

	assert(base);
	snprintf(origin.from, sizeof(origin.from), "%.20s, back to commit %" PRIu64,
		 by->from, base);
	c->returning = true;
	err = confirm_rollback(c, base, &origin, why, why_len);
	c->returning = false;
	if (err) {
		loop_timer_set(c->loop, &c->timer, RETRY_S * NS_PER_S);
		return err;
	}
	end_trial(c);
	log_notice(LOG_CONF,
		   "configuration: the trial of %s was not confirmed, back to commit "
		   "%" PRIu64,
		   c->by, base);
	tell(c, news, 0);
	return 0;
}

int confirm_revert(struct confirm *c, const struct commit_origin *by, char *why,
		   size_t why_len)
{
	return revert(c, by, CONFIRM_CANCELLED, why, why_len);
}

static void revert_by_itself(struct confirm *c, enum confirm_news news, const char *from)
{
	struct commit_origin origin = {.user = "wgrd"};
	char why[512];

	snprintf(origin.from, sizeof(origin.from), "%s", from);
	if (revert(c, &origin, news, why, sizeof(why)))
		log_err(LOG_CONF,
			"configuration: commit %" PRIu64
			" cannot be returned to, trying again in %d s: %s",
			c->base, RETRY_S, why);
}

static void time_is_over(struct loop_timer *t)
{
	revert_by_itself(container_of(t, struct confirm, timer), CONFIRM_TIMED_OUT,
			 "not confirmed");
}

/* Who asks by holding a candidate, or by showing the token, is whom it belongs to. */
static bool is_owner(const struct confirm *c, const void *session, const char *token)
{
	if (!c->exclusive)
		return true;
	if (c->token[0])
		return token && !strcmp(token, c->token);
	return session && session == c->session;
}

static int refuse_others(const struct confirm *c, char *why, size_t why_len)
{
	snprintf(why, why_len,
		 "what %s committed is on trial for %" PRIu64
		 " s more; nobody else may commit before it is confirmed or undone",
		 c->by, (uint64_t)((c->timer.due_ns - loop_now_ns(c->loop)) / NS_PER_S));
	return -EBUSY;
}

int confirm_begin(struct confirm *c, const struct confirm_terms *t, char *why,
		  size_t why_len)
{
	struct commit_log *h = datastore_commit_log(c->ds);
	const enum confirm_news news = c->base ? CONFIRM_EXTENDED : CONFIRM_BEGUN;

	if (c->base && !is_owner(c, t->session, t->shown ?: t->token))
		return refuse_others(c, why, why_len);
	if (!c->base)
		c->base = commit_log_now(h);
	commit_log_pin(h, c->base);
	c->session = t->session;
	c->exclusive = t->session || t->token;
	snprintf(c->token, sizeof(c->token), "%s", t->token ?: "");
	snprintf(c->by, sizeof(c->by), "%s", t->by);
	loop_timer_set(c->loop, &c->timer, t->seconds * NS_PER_S);
	tell(c, news, t->seconds);
	return 0;
}

int confirm_check(const struct confirm *c, const void *session, const char *token,
		  char *why, size_t why_len)
{
	if (!c->base) {
		snprintf(why, why_len, "there is nothing on trial");
		return -ENOENT;
	}
	if (is_owner(c, session, token))
		return 0;
	snprintf(why, why_len, "the trial belongs to %s", c->by);
	return -EPERM;
}

void confirm_keep(struct confirm *c)
{
	assert(c->base);
	end_trial(c);
	log_notice(LOG_CONF, "configuration: what %s committed is confirmed", c->by);
	tell(c, CONFIRM_COMPLETED, 0);
}

void confirm_session_ended(struct confirm *c, const void *session)
{
	if (!c->base || !session || c->session != session)
		return;
	c->session = NULL;
	if (!c->token[0])
		revert_by_itself(c, CONFIRM_CANCELLED, "session ended");
}

void confirm_forget(struct confirm *c)
{
	if (c->base)
		tell(c, CONFIRM_FORGOTTEN, 0);
	end_trial(c);
}

bool confirm_view(const struct confirm *c, struct confirm_view *v)
{
	uint64_t now = loop_now_ns(c->loop);

	if (!c->base)
		return false;
	*v = (struct confirm_view){
		.base = c->base,
		.left_s = c->timer.due_ns > now ? (c->timer.due_ns - now) / NS_PER_S : 0,
		.by = c->by,
	};
	return true;
}

/* ---- life ---- */

static int guard(void *arg, const void *holder, char *why, size_t why_len)
{
	const struct confirm *c = arg;

	if (!c->base || c->returning || !c->exclusive || (holder && holder == c->session))
		return 0;
	return refuse_others(c, why, why_len);
}

struct confirm *confirm_new(struct datastore *ds, struct loop *loop)
{
	struct confirm *c = xcalloc(1, sizeof(*c));

	c->ds = ds;
	c->loop = loop;
	c->timer.fn = time_is_over;
	datastore_guard(ds, guard, c);
	return c;
}

void confirm_free(struct confirm *c)
{
	if (!c)
		return;
	end_trial(c);
	datastore_guard(c->ds, NULL, NULL);
	free(c);
}
