/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet with its struct virtio_net_hdr as an interface gives it: what is taken is cut
 * into as many pieces as was said, none longer than was said, which carry the payload,
 * all of it and in order.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/dplane/io/gso.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Memory of just the length that was asked for, so that a sanitizer sees any excess. */
static size_t take_piece(struct dp_cut *c, const uint8_t *payload)
{
	const size_t room = dp_cut_max_len(c);
	uint8_t *piece = malloc(room);
	struct ip_packet ip;
	size_t len, n;

	if (!piece)
		abort();
	len = dp_cut_next(c, piece);
	assert(len <= room && len > c->header_len);
	n = len - c->header_len;
	/* A packet as it is may have its checksum anywhere. */
	if (c->proto) {
		assert(ip_parse(&ip, piece, len) == IP_OK && ip.len == len);
		assert(!memcmp(piece + c->header_len, payload, n));
	}
	free(piece);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct virtio_net_hdr vh;
	struct ip_packet ip;
	struct dp_cut c;
	size_t at;

	if (size < sizeof(vh) || size > sizeof(vh) + 65535)
		return 0;
	memcpy(&vh, data, sizeof(vh));
	data += sizeof(vh);
	if (ip_parse(&ip, data, size - sizeof(vh)) != IP_OK ||
	    !dp_cut_begin(&c, &vh, data, &ip))
		return 0;
	at = c.header_len;
	for (unsigned left = dp_cut_count(&c); left; left--) {
		assert(!dp_cut_done(&c) && dp_cut_count(&c) == left);
		at += take_piece(&c, data + at);
	}
	assert(dp_cut_done(&c) && at == ip.len);
	return 0;
}
