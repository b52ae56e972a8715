/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Batches of datagrams: which become trains, how trains fall apart where they are not
 * taken, and what a batch says of itself. */

#include "wgrd/dplane/io/udp.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/dp_lab.h"
#include "tests/lib/rng.h"

enum {
	LONGEST = 65600,
	NOW_NS = 1000,
};

struct desk {
	sa_family_t family;
	int out, in;
	struct dp_udp_tx *tx;
	struct dp_udp_rx *rx;
	struct dp_endpoint_cell cell, other;
	struct dp_endpoint ep;
	uint8_t *data; /* of all datagrams */
	size_t data_len, at;
	unsigned count;
	uint64_t now_ns; /* when datagrams are added; 0: NOW_NS */
	size_t len[DP_BATCH];
	uint8_t tos[DP_BATCH];
};

static struct dp_endpoint endpoint(const char *addr, uint16_t port)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(&a, addr), 0);
	return dp_endpoint_from(&a, port);
}

/* @trains: whether the receiver takes them. */
static void open_desk(struct desk *d, sa_family_t family, bool trains)
{
	const struct dp_udp_buffers big = {16 << 20, 16 << 20};
	uint16_t out_port = 0, in_port = 0;

	*d = (struct desk){.family = family, .data_len = 4 << 20};
	d->out = dp_udp_open(family, &out_port, DP_UDP_FIRST, false);
	d->in = dp_udp_open(family, &in_port, DP_UDP_FIRST, trains);
	assert_true(d->out >= 0 && d->in >= 0);
	dp_udp_set_buffers(d->in, &big);
	dp_udp_set_buffers(d->out, &big);
	d->tx = dp_udp_tx_new();
	d->rx = dp_udp_rx_new();
	d->data = malloc(d->data_len);
	assert_true(d->tx && d->rx && d->data);
	rng_fill(d->data, d->data_len);
	d->ep = endpoint(family == AF_INET ? "127.0.0.1" : "::1", in_port);
	dp_endpoint_store(&d->cell, &d->ep);
	dp_endpoint_store(&d->other, &d->ep);
}

static void close_desk(struct desk *d)
{
	dp_udp_tx_free(d->tx);
	dp_udp_rx_free(d->rx);
	free(d->data);
	close(d->out);
	close(d->in);
}

/* A datagram of the next @len bytes of data. */
static void add_to(struct desk *d, struct dp_endpoint_cell *cell, size_t len, uint8_t tos,
		   bool trains)
{
	const struct dp_endpoint ep = dp_endpoint_load(cell);

	assert_true(d->at + len <= d->data_len);
	dp_udp_tx_add(d->tx, cell, &ep, tos, d->data + d->at, len, trains,
		      d->now_ns ?: NOW_NS);
	d->at += len;
	d->len[d->count] = len;
	d->tos[d->count++] = tos;
}

static void add(struct desk *d, unsigned count, size_t len)
{
	for (unsigned i = 0; i < count; i++)
		add_to(d, &d->cell, len, 0, true);
}

/* All datagrams come, in order, whole and with their mark; returns the number of messages
 * they came in. */
static unsigned receive_all(struct desk *d)
{
	unsigned seen = 0, messages = 0;
	size_t at = 0;

	while (seen < d->count) {
		struct pollfd p = {.fd = d->in, .events = POLLIN};
		unsigned n;

		assert_int_equal(poll(&p, 1, 5000), 1);
		n = dp_udp_receive(d->rx, d->in);
		for (unsigned i = 0; i < n; i++) {
			const struct dp_udp_train *t = dp_udp_rx_train(d->rx, i);

			messages++;
			for (uint32_t from = 0; from < t->len; from += t->each) {
				uint32_t left = t->len - from;
				uint32_t len = left < t->each ? left : t->each;

				assert_true(seen < d->count);
				assert_int_equal(len, d->len[seen]);
				assert_int_equal(t->tos, d->tos[seen]);
				assert_memory_equal(t->data + from, d->data + at, len);
				assert_int_equal(t->from.family, d->family);
				at += len;
				seen++;
			}
		}
	}
	assert_int_equal(dp_udp_receive(d->rx, d->in), 0);
	d->at = 0;
	d->count = 0;
	return messages;
}

