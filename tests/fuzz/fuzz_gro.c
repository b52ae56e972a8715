/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets, each after two bytes that say how long it is, as they come out of a tunnel:
 * whatever they are, cutting what they were joined to gives them back, but for the
 * identification of IPv4 packets that may not be fragmented. gso.c has a twin and a
 * target of its own.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/dplane/io/gro.h"
#include "wgrd/dplane/io/gso.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct packet {
	const uint8_t *data; /* as it was */
	uint8_t *copy;       /* what is joined */
	uint32_t len;
};

static struct packet packet[DP_BATCH];
static struct dp_gro gro;

static void *xalloc(size_t len)
{
	void *p = malloc(len);

	if (!p)
		abort();
	return p;
}

static unsigned read_packets(const uint8_t *data, size_t size)
{
	unsigned n = 0;

	while (n < DP_BATCH && size > 2) {
		size_t len = (size_t)data[0] << 8 | data[1];
		struct ip_packet ip;

		data += 2;
		size -= 2;
		len = len < size ? len : size;
		if (len && ip_parse(&ip, data, len) == IP_OK) {
			struct packet *p = &packet[n++];

			*p = (struct packet){.data = data, .len = ip.len};
			p->copy = xalloc(sizeof(struct virtio_net_hdr) + ip.len);
			p->copy += sizeof(struct virtio_net_hdr);
			memcpy(p->copy, data, ip.len);
			assert(ip_parse(&ip, p->copy, p->len) == IP_OK);
			dp_gro_add(&gro, &ip, p->copy);
		}
		data += len;
		size -= len;
	}
	return n;
}

static bool is_like(const uint8_t *piece, const struct packet *p)
{
	const bool id_is_free = p->data[0] >> 4 == 4 && p->data[6] & 0x40;

	if (!id_is_free)
		return !memcmp(piece, p->data, p->len);
	return !memcmp(piece, p->data, 4) && !memcmp(piece + 6, p->data + 6, 4) &&
	       !memcmp(piece + 12, p->data + 12, p->len - 12);
}

static void check_item(unsigned i)
{
	struct iovec iov[DP_BATCH];
	unsigned number = gro.item[i].first;
	const unsigned n = dp_gro_take(&gro, i, iov);
	uint8_t *whole = xalloc(65536 + 64), piece[65536];
	struct virtio_net_hdr vh;
	struct ip_packet ip;
	struct dp_cut cut;
	size_t len = 0;

	for (unsigned k = 0; k < n; k++) {
		memcpy(whole + len, iov[k].iov_base, iov[k].iov_len);
		len += iov[k].iov_len;
	}
	memcpy(&vh, whole, sizeof(vh));
	len -= sizeof(vh);
	assert(ip_parse(&ip, whole + sizeof(vh), len) == IP_OK && ip.len == len);
	assert(dp_cut_begin(&cut, &vh, whole + sizeof(vh), &ip));
	assert(dp_cut_count(&cut) == n);
	for (unsigned k = 0; k < n; k++, number = gro.next[number]) {
		assert(dp_cut_next(&cut, piece) == packet[number].len);
		assert(n == 1 ? !memcmp(piece, packet[number].data, packet[number].len)
			      : is_like(piece, &packet[number]));
	}
	free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned n, sum = 0;

	dp_gro_begin(&gro, size == 0 || data[size - 1] & 1);
	n = read_packets(data, size);
	for (unsigned i = 0; i < gro.items; i++) {
		sum += gro.item[i].count;
		check_item(i);
	}
	assert(sum == n);
	while (n--)
		free(packet[n].copy - sizeof(struct virtio_net_hdr));
	return 0;
}
