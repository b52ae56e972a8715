/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/lib/log_target.h"

enum {
	LINE_BYTES = 1024, /* longer lines end in "..." */
};

typedef void (*capture_fn)(enum log_level level, enum log_subsys s, const char *line);

/* Switches that any thread reads; no other memory depends on them, so all is relaxed. */
static _Atomic(enum log_level) max_level = LOG_LEVEL_NOTICE;
static _Atomic unsigned debug_mask;
static _Atomic(capture_fn) capture;

/* clang-format off */
static const char *const subsys_names[LOG_SUBSYS_COUNT] = {
	[LOG_DAEMON] = "daemon",
	[LOG_CONF]   = "conf",
	[LOG_ZEBRA]  = "zebra",
	[LOG_RIB]    = "rib",
	[LOG_TENANT] = "tenant",
	[LOG_FIB]    = "fib",
	[LOG_KERNEL] = "kernel",
	[LOG_WG]     = "wg",
	[LOG_DPLANE] = "dplane",
	[LOG_MGMT]   = "mgmt",
};

static const struct {
	const char *name, *frr;
	int priority; /* syslog severity */
} levels[] = {
	[LOG_LEVEL_ERR]    = {"err", "errors", 3},
	[LOG_LEVEL_WARN]   = {"warn", "warnings", 4},
	[LOG_LEVEL_NOTICE] = {"notice", "notifications", 5},
	[LOG_LEVEL_INFO]   = {"info", "informational", 6},
	[LOG_LEVEL_DEBUG]  = {"debug", "debugging", 7},
};
/* clang-format on */

int log_open(const char *ident, unsigned targets, const char *path)
{
	return log_target_open(ident, targets & LOG_TO_STDERR, targets & LOG_TO_SYSLOG,
			       targets & LOG_TO_FILE ? path : NULL);
}

void log_close(void)
{
	log_target_close();
}

void log_reopen(void)
{
	int err = log_target_reopen();

	if (err)
		log_err(LOG_DAEMON,
			"log file: cannot be opened again, keeping the old one: %s",
			strerror(-err));
}

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&max_level, level, memory_order_relaxed);
}

const char *log_level_name(enum log_level level)
{
	return levels[level].frr;
}

/* As short as it still has two letters, which is what FRR's own options look at. */
static bool begins(const char *name, const char *s)
{
	return strlen(s) > 1 && strncmp(name, s, strlen(s)) == 0;
}

bool log_level_parse(const char *s, enum log_level *out)
{
	static const char *const worse[] = {"emergencies", "alerts", "critical"};

	for (unsigned i = 0; i < ARRAY_SIZE(levels); i++) {
		if (!begins(levels[i].name, s) && !begins(levels[i].frr, s))
			continue;
		*out = i;
		return true;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(worse); i++) {
		if (!begins(worse[i], s))
			continue;
		*out = LOG_LEVEL_ERR;
		return true;
	}
	return false;
}

static enum log_sink sink_of(enum log_target t)
{
	switch (t) {
	case LOG_TO_STDERR:
		return LOG_SINK_STDERR;
	case LOG_TO_SYSLOG:
		return LOG_SINK_SYSLOG;
	case LOG_TO_FILE:
		return LOG_SINK_FILE;
	}
	return LOG_SINK_COUNT;
}

/* One target may get more than the level for all lets pass: that is raised then, and what
 * the others get stays. */
static void raise_level(enum log_sink sink, enum log_level level)
{
	enum log_level now = atomic_load_explicit(&max_level, memory_order_relaxed);

	if (level <= now || level == LOG_LEVEL_DEBUG) /* which is switched by subsystem */
		return;
	for (enum log_sink i = 0; i < LOG_SINK_COUNT; i++)
		if (i != sink)
			log_target_limit(i, levels[now].priority);
	log_set_level(level);
}

