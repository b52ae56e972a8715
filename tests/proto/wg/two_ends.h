/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_PROTO_WG_TWO_ENDS_H
#define WGRD_TESTS_PROTO_WG_TWO_ENDS_H

/* Two ends of a tunnel in one process, and randomness that repeats. */

#include "proto/wg/cookie.h"
#include "proto/wg/noise.h"

/* Any time will do, but never 0. */
#define TEST_NOW_NS (1000 * WG_NS_PER_S)

/* A generator for tests: fast, seeded, no good for anything else. */
struct test_rng {
	struct wg_rng rng;
	uint64_t state;
};

void test_rng_init(struct test_rng *r, uint64_t seed);
uint64_t test_rng_next(struct test_rng *r);

struct end {
	struct noise_local local;
	struct noise_handshake hs; /* for the other end */
	struct wg_cookie_jar jar;
	struct wg_keypair kp;
};

struct two_ends {
	struct test_rng random;
	struct end a, b;
};

/* Keys are random from @seed. @psk may be NULL. Starts over with the same seed. */
void two_ends_init(struct two_ends *t, uint64_t seed, const uint8_t psk[WG_KEY_LEN]);

/* Each step of a handshake, macs and all, at TEST_NOW_NS + @at_ns. The time stamp says
 * @at_ns too. The results are those of the noise_ functions, or -EPROTO if mac1 is bad. */
void end_initiate(struct end *from, struct wg_msg_initiation *msg, uint32_t index,
		  uint64_t at_ns, struct wg_rng *rng);
int end_respond(struct end *to, const struct wg_msg_initiation *msg,
		struct wg_msg_response *answer, uint32_t index, uint64_t at_ns,
		struct wg_rng *rng);
int end_complete(struct end *from, const struct wg_msg_response *msg, uint64_t at_ns);

/* A whole handshake from @from to @to. Fails the running test unless it succeeds. */
void two_ends_shake(struct two_ends *t, struct end *from, struct end *to, uint64_t at_ns);

/* Whether what one seals, the other opens, both ways. */
bool two_ends_agree(const struct wg_keypair *a, const struct wg_keypair *b);

#endif
