/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/io/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Not in every libc's headers. */
#ifndef IFF_TUN_EXCL
#define IFF_TUN_EXCL 0x8000
#endif
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

static const char path[] = "/dev/net/tun";

static int refuse(int err, const char *name, char *why, size_t why_len)
{
	if (err == EBUSY || err == EEXIST) {
		snprintf(why, why_len,
			 "wireguard %s: there is an interface of this name already",
			 name);
		return -EEXIST;
	}
	snprintf(why, why_len, "wireguard %s: cannot make the interface through %s: %s",
		 name, path, strerror(err));
	return -err;
}

/* The first queue makes the device, and only if there is none: a second program would
 * otherwise get queues of ours, or we of its. */
static int open_queue(const char *name, bool first, bool vnet, int *fd)
{
	struct ifreq ifr = {0};
	short flags = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE;
	int err;

	if (vnet)
		flags |= IFF_VNET_HDR;

	*fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0)
		return errno;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	ifr.ifr_flags = (short)(flags | (first ? (short)IFF_TUN_EXCL : 0));
	if (ioctl(*fd, TUNSETIFF, &ifr) == 0)
		return 0;
	err = errno;
	close(*fd);
	return err;
}

/* Offloads are the device's, not a queue's. Checksums are left to us in any case: to be
 * asked for at all, segmentation needs them. */
static void set_offload(int fd, struct dp_tun_offload *offload)
{
	const unsigned tcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
	const unsigned udp = TUN_F_USO4 | TUN_F_USO6;

	if (offload->udp && ioctl(fd, TUNSETOFFLOAD, tcp | udp) < 0)
		offload->udp = false;
	if (!offload->udp && ioctl(fd, TUNSETOFFLOAD, tcp) < 0)
		(void)ioctl(fd, TUNSETOFFLOAD, 0);
}

/* The device of a held queue stays as it was made. It may be gone, or renamed. */
static bool take_over(const char *name, int held, struct dp_tun_offload *offload)
{
	struct ifreq ifr = {0};

	if (held < 0 || ioctl(held, TUNGETIFF, &ifr) < 0 ||
	    strncmp(ifr.ifr_name, name, IFNAMSIZ) != 0 ||
	    !(ifr.ifr_flags & IFF_MULTI_QUEUE))
		return false;
	offload->vnet = ifr.ifr_flags & IFF_VNET_HDR;
	return true;
}

static int tun_open(void *arg, const char *name, int held, unsigned queues, int *fd,
		    struct dp_tun_offload *offload, uint32_t *ifindex, char *why,
		    size_t why_len)
{
	bool taken = take_over(name, held, offload);
	unsigned i = 0;
	int err;

	(void)arg;
	if (taken)
		fd[i++] = held;
	else if (held >= 0)
		close(held);
	/* Not a TUN device: TUNSETIFF would say EINVAL, and that for other reasons too. */
	if (!taken && if_nametoindex(name))
		return refuse(EEXIST, name, why, why_len);
	for (; i < queues; i++) {
		err = open_queue(name, i == 0, offload->vnet, &fd[i]);
		if (err)
			goto close_queues;
	}
	offload->udp &= offload->vnet;
	if (offload->vnet)
		set_offload(fd[0], offload);
	*ifindex = if_nametoindex(name);
	if (!*ifindex) {
		err = errno;
		goto close_queues;
	}
	return 0;

close_queues:
	while (i)
		close(fd[--i]);
	return refuse(err, name, why, why_len);
}

const struct dp_tun_ops dp_tun_kernel = {.open = tun_open};
