/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_RTPROTO_H
#define WGRD_LIB_RTPROTO_H

/*
 * Who made a route of the kernel, by number and by word: RTPROT_* of linux/rtnetlink.h as
 * /etc/iproute2/rt_protos spells them. Any thread.
 */

#include <stdint.h>

/* "bird"; NULL for a number without a word here. */
const char *rtproto_name(uint8_t protocol);
/* 0 when @name is none. */
uint8_t rtproto_parse(const char *name);

#endif
