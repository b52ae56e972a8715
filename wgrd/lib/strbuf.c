/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/strbuf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As realloc(), which would leave a copy of the old text behind. */
static char *move_secret(const struct strbuf *b, size_t cap)
{
	char *s = xcalloc(cap, 1);

	if (b->s) {
		memcpy(s, b->s, b->len + 1);
		explicit_bzero(b->s, b->cap);
		free(b->s);
	}
	return s;
}

/* Room for @more characters and the NUL. Doubling keeps adding linear. */
static void grow(struct strbuf *b, size_t more)
{
	size_t cap = b->cap ?: 64;

	assert(more < SIZE_MAX / 2 - b->len);
	while (cap < b->len + more + 1)
		cap *= 2;
	if (cap != b->cap) {
		b->s = b->secret ? move_secret(b, cap) : xrealloc(b->s, cap, 1);
		b->cap = cap;
	}
}

void strbuf_add(struct strbuf *b, const char *s, size_t len)
{
	if (len >= b->cap - b->len) /* as mostly there is room, without a call */
		grow(b, len);
	if (len)
		memcpy(b->s + b->len, s, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void strbuf_puts(struct strbuf *b, const char *s)
{
	strbuf_add(b, s, strlen(s));
}

void strbuf_vprintf(struct strbuf *b, const char *fmt, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	assert(len >= 0);
	grow(b, (size_t)len);
	vsnprintf(b->s + b->len, (size_t)len + 1, fmt, again);
	va_end(again);
	b->len += (size_t)len;
}

void strbuf_printf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(b, fmt, ap);
	va_end(ap);
}

/* Bytes of the character at @s if it is well-formed UTF-8 (RFC 3629 section 4), else 0.
 */
static size_t utf8_len(const unsigned char *s)
{
	unsigned char lo = 0x80, hi = 0xbf;
	size_t len;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		lo = 0xa0; /* shorter forms exist */
	else if (s[0] == 0xed)
		hi = 0x9f; /* surrogates */
	else if (s[0] == 0xf0)
		lo = 0x90;
	else if (s[0] == 0xf4)
		hi = 0x8f; /* beyond U+10FFFF */
	if (s[1] < lo || s[1] > hi)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

bool utf8_is_valid(const char *s)
{
	while (*s) {
		size_t len = utf8_len((const unsigned char *)s);

		if (!len)
			return false;
		s += len;
	}
	return true;
}

/* RFC 8259 section 7. What is not UTF-8 becomes U+FFFD: a link's name may be any bytes.
 */
void strbuf_json_str(struct strbuf *b, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	strbuf_puts(b, "\"");
	while (*p) {
		size_t len = utf8_len(p);

		if (*p == '"' || *p == '\\')
			strbuf_printf(b, "\\%c", *p);
		else if (*p == '\n')
			strbuf_puts(b, "\\n");
		else if (*p == '\t')
			strbuf_puts(b, "\\t");
		else if (*p == '\r')
			strbuf_puts(b, "\\r");
		else if (*p < 0x20)
			strbuf_printf(b, "\\u%04x", *p);
		else if (!len)
			strbuf_puts(b, "\\ufffd");
		else
			strbuf_add(b, (const char *)p, len);
		p += len ?: 1;
	}
	strbuf_puts(b, "\"");
}

const char *strbuf_str(const struct strbuf *b)
{
	return b->s ?: "";
}

void strbuf_truncate(struct strbuf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->s[len] = '\0';
}

void strbuf_free(struct strbuf *b)
{
	if (b->secret && b->s)
		explicit_bzero(b->s, b->cap);
	free(b->s);
	*b = (struct strbuf){.secret = b->secret};
}
