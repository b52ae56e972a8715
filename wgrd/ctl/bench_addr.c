/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/bench_addr.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/ctl/bench_wire.h"

/* Cuts @text, "[HOST]:PORT", "HOST:PORT" or "HOST", in place. */
static void split(char *text, char **host, const char **port)
{
	char *colon = strchr(text, ':'), *bracket = strchr(text, ']');

	*host = text;
	*port = NULL;
	if (*text == '[' && bracket && (!bracket[1] || bracket[1] == ':')) {
		*host = text + 1;
		*port = bracket[1] ? bracket + 2 : NULL;
		*bracket = '\0';
	} else if (colon && !strchr(colon + 1, ':')) {
		*port = colon + 1;
		*colon = '\0';
	}
}

static bool parse_port(const char *s, uint16_t *port)
{
	char *end;
	unsigned long n;

	if (!s) {
		*port = BENCH_PORT;
		return true;
	}
	n = strtoul(s, &end, 10);
	*port = (uint16_t)n;
	return *s >= '0' && *s <= '9' && !*end && n > 0 && n <= UINT16_MAX;
}

static bool stands_for_many(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)ss;
	const struct sockaddr_in *sin = (const struct sockaddr_in *)ss;

	if (ss->ss_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&sin6->sin6_addr) ||
		       IN6_IS_ADDR_MULTICAST(&sin6->sin6_addr);
	return sin->sin_addr.s_addr == INADDR_ANY ||
	       sin->sin_addr.s_addr == INADDR_BROADCAST ||
	       IN_MULTICAST(ntohl(sin->sin_addr.s_addr));
}

struct bench_addr bench_addr_with_port(const struct bench_addr *a, uint16_t port)
{
	struct bench_addr b = *a;

	if (b.ss.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&b.ss)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)&b.ss)->sin_port = htons(port);
	return b;
}

int bench_addr_parse(struct bench_addr *a, const char *text, char *why, size_t why_len)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST,
				       .ai_socktype = SOCK_STREAM};
	char copy[BENCH_ADDR_STRLEN], *host;
	struct addrinfo *found = NULL;
	const char *port_text;
	uint16_t port;
	int err = -EINVAL;

	snprintf(copy, sizeof(copy), "%s", text);
	split(copy, &host, &port_text);
	if (!parse_port(port_text, &port)) {
		snprintf(why, why_len, "\"%s\": a port is a number from 1 to 65535",
			 text);
	} else if (strlen(text) >= sizeof(copy) ||
		   getaddrinfo(host, NULL, &hints, &found) != 0) {
		snprintf(why, why_len, "\"%s\" is not an IPv4 or IPv6 address", text);
	} else {
		*a = (struct bench_addr){.len = found->ai_addrlen};
		memcpy(&a->ss, found->ai_addr, found->ai_addrlen);
		*a = bench_addr_with_port(a, port);
		err = stands_for_many(&a->ss) ? -EINVAL : 0;
		if (err)
			snprintf(why, why_len, "\"%s\" is not the address of one host",
				 text);
	}
	if (found)
		freeaddrinfo(found);
	return err;
}

uint16_t bench_addr_port(const struct bench_addr *a)
{
	return a->ss.ss_family == AF_INET6
		       ? ntohs(((const struct sockaddr_in6 *)&a->ss)->sin6_port)
		       : ntohs(((const struct sockaddr_in *)&a->ss)->sin_port);
}

const char *bench_addr_str(const struct bench_addr *a, char buf[static BENCH_ADDR_STRLEN])
{
	char host[BENCH_ADDR_STRLEN - sizeof(" port 65535") + 1];

	if (getnameinfo((const struct sockaddr *)&a->ss, a->len, host, sizeof(host), NULL,
			0, NI_NUMERICHOST))
		strcpy(host, "?");
	snprintf(buf, BENCH_ADDR_STRLEN, "%s port %u", host, bench_addr_port(a));
	return buf;
}

bool bench_addr_same_host(const struct bench_addr *a, const struct bench_addr *b)
{
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)&a->ss;
	const struct sockaddr_in6 *b6 = (const struct sockaddr_in6 *)&b->ss;

	if (a->ss.ss_family != b->ss.ss_family)
		return false;
	if (a->ss.ss_family == AF_INET6)
		return IN6_ARE_ADDR_EQUAL(&a6->sin6_addr, &b6->sin6_addr) &&
		       a6->sin6_scope_id == b6->sin6_scope_id;
	return ((const struct sockaddr_in *)&a->ss)->sin_addr.s_addr ==
	       ((const struct sockaddr_in *)&b->ss)->sin_addr.s_addr;
}

size_t bench_addr_headers_len(const struct bench_addr *a)
{
	return a->ss.ss_family == AF_INET6 ? 40 + 8 : 20 + 8;
}
