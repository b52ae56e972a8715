/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_OPTIONS_FRR_H
#define WGRD_OPTIONS_FRR_H

/*
 * wgrd as one of FRR's daemons, started and watched by watchfrr: places, user and groups
 * are those that FRR's scripts and vtysh expect. Like FRR's own, it does not read its file
 * if there is an frr.conf, which vtysh reads to all daemons when they are up; a file named
 * with -f is read all the same.
 */

#include "wgrd/options.h"

/* Fills in what the command line has left open. False: -N is no name; said on stderr. */
bool options_frr_places(struct options *o) MUST_USE;

#endif
