/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Handshake messages by the ten thousand, from hundreds of addresses, while packets flow
 * under a session that is there: each packet arrives, and memory does not grow.
 */

#include <arpa/inet.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/wg/cookie.h"
#include "proto/wg/messages.h"
#include "tests/lib/dp_lab.h"

#define A "10.1.0.1"
#define B "10.2.0.1"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR 0
#endif
#endif
#ifndef OWN_ALLOCATOR
#define OWN_ALLOCATOR 1
#endif

enum {
	SOURCES = 200,
	ROUNDS = 400, /* a packet each way in each */
	AT_ONCE = 150,
	MEMORY_SLACK = 64 << 10,
};

struct flood {
	struct lab *lab;
	struct lab_node *a, *b;
	int from[SOURCES];
	struct sockaddr_in to;
	uint8_t mac1_key[32]; /* of b, as anybody knows it */
	uint64_t sent;
};

static void open_sources(struct flood *f)
{
	for (unsigned i = 0; i < SOURCES; i++) {
		struct sockaddr_in sin = {.sin_family = AF_INET};

		/* 127.0.1.1 to 127.0.1.200: all of 127/8 is ours */
		sin.sin_addr.s_addr = htonl(0x7f000100 + 1 + i);
		f->from[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		assert_true(f->from[i] >= 0);
		assert_int_equal(bind(f->from[i], (struct sockaddr *)&sin, sizeof(sin)),
				 0);
	}
}

static struct flood *begin(void)
{
	struct flood *f = xcalloc(1, sizeof(*f));

	f->lab = lab_new();
	f->a = lab_node_add(f->lab, "a");
	f->b = lab_node_add(f->lab, "b");
	(void)lab_join(f->a, "10.1.0.0/16", f->b, "10.2.0.0/16", AF_INET);
	lab_talk(f->a, A, f->b, B);
	f->to = (struct sockaddr_in){.sin_family = AF_INET,
				     .sin_port = htons(dp_device_port(f->b->dev)),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	wg_mac1_key(f->mac1_key, f->b->public_key);
	open_sources(f);
	return f;
}

static void end(struct flood *f)
{
	for (unsigned i = 0; i < SOURCES; i++)
		close(f->from[i]);
	lab_free(f->lab);
	free(f);
}

static void shoot(struct flood *f, const void *msg, size_t len)
{
	(void)sendto(f->from[f->sent++ % SOURCES], msg, len, 0, (struct sockaddr *)&f->to,
		     sizeof(f->to));
}

/* What is not checked by anybody is the same each time; what is, is not. */
static void make_initiation(struct flood *f, struct wg_msg_initiation *m, bool mac1)
{
	struct wg_cookie_jar jar = {0};

	memset(m, 0x77, sizeof(*m));
	store32_le(m->type, WG_MSG_INITIATION);
	memcpy(m->ephemeral, &f->sent, sizeof(f->sent));
	if (mac1)
		wg_mac_sign(&jar, m, sizeof(*m), f->mac1_key, 1);
}

static void shoot_noise(struct flood *f)
{
	struct wg_msg_initiation m;

	make_initiation(f, &m, false);
	shoot(f, &m, sizeof(m));
}

static void shoot_signed(struct flood *f)
{
	struct wg_msg_initiation m;

	make_initiation(f, &m, true);
	shoot(f, &m, sizeof(m));
}

static void shoot_response(struct flood *f)
{
	struct wg_msg_response m;

	memset(&m, 0x77, sizeof(m));
	store32_le(m.type, WG_MSG_RESPONSE);
	memcpy(m.receiver, &f->sent, sizeof(m.receiver));
	shoot(f, &m, sizeof(m));
}

static void shoot_cookie(struct flood *f)
{
	struct wg_msg_cookie m;

	memset(&m, 0x77, sizeof(m));
	store32_le(m.type, WG_MSG_COOKIE);
	memcpy(m.receiver, &f->sent, sizeof(m.receiver));
	shoot(f, &m, sizeof(m));
}

static size_t memory(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* Sees that each of the packets arrives, and that the second half of the flood takes no
 * memory that the first did not. */
static void survive(struct flood *f, void (*shot)(struct flood *f))
{
	uint64_t handshakes = atomic_load(&f->b->peer[0]->counters.handshakes);
	size_t half = 0;

	for (uint32_t round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < AT_ONCE; i++)
			shot(f);
		lab_send(f->a, A, B, 2 * round);
		lab_expect(f->b, A, B, 2 * round);
		lab_send(f->b, B, A, 2 * round + 1);
		lab_expect(f->a, B, A, 2 * round + 1);
		if (round == ROUNDS / 2)
			half = memory();
	}
	if (OWN_ALLOCATOR)
		assert_in_range(memory(), 0, half + MEMORY_SLACK);
	/* nothing of it touched the peer */
	assert_int_equal(atomic_load(&f->b->peer[0]->counters.handshakes), handshakes);
	assert_int_equal(lab_count(f->b, "roamed"), 0);
	assert_int_equal(lab_count(f->b, "tx-responses"), 1);
}

static uint64_t refused(const struct flood *f, const char *why)
{
	return lab_count(f->b, why) + lab_count(f->b, "hs-busy");
}

static void initiations_for_nobody(void **state)
{
	struct flood *f = begin();

	(void)state;
	survive(f, shoot_noise);
	assert_in_range(refused(f, "hs-bad-mac"), ROUNDS, f->sent);
	assert_int_equal(lab_count(f->b, "tx-cookies"), 0);
	end(f);
}

static void initiations_of_those_who_know_the_public_key(void **state)
{
	struct flood *f = begin();

	(void)state;
	survive(f, shoot_signed);
	/* those looked at cost a product, or under load a cookie, and no more */
	assert_in_range(refused(f, "hs-forged") + lab_count(f->b, "tx-cookies"), ROUNDS,
			f->sent);
	end(f);
}

static void responses_that_nobody_waits_for(void **state)
{
	struct flood *f = begin();

	(void)state;
	survive(f, shoot_response);
	assert_in_range(refused(f, "hs-unexpected"), ROUNDS, f->sent);
	end(f);
}

static void cookies_that_nobody_waits_for(void **state)
{
	struct flood *f = begin();

	(void)state;
	survive(f, shoot_cookie);
	assert_in_range(refused(f, "hs-unexpected"), ROUNDS, f->sent);
	end(f);
}

/* The session in use must be renewed while all that goes on. */
static void a_rekey_in_the_middle_of_it(void **state)
{
	struct flood *f = begin();
	uint64_t before = atomic_load(&f->a->peer[0]->counters.handshakes);

	(void)state;
	lab_advance(f->lab, 121 * NS_PER_S);
	for (uint32_t round = 0; round < 4000; round++) {
		for (unsigned i = 0; i < 20; i++)
			shoot_signed(f);
		lab_send(f->a, A, B, round);
		lab_expect(f->b, A, B, round);
		if (atomic_load(&f->a->peer[0]->counters.handshakes) > before)
			break;
		/* so that it tries again if a cookie was the answer */
		if (round % 100 == 99)
			lab_advance(f->lab, 6 * NS_PER_S);
		assert_true(round < 3000);
	}
	lab_talk(f->a, A, f->b, B);
	end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(initiations_for_nobody),
		cmocka_unit_test(initiations_of_those_who_know_the_public_key),
		cmocka_unit_test(responses_that_nobody_waits_for),
		cmocka_unit_test(cookies_that_nobody_waits_for),
		cmocka_unit_test(a_rekey_in_the_middle_of_it),
	};

	if (!lab_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
