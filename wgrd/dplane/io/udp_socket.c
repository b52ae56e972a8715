/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How the sockets of the data plane are made. */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/dplane/io/udp.h"

#ifndef UDP_GRO /* not in every libc's headers */
#define UDP_GRO 104
#endif

static int set_int(int fd, int level, int opt, int v)
{
	return setsockopt(fd, level, opt, &v, sizeof(v)) < 0 ? -errno : 0;
}

/* The kernel doubles what it is asked for, for its own bookkeeping, and says so. */
static uint32_t buffer_bytes(int fd, int opt)
{
	socklen_t len = sizeof(int);
	int v = 0;

	(void)getsockopt(fd, SOL_SOCKET, opt, &v, &len);
	return (uint32_t)v / 2;
}

struct dp_udp_buffers dp_udp_buffers(int fd)
{
	return (struct dp_udp_buffers){
		.receive_bytes = buffer_bytes(fd, SO_RCVBUF),
		.send_bytes = buffer_bytes(fd, SO_SNDBUF),
	};
}

struct dp_udp_buffers dp_udp_set_buffers(int fd, const struct dp_udp_buffers *want)
{
	if (set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, (int)want->receive_bytes))
		(void)set_int(fd, SOL_SOCKET, SO_RCVBUF, (int)want->receive_bytes);
	if (set_int(fd, SOL_SOCKET, SO_SNDBUFFORCE, (int)want->send_bytes))
		(void)set_int(fd, SOL_SOCKET, SO_SNDBUF, (int)want->send_bytes);
	return dp_udp_buffers(fd);
}

/* Fragmentation is left to the path, as the kernel's WireGuard does: the interface's MTU
 * says what fits, and a packet that turns out not to must not be lost for it. */
static int set_options(int fd, sa_family_t family)
{
	int err;

	if (family == AF_INET) {
		err = set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
		if (!err)
			err = set_int(fd, IPPROTO_IP, IP_RECVTOS, 1);
		if (!err)
			err = set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
		return err;
	}
	err = set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (!err)
		err = set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	if (!err)
		err = set_int(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
	if (!err)
		err = set_int(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
	return err;
}

static int bind_any(int fd, sa_family_t family, uint16_t *port)
{
	const struct dp_endpoint any = {.family = family, .port = *port};
	struct sockaddr_in6 sa;
	socklen_t len = dp_endpoint_to_sockaddr(&any, &sa);

	if (bind(fd, (struct sockaddr *)&sa, len) < 0)
		return -errno;
	len = sizeof(sa);
	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return -errno;
	*port = dp_endpoint_from_sockaddr(&sa).port;
	return 0;
}

/*
 * The first socket of a port is bound without SO_REUSEPORT, which fails if anybody else
 * has the port, even somebody who would share it. Only then does it start to share.
 */
int dp_udp_open(sa_family_t family, uint16_t *port, enum dp_udp_share share, bool trains)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
	int err;

	if (fd < 0)
		return -errno;
	err = set_options(fd, family);
	if (trains) /* since Linux 5.0; without, datagrams come one by one */
		(void)set_int(fd, IPPROTO_UDP, UDP_GRO, 1);
	if (!err && share == DP_UDP_JOIN)
		err = set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (!err)
		err = bind_any(fd, family, port);
	if (!err && share == DP_UDP_FIRST)
		err = set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int dp_udp_set_mark(int fd, uint32_t mark)
{
	return set_int(fd, SOL_SOCKET, SO_MARK, (int)mark);
}

int dp_udp_try_mark(uint32_t mark)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
	int err = fd < 0 ? -errno : dp_udp_set_mark(fd, mark);

	if (fd >= 0)
		close(fd);
	return err;
}
