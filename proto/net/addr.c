/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/net/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

size_t ip_family_len(sa_family_t family)
{
	switch (family) {
	case AF_INET:
		return 4;
	case AF_INET6:
		return 16;
	default:
		return 0;
	}
}

struct ip_addr ip_addr_from(sa_family_t family, const void *bytes)
{
	struct ip_addr a;

	memset(&a, 0, sizeof(a));
	a.family = family;
	memcpy(a.bytes, bytes, ip_family_len(family));
	return a;
}

int ip_addr_parse(struct ip_addr *a, const char *s)
{
	memset(a, 0, sizeof(*a));
	a->family = strchr(s, ':') ? AF_INET6 : AF_INET;
	return inet_pton(a->family, s, a->bytes) == 1 ? 0 : -EINVAL;
}

const char *ip_addr_str(const struct ip_addr *a, char buf[static IP_ADDR_STRLEN])
{
	if (!inet_ntop(a->family, a->bytes, buf, IP_ADDR_STRLEN))
		snprintf(buf, IP_ADDR_STRLEN, "none");
	return buf;
}

int ip_addr_cmp(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, ip_family_len(a->family));
}

bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b)
{
	return ip_addr_cmp(a, b) == 0;
}

bool ip_addr_is_any(const struct ip_addr *a)
{
	if (a->family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&a->v6);
	return a->family == AF_INET && a->v4.s_addr == htonl(INADDR_ANY);
}

bool ip_addr_is_linklocal(const struct ip_addr *a)
{
	if (a->family == AF_INET6)
		return IN6_IS_ADDR_LINKLOCAL(&a->v6);
	return a->family == AF_INET && a->bytes[0] == 169 && a->bytes[1] == 254;
}

bool ip_addr_is_multicast(const struct ip_addr *a)
{
	if (a->family == AF_INET6)
		return IN6_IS_ADDR_MULTICAST(&a->v6);
	return a->family == AF_INET && IN_MULTICAST(ntohl(a->v4.s_addr));
}

bool ip_addr_is_loopback(const struct ip_addr *a)
{
	if (a->family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&a->v6);
	return a->family == AF_INET && a->bytes[0] == IN_LOOPBACKNET;
}
