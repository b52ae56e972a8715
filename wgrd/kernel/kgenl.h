/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KGENL_H
#define WGRD_KERNEL_KGENL_H

/*
 * A generic netlink socket, and the two conversations one has on it while waiting: one request
 * and its acknowledgement, and a dump. Messages are made with libmnl, by the caller. For the
 * files of this folder. Main thread only.
 */

#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

struct kgenl;
struct nlmsghdr;

/* Opens a socket and asks for the number of @family, which loads its module. -ENOENT: the kernel
 * has no such family. */
int kgenl_open(const char *family, struct kgenl **out) MUST_USE;
void kgenl_close(struct kgenl *g); /* NULL is allowed */
uint16_t kgenl_family(const struct kgenl *g);

/* Numbers @h, sends it and waits for the verdict: 0 or the kernel's negative errno. */
int kgenl_talk(struct kgenl *g, struct nlmsghdr *h) MUST_USE;
/*
 * Sends @h as a dump request and calls @each for every message of the answer. Returns 0, -EAGAIN
 * when what was dumped changed meanwhile (what was seen may have gaps), another negative errno of
 * the kernel, or the first that @each returned; the answer is read to its end in any case.
 */
int kgenl_dump(struct kgenl *g, struct nlmsghdr *h,
	       int (*each)(const struct nlmsghdr *h, void *arg), void *arg) MUST_USE;

#endif
