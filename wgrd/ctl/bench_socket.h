/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_BENCH_SOCKET_H
#define WGRD_CTL_BENCH_SOCKET_H

/*
 * Sockets of `wgrctl bench`: TCP and UDP with one other end only, and messages with a
 * deadline. Any thread; a descriptor belongs to who opened it. What fails
 * returns a negative errno.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/ctl/bench_addr.h"
#include "wgrd/ctl/bench_wire.h"
#include "wgrd/lib/util.h"

enum {
	BENCH_PATIENCE_MS = 5000, /* for what takes a round trip */
};

/* Of a socket: its own end, and the other. */
struct bench_addr bench_socket_local(int fd);
struct bench_addr bench_socket_remote(int fd);
/* The MTU of the route of a connected socket, 65535 for more; 0 when it is not known. */
uint16_t bench_socket_mtu(int fd);

/* Each returns the descriptor; nonblocking except where it says so. */
int bench_socket_listen(const struct bench_addr *a) MUST_USE;
int bench_socket_connect(const struct bench_addr *a) MUST_USE;
int bench_socket_udp(const struct bench_addr *a) MUST_USE; /* bound, any port */
/* From here on @fd, of UDP, hears only from @remote. What came before is thrown away. */
int bench_socket_pin(int fd, const struct bench_addr *remote) MUST_USE;
/* Waits for a connection of @remote's host, or of any when it is NULL; refuses others. */
int bench_socket_accept(int listen_fd, const struct bench_addr *remote,
			int timeout_ms) MUST_USE;

/* All or nothing, within BENCH_PATIENCE_MS for send, @timeout_ms for receive. */
int bench_socket_send(int fd, const struct bench_message *m) MUST_USE;
/* EPIPE: closed by the other end. EBADMSG: not a message. ETIMEDOUT. */
int bench_socket_receive(int fd, struct bench_message *m, int timeout_ms) MUST_USE;
/* Just bytes: what a data connection begins with. */
int bench_socket_send_all(int fd, const void *data, size_t len, int timeout_ms) MUST_USE;
int bench_socket_receive_all(int fd, void *data, size_t len, int timeout_ms) MUST_USE;
/* True when the other end says something, or hangs up, within @timeout_ms. */
bool bench_socket_heard(int fd, int timeout_ms);

/* Milliseconds of a clock that only goes forward. */
int64_t bench_now_ms(void);

#endif
