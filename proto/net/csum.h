/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_NET_CSUM_H
#define WGRD_PROTO_NET_CSUM_H

/*
 * The Internet checksum, RFC 1071: ones' complement sum of 16-bit words. Sums can be
 * built from pieces; every piece but the last has an even length. Pure, any thread.
 *
 * A running sum is kept in memory order, so results are stored with memcpy and never
 * swapped.
 */

#include <stddef.h>
#include <stdint.h>

/* @sum plus @len bytes at @buf; an odd last byte is padded with zero. */
uint64_t csum_add(uint64_t sum, const void *buf, size_t len);
/* The same, and copies the bytes to @dst, which does not overlap them. */
uint64_t csum_copy(uint64_t sum, void *dst, const void *src, size_t len);
/* The pseudo-header of RFC 793 and RFC 8200 section 8.1. @addr_len is 4 or 16. */
uint64_t csum_add_pseudo(uint64_t sum, const void *src, const void *dst, size_t addr_len,
			 uint8_t proto, uint32_t len);
/* Folds to 16 bits without complementing: what a partial checksum field holds. */
uint16_t csum_fold(uint64_t sum);
/* Folds and complements: what goes into the header. Over intact data the result is 0. */
uint16_t csum_finish(uint64_t sum);

#endif
