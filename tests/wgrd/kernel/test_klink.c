/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/wgrd/kernel/lab.h"
#include "wgrd/kernel/klink.h"

static uint32_t ifindex;
static int tun;

static int set_up(void **state)
{
	(void)state;
	tun = lab_open_tun("tun0");
	ifindex = lab_ifindex("tun0");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(tun);
	lab_ip("link del tun0");
	return 0;
}

static struct klink_address address(const char *s)
{
	struct prefix p;

	assert_int_equal(prefix_parse(&p, s), 0);
	return (struct klink_address){.addr = p.addr, .len = p.len};
}

static void expect_addresses(const char *family, const char *const *want, unsigned n)
{
	const char *text =
		lab_ip_text("-o %s address show dev tun0 scope global", family);
	unsigned lines = 0;
	char word[80];

	for (unsigned i = 0; i < n; i++) {
		snprintf(word, sizeof(word), " %s ", want[i]);
		if (!strstr(text, word))
			fail_msg("expected %s, saw:\n%s", want[i], text);
	}
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	if (lines != n)
		fail_msg("expected %u addresses, saw:\n%s", n, text);
}

static void a_link_goes_up_with_its_mtu_and_down(void **state)
{
	(void)state;
	assert_int_equal(klink_set_up(ifindex, 1380), 0);
	lab_expect_text("mtu 1380", true, "link show tun0");
	lab_expect_text("UP,LOWER_UP>", true, "link show tun0");
	assert_int_equal(klink_set_up(ifindex, 0), 0);
	lab_expect_text("mtu 1380", true, "link show tun0");
	/* flags it was not asked about stay */
	lab_expect_text("<POINTOPOINT,MULTICAST,NOARP,UP,LOWER_UP>", true,
			"link show tun0");
	assert_int_equal(klink_set_down(ifindex), 0);
	assert_int_equal(klink_set_down(ifindex), 0);
	lab_expect_text("<POINTOPOINT,MULTICAST,NOARP>", true, "link show tun0");
}

static void super_packets_have_a_limit(void **state)
{
	(void)state;
	assert_int_equal(klink_set_gso_max_segs(ifindex, 45), 0);
	lab_expect_text("gso_max_segs 45", true, "-d link show tun0");
	assert_int_equal(klink_set_gso_max_segs(9999, 45), -ENODEV);
	assert_int_equal(klink_set_gso_max_segs(ifindex, 65536), -EINVAL);
	lab_expect_text("gso_max_segs 45", true, "-d link show tun0");
}

static void refusals_are_the_kernels(void **state)
{
	struct klink_address a = address("10.99.0.1/24"), bad = a;

	(void)state;
	bad.len = 33;
	assert_int_equal(klink_set_up(9999, 0), -ENODEV);
	assert_int_equal(klink_set_up(ifindex, 1), -EINVAL);
	assert_int_equal(klink_addr_add(9999, &a), -ENODEV);
	assert_int_equal(klink_addr_add(ifindex, &bad), -EINVAL);
	assert_int_equal(klink_addr_sync(9999, &a, 1), -ENODEV);
}