static void flush(struct desk *d, uint64_t now_ns, unsigned trains)
{
	const unsigned count = d->count;
	struct dp_udp_result r;

	assert_int_equal(dp_udp_tx_count(d->tx), count);
	r = dp_udp_tx_flush(d->tx, d->out, now_ns);
	assert_int_equal(r.sent, count);
	assert_int_equal(r.full + r.refused, 0);
	assert_int_equal(r.trains, trains);
	assert_int_equal(dp_udp_tx_count(d->tx), 0);
}

static const sa_family_t families[] = {AF_INET, AF_INET6};

/* ---- which become trains ---- */

static const struct {
	const char *sentence;
	struct {
		unsigned count;
		size_t len;
	} row[4];
	unsigned trains;
	/* On loopback what is sent together comes together, but with an Ethernet header
	 * the longest are too long for that; 0: not compared. */
	unsigned messages;
} rows[] = {
	{"one alone is no train", {{1, 100}}, 0, 1},
	{"two of a length are", {{2, 100}}, 1, 1},
	{"the last may be shorter", {{5, 100}, {1, 99}}, 1, 1},
	{"after a shorter one another begins", {{2, 100}, {1, 99}, {2, 99}}, 2, 2},
	{"a longer one begins another", {{2, 100}, {2, 101}}, 2, 2},
	{"short and long by turns", {{1, 100}, {1, 50}, {1, 100}, {1, 50}}, 2, 2},
	{"64 fit into one", {{64, 32}}, 1, 1},
	{"65 do not", {{65, 32}}, 1, 2},
	{"128 are two", {{128, 1452}}, 3, 3},
	{"65507 bytes fit into one", {{44, 1456}, {1, 1443}}, 1, 0},
	{"65508 do not", {{44, 1456}, {1, 1444}}, 1, 0},
	{"two long ones do not fit together", {{2, 40000}}, 0, 2},
};

static void trains_are_as_long_as_the_kernel_takes_them(void **state)
{
	(void)state;
	rng_seed();
	for (unsigned f = 0; f < 2; f++) {
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			struct desk d;
			unsigned messages;

			print_message("# %s\n", rows[i].sentence);
			open_desk(&d, families[f], true);
			for (unsigned k = 0; k < 4; k++)
				add(&d, rows[i].row[k].count, rows[i].row[k].len);
			flush(&d, NOW_NS, rows[i].trains);
			messages = receive_all(&d);
			if (rows[i].messages)
				assert_int_equal(messages, rows[i].messages);
			close_desk(&d);
		}
	}
}

static void a_receiver_without_trains_gets_every_datagram(void **state)
{
	(void)state;
	rng_seed();
	for (unsigned f = 0; f < 2; f++) {
		struct desk d;

		open_desk(&d, families[f], false);
		add(&d, 60, 1000);
		add(&d, 1, 7);
		flush(&d, NOW_NS, 1);
		assert_int_equal(receive_all(&d), 61);
		close_desk(&d);
	}
}

static void only_what_shares_everything_travels_together(void **state)
{
	(void)state;
	rng_seed();
	for (unsigned f = 0; f < 2; f++) {
		struct dp_endpoint moved;
		struct desk d;

		open_desk(&d, families[f], true);
		/* the mark differs */
		for (unsigned i = 0; i < 6; i++)
			add_to(&d, &d.cell, 100, i < 3 ? 0x02 : 0xb8, true);
		flush(&d, NOW_NS, 2);
		assert_int_equal(receive_all(&d), 2);
		/* another peer at the same place */
		for (unsigned i = 0; i < 6; i++)
			add_to(&d, i % 2 ? &d.cell : &d.other, 100, 0, true);
		flush(&d, NOW_NS, 0);
		receive_all(&d);
		/* the port does not do trains */
		for (unsigned i = 0; i < 6; i++)
			add_to(&d, &d.cell, 100, 0, false);
		flush(&d, NOW_NS, 0);
		receive_all(&d);
		/* the same peer, answered from one of our addresses and then from another */
		moved = d.ep;
		if (families[f] == AF_INET)
			memcpy(moved.source, (uint8_t[]){127, 0, 0, 9}, 4);
		else
			moved.source[15] = 1;
		add(&d, 2, 100);
		dp_endpoint_store(&d.cell, &moved);
		add(&d, 2, 100);
		flush(&d, NOW_NS, 2);
		assert_int_equal(receive_all(&d), 2);
		close_desk(&d);
	}
}

