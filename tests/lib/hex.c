/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)((at - digits) % 16) : -1;
}

size_t hex_decode(uint8_t *dst, size_t size, const char *hex)
{
	size_t n = 0;

	for (const char *s = hex; *s;) {
		int high, low;

		if (*s == ' ' || *s == '\n') {
			s++;
			continue;
		}
		high = digit(s[0]);
		low = high < 0 ? -1 : digit(s[1]);
		if (low < 0)
			fail_msg("\"%s\": not hexadecimal at \"%.4s\"", hex, s);
		if (n == size)
			fail_msg("\"%s\": more than %zu bytes", hex, size);
		dst[n++] = (uint8_t)(high << 4 | low);
		s += 2;
	}
	return n;
}

static void print(const char *label, const uint8_t *p, size_t len)
{
	fprintf(stderr, "  %s ", label);
	for (size_t i = 0; i < len; i++)
		fprintf(stderr, "%02x", p[i]);
	fprintf(stderr, "\n");
}

void hex_check_bytes(const char *what, const void *got, const void *want, size_t len)
{
	if (memcmp(got, want, len) == 0)
		return;
	fprintf(stderr, "%s:\n", what);
	print("expected", want, len);
	print("seen    ", got, len);
	fail_msg("%s differs", what);
}

void hex_check(const char *what, const void *got, size_t len, const char *want_hex)
{
	uint8_t want[2048];
	size_t n = hex_decode(want, sizeof(want), want_hex);

	if (n != len)
		fail_msg("%s: expected %zu bytes, seen %zu", what, n, len);
	hex_check_bytes(what, got, want, len);
}
