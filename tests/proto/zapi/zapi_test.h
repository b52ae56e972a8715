/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_PROTO_ZAPI_ZAPI_TEST_H
#define TESTS_PROTO_ZAPI_ZAPI_TEST_H

/* What the tests of the ZAPI codecs share: bytes as text, and the way through a message. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "proto/net/prefix.h"
#include "proto/zapi/zapi.h"
#include "proto/zapi/zapi_dialect.h"

#define EACH_DIALECT(d)                                    \
	for (const struct zapi_dialect *d = zapi_dialects; \
	     d < zapi_dialects + zapi_dialect_count; d++)

struct bytes {
	uint8_t b[ZAPI_MESSAGE_MAX];
	size_t len;
};

/*
 * "0a 0b | 0c": anything but hexadecimal digits is for the eye, except that "=000000fe" is a
 * number of 32 bits in the order of this host, as zebra writes a few.
 */
static inline struct bytes hex(const char *s)
{
	struct bytes out = {.len = 0};
	char digits[3] = {0};
	unsigned have = 0;

	for (; *s; s++) {
		if (*s == '=') {
			uint32_t n = (uint32_t)strtoul(s + 1, NULL, 16);

			assert_int_equal(strspn(s + 1, "0123456789abcdef"), 8);
			memcpy(out.b + out.len, &n, sizeof(n));
			out.len += sizeof(n);
			s += 8;
			continue;
		}
		if (!strchr("0123456789abcdef", *s))
			continue;
		digits[have++] = *s;
		if (have == 2) {
			out.b[out.len++] = (uint8_t)strtoul(digits, NULL, 16);
			have = 0;
		}
	}
	assert_int_equal(have, 0);
	return out;
}

static inline struct prefix prefix_of(const char *s)
{
	struct prefix p;

	if (prefix_parse(&p, s))
		fail_msg("%s is no prefix", s);
	return p;
}

static inline struct ip_addr addr_of(const char *s)
{
	struct ip_addr a;

	if (ip_addr_parse(&a, s))
		fail_msg("%s is no address", s);
	return a;
}

/* What is between @buf and the cursor has to be one whole message of this kind. */
static inline struct zapi_message only_message(const struct zapi_dialect *d,
					       const uint8_t *buf, const struct wbuf *w,
					       enum zapi_kind kind)
{
	struct zapi_message m;

	if (w->err)
		fail_msg("%s: %s was not encoded", d->name, zapi_kind_name(kind));
	assert_int_equal(zapi_cut(&m, buf, (size_t)(w->pos - buf)), w->pos - buf);
	if (zapi_dialect_kind(d, m.command) != kind)
		fail_msg("%s: expected %s, saw command %u", d->name, zapi_kind_name(kind),
			 m.command);
	return m;
}

static inline void assert_bytes(const uint8_t *saw, size_t saw_len, const char *expected)
{
	struct bytes e = hex(expected);

	if (saw_len != e.len)
		fail_msg("expected %zu bytes, saw %zu", e.len, saw_len);
	for (size_t i = 0; i < e.len; i++)
		if (saw[i] != e.b[i])
			fail_msg("byte %zu: expected %02x, saw %02x", i, e.b[i], saw[i]);
}

#endif
