/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kwg.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/wgrd/kernel/lab.h"
#include "wgrd/kernel/kwg_message.h"

/* With a real kernel that has WireGuard: elsewhere skipped aloud. topotests/vm/unit runs it. */

enum {
	MANY = 100000,
};

static struct kwg *kernel;
static uint32_t ifindex;
static uint16_t family;

static int set_up(void **state)
{
	(void)state;
	return kernel->ops->link_new(kernel, "wg0", &ifindex);
}

static int tear_down(void **state)
{
	(void)state;
	return kernel->ops->link_del(kernel, ifindex);
}

static int send_message(void *arg, struct nlmsghdr *h)
{
	return kernel->ops->set(arg, h);
}

static struct kwg_writer *writer(size_t limit)
{
	static struct kwg_writer w;

	kwg_writer_init(&w, family, ifindex, limit, send_message, kernel);
	return &w;
}

static void write_peer(struct kwg_writer *w, uint8_t digit, bool remove)
{
	struct kwg_peer_change c = {.remove = remove, .keepalive_s = -1};

	memset(c.public_key, digit, sizeof(c.public_key));
	kwg_write_peer(w, &c);
}

static void write_many(struct kwg_writer *w, unsigned n)
{
	struct prefix p = {.addr = {.family = AF_INET}, .len = 32};

	for (unsigned i = 0; i < n; i++) {
		p.addr.bytes[0] = 10;
		p.addr.bytes[1] = (uint8_t)(i >> 16);
		p.addr.bytes[2] = (uint8_t)(i >> 8);
		p.addr.bytes[3] = (uint8_t)i;
		kwg_write_allowed_ip(w, &p, false);
	}
}

/* Prefixes by the first octet of their peer's key. */
struct seen {
	unsigned prefixes[256], devices;
	uint8_t peer;
	struct kwg_device_info device;
};

static void on_device(void *arg, const struct kwg_device_info *d)
{
	((struct seen *)arg)->device = *d;
	((struct seen *)arg)->devices++;
}

static void on_peer(void *arg, const struct kwg_peer_info *p)
{
	((struct seen *)arg)->peer = p->public_key[0];
}

static void on_prefix(void *arg, const struct prefix *p)
{
	struct seen *s = arg;

	(void)p;
	s->prefixes[s->peer]++;
}

static int on_message(const struct nlmsghdr *h, void *arg)
{
	const struct kwg_reader r = {on_device, on_peer, on_prefix, arg};

	return kwg_read(&r, h);
}

static void look(struct seen *s)
{
	memset(s, 0, sizeof(*s));
	assert_int_equal(kernel->ops->get(kernel, ifindex, on_message, s), 0);
}

static void a_link_is_known_by_its_alias(void **state)
{
	struct kwg_link l;

	(void)state;
	assert_int_equal(kernel->ops->link_find(kernel, "wg0", &l), 0);
	assert_int_equal(l.ifindex, ifindex);
	assert_true(l.is_wireguard && l.is_ours);
	lab_ip("link set wg0 alias mine");
	assert_int_equal(kernel->ops->link_find(kernel, "wg0", &l), 0);
	assert_true(l.is_wireguard && !l.is_ours);
	assert_int_equal(kernel->ops->link_find(kernel, "lo", &l), 0);
	assert_false(l.is_wireguard);
	assert_int_equal(kernel->ops->link_find(kernel, "wg9", &l), -ENODEV);
	assert_int_equal(kernel->ops->link_new(kernel, "wg0", &l.ifindex), -EEXIST);
}

