/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The kernel's TUN devices, in a network namespace of the test's own. */

#include "wgrd/dplane/io/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/dp_lab.h"
#include "tests/lib/forge.h"
#include "wgrd/dplane/io/gro.h"

enum {
	QUEUES = 3,
};

static int open_held(const char *name, int held, int fd[QUEUES],
		     struct dp_tun_offload *offload)
{
	uint32_t ifindex = 0;
	char why[256];
	int err = dp_tun_kernel.open(NULL, name, held, QUEUES, fd, offload, &ifindex, why,
				     sizeof(why));

	if (!err)
		assert_int_equal(ifindex, if_nametoindex(name));
	return err;
}

static int open_tun(const char *name, int fd[QUEUES], char why[256])
{
	struct dp_tun_offload offload = {0};
	uint32_t ifindex = 0;
	int err = dp_tun_kernel.open(NULL, name, -1, QUEUES, fd, &offload, &ifindex, why,
				     256);

	if (!err)
		assert_int_equal(ifindex, if_nametoindex(name));
	return err;
}

static void close_all(int fd[QUEUES])
{
	for (unsigned i = 0; i < QUEUES; i++)
		close(fd[i]);
}

static short flags_of(const char *name)
{
	struct ifreq ifr = {0};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &ifr), 0);
	close(fd);
	return ifr.ifr_flags;
}

static void an_interface_lives_as_long_as_its_queues(void **state)
{
	char why[256] = "";
	int fd[QUEUES];

	(void)state;
	assert_int_equal(open_tun("wg0", fd, why), 0);
	assert_int_equal(flags_of("wg0") & IFF_UP, 0); /* down at first */
	for (unsigned i = 0; i < QUEUES; i++) {
		assert_true(fcntl(fd[i], F_GETFL) & O_NONBLOCK);
		assert_true(fcntl(fd[i], F_GETFD) & FD_CLOEXEC);
	}
	close_all(fd);
	assert_int_equal(if_nametoindex("wg0"), 0);
	assert_int_equal(open_tun("wg0", fd, why), 0); /* at once again */
	close_all(fd);
}

static void a_name_that_is_taken_is_refused_with_a_sentence(void **state)
{
	static const char *const taken[] = {"wg0", "lo"};
	char why[256], want[256];
	int fd[QUEUES], other[QUEUES];

	(void)state;
	/* even by a multi-queue TUN of ours that would let another queue in */
	assert_int_equal(open_tun("wg0", fd, why), 0);
	for (unsigned i = 0; i < 2; i++) {
		why[0] = '\0';
		assert_int_equal(open_tun(taken[i], other, why), -EEXIST);
		snprintf(want, sizeof(want),
			 "wireguard %s: there is an interface of this name already",
			 taken[i]);
		assert_string_equal(why, want);
	}
	close_all(fd);
}

static void set_up(const char *name)
{
	struct ifreq ifr = {.ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &ifr), 0);
	close(fd);
}

/* As after a kill -9: the manager has a duplicate of the first queue, the rest is closed. */
static void a_held_queue_brings_its_interface_along(void **state)
{
	struct dp_tun_offload offload = {.vnet = true};
	unsigned ifindex;
	char why[256];
	int fd[QUEUES], held;

	(void)state;
	assert_int_equal(open_tun("wg0", fd, why), 0);
	ifindex = if_nametoindex("wg0");
	set_up("wg0");
	held = fcntl(fd[0], F_DUPFD_CLOEXEC, 0);
	close_all(fd);
	assert_int_equal(open_held("wg0", held, fd, &offload), 0);
	assert_int_equal(if_nametoindex("wg0"), ifindex);
	assert_true(flags_of("wg0") & IFF_UP);
	assert_false(offload.vnet); /* as it was made */
	assert_int_equal(fd[0], held);
	for (unsigned i = 0; i < QUEUES; i++) {
		assert_true(fcntl(fd[i], F_GETFL) & O_NONBLOCK);
		assert_true(fcntl(fd[i], F_GETFD) & FD_CLOEXEC);
	}
	close_all(fd);
	assert_int_equal(if_nametoindex("wg0"), 0);
}

static void a_held_queue_of_no_use_is_closed(void **state)
{
	struct dp_tun_offload offload = {0};
	char why[256];
	int fd[QUEUES], held;

	(void)state;
	/* renamed meanwhile */
	assert_int_equal(open_tun("wg0", fd, why), 0);
	held = fcntl(fd[0], F_DUPFD_CLOEXEC, 0);
	close_all(fd);
	assert_int_equal(open_held("wg1", held, fd, &offload), 0);
	assert_int_equal(if_nametoindex("wg0"), 0);
	close_all(fd);
	/* removed meanwhile */
	assert_int_equal(open_tun("wg0", fd, why), 0);
	held = fcntl(fd[0], F_DUPFD_CLOEXEC, 0);
	close_all(fd);
	assert_int_equal(system("ip link delete wg0"), 0);
	assert_int_equal(open_held("wg0", held, fd, &offload), 0);
	assert_true(fcntl(held, F_GETFD) < 0 || fd[0] == held || fd[1] == held ||
		    fd[2] == held);
	close_all(fd);
	assert_int_equal(if_nametoindex("wg0"), 0);
}

static void what_cannot_be_a_name_is_refused(void **state)
{
	char why[256] = "";
	int fd[QUEUES];

	(void)state;
	assert_true(open_tun("a/b", fd, why) < 0);
	assert_true(strlen(why) > 20);
}

