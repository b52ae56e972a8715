/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_BENCH_ADDR_H
#define WGRD_CTL_BENCH_ADDR_H

/* Address and port of one end of a `wgrctl bench`, from and to text. Any thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "wgrd/lib/util.h"

enum {
	BENCH_ADDR_STRLEN = 80, /* fe80::1%interface, and "port" */
};

struct bench_addr {
	struct sockaddr_storage ss;
	socklen_t len;
};

/*
 * "10.0.0.1", "10.0.0.1:5000", "fd00::1", "fe80::1%wg0" or "[fd00::1]:5000"; no names, and no
 * address that stands for many. On failure @why is a sentence.
 */
int bench_addr_parse(struct bench_addr *a, const char *text, char *why,
		     size_t why_len) MUST_USE;
/* "10.0.0.1 port 5000". Returns @buf. */
const char *bench_addr_str(const struct bench_addr *a,
			   char buf[static BENCH_ADDR_STRLEN]);
/* The same host, whatever the port? */
bool bench_addr_same_host(const struct bench_addr *a, const struct bench_addr *b);
struct bench_addr bench_addr_with_port(const struct bench_addr *a, uint16_t port);
uint16_t bench_addr_port(const struct bench_addr *a);
/* Bytes of IP and UDP headers. */
size_t bench_addr_headers_len(const struct bench_addr *a);

#endif
