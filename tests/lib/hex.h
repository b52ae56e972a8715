/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_LIB_HEX_H
#define WGRD_TESTS_LIB_HEX_H

/* Vectors are written in hexadecimal in the tests, as they are in the RFCs. */

#include <stddef.h>
#include <stdint.h>

/* Decodes @hex, in which blanks may separate bytes, into @dst and returns the number of
 * bytes. Fails the running test if that is not hexadecimal or not at most @size bytes. */
size_t hex_decode(uint8_t *dst, size_t size, const char *hex);

/* Fails the running test, showing both, unless the @len bytes at @got are those of
 * @want_hex. @what says which case it is. */
void hex_check(const char *what, const void *got, size_t len, const char *want_hex);

/* The same with bytes on both sides. */
void hex_check_bytes(const char *what, const void *got, const void *want, size_t len);

#endif