static void any_mix_arrives_in_order(void **state)
{
	(void)state;
	rng_seed();
	for (unsigned round = 0; round < 60; round++) {
		const unsigned count = 1 + rng_below(DP_BATCH);
		struct dp_udp_result r;
		struct desk d;
		size_t len = 1000;

		open_desk(&d, families[round % 2], rng_below(2));
		for (unsigned i = 0; i < count; i++) {
			if (rng_below(5) == 0)
				len = 1 + rng_below(1500);
			add_to(&d, rng_below(9) ? &d.cell : &d.other, len,
			       rng_below(9) ? 0 : 4, rng_below(9));
		}
		r = dp_udp_tx_flush(d.tx, d.out, NOW_NS);
		assert_int_equal(r.sent, count);
		receive_all(&d);
		close_desk(&d);
	}
}

static void what_is_discarded_is_not_sent(void **state)
{
	struct desk d;

	(void)state;
	rng_seed();
	open_desk(&d, AF_INET, true);
	add(&d, 10, 100);
	dp_udp_tx_discard(d.tx);
	assert_int_equal(dp_udp_tx_count(d.tx), 0);
	d.count = 0;
	d.at = 0;
	add(&d, 3, 50);
	flush(&d, NOW_NS, 1);
	receive_all(&d);
	close_desk(&d);
}

/* ---- what is not taken ---- */

/* Neither are trains given up for it: the next batch has them. */
static void a_source_that_is_not_ours_is_forgotten(void **state)
{
	(void)state;
	rng_seed();
	for (unsigned f = 0; f < 2; f++) {
		static const uint8_t none[16];
		struct dp_endpoint gone;
		struct desk d;

		open_desk(&d, families[f], true);
		gone = endpoint(families[f] == AF_INET ? "192.0.2.1" : "2001:db8::1", 1);
		memcpy(gone.source, gone.addr, 16);
		memcpy(gone.addr, d.ep.addr, 16);
		gone.port = d.ep.port;
		dp_endpoint_store(&d.cell, &gone);
		add(&d, 10, 500);
		flush(&d, NOW_NS, 0);
		receive_all(&d);
		gone = dp_endpoint_load(&d.cell);
		assert_memory_equal(gone.source, none, sizeof(none));
		assert_true(dp_endpoint_same_place(&gone, &d.ep));
		add(&d, 10, 500);
		flush(&d, NOW_NS + 1, 1);
		receive_all(&d);
		close_desk(&d);
	}
}

/* The peer has moved while the batch was made: that is not undone. */
static void a_peer_that_moved_meanwhile_stays_there(void **state)
{
	struct dp_endpoint gone, now;
	struct desk d;

	(void)state;
	rng_seed();
	open_desk(&d, AF_INET, true);
	gone = d.ep;
	memcpy(gone.source, (uint8_t[]){192, 0, 2, 1}, 4);
	dp_endpoint_store(&d.cell, &gone);
	add(&d, 10, 500);
	now = endpoint("203.0.113.5", 7);
	memcpy(now.source, (uint8_t[]){127, 0, 0, 1}, 4);
	dp_endpoint_store(&d.cell, &now);
	flush(&d, NOW_NS, 0);
	receive_all(&d);
	gone = dp_endpoint_load(&d.cell);
	assert_true(dp_endpoint_equal(&gone, &now));
	close_desk(&d);
}

/* Some devices and paths that refuse trains cannot be made here, so the kernel's answer
 * to a train is: what comes before it in the batch is sent. */
static struct {
	int err;        /* 0: ask the kernel */
	unsigned times; /* before the kernel is asked again */
} refusal;

/* And to a datagram alone: so many are taken before it says EAGAIN. */
static unsigned taken_singly = UINT_MAX;

