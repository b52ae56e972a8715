/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_NET_BE_H
#define WGRD_PROTO_NET_BE_H

/* Numbers in network byte order, at any alignment. Pure, any thread. */

#include <stdint.h>

static inline uint16_t be16_get(const uint8_t *b)
{
	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t be32_get(const uint8_t *b)
{
	return (uint32_t)be16_get(b) << 16 | be16_get(b + 2);
}

static inline void be16_put(uint8_t *b, uint16_t v)
{
	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

static inline void be32_put(uint8_t *b, uint32_t v)
{
	be16_put(b, (uint16_t)(v >> 16));
	be16_put(b + 2, (uint16_t)v);
}

#endif
