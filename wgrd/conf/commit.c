/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/commit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A subsystem that refuses says why; if it forgot to, at least it is named. */
static int refused(const struct conf_subsys *ops, int err, char *why, size_t why_len)
{
	if (err > 0)
		err = -EINVAL;
	if (why_len > 0 && why[0] == '\0')
		snprintf(why, why_len, "%s: %s", ops->name, strerror(-err));
	return err;
}

int conf_check(const struct conf_subscriber *subs, size_t n, const struct conf *new,
	       char *why, size_t why_len)
{
	if (why_len > 0)
		why[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		const struct conf_subsys *ops = subs[i].ops;
		int err = ops->check ? ops->check(subs[i].ctx, new, why, why_len) : 0;

		if (err)
			return refused(ops, err, why, why_len);
	}
	return 0;
}

static void abort_prepared(const struct conf_subscriber *subs, size_t n,
			   struct conf_change *changes)
{
	while (n-- > 0) {
		if (subs[n].ops->abort)
			subs[n].ops->abort(subs[n].ctx, &changes[n]);
	}
}

static int prepare_all(const struct conf_subscriber *subs, size_t n,
		       struct conf_change *changes, struct refusal_at *at, char *why,
		       size_t why_len)
{
	for (size_t i = 0; i < n; i++) {
		const struct conf_subsys *ops = subs[i].ops;
		int err = 0;

		if (ops->prepare)
			err = ops->prepare(subs[i].ctx, &changes[i], why, why_len);
		if (err) {
			*at = changes[i].refused;
			abort_prepared(subs, i, changes);
			return refused(ops, err, why, why_len);
		}
	}
	return 0;
}

static void apply_all(const struct conf_subscriber *subs, size_t n,
		      struct conf_change *changes, struct conf_outcome *outcome)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(outcome->notice);

		if (subs[i].ops->apply)
			subs[i].ops->apply(subs[i].ctx, &changes[i]);
		if (changes[i].notice[0])
			snprintf(outcome->notice + len, sizeof(outcome->notice) - len,
				 "%s%s", len ? "; " : "", changes[i].notice);
	}
}

int conf_commit_at(const struct conf_subscriber *subs, size_t n, const struct conf *old,
		   const struct conf *new, struct conf_outcome *outcome, char *why,
		   size_t why_len)
{
	struct conf_change *changes;
	int err;

	*outcome = (struct conf_outcome){0};
	err = conf_check(subs, n, new, why, why_len);
	if (err)
		return err;

	changes = xcalloc(n + 1, sizeof(*changes));
	for (size_t i = 0; i < n; i++)
		changes[i] = (struct conf_change){.old = old, .new = new};
	err = prepare_all(subs, n, changes, &outcome->refused, why, why_len);
	if (!err)
		apply_all(subs, n, changes, outcome);
	free(changes);
	return err;
}

int conf_commit(const struct conf_subscriber *subs, size_t n, const struct conf *old,
		const struct conf *new, char *why, size_t why_len)
{
	struct conf_outcome outcome;

	return conf_commit_at(subs, n, old, new, &outcome, why, why_len);
}
