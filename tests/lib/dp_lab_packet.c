/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What tests of data planes say and ask: packets, counters, states. dp_lab.c has the
 * nodes and wires. */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "tests/lib/dp_lab.h"

/* ---- packets ---- */

size_t lab_packet(uint8_t *buf, const char *src, const char *dst, uint32_t tag,
		  size_t payload)
{
	struct ip_addr s, d;
	int err = ip_addr_parse(&s, src) || ip_addr_parse(&d, dst);
	size_t head = s.family == AF_INET ? 20 : 40, udp_len = 8 + payload;

	assert(!err && s.family == d.family && payload >= sizeof(tag));
	memset(buf, 0, head + udp_len);
	if (s.family == AF_INET) {
		buf[0] = 0x45;
		buf[2] = (uint8_t)((head + udp_len) >> 8);
		buf[3] = (uint8_t)(head + udp_len);
		buf[8] = 64;
		buf[9] = IPPROTO_UDP;
		memcpy(buf + 12, s.bytes, 4);
		memcpy(buf + 16, d.bytes, 4);
	} else {
		buf[0] = 0x60;
		buf[4] = (uint8_t)(udp_len >> 8);
		buf[5] = (uint8_t)udp_len;
		buf[6] = IPPROTO_UDP;
		buf[7] = 64;
		memcpy(buf + 8, s.bytes, 16);
		memcpy(buf + 24, d.bytes, 16);
	}
	buf[head + 1] = 7;
	buf[head + 3] = 9;
	buf[head + 4] = (uint8_t)(udp_len >> 8);
	buf[head + 5] = (uint8_t)udp_len;
	memcpy(buf + head + 8, &tag, sizeof(tag));
	return head + udp_len;
}

uint32_t lab_tag(const uint8_t *packet, size_t len)
{
	size_t head = packet[0] >> 4 == 4 ? 20 : 40;
	uint32_t tag;

	assert(len >= head + 8 + sizeof(tag));
	memcpy(&tag, packet + head + 8, sizeof(tag));
	return tag;
}

void lab_send_super(struct lab_node *n, const struct virtio_net_hdr *vh, const void *data,
		    size_t len)
{
	const size_t head = n->offload ? sizeof(*vh) : 0;
	const struct iovec iov[] = {
		{(void *)vh, head},
		{(void *)data, len},
	};
	ssize_t sent = writev(n->tun[0], iov, 2);

	assert(sent == (ssize_t)(head + len));
}

void lab_send_raw(struct lab_node *n, const void *data, size_t len)
{
	const struct virtio_net_hdr plain = {0};

	lab_send_super(n, &plain, data, len);
}

void lab_send(struct lab_node *n, const char *src, const char *dst, uint32_t tag)
{
	uint8_t buf[LAB_PACKET_MAX];

	lab_send_raw(n, buf, lab_packet(buf, src, dst, tag, 4 + tag % 1000));
}

size_t lab_take_super(struct lab_node *n, struct virtio_net_hdr *vh, uint8_t *buf)
{
	const size_t head = n->offload ? sizeof(*vh) : 0;
	const struct iovec iov[] = {{vh, head}, {buf, LAB_SUPER_MAX}};

	memset(vh, 0, sizeof(*vh));
	for (unsigned i = 0; i < LAB_WORKERS; i++) {
		ssize_t len = readv(n->tun[i], iov, 2);

		assert(len <= 0 || (size_t)len > head);
		if (len > 0)
			return (size_t)len - head;
	}
	return 0;
}

size_t lab_take(struct lab_node *n, uint8_t *buf)
{
	static const struct virtio_net_hdr plain;
	uint8_t super[LAB_SUPER_MAX];
	struct virtio_net_hdr vh;
	const size_t len = lab_take_super(n, &vh, super);

	assert(len <= LAB_PACKET_MAX && !memcmp(&vh, &plain, sizeof(vh)));
	memcpy(buf, super, len);
	return len;
}

struct expectation {
	struct lab_node *n;
	uint8_t buf[LAB_PACKET_MAX];
	size_t len;
};

static bool has_come(void *arg)
{
	struct expectation *e = arg;

	e->len = lab_take(e->n, e->buf);
	return e->len;
}

void lab_expect(struct lab_node *n, const char *src, const char *dst, uint32_t tag)
{
	struct expectation e = {.n = n};
	uint8_t want[LAB_PACKET_MAX];
	size_t len = lab_packet(want, src, dst, tag, 4 + tag % 1000);
	char what[128];

	snprintf(what, sizeof(what), "packet %u from %s to %s at %s", tag, src, dst,
		 n->name);
	lab_wait(n->lab, has_come, &e, what);
	if (e.len == len && !memcmp(e.buf, want, len))
		return;
	fprintf(stderr, "expected %s, %zu bytes; got tag %u, %zu bytes\n", what, len,
		lab_tag(e.buf, e.len), e.len);
	abort();
}

void lab_talk(struct lab_node *a, const char *a_addr, struct lab_node *b,
	      const char *b_addr)
{
	lab_send(a, a_addr, b_addr, 1);
	lab_expect(b, a_addr, b_addr, 1);
	lab_send(b, b_addr, a_addr, 2);
	lab_expect(a, b_addr, a_addr, 2);
}

/* ---- counters and states ---- */

struct counter {
	const char *name;
	uint64_t value;
	bool found;
};

static bool match_counter(const char *name, const char *what, bool drop, uint64_t value,
			  void *arg)
{
	struct counter *c = arg;

	(void)what;
	(void)drop;
	if (strcmp(name, c->name) != 0)
		return true;
	c->value = value;
	c->found = true;
	return false;
}

uint64_t lab_count(const struct lab_node *n, const char *counter)
{
	struct counter c = {.name = counter};

	dplane_walk_counters(n->dp, match_counter, &c);
	assert(c.found);
	return c.value;
}

struct awaited {
	struct lab_node *n;
	const char *counter;
	uint64_t value;
	unsigned peer, mask, status;
};

static bool has_counted(void *arg)
{
	const struct awaited *a = arg;

	return lab_count(a->n, a->counter) >= a->value;
}

void lab_wait_count(struct lab_node *n, const char *counter, uint64_t value)
{
	struct awaited a = {.n = n, .counter = counter, .value = value};
	char what[128];

	snprintf(what, sizeof(what), "%s of %s to reach %llu", counter, n->name,
		 (unsigned long long)value);
	lab_wait(n->lab, has_counted, &a, what);
}

unsigned lab_status(const struct lab_node *n, unsigned peer)
{
	return atomic_load_explicit(&n->peer[peer]->status, memory_order_relaxed);
}

static bool has_status(void *arg)
{
	const struct awaited *a = arg;

	return (lab_status(a->n, a->peer) & a->mask) == a->status;
}

void lab_wait_status(struct lab_node *n, unsigned peer, unsigned mask, unsigned status)
{
	struct awaited a = {.n = n, .peer = peer, .mask = mask, .status = status};
	char what[128];

	snprintf(what, sizeof(what), "status %#x of peer %u of %s", status, peer,
		 n->name);
	lab_wait(n->lab, has_status, &a, what);
}
