/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/net/wbuf.h"

#include <endian.h>
#include <string.h>

struct wbuf wbuf_writer(void *buf, size_t cap)
{
	struct wbuf w = {.pos = buf, .end = cap ? (uint8_t *)buf + cap : buf};

	return w;
}

struct wbuf wbuf_reader(const void *buf, size_t len)
{
	return wbuf_writer((void *)(uintptr_t)buf, len);
}

size_t wbuf_left(const struct wbuf *w)
{
	return w->err ? 0 : (size_t)(w->end - w->pos);
}

bool wbuf_done(const struct wbuf *w)
{
	return !w->err && w->pos == w->end;
}

/* The place of the next @len bytes; NULL after an error and for none. */
static uint8_t *take(struct wbuf *w, size_t len)
{
	uint8_t *at = w->pos;

	if (wbuf_left(w) < len)
		w->err = true;
	if (w->err || len == 0)
		return NULL;
	w->pos += len;
	return at;
}

void wbuf_get(struct wbuf *w, void *dst, size_t len)
{
	const uint8_t *at = take(w, len);

	if (at)
		memcpy(dst, at, len);
	else if (len)
		memset(dst, 0, len);
}

void wbuf_skip(struct wbuf *w, size_t len)
{
	take(w, len);
}

uint8_t wbuf_get_u8(struct wbuf *w)
{
	const uint8_t *at = take(w, 1);

	return at ? *at : 0;
}

uint16_t wbuf_get_be16(struct wbuf *w)
{
	uint16_t v;

	wbuf_get(w, &v, sizeof(v));
	return be16toh(v);
}

uint32_t wbuf_get_be32(struct wbuf *w)
{
	return be32toh(wbuf_get_host32(w));
}

bool wbuf_get_bool(struct wbuf *w)
{
	uint8_t v = wbuf_get_u8(w);

	if (v > 1)
		w->err = true;
	return v == 1;
}

uint64_t wbuf_get_be64(struct wbuf *w)
{
	uint64_t v;

	wbuf_get(w, &v, sizeof(v));
	return be64toh(v);
}

uint32_t wbuf_get_host32(struct wbuf *w)
{
	uint32_t v;

	wbuf_get(w, &v, sizeof(v));
	return v;
}

void wbuf_put(struct wbuf *w, const void *src, size_t len)
{
	uint8_t *at = take(w, len);

	if (at)
		memcpy(at, src, len);
}

void wbuf_put_zeros(struct wbuf *w, size_t len)
{
	uint8_t *at = take(w, len);

	if (at)
		memset(at, 0, len);
}

void wbuf_put_u8(struct wbuf *w, uint8_t v)
{
	wbuf_put(w, &v, sizeof(v));
}

void wbuf_put_be16(struct wbuf *w, uint16_t v)
{
	v = htobe16(v);
	wbuf_put(w, &v, sizeof(v));
}

void wbuf_put_be32(struct wbuf *w, uint32_t v)
{
	wbuf_put_host32(w, htobe32(v));
}

void wbuf_put_be64(struct wbuf *w, uint64_t v)
{
	v = htobe64(v);
	wbuf_put(w, &v, sizeof(v));
}

void wbuf_put_host32(struct wbuf *w, uint32_t v)
{
	wbuf_put(w, &v, sizeof(v));
}
