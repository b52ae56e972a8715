/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/io/tos.h"

/* RFC 1624 equation 3: HC' = ~(~HC + ~m + m'), m being the word that holds the TOS. */
static void set_ecn4(uint8_t *buf, uint8_t ecn)
{
	uint32_t old = (uint32_t)buf[0] << 8 | buf[1], new, sum;

	buf[1] = (uint8_t)((buf[1] & ~IP_ECN_MASK) | ecn);
	new = (uint32_t)buf[0] << 8 | buf[1];
	sum = (~((uint32_t)buf[10] << 8 | buf[11]) & 0xffff) + (~old & 0xffff) + new;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	buf[10] = (uint8_t)(~sum >> 8);
	buf[11] = (uint8_t)~sum;
}

/* RFC 8200 section 3: four bits of version, then eight of traffic class. */
static void set_ecn6(uint8_t *buf, uint8_t ecn)
{
	buf[1] = (uint8_t)((buf[1] & ~(IP_ECN_MASK << 4)) | ecn << 4);
}

/* RFC 6040 figure 4. */
static bool decapsulated(uint8_t inner, uint8_t outer, uint8_t *ecn)
{
	*ecn = inner;
	if (outer == IP_ECN_CE) {
		*ecn = IP_ECN_CE;
		return inner != IP_ECN_NOT_ECT;
	}
	if (outer == IP_ECN_ECT1 && inner == IP_ECN_ECT0)
		*ecn = IP_ECN_ECT1;
	return true;
}

bool dp_tos_in(const struct ip_packet *p, uint8_t *buf, uint8_t outer)
{
	uint8_t inner = p->tos & IP_ECN_MASK, ecn;

	if (!decapsulated(inner, outer & IP_ECN_MASK, &ecn))
		return false;
	if (ecn == inner)
		return true;
	if (p->family == AF_INET)
		set_ecn4(buf, ecn);
	else
		set_ecn6(buf, ecn);
	return true;
}
