/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_SECRET_FILE_H
#define WGRD_CTL_SECRET_FILE_H

/*
 * Files with one key each, for nobody but their owner. One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/lib/util.h"

/*
 * Makes the file at @path with @key and a newline in it, mode 0600, and has it and its
 * directory on the disk before it returns. A file that is there with the same key is left
 * alone; *@made says which it was. On failure, a negative errno, @why is a sentence: -EEXIST
 * when the file has something else in it.
 */
int secret_file_make(const char *path, const char *key, bool *made, char *why,
		     size_t why_len) MUST_USE;

#endif