ssize_t __real_sendmsg(int fd, const struct msghdr *mh, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *mh, int flags);

ssize_t __wrap_sendmsg(int fd, const struct msghdr *mh, int flags)
{
	if (taken_singly == UINT_MAX || taken_singly-- > 0)
		return __real_sendmsg(fd, mh, flags);
	taken_singly = UINT_MAX;
	errno = EAGAIN;
	return -1;
}

int __real_sendmmsg(int fd, struct mmsghdr *msg, unsigned n, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *msg, unsigned n, int flags);

int __wrap_sendmmsg(int fd, struct mmsghdr *msg, unsigned n, int flags)
{
	unsigned before = 0;

	if (!refusal.times)
		return __real_sendmmsg(fd, msg, n, flags);
	while (before < n && msg[before].msg_hdr.msg_iovlen == 1)
		before++;
	if (before)
		return __real_sendmmsg(fd, msg, before, flags);
	refusal.times--;
	errno = refusal.err;
	return -1;
}

static void each_answer_to_a_train_is_understood(void **state)
{
	static const struct {
		int err;
		unsigned trains_now, trains_after;
	} cases[] = {
		{EIO, 0, 0},      /* the device, or IPsec on the way, cannot do it */
		{EMSGSIZE, 0, 0}, /* a datagram is longer than the path takes */
		{EINVAL, 0, 0},   /* the same, in other kernels */
		{EPERM, 1, 2},    /* a firewall, which changes its mind: only this one */
		{EINTR, 2, 2},    /* nothing was said about the train */
	};

	(void)state;
	rng_seed();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const bool learned = !cases[i].trains_after;
		struct desk d;

		open_desk(&d, AF_INET, true);
		refusal.err = cases[i].err;
		refusal.times = learned ? 2 : 1;
		add(&d, 1, 50);
		add(&d, 10, 900);
		add_to(&d, &d.cell, 60, 4, true);
		add(&d, 20, 800);
		add_to(&d, &d.cell, 60, 4, true);
		flush(&d, NOW_NS, cases[i].trains_now);
		assert_int_equal(refusal.times, 0);
		receive_all(&d);
		add(&d, 10, 900);
		add(&d, 20, 800);
		flush(&d, NOW_NS, cases[i].trains_after);
		receive_all(&d);
		close_desk(&d);
	}
}

/* The rest of the batch is given up, and counted. */
static void a_full_socket_ends_the_batch(void **state)
{
	static const int errs[] = {EAGAIN, ENOBUFS};

	(void)state;
	rng_seed();
	for (size_t i = 0; i < ARRAY_SIZE(errs); i++) {
		struct dp_udp_result r;
		struct desk d;

		open_desk(&d, AF_INET, true);
		refusal.err = errs[i];
		refusal.times = 1;
		add(&d, 1, 50);
		for (unsigned k = 0; k < 30; k++)
			dp_udp_tx_add(d.tx, &d.cell, &d.ep, 0, d.data, k < 10 ? 900 : 800,
				      true, NOW_NS);
		r = dp_udp_tx_flush(d.tx, d.out, NOW_NS);
		assert_int_equal(r.sent, 1);
		assert_int_equal(r.full, 30);
		assert_int_equal(r.refused + r.trains, 0);
		receive_all(&d);
		add(&d, 10, 900);
		flush(&d, NOW_NS, 1);
		receive_all(&d);
		close_desk(&d);
	}
}

/* In the midst of a train that is sent one by one. */
static void a_socket_that_fills_up_between_ends_the_batch(void **state)
{
	(void)state;
	rng_seed();
	for (unsigned taken = 0; taken < 10; taken++) {
		struct dp_udp_result r;
		struct desk d;

		open_desk(&d, AF_INET, true);
		refusal.err = EIO;
		refusal.times = 1;
		taken_singly = taken;
		add(&d, 5, 1000);
		add(&d, 10, 900);
		for (unsigned k = 0; k < 7; k++)
			dp_udp_tx_add(d.tx, &d.cell, &d.ep, 0, d.data, 1000, true,
				      NOW_NS);
		r = dp_udp_tx_flush(d.tx, d.out, NOW_NS);
		/* The first train, of five and a shorter one, is refused. If all of it
		 * is taken one by one, there is no EAGAIN. */
		assert_int_equal(r.sent + r.full, 22);
		assert_int_equal(r.refused, 0);
		if (taken < 6) {
			assert_int_equal(r.sent, taken);
			assert_int_equal(r.trains, 0);
		} else {
			assert_int_equal(r.sent, 22);
			assert_int_equal(r.trains, 2);
		}
		taken_singly = UINT_MAX;
		close_desk(&d);
	}
}

