/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of links, fed by hand; test_kmon.c has the kernel do it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/rng.h"
#include "wgrd/kernel/kaddr.h"
#include "wgrd/kernel/klinks.h"
#include "wgrd/kernel/ksock.h"
#include "wgrd/lib/strbuf.h"

static struct klinks links;

static int tear_down(void **state)
{
	(void)state;
	klinks_fini(&links);
	return 0;
}

/* A message about a link; @name NULL and @mtu 0 are left out. */
static struct nl_msg *link_message(int type, unsigned char family, int ifindex,
				   unsigned flags, const char *name, uint32_t mtu)
{
	const struct ifinfomsg head = {
		.ifi_family = family, .ifi_index = ifindex, .ifi_flags = flags};
	struct nl_msg *msg;

	assert_int_equal(ksock_message(type, 0, &head, sizeof(head), &msg), 0);
	if (name)
		assert_int_equal(nla_put_string(msg, IFLA_IFNAME, name), 0);
	if (mtu)
		assert_int_equal(nla_put_u32(msg, IFLA_MTU, mtu), 0);
	return msg;
}

static struct nl_msg *address_message(bool add, uint32_t ifindex, const char *text)
{
	struct prefix p;
	struct klink_address a;
	struct nl_msg *msg;

	assert_int_equal(prefix_parse(&p, text), 0);
	a = (struct klink_address){.addr = p.addr, .len = p.len};
	assert_int_equal(add ? kaddr_add_message(ifindex, &a, &msg)
			     : kaddr_del_message(ifindex, &a, &msg),
			 0);
	return msg;
}

static enum klinks_change take(struct klinks *t, struct nl_msg *msg)
{
	const struct kmon_link *link;
	enum klinks_change change = klinks_take(t, nlmsg_hdr(msg), &link);

	nlmsg_free(msg);
	if (change == KLINKS_GONE)
		klinks_drop(t, link);
	return change;
}

static enum klinks_change take_link(struct klinks *t, int ifindex, unsigned flags,
				    const char *name, uint32_t mtu)
{
	return take(t, link_message(RTM_NEWLINK, AF_UNSPEC, ifindex, flags, name, mtu));
}

static void what_a_message_leaves_out_stays(void **state)
{
	const struct kmon_link *l;

	(void)state;
	assert_int_equal(take_link(&links, 7, 0, "wg0", 1420), KLINKS_CHANGED);
	assert_int_equal(take_link(&links, 7, 0, NULL, 0), KLINKS_SAME);
	assert_int_equal(take_link(&links, 7, IFF_UP | IFF_RUNNING, NULL, 0),
			 KLINKS_CHANGED);
	l = klinks_find(&links, "wg0");
	assert_ptr_equal(l, klinks_find_index(&links, 7));
	assert_int_equal(l->mtu, 1420);
	assert_true(l->up && l->admin_up);
	/* running without being up is not up */
	assert_int_equal(take_link(&links, 7, IFF_RUNNING, NULL, 0), KLINKS_CHANGED);
	assert_false(l->up || l->admin_up);
}

static void only_what_is_about_the_link_itself_counts(void **state)
{
	(void)state;
	take_link(&links, 7, 0, "wg0", 1420);
	assert_int_equal(
		take(&links, link_message(RTM_DELLINK, AF_BRIDGE, 7, 0, "wg0", 0)),
		KLINKS_SAME);
	assert_int_equal(
		take(&links, link_message(RTM_NEWLINK, AF_BRIDGE, 8, 0, "wg1", 0)),
		KLINKS_SAME);
	assert_int_equal(
		take(&links, link_message(RTM_DELLINK, AF_UNSPEC, 8, 0, "wg1", 0)),
		KLINKS_SAME);
	assert_int_equal(
		take(&links, link_message(RTM_NEWNEIGH, AF_UNSPEC, 7, 0, NULL, 0)),
		KLINKS_SAME);
	assert_int_equal(take(&links, address_message(true, 8, "10.0.0.1/8")),
			 KLINKS_SAME);
	assert_non_null(klinks_find(&links, "wg0"));
	assert_int_equal(
		take(&links, link_message(RTM_DELLINK, AF_UNSPEC, 7, 0, "wg0", 0)),
		KLINKS_GONE);
	assert_null(klinks_find(&links, "wg0"));
}