static void an_address_comes_once_and_goes_once(void **state)
{
	static const char *const text[] = {"10.99.0.1/24", "fd99::1/64"};

	(void)state;
	assert_int_equal(klink_set_up(ifindex, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(text); i++) {
		struct klink_address a = address(text[i]);
		const char *family = i ? "-6" : "-4";

		assert_int_equal(klink_addr_add(ifindex, &a), 0);
		assert_int_equal(klink_addr_add(ifindex, &a), 0);
		expect_addresses(family, &text[i], 1);
		assert_int_equal(klink_addr_del(ifindex, &a), 0);
		assert_int_equal(klink_addr_del(ifindex, &a), 0);
		expect_addresses(family, NULL, 0);
	}
}

static void an_ipv6_address_of_another_length_is_in_the_way(void **state)
{
	struct klink_address a = address("fd99::1/64"), longer = address("fd99::1/128");

	(void)state;
	assert_int_equal(klink_addr_add(ifindex, &a), 0);
	assert_int_equal(klink_addr_add(ifindex, &longer), -EEXIST);
}

static void addresses_become_exactly_what_is_wanted(void **state)
{
	static const struct {
		const char *want[4];
	} steps[] = {
		{{"10.99.0.1/24", "fd99::1/64"}},
		{{"10.99.0.1/24", "10.99.0.2/24", "10.98.0.1/32", "fd99::1/64"}},
		/* the primary of two goes: the kernel takes its secondary along */
		{{"10.99.0.2/24", "fd99::2/64"}},
		/* only lengths change */
		{{"10.99.0.2/32", "fd99::2/128"}},
		{{"10.99.0.2/24", "fd99::2/64", "fd98::1/64"}},
		{{NULL}},
	};

	(void)state;
	assert_int_equal(klink_set_up(ifindex, 0), 0);
	for (size_t s = 0; s < ARRAY_SIZE(steps); s++) {
		struct klink_address want[4];
		const char *v4[4], *v6[4];
		unsigned n = 0, n4 = 0, n6 = 0;

		for (; n < 4 && steps[s].want[n]; n++) {
			want[n] = address(steps[s].want[n]);
			if (want[n].addr.family == AF_INET)
				v4[n4++] = steps[s].want[n];
			else
				v6[n6++] = steps[s].want[n];
		}
		for (int twice = 0; twice < 2; twice++) {
			assert_int_equal(klink_addr_sync(ifindex, want, n), 0);
			expect_addresses("-4", v4, n4);
			expect_addresses("-6", v6, n6);
		}
		/* the kernel's own is not ours to take */
		lab_expect_text("inet6 fe80::", true, "address show dev tun0");
	}
}

static unsigned count_linklocal(void)
{
	const char *at = lab_ip_text("-6 -o address show dev tun0 scope link");
	unsigned n = 0;

	for (; (at = strchr(at, '\n')); at++)
		n++;
	return n;
}

static void a_wanted_link_local_address_is_the_only_one(void **state)
{
	const struct klink_address one = address("fe80::1/64"),
				   two = address("fe80::2/64");

	(void)state;
	assert_int_equal(klink_addr_sync(ifindex, &one, 1), 0);
	assert_int_equal(klink_set_up(ifindex, 0), 0);
	lab_expect_text("inet6 fe80::1/64", true, "address show dev tun0");
	assert_int_equal(count_linklocal(), 1);
	assert_int_equal(klink_addr_sync(ifindex, &two, 1), 0);
	lab_expect_text("inet6 fe80::2/64", true, "address show dev tun0");
	assert_int_equal(count_linklocal(), 1);
}

static void the_kernels_link_local_address_goes_when_another_is_wanted(void **state)
{
	const struct klink_address one = address("fe80::1/64");

	(void)state;
	assert_int_equal(klink_addr_sync(ifindex, NULL, 0), 0);
	assert_int_equal(klink_set_up(ifindex, 0), 0);
	assert_int_equal(count_linklocal(), 1);
	assert_int_equal(klink_addr_sync(ifindex, &one, 1), 0);
	lab_expect_text("inet6 fe80::1/64", true, "address show dev tun0");
	assert_int_equal(count_linklocal(), 1);

	/* no longer wanted, it stays until the kernel makes one, when the link goes up again */
	assert_int_equal(klink_addr_sync(ifindex, NULL, 0), 0);
	assert_int_equal(count_linklocal(), 1);
	assert_int_equal(klink_set_down(ifindex), 0);
	assert_int_equal(klink_set_up(ifindex, 0), 0);
	lab_expect_text("inet6 fe80::1/64", false, "address show dev tun0");
	assert_int_equal(count_linklocal(), 1);
}

static void a_link_is_made_and_known_by_its_alias(void **state)
{
	struct klink_identity id;

	(void)state;
	assert_int_equal(klink_identify("made0", &id), -ENODEV);
	assert_int_equal(klink_new("made0", "bridge", "by a test"), 0);
	assert_int_equal(klink_identify("made0", &id), 0);
	assert_int_equal(id.ifindex, lab_ifindex("made0"));
	assert_string_equal(id.kind, "bridge");
	assert_string_equal(id.alias, "by a test");
	lab_expect_text("alias by a test", true, "link show made0");
	assert_int_equal(klink_new("made0", "bridge", "another"), -EEXIST);
	assert_int_equal(klink_del(id.ifindex), 0);
	assert_int_equal(klink_identify("made0", &id), -ENODEV);
	assert_int_equal(klink_del(id.ifindex), 0);
	assert_int_equal(klink_new("made0", "nosuchkind", ""), -EOPNOTSUPP);
	assert_int_equal(klink_identify("tun0", &id), 0);
	assert_string_equal(id.kind, "tun");
	assert_string_equal(id.alias, "");
}

#define KERNEL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(a_link_is_made_and_known_by_its_alias),
		KERNEL_TEST(a_link_goes_up_with_its_mtu_and_down),
		KERNEL_TEST(super_packets_have_a_limit),
		KERNEL_TEST(refusals_are_the_kernels),
		KERNEL_TEST(an_address_comes_once_and_goes_once),
		KERNEL_TEST(an_ipv6_address_of_another_length_is_in_the_way),
		KERNEL_TEST(addresses_become_exactly_what_is_wanted),
		KERNEL_TEST(a_wanted_link_local_address_is_the_only_one),
		KERNEL_TEST(the_kernels_link_local_address_goes_when_another_is_wanted),
	};

	if (!lab_enter())
		return LAB_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