int log_direct(enum log_target t, enum log_level upto, const char *path)
{
	enum log_sink sink = sink_of(t);
	int err = log_target_set(sink, levels[upto].priority, path);

	if (!err)
		raise_level(sink, upto);
	return err;
}

void log_direct_nothing(enum log_target t)
{
	if (log_target_set(sink_of(t), LOG_SINK_OFF, NULL))
		log_warn(LOG_DAEMON, "log file: it cannot be let go");
}

bool log_goes_to(enum log_target t, enum log_level *upto, const char **path)
{
	int severity = log_target_upto(sink_of(t));

	if (severity == LOG_SINK_OFF)
		return false;
	*upto = LOG_LEVEL_ERR;
	while (*upto < LOG_LEVEL_DEBUG && levels[*upto].priority < severity)
		++*upto;
	*path = t == LOG_TO_FILE ? log_target_path() : NULL;
	return true;
}

void log_set_debug(enum log_subsys s, bool on)
{
	if (on)
		atomic_fetch_or_explicit(&debug_mask, 1u << s, memory_order_relaxed);
	else
		atomic_fetch_and_explicit(&debug_mask, ~(1u << s), memory_order_relaxed);
}

bool log_debug_on(enum log_subsys s)
{
	return atomic_load_explicit(&max_level, memory_order_relaxed) ==
		       LOG_LEVEL_DEBUG ||
	       atomic_load_explicit(&debug_mask, memory_order_relaxed) >> s & 1;
}

const char *log_subsys_name(enum log_subsys s)
{
	return subsys_names[s];
}

void log_capture(void (*fn)(enum log_level level, enum log_subsys s, const char *line))
{
	atomic_store_explicit(&capture, fn, memory_order_relaxed);
}

static bool is_wanted(enum log_level level, enum log_subsys s)
{
	if (level == LOG_LEVEL_DEBUG)
		return log_debug_on(s);
	return level <= atomic_load_explicit(&max_level, memory_order_relaxed);
}

/* A name from outside must not end the line, or talk to the terminal it is read on. */
static void defuse(char *line)
{
	for (; *line; line++)
		if ((unsigned char)*line < 0x20 || *line == 0x7f)
			*line = '?';
}

static void format_line(char line[static LINE_BYTES], const char *fmt, va_list ap)
{
	int len = vsnprintf(line, LINE_BYTES, fmt, ap);

	if (len < 0)
		snprintf(line, LINE_BYTES, "a line that cannot be formatted: %s", fmt);
	else if (len >= LINE_BYTES)
		memcpy(line + LINE_BYTES - 4, "...", 4);
	defuse(line);
}

void log_write(enum log_level level, enum log_subsys s, const char *fmt, ...)
{
	int saved_errno = errno;
	char line[LINE_BYTES], tagged[LINE_BYTES + 32];
	capture_fn fn;
	va_list ap;

	if (!is_wanted(level, s))
		return;
	va_start(ap, fmt);
	format_line(line, fmt, ap);
	va_end(ap);
	fn = atomic_load_explicit(&capture, memory_order_relaxed);
	if (fn) {
		fn(level, s, line);
	} else {
		snprintf(tagged, sizeof(tagged), "%s: %s: %s", subsys_names[s],
			 levels[level].name, line);
		log_target_write(levels[level].priority, tagged);
	}
	errno = saved_errno;
}

bool log_limit_pass(struct log_limit *l, uint64_t now_ns, enum log_subsys s)
{
	uint64_t interval_ns = l->interval_s * 1000000000ull;
	uint64_t left_out = l->suppressed;

	if (!l->used || now_ns - l->window_ns >= interval_ns) {
		l->window_ns = now_ns;
		l->used = 0;
		l->suppressed = 0;
		if (left_out)
			log_warn(s, "%" PRIu64 " lines like the next were left out",
				 left_out);
	}
	if (l->used >= l->burst) {
		l->suppressed++;
		return false;
	}
	l->used++;
	return true;
}
