/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KWG_H
#define WGRD_KERNEL_KWG_H

/*
 * The kernel's WireGuard devices: their links, and what generic netlink says of them. An
 * interface, so that tests can be the kernel: kwg_open() is the real one, tests/lib/fake_kwg.c
 * the other. Synchronous; main thread only. Each function returns 0 or a negative errno.
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/kernel/klink.h"
#include "wgrd/lib/util.h"

struct nlmsghdr;
struct kwg;

struct kwg_link {
	uint32_t ifindex;
	bool is_wireguard;
	bool is_ours; /* wgrd made it: its alias says so, see kwg_alias */
};

struct kwg_ops {
	/* -ENODEV: there is none of that name. */
	int (*link_find)(struct kwg *k, const char *name, struct kwg_link *l);
	/* Makes one, down, with our alias. -EOPNOTSUPP: the kernel has no WireGuard. */
	int (*link_new)(struct kwg *k, const char *name, uint32_t *ifindex);
	int (*link_del)(struct kwg *k, uint32_t ifindex);
	/* As klink.h. */
	int (*link_up)(struct kwg *k, uint32_t ifindex, uint32_t mtu_bytes);
	int (*link_down)(struct kwg *k, uint32_t ifindex);
	int (*addr_add)(struct kwg *k, uint32_t ifindex, const struct klink_address *a);
	int (*addr_del)(struct kwg *k, uint32_t ifindex, const struct klink_address *a);
	int (*addr_sync)(struct kwg *k, uint32_t ifindex,
			 const struct klink_address *want, size_t n);
	/* Can it be bound, for both families? */
	int (*port_free)(struct kwg *k, uint16_t port);
	/* The number messages carry. -EOPNOTSUPP: the kernel has no WireGuard. */
	int (*family)(struct kwg *k, uint16_t *family);
	/* One message of kwg_writer. */
	int (*set)(struct kwg *k, struct nlmsghdr *h);
	/* The answer to kwg_get_message(): -EAGAIN if it has gaps. */
	int (*get)(struct kwg *k, uint32_t ifindex,
		   int (*each)(const struct nlmsghdr *h, void *arg), void *arg);
};

struct kwg {
	const struct kwg_ops *ops;
};

/* The alias (ip-link(8)) of the links that we make: survives us, and is how we know them again. */
extern const char kwg_alias[];

/* Opens nothing yet: where no interface is the kernel's, its module is not loaded. */
struct kwg *kwg_open(void);
void kwg_close(struct kwg *k); /* NULL is allowed */

#endif
