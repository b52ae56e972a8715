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
#include "wgrd/lib/pmap.h"
#include "wgrd/lib/slab.h"

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
};

/* Where a packet goes; with the key (table, prefix, metric) this is a route. */
struct fib_via {
	enum kroute_type type;
	uint32_t oif;
	struct ip_addr gate;
};

/* The permissions of one device; there is one as long as it has any. */
struct fib_device {
	UT_hash_handle hh;
	struct wg_device *dev;
	struct pmap permissions; /* to struct fib_permission_slot */
	struct pmap yielded;     /* to struct fib_permission *: see fib_cover.c */
};

/* A permission that something has to be done for: it is not there yet, has failed, passes
 * from one peer to another, or leaves. */
struct fib_permission {
	struct fib_entry e;
	struct prefix prefix;
	/* fib.edicts when routing took it back; 0: routing did not */
	uint32_t yields : 31;
	/* It is not wanted any more, and has the groups of what covers it. */
	uint32_t yielded : 1;
	struct fib_device *device;
	struct wg_group *egress, *ingress; /* NULL: of a device that is gone */
	struct fib_passing *passing;       /* NULL but for a while after a move */
};

/* What there is of every permission. One that is settled is wanted, and its groups are
 * those that wgrd/wg has. */
struct fib_permission_slot {
	struct fib_permission *open; /* NULL: it is settled */
	uint32_t
		users : 31; /* routes in the kernel, or on the way there, that lead into it */
	uint32_t linger : 1; /* of the wish */
} __attribute__((packed, aligned(4)));

/* Addresses have moved: the ingress group for a while, which still has the former owner. */
struct fib_passing {
	struct cds_list_head link; /* of struct fib, the next to end first */
	struct fib_permission *permission;
	struct wg_group *group;
	uint64_t until_ns;
};

/* Who may send now. */
static inline struct wg_group *fib_senders(const struct fib_permission *m)
{
	return m->passing ? m->passing->group : m->ingress;
}

/* The last two groups that were joined: prefixes move together. */
struct fib_union {
	struct wg_group *former, *now, *both; /* one reference each, or all NULL */
};

struct fib_table_key {
	uint32_t table, metric;
};

/* The routes of one metric in a policy table; there is one as long as it has any. */
struct fib_table {
	UT_hash_handle hh;
	struct fib_table_key key;
	struct pmap routes; /* to struct fib_route_slot */
};

struct fib_lead_key {
	struct fib_via via;
	struct wg_device *needs; /* referenced; or NULL */
};

/* What settled routes are, one for all that are the same. */
struct fib_lead {
	UT_hash_handle hh;
	size_t refs;
	struct fib_lead_key key; /* all bytes of it */
};

/* A route that something has to be done for: it is not there yet, has failed, leaves, or
 * leads into a permission that is not the one it needs. */
struct fib_route {
	struct fib_entry e;
	struct prefix prefix;
	struct fib_table *table;
	struct fib_via via;
	bool doubtful; /* it may lead into another one than have: see struct fib_doubt */
	struct wg_device *needs;
	struct fib_device *have; /* whose permission the route in the kernel leads into */
	struct fib_device *sent; /* ... and the one on its way there */
};

/* What there is of every route. One that is settled is wanted, and in the kernel. */
struct fib_route_slot {
	union {
		struct fib_route *open;
		struct fib_lead *lead; /* one reference */
	} __attribute__((packed));
	uint32_t since_s : 31; /* 0: it is open; otherwise settled, and in since before */
	uint32_t seen : 1;     /* in the dump that is being read */
} __attribute__((packed, aligned(4)));

/* An answer was lost, so the kernel's route may lead into this one as well as into the
 * one that the FIB believes. Until the next answer tells, both permissions stay. */
struct fib_doubt {
	struct cds_list_head link;
	struct fib_route *route;
	struct fib_device *into;
};

struct fib_rule {
	struct fib_entry e;
	UT_hash_handle hh;
	bool seen;         /* in the dump that is being read */
	struct krule rule; /* all bytes of it are the key */
};

