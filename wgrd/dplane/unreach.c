/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/unreach.h"

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <sys/uio.h>

#include "proto/net/icmp.h"
#include "wgrd/dplane/device.h"
#include "wgrd/dplane/worker.h"

#define COST_NS (UINT64_C(1000000000) / DP_UNREACH_RATE)

/*
 * A bucket of DP_UNREACH_BURST tokens, told as a time: each answer moves busy_until_ns by
 * the time its token takes to come back, and it may be so far ahead as a full bucket
 * lasts.
 */
static bool has_token(const struct dp_unreach *u, uint64_t now_ns)
{
	return u->busy_until_ns <= now_ns + (DP_UNREACH_BURST - 1) * COST_NS;
}

static void take_token(struct dp_unreach *u, uint64_t now_ns)
{
	if (u->busy_until_ns < now_ns)
		u->busy_until_ns = now_ns;
	u->busy_until_ns += COST_NS;
}

static bool write_packet(const struct dp_device *dev, unsigned queue, uint8_t *packet,
			 size_t len)
{
	struct virtio_net_hdr plain = {0};
	const struct iovec iov[2] = {
		{&plain, dev->offload.vnet ? sizeof(plain) : 0},
		{packet, len},
	};

	return writev(dev->queue[queue].source.fd, iov, 2) > 0;
}

void dp_unreach(struct dp_worker *w, const struct dp_device *dev, const uint8_t *packet,
		size_t len)
{
	uint8_t answer[ICMP6_ERROR_MAX];
	struct ip_packet ip;
	size_t answer_len;

	if (ip_parse(&ip, packet, len) != IP_OK)
		return;
	if (!has_token(&w->unreach, w->now_ns)) {
		dp_count(&w->counters, DP_ICMP_LIMITED, 1);
		return;
	}
	answer_len = icmp_unreachable(answer, &ip, packet);
	if (!answer_len)
		return;
	take_token(&w->unreach, w->now_ns);
	if (!write_packet(dev, w->index, answer, answer_len))
		dp_drop(&w->counters, DROP_RX_TUN, 1);
	else
		dp_count(&w->counters, DP_ICMP_SENT, 1);
}
