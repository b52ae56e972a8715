/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_LOG_TARGET_H
#define WGRD_LIB_LOG_TARGET_H

/*
 * Where finished lines go. For log.c alone, and apart from it because <syslog.h> and
 * log.h both want the name LOG_DAEMON. log_target_write() may be called by any thread,
 * the rest only while no other thread logs (but reopening is safe at any time).
 */

#include <stdbool.h>

#include "wgrd/lib/util.h"

/* Any of the three; @path is NULL or a file to append to. Keeps the former on failure. */
int log_target_open(const char *ident, bool to_stderr, bool to_syslog,
		    const char *path) MUST_USE;
void log_target_close(void); /* back to stderr */
/* 0, or a negative errno and the file stays the one it was. */
int log_target_reopen(void) MUST_USE;
/* @priority: a syslog severity, 0 to 7 (RFC 5424 section 6.2.1). */
void log_target_write(int priority, const char *line);

#endif