static void settings_are_taken_and_told(void **state)
{
	static const uint8_t key[KWG_KEY_BYTES] = {[0 ... KWG_KEY_BYTES - 1] = 0x40};
	const struct kwg_device_change c = {
		.private_key = key,
		.set_port = true,
		.port = 4321,
		.set_fwmark = true,
		.fwmark = 7,
	};
	struct kwg_writer *w = writer(KWG_MESSAGE_BYTES);
	struct seen s;

	(void)state;
	kwg_write_device(w, &c);
	assert_int_equal(kwg_writer_end(w), 0);
	look(&s);
	assert_int_equal(s.devices, 1);
	assert_string_equal(s.device.name, "wg0");
	assert_int_equal(s.device.ifindex, ifindex);
	assert_true(s.device.public_key_set);
	assert_int_equal(s.device.port, 4321);
	assert_int_equal(s.device.fwmark, 7);
	assert_int_equal(kernel->ops->link_up(kernel, ifindex, 1400), 0);
	assert_int_equal(kernel->ops->port_free(kernel, 4321), -EADDRINUSE);
	assert_int_equal(kernel->ops->port_free(kernel, 4322), 0);
}

/* All are there, all move to another peer, and a peer that goes takes all along. */
static void a_hundred_thousand_prefixes_come_move_and_go(void **state)
{
	static const size_t limits[] = {4096, KWG_MESSAGE_BYTES};
	struct kwg_writer *w;
	struct seen s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		w = writer(limits[i]);
		write_peer(w, 2, false);
		write_many(w, MANY);
		assert_int_equal(kwg_writer_end(w), 0);
		look(&s);
		assert_int_equal(s.prefixes[2], MANY);
		w = writer(limits[i]);
		write_peer(w, 3, false);
		write_many(w, MANY);
		assert_int_equal(kwg_writer_end(w), 0);
		look(&s);
		assert_int_equal(s.prefixes[2], 0);
		assert_int_equal(s.prefixes[3], MANY);
		w = writer(limits[i]);
		write_peer(w, 3, true);
		assert_int_equal(kwg_writer_end(w), 0);
		look(&s);
		assert_int_equal(s.prefixes[3], 0);
	}
}

/* Linux 6.16 and later take it, others say so and change nothing. */
static void a_single_prefix_is_taken_or_refused(void **state)
{
	struct kwg_writer *w = writer(KWG_MESSAGE_BYTES);
	struct prefix p;
	struct seen s;
	int err;

	(void)state;
	assert_int_equal(prefix_parse(&p, "10.0.0.1/32"), 0);
	write_peer(w, 2, false);
	write_many(w, 3);
	assert_int_equal(kwg_writer_end(w), 0);
	w = writer(KWG_MESSAGE_BYTES);
	write_peer(w, 2, false);
	kwg_write_allowed_ip(w, &p, true);
	err = kwg_writer_end(w);
	look(&s);
	assert_true(err == 0 || err == -EINVAL);
	assert_int_equal(s.prefixes[2], err ? 3 : 2);
	print_message("# this kernel %s\n",
		      err ? "refuses" : "takes a single prefix away");
}

static void what_is_not_there_is_refused(void **state)
{
	struct kwg_writer *w;
	struct seen s;

	(void)state;
	assert_int_equal(kernel->ops->link_del(kernel, ifindex), 0);
	w = writer(KWG_MESSAGE_BYTES);
	write_peer(w, 2, false);
	assert_int_equal(kwg_writer_end(w), -ENODEV);
	assert_int_equal(kernel->ops->get(kernel, ifindex, on_message, &s), -ENODEV);
}

#define KERNEL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(a_link_is_known_by_its_alias),
		KERNEL_TEST(settings_are_taken_and_told),
		KERNEL_TEST(a_hundred_thousand_prefixes_come_move_and_go),
		KERNEL_TEST(a_single_prefix_is_taken_or_refused),
		KERNEL_TEST(what_is_not_there_is_refused),
	};
	int err;

	if (!lab_enter())
		return LAB_SKIPPED;
	kernel = kwg_open();
	err = kernel->ops->family(kernel, &family);
	if (!err)
		err = cmocka_run_group_tests(tests, NULL, NULL);
	else if (err == -EOPNOTSUPP) {
		fprintf(stderr, "skipped: this kernel has no WireGuard\n");
		err = LAB_SKIPPED;
	}
	kwg_close(kernel);
	return err;
}
