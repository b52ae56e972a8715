/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_VTYSH_EXT_SAVING_H
#define WGRD_VTYSH_EXT_SAVING_H

/*
 * `write memory` in vtysh writes frr.conf itself, from what the daemons show it, and shows
 * have no keys in them. So wgrd is told to save its own file as well.
 */

#include "vtysh-ext/frr.h"

/* To be called whenever vtysh prints the configuration: does nothing if that does not go to
 * frr.conf, or if wgrd does not run. Says on stderr what went wrong. */
void saving_also(const struct frr *frr);

#endif
