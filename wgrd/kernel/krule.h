/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KRULE_H
#define WGRD_KERNEL_KRULE_H

/*
 * struct krule as rtnetlink messages, and back. Pure but for allocation; for the files of
 * this folder and for tests.
 */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/kernel/nlq.h"
#include "wgrd/lib/util.h"

struct nl_msg;
struct nlmsghdr;

/*
 * -EINVAL for a rule without a priority (the kernel would choose one) or table, and for a
 * source of another family or of length 0 (no source at all, to the kernel).
 */
int krule_check(const struct krule *r) MUST_USE;

/* The messages are given to the caller: nlmsg_free(). -EINVAL as above, or -ENOMEM. */
int krule_add_message(const struct krule *r, struct nl_msg **msg) MUST_USE;
/* Only what carries our protocol number matches. */
int krule_del_message(const struct krule *r, struct nl_msg **msg) MUST_USE;
int krule_dump_message(sa_family_t family, struct nl_msg **msg) MUST_USE;

/*
 * False when @h is no rule, not ours, of another family than @family, or says more than
 * struct krule can (a destination, a port, ...), so that it is none that we have made.
 */
bool krule_parse(const struct nlmsghdr *h, sa_family_t family, struct krule *r);

/*
 * Whether a request that names @asked hits @there too: the kernel compares only what the
 * request names, so "iif wg0" also finds "iif wg0 from 10.0.0.0/8" (fib_rules.c, rule_find).
 */
bool krule_hits(const struct krule *asked, const struct krule *there);

#endif
