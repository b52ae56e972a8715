/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_ZEBRA_ZCLIENT_IFACE_H
#define WGRD_ZEBRA_ZCLIENT_IFACE_H

/*
 * Which interfaces zebra has, and which of them run: own prefixes are sent over running ones
 * only. With zebra -n an index is unique within its VRF alone. Main thread only; lasts as
 * long as a session; starts as NULL.
 */

#include <stdbool.h>
#include <stdint.h>

struct ziface;

/* Returns whether it was running before. */
bool ziface_set(struct ziface **table, uint32_t vrf, uint32_t ifindex, bool running);
bool ziface_is_running(struct ziface *const *table, uint32_t vrf, uint32_t ifindex);
void ziface_del(struct ziface **table, uint32_t vrf, uint32_t ifindex);
void ziface_del_vrf(struct ziface **table, uint32_t vrf);
void ziface_clear(struct ziface **table);

#endif
