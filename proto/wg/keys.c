/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Base64 without tables and without branches on digits: each range of the alphabet is two
 * subtractions, whose borrows become a mask that picks an offset.
 */
#include "proto/wg/keys.h"

#include <errno.h>
#include <string.h>

#include "proto/crypto/ct.h"
#include "proto/crypto/wipe.h"
#include "proto/crypto/x25519.h"

enum {
	B64_LEN = WG_KEY_STRLEN - 1,
};

/* All ones if low <= c <= high, for values below 2^31; else zero. */
static unsigned in_range(unsigned c, unsigned low, unsigned high)
{
	return 0U - (unsigned)ct_opaque(((low - 1 - c) & (c - high - 1)) >> 31);
}

static char to_digit(unsigned v)
{
	unsigned c = 'A' + v;

	c += in_range(v, 26, 51) & ('a' - 26U - 'A');
	c += in_range(v, 52, 61) & ('0' - 52U - 'A');
	c += in_range(v, 62, 62) & ('+' - 62U - 'A');
	c += in_range(v, 63, 63) & ('/' - 63U - 'A');
	return (char)c;
}

/* 0..63, or 64 for what is no digit. */
static unsigned from_digit(char digit)
{
	unsigned c = (unsigned char)digit, v = 64;

	v += in_range(c, 'A', 'Z') & (c - 'A' - 64U);
	v += in_range(c, 'a', 'z') & (c - 'a' + 26U - 64U);
	v += in_range(c, '0', '9') & (c - '0' + 52U - 64U);
	v += in_range(c, '+', '+') & (62U - 64U);
	v += in_range(c, '/', '/') & (63U - 64U);
	return v;
}

int wg_key_parse(uint8_t key[WG_KEY_LEN], const char *s)
{
	unsigned bits = 0, bad = 0;
	uint8_t *out = key;

	if (strnlen(s, B64_LEN + 1) != B64_LEN || s[B64_LEN - 1] != '=')
		goto refuse;
	/* 43 digits are 258 bits: the key, and two that must be zero. */
	for (unsigned i = 0; i < B64_LEN - 1; i++) {
		unsigned v = from_digit(s[i]);

		bad |= v & 64;
		bits = bits << 6 | (v & 63);
		/* Each digit but the first of four completes a byte. */
		if (i % 4 != 0)
			*out++ = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	bad |= bits & 3;
	if (!ct_is_zero(&bad, sizeof(bad)))
		goto refuse;
	return 0;
refuse:
	wipe(key, WG_KEY_LEN);
	return -EINVAL;
}

const char *wg_key_str(const uint8_t key[WG_KEY_LEN], char buf[static WG_KEY_STRLEN])
{
	char *out = buf;

	for (size_t i = 0; i < WG_KEY_LEN; i += 3) {
		unsigned third = i + 2 < WG_KEY_LEN ? key[i + 2] : 0;
		unsigned bits =
			(unsigned)key[i] << 16 | (unsigned)key[i + 1] << 8 | third;

		for (int shift = 18; shift >= 0; shift -= 6)
			*out++ = to_digit(bits >> shift & 63);
	}
	/* The last digit stood for a byte that the key does not have. */
	out[-1] = '=';
	*out = '\0';
	return buf;
}

void wg_key_generate(uint8_t private_key[WG_KEY_LEN], struct wg_rng *rng)
{
	rng->fill(rng, private_key, WG_KEY_LEN);
	wg_key_clamp(private_key);
}

void wg_key_clamp(uint8_t private_key[WG_KEY_LEN])
{
	x25519_clamp(private_key);
}

void wg_key_public(uint8_t public_key[WG_KEY_LEN], const uint8_t private_key[WG_KEY_LEN])
{
	x25519_public(public_key, private_key);
}
