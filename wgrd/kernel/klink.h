/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KLINK_H
#define WGRD_KERNEL_KLINK_H

/*
 * Addresses and state of our own interfaces, set synchronously: there are few of them,
 * and the caller wants the answer before it goes on. Main thread only.
 */

#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/util.h"

struct klink_address {
	struct ip_addr addr;
	uint8_t len;
};

/*
 * Each returns 0 or a negative errno, mostly the kernel's. What is so already is success.
 * Addresses keep their host bits: 10.99.0.1/24.
 */

/*
 * Sets the MTU (0: leaves it) and brings it up, in one request. The kernel gives it an IPv6
 * link-local address then, and must: bgpd resets an IPv6 session over an interface that
 * has none.
 */
int klink_set_up(uint32_t ifindex, uint32_t mtu_bytes) MUST_USE;
/* Routes over the interface leave the kernel with this: see kmon.h. */
int klink_set_down(uint32_t ifindex) MUST_USE;
/* -EEXIST when an IPv6 address is there with another length: it can be had only once. */
int klink_addr_add(uint32_t ifindex, const struct klink_address *a) MUST_USE;
int klink_addr_del(uint32_t ifindex, const struct klink_address *a) MUST_USE;
/*
 * Makes the interface's addresses exactly @want, IPv6 link-local ones left alone. New ones
 * come before old ones go. -EAGAIN when somebody else keeps changing them.
 */
int klink_addr_sync(uint32_t ifindex, const struct klink_address *want,
		    size_t n) MUST_USE;

#endif
