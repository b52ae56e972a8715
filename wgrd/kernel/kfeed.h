/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KFEED_H
#define WGRD_KERNEL_KFEED_H

/*
 * What others do to the kernel's routes: every table, as it happens, and one table whole when
 * asked. The interface has an ops table so that tests feed whom they like; kfeed_open() is the
 * kernel's. Main thread only.
 *
 * Whoever asks for a table after kfeed_open() and then applies what is announced ends with what
 * the kernel has, as long as nothing was lost.
 */

#include <stddef.h>
#include <stdint.h>

#include "wgrd/kernel/kforeign.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"

enum kfeed_change {
	KFEED_ADDED,    /* before others of the same prefix and metric */
	KFEED_APPENDED, /* after them */
	KFEED_REPLACED, /* in place of the first of them, whoever made that */
	KFEED_GONE,
};

struct kfeed_events {
	/*
	 * In IPv6 routes of the same prefix and metric are one route with several next hops,
	 * if they have gateways: each addition tells all of them, and KFEED_GONE those that
	 * went.
	 */
	void (*route)(void *arg, enum kfeed_change change, const struct kforeign *r);
	/* A next hop object is gone, and IPv4 routes with it, without a word about them. */
	void (*nexthop_gone)(void *arg, uint32_t id);
	/* Announcements were lost: only asking for the tables tells what there is. */
	void (*lost)(void *arg);
	void *arg;
};

struct kfeed;

struct kfeed_ops {
	int (*dump)(struct kfeed *f, uint32_t table,
		    int (*each)(void *arg, const struct kforeign *r), void *arg);
	void (*close)(struct kfeed *f);
};

struct kfeed {
	const struct kfeed_ops *ops;
};

typedef int (*kfeed_open_fn)(struct loop *loop, const struct kfeed_events *ev,
			     struct kfeed **out, char *why, size_t why_len);

int kfeed_open(struct loop *loop, const struct kfeed_events *ev, struct kfeed **out,
	       char *why, size_t why_len) MUST_USE;

/*
 * Both families. Waits for the kernel. -EAGAIN: it went on changing while it was read, so what
 * @each did not see may be there all the same. Otherwise a negative errno of the kernel, or
 * what @each returned if that was not 0. A table without routes is no error.
 */
static inline int MUST_USE kfeed_dump(struct kfeed *f, uint32_t table,
				      int (*each)(void *arg, const struct kforeign *r),
				      void *arg)
{
	return f->ops->dump(f, table, each, arg);
}

static inline void kfeed_close(struct kfeed *f) /* NULL is allowed */
{
	if (f)
		f->ops->close(f);
}

#endif
