/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The configuration down to the kernel: interfaces, addresses, ports and sessions of a
 * real data plane, in a network namespace of the test's own. */

#include "wgrd/wg/backend_user.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/wg/keys.h"
#include "tests/lib/dp_lab.h"
#include "tests/lib/fake_loop.h"
#include "tests/lib/make_conf.h"
#include "wgrd/lib/log.h"
#include "wgrd/wg/wg.h"

struct world {
	struct loop *loop;
	struct dplane *dp;
	struct wg *wg;
	struct conf *running;
	unsigned ups;
	char why[256];
};

static void on_session(void *arg, struct wg_peer *p, bool up)
{
	(void)p;
	((struct world *)arg)->ups += up;
}

static void quiet(enum log_level level, enum log_subsys s, const char *line)
{
	(void)level;
	(void)s;
	(void)line;
}

static int setup(void **state)
{
	const struct dp_options opt = {.workers = 2};
	struct world *w = xcalloc(1, sizeof(*w));

	log_capture(quiet);
	w->loop = loop_new();
	assert_int_equal(dplane_new(w->loop, &opt, &w->dp, w->why, sizeof(w->why)), 0);
	w->wg = wg_new(w->loop, &wg_backend_user, w->dp,
		       &(struct wg_events){.session = on_session, .arg = w});
	w->running = make_conf(0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	wg_free(w->wg);
	dplane_free(w->dp);
	loop_free(w->loop);
	conf_free(w->running);
	free(w);
	log_capture(NULL);
	return 0;
}

static int commit(struct world *w, struct conf *new)
{
	const struct conf_subscriber sub = {.ops = &wg_conf_subsys, .ctx = w->wg};
	int err = make_commit(&sub, 1, &w->running, new, w->why, sizeof(w->why));

	if (err)
		print_message("refused: %s\n", w->why);
	return err;
}

static bool is_up(const char *name)
{
	struct ifreq ifr = {0};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), err;

	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	err = ioctl(fd, SIOCGIFFLAGS, &ifr);
	close(fd);
	assert_int_equal(err, 0);
	return ifr.ifr_flags & IFF_UP;
}

static bool has_address(const char *name, const char *addr)
{
	struct ifaddrs *all, *a;
	struct ip_addr want;
	bool found = false;

	assert_int_equal(ip_addr_parse(&want, addr), 0);
	assert_int_equal(getifaddrs(&all), 0);
	for (a = all; a; a = a->ifa_next) {
		const void *bytes;

		if (!a->ifa_addr || strcmp(a->ifa_name, name) != 0 ||
		    a->ifa_addr->sa_family != want.family)
			continue;
		bytes = want.family == AF_INET
				? (void *)&((struct sockaddr_in *)a->ifa_addr)->sin_addr
				: (void *)&((struct sockaddr_in6 *)a->ifa_addr)
					  ->sin6_addr;
		found |= !memcmp(bytes, want.bytes, ip_family_len(want.family));
	}
	freeifaddrs(all);
	return found;
}

