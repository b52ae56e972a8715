/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_LOG_H
#define WGRD_LIB_LOG_H

/*
 * One event, one line, subject first. Any thread may log except the packet workers, which
 * count instead. Key material is never passed to these functions.
 *
 * err: a person must act. warn: we coped, but look. notice: state changed. info: what an
 * engineer wants when tracing a change. debug: everything else, switched per subsystem.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

enum log_level {
	LOG_LEVEL_ERR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

enum log_subsys {
	LOG_DAEMON,
	LOG_CONF,
	LOG_ZEBRA,
	LOG_RIB,
	LOG_TENANT,
	LOG_FIB,
	LOG_KERNEL,
	LOG_WG,
	LOG_DPLANE,
	LOG_MGMT,
	LOG_SUBSYS_COUNT,
};

enum log_target {
	LOG_TO_STDERR = 1 << 0,
	LOG_TO_SYSLOG = 1 << 1,
	LOG_TO_FILE = 1 << 2,
};

/* Program start. Until then lines go to stderr. @path is used with LOG_TO_FILE. */
int log_open(const char *ident, unsigned targets, const char *path) MUST_USE;
void log_close(void);
/* Reopens the file after rotation (SIGUSR1 as in FRR). */
void log_reopen(void);
void log_set_level(enum log_level level);

/*
 * Main thread, at any time: lines of @upto and of more important levels go to one target,
 * whatever others get. @path: for LOG_TO_FILE, absolute, of a file that other
 * programs write to as well; NULL: the file of before. On
 * failure, a negative errno, all is as it was.
 */
int log_direct(enum log_target t, enum log_level upto, const char *path) MUST_USE;
void log_direct_nothing(enum log_target t);
/* False: nothing goes there. @path is NULL but for a file. */
bool log_goes_to(enum log_target t, enum log_level *upto, const char **path);

/* Our words, or FRR's (emergencies to debugging), which may be cut short. */
bool log_level_parse(const char *s, enum log_level *out);
const char *log_level_name(enum log_level level); /* FRR's */

void log_set_debug(enum log_subsys s, bool on);
bool log_debug_on(enum log_subsys s);
const char *log_subsys_name(enum log_subsys s);
/* Tests: every line goes to @fn instead. NULL restores. */
void log_capture(void (*fn)(enum log_level level, enum log_subsys s, const char *line));

void log_write(enum log_level level, enum log_subsys s, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

#define log_err(s, ...)    log_write(LOG_LEVEL_ERR, (s), __VA_ARGS__)
#define log_warn(s, ...)   log_write(LOG_LEVEL_WARN, (s), __VA_ARGS__)
#define log_notice(s, ...) log_write(LOG_LEVEL_NOTICE, (s), __VA_ARGS__)
#define log_info(s, ...)   log_write(LOG_LEVEL_INFO, (s), __VA_ARGS__)
#define log_debug(s, ...)                                             \
	do {                                                          \
		if (log_debug_on(s))                                  \
			log_write(LOG_LEVEL_DEBUG, (s), __VA_ARGS__); \
	} while (0)

/*
 * For lines a remote party can cause: at most @burst lines in @interval_s, the rest
 * counted; the next line that passes says how many were left out. Use as
 *
 *	static struct log_limit limit = LOG_LIMIT(5, 10);
 *	if (log_limit_pass(&limit, now_ns, LOG_WG))
 *		log_warn(LOG_WG, ...);
 */
struct log_limit {
	unsigned burst, interval_s;
	uint64_t window_ns, suppressed;
	unsigned used;
};
#define LOG_LIMIT(b, s)                         \
	{                                       \
		.burst = (b), .interval_s = (s) \
	}
bool log_limit_pass(struct log_limit *l, uint64_t now_ns, enum log_subsys s);

#endif
