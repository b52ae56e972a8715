/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/io/endpoint.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "wgrd/lib/util.h"

static void it_survives_the_way_through_a_sockaddr(void **state)
{
	static const struct {
		const char *addr;
		uint16_t port;
		uint32_t scope;
	} cases[] = {
		{"192.0.2.1", 51820, 0},
		{"2001:db8::1", 1, 0},
		{"fe80::1", 65535, 7},
		{"0.0.0.0", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dp_endpoint ep, back;
		struct sockaddr_in6 sa;
		struct ip_addr a, b;

		assert_int_equal(ip_addr_parse(&a, cases[i].addr), 0);
		ep = dp_endpoint_from(&a, cases[i].port);
		ep.scope = cases[i].scope;
		assert_int_equal(dp_endpoint_to_sockaddr(&ep, &sa),
				 a.family == AF_INET ? sizeof(struct sockaddr_in)
						     : sizeof(struct sockaddr_in6));
		back = dp_endpoint_from_sockaddr(&sa);
		assert_true(dp_endpoint_equal(&ep, &back));
		b = dp_endpoint_addr(&back);
		assert_true(ip_addr_equal(&a, &b));
	}
}

static void the_same_place_may_have_another_source(void **state)
{
	struct dp_endpoint a = {.family = AF_INET, .port = 1, .addr = {192, 0, 2, 1}};
	struct dp_endpoint b = a;

	(void)state;
	b.source[0] = 10;
	assert_false(dp_endpoint_equal(&a, &b));
	assert_true(dp_endpoint_same_place(&a, &b));
	b.addr[3] = 2;
	assert_false(dp_endpoint_same_place(&a, &b));
}

struct torture {
	struct dp_endpoint_cell cell;
	_Atomic bool stop;
	_Atomic unsigned torn;
	_Atomic unsigned reads;
};

/* All bytes alike, so that a mixture of two would show. */
static struct dp_endpoint uniform(uint8_t v)
{
	struct dp_endpoint ep;

	memset(&ep, v, sizeof(ep));
	return ep;
}

static void *write_all_the_time(void *arg)
{
	struct torture *t = arg;

	for (unsigned i = 0; !atomic_load_explicit(&t->stop, memory_order_relaxed); i++) {
		struct dp_endpoint ep = uniform((uint8_t)i);

		if (i % 2)
			dp_endpoint_store(&t->cell, &ep);
		else
			(void)dp_endpoint_try_store(&t->cell, &ep);
	}
	return NULL;
}

static void *read_all_the_time(void *arg)
{
	struct torture *t = arg;

	while (atomic_fetch_add(&t->reads, 1) < 100000) {
		struct dp_endpoint ep = dp_endpoint_load(&t->cell);
		struct dp_endpoint want = uniform(ep.addr[0]);

		if (!dp_endpoint_equal(&ep, &want))
			atomic_fetch_add(&t->torn, 1);
	}
	return NULL;
}

static void readers_never_see_half_of_it(void **state)
{
	struct torture t = {0};
	pthread_t writer[2], reader[2];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(pthread_create(&writer[i], NULL, write_all_the_time, &t),
				 0);
		assert_int_equal(pthread_create(&reader[i], NULL, read_all_the_time, &t),
				 0);
	}
	for (unsigned i = 0; i < 2; i++)
		pthread_join(reader[i], NULL);
	atomic_store(&t.stop, true);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(writer[i], NULL);
	assert_int_equal(atomic_load(&t.torn), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_survives_the_way_through_a_sockaddr),
		cmocka_unit_test(the_same_place_may_have_another_source),
		cmocka_unit_test(readers_never_see_half_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
