/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_DATASTORE_PRIV_H
#define WGRD_CONF_DATASTORE_PRIV_H

/* What datastore.c, datastore_commit.c and datastore_tree.c share: the struct behind
 * datastore.h. Main thread only. */

#include "wgrd/conf/claims.h"
#include "wgrd/conf/conf.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/conf/edit.h"
#include "wgrd/conf/refusal.h"

struct draft;
struct ly_ctx;

/*
 * There is one tree for both running and the candidate: the edits of a candidate are a
 * draft in it. But a candidate that starts from nothing, with a whole file to come, has a
 * tree of its own.
 */
struct datastore {
	struct ly_ctx *ctx;
	const struct lys_module *module;
	struct lyd_node *running; /* NULL before the first commit */
	struct draft *draft;      /* the candidate's edits of it */
	struct lyd_node *whole;   /* the candidate's own tree; NULL: empty */
	struct conf *conf;        /* of running */
	struct claims claims;     /* of conf */
	bool open;                /* is there a candidate? */
	bool is_whole;            /* has it a tree of its own? */
	bool has_lines;           /* nodes of it know the lines they come from */
	const void *holder;       /* whose it is */
	const void *owner;        /* who alone may edit; NULL: everybody */
	char owner_name[128];
	bool committing;
	struct conf_subscriber *subs;
	size_t sub_count;
	struct refusal refusal;
	char refused_word[64];
	char notice[CONF_NOTICE_LEN]; /* of the last commit */
	unsigned line, refused_line;
	struct commit_log *history;
	struct commit_origin origin; /* of the next commit */
	datastore_guard_fn guard;
	void *guard_arg;
};

/* -EBUSY. A subscriber may not edit: what it looks at is being committed. */
int ds_refuse_busy(struct datastore *ds);
/* The refusal for the caller, and for datastore_refused(); @line of the file, or 0. */
void ds_note_refusal(struct datastore *ds, unsigned line, char *why, size_t why_len);

/* Running's tree as the edits of the candidate have made it, or as it was before them. */
void ds_show_draft(const struct datastore *ds, bool edited);
/* Where the candidate's tree is. */
struct lyd_node **ds_candidate_tree(struct datastore *ds);
/* How edits are made of it. */
struct edit ds_edit_of(struct datastore *ds, struct lyd_node **tree);
/* Undoes its edits, and closes it. */
void ds_close_candidate(struct datastore *ds);
/* Closes it; what its edits made stays. */
void ds_forget_candidate(struct datastore *ds);

#endif
