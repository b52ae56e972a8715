/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifndef IFF_TUN_EXCL /* not in every libc's headers */
#define IFF_TUN_EXCL 0x8000
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
static int open_queue(const char *name, bool first, int *fd)
{
	struct ifreq ifr = {0};
	short flags = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE;
	int err;

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

static int tun_open(void *arg, const char *name, unsigned queues, int *fd,
		    uint32_t *ifindex, char *why, size_t why_len)
{
	unsigned i;
	int err;

	(void)arg;
	/* Not a TUN device: TUNSETIFF would say EINVAL, and that for other reasons too. */
	if (if_nametoindex(name))
		return refuse(EEXIST, name, why, why_len);
	for (i = 0; i < queues; i++) {
		err = open_queue(name, i == 0, &fd[i]);
		if (err)
			goto close_queues;
	}
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