/* A socket of a stranger's on a port of the system's choice. */
static int stranger(uint16_t *port)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);

	assert_int_equal(bind(fd, (struct sockaddr *)&sin, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*port = ntohs(sin.sin_port);
	return fd;
}

static uint16_t port_of(const struct world *w, const char *name)
{
	struct wg_device_view v;

	wg_device_view(wg_device_find(w->wg, name), &v);
	return v.listen_port;
}

static void an_interface_has_what_the_configuration_says(void **state)
{
	struct world *w = *state;
	struct conf_wireguard *d;
	struct conf *c = make_conf(1);

	d = make_device(c, 0, "wg0", 0, "");
	make_address(d, "10.7.0.1/24");
	make_address(d, "fd07::1/64");
	assert_int_equal(commit(w, c), 0);
	assert_int_equal(wg_device_ifindex(wg_device_find(w->wg, "wg0")),
			 if_nametoindex("wg0"));
	assert_true(is_up("wg0"));
	assert_true(has_address("wg0", "10.7.0.1"));
	assert_true(has_address("wg0", "fd07::1"));
	assert_true(port_of(w, "wg0") != 0);

	c = make_conf(1);
	d = make_device(c, 0, "wg0", 0, "");
	d->shutdown = true;
	make_address(d, "10.7.0.2/24");
	assert_int_equal(commit(w, c), 0);
	assert_false(is_up("wg0"));
	assert_true(has_address("wg0", "10.7.0.2"));
	assert_false(has_address("wg0", "10.7.0.1"));

	assert_int_equal(commit(w, make_conf(0)), 0);
	assert_int_equal(if_nametoindex("wg0"), 0);
}

static void the_public_key_is_that_of_the_private_one(void **state)
{
	struct world *w = *state;
	struct conf *c = make_conf(1);
	uint8_t want[WG_KEY_LEN];
	struct wg_device_view v;

	make_device(c, 0, "wg0", 0, "");
	wg_key_public(want, c->wireguard[0]->private_key.key);
	assert_int_equal(commit(w, c), 0);
	wg_device_view(wg_device_find(w->wg, "wg0"), &v);
	assert_true(v.public_key_set);
	assert_memory_equal(v.public_key, want, sizeof(want));
	c = make_conf(1);
	make_device(c, 0, "wg0", 0, "")->private_key.set = false;
	assert_int_equal(commit(w, c), 0);
	wg_device_view(wg_device_find(w->wg, "wg0"), &v);
	assert_false(v.public_key_set);
}

static void a_port_in_use_changes_nothing(void **state)
{
	struct world *w = *state;
	struct conf *c = make_conf(1);
	char want[128];
	uint16_t before, taken;
	int fd = stranger(&taken);

	make_device(c, 0, "wg1", 0, "");
	assert_int_equal(commit(w, c), 0);
	before = port_of(w, "wg1");
	/* a new interface before it in the list is made first, and goes again */
	c = make_conf(2);
	make_device(c, 0, "wg0", 0, "");
	make_device(c, 1, "wg1", taken, "");
	assert_int_equal(commit(w, c), -EADDRINUSE);
	snprintf(want, sizeof(want),
		 "wireguard wg1: listen-port %u is in use by another program", taken);
	assert_string_equal(w->why, want);
	assert_int_equal(if_nametoindex("wg0"), 0);
	assert_int_equal(port_of(w, "wg1"), before);
	close(fd);
	c = make_conf(1);
	make_device(c, 0, "wg1", taken, "");
	assert_int_equal(commit(w, c), 0);
	assert_int_equal(port_of(w, "wg1"), taken);
}

static void a_name_in_use_changes_nothing(void **state)
{
	struct world *w = *state;
	struct conf *c = make_conf(1);

	make_device(c, 0, "lo", 0, "");
	assert_int_equal(commit(w, c), -EEXIST);
	assert_string_equal(w->why,
			    "wireguard lo: there is an interface of this name already");
	assert_null(wg_device_find(w->wg, "lo"));
}

static void interfaces_may_exchange_ports_and_pass_them_on(void **state)
{
	struct world *w = *state;
	struct conf *c;
	uint16_t a, b;
	int fa = stranger(&a), fb = stranger(&b);

	close(fa);
	close(fb);
	c = make_conf(2);
	make_device(c, 0, "wg0", a, "");
	make_device(c, 1, "wg1", b, "");
	assert_int_equal(commit(w, c), 0);
	c = make_conf(2);
	make_device(c, 0, "wg0", b, "");
	make_device(c, 1, "wg1", a, "");
	assert_int_equal(commit(w, c), 0);
	assert_int_equal(port_of(w, "wg0"), b);
	assert_int_equal(port_of(w, "wg1"), a);
	/* wg0 goes, and wg2 gets its port in the same commit */
	c = make_conf(2);
	make_device(c, 0, "wg1", a, "");
	make_device(c, 1, "wg2", b, "");
	assert_int_equal(commit(w, c), 0);
	assert_int_equal(port_of(w, "wg2"), b);
	assert_int_equal(if_nametoindex("wg0"), 0);
	/* nothing is left behind: a stranger can have both */
	assert_int_equal(commit(w, make_conf(0)), 0);
	c = make_conf(2);
	make_device(c, 0, "wg0", a, "");
	make_device(c, 1, "wg1", b, "");
	assert_int_equal(commit(w, c), 0);
}

static void a_firewall_mark_is_tried_before_it_is_taken(void **state)
{
	struct world *w = *state;
	struct conf *c = make_conf(1);

	make_device(c, 0, "wg0", 0, "")->fwmark = 0x1234;
	assert_int_equal(commit(w, c), 0);
	c = make_conf(1);
	make_device(c, 0, "wg0", 0, "")->fwmark = 0x4321;
	assert_int_equal(commit(w, c), 0);
}

static void free_ports(uint16_t *port, unsigned n)
{
	int fd[3];

	assert_true(n <= ARRAY_SIZE(fd));
	for (unsigned i = 0; i < n; i++)
		fd[i] = stranger(&port[i]);
	for (unsigned i = 0; i < n; i++)
		close(fd[i]);
}

/* They listen on this host. */
static void make_peers(struct conf_wireguard *a, unsigned of_a, struct conf_wireguard *b,
		       unsigned of_b)
{
	struct conf_peer *p = a->peer[of_a], *q = b->peer[of_b];

	wg_key_public(p->public_key, b->private_key.key);
	wg_key_public(q->public_key, a->private_key.key);
	assert_int_equal(ip_addr_parse(&p->endpoint.addr, "127.0.0.1"), 0);
	q->endpoint.addr = p->endpoint.addr;
	p->endpoint.port = b->listen_port;
	q->endpoint.port = a->listen_port;
}

/* Two interfaces that are each other's peer. */
static struct conf *back_to_back(uint16_t a, uint16_t b)
{
	struct conf *c = make_conf(2);
	struct conf_wireguard *w[2] = {make_device(c, 0, "wg0", a, "peer"),
				       make_device(c, 1, "wg1", b, "peer")};

	make_peers(w[0], 0, w[1], 0);
	make_address(w[0], "10.7.0.1/24");
	make_address(w[1], "10.8.0.1/24");
	return c;
}

/* wg0 has a peer on wg1, which may be shut down, and one on wg2. */
static struct conf *fork_of(const uint16_t port[3], bool shutdown)
{
	struct conf *c = make_conf(3);
	struct conf_wireguard *w[3] = {make_device(c, 0, "wg0", port[0], "first second"),
				       make_device(c, 1, "wg1", port[1], "peer"),
				       make_device(c, 2, "wg2", port[2], "peer")};

	make_peers(w[0], 0, w[1], 0);
	make_peers(w[0], 1, w[2], 0);
	w[0]->peer[0]->shutdown = shutdown;
	make_address(w[0], "10.7.0.1/24");
	return c;
}

/* Each from a port of its own, so that they are flows. */
static void send_packets(unsigned n)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};

	assert_int_equal(inet_pton(AF_INET, "10.7.0.9", &to.sin_addr), 1);
	for (unsigned i = 0; i < n; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM, 0);

		assert_int_equal(
			sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)), 1);
		close(fd);
	}
}

