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

static int parse_port(const char *s, uint16_t *port)
{
	unsigned v = 0;

	if (*s == '0' || !*s)
		return -EINVAL;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return -EINVAL;
		v = 10 * v + (unsigned)(*s - '0');
		if (v > UINT16_MAX)
			return -EINVAL;
	}
	*port = (uint16_t)v;
	return 0;
}

int ip_endpoint_parse(struct ip_addr *a, uint16_t *port, const char *s)
{
	const char *colon = strrchr(s, ':');
	bool brackets = s[0] == '[';
	char addr[IP_ADDR_STRLEN];
	size_t len;

	if (!colon)
		return -EINVAL;
	len = (size_t)(colon - s);
	if (brackets) {
		if (len < 2 || colon[-1] != ']')
			return -EINVAL;
		s++;
		len -= 2;
	}
	if (len >= sizeof(addr))
		return -EINVAL;
	memcpy(addr, s, len);
	addr[len] = '\0';
	if (ip_addr_parse(a, addr) || parse_port(colon + 1, port))
		return -EINVAL;
	return brackets == (a->family == AF_INET6) ? 0 : -EINVAL;
}

const char *ip_endpoint_str(const struct ip_addr *a, uint16_t port,
			    char buf[static IP_ENDPOINT_STRLEN])
{
	char addr[IP_ADDR_STRLEN];

	snprintf(buf, IP_ENDPOINT_STRLEN, a->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 ip_addr_str(a, addr), port);
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
