/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/ctl/bench_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

enum {
	BACKLOG = 128,
	UDP_BUFFER_BYTES = 8 << 20,
};

struct bench_addr bench_socket_local(int fd)
{
	struct bench_addr a = {.len = sizeof(a.ss)};

	if (getsockname(fd, (struct sockaddr *)&a.ss, &a.len))
		a = (struct bench_addr){0};
	return a;
}

struct bench_addr bench_socket_remote(int fd)
{
	struct bench_addr a = {.len = sizeof(a.ss)};

	if (getpeername(fd, (struct sockaddr *)&a.ss, &a.len))
		a = (struct bench_addr){0};
	return a;
}

uint16_t bench_socket_mtu(int fd)
{
	bool six = bench_socket_local(fd).ss.ss_family == AF_INET6;
	socklen_t len = sizeof(int);
	int mtu;

	if (getsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_MTU : IP_MTU, &mtu,
		       &len))
		return 0;
	return mtu < UINT16_MAX ? (uint16_t)mtu : UINT16_MAX;
}

int64_t bench_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for @events on @fd until @deadline_ms. 0, or -ETIMEDOUT. */
static int wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = deadline_ms - bench_now_ms();
		int n = poll(&p, 1, left > 0 ? (int)left : 0);

		if (n > 0)
			return 0;
		if (n == 0 && left <= 0)
			return -ETIMEDOUT;
		if (n < 0 && errno != EINTR)
			return -errno;
	}
}

static int open_bound(int type, const struct bench_addr *a)
{
	int fd = socket(a->ss.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int one = 1;
	int err;

	if (fd < 0)
		return -errno;
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!bind(fd, (const struct sockaddr *)&a->ss, a->len))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int bench_socket_listen(const struct bench_addr *a)
{
	int fd = open_bound(SOCK_STREAM, a), err;

	if (fd < 0 || !listen(fd, BACKLOG))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int finish_connect(int fd)
{
	socklen_t len = sizeof(int);
	int err = wait_for(fd, POLLOUT, bench_now_ms() + BENCH_PATIENCE_MS), so_error = 0;

	if (!err && getsockopt(fd, SOL_SOCKET, SO_ERROR, &so_error, &len))
		return -errno;
	return err ?: -so_error;
}

int bench_socket_connect(const struct bench_addr *a)
{
	int fd = socket(a->ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int one = 1;
	int err = 0;

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (const struct sockaddr *)&a->ss, a->len))
		err = errno == EINPROGRESS ? finish_connect(fd) : -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

/* Root may have as much as it asks for; who is not takes what net.core.*mem_max gives. */
static void set_buffers(int fd)
{
	const int size = UDP_BUFFER_BYTES;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

int bench_socket_udp(const struct bench_addr *a)
{
	struct bench_addr any_port = bench_addr_with_port(a, 0);
	bool six = a->ss.ss_family == AF_INET6;
	const int dont_fragment = six ? IPV6_PMTUDISC_DO : IP_PMTUDISC_DO;
	int fd = open_bound(SOCK_DGRAM, &any_port);

	if (fd < 0)
		return fd;
	set_buffers(fd);
	setsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP,
		   six ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &dont_fragment,
		   sizeof(dont_fragment));
	return fd;
}

int bench_socket_pin(int fd, const struct bench_addr *remote)
{
	char byte;

	if (connect(fd, (const struct sockaddr *)&remote->ss, remote->len))
		return -errno;
	while (recv(fd, &byte, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0)
		;
	return 0;
}

int bench_socket_accept(int listen_fd, const struct bench_addr *remote, int timeout_ms)
{
	int64_t deadline_ms = bench_now_ms() + timeout_ms;
	const int one = 1;

	for (;;) {
		int err = wait_for(listen_fd, POLLIN, deadline_ms), fd;
		struct bench_addr from;

		if (err)
			return err;
		fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0 && errno != ECONNABORTED && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (fd < 0)
			continue;
		from = bench_socket_remote(fd);
		if (from.len && (!remote || bench_addr_same_host(&from, remote))) {
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			return fd;
		}
		close(fd);
	}
}

/* ---- talking ---- */

static int move_all(int fd, uint8_t *at, size_t len, bool out, int timeout_ms)
{
	int64_t deadline_ms = bench_now_ms() + timeout_ms;

	while (len) {
		ssize_t n = out ? send(fd, at, len, MSG_NOSIGNAL) : recv(fd, at, len, 0);
		int err = n < 0 ? -errno : 0;

		if (n == 0 || err == -EPIPE || err == -ECONNRESET)
			return -EPIPE;
		if (err == -EAGAIN)
			err = wait_for(fd, out ? POLLOUT : POLLIN, deadline_ms);
		if (err && err != -EINTR)
			return err;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int bench_socket_send_all(int fd, const void *data, size_t len, int timeout_ms)
{
	return move_all(fd, (uint8_t *)(uintptr_t)data, len, true, timeout_ms);
}

int bench_socket_receive_all(int fd, void *data, size_t len, int timeout_ms)
{
	return move_all(fd, data, len, false, timeout_ms);
}

int bench_socket_send(int fd, const struct bench_message *m)
{
	uint8_t buf[BENCH_MESSAGE_MAX];

	return bench_socket_send_all(fd, buf, bench_wire_encode(m, buf),
				     BENCH_PATIENCE_MS);
}

int bench_socket_receive(int fd, struct bench_message *m, int timeout_ms)
{
	int64_t deadline_ms = bench_now_ms() + timeout_ms;
	uint8_t buf[BENCH_MESSAGE_MAX];
	int err = bench_socket_receive_all(fd, buf, BENCH_HEADER_LEN, timeout_ms), len;

	if (err)
		return err;
	len = bench_wire_body_len(buf);
	if (len < 0)
		return len;
	err = bench_socket_receive_all(fd, buf + BENCH_HEADER_LEN, (size_t)len,
				       (int)(deadline_ms - bench_now_ms()));
	return err ?: bench_wire_decode(m, buf, BENCH_HEADER_LEN + (size_t)len);
}

bool bench_socket_heard(int fd, int timeout_ms)
{
	return wait_for(fd, POLLIN, bench_now_ms() + timeout_ms) == 0;
}
