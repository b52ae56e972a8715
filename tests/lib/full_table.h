/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_FULL_TABLE_H
#define TESTS_LIB_FULL_TABLE_H

/* The Internet of 2015-11-01: 606 138 IPv4 and 27 693 IPv6 prefixes, which lie outside the
 * tree: in $WGRD_TEST_DATA, or in ../shared/data beside the sources. Any thread. */

#include <stddef.h>

#include "proto/net/prefix.h"

/* Calls for each prefix, in the order of the file, without host bits. Returns how many
 * there were; 0 if there is no file, and says so. A broken file ends the program. */
size_t full_table_each(void (*fn)(void *arg, const struct prefix *p), void *arg);

#endif
