/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_LOG_TARGET_H
#define WGRD_LIB_LOG_TARGET_H

/*
 * Where finished lines go. For log.c alone, and apart from it because <syslog.h> and
 * log.h both want the name LOG_DAEMON. log_target_write() may be called by any thread,
 * opening and closing only while no other thread logs, the rest by the main thread at any
 * time.
 */

#include <stdbool.h>

#include "wgrd/lib/util.h"

enum log_sink {
	LOG_SINK_STDERR,
	LOG_SINK_SYSLOG,
	LOG_SINK_FILE,
	LOG_SINK_COUNT,
};

enum {
	LOG_SINK_OFF = -1,
	LOG_SINK_ALL = 7,
};

/* Any of the three; @path is NULL or a file to append to. Keeps the former on failure. */
int log_target_open(const char *ident, bool to_stderr, bool to_syslog,
		    const char *path) MUST_USE;
void log_target_close(void); /* back to stderr */
/* 0, or a negative errno and the file stays the one it was. */
int log_target_reopen(void) MUST_USE;
/* Lines up to this severity go there from now on; LOG_SINK_OFF: none. @path: of the file,
 * absolute, and shared with others; NULL: the one it has. 0, or a negative errno and all is as it was. */
int log_target_set(enum log_sink sink, int upto, const char *path) MUST_USE;
/* No more than up to this severity goes there. */
void log_target_limit(enum log_sink sink, int severity);
int log_target_upto(enum log_sink sink);
/* The file's, or NULL. */
const char *log_target_path(void);
/* @priority: a syslog severity, 0 to 7 (RFC 5424 section 6.2.1). */
void log_target_write(int priority, const char *line);

#endif
