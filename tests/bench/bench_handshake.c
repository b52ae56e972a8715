/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Handshakes a second on one core, in either role, beside what the curve alone allows.
 *
 *	bench_handshake [--json] [ROUNDS]
 *
 * Each side of a handshake computes one product with the base point (its ephemeral key)
 * and three others; a fourth, of the two static keys, is computed once for a peer:
 *
 *	initiator: base, e*S'; then e*E' and s*E' at once
 *	responder: s*E';  base; then e*E' and e*S' at once
 *
 * so the curve allows one in base + one product + a pair. "noise" is proto/wg alone;
 * "thread" the handshake thread of a data plane, by the CPU time it takes: messages in
 * from its mailbox and out by sendmsg(), tables, timers and sessions, a keepalive as
 * initiator. It has many to do, so it computes the product that is alone in a handshake
 * for two of them at once; the last column says what share it reaches of what the curve
 * would allow that way, base + half a pair + a pair. Best of the rounds.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "proto/crypto/x25519.h"
#include "proto/wg/cookie.h"
#include "proto/wg/tai64n.h"
#include "tests/bench/dp_rig.h"

enum {
	ENDS = 200, /* handshakes in a round */
	ROUNDS = 15,
	PRODUCTS = 500, /* in a round */
};

struct end {
	struct noise_local local; /* of the peer */
	struct noise_handshake noise;
	struct wg_cookie_jar jar;
	struct dp_peer *peer;
};

struct bench {
	struct dp_rig rig;
	struct end end[ENDS];
	uint32_t seconds; /* of the time stamps, which rise */
};

/* Nanoseconds each; the best so far. */
struct times {
	double base, product, pair;
	double noise[2], thread[2]; /* initiator, responder */
};

static void keep_best(double *best, double v)
{
	if (*best == 0 || v < *best)
		*best = v;
}

/* ---- the curve alone ---- */

static void time_products(struct times *t)
{
	uint8_t scalar[2][32] = {{8, 1}, {16, 2}}, point[2][32] = {{9}, {9}};
	struct x25519_op pair[2] = {{point[0], scalar[0], point[0], false},
				    {point[1], scalar[1], point[1], false}};
	uint64_t started;

	started = dp_rig_now_ns();
	for (unsigned i = 0; i < PRODUCTS; i++)
		x25519_public(scalar[0], scalar[0]);
	keep_best(&t->base, (double)(dp_rig_now_ns() - started) / PRODUCTS);
	started = dp_rig_now_ns();
	for (unsigned i = 0; i < PRODUCTS; i++) {
		if (x25519(point[0], scalar[0], point[0]))
			abort();
	}
	keep_best(&t->product, (double)(dp_rig_now_ns() - started) / PRODUCTS);
	started = dp_rig_now_ns();
	for (unsigned i = 0; i < PRODUCTS; i++)
		x25519_batch(pair, 2);
	keep_best(&t->pair, (double)(dp_rig_now_ns() - started) / PRODUCTS);
}

static double allowed_ns(const struct times *t)
{
	return t->base + t->product + t->pair;
}

/* With the product that is alone computed for two handshakes at once. */
static double allowed_paired_ns(const struct times *t)
{
	return t->base + t->pair / 2 + t->pair;
}

/* ---- proto/wg alone ---- */

static void next_stamp(struct bench *b, uint8_t stamp[WG_TAI64N_LEN])
{
	wg_tai64n(stamp, ++b->seconds, 0);
}

struct two_ends {
	struct noise_local local[2];
	struct noise_handshake noise[2];
};

static void make_two_ends(struct bench *b, struct two_ends *e)
{
	uint8_t key[WG_KEY_LEN];

	for (unsigned i = 0; i < 2; i++) {
		wg_key_generate(key, &b->rig.rng);
		noise_local_init(&e->local[i], key);
	}
	for (unsigned i = 0; i < 2; i++) {
		if (noise_handshake_init(&e->noise[i], &e->local[i],
					 e->local[!i].public_key, NULL))
			abort();
	}
}

