/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_NET_ADDR_H
#define WGRD_PROTO_NET_ADDR_H

/*
 * IP addresses as values, in network byte order. Pure functions, any thread. Only the
 * bytes of the address's own family are looked at, so the tail of the union need not be
 * cleared; the functions here that make an address clear it all the same.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ip_addr {
	sa_family_t family; /* AF_INET, AF_INET6, or 0 where a comment allows "none" */
	union {
		struct in_addr v4;
		struct in6_addr v6;
		uint8_t bytes[16];
	};
};

#define IP_ADDR_STRLEN     INET6_ADDRSTRLEN
#define IP_ENDPOINT_STRLEN (IP_ADDR_STRLEN + 8)

/* Bytes in an address of @family: 4, 16, or 0 for any other family. */
size_t ip_family_len(sa_family_t family);

/* Copies ip_family_len(family) bytes from @bytes. */
struct ip_addr ip_addr_from(sa_family_t family, const void *bytes);
/* Dotted quad or RFC 4291 text, nothing around it. Returns 0 or -EINVAL. */
int ip_addr_parse(struct ip_addr *a, const char *s);
/* Returns @buf. "none" for family 0. */
const char *ip_addr_str(const struct ip_addr *a, char buf[static IP_ADDR_STRLEN]);

/*
 * An address and a port other than 0: 192.0.2.1:51820 or [2001:db8::1]:51820, without
 * zone or name. Returns 0 or -EINVAL.
 */
int ip_endpoint_parse(struct ip_addr *a, uint16_t *port, const char *s);
/* Returns @buf. */
const char *ip_endpoint_str(const struct ip_addr *a, uint16_t port,
			    char buf[static IP_ENDPOINT_STRLEN]);

/* Orders by family (IPv4 first), then by address. */
int ip_addr_cmp(const struct ip_addr *a, const struct ip_addr *b);
bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b);
bool ip_addr_is_any(const struct ip_addr *a);       /* 0.0.0.0 or :: */
bool ip_addr_is_linklocal(const struct ip_addr *a); /* 169.254.0.0/16 or fe80::/10 */
bool ip_addr_is_multicast(const struct ip_addr *a); /* 224.0.0.0/4 or ff00::/8 */
bool ip_addr_is_loopback(const struct ip_addr *a);  /* 127.0.0.0/8 or ::1 */

#endif
