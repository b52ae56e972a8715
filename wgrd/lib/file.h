/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_FILE_H
#define WGRD_LIB_FILE_H

/* What writing a file safely takes. Any thread; may block. */

#include <stddef.h>

#include "wgrd/lib/util.h"

/* Returns 0 when all of it is written, or a negative errno. */
int file_write_all(int fd, const char *s, size_t len) MUST_USE;
/*
 * Replaces @file, mode 0600, by one with this in it, which is on the disk when it gets the
 * name; the owner stays. On failure, a negative errno, the old one is as it was. The new
 * name is not on the disk before file_sync_name().
 */
int file_replace(const char *file, const char *s, size_t len) MUST_USE;
/* Has the name of @file, in whatever directory it is, on the disk. 0 or a negative errno. */
int file_sync_name(const char *file) MUST_USE;

#endif