/* As the kernel describes a link of @kind with a table. */
static struct nl_msg *kind_message(const char *kind, size_t kind_len, uint32_t table)
{
	struct nl_msg *msg = link_message(RTM_NEWLINK, AF_UNSPEC, 7, 0, "red", 0);
	struct nlattr *info = nla_nest_start(msg, IFLA_LINKINFO), *data;

	assert_int_equal(nla_put(msg, IFLA_INFO_KIND, (int)kind_len, kind), 0);
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	assert_int_equal(nla_put_u32(msg, IFLA_VRF_TABLE, table), 0);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return msg;
}

static void a_vrf_device_has_a_table(void **state)
{
	(void)state;
	assert_int_equal(take(&links, kind_message("vrf", 4, 10)), KLINKS_CHANGED);
	assert_int_equal(klinks_find(&links, "red")->vrf_table, 10);
	assert_int_equal(take(&links, kind_message("vrf", 4, 10)), KLINKS_SAME);
	assert_int_equal(take(&links, kind_message("vrf", 4, 11)), KLINKS_CHANGED);
	assert_int_equal(take_link(&links, 7, 0, NULL, 0), KLINKS_SAME);
	assert_int_equal(klinks_find(&links, "red")->vrf_table, 11);
	/* attribute 1 of another kind is something else, and a kind has to end */
	assert_int_equal(take(&links, kind_message("vxlan", 6, 11)), KLINKS_CHANGED);
	assert_int_equal(klinks_find(&links, "red")->vrf_table, 0);
	assert_int_equal(take(&links, kind_message("vrf", 3, 10)), KLINKS_SAME);
	assert_int_equal(klinks_find(&links, "red")->vrf_table, 0);
}

static void addresses_come_once_and_go_once(void **state)
{
	const struct kmon_link *l;

	(void)state;
	take_link(&links, 7, 0, "wg0", 1420);
	l = klinks_find(&links, "wg0");
	assert_int_equal(take(&links, address_message(true, 7, "10.0.0.1/8")),
			 KLINKS_CHANGED);
	assert_int_equal(take(&links, address_message(true, 7, "10.0.0.1/8")),
			 KLINKS_SAME);
	assert_int_equal(take(&links, address_message(true, 7, "10.0.0.1/32")),
			 KLINKS_CHANGED);
	assert_int_equal(take(&links, address_message(true, 7, "fd00::1/8")),
			 KLINKS_CHANGED);
	assert_int_equal(l->address_count, 3);
	assert_int_equal(take(&links, address_message(false, 7, "10.0.0.1/8")),
			 KLINKS_CHANGED);
	assert_int_equal(take(&links, address_message(false, 7, "10.0.0.1/8")),
			 KLINKS_SAME);
	assert_int_equal(l->address_count, 2);
	assert_int_equal(l->address[0].len, 32);
}

static void the_last_ipv4_address_to_leave_is_told(void **state)
{
	const struct kmon_link *l;

	(void)state;
	take_link(&links, 7, IFF_UP, "wg0", 1420);
	l = klinks_find(&links, "wg0");
	take(&links, address_message(true, 7, "10.0.0.1/8"));
	take(&links, address_message(true, 7, "10.0.1.1/24"));
	take(&links, address_message(true, 7, "fd00::1/8"));
	take(&links, address_message(false, 7, "10.0.0.1/8"));
	assert_false(l->ipv4_lost);
	take(&links, address_message(false, 7, "10.0.1.1/24"));
	assert_true(l->ipv4_lost);
	take(&links, address_message(false, 7, "fd00::1/8"));
	assert_false(l->ipv4_lost);
	take(&links, address_message(true, 7, "10.0.0.1/8"));
	take(&links, address_message(false, 7, "10.0.0.1/8"));
	assert_true(l->ipv4_lost);
	take_link(&links, 7, IFF_UP, "wg0", 1400);
	assert_false(l->ipv4_lost);
}

