/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_WG_KERNEL_INTERNAL_H
#define WGRD_WG_KERNEL_INTERNAL_H

/*
 * The objects behind backend_kernel.h, for the kernel_*.c of this folder. Main thread only.
 *
 * A device remembers what the kernel has (peers that are present, the owner of each prefix) beside
 * what is wanted (peers that are enabled, the groups of each prefix). A difference makes a peer
 * or an entry dirty; kernel_table_flush() writes it. kernel_poll.c reads what the kernel really
 * has, so that a difference somebody else made is found and written again.
 *
 *	device --> peers        configured; by public key
 *	       --> strangers    in the kernel and not configured, with what they own
 *	       --> entries      prefix --> owner in the kernel, egress and ingress group
 *	group  --> entries that use it, once for each table
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <urcu/list.h>
#include <uthash.h>

#include "wgrd/conf/conf.h"
#include "wgrd/kernel/kwg.h"
#include "wgrd/kernel/kwg_message.h"
#include "wgrd/lib/loop.h"
#include "wgrd/lib/pmap.h"
#include "wgrd/wg/backend_kernel.h"

enum kernel_table {
	KERNEL_EGRESS,
	KERNEL_INGRESS,
	KERNEL_TABLES,
};

struct wg_kernel {
	struct loop *loop;
	struct kwg *kwg;
	struct wg_backend_events events;
	struct cds_list_head devices;
	bool retain;   /* wg_kernel_retain() */
	bool adopting; /* until kernel_adopt_end(): what nobody wants stays */
	/* Can it take one prefix from a peer (Linux 6.16)? Found out with the first device. */
	bool probed, can_remove;
	struct kwg_writer writer; /* of whoever writes now */
};

struct kernel_peer {
	struct kernel_device *device;
	void *cookie; /* NULL: retired */
	/* As configured. */
	bool enabled; /* it has a key, and is not shut down */
	uint8_t public_key[CONF_KEY_LEN];
	struct conf_secret preshared_key;
	struct conf_endpoint endpoint;
	uint16_t keepalive_s;
	/* As the kernel has it. */
	bool present;
	struct wg_backend_peer_state state;
	uint64_t asking_since_ns, asked_ns; /* it sends and there is no session; 0: no */
	uint32_t seen;                      /* the last poll that found it */
	struct cds_list_head owned;         /* of struct kernel_entry: what it has */
	struct cds_list_head groups; /* of struct kernel_member: what it could have */
	UT_hash_handle hh;           /* device->peers, while it is not retired */
};

/* A peer in the kernel that is not configured, or not yet when adopting. */
struct kernel_stranger {
	uint8_t public_key[KWG_KEY_BYTES];
	struct kwg_peer_info info;
	struct prefix *prefix;
	size_t prefixes, room;
	uint32_t seen;
	UT_hash_handle hh;
};

struct kernel_entry {
	struct prefix prefix;
	/* In the kernel; NULL: nobody that is configured. Changed by kernel_entry_own(). */
	struct kernel_peer *owner;
	struct cds_list_head own;       /* owner->owned, or empty */
	struct kernel_peer *seen_owner; /* by the poll of that round */
	uint32_t seen;
	bool found; /* the owner had it before anybody asked: not ours to remove */
	struct kernel_group *group[KERNEL_TABLES];
	struct cds_list_head use[KERNEL_TABLES]; /* group->users[table] */
	struct cds_list_head dirty;              /* device->dirty, or empty */
	bool degraded;                           /* counted as such */
};

struct kernel_member {
	struct wg_backend_nexthop nexthop;
	struct kernel_group *group;
	struct cds_list_head link; /* groups of the peer */
};

struct kernel_group {
	struct kernel_device *device;
	struct cds_list_head users[KERNEL_TABLES];
	struct kernel_member *member;
	unsigned count;
};

struct kernel_device {
	struct wg_kernel *k;
	struct cds_list_head link; /* k->devices */
	char name[IFNAMSIZ];
	uint32_t ifindex;
	bool ours;       /* we made it, now or in a former run */
	bool applied;    /* device_set() was called: it is in the running configuration */
	bool gone;       /* somebody removed it; until kernel_device_reopen() */
	bool stopped;    /* device_stop() was called */
	uint8_t foreign; /* enum conf_foreign */
	bool adopted;    /* it was there */
	bool swept;      /* what nobody asks for was dealt with */
	struct conf_secret
		private_key; /* as configured, for when it has to be made again */
	bool public_key_set;
	uint8_t public_key[CONF_KEY_LEN];
	uint16_t port;      /* of the kernel */
	uint16_t conf_port; /* 0: the kernel chooses */
	uint32_t fwmark;    /* of the kernel */
	uint32_t conf_fwmark;
	struct klink_address *address; /* that we put there */
	size_t address_count;
	struct kernel_peer *peers;
	struct kernel_stranger *strangers;
	struct pmap entries; /* of struct kernel_entry */
	struct cds_list_head dirty;
	size_t degraded, found; /* entries */
	const char *trouble;
	struct loop_job flush;
	int logged_err; /* that it has trouble with, so that it is logged once */
	/* ---- kernel_poll.c ---- */
	struct loop_timer poll;
	uint64_t interval_ns, polled_ns, cost_ns;
	uint32_t round;
	bool changed; /* something moved in this round */
	bool key_differs;
	struct kernel_peer *reading; /* whose prefixes come now */
	struct kernel_stranger *reading_stranger;
};