/* Each side's part is timed by itself. */
static void time_noise(struct bench *b, struct times *t)
{
	uint64_t spent[2] = {0}, clock, now_ns = 1;
	struct wg_msg_initiation hello;
	struct wg_msg_response answer;
	struct noise_initiation in;
	uint8_t stamp[WG_TAI64N_LEN];
	struct wg_keypair kp;
	struct two_ends e;

	make_two_ends(b, &e);
	for (unsigned i = 0; i < ENDS; i++) {
		next_stamp(b, stamp);
		now_ns += NS_PER_S;
		clock = dp_rig_now_ns();
		noise_initiation_create(&e.noise[0], &hello, 1, stamp, &b->rig.rng);
		spent[0] += dp_rig_now_ns() - clock;
		clock = dp_rig_now_ns();
		if (noise_initiation_peek(&in, &e.local[1], &hello) ||
		    noise_initiation_finish(&in, &e.noise[1], now_ns) ||
		    noise_response_create(&in, &e.noise[1], &answer, 2, &b->rig.rng, &kp,
					  now_ns))
			abort();
		spent[1] += dp_rig_now_ns() - clock;
		clock = dp_rig_now_ns();
		if (noise_response_consume(&e.noise[0], &answer, &kp, now_ns))
			abort();
		spent[0] += dp_rig_now_ns() - clock;
	}
	keep_best(&t->noise[0], (double)spent[0] / ENDS);
	keep_best(&t->noise[1], (double)spent[1] / ENDS);
}

/* ---- the handshake thread ---- */

static void make_ends(struct bench *b)
{
	for (unsigned i = 0; i < ENDS; i++) {
		struct end *e = &b->end[i];
		uint8_t key[WG_KEY_LEN];

		wg_key_generate(key, &b->rig.rng);
		noise_local_init(&e->local, key);
		if (noise_handshake_init(&e->noise, &e->local, b->rig.public_key, NULL))
			abort();
		e->peer = dp_rig_peer(&b->rig, e->local.public_key);
	}
	dp_rig_settle(&b->rig);
}

static void drain_sink(struct bench *b)
{
	uint8_t buf[256];

	while (recv(b->rig.sink, buf, sizeof(buf), 0) > 0)
		;
}

/* Everybody calls; it answers. */
static void time_responder(struct bench *b, struct times *t)
{
	uint64_t answered = dp_rig_count(&b->rig, DP_TX_RESPONSES), cpu;
	struct wg_msg_initiation msg[ENDS];
	uint8_t stamp[WG_TAI64N_LEN];

	for (unsigned i = 0; i < ENDS; i++) {
		struct end *e = &b->end[i];

		next_stamp(b, stamp);
		noise_initiation_create(&e->noise, &msg[i], 1 + i, stamp, &b->rig.rng);
		wg_mac_sign(&e->jar, &msg[i], sizeof(msg[i]), e->noise.mac1_key, 1);
	}
	dp_rig_advance(&b->rig, NS_PER_S);
	cpu = dp_rig_hs_cpu_ns(&b->rig);
	for (unsigned i = 0; i < ENDS; i++)
		dp_rig_deliver(&b->rig, &msg[i], sizeof(msg[i]));
	dp_rig_wait_count(&b->rig, DP_TX_RESPONSES, answered + ENDS);
	dp_rig_settle(&b->rig);
	keep_best(&t->thread[1], (double)(dp_rig_hs_cpu_ns(&b->rig) - cpu) / ENDS);
	drain_sink(b);
}

static struct end *called(struct bench *b, const struct wg_msg_initiation *msg)
{
	for (unsigned i = 0; i < ENDS; i++) {
		if (wg_mac1_check(msg, sizeof(*msg), b->end[i].local.mac1_key))
			return &b->end[i];
	}
	abort();
}

static void answer(struct bench *b, const struct wg_msg_initiation *hello,
		   struct wg_msg_response *msg)
{
	struct end *e = called(b, hello);
	struct noise_initiation in;
	struct wg_keypair kp;

	e->noise.latest_ns = 0; /* the clock of this end stands still */
	if (noise_initiation_peek(&in, &e->local, hello) ||
	    noise_initiation_finish(&in, &e->noise, 1) ||
	    noise_response_create(&in, &e->noise, msg, 1, &b->rig.rng, &kp, 1))
		abort();
	wg_mac_sign(&e->jar, msg, sizeof(*msg), e->noise.mac1_key, 1);
}

