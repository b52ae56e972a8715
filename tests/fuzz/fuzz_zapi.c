/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every ZAPI decoder in every dialect. The first byte of the input chooses the dialect. With
 * its highest bit set the rest is a stream of messages, as zebra would send it; otherwise the
 * second byte chooses the kind of message and the rest is the body. What a decoder accepts is
 * written again, and that is read as the same.
 *
 * Entry point of libFuzzer. tests/proto/zapi/test_zapi_mutations.c calls it as well, so that
 * each golden message is damaged in every check. The corpus is one stream for each dialect;
 * tests/proto/zapi/test_zapi_golden.c says how it is made.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "tests/lib/zapi_rewrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t first[2 * ZAPI_MESSAGE_MAX], second[2 * ZAPI_MESSAGE_MAX];

/* A kind that the dialect does not have is read all the same, but cannot be written. */
static void try_body(struct wbuf *body, const struct zapi_dialect *d, enum zapi_kind kind,
		     uint32_t vrf)
{
	struct wbuf w = wbuf_writer(first, sizeof(first));
	struct wbuf v = wbuf_writer(second, sizeof(second));
	struct zapi_message m;
	size_t len;

	if (zapi_rewrite(body, d, kind, vrf, &w) || w.err)
		return;
	len = (size_t)(w.pos - first);
	assert(zapi_cut(&m, first, len) == (int)len);
	assert(zapi_dialect_kind(d, m.command) == kind);
	assert(!zapi_rewrite(&m.body, d, kind, m.vrf, &v));
	assert(!v.err && (size_t)(v.pos - second) == len && !memcmp(first, second, len));
}

static void try_stream(const uint8_t *data, size_t size, const struct zapi_dialect *d)
{
	struct zapi_message m;
	int n;

	while ((n = zapi_cut(&m, data, size)) > 0) {
		assert((size_t)n <= size && n <= ZAPI_MESSAGE_MAX);
		assert(wbuf_left(&m.body) == (size_t)n - ZAPI_HEADER_LEN);
		try_body(&m.body, d, zapi_dialect_kind(d, m.command), m.vrf);
		data += n;
		size -= (size_t)n;
	}
	assert(n == 0 || n == -EBADMSG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct zapi_dialect *d;
	struct wbuf body;

	if (size < 2)
		return 0;
	d = &zapi_dialects[(data[0] & 0x7f) % zapi_dialect_count];
	body = wbuf_reader(data + 2, size - 2);
	if (data[0] & 0x80)
		try_stream(data + 1, size - 1, d);
	else
		try_body(&body, d, (enum zapi_kind)(data[1] % ZAPI_KIND_COUNT), 0);
	return 0;
}
