/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_FIB_FIB_ENTRY_H
#define WGRD_FIB_FIB_ENTRY_H

/*
 * What the files of wgrd/fib share: the entry with its wish and progress, and the four
 * kinds of object that embed one. Private to this folder, main thread only.
 *
 * An entry lies on at most one queue: in or out of its kind when a commit has to do
 * something for it, failed while it waits for its next attempt, lost while the interface
 * under a route is down. While a request is on its way (busy) it lies on none, and the
 * answer decides. Entries are freed when they are neither wanted nor present.
 */

#include <stdbool.h>
#include <stdint.h>

#include <urcu/list.h>
#include <uthash.h>

#include "wgrd/fib/fib.h"
#include "wgrd/lib/ptree.h"

enum fib_kind {
	FIB_PERMISSION,
	FIB_ROUTE,
	FIB_RULE,
	FIB_OWN,
	FIB_KIND_COUNT
};

enum fib_busy {
	FIB_IDLE,
	FIB_ADDING,
	FIB_DELETING
};

struct fib_entry {
	struct cds_list_head link;
	struct fib *fib;
	uint64_t when_ns; /* installed since; or, after an error, when to try again */
	int error;        /* of the last attempt, 0: none */
	uint8_t kind;     /* enum fib_kind */
	uint8_t busy;     /* enum fib_busy */
	uint8_t tries;    /* failed in a row */
	bool wanted;
	bool present; /* the layer below has it, or may have it */
	bool current; /* ... and it is what is wanted now, or was when it was wanted */
	bool changed; /* the wish has changed since the request was sent */
	bool adopted; /* found in the kernel, wanted by nobody so far */
	bool seen;    /* in the dump that is being read */
};

/* Where a packet goes; with the key (table, prefix, metric) this is a route. */
struct fib_via {
	enum kroute_type type;
	uint32_t oif;
	struct ip_addr gate;
};

/* The permissions of one device. */
struct fib_device {
	UT_hash_handle hh;
	struct wg_device *dev;
	struct ptree v4, v6;
};

struct fib_permission {
	struct fib_entry e;
	struct ptree_node node;
	struct fib_device *device;
	struct wg_group *egress, *ingress;
	unsigned users; /* routes in the kernel, or on the way there, that lead into it */
	bool linger;    /* of the wish */
	/* After a move: the ingress group that still has the former owner, until when. */
	struct wg_group *passing;
	uint64_t passing_until_ns;
	struct cds_list_head passing_link;
};

/* The last two groups that were joined: prefixes move together. */
struct fib_union {
	struct wg_group *former, *now, *both; /* one reference each, or all NULL */
};

struct fib_table_key {
	uint32_t table, metric;
};

/* The routes of one metric in a policy table. */
struct fib_table {
	UT_hash_handle hh;
	struct fib_table_key key;
	struct ptree v4, v6;
};

struct fib_route {
	struct fib_entry e;
	struct ptree_node node;
	struct fib_table *table;
	struct fib_via via;
	struct wg_device *needs;
	struct fib_permission *have; /* what the route in the kernel leads into */
	struct fib_permission *sent; /* what the one on its way there does */
	bool doubtful; /* it may lead into another one: see struct fib_doubt */
};

/* An answer was lost, so the kernel's route may lead into this one as well as into the
 * one that the FIB believes. Until the next answer tells, both permissions stay. */
struct fib_doubt {
	struct cds_list_head link;
	struct fib_route *route;
	struct fib_permission *into;
};

struct fib_rule {
	struct fib_entry e;
	UT_hash_handle hh;
	struct krule rule; /* all bytes of it are the key */
};

struct fib_own_key {
	char vrf[36];
	struct prefix prefix;
};

/* A prefix for zebra. */
struct fib_own {
	struct fib_entry e;
	UT_hash_handle hh;
	struct fib_own_key key;
	uint32_t ifindex, tag;
};

