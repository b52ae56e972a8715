/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/proto/wg/two_ends.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wg/tai64n.h"

/* splitmix64. */
uint64_t test_rng_next(struct test_rng *r)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void fill(struct wg_rng *rng, void *dst, size_t len)
{
	struct test_rng *r = (struct test_rng *)rng;
	uint8_t *p = dst;

	while (len--)
		*p++ = (uint8_t)test_rng_next(r);
}

void test_rng_init(struct test_rng *r, uint64_t seed)
{
	r->rng.fill = fill;
	r->state = seed;
}

void two_ends_init(struct two_ends *t, uint64_t seed, const uint8_t psk[WG_KEY_LEN])
{
	struct end *ends[] = {&t->a, &t->b};
	uint8_t private_key[WG_KEY_LEN];

	memset(t, 0, sizeof(*t));
	test_rng_init(&t->random, seed);
	for (int i = 0; i < 2; i++) {
		wg_key_generate(private_key, &t->random.rng);
		noise_local_init(&ends[i]->local, private_key);
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(noise_handshake_init(&ends[i]->hs, &ends[i]->local,
						      ends[!i]->local.public_key, psk),
				 0);
}

void end_initiate(struct end *from, struct wg_msg_initiation *msg, uint32_t index,
		  uint64_t at_ns, struct wg_rng *rng)
{
	uint8_t stamp[WG_TAI64N_LEN];

	wg_tai64n(stamp, (int64_t)(at_ns / WG_NS_PER_S), (uint32_t)(at_ns % WG_NS_PER_S));
	noise_initiation_create(&from->hs, msg, index, stamp, rng);
	wg_mac_sign(&from->jar, msg, sizeof(*msg), from->hs.mac1_key,
		    TEST_NOW_NS + at_ns);
}

int end_respond(struct end *to, const struct wg_msg_initiation *msg,
		struct wg_msg_response *answer, uint32_t index, uint64_t at_ns,
		struct wg_rng *rng)
{
	struct noise_initiation in;
	int err;

	if (wg_msg_classify(msg, sizeof(*msg)) != WG_MSG_INITIATION ||
	    !wg_mac1_check(msg, sizeof(*msg), to->local.mac1_key))
		return -EPROTO;
	err = noise_initiation_peek(&in, &to->local, msg);
	if (err)
		return err;
	if (memcmp(in.remote_public, to->hs.remote_public, WG_KEY_LEN) != 0) {
		noise_initiation_drop(&in);
		return -ENOKEY;
	}
	err = noise_initiation_finish(&in, &to->hs, TEST_NOW_NS + at_ns);
	if (err)
		return err;
	err = noise_response_create(&in, &to->hs, answer, index, rng, &to->kp,
				    TEST_NOW_NS + at_ns);
	if (err)
		return err;
	wg_mac_sign(&to->jar, answer, sizeof(*answer), to->hs.mac1_key,
		    TEST_NOW_NS + at_ns);
	return 0;
}

int end_complete(struct end *from, const struct wg_msg_response *msg, uint64_t at_ns)
{
	if (wg_msg_classify(msg, sizeof(*msg)) != WG_MSG_RESPONSE ||
	    !wg_mac1_check(msg, sizeof(*msg), from->local.mac1_key))
		return -EPROTO;
	return noise_response_consume(&from->hs, msg, &from->kp, TEST_NOW_NS + at_ns);
}

void two_ends_shake(struct two_ends *t, struct end *from, struct end *to, uint64_t at_ns)
{
	struct wg_msg_initiation initiation;
	struct wg_msg_response response;

	end_initiate(from, &initiation, 11, at_ns, &t->random.rng);
	assert_int_equal(
		end_respond(to, &initiation, &response, 22, at_ns, &t->random.rng), 0);
	assert_int_equal(end_complete(from, &response, at_ns), 0);
}

static bool one_way(const uint8_t seal_key[AEAD_KEY_LEN],
		    const uint8_t open_key[AEAD_KEY_LEN])
{
	uint8_t buf[5 + AEAD_TAG_LEN] = "hello";
	struct aead_op op = {buf, buf, 5, 7, false};

	aead_best()->seal(&op, 1, seal_key);
	op.len = sizeof(buf);
	aead_best()->open(&op, 1, open_key);
	return op.ok && memcmp(buf, "hello", 5) == 0;
}

bool two_ends_agree(const struct wg_keypair *a, const struct wg_keypair *b)
{
	return one_way(a->send_key, b->recv_key) && one_way(b->send_key, a->recv_key) &&
	       a->local_index == b->remote_index && a->remote_index == b->local_index &&
	       a->initiator != b->initiator;
}