/* As many packets as a batch can have, joined as far as they go. */
static void write_full_batch(int fd, uint8_t proto, bool six)
{
	static uint8_t slot[DP_BATCH][512];
	static const uint8_t payload[64];
	static struct dp_gro gro;
	static struct iovec iov[DP_BATCH];
	struct forge f = {
		.six = six,
		.proto = proto,
		.src = {10, 0, 0, 1},
		.dst = {10, 0, 0, 2},
		.ttl = 64,
		.frag = 0x4000,
		.sport = 7,
		.dport = 9,
		.flags = FORGE_ACK,
		.payload = payload,
		.payload_len = sizeof(payload),
	};

	dp_gro_begin(&gro, true);
	for (unsigned i = 0; i < DP_BATCH; i++) {
		uint8_t *packet = slot[i] + 64;
		struct ip_packet ip;

		assert_int_equal(ip_parse(&ip, packet, forge_write(&f, packet)), IP_OK);
		dp_gro_add(&gro, &ip, packet);
		f.seq += sizeof(payload);
		f.id++;
	}
	assert_true(gro.items < DP_BATCH / 8);
	for (unsigned i = 0; i < gro.items; i++) {
		const unsigned n = dp_gro_take(&gro, i, iov);

		if (writev(fd, iov, (int)n) < 0)
			fail_msg("protocol %u, IPv%c, %u packets joined: %s", proto,
				 six ? '6' : '4', n, strerror(errno));
	}
}

static void the_kernel_takes_what_is_joined(void **state)
{
	struct dp_tun_offload offload = {.vnet = true, .udp = true};
	char why[256] = "";
	uint32_t ifindex;
	int fd[QUEUES];

	(void)state;
	assert_int_equal(dp_tun_kernel.open(NULL, "wg0", -1, QUEUES, fd, &offload,
					    &ifindex, why, sizeof(why)),
			 0);
	assert_true(offload.vnet);
	set_up("wg0");
	for (int six = 0; six < 2; six++) {
		write_full_batch(fd[0], IPPROTO_TCP, six);
		if (offload.udp)
			write_full_batch(fd[0], IPPROTO_UDP, six);
	}
	close_all(fd);
}

/* A whole data plane on a real interface that somebody deletes: no thread spins, and it
 * can be stopped and made again. */
static void a_deleted_interface_is_survived(void **state)
{
	const struct dp_options opt = {.workers = 2};
	struct dp_device_conf conf = {.enabled = true, .mtu = 1420, .private_key = {1}};
	struct loop *loop = loop_new();
	struct dp_device *dev;
	struct dplane *dp;
	char why[256];
	struct ifreq ifr = {0};
	int fd;

	(void)state;
	assert_int_equal(dplane_new(loop, &opt, &dp, why, sizeof(why)), 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(dp_device_new(dp, "wg7", &conf, &dev, why, sizeof(why)),
				 0);
		dp_device_set(dev, &conf);
		assert_int_equal(dev->ifindex, if_nametoindex("wg7"));
		/* up and down again, as a reader sees an error on neither */
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		strcpy(ifr.ifr_name, "wg7");
		ifr.ifr_flags = IFF_UP;
		assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &ifr), 0);
		ifr.ifr_flags = 0;
		assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &ifr), 0);
		close(fd);
		if (i == 0)
			assert_int_equal(system("ip link delete wg7"), 0);
		dp_device_stop(dev);
		dp_device_free(dev);
		assert_int_equal(if_nametoindex("wg7"), 0);
	}
	dplane_free(dp);
	loop_free(loop);
}

/* What others hold of the device goes with it; its peers and tables would stay. */
static void a_deleted_interface_is_made_again(void **state)
{
	const struct dp_options opt = {.workers = 2};
	struct dp_device_conf conf = {.enabled = true, .mtu = 1420, .private_key = {1}};
	struct loop *loop = loop_new();
	struct dp_device *dev;
	struct dplane *dp;
	uint32_t before;
	uint16_t port;
	char why[256];

	(void)state;
	assert_int_equal(dplane_new(loop, &opt, &dp, why, sizeof(why)), 0);
	assert_int_equal(dp_device_new(dp, "wg7", &conf, &dev, why, sizeof(why)), 0);
	dp_device_set(dev, &conf);
	before = dev->ifindex;
	port = dp_device_port(dev);
	assert_int_equal(system("ip link delete wg7"), 0);
	/* somebody else was quicker */
	assert_int_equal(system("ip tuntap add wg7 mode tun"), 0);
	assert_int_equal(dp_device_reopen(dev, why, sizeof(why)), -EEXIST);
	assert_int_equal(dp_device_reopen(dev, why, sizeof(why)), -EEXIST);
	assert_int_equal(system("ip link delete wg7"), 0);
	assert_int_equal(dp_device_reopen(dev, why, sizeof(why)), 0);
	assert_int_equal(dev->ifindex, if_nametoindex("wg7"));
	assert_int_not_equal(dev->ifindex, before);
	assert_int_equal(dp_device_port(dev), port);
	dp_device_stop(dev);
	dp_device_free(dev);
	assert_int_equal(if_nametoindex("wg7"), 0);
	dplane_free(dp);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interface_lives_as_long_as_its_queues),
		cmocka_unit_test(a_name_that_is_taken_is_refused_with_a_sentence),
		cmocka_unit_test(what_cannot_be_a_name_is_refused),
		cmocka_unit_test(a_held_queue_brings_its_interface_along),
		cmocka_unit_test(a_held_queue_of_no_use_is_closed),
		cmocka_unit_test(the_kernel_takes_what_is_joined),
		cmocka_unit_test(a_deleted_interface_is_survived),
		cmocka_unit_test(a_deleted_interface_is_made_again),
	};

	if (!lab_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