struct fib_own_key {
	char vrf[36];
	struct prefix prefix;
	uint8_t instance;
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
	struct cds_list_head passing; /* of struct fib_passing, the next to end first */
	struct loop_timer passing_end;
	struct fib_union joined;
	uint32_t edicts : 31; /* one more than fib_let_nobody_pass() was called */
	/* fib_cover.c: the end of a period, and how often it has looked for a cover in it */
	uint64_t look_until_ns;
	unsigned looks;
	struct cds_list_head doubts; /* of struct fib_doubt */
	struct loop_job job;
	struct loop_timer retry;
	uint64_t retry_at_ns; /* when it fires */
	size_t wanted[FIB_KIND_COUNT];
	size_t in_flight;
	struct fib_device *devices;
	void (*settle)(void *arg); /* fib_on_permissions() */
	void *settle_arg;
	struct fib_table *tables;
	struct fib_lead *leads;
	struct slab open_permissions, open_routes;
	struct fib_rule *rules;
	struct fib_own *own;
	bool adopting;     /* leftovers without a wish are left alone */
	bool resync_again; /* a dump failed: the retry timer repeats it */
	uint64_t adopted, orphans_removed, put_back, resyncs;
	uint64_t deleted_until_ns; /* news of our last deletion may come until then */
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
/* Queues it if something has to be done for it, but for what is busy: the answer will see. */
void fib_entry_review(struct fib_entry *e);
void fib_entry_sent(struct fib_entry *e, enum fib_busy what);
void fib_entry_answered(struct fib_entry *e); /* the first thing an answer does */
void fib_entry_installed(struct fib_entry *e);
void fib_entry_fail(struct fib_entry *e, int err);
/* The last thing an answer to FIB_ADDING does: it has failed, or is reviewed. */
void fib_entry_tried(struct fib_entry *e, int err);
/* Somebody else has deleted or replaced it, before or after what is being sent, which is then sent
 * once more. True: it was in place, and is not any more. */
bool fib_entry_struck(struct fib_entry *e);
enum fib_state fib_entry_state(const struct fib_entry *e);
/* Were it and a deletion of ours so recent that news of its deletion may be news of that? */
bool fib_entry_fresh(const struct fib_entry *e);
void fib_ask_commit(struct fib *f);
void fib_ask_retry(struct fib *f, uint64_t after_ns);

/* ---- one file a kind. _in and _out do what the queued entry asks for ---- */

/* These free @m when it is settled or gone. */
void fib_permission_in(struct fib_permission *m);
void fib_permission_out(struct fib_permission *m);
/* Is it in place as wished? */
bool fib_permission_ready(const struct fib *f, const struct wg_device *dev,
			  const struct prefix *p);
/* A route comes to lead into it, and does no more. NULL: there is no such permission;
 * and for that nothing is to be released. */
struct fib_device *fib_permission_use(const struct fib *f, const struct wg_device *dev,
				      const struct prefix *p);
void fib_permission_release(const struct fib_device *d, const struct prefix *p);
void fib_permissions_fini(struct fib *f);
/* NULL: @dev has no permissions. */
struct fib_device *fib_device_find(const struct fib *f, const struct wg_device *dev);
/* Takes the references. */
void fib_permission_set_groups(struct fib_permission *m, struct wg_group *egress,
			       struct wg_group *ingress);
/* Its ingress group was @former, whose members stay permitted for a while, with those who
 * still were for the same reason. Without memory they do not; and nobody passes if all are
 * permitted anyway. */
void fib_passing_begin(struct fib_permission *m, struct wg_group *former);
/* Its ingress group has become another; those who pass still do, and not for longer. */
void fib_passing_follow(struct fib_permission *m);
void fib_passing_end(struct fib_permission *m);
void fib_passing_init(struct fib *f);
void fib_passing_fini(struct fib *f);

/* ---- what is covered by what: fib_cover.c ---- */

/* It is new: those who had its addresses so far, as part of a shorter prefix, pass. */
void fib_cover_cut(struct fib_permission *m);
/* It leaves, or has yielded: true if it stays for a while, as what covers it is, for those who
 * pass. */
bool fib_cover_take(struct fib_permission *m);
/* What is in the tables for @p is not what it was: what has yielded below follows. */
void fib_cover_changed(const struct fib_device *d, const struct prefix *p);
/* ... by order of the operator: it goes. */
void fib_cover_ordered(const struct fib_device *d, const struct prefix *p);
/* It is wanted again, or is freed. */
void fib_cover_forget(struct fib_permission *m);

/* The route with this key, opened. NULL: there is none. */
struct fib_route *fib_route_find(struct fib *f, uint32_t table, const struct prefix *p,
				 uint32_t metric);
/* ... made if there is none. NULL: no memory. */
struct fib_route *fib_route_obtain(struct fib *f, uint32_t table, const struct prefix *p,
				   uint32_t metric);
/* Frees @r if nothing has to be done for it: the last thing its caller does with it. */
void fib_route_settle(struct fib_route *r);
/* Frees @r, and nothing is left of the route. */
void fib_route_drop(struct fib_route *r);
/* The route as it is, open or not; NULL. */
struct fib_route_slot *fib_slot_find(const struct fib *f, uint32_t table,
				     const struct prefix *p, uint32_t metric);
struct fib_route *fib_slot_open(struct fib *f, struct fib_table *t,
				const struct prefix *p, struct fib_route_slot *s);
/* Calls @fn for every route; it may free the one it is given. */
void fib_slots_each(struct fib *f,
		    void (*fn)(struct fib *f, struct fib_table *t, const struct prefix *p,
			       struct fib_route_slot *s, void *arg),
		    void *arg);
static inline bool fib_slot_settled(const struct fib_route_slot *s)
{
	return s->since_s != 0;
}

struct fib_via fib_via_of(const struct kroute *r);
bool fib_via_equal(const struct fib_via *a, const struct fib_via *b);
void fib_route_in(struct fib_route *r);
void fib_route_out(struct fib_route *r);
/* The way that a route goes, or is to go. */
const struct fib_via *fib_slot_via(const struct fib_route_slot *s);
/* It is in the kernel as wished, though we did not know. May free @r. */
void fib_route_found(struct fib_route *r);
/* It is not in the kernel any more: send it again, or forget it. */
void fib_route_lost(struct fib_route *r);
void fib_routes_fini(struct fib *f);

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
