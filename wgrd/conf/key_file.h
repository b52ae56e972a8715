/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_KEY_FILE_H
#define WGRD_CONF_KEY_FILE_H

/*
 * Keys that stand in files of their own instead of in the configuration. A file is
 * believed only if nobody but its owner could have read or written it. Main thread only.
 */

#include <stddef.h>

#include "wgrd/conf/conf.h"
#include "wgrd/lib/util.h"

/*
 * Reads the one key in base64 that the file at @path holds. No copy of it stays but @out:
 * what was read is wiped. On failure @out is wiped, the result is a negative errno, and
 * @why completes a sentence that begins with the path: "is readable by others; expected
 * mode 0600".
 */
int key_file_read(const char *path, struct conf_secret *out, char *why,
		  size_t why_len) MUST_USE;

#endif