static void wait_for_sessions(struct world *w, unsigned ups)
{
	for (unsigned i = 0; w->ups < ups; i++) {
		fake_loop_run_jobs(w->loop);
		assert_true(i < 10000);
		(void)poll(NULL, 0, 1);
	}
}

/* All to 10.7.0.9. */
static void set_egress(struct wg_device *d, const struct wg_nexthop *nh, unsigned n)
{
	struct wg_group *g;
	struct prefix p;

	assert_int_equal(wg_group_new(d, nh, n, &g), 0);
	assert_int_equal(prefix_parse(&p, "10.7.0.9/32"), 0);
	assert_int_equal(wg_permission_set(d, &p, g, NULL), 0);
	wg_group_put(g);
}

/* But for those that belong here: wg1 permits nothing, and what the kernel says to its
 * routers over a new IPv6 interface has no peer. */
static bool find_spoofed(const char *name, const char *what, bool drop, uint64_t value,
			 void *arg)
{
	(void)what;
	if (strcmp(name, "rx-spoofed") != 0)
		return true;
	assert_true(drop);
	*(uint64_t *)arg = value;
	return false;
}

static void a_packet_out_of_an_interface_makes_a_session(void **state)
{
	struct world *w = *state;
	struct wg_nexthop nh = {.weight = 1};
	struct wg_peer_view v[2];
	struct wg_device *d;
	uint16_t port[2];
	uint64_t spoofed = 0;

	free_ports(port, 2);
	assert_int_equal(commit(w, back_to_back(port[0], port[1])), 0);
	d = wg_device_find(w->wg, "wg0");
	nh.peer = wg_peer_find(d, "peer");
	set_egress(d, &nh, 1);
	send_packets(1);
	wait_for_sessions(w, 2);
	wg_peer_view(nh.peer, &v[0]);
	wg_peer_view(wg_peer_find(wg_device_find(w->wg, "wg1"), "peer"), &v[1]);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(v[i].session, WG_SESSION_UP);
		assert_int_equal(v[i].handshakes, 1);
		assert_true(v[i].last_handshake_s && v[i].last_handshake_ns);
		assert_int_equal(v[i].endpoint_port, port[!i]);
	}
	assert_int_equal(v[0].tx_packets, 1);
	for (unsigned i = 0; !spoofed; i++) {
		wg_walk_counters(w->wg, find_spoofed, &spoofed);
		assert_true(i < 10000);
		(void)poll(NULL, 0, 1);
	}
}

