/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Datagrams that go out. A message is a train: datagrams of one length, the last of which
 * may be shorter, to one place. The kernel may refuse a train and yet take its datagrams:
 *
 *	EIO             the device the route leads to cannot do checksums
 *	EMSGSIZE,
 *	EINVAL          a datagram is longer than the path takes, and trains are not
 *	                fragmented
 *
 * Then they are sent one by one, and for a while what goes to the same place is.
 */

#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "wgrd/dplane/io/udp.h"
#include "wgrd/lib/dp_assert.h"
#include "wgrd/lib/loop.h"

#ifndef UDP_SEGMENT /* not in every libc's headers */
#define UDP_SEGMENT 103
#endif

enum {
	CONTROL_LEN = CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int)) +
		      CMSG_SPACE(sizeof(uint16_t)),
	TRAIN_MAX = 64,          /* datagrams, for kernels before 6.9 */
	TRAIN_BYTES_MAX = 65507, /* what IPv4 and UDP headers leave of 65535 */
	SINGLES = 16,            /* places remembered */
};
#define SINGLE_FOR_NS (10 * NS_PER_S)

struct control {
	_Alignas(struct cmsghdr) uint8_t bytes[CONTROL_LEN];
};

/* Datagrams first..first+count-1. */
struct train {
	struct dp_endpoint_cell *cell;
	struct dp_endpoint ep;
	uint8_t tos;
	bool closed; /* no more may follow */
	unsigned first, count;
	size_t each, bytes;
};

/* A place that takes no trains. */
struct single {
	const struct dp_endpoint_cell *cell; /* not looked into: it may be gone */
	uint64_t until_ns;
};

struct dp_udp_tx {
	unsigned datagrams, messages;
	struct iovec iov[DP_BATCH]; /* a datagram each */
	struct train train[DP_BATCH];
	struct mmsghdr msg[DP_BATCH];
	struct sockaddr_in6 to[DP_BATCH];
	struct control control[DP_BATCH];
	unsigned next_single;
	struct single single[SINGLES];
};

/* ---- messages ---- */

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

/* @each: length of the datagrams of a train, 0 for one alone. */
static void fill_header(struct msghdr *mh, struct sockaddr_in6 *to,
			struct control *control, struct iovec *iov, size_t iov_count,
			const struct dp_endpoint *ep, uint8_t tos, uint16_t each)
{
	size_t used = 0;

	*mh = (struct msghdr){
		.msg_name = to,
		.msg_namelen = dp_endpoint_to_sockaddr(ep, to),
		.msg_iov = iov,
		.msg_iovlen = iov_count,
		.msg_control = control->bytes,
	};
	if (tos)
		put_tos(mh, &used, ep->family, tos);
	if (has_source(ep))
		put_source(mh, &used, ep);
	if (each)
		memcpy(put_cmsg(mh, &used, IPPROTO_UDP, UDP_SEGMENT, sizeof(each)), &each,
		       sizeof(each));
	mh->msg_controllen = used;
	if (!used)
		mh->msg_control = NULL;
}

/* How the kernel says that a source address is not ours (any more). */
static bool blames_source(int err)
{
	return err == EINVAL || err == EADDRNOTAVAIL || err == ENODEV ||
	       err == ENETUNREACH;
}

static bool blames_train(int err)
{
	return err == EIO || err == EMSGSIZE || err == EINVAL;
}

int dp_udp_send(int fd, struct dp_endpoint_cell *cell, const struct dp_endpoint *ep,
		uint8_t tos, void *data, size_t len)
{
	struct iovec iov = {.iov_base = data, .iov_len = len};
	struct dp_endpoint at = *ep;
	struct control control;
	struct sockaddr_in6 to;
	struct msghdr mh;

	for (;;) {
		fill_header(&mh, &to, &control, &iov, 1, &at, tos, 0);
		if (sendmsg(fd, &mh, MSG_DONTWAIT) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (!cell || !has_source(&at) || !blames_source(errno))
			return -errno;
		/* Our address has left this host: without, here and from now on. */
		memset(at.source, 0, sizeof(at.source));
		dp_endpoint_forget_source(cell, ep);
	}
}

/* ---- collecting ---- */

unsigned dp_udp_train_max(size_t len)
{
	return TRAIN_BYTES_MAX / len < TRAIN_MAX ? (unsigned)(TRAIN_BYTES_MAX / len)
						 : TRAIN_MAX;
}

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
	return tx->datagrams;
}

void dp_udp_tx_discard(struct dp_udp_tx *tx)
{
	tx->datagrams = 0;
	tx->messages = 0;
}

