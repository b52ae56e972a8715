/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_VTYSH_EXT_COMMANDS_H
#define WGRD_VTYSH_EXT_COMMANDS_H

/*
 * Teaches vtysh the nodes and commands of wgrd's grammar table, in both spellings:
 *
 *	wireguard wg0                        wireguard wg0 peer a endpoint 192.0.2.1:51820
 *	 peer a
 *	  endpoint 192.0.2.1:51820
 *
 * vtysh only recognizes them and follows into nodes; the line itself goes to wgrd. Commands
 * FRR has as well (show running-config, write, end, ...) are FRR's here, and reach wgrd as
 * they reach every daemon.
 */

#include "vtysh-ext/frr.h"

/* All of them; with @may_configure false only what may be looked at. Cannot fail, and
 * cannot be undone. */
void commands_install(const struct frr *frr, bool may_configure);

#endif
