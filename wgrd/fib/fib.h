/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_FIB_FIB_H
#define WGRD_FIB_FIB_H

/*
 * What should be installed, and how far it is. Every object is an entry with a wish and a
 * progress, so "why is it not installed?" always has an answer. The tenant layer states
 * wishes; a commit job carries them out in an order that never leaves a hole: permissions
 * before routes on the way in, routes before permissions on the way out, and a prefix
 * that moves is replaced in one step. Main thread only.
 *
 * Wishes are counted by owner: the same rule or route wanted twice by one owner is one
 * wish.
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/kernel/nlq.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"
#include "wgrd/wg/wg.h"

struct fib;

enum fib_state {
	FIB_WANTED, /* not handed to anybody yet */
	FIB_SENT,   /* asked for, no answer yet */
	FIB_INSTALLED,
	FIB_FAILED,  /* refused; see error, tried again after a while */
	FIB_LEAVING, /* unwanted, not gone yet */
};
const char *fib_state_name(enum fib_state s);

/* A prefix for zebra. VRF, prefix and instance tell it from others. */
struct fib_advert {
	const char *vrf;
	struct prefix prefix;
	uint8_t instance; /* of "redistribute table"; 0: none */
	uint32_t ifindex, tag;
};

/* Prefixes for zebra go out through here; main() connects it to the zclient. */
struct fib_advertise_ops {
	int (*add)(void *arg, const struct fib_advert *a);
	/* ifindex and tag are not those it was added with. */
	void (*del)(void *arg, const struct fib_advert *a);
	/* How far one that was taken is: FIB_WANTED while zebra is not told, FIB_SENT until
	 * it confirms. For show; may be NULL. */
	enum fib_state (*state)(void *arg, const struct fib_advert *a);
	void *arg;
};

struct fib *fib_new(struct loop *loop, struct nlq *nlq,
		    const struct fib_advertise_ops *adv);
/* Leaves what is installed where it is. Answers to requests may not come any more: the
 * loop does not run again before nlq is closed. NULL is allowed. */
void fib_free(struct fib *f);

/* For the calls below: 0, or -ENOMEM and nothing has changed. */

/*
 * A permission: @p towards the group of @dev, and as a source from its members. The entry
 * takes references. Wanting it again with another group moves it in one step.
 *
 * @linger says that routing moves the addresses, not the operator. Those who could send from
 * them may then do so for some seconds more, because answers to what they were sent are on
 * their way (fib_passing.c): if both wishes say so, where a prefix moves; if the new one
 * does, where its addresses were those of a shorter prefix of @dev; and if the wish and its end
 * do, where they become those of a shorter one. What nobody else gets is gone at once.
 */
int fib_want_permission(struct fib *f, struct wg_device *dev, const struct prefix *p,
			struct wg_group *egress, struct wg_group *ingress,
			bool linger) MUST_USE;
void fib_unwant_permission(struct fib *f, struct wg_device *dev, const struct prefix *p,
			   bool linger);
/* wg_group_set() has given @g other members: a group joined with it is out of date. */
void fib_group_changed(struct fib *f, const struct wg_group *g);
/* From now on only those may send who are wished to: the operator has spoken, or a peer has
 * lost all it had. */
void fib_let_nobody_pass(struct fib *f);

/* A route of a policy table; @needs is the device whose permission for the same prefix
 * must be there first, or NULL: state that permission first. Wanting it again with other
 * content replaces it. */
int fib_want_route(struct fib *f, const struct kroute *r,
		   struct wg_device *needs) MUST_USE;
void fib_unwant_route(struct fib *f, uint32_t table, const struct prefix *p,
		      uint32_t metric);

int fib_want_rule(struct fib *f, const struct krule *r) MUST_USE;
void fib_unwant_rule(struct fib *f, const struct krule *r);

/* One that goes to another instance is given there before it is withdrawn where it was. */
int fib_want_advertise(struct fib *f, const struct fib_advert *a) MUST_USE;
void fib_unwant_advertise(struct fib *f, const struct fib_advert *a);

/* @fn is called when permissions have come, and before the routes that lead there. */
void fib_on_permissions(struct fib *f, void (*fn)(void *arg), void *arg);
/* Runs the queued changes now instead of at the end of this turn of the loop. */
void fib_commit(struct fib *f);

/*
 * Start-up: what a former run left in the kernel is taken as installed if it is wanted.
 * When the caller says that all wishes are stated (zebra has settled), the rest is
 * removed.
 */
int fib_adopt(struct fib *f) MUST_USE;
void fib_adopt_end(struct fib *f);

/* The kernel lost or may have lost something: put back what is missing. */
void fib_route_gone(struct fib *f, const struct kroute *r);
/* Somebody else has replaced a route with this table, prefix and metric. */
void fib_route_taken(struct fib *f, const struct kroute *r);
void fib_rule_gone(struct fib *f, const struct krule *r);
void fib_resync(struct fib *f);
/*
 * An interface that goes down takes its routes with it, mostly without a word from the
 * kernel. After fib_link_down() its routes count as lost, and fib_link_up() sends those
 * again; calling it for an interface that was not down does nothing.
 */
void fib_link_down(struct fib *f, uint32_t ifindex);
void fib_link_up(struct fib *f, uint32_t ifindex);

/* For show. error is 0 or the negative errno of the last refusal. */
struct fib_route_view {
	struct kroute route;
	enum fib_state state;
	int error;
};
/* false when there is no such entry. */
bool fib_route_state(const struct fib *f, uint32_t table, const struct prefix *p,
		     uint32_t metric, struct fib_route_view *v);
bool fib_permission_state(const struct fib *f, const struct wg_device *dev,
			  const struct prefix *p, enum fib_state *state);
/* FIB_INSTALLED: zebra has confirmed it. */
bool fib_advertise_state(const struct fib *f, const struct fib_advert *a,
			 enum fib_state *state, int *error);

struct fib_view {
	size_t permissions, routes, rules, advertised; /* wanted */
	size_t pending, failed;
	uint64_t adopted, orphans_removed, put_back;
	uint64_t resyncs; /* everything was compared: the kernel's messages were lost, or
			    somebody asked for it */
};
void fib_view(const struct fib *f, struct fib_view *v);

#endif
