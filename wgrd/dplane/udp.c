/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/udp.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum {
	DATAGRAM_MAX = 65535,
	/* Not a power of two, or all datagrams would compete for the same cache sets. */
	STRIDE = 65536 + 17 * 64,
	CONTROL_LEN = CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int)),
};
static_assert(STRIDE % 64 == 0, "slots are aligned");

struct control {
	_Alignas(struct cmsghdr) uint8_t bytes[CONTROL_LEN];
};

struct dp_udp_rx {
	struct mmsghdr msg[DP_BATCH];
	struct iovec iov[DP_BATCH];
	struct sockaddr_in6 from[DP_BATCH];
	struct control control[DP_BATCH];
	uint8_t *arena; /* DP_BATCH slots of STRIDE bytes */
};

struct dp_udp_tx {
	struct mmsghdr msg[DP_BATCH];
	struct iovec iov[DP_BATCH];
	struct sockaddr_in6 to[DP_BATCH];
	struct control control[DP_BATCH];
	struct dp_endpoint_cell *cell[DP_BATCH];
	unsigned count;
};

/* ---- control messages ---- */

static void *put_cmsg(struct msghdr *mh, size_t *used, int level, int type, size_t len)
{
	struct cmsghdr *c = (struct cmsghdr *)((uint8_t *)mh->msg_control + *used);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	*used += CMSG_SPACE(len);
	return CMSG_DATA(c);
}

static bool has_source(const struct dp_endpoint *ep)
{
	static const uint8_t none[16];

	return memcmp(ep->source, none, sizeof(none)) != 0;
}

/* The interface is left to the routing table, except that a link-local address needs it:
 * a peer that moved behind another of our interfaces is still answered from the address
 * that it wrote to. */
static void put_source(struct msghdr *mh, size_t *used, const struct dp_endpoint *ep)
{
	if (ep->family == AF_INET) {
		struct in_pktinfo pi = {0};

		memcpy(&pi.ipi_spec_dst, ep->source, sizeof(pi.ipi_spec_dst));
		memcpy(put_cmsg(mh, used, IPPROTO_IP, IP_PKTINFO, sizeof(pi)), &pi,
		       sizeof(pi));
	} else {
		struct in6_pktinfo pi = {.ipi6_ifindex = ep->scope};

		memcpy(&pi.ipi6_addr, ep->source, sizeof(pi.ipi6_addr));
		memcpy(put_cmsg(mh, used, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(pi)), &pi,
		       sizeof(pi));
	}
}

static void put_tos(struct msghdr *mh, size_t *used, sa_family_t family, int tos)
{
	void *p = family == AF_INET
			  ? put_cmsg(mh, used, IPPROTO_IP, IP_TOS, sizeof(tos))
			  : put_cmsg(mh, used, IPPROTO_IPV6, IPV6_TCLASS, sizeof(tos));

	memcpy(p, &tos, sizeof(tos));
}

static void fill_header(struct msghdr *mh, struct sockaddr_in6 *to,
			struct control *control, struct iovec *iov,
			const struct dp_endpoint *ep, uint8_t tos)
{
	size_t used = 0;

	*mh = (struct msghdr){
		.msg_name = to,
		.msg_namelen = dp_endpoint_to_sockaddr(ep, to),
		.msg_iov = iov,
		.msg_iovlen = 1,
		.msg_control = control->bytes,
	};
	if (tos)
		put_tos(mh, &used, ep->family, tos);
	if (has_source(ep))
		put_source(mh, &used, ep);
	mh->msg_controllen = used;
	if (!used)
		mh->msg_control = NULL;
}

/* ---- in ---- */

struct dp_udp_rx *dp_udp_rx_new(void)
{
	struct dp_udp_rx *rx = calloc(1, sizeof(*rx));
	void *p = mmap(NULL, (size_t)DP_BATCH * STRIDE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (!rx || p == MAP_FAILED) {
		if (p != MAP_FAILED)
			munmap(p, (size_t)DP_BATCH * STRIDE);
		free(rx);
		return NULL;
	}
	rx->arena = p;
	for (unsigned i = 0; i < DP_BATCH; i++) {
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
	munmap(rx->arena, (size_t)DP_BATCH * STRIDE);
	free(rx);
}

uint8_t *dp_udp_rx_data(struct dp_udp_rx *rx, unsigned i, size_t *len)
{
	*len = rx->msg[i].msg_len;
	return rx->iov[i].iov_base;
}

unsigned dp_udp_receive(struct dp_udp_rx *rx, int fd)
{
	int n;

	for (unsigned i = 0; i < DP_BATCH; i++) {
		rx->msg[i].msg_hdr.msg_namelen = sizeof(rx->from[i]);
		rx->msg[i].msg_hdr.msg_controllen = sizeof(rx->control[i]);
	}
	n = recvmmsg(fd, rx->msg, DP_BATCH, MSG_DONTWAIT, NULL);
	return n < 0 ? 0 : (unsigned)n;
}

static void read_cmsg(const struct cmsghdr *c, struct dp_endpoint *ep, uint8_t *tos)
{
	const void *data = CMSG_DATA(c);
	int v;

	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo pi;

		memcpy(&pi, data, sizeof(pi));
		memcpy(ep->source, &pi.ipi_spec_dst, sizeof(pi.ipi_spec_dst));
	} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo pi;

		memcpy(&pi, data, sizeof(pi));
		memcpy(ep->source, &pi.ipi6_addr, sizeof(pi.ipi6_addr));
	} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
		memcpy(tos, data, sizeof(*tos)); /* one byte, unlike what is sent */
	} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
		memcpy(&v, data, sizeof(v));
		*tos = (uint8_t)v;
	}
}

