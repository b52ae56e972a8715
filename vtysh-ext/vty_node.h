/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_VTYSH_EXT_VTY_NODE_H
#define WGRD_VTYSH_EXT_VTY_NODE_H

/*
 * Where in `struct vty` vtysh keeps the node it is in. The struct differs between releases,
 * so the place is found by watching it: of all ints in its first part, only one is what the
 * node must be before and after `enable`, `configure terminal` and `end`. No daemon is
 * connected yet, so nothing is sent.
 */

#include <stdbool.h>
#include <stddef.h>

#include "vtysh-ext/frr.h"

/* Leaves vtysh in the node it was in. False with a clause in @why. */
bool vty_node_find(const struct frr *frr, char *why, size_t why_len) MUST_USE;

/* After vty_node_find() has returned true. */
void vty_node_set(struct vty *vty, int node);

#endif
