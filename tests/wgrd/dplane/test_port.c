/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Many interfaces on one UDP port. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/dp_lab.h"

#define A "10.1.0.1"
#define B "10.2.0.1"

enum {
	TENANTS = 1000,
	DESCRIPTORS = 3 * 2 * LAB_WORKERS * TENANTS,
};

/* Tenant i is an interface here and one there; all use the same prefixes. */
struct estate {
	struct lab *lab;
	struct lab_node *here, *there;
	struct lab_node *a[TENANTS], *b[TENANTS];
	unsigned tenants;
};

/* On a port by number, as configuration would have it. */
static struct lab_node *landlord(struct lab *lab, const char *name)
{
	struct lab_node *n = lab_node_add(lab, name);

	n->conf.port = dp_device_port(n->dev);
	lab_node_set(n);
	return n;
}

static struct estate *build(unsigned tenants)
{
	struct estate *e = xcalloc(1, sizeof(*e));

	e->lab = lab_new();
	e->here = landlord(e->lab, "here");
	e->there = landlord(e->lab, "there");
	e->tenants = tenants;
	for (unsigned i = 0; i < tenants; i++) {
		e->a[i] = lab_tenant_new(e->here, "a");
		e->b[i] = lab_tenant_new(e->there, "b");
		lab_know(e->a[i], e->b[i], "10.2.0.0/16");
		lab_know(e->b[i], e->a[i], "10.1.0.0/16");
	}
	lab_advance(e->lab, 0);
	return e;
}

static void demolish(struct estate *e)
{
	for (unsigned i = 0; i < e->tenants; i++) {
		if (e->a[i])
			lab_tenant_free(e->a[i]);
		if (e->b[i])
			lab_tenant_free(e->b[i]);
	}
	lab_free(e->lab);
	free(e);
}

static void assert_all_silent(struct estate *e)
{
	uint8_t buf[LAB_PACKET_MAX];

	for (unsigned i = 0; i < e->tenants; i++) {
		assert_int_equal(lab_take(e->a[i], buf), 0);
		assert_int_equal(lab_take(e->b[i], buf), 0);
	}
}

static void a_thousand_tenants_share_a_port_and_their_addresses(void **state)
{
	struct estate *e = build(TENANTS);

	(void)state;
	assert_ptr_equal(atomic_load(&e->a[0]->dev->port),
			 atomic_load(&e->a[TENANTS - 1]->dev->port));
	for (unsigned i = 0; i < TENANTS; i++) {
		lab_send(e->a[i], A, B, 2 * i);
		lab_expect(e->b[i], A, B, 2 * i);
		lab_send(e->b[i], B, A, 2 * i + 1);
		lab_expect(e->a[i], B, A, 2 * i + 1);
	}
	/* each packet came out at one place */
	assert_all_silent(e);
	assert_int_equal(lab_count(e->here, "tx-initiations"), TENANTS);
	assert_int_equal(lab_count(e->there, "tx-responses"), TENANTS);
	assert_int_equal(lab_count(e->there, "hs-bad-mac"), 0);
	/* once a session is there, keys are not looked at */
	print_message("%llu keys looked at for an initiation\n",
		      (unsigned long long)lab_count(e->there, "hs-keys-searched") /
			      TENANTS);
	assert_in_range(lab_count(e->there, "hs-keys-searched"), TENANTS,
			TENANTS * (TENANTS + 16ull));
	demolish(e);
}

static void a_tenant_leaves_and_the_others_stay(void **state)
{
	struct estate *e = build(40);

	(void)state;
	for (unsigned i = 0; i < e->tenants; i++)
		lab_talk(e->a[i], A, e->b[i], B);
	for (unsigned i = 0; i < e->tenants; i += 2) {
		lab_tenant_free(e->b[i]);
		e->b[i] = NULL;
	}
	for (unsigned i = 1; i < e->tenants; i += 2)
		lab_talk(e->a[i], A, e->b[i], B);
	lab_send(e->a[0], A, B, 7);
	lab_wait_count(e->there, "rx-no-session", 1);
	dp_peer_clear(e->a[0]->peer[0]);
	lab_wait_count(e->there, "hs-bad-mac", 1);
	demolish(e);
}

static void all_who_share_a_port_have_its_mark(void **state)
{
	struct estate *e = build(2);
	uint32_t mark = 0;
	socklen_t len = sizeof(mark);
	int fd;

	(void)state;
	e->here->conf.fwmark = 0x51;
	lab_node_set(e->here);
	e->a[0]->conf.fwmark = 0x51;
	lab_node_set(e->a[0]);
	fd = dp_port_fd(atomic_load(&e->a[1]->dev->port), 0, AF_INET);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &len), 0);
	assert_int_equal(mark, 0x51);
	lab_talk(e->a[1], A, e->b[1], B);
	demolish(e);
}

/* Nobody agreed on a mark with an interface whose port the system chose. */
static void a_port_the_system_chose_is_not_shared(void **state)
{
	struct lab *lab = lab_new();
	struct lab_node *a = lab_node_add(lab, "a");
	char why[256] = "", want[256];
	struct dp_device_conf conf = a->conf;
	struct dp_device *dev;

	(void)state;
	conf.port = dp_device_port(a->dev);
	a->opening = a;
	snprintf(want, sizeof(want),
		 "wireguard x: listen-port %u is in use by wireguard a, for which the "
		 "system has chosen it",
		 conf.port);
	/* the queues that it makes first are a's again when it is refused */
	for (unsigned i = 0; i < LAB_WORKERS; i++)
		close(a->tun[i]);
	assert_int_equal(dp_device_new(a->dp, "x", &conf, &dev, why, sizeof(why)),
			 -EADDRINUSE);
	assert_string_equal(why, want);
	/* its owner may have it by number, and then others may too */
	a->opening = NULL;
	a->conf.port = conf.port;
	lab_node_set(a);
	lab_tenant_free(lab_tenant_new(a, "x"));
	lab_free(lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_tenants_share_a_port_and_their_addresses),
		cmocka_unit_test(a_tenant_leaves_and_the_others_stay),
		cmocka_unit_test(all_who_share_a_port_have_its_mark),
		cmocka_unit_test(a_port_the_system_chose_is_not_shared),
	};
	const struct rlimit files = {DESCRIPTORS, DESCRIPTORS};

	if (!lab_enter())
		return 77;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0) {
		perror("SKIPPED: cannot have enough descriptors");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