struct dp_endpoint dp_udp_rx_endpoint(const struct dp_udp_rx *rx, unsigned i,
				      uint8_t *tos)
{
	struct dp_endpoint ep = dp_endpoint_from_sockaddr(&rx->from[i]);
	struct msghdr *mh = (struct msghdr *)&rx->msg[i].msg_hdr;

	*tos = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c))
		read_cmsg(c, &ep, tos);
	return ep;
}

/* ---- out ---- */

struct dp_udp_tx *dp_udp_tx_new(void)
{
	return calloc(1, sizeof(struct dp_udp_tx));
}

void dp_udp_tx_free(struct dp_udp_tx *tx)
{
	free(tx);
}

unsigned dp_udp_tx_count(const struct dp_udp_tx *tx)
{
	return tx->count;
}

void dp_udp_tx_discard(struct dp_udp_tx *tx)
{
	tx->count = 0;
}

void dp_udp_tx_add(struct dp_udp_tx *tx, struct dp_endpoint_cell *cell,
		   const struct dp_endpoint *ep, uint8_t tos, void *data, size_t len)
{
	unsigned i = tx->count++;

	tx->iov[i] = (struct iovec){.iov_base = data, .iov_len = len};
	tx->cell[i] = cell;
	fill_header(&tx->msg[i].msg_hdr, &tx->to[i], &tx->control[i], &tx->iov[i], ep,
		    tos);
}

/* After EINVAL and the like: the source may be an address that has left this host. Drops
 * it, here and in the cell if it is still there. False if there was none. */
static bool forget_source(struct msghdr *mh, struct dp_endpoint_cell *cell)
{
	struct dp_endpoint ep = dp_endpoint_load(cell);
	bool had = false;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c))
		had |= c->cmsg_type ==
		       (c->cmsg_level == IPPROTO_IP ? IP_PKTINFO : IPV6_PKTINFO);
	if (!had)
		return false;
	mh->msg_control = NULL;
	mh->msg_controllen = 0;
	memset(ep.source, 0, sizeof(ep.source));
	dp_endpoint_try_store(cell, &ep);
	return true;
}

/* How the kernel says that a source address is not ours (any more). */
static bool blames_source(int err)
{
	return err == EINVAL || err == EADDRNOTAVAIL || err == ENODEV ||
	       err == ENETUNREACH;
}

struct dp_udp_result dp_udp_tx_flush(struct dp_udp_tx *tx, int fd)
{
	struct dp_udp_result r = {0};
	unsigned i = 0;

	while (i < tx->count) {
		int n = sendmmsg(fd, tx->msg + i, tx->count - i, MSG_DONTWAIT);

		if (n > 0) {
			i += (unsigned)n;
			r.sent += (unsigned)n;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			r.full += tx->count - i;
			break;
		} else if (errno == EINTR) {
			continue;
		} else if (!blames_source(errno) ||
			   !forget_source(&tx->msg[i].msg_hdr, tx->cell[i])) {
			r.refused++;
			i++;
		}
	}
	tx->count = 0;
	return r;
}

int dp_udp_send(int fd, struct dp_endpoint_cell *cell, const struct dp_endpoint *ep,
		uint8_t tos, void *data, size_t len)
{
	struct iovec iov = {.iov_base = data, .iov_len = len};
	struct control control;
	struct sockaddr_in6 to;
	struct msghdr mh;

	fill_header(&mh, &to, &control, &iov, ep, tos);
	do {
		if (sendmsg(fd, &mh, MSG_DONTWAIT) >= 0)
			return 0;
	} while (errno == EINTR ||
		 (cell && blames_source(errno) && forget_source(&mh, cell)));
	return -errno;
}
