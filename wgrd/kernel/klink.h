/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KLINK_H
#define WGRD_KERNEL_KLINK_H

/*
 * Addresses and state of our own interfaces, set synchronously: there are few of them,
 * and the caller wants the answer before it goes on. Main thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/util.h"

struct klink_address {
	struct ip_addr addr;
	uint8_t len;
};

/* What ip-link(8) calls type and alias; both end with a NUL, and are "" when there is none. */
struct klink_identity {
	uint32_t ifindex;
	char kind[32];
	char alias[256];
};

/*
 * Each returns 0 or a negative errno, mostly the kernel's. What is so already is success.
 * Addresses keep their host bits: 10.99.0.1/24.
 */

/* -ENODEV: there is no interface of that name. */
int klink_identify(const char *name, struct klink_identity *id) MUST_USE;
/* Makes one, down. -EOPNOTSUPP: the kernel has no such kind. */
int klink_new(const char *name, const char *kind, const char *alias) MUST_USE;
int klink_del(uint32_t ifindex) MUST_USE; /* one that is not there is success */

/*
 * Sets the MTU (0: leaves it) and brings it up, in one request. The kernel gives it an IPv6
 * link-local address then, unless klink_addr_sync() gave it one, and must: bgpd resets an IPv6
 * session over an interface that has none.
 */
int klink_set_up(uint32_t ifindex, uint32_t mtu_bytes) MUST_USE;
/* How many segments a super-packet that the kernel hands to it may have at most. */
int klink_set_gso_max_segs(uint32_t ifindex, uint32_t segs) MUST_USE;
/* Routes over the interface leave the kernel with this: see kmon.h. */
int klink_set_down(uint32_t ifindex) MUST_USE;
/* The interface goes, whoever has it open. */
int klink_delete(uint32_t ifindex) MUST_USE;
/* -EEXIST when an IPv6 address is there with another length: it can be had only once. */
int klink_addr_add(uint32_t ifindex, const struct klink_address *a) MUST_USE;
int klink_addr_del(uint32_t ifindex, const struct klink_address *a) MUST_USE;
/*
 * Makes the interface's addresses exactly @want. New ones come before old ones go. Without a
 * link-local one in @want, those that are there are left alone; with one, the kernel makes no
 * other, so that it is the one address by which bgpd is a next hop for its neighbours. -EAGAIN
 * when somebody else keeps changing them.
 */
int klink_addr_sync(uint32_t ifindex, const struct klink_address *want,
		    size_t n) MUST_USE;

#endif