static uint64_t sent_to(const struct wg_peer *p)
{
	struct wg_peer_view v;

	wg_peer_view(p, &v);
	return v.tx_packets;
}

static void wait_until_sent(const struct wg_peer *p, uint64_t n)
{
	for (unsigned i = 0; sent_to(p) < n; i++) {
		assert_true(i < 10000);
		(void)poll(NULL, 0, 1);
	}
}

/* Were they of one rank, hardly a flow would take the first. */
static void a_backup_carries_what_its_primary_cannot(void **state)
{
	struct world *w = *state;
	struct wg_nexthop nh[2] = {{.weight = 1}, {.weight = 1000, .rank = 1}};
	struct wg_device *d;
	uint16_t port[3];

	free_ports(port, 3);
	assert_int_equal(commit(w, fork_of(port, false)), 0);
	d = wg_device_find(w->wg, "wg0");
	nh[0].peer = wg_peer_find(d, "first");
	nh[1].peer = wg_peer_find(d, "second");
	set_egress(d, nh, 2);
	send_packets(20);
	wait_for_sessions(w, 2);
	wait_until_sent(nh[0].peer, 20);
	assert_int_equal(sent_to(nh[1].peer), 0);
	/* the group stays as it is */
	assert_int_equal(commit(w, fork_of(port, true)), 0);
	send_packets(20);
	wait_for_sessions(w, 4);
	wait_until_sent(nh[1].peer, 20);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_interface_has_what_the_configuration_says),
		T(the_public_key_is_that_of_the_private_one),
		T(a_port_in_use_changes_nothing),
		T(a_name_in_use_changes_nothing),
		T(interfaces_may_exchange_ports_and_pass_them_on),
		T(a_firewall_mark_is_tried_before_it_is_taken),
		T(a_packet_out_of_an_interface_makes_a_session),
		T(a_backup_carries_what_its_primary_cannot),
	};

	if (!lab_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
