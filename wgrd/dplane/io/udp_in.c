/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Datagrams that come in. */

#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "wgrd/dplane/io/udp.h"

#ifndef UDP_GRO /* not in every libc's headers */
#define UDP_GRO 104
#endif

enum {
	SLOTS = 64,
	DATAGRAM_MAX = 65535,
	/* Not a power of two, or all datagrams would compete for the same cache sets. */
	STRIDE = 65536 + 17 * 64,
	/* More than this in one go leaves the cache before it has been decrypted. */
	BYTES_WANTED = 256 * 1024,
	CONTROL_LEN =
		CMSG_SPACE(sizeof(struct in6_pktinfo)) + 2 * CMSG_SPACE(sizeof(int)),
};
static_assert(STRIDE % 64 == 0, "slots are aligned");

struct control {
	_Alignas(struct cmsghdr) uint8_t bytes[CONTROL_LEN];
};

struct dp_udp_rx {
	unsigned ask; /* for so many messages at a time */
	struct mmsghdr msg[SLOTS];
	struct iovec iov[SLOTS];
	struct sockaddr_in6 from[SLOTS];
	struct control control[SLOTS];
	struct dp_udp_train train[SLOTS];
	uint8_t *arena; /* SLOTS times STRIDE bytes */
};

struct dp_udp_rx *dp_udp_rx_new(void)
{
	struct dp_udp_rx *rx = calloc(1, sizeof(*rx));
	void *p = mmap(NULL, (size_t)SLOTS * STRIDE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (!rx || p == MAP_FAILED) {
		if (p != MAP_FAILED)
			munmap(p, (size_t)SLOTS * STRIDE);
		free(rx);
		return NULL;
	}
	rx->ask = SLOTS;
	rx->arena = p;
	for (unsigned i = 0; i < SLOTS; i++) {
		rx->iov[i] = (struct iovec){
			.iov_base = rx->arena + (size_t)i * STRIDE,
			.iov_len = DATAGRAM_MAX,
		};
		rx->msg[i].msg_hdr = (struct msghdr){
			.msg_name = &rx->from[i],
			.msg_iov = &rx->iov[i],
			.msg_iovlen = 1,
			.msg_control = rx->control[i].bytes,
		};
	}
	return rx;
}

void dp_udp_rx_free(struct dp_udp_rx *rx)
{
	if (!rx)
		return;
	munmap(rx->arena, (size_t)SLOTS * STRIDE);
	free(rx);
}

static void read_cmsg(const struct cmsghdr *c, struct dp_udp_train *t)
{
	const void *data = CMSG_DATA(c);
	int v;

	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo pi;

		memcpy(&pi, data, sizeof(pi));
		memcpy(t->from.source, &pi.ipi_spec_dst, sizeof(pi.ipi_spec_dst));
	} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo pi;

		memcpy(&pi, data, sizeof(pi));
		memcpy(t->from.source, &pi.ipi6_addr, sizeof(pi.ipi6_addr));
	} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
		memcpy(&t->tos, data, sizeof(t->tos)); /* one byte, unlike what is sent */
	} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
		memcpy(&v, data, sizeof(v));
		t->tos = (uint8_t)v;
	} else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
		memcpy(&v, data, sizeof(v));
		if (v > 0)
			t->each = (uint32_t)v;
	}
}

static void read_message(struct dp_udp_rx *rx, unsigned i)
{
	struct dp_udp_train *t = &rx->train[i];
	struct msghdr *mh = &rx->msg[i].msg_hdr;

	*t = (struct dp_udp_train){
		.from = dp_endpoint_from_sockaddr(&rx->from[i]),
		.data = rx->iov[i].iov_base,
		.len = rx->msg[i].msg_len,
		.each = rx->msg[i].msg_len,
	};
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c))
		read_cmsg(c, t);
}

unsigned dp_udp_receive(struct dp_udp_rx *rx, int fd)
{
	size_t bytes = 0;
	int n;

	for (unsigned i = 0; i < rx->ask; i++) {
		rx->msg[i].msg_hdr.msg_namelen = sizeof(rx->from[i]);
		rx->msg[i].msg_hdr.msg_controllen = sizeof(rx->control[i]);
	}
	n = recvmmsg(fd, rx->msg, rx->ask, MSG_DONTWAIT, NULL);
	if (n <= 0)
		return 0;
	for (unsigned i = 0; i < (unsigned)n; i++) {
		read_message(rx, i);
		bytes += rx->train[i].len;
	}
	if (bytes > BYTES_WANTED && rx->ask > 1)
		rx->ask /= 2;
	else if ((unsigned)n == rx->ask && bytes < BYTES_WANTED / 2 && rx->ask < SLOTS)
		rx->ask *= 2;
	return (unsigned)n;
}

const struct dp_udp_train *dp_udp_rx_train(const struct dp_udp_rx *rx, unsigned i)
{
	return &rx->train[i];
}