static void a_place_that_takes_no_trains_gets_none_for_ten_seconds(void **state)
{
	(void)state;
	rng_seed();
	for (unsigned f = 0; f < 2; f++) {
		struct desk d;

		open_desk(&d, families[f], true);
		lab_set_mtu(1300);
		add(&d, 10, 1400);
		flush(&d, NOW_NS, 0);
		receive_all(&d);
		lab_set_mtu(LAB_MTU);
		d.now_ns = NOW_NS + 9 * NS_PER_S;
		add(&d, 10, 1400);
		flush(&d, d.now_ns, 0);
		receive_all(&d);
		/* others are not concerned */
		for (unsigned i = 0; i < 10; i++)
			add_to(&d, &d.other, 1400, 0, true);
		flush(&d, d.now_ns, 1);
		receive_all(&d);
		/* already the first batch after that is a train again */
		d.now_ns = NOW_NS + 10 * NS_PER_S;
		add(&d, 10, 1400);
		flush(&d, d.now_ns, 1);
		receive_all(&d);
		close_desk(&d);
	}
}

/* A datagram that cannot be sent takes no other with it. */
static void what_the_kernel_refuses_is_counted_and_the_rest_goes(void **state)
{
	static const struct {
		const char *addr;
		size_t len;
	} bad[] = {
		{"198.51.100.1", 100},  /* there is no route */
		{"127.0.0.1", LONGEST}, /* longer than a datagram can be */
	};

	(void)state;
	rng_seed();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct dp_endpoint_cell cell = {0};
		struct dp_udp_result r;
		struct dp_endpoint ep;
		struct desk d;

		open_desk(&d, AF_INET, true);
		ep = endpoint(bad[i].addr, d.ep.port);
		dp_endpoint_store(&cell, &ep);
		add(&d, 3, 100);
		for (unsigned k = 0; k < 4; k++)
			dp_udp_tx_add(d.tx, &cell, &ep, 0, d.data, bad[i].len, true,
				      NOW_NS);
		add(&d, 3, 100);
		r = dp_udp_tx_flush(d.tx, d.out, NOW_NS);
		assert_int_equal(r.sent, 6);
		assert_int_equal(r.refused, 4);
		assert_int_equal(r.full, 0);
		assert_int_equal(r.trains, 2);
		receive_all(&d);
		close_desk(&d);
	}
}

/* An Ethernet on which nobody answers ARP: what is sent there waits, and fills the
 * socket's buffer. */
static int open_silent_net(void)
{
	struct ifreq ifr = {.ifr_name = "silent", .ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) < 0)
		return -1;
	assert_int_equal(system("ip address add 192.0.2.1/24 dev silent && "
				"ip link set silent up"),
			 0);
	return fd;
}

static void what_finds_the_socket_full_is_counted(void **state)
{
	const struct dp_udp_buffers small = {65536, 4096};
	struct dp_udp_result r, sum = {0};
	struct dp_endpoint_cell cell = {0};
	struct dp_endpoint ep;
	struct desk d;
	int net = open_silent_net();

	(void)state;
	if (net < 0)
		skip();
	rng_seed();
	open_desk(&d, AF_INET, true);
	dp_udp_set_buffers(d.out, &small);
	ep = endpoint("192.0.2.9", 9);
	dp_endpoint_store(&cell, &ep);
	for (unsigned round = 0; round < 4; round++) {
		for (unsigned i = 0; i < DP_BATCH; i++)
			dp_udp_tx_add(d.tx, &cell, &ep, 0, d.data, 1000, i % 2, NOW_NS);
		r = dp_udp_tx_flush(d.tx, d.out, NOW_NS);
		assert_int_equal(r.sent + r.full + r.refused, DP_BATCH);
		assert_int_equal(dp_udp_tx_count(d.tx), 0);
		sum.sent += r.sent;
		sum.full += r.full;
		sum.refused += r.refused;
	}
	assert_int_equal(sum.refused, 0);
	assert_true(sum.sent > 0);
	assert_true(sum.full > 0);
	close_desk(&d);
	close(net);
}

