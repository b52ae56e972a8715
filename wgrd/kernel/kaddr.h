/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KADDR_H
#define WGRD_KERNEL_KADDR_H

/*
 * Interface addresses as rtnetlink messages, and back. Pure but for allocation; for the files
 * of this folder.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/kernel/klink.h"
#include "wgrd/lib/util.h"

struct nl_msg;
struct nlmsghdr;

/* The messages are given to the caller: nlmsg_free(). -EINVAL for what is no address. */
int kaddr_add_message(uint32_t ifindex, const struct klink_address *a,
		      struct nl_msg **msg) MUST_USE;
int kaddr_del_message(uint32_t ifindex, const struct klink_address *a,
		      struct nl_msg **msg) MUST_USE;
/* @ifindex 0: of all interfaces. Kernels before 4.20 dump all in any case. */
int kaddr_dump_message(uint32_t ifindex, struct nl_msg **msg) MUST_USE;

/* Our end of it, where the other end of a point-to-point address is known. */
bool kaddr_parse(const struct nlmsghdr *h, uint32_t *ifindex, struct klink_address *a);

bool kaddr_equal(const struct klink_address *a, const struct klink_address *b);

#endif