static bool takes_trains(const struct dp_udp_tx *tx, const struct dp_endpoint_cell *cell,
			 uint64_t now_ns)
{
	for (unsigned i = 0; i < SINGLES; i++) {
		if (tx->single[i].cell == cell && now_ns < tx->single[i].until_ns)
			return false;
	}
	return true;
}

static bool may_follow(const struct train *t, const struct dp_endpoint_cell *cell,
		       const struct dp_endpoint *ep, uint8_t tos, size_t len)
{
	return !t->closed && t->cell == cell && t->tos == tos && len <= t->each &&
	       t->count < TRAIN_MAX && t->bytes + len <= TRAIN_BYTES_MAX &&
	       dp_endpoint_equal(&t->ep, ep);
}

void dp_udp_tx_add(struct dp_udp_tx *tx, struct dp_endpoint_cell *cell,
		   const struct dp_endpoint *ep, uint8_t tos, void *data, size_t len,
		   bool trains, uint64_t now_ns)
{
	const unsigned i = tx->datagrams++;
	struct train *t = tx->messages ? &tx->train[tx->messages - 1] : NULL;

	dp_assert(i < DP_BATCH);
	tx->iov[i] = (struct iovec){.iov_base = data, .iov_len = len};
	if (t && may_follow(t, cell, ep, tos, len)) {
		t->count++;
		t->bytes += len;
		t->closed = len < t->each;
		return;
	}
	tx->train[tx->messages++] = (struct train){
		.cell = cell,
		.ep = *ep,
		.tos = tos,
		.closed = !trains || !takes_trains(tx, cell, now_ns),
		.first = i,
		.count = 1,
		.each = len,
		.bytes = len,
	};
}

/* ---- sending ---- */

static void remember_single(struct dp_udp_tx *tx, const struct dp_endpoint_cell *cell,
			    uint64_t now_ns)
{
	struct single *s = &tx->single[tx->next_single++ % SINGLES];

	*s = (struct single){.cell = cell, .until_ns = now_ns + SINGLE_FOR_NS};
}

static bool is_full(int err)
{
	return err == EAGAIN || err == ENOBUFS;
}

/* Returns false if the socket takes no more. */
static bool send_singly(struct dp_udp_tx *tx, const struct train *t, int fd,
			struct dp_udp_result *r)
{
	for (unsigned i = t->first; i < t->first + t->count; i++) {
		int err = dp_udp_send(fd, t->cell, &t->ep, t->tos, tx->iov[i].iov_base,
				      tx->iov[i].iov_len);

		if (is_full(-err)) {
			r->full += t->first + t->count - i;
			return false;
		}
		*(err ? &r->refused : &r->sent) += 1;
	}
	return true;
}

/* If the kernel's EINVAL was about the source address, that has been forgotten by now, and
 * trains are not to blame. */
static bool is_where_it_was(const struct train *t)
{
	const struct dp_endpoint ep = dp_endpoint_load(t->cell);

	return dp_endpoint_equal(&ep, &t->ep);
}

static void count_sent(const struct train *t, unsigned n, struct dp_udp_result *r)
{
	for (unsigned i = 0; i < n; i++) {
		r->sent += t[i].count;
		r->trains += t[i].count > 1;
	}
}

static void count_full(const struct dp_udp_tx *tx, unsigned from, struct dp_udp_result *r)
{
	for (unsigned i = from; i < tx->messages; i++)
		r->full += tx->train[i].count;
}

struct dp_udp_result dp_udp_tx_flush(struct dp_udp_tx *tx, int fd, uint64_t now_ns)
{
	struct dp_udp_result r = {0};
	unsigned i = 0;
	bool done;
	int err;

	for (unsigned m = 0; m < tx->messages; m++) {
		const struct train *t = &tx->train[m];

		fill_header(&tx->msg[m].msg_hdr, &tx->to[m], &tx->control[m],
			    &tx->iov[t->first], t->count, &t->ep, t->tos,
			    t->count > 1 ? (uint16_t)t->each : 0);
	}
	while (i < tx->messages) {
		const struct train *t = &tx->train[i];
		int n = sendmmsg(fd, tx->msg + i, tx->messages - i, MSG_DONTWAIT);

		if (n > 0) {
			count_sent(t, (unsigned)n, &r);
			i += (unsigned)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (is_full(errno)) {
			count_full(tx, i, &r);
			break;
		}
		err = errno;
		i++;
		/* One by one, so that each gets the error that is its own. */
		done = send_singly(tx, t, fd, &r);
		if (t->count > 1 && blames_train(err) && is_where_it_was(t))
			remember_single(tx, t->cell, now_ns);
		if (!done) {
			count_full(tx, i, &r);
			break;
		}
	}
	dp_udp_tx_discard(tx);
	return r;
}
