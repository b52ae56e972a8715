/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet that an interface gives us, and the error it is answered with. Whatever it is,
 * the answer is a packet with right sums that is not too long and is not answered itself.
 */
#include <assert.h>
#include <string.h>

#include "proto/net/csum.h"
#include "proto/net/icmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sums(const struct ip_packet *p, const uint8_t *b)
{
	size_t len = p->len - p->header_len;
	uint64_t sum = 0;

	if (p->family == AF_INET)
		assert(csum_finish(csum_add(0, b, p->header_len)) == 0);
	else
		sum = csum_add_pseudo(0, p->src, p->dst, 16, 58, (uint32_t)len);
	assert(csum_finish(csum_add(sum, b + p->header_len, len)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t out[ICMP6_ERROR_MAX], again[ICMP6_ERROR_MAX];
	struct ip_packet p, answer;
	size_t len, max, addr_len;

	if (ip_parse(&p, data, size) != IP_OK)
		return 0;
	len = icmp_unreachable(out, &p, data);
	if (!len)
		return 0;
	max = p.family == AF_INET ? ICMP4_ERROR_MAX : ICMP6_ERROR_MAX;
	addr_len = p.family == AF_INET ? 4 : 16;
	assert(len <= max);
	assert(ip_parse(&answer, out, len) == IP_OK);
	assert(answer.len == len && answer.family == p.family);
	assert(memcmp(answer.src, p.dst, addr_len) == 0);
	assert(memcmp(answer.dst, p.src, addr_len) == 0);
	check_sums(&answer, out);
	assert(icmp_unreachable(again, &answer, out) == 0);
	return 0;
}