/* ---- what is received ---- */

static void an_empty_datagram_and_the_longest_are_received(void **state)
{
	struct desk d;

	(void)state;
	rng_seed();
	open_desk(&d, AF_INET, true);
	assert_int_equal(dp_udp_send(d.out, NULL, &d.ep, 0, d.data, 0), 0);
	assert_int_equal(dp_udp_send(d.out, NULL, &d.ep, 0, d.data, 65507), 0);
	assert_int_equal(dp_udp_receive(d.rx, d.in), 2);
	assert_int_equal(dp_udp_rx_train(d.rx, 0)->len, 0);
	assert_int_equal(dp_udp_rx_train(d.rx, 1)->len, 65507);
	assert_int_equal(dp_udp_rx_train(d.rx, 1)->each, 65507);
	assert_memory_equal(dp_udp_rx_train(d.rx, 1)->data, d.data, 65507);
	close_desk(&d);
}

/* So many bytes that it asks for fewer messages at a time, and then few again. */
static void no_datagram_is_left_behind_whatever_their_size(void **state)
{
	static const size_t lens[] = {60000, 100, 9000, 1, 65507};

	(void)state;
	rng_seed();
	for (unsigned f = 0; f < 2; f++) {
		struct desk d;

		open_desk(&d, families[f], true);
		for (unsigned i = 0; i < 10; i++) {
			add(&d, 20, lens[i % ARRAY_SIZE(lens)]);
			(void)dp_udp_tx_flush(d.tx, d.out, NOW_NS);
			receive_all(&d);
		}
		close_desk(&d);
	}
}

static void the_address_that_was_written_to_is_known(void **state)
{
	struct dp_endpoint to;
	struct desk d;

	(void)state;
	rng_seed();
	open_desk(&d, AF_INET, true);
	to = endpoint("127.0.0.77", d.ep.port);
	dp_endpoint_store(&d.cell, &to);
	add(&d, 5, 300);
	flush(&d, NOW_NS, 1);
	assert_int_equal(dp_udp_receive(d.rx, d.in), 1);
	assert_memory_equal(dp_udp_rx_train(d.rx, 0)->from.source, to.addr, 4);
	assert_int_equal(dp_udp_rx_train(d.rx, 0)->each, 300);
	assert_int_equal(dp_udp_rx_train(d.rx, 0)->len, 1500);
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trains_are_as_long_as_the_kernel_takes_them),
		cmocka_unit_test(a_receiver_without_trains_gets_every_datagram),
		cmocka_unit_test(only_what_shares_everything_travels_together),
		cmocka_unit_test(any_mix_arrives_in_order),
		cmocka_unit_test(what_is_discarded_is_not_sent),
		cmocka_unit_test(a_source_that_is_not_ours_is_forgotten),
		cmocka_unit_test(a_peer_that_moved_meanwhile_stays_there),
		cmocka_unit_test(each_answer_to_a_train_is_understood),
		cmocka_unit_test(a_full_socket_ends_the_batch),
		cmocka_unit_test(a_socket_that_fills_up_between_ends_the_batch),
		cmocka_unit_test(a_place_that_takes_no_trains_gets_none_for_ten_seconds),
		cmocka_unit_test(what_the_kernel_refuses_is_counted_and_the_rest_goes),
		cmocka_unit_test(what_finds_the_socket_full_is_counted),
		cmocka_unit_test(an_empty_datagram_and_the_longest_are_received),
		cmocka_unit_test(no_datagram_is_left_behind_whatever_their_size),
		cmocka_unit_test(the_address_that_was_written_to_is_known),
	};

	if (!lab_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
