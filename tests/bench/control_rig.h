/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_BENCH_CONTROL_RIG_H
#define TESTS_BENCH_CONTROL_RIG_H

/*
 * The control plane from RIB to back end for bench_control: as many peers as are wanted,
 * spread over tenants with an interface and a table each, over a back end that keeps the
 * two lookup tables of each interface (wgrd/dplane/lpm/lpm.h) and nothing else, and a kernel
 * that says yes to everything. Main thread only. Anything unexpected ends the program.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/prefix.h"
#include "wgrd/fib/fib.h"
#include "wgrd/lib/loop.h"
#include "wgrd/rib/rib.h"
#include "wgrd/tenant/tenant.h"
#include "wgrd/wg/wg.h"

struct control_rig {
	struct loop *loop;
	struct control_nlq *nlq;
	struct rib *rib;
	struct wg *wg;
	struct fib *fib;
	struct tenants *tenants;
	struct conf *conf;
	unsigned tenant_count, peer_count;
	struct wg_group *
		*group; /* of each peer alone, when control_rig_groups() made them */
	uint64_t group_switched_ns; /* when the back end was last given other members */
	size_t answered;            /* routes that the kernel has said yes to */
	size_t stop_at;             /* leaves loop_run() then; 0: never */
};

/* CLOCK_MONOTONIC, and what this thread has used of a processor. */
uint64_t control_now_ns(void);
uint64_t control_cpu_ns(void);
/* What malloc() has given out, with its own overhead, and slabs; after all grace periods. */
size_t control_memory(void);
/* What of this process lies in memory: now, and the most since the start. */
size_t control_resident_start(void);
size_t control_resident(void);
size_t control_resident_peak(void);

/* Peers are numbered from 0; the first ones are the first tenant's. */
struct control_rig *control_rig_new(unsigned tenants, unsigned peers);
/* Without any configuration. */
struct control_rig *control_rig_new_empty(void);
void control_rig_free(struct control_rig *r);
/* *Takes* @new. What the subscribers and the FIB have used of a processor, in nanoseconds: not
 * what it takes to find out what @new shares with the one before. */
uint64_t control_rig_commit(struct control_rig *r, struct conf *new);
/* The overlay address of a peer, of either family. */
struct ip_addr control_rig_gate(unsigned peer, sa_family_t family);
struct wg_device *control_rig_device(const struct control_rig *r, unsigned peer);
uint32_t control_rig_table(const struct control_rig *r, unsigned peer);
void control_rig_groups(struct control_rig *r);
/* Peer @to gets the overlay addresses of @from, in a commit. */
void control_rig_move_overlay(struct control_rig *r, unsigned from, unsigned to);
/* Lets the kernel answer what it was asked, and what it is asked then. */
void control_rig_answer(struct control_rig *r);
#endif
