/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Initiations are made together when a turn of the handshake thread ends. The thread is
 * held while the main thread asks for things, so that all of them fall into one turn.
 */

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/dp_lab.h"
#include "tests/lib/rng.h"
#include "wgrd/dplane/hs_internal.h"

enum {
	PEERS = 3 * DP_HS_TURN - 1,
};

struct callee {
	struct noise_local local;
	struct dp_peer *peer;
	unsigned called;
};

struct town {
	struct lab *lab;
	struct lab_node *node;
	int fd; /* where everybody lives */
	struct callee callee[PEERS];
	/* what holds the thread */
	struct dp_call hold;
	sem_t held, go;
};

static void wait_for_go(struct dp_call *c, void *owner)
{
	struct town *t = container_of(c, struct town, hold);

	(void)owner;
	sem_post(&t->held);
	while (sem_wait(&t->go) < 0)
		;
}

/* When it returns, the thread is in a turn of which this is all: what is asked for then is for
 * the next. */
static void hold(struct town *t)
{
	t->hold.fn = wait_for_go;
	dp_inbox_post(dp_hs_inbox(t->node->dp->hs), &t->hold);
	while (sem_wait(&t->held) < 0)
		;
}

/* When it returns, all that was asked for has been done. */
static void let_go(struct town *t)
{
	sem_post(&t->go);
	dplane_clock_moved(t->node->dp);
}

static void open_home(struct town *t, struct dp_peer_conf *conf)
{
	struct sockaddr_in6 sa = {.sin6_family = AF_INET6,
				  .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	socklen_t len = sizeof(sa);
	struct dp_endpoint at;

	t->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_true(t->fd >= 0);
	assert_int_equal(bind(t->fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(t->fd, (struct sockaddr *)&sa, &len), 0);
	at = dp_endpoint_from_sockaddr(&sa);
	*conf = (struct dp_peer_conf){.enabled = true,
				      .endpoint = dp_endpoint_addr(&at),
				      .endpoint_port = at.port};
}

static struct town *make_town(void)
{
	struct town *t = xcalloc(1, sizeof(*t));
	struct dp_peer_conf conf;
	uint8_t key[WG_KEY_LEN];

	t->lab = lab_new();
	t->node = lab_node_add(t->lab, "a");
	assert_int_equal(sem_init(&t->held, 0, 0), 0);
	assert_int_equal(sem_init(&t->go, 0, 0), 0);
	open_home(t, &conf);
	for (unsigned i = 0; i < PEERS; i++) {
		struct callee *c = &t->callee[i];

		rng_fill(key, sizeof(key));
		noise_local_init(&c->local, key);
		memcpy(conf.key.public_key, c->local.public_key, WG_KEY_LEN);
		assert_int_equal(dp_peer_new(t->node->dev, &conf, NULL, &c->peer), 0);
	}
	return t;
}

static void free_town(struct town *t)
{
	for (unsigned i = 0; i < PEERS; i++) {
		if (!t->callee[i].peer->retired)
			dp_peer_retire(t->callee[i].peer);
		dp_peer_free(t->callee[i].peer);
	}
	lab_free(t->lab);
	sem_destroy(&t->held);
	sem_destroy(&t->go);
	close(t->fd);
	free(t);
}

/* Notes who is called, by an initiation that opens with its key and says who calls. */
static void take_calls(struct town *t)
{
	struct wg_msg_initiation msg;
	struct noise_initiation in;

	while (recv(t->fd, &msg, sizeof(msg), 0) == sizeof(msg)) {
		unsigned i = 0;

		while (i < PEERS &&
		       !wg_mac1_check(&msg, sizeof(msg), t->callee[i].local.mac1_key))
			i++;
		assert_true(i < PEERS);
		assert_int_equal(noise_initiation_peek(&in, &t->callee[i].local, &msg),
				 0);
		assert_memory_equal(in.remote_public, t->node->public_key, WG_KEY_LEN);
		noise_initiation_drop(&in);
		t->callee[i].called++;
	}
}

static void who_is_called_in_one_turn_gets_a_message_of_its_own(void **state)
{
	struct town *t = make_town();

	(void)state;
	hold(t);
	for (unsigned i = 0; i < PEERS; i++)
		dp_peer_clear(t->callee[i].peer);
	let_go(t);
	take_calls(t);
	for (unsigned i = 0; i < PEERS; i++)
		assert_int_equal(t->callee[i].called, 1);
	free_town(t);
}

static void who_is_called_twice_in_one_turn_gets_one_message(void **state)
{
	struct town *t = make_town();

	(void)state;
	hold(t);
	for (unsigned i = 0; i < 3 * DP_HS_TURN; i++)
		dp_peer_clear(t->callee[i % 3].peer);
	let_go(t);
	take_calls(t);
	for (unsigned i = 0; i < PEERS; i++)
		assert_int_equal(t->callee[i].called, i < 3);
	free_town(t);
}

static void who_goes_in_the_turn_it_was_to_be_called_in_is_not(void **state)
{
	struct town *t = make_town();

	(void)state;
	hold(t);
	for (unsigned i = 0; i < DP_HS_TURN; i++)
		dp_peer_clear(t->callee[i].peer);
	for (unsigned i = 0; i < DP_HS_TURN; i += 3)
		dp_peer_retire(t->callee[i].peer);
	let_go(t);
	take_calls(t);
	for (unsigned i = 0; i < PEERS; i++)
		assert_int_equal(t->callee[i].called, i < DP_HS_TURN && i % 3);
	free_town(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_called_in_one_turn_gets_a_message_of_its_own),
		cmocka_unit_test(who_is_called_twice_in_one_turn_gets_one_message),
		cmocka_unit_test(who_goes_in_the_turn_it_was_to_be_called_in_is_not),
	};

	if (!lab_enter())
		return 77;
	rng_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