/* It calls everybody, and gets its answers. */
static void time_initiator(struct bench *b, struct times *t)
{
	uint64_t done = dp_rig_count(&b->rig, DP_TX_KEEPALIVES), cpu, spent;
	struct wg_msg_response msg[ENDS];
	unsigned got = 0;

	dp_rig_settle(&b->rig);
	cpu = dp_rig_hs_cpu_ns(&b->rig);
	for (unsigned i = 0; i < ENDS; i++)
		dp_peer_clear(b->end[i].peer);
	dp_rig_settle(&b->rig);
	spent = dp_rig_hs_cpu_ns(&b->rig) - cpu;
	while (got < ENDS) {
		struct wg_msg_initiation hello;

		if (recv(b->rig.sink, &hello, sizeof(hello), 0) != sizeof(hello))
			abort();
		answer(b, &hello, &msg[got++]);
	}
	cpu = dp_rig_hs_cpu_ns(&b->rig);
	for (unsigned i = 0; i < ENDS; i++)
		dp_rig_deliver(&b->rig, &msg[i], sizeof(msg[i]));
	dp_rig_wait_count(&b->rig, DP_TX_KEEPALIVES, done + ENDS);
	dp_rig_settle(&b->rig);
	spent += dp_rig_hs_cpu_ns(&b->rig) - cpu;
	keep_best(&t->thread[0], (double)spent / ENDS);
	drain_sink(b);
}

/* ---- the report ---- */

static double share(const struct times *t, double ns)
{
	return allowed_ns(t) / ns;
}

static void print_row(const struct times *t, const char *what, const double ns[2])
{
	static const char *const role[] = {"initiator", "responder"};

	for (unsigned i = 0; i < 2; i++)
		printf("%-7s %-10s %8.0f a second, %6.1f us, %5.1f %% of what X25519 "
		       "allows, %5.1f %% paired\n",
		       what, role[i], 1e9 / ns[i], ns[i] / 1e3, 100 * share(t, ns[i]),
		       100 * allowed_paired_ns(t) / ns[i]);
}

static void print_text(const struct times *t)
{
	printf("X25519 (%s): base %.1f us, product %.1f us, two at once %.1f us\n"
	       "a side of a handshake: %.1f + %.1f + %.1f = %.1f us, %.0f a second\n",
	       x25519_best()->name, t->base / 1e3, t->product / 1e3, t->pair / 1e3,
	       t->base / 1e3, t->product / 1e3, t->pair / 1e3, allowed_ns(t) / 1e3,
	       1e9 / allowed_ns(t));
	print_row(t, "noise", t->noise);
	print_row(t, "thread", t->thread);
}

static void print_json(const struct times *t)
{
	printf("{\"impl\":\"%s\",\"base_us\":%.2f,\"product_us\":%.2f,\"pair_us\":%.2f,"
	       "\"allowed_per_s\":%.0f,\"noise_initiator_per_s\":%.0f,"
	       "\"noise_responder_per_s\":%.0f,\"initiator_per_s\":%.0f,"
	       "\"responder_per_s\":%.0f,\"initiator_share\":%.3f,"
	       "\"responder_share\":%.3f,\"allowed_paired_per_s\":%.0f}\n",
	       x25519_best()->name, t->base / 1e3, t->product / 1e3, t->pair / 1e3,
	       1e9 / allowed_ns(t), 1e9 / t->noise[0], 1e9 / t->noise[1],
	       1e9 / t->thread[0], 1e9 / t->thread[1], share(t, t->thread[0]),
	       share(t, t->thread[1]), 1e9 / allowed_paired_ns(t));
}

int main(int argc, char **argv)
{
	struct bench *b = xcalloc(1, sizeof(*b));
	unsigned rounds = ROUNDS;
	struct times t = {0};
	bool json = false;
	int at = 1;

	if (at < argc && !strcmp(argv[at], "--json")) {
		json = true;
		at++;
	}
	if (at < argc)
		rounds = (unsigned)strtoul(argv[at++], NULL, 10);
	if (!rounds || at < argc) {
		fprintf(stderr, "usage: bench_handshake [--json] [ROUNDS]\n");
		return 2;
	}
	dp_rig_start(&b->rig);
	make_ends(b);
	/* so that the products of static keys are there already */
	time_responder(b, &(struct times){0});
	for (unsigned i = 0; i < rounds; i++) {
		time_products(&t);
		time_noise(b, &t);
		time_responder(b, &t);
		time_initiator(b, &t);
	}
	(json ? print_json : print_text)(&t);
	for (unsigned i = 0; i < ENDS; i++)
		dp_rig_peer_free(b->end[i].peer);
	dp_rig_stop(&b->rig);
	free(b);
	return 0;
}
