/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The kernel's TUN devices, in a network namespace of the test's own. */

#include "wgrd/dplane/tun.h"

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

enum {
	QUEUES = 3,
};

static int open_tun(const char *name, int fd[QUEUES], char why[256])
{
	uint32_t ifindex = 0;
	int err = dp_tun_kernel.open(NULL, name, QUEUES, fd, &ifindex, why, 256);

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

static void what_cannot_be_a_name_is_refused(void **state)
{
	char why[256] = "";
	int fd[QUEUES];

	(void)state;
	assert_true(open_tun("a/b", fd, why) < 0);
	assert_true(strlen(why) > 20);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interface_lives_as_long_as_its_queues),
		cmocka_unit_test(a_name_that_is_taken_is_refused_with_a_sentence),
		cmocka_unit_test(what_cannot_be_a_name_is_refused),
		cmocka_unit_test(a_deleted_interface_is_survived),
	};

	if (!lab_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