/* ---- kernel_table.c ---- */

struct kernel_entry *kernel_entry_find(struct kernel_device *d, const struct prefix *p);
/* NULL: no memory. To be touched, or set, by the caller. */
struct kernel_entry *kernel_entry_obtain(struct kernel_device *d, const struct prefix *p);
/* @p, or NULL, has it in the kernel now. */
void kernel_entry_own(struct kernel_entry *e, struct kernel_peer *p);
/* What it should be may have changed, or what it is. */
void kernel_entry_touch(struct kernel_device *d, struct kernel_entry *e);
/* Its owner had it before anybody asked. */
void kernel_entry_found(struct kernel_device *d, struct kernel_entry *e);
/* All that @p has, or could have: it came, went, or its session did. */
void kernel_table_touch_peer(struct kernel_device *d, struct kernel_peer *p);
/* The kernel takes what @p has and nobody else could have along with it. */
void kernel_table_let_go(struct kernel_device *d, struct kernel_peer *p);
/* @p has nothing (any more), whatever we thought. */
void kernel_table_forget_owner(struct kernel_device *d, struct kernel_peer *p);
int kernel_table_set(struct kernel_device *d, const struct prefix *p,
		     struct kernel_group *egress, struct kernel_group *ingress) MUST_USE;
void kernel_table_del(struct kernel_device *d, const struct prefix *p);
/* Its members have changed. */
void kernel_table_touch_group(struct kernel_group *g);
/* Writes what is dirty: first what comes, then what goes. 0 or a negative errno. */
int kernel_table_flush(struct kernel_device *d);
/* Soon, from the loop. */
void kernel_table_flush_later(struct kernel_device *d);
/* Forgets everything, without a word to the kernel. */
void kernel_table_clear(struct kernel_device *d);
/* What was found and nobody asks for is to be removed. */
void kernel_table_sweep(struct kernel_device *d);

/* ---- kernel_peer.c ---- */

/* Writes the peer as configured. @endpoint: also where to send to. */
int kernel_peer_write(struct kernel_peer *p, bool endpoint);
struct kernel_peer *kernel_peer_find(const struct kernel_device *d,
				     const uint8_t key[KWG_KEY_BYTES]);
/* Removes a key from the kernel, with all prefixes that it has. */
int kernel_key_remove(struct kernel_device *d, const uint8_t key[KWG_KEY_BYTES]);

/* ---- kernel_device.c ---- */

/* Writes settings again that the last poll has seen otherwise. */
void kernel_device_repair(struct kernel_device *d);
/* Deals with what was found and nobody asks for, once. */
void kernel_device_sweep(struct kernel_device *d);
/* NULL: no memory. */
struct kernel_stranger *kernel_stranger_obtain(struct kernel_device *d,
					       const uint8_t key[KWG_KEY_BYTES]);
/* The writer, for messages about @d. */
struct kwg_writer *kernel_writer(struct kernel_device *d);
void kernel_trouble(struct kernel_device *d, const char *what, int err);
struct kernel_stranger *kernel_stranger_find(const struct kernel_device *d,
					     const uint8_t key[KWG_KEY_BYTES]);
void kernel_stranger_free(struct kernel_device *d, struct kernel_stranger *s);

/* ---- kernel_poll.c ---- */

/* Reads what the kernel has. 0 or a negative errno. */
int kernel_poll(struct kernel_device *d);
/* The same, unless it was done a moment ago. */
void kernel_poll_if_old(struct kernel_device *d);
/* Reads it, and writes again what differs, whenever it was read last. */
void kernel_poll_now(struct kernel_device *d);
/* Something was done: look again soon. */
void kernel_poll_soon(struct kernel_device *d);
void kernel_poll_stop(struct kernel_device *d);
/* Writes again what the last poll has missed. */
void kernel_poll_repair(struct kernel_device *d);

#endif