static void on_difference(void *arg, const struct kmon_link *l, bool gone)
{
	strbuf_printf(arg, "%s%s\n", l->name, gone ? " gone" : "");
}

static void a_new_picture_tells_the_differences(void **state)
{
	struct strbuf seen = {0};
	struct klinks fresh = {0};

	(void)state;
	take_link(&links, 1, IFF_UP, "same", 1500);
	take(&links, address_message(true, 1, "10.0.0.1/8"));
	take_link(&links, 2, IFF_UP, "mtu", 1500);
	take_link(&links, 3, IFF_UP, "address", 1500);
	take_link(&links, 4, IFF_UP, "old", 1500);
	take_link(&fresh, 1, IFF_UP, "same", 1500);
	take(&fresh, address_message(true, 1, "10.0.0.1/8"));
	take_link(&fresh, 2, IFF_UP, "mtu", 1400);
	take_link(&fresh, 3, IFF_UP, "address", 1500);
	take(&fresh, address_message(true, 3, "10.0.0.1/8"));
	take_link(&fresh, 5, IFF_UP, "new", 1500);
	klinks_become(&links, &fresh, on_difference, &seen);
	assert_string_equal(strbuf_str(&seen), "old gone\nmtu\naddress\nnew\n");
	assert_null(fresh.by_index);
	assert_int_equal(HASH_COUNT(links.by_index), 4);
	assert_int_equal(klinks_find(&links, "mtu")->mtu, 1400);
	strbuf_free(&seen);
}

/* libnl takes a text without its end for an NLA_NUL_STRING. */
static void a_name_ends_where_its_attribute_ends(void **state)
{
	struct nl_msg *msg = link_message(RTM_NEWLINK, AF_UNSPEC, 7, 0, "wg0", 0);
	const struct kmon_link *link;
	struct nlmsghdr *exact;

	(void)state;
	nlmsg_hdr(msg)->nlmsg_len -= 1; /* the attribute says four bytes: "wg0x" */
	exact = malloc(nlmsg_hdr(msg)->nlmsg_len + 1);
	memcpy(exact, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	((char *)exact)[exact->nlmsg_len++] = 'x';
	assert_int_equal(klinks_take(&links, exact, &link), KLINKS_CHANGED);
	assert_string_equal(link->name, "wg0x");
	free(exact);
	nlmsg_free(msg);
}

/* Cut off at every length, with random bytes in it, in memory of just that size. */
static void no_bytes_lead_astray(void **state)
{
	struct nl_msg *msg =
		link_message(RTM_NEWLINK, AF_UNSPEC, 7, 0, "fifteen-letters", 1420);
	const struct nlmsghdr *whole = nlmsg_hdr(msg);
	const struct kmon_link *link;

	(void)state;
	rng_seed();
	for (uint32_t len = NLMSG_HDRLEN; len <= whole->nlmsg_len; len++) {
		struct nlmsghdr *cut = malloc(len);

		memcpy(cut, whole, len);
		cut->nlmsg_len = len;
		(void)klinks_take(&links, cut, &link);
		for (int i = 0; i < 200 && len > NLMSG_HDRLEN; i++) {
			uint32_t at = NLMSG_HDRLEN + rng_below(len - NLMSG_HDRLEN);

			((uint8_t *)cut)[at] = (uint8_t)rng_below(256);
			(void)klinks_take(&links, cut, &link);
			if (link)
				assert_true(strlen(link->name) < IFNAMSIZ);
		}
		free(cut);
	}
	nlmsg_free(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_a_message_leaves_out_stays, tear_down),
		cmocka_unit_test_teardown(only_what_is_about_the_link_itself_counts,
					  tear_down),
		cmocka_unit_test_teardown(a_vrf_device_has_a_table, tear_down),
		cmocka_unit_test_teardown(addresses_come_once_and_go_once, tear_down),
		cmocka_unit_test_teardown(the_last_ipv4_address_to_leave_is_told,
					  tear_down),
		cmocka_unit_test_teardown(a_new_picture_tells_the_differences, tear_down),
		cmocka_unit_test_teardown(a_name_ends_where_its_attribute_ends,
					  tear_down),
		cmocka_unit_test_teardown(no_bytes_lead_astray, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
