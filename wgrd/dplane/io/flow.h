/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_IO_FLOW_H
#define WGRD_DPLANE_IO_FLOW_H

/* What is the same for all packets of a flow, as a number: chooses among equal paths.
 * Pure, any thread. */

#include <stdint.h>

#include "proto/net/ip.h"

/* @p: ip_parse() of the packet at @buf. Addresses and protocol; ports of TCP, UDP and
 * their like unless the packet is a fragment; the IPv6 flow label of all else. */
uint32_t dp_flow_hash(const struct ip_packet *p, const uint8_t *buf, uint32_t seed);

#endif