struct fib {
	struct loop *loop;
	struct nlq *nlq;
	struct fib_advertise_ops adv;
	struct cds_list_head in[FIB_KIND_COUNT], out[FIB_KIND_COUNT];
	struct cds_list_head failed, lost;
	struct cds_list_head
		passing; /* of struct fib_permission, the next to end first */
	struct loop_timer passing_end;
	struct fib_union joined;
	struct cds_list_head doubts; /* of struct fib_doubt */
	struct loop_job job;
	struct loop_timer retry;
	uint64_t retry_at_ns; /* when it fires */
	size_t wanted[FIB_KIND_COUNT];
	size_t in_flight;
	struct fib_device *devices;
	struct fib_table *tables;
	struct fib_rule *rules;
	struct fib_own *own;
	bool adopting;     /* leftovers without a wish are left alone */
	bool resync_again; /* a dump failed: the retry timer repeats it */
	uint64_t adopted, orphans_removed, put_back;
};

/* ---- entries: fib.c ---- */

void fib_entry_init(struct fib *f, struct fib_entry *e, enum fib_kind kind);
/* The wish comes or goes; the caller queues. Counts, and forgets former failures. */
void fib_entry_want(struct fib_entry *e);
void fib_entry_unwant(struct fib_entry *e);
/* Puts it where a commit will find it, and asks for one. Not while busy. */
void fib_entry_queue(struct fib_entry *e);
/* Puts it there without asking: it waits for another entry, which will ask. */
void fib_entry_wait(struct fib_entry *e);
void fib_entry_unlink(struct fib_entry *e);
void fib_entry_sent(struct fib_entry *e, enum fib_busy what);
void fib_entry_answered(struct fib_entry *e); /* the first thing an answer does */
void fib_entry_installed(struct fib_entry *e);
void fib_entry_fail(struct fib_entry *e, int err);
enum fib_state fib_entry_state(const struct fib_entry *e);
/* Was it put in so recently that news of its deletion are news of an older one? */
bool fib_entry_fresh(const struct fib_entry *e);
void fib_ask_commit(struct fib *f);
void fib_ask_retry(struct fib *f, uint64_t after_ns);

/* ---- one file a kind. _in and _out do what the queued entry asks for ---- */

struct fib_permission *fib_permission_find(const struct fib *f,
					   const struct wg_device *dev,
					   const struct prefix *p);
void fib_permission_in(struct fib_permission *m);
void fib_permission_out(struct fib_permission *m);
void fib_permission_use(struct fib_permission *m);
void fib_permission_release(struct fib_permission *m); /* NULL is allowed */
void fib_permission_free(struct fib_permission *m);
/* Its ingress group was @former, whose members stay permitted for a while, with those who
 * still were for the same reason. Without memory they do not. */
void fib_passing_begin(struct fib_permission *m, struct wg_group *former);
void fib_passing_end(struct fib_permission *m);
void fib_passing_init(struct fib *f);
void fib_passing_fini(struct fib *f);

/* A route with this key, made if there is none. NULL: no memory. */
struct fib_route *fib_route_obtain(struct fib *f, uint32_t table, const struct prefix *p,
				   uint32_t metric);
struct fib_via fib_via_of(const struct kroute *r);
bool fib_via_equal(const struct fib_via *a, const struct fib_via *b);
void fib_route_in(struct fib_route *r);
void fib_route_out(struct fib_route *r);
/* It is in the kernel as wished, though we did not know. */
void fib_route_found(struct fib_route *r);
/* It is not in the kernel any more: send it again, or forget it. */
void fib_route_lost(struct fib_route *r);
void fib_route_free(struct fib_route *r);
/* Calls @fn for every route; it may free the one it is given. */
void fib_route_each(const struct fib *f, void (*fn)(struct fib_route *r, void *arg),
		    void *arg);

struct fib_rule *fib_rule_obtain(struct fib *f, const struct krule *r);
void fib_rule_in(struct fib_rule *r);
void fib_rule_out(struct fib_rule *r);
void fib_rule_lost(struct fib_rule *r);
void fib_rule_free(struct fib_rule *r);
/* Does a rule that leads to @table exist? @leaving: one that is on its way out? */
bool fib_rule_leads_to(const struct fib *f, uint32_t table, bool leaving);

void fib_own_in(struct fib_own *o);
void fib_own_out(struct fib_own *o);
void fib_own_free(struct fib_own *o);

#endif
