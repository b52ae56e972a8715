/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_STRBUF_H
#define WGRD_LIB_STRBUF_H

/* A growing string, always NUL-terminated. Starts as {0}. Single owner, any thread. */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "wgrd/lib/util.h"

struct strbuf {
	char *s; /* NULL while empty: use strbuf_str() */
	size_t len, cap;
	/* There may be keys in it: memory that it leaves, growing or freed, is wiped. */
	bool secret;
};

void strbuf_add(struct strbuf *b, const char *s, size_t len);
void strbuf_puts(struct strbuf *b, const char *s);
void strbuf_printf(struct strbuf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void strbuf_vprintf(struct strbuf *b, const char *fmt, va_list args) PRINTF_LIKE(2, 0);
/* As a JSON string with its quotes. */
void strbuf_json_str(struct strbuf *b, const char *s);
const char *strbuf_str(const struct strbuf *b);
void strbuf_truncate(struct strbuf *b, size_t len);
void strbuf_free(struct strbuf *b); /* back to {0}, but for secret */

/* Is all of @s well-formed UTF-8? */
bool utf8_is_valid(const char *s) MUST_USE;

#endif
