/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_VTYSH_EXT_RUNNING_CONFIG_H
#define WGRD_VTYSH_EXT_RUNNING_CONFIG_H

/*
 * Shows wgrd's blocks in `show running-config`, and in frr.conf, with each line spelt in
 * full:
 *
 *	wireguard wg0
 *	 listen-port 51820               ->   wireguard wg0 listen-port 51820
 *	 peer a
 *	  endpoint 192.0.2.1:51820       ->   wireguard wg0 peer a endpoint 192.0.2.1:51820
 *	 exit-peer
 *	exit-wireguard
 *
 * Lines that stand alone survive what blocks do not. vtysh sorts the lines of all daemons,
 * and throws away one that begins with "exit" after a word it does not know. A vtysh without
 * this extension would take ` interface eth1` in a tenant's block for one of its own. And
 * frr-reload.py knows the blocks of FRR's daemons only. Of a line that begins with
 * `wireguard` all of them know that they do not know it.
 *
 * For this, two functions of libfrr are defined here in front of libfrr's: lines on their way
 * into vtysh's list are taken out, and printed where vtysh has printed the list. They do
 * nothing else, and nothing before running_config_watch() was called.
 */

#include "vtysh-ext/frr.h"

void running_config_watch(const struct frr *frr);

#endif
