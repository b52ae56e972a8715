/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/net/ip.h"

#include "proto/net/be.h"

/*
 *          0        1        2        3
 * IPv4 +--------+--------+-----------------+   IPv6 +----+--------+------------------+
 *    0 |4 | ihl |  TOS   |  total length   |      0 |6 | traffic class | flow label |
 *    4 |   fragmentation                   |      4 | payload length  | next | hops |
 *    8 |  TTL   | proto  |   checksum      |      8 | source address, 16 bytes       |
 *   12 |  source address                   |     24 | destination address, 16 bytes  |
 *   16 |  destination address              |     40 | ...
 */

static enum ip_verdict parse4(struct ip_packet *p, const uint8_t *b, size_t buf_len)
{
	uint16_t header_len, len;

	if (buf_len < IP4_HEADER_LEN)
		return IP_TOO_SHORT;
	header_len = (uint16_t)(4 * (b[0] & 0x0f));
	len = be16_get(b + 2);
	if (header_len < IP4_HEADER_LEN || header_len > len)
		return IP_BAD_HEADER;
	if (len > buf_len)
		return IP_BAD_LENGTH;
	*p = (struct ip_packet){
		.family = AF_INET,
		.proto = b[9],
		.tos = b[1],
		.header_len = header_len,
		.len = len,
		.src = b + 12,
		.dst = b + 16,
	};
	return IP_OK;
}

static enum ip_verdict parse6(struct ip_packet *p, const uint8_t *b, size_t buf_len)
{
	uint32_t len;

	if (buf_len < IP6_HEADER_LEN)
		return IP_TOO_SHORT;
	len = IP6_HEADER_LEN + (uint32_t)be16_get(b + 4);
	if (len > buf_len)
		return IP_BAD_LENGTH;
	*p = (struct ip_packet){
		.family = AF_INET6,
		.proto = b[6],
		.tos = (uint8_t)(b[0] << 4 | b[1] >> 4),
		.header_len = IP6_HEADER_LEN,
		.len = len,
		.src = b + 8,
		.dst = b + 24,
	};
	return IP_OK;
}

enum ip_verdict ip_parse(struct ip_packet *p, const void *buf, size_t buf_len)
{
	const uint8_t *b = buf;

	if (buf_len == 0)
		return IP_TOO_SHORT;
	switch (b[0] >> 4) {
	case 4:
		return parse4(p, b, buf_len);
	case 6:
		return parse6(p, b, buf_len);
	default:
		return IP_BAD_VERSION;
	}
}
