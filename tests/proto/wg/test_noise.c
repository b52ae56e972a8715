/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wg/tai64n.h"
#include "tests/lib/hex.h"
#include "tests/proto/wg/two_ends.h"
#include "tests/proto/wg/vectors.h"

enum {
	SEED = 4711,
};

static const uint8_t psk1[WG_KEY_LEN] = {1, 2, 3}, psk2[WG_KEY_LEN] = {1, 2, 4};

static bool all_zero(const void *p, size_t len)
{
	const uint8_t *b = p;

	while (len--)
		if (*b++)
			return false;
	return true;
}

/* Randomness that was written down: the ephemeral keys of a vector. */
struct tape {
	struct wg_rng rng;
	const char *hex;
};

static void tape_fill(struct wg_rng *rng, void *dst, size_t len)
{
	struct tape *t = (struct tape *)rng;

	assert_int_equal(hex_decode(dst, len, t->hex), len);
}

static void end_from_hex(struct end *e, const char *private_hex, const char *remote_hex,
			 const char *psk_hex)
{
	uint8_t private_key[32], remote[32], psk[32];

	memset(e, 0, sizeof(*e));
	hex_decode(private_key, 32, private_hex);
	hex_decode(remote, 32, remote_hex);
	hex_decode(psk, 32, psk_hex);
	noise_local_init(&e->local, private_key);
	assert_int_equal(noise_handshake_init(&e->hs, &e->local, remote, psk), 0);
}

static void check_initiator(const struct handshake_vector *v)
{
	struct tape rng = {{tape_fill}, v->ephemeral_i};
	struct wg_msg_initiation initiation;
	struct wg_msg_response response;
	struct wg_msg_cookie reply;
	uint8_t stamp[WG_TAI64N_LEN];
	struct end e;

	end_from_hex(&e, v->private_i, v->public_r, v->psk);
	hex_check("public_i", e.local.public_key, 32, v->public_i);
	hex_decode(stamp, sizeof(stamp), v->stamp);
	noise_initiation_create(&e.hs, &initiation, v->index_i, stamp, &rng.rng);
	wg_mac_sign(&e.jar, &initiation, sizeof(initiation), e.hs.mac1_key, TEST_NOW_NS);
	hex_check("initiation", &initiation, sizeof(initiation), v->initiation);

	hex_decode((uint8_t *)&reply, sizeof(reply), v->reply);
	assert_int_equal(wg_cookie_consume(&e.jar, &reply, e.hs.cookie_key, TEST_NOW_NS),
			 0);
	hex_check("cookie", e.jar.cookie, sizeof(e.jar.cookie), v->cookie);

	hex_decode((uint8_t *)&response, sizeof(response), v->response);
	assert_int_equal(end_complete(&e, &response, 0), 0);
	hex_check("send key", e.kp.send_key, 32, v->key_i);
	hex_check("receive key", e.kp.recv_key, 32, v->key_r);
	assert_int_equal(e.kp.remote_index, v->index_r);
}

static void check_responder(const struct handshake_vector *v)
{
	struct tape rng = {{tape_fill}, v->ephemeral_r};
	struct wg_msg_initiation initiation;
	struct wg_msg_response response;
	uint8_t data[128], packet[64], got[64];
	struct aead_op op = {.dst = got, .src = data + sizeof(struct wg_msg_data)};
	size_t len, packet_len;
	struct end e;

	end_from_hex(&e, v->private_r, v->public_i, v->psk);
	hex_decode(e.jar.cookie, sizeof(e.jar.cookie), v->cookie);
	if (!all_zero(e.jar.cookie, sizeof(e.jar.cookie)))
		e.jar.cookie_ns = TEST_NOW_NS;
	hex_decode((uint8_t *)&initiation, sizeof(initiation), v->initiation);
	assert_int_equal(end_respond(&e, &initiation, &response, v->index_r, 0, &rng.rng),
			 0);
	hex_check("response", &response, sizeof(response), v->response);
	hex_check("receive key", e.kp.recv_key, 32, v->key_i);
	hex_check("send key", e.kp.send_key, 32, v->key_r);
	hex_check("stamp", e.hs.latest_stamp, WG_TAI64N_LEN, v->stamp);

	len = hex_decode(data, sizeof(data), v->data);
	packet_len = hex_decode(packet, sizeof(packet), v->packet);
	assert_int_equal(wg_msg_classify(data, len), WG_MSG_DATA);
	assert_int_equal(wg_msg_receiver(data), v->index_r);
	op.nonce = load64_le(((const struct wg_msg_data *)data)->counter);
	assert_int_equal(op.nonce, v->counter);
	op.len = len - sizeof(struct wg_msg_data);
	assert_int_equal(op.len, wg_data_padded(packet_len, 1420) + AEAD_TAG_LEN);
	aead_best()->open(&op, 1, e.kp.recv_key);
	assert_true(op.ok);
	hex_check_bytes("packet", got, packet, packet_len);
}

static void both_roles_match_the_vectors_byte_for_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(handshake_vectors) / sizeof(handshake_vectors[0]);
	     i++) {
		check_initiator(&handshake_vectors[i]);
		check_responder(&handshake_vectors[i]);
	}
}

/* The same messages as one by one, whoever their neighbours are. */
static void initiations_made_at_once_are_those_made_singly(void **state)
{
	uint8_t stamp[WG_TAI64N_LEN] = {1};
	struct wg_msg_initiation msg[NOISE_BATCH_MAX], want;
	struct noise_call call[NOISE_BATCH_MAX];
	struct two_ends t[NOISE_BATCH_MAX];
	struct test_rng rng;

	(void)state;
	for (unsigned n = 1; n <= NOISE_BATCH_MAX; n++) {
		for (unsigned i = 0; i < n; i++) {
			two_ends_init(&t[i], SEED + i, psk1);
			call[i] = (struct noise_call){&t[i].a.hs, &msg[i], i + 1, stamp};
		}
		test_rng_init(&rng, n);
		noise_initiations_create(call, n, &rng.rng);
		test_rng_init(&rng, n);
		for (unsigned i = 0; i < n; i++) {
			const uint32_t index = t[i].a.hs.local_index;

			assert_int_equal(index, i + 1);
			assert_int_equal(t[i].a.hs.state, NOISE_INITIATED);
			noise_initiation_create(&t[i].a.hs, &want, index, stamp,
						&rng.rng);
			assert_memory_equal(&msg[i], &want, sizeof(want));
		}
	}
}

static void initiations_are_opened_at_once_each_with_its_own_verdict(void **state)
{
	struct wg_msg_initiation msg[NOISE_BATCH_MAX];
	struct noise_peek peek[NOISE_BATCH_MAX];
	struct two_ends t[NOISE_BATCH_MAX];

	(void)state;
	for (unsigned n = 1; n <= NOISE_BATCH_MAX; n++) {
		for (unsigned i = 0; i < n; i++) {
			two_ends_init(&t[i], SEED + i, NULL);
			end_initiate(&t[i].a, &msg[i], i + 1, 0, &t[i].random.rng);
			if (i % 3 == 1)
				msg[i].static_sealed[i] ^= 1;
			if (i % 5 == 2) /* of low order */
				memset(msg[i].ephemeral, 0, sizeof(msg[i].ephemeral));
			peek[i] = (struct noise_peek){.local = &t[i].b.local,
						      .msg = &msg[i]};
		}
		noise_initiations_peek(peek, n);
		for (unsigned i = 0; i < n; i++) {
			if (i % 3 == 1 || i % 5 == 2) {
				assert_int_equal(peek[i].err, -EBADMSG);
				assert_true(all_zero(&peek[i].in, sizeof(peek[i].in)));
				continue;
			}
			assert_int_equal(peek[i].err, 0);
			assert_int_equal(peek[i].in.remote_index, i + 1);
			assert_int_equal(noise_initiation_finish(&peek[i].in, &t[i].b.hs,
								 TEST_NOW_NS),
					 0);
			noise_initiation_drop(&peek[i].in);
		}
	}
}

static void a_handshake_gives_both_ends_the_same_keys(void **state)
{
	const uint8_t *const psks[] = {NULL, psk1};
	struct two_ends t;

	(void)state;
	for (int i = 0; i < 2; i++) {
		two_ends_init(&t, SEED, psks[i]);
		two_ends_shake(&t, &t.a, &t.b, 0);
		assert_true(two_ends_agree(&t.a.kp, &t.b.kp));
		assert_true(t.a.kp.initiator);
		assert_false(t.b.kp.initiator);
		assert_int_equal(t.a.kp.born_ns, TEST_NOW_NS);
		assert_int_equal(t.a.hs.state, NOISE_IDLE);
		/* The other way round, and again. */
		two_ends_shake(&t, &t.b, &t.a, 1);
		assert_true(two_ends_agree(&t.a.kp, &t.b.kp));
		two_ends_shake(&t, &t.a, &t.b, WG_NS_PER_S);
		assert_true(two_ends_agree(&t.a.kp, &t.b.kp));
	}
}

static void every_handshake_has_new_keys(void **state)
{
	struct wg_keypair first;
	struct two_ends t;

	(void)state;
	two_ends_init(&t, SEED, NULL);
	two_ends_shake(&t, &t.a, &t.b, 0);
	first = t.a.kp;
	two_ends_shake(&t, &t.a, &t.b, WG_NS_PER_S);
	assert_memory_not_equal(first.send_key, t.a.kp.send_key, 32);
	assert_memory_not_equal(first.recv_key, t.a.kp.recv_key, 32);
	assert_memory_not_equal(first.send_key, first.recv_key, 32);
}

static void different_psks_fail_at_the_response(void **state)
{
	struct wg_msg_initiation initiation;
	struct wg_msg_response response;
	struct two_ends t;

	(void)state;
	two_ends_init(&t, SEED, psk1);
	noise_handshake_set_psk(&t.b.hs, psk2);
	end_initiate(&t.a, &initiation, 11, 0, &t.random.rng);
	assert_int_equal(end_respond(&t.b, &initiation, &response, 22, 0, &t.random.rng),
			 0);
	assert_int_equal(end_complete(&t.a, &response, 0), -EBADMSG);
	assert_int_equal(t.a.hs.state, NOISE_INITIATED);
	/* One end with, the other without. */
	noise_handshake_set_psk(&t.b.hs, NULL);
	end_initiate(&t.a, &initiation, 11, WG_NS_PER_S, &t.random.rng);
	assert_int_equal(
		end_respond(&t.b, &initiation, &response, 22, WG_NS_PER_S, &t.random.rng),
		0);
	assert_int_equal(end_complete(&t.a, &response, WG_NS_PER_S), -EBADMSG);
	/* And mended. */
	noise_handshake_set_psk(&t.b.hs, psk1);
	two_ends_shake(&t, &t.a, &t.b, 2 * WG_NS_PER_S);
	assert_true(two_ends_agree(&t.a.kp, &t.b.kp));
}

static void a_stranger_gets_no_further_than_his_key(void **state)
{
	struct wg_msg_initiation initiation;
	struct wg_msg_response response;
	struct noise_initiation in;
	struct two_ends t, other;

	(void)state;
	two_ends_init(&t, SEED, NULL);
	two_ends_init(&other, SEED + 1, NULL);
	/* other.a knows the public key of t.b, but t.b does not know other.a. */
	assert_int_equal(noise_handshake_init(&other.a.hs, &other.a.local,
					      t.b.local.public_key, NULL),
			 0);
	end_initiate(&other.a, &initiation, 11, 0, &t.random.rng);
	assert_int_equal(end_respond(&t.b, &initiation, &response, 22, 0, &t.random.rng),
			 -ENOKEY);

	/* Whoever puts t.a's public key in, without its private key, fails at the time
	 * stamp: here other.a signs with its own secret. */
	memcpy(other.a.local.public_key, t.a.local.public_key, WG_KEY_LEN);
	end_initiate(&other.a, &initiation, 11, 0, &t.random.rng);
	assert_int_equal(noise_initiation_peek(&in, &t.b.local, &initiation), 0);
	hex_check_bytes("claimed", in.remote_public, t.a.local.public_key, 32);
	assert_int_equal(noise_initiation_finish(&in, &t.b.hs, TEST_NOW_NS), -EBADMSG);
	assert_true(all_zero(&in, sizeof(in)));
	assert_true(all_zero(t.b.hs.latest_stamp, WG_TAI64N_LEN));
}

static void an_initiation_for_another_key_does_not_open(void **state)
{
	struct wg_msg_initiation initiation;
	struct noise_initiation in;
	struct two_ends t, other;

	(void)state;
	two_ends_init(&t, SEED, NULL);
	two_ends_init(&other, SEED + 1, NULL);
	end_initiate(&t.a, &initiation, 11, 0, &t.random.rng);
	assert_false(
		wg_mac1_check(&initiation, sizeof(initiation), other.b.local.mac1_key));
	assert_int_equal(noise_initiation_peek(&in, &other.b.local, &initiation),
			 -EBADMSG);
	assert_true(all_zero(&in, sizeof(in)));
}

static void a_replayed_initiation_is_refused(void **state)
{
	struct wg_msg_initiation first, second;
	struct wg_msg_response response;
	struct two_ends t;

	(void)state;
	two_ends_init(&t, SEED, NULL);
	end_initiate(&t.a, &first, 11, 0, &t.random.rng);
	assert_int_equal(end_respond(&t.b, &first, &response, 22, 0, &t.random.rng), 0);
	assert_int_equal(
		end_respond(&t.b, &first, &response, 22, WG_NS_PER_S, &t.random.rng),
		-EALREADY);
	end_initiate(&t.a, &second, 12, 2 * WG_NS_PER_S, &t.random.rng);
	assert_int_equal(
		end_respond(&t.b, &second, &response, 22, 2 * WG_NS_PER_S, &t.random.rng),
		0);
	/* An older one, never seen before the newer, is as bad. */
	assert_int_equal(
		end_respond(&t.b, &first, &response, 22, 9 * WG_NS_PER_S, &t.random.rng),
		-EALREADY);
	/* The refusals have not spoilt the answer to the second. */
	assert_int_equal(end_complete(&t.a, &response, 2 * WG_NS_PER_S), 0);
	assert_true(two_ends_agree(&t.a.kp, &t.b.kp));
}

static void initiations_in_a_flood_are_refused(void **state)
{
	struct wg_msg_initiation initiation;
	struct wg_msg_response response;
	const uint64_t gap_ns = WG_INITIATION_INTERVAL_NS;
	struct two_ends t;

	(void)state;
	two_ends_init(&t, SEED, NULL);
	end_initiate(&t.a, &initiation, 11, 0, &t.random.rng);
	assert_int_equal(end_respond(&t.b, &initiation, &response, 22, 0, &t.random.rng),
			 0);
	end_initiate(&t.a, &initiation, 11, WG_NS_PER_S, &t.random.rng);
	assert_int_equal(
		end_respond(&t.b, &initiation, &response, 22, gap_ns - 1, &t.random.rng),
		-EBUSY);
	/* Refused for its time, not for itself. */
	assert_int_equal(
		end_respond(&t.b, &initiation, &response, 22, gap_ns, &t.random.rng), 0);
}

static void any_flipped_byte_of_an_initiation_is_noticed(void **state)
{
	const size_t authentic = offsetof(struct wg_msg_initiation, macs);
	struct wg_msg_initiation initiation, damaged;
	struct wg_msg_response response;
	struct noise_initiation in;
	struct two_ends t;

	(void)state;
	two_ends_init(&t, SEED, NULL);
	end_initiate(&t.a, &initiation, 11, 0, &t.random.rng);
	for (size_t i = 0; i < sizeof(initiation); i++) {
		int err;

		damaged = initiation;
		((uint8_t *)&damaged)[i] ^= 0x20;
		err = end_respond(&t.b, &damaged, &response, 22, 0, &t.random.rng);
		/* mac2 is not checked unless under load. */
		if (i >= offsetof(struct wg_msg_initiation, macs.mac2))
			continue;
		if (err != -EPROTO)
			fail_msg("byte %zu: expected -EPROTO from mac1, seen %d", i, err);
		/* With mac1 mended, the seals notice, except for type and sender, which
		 * no seal covers: a false sender only misleads the answer. */
		if (i < offsetof(struct wg_msg_initiation, ephemeral) || i >= authentic)
			continue;
		err = noise_initiation_peek(&in, &t.b.local, &damaged);
		if (err == 0)
			err = noise_initiation_finish(&in, &t.b.hs, TEST_NOW_NS);
		if (err != -EBADMSG)
			fail_msg("byte %zu: expected -EBADMSG, seen %d", i, err);
	}
}

static void any_flipped_byte_of_a_response_is_noticed(void **state)
{
	struct wg_msg_initiation initiation;
	struct wg_msg_response response, damaged;
	struct noise_handshake before;
	struct two_ends t;

	(void)state;
	two_ends_init(&t, SEED, psk1);
	end_initiate(&t.a, &initiation, 11, 0, &t.random.rng);
	assert_int_equal(end_respond(&t.b, &initiation, &response, 22, 0, &t.random.rng),
			 0);
	before = t.a.hs;
	for (size_t i = 0; i < offsetof(struct wg_msg_response, macs.mac2); i++) {
		int err;

		damaged = response;
		((uint8_t *)&damaged)[i] ^= 0x20;
		err = end_complete(&t.a, &damaged, 0);
		if (err != -EPROTO)
			fail_msg("byte %zu: expected -EPROTO from mac1, seen %d", i, err);
		if (i < offsetof(struct wg_msg_response, receiver) ||
		    i >= offsetof(struct wg_msg_response, macs))
			continue;
		err = noise_response_consume(&t.a.hs, &damaged, &t.a.kp, TEST_NOW_NS);
		if (err != (i < offsetof(struct wg_msg_response, ephemeral) ? -EINVAL
									    : -EBADMSG))
			fail_msg("byte %zu: seen %d", i, err);
		hex_check_bytes("handshake", &t.a.hs, &before, sizeof(before));
	}
	/* After all this, the true one is still welcome. */
	assert_int_equal(end_complete(&t.a, &response, 0), 0);
	assert_true(two_ends_agree(&t.a.kp, &t.b.kp));
}

static void a_response_counts_once(void **state)
{
	struct wg_msg_initiation initiation;
	struct wg_msg_response response;
	struct two_ends t;

	(void)state;
	two_ends_init(&t, SEED, NULL);
	end_initiate(&t.a, &initiation, 11, 0, &t.random.rng);
	assert_int_equal(end_respond(&t.b, &initiation, &response, 22, 0, &t.random.rng),
			 0);
	assert_int_equal(end_complete(&t.a, &response, 0), 0);
	assert_int_equal(end_complete(&t.a, &response, 0), -EINVAL);
}

static void the_answer_to_an_abandoned_initiation_is_refused(void **state)
{
	struct wg_msg_initiation initiation;
	struct wg_msg_response response;
	struct two_ends t;

	(void)state;
	two_ends_init(&t, SEED, NULL);
	end_initiate(&t.a, &initiation, 11, 0, &t.random.rng);
	assert_int_equal(end_respond(&t.b, &initiation, &response, 22, 0, &t.random.rng),
			 0);
	noise_handshake_abandon(&t.a.hs);
	assert_true(all_zero(t.a.hs.ephemeral, 32));
	assert_int_equal(end_complete(&t.a, &response, 0), -EINVAL);
	/* Nor does it fit a newer one, even under the same index. */
	end_initiate(&t.a, &initiation, 11, WG_NS_PER_S, &t.random.rng);
	assert_int_equal(end_complete(&t.a, &response, 0), -EBADMSG);
}

static void two_ends_that_initiate_at_once_both_finish(void **state)
{
	struct wg_msg_initiation from_a, from_b;
	struct wg_msg_response to_a, to_b;
	struct wg_keypair a_responds, b_responds;
	struct two_ends t;

	(void)state;
	two_ends_init(&t, SEED, psk1);
	end_initiate(&t.a, &from_a, 11, 0, &t.random.rng);
	end_initiate(&t.b, &from_b, 21, 0, &t.random.rng);
	assert_int_equal(end_respond(&t.b, &from_a, &to_a, 22, 0, &t.random.rng), 0);
	assert_int_equal(end_respond(&t.a, &from_b, &to_b, 12, 0, &t.random.rng), 0);
	a_responds = t.a.kp;
	b_responds = t.b.kp;
	assert_int_equal(end_complete(&t.a, &to_a, 0), 0);
	assert_int_equal(end_complete(&t.b, &to_b, 0), 0);
	assert_true(two_ends_agree(&t.a.kp, &b_responds));
	assert_true(two_ends_agree(&t.b.kp, &a_responds));
}

static void keys_of_low_order_are_refused(void **state)
{
	struct wg_msg_initiation initiation;
	struct wg_msg_response response;
	const uint8_t zero[WG_KEY_LEN] = {0};
	struct noise_initiation in;
	struct noise_handshake hs;
	struct two_ends t;

	(void)state;
	two_ends_init(&t, SEED, NULL);
	assert_int_equal(noise_handshake_init(&hs, &t.a.local, zero, NULL), -EINVAL);
	end_initiate(&t.a, &initiation, 11, 0, &t.random.rng);
	assert_int_equal(end_respond(&t.b, &initiation, &response, 22, 0, &t.random.rng),
			 0);
	memset(initiation.ephemeral, 0, 32);
	assert_int_equal(noise_initiation_peek(&in, &t.b.local, &initiation), -EBADMSG);
	memset(response.ephemeral, 0, 32);
	assert_int_equal(noise_response_consume(&t.a.hs, &response, &t.a.kp, TEST_NOW_NS),
			 -EBADMSG);
	assert_int_equal(t.a.hs.state, NOISE_INITIATED);
}

/* Neither of the two products that make a response may be of low order. The steps before
 * let no such point come so far, so it is put there. */
static void a_response_needs_both_products(void **state)
{
	struct wg_msg_initiation initiation;
	struct wg_msg_response response;
	struct noise_initiation in;
	struct wg_keypair kp;
	struct two_ends t;

	(void)state;
	for (int spoilt = 0; spoilt < 3; spoilt++) {
		two_ends_init(&t, SEED, NULL);
		end_initiate(&t.a, &initiation, 11, 0, &t.random.rng);
		assert_int_equal(noise_initiation_peek(&in, &t.b.local, &initiation), 0);
		assert_int_equal(noise_initiation_finish(&in, &t.b.hs, TEST_NOW_NS), 0);
		if (spoilt == 1)
			memset(in.remote_ephemeral, 0, sizeof(in.remote_ephemeral));
		if (spoilt == 2)
			memset(in.remote_public, 0, sizeof(in.remote_public));
		assert_int_equal(noise_response_create(&in, &t.b.hs, &response, 22,
						       &t.random.rng, &kp, TEST_NOW_NS),
				 spoilt ? -EBADMSG : 0);
	}
}

static void what_is_secret_is_wiped(void **state)
{
	struct wg_msg_initiation initiation;
	struct wg_msg_response response;
	struct noise_initiation in;
	struct two_ends t;

	(void)state;
	two_ends_init(&t, SEED, psk1);
	end_initiate(&t.a, &initiation, 11, 0, &t.random.rng);
	assert_int_equal(noise_initiation_peek(&in, &t.b.local, &initiation), 0);
	assert_int_equal(noise_initiation_finish(&in, &t.b.hs, TEST_NOW_NS), 0);
	assert_int_equal(noise_response_create(&in, &t.b.hs, &response, 22, &t.random.rng,
					       &t.b.kp, TEST_NOW_NS),
			 0);
	assert_true(all_zero(&in, sizeof(in)));
	assert_int_equal(noise_response_consume(&t.a.hs, &response, &t.a.kp, TEST_NOW_NS),
			 0);
	assert_true(all_zero(t.a.hs.ephemeral, sizeof(t.a.hs.ephemeral)));
	assert_true(all_zero(&t.a.hs.sym, sizeof(t.a.hs.sym)));
	noise_handshake_fini(&t.a.hs);
	noise_local_fini(&t.a.local);
	wg_keypair_fini(&t.a.kp);
	assert_true(all_zero(&t.a.hs, sizeof(t.a.hs)));
	assert_true(all_zero(&t.a.local, sizeof(t.a.local)));
	assert_true(all_zero(&t.a.kp, sizeof(t.a.kp)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_roles_match_the_vectors_byte_for_byte),
		cmocka_unit_test(initiations_made_at_once_are_those_made_singly),
		cmocka_unit_test(
			initiations_are_opened_at_once_each_with_its_own_verdict),
		cmocka_unit_test(a_handshake_gives_both_ends_the_same_keys),
		cmocka_unit_test(every_handshake_has_new_keys),
		cmocka_unit_test(different_psks_fail_at_the_response),
		cmocka_unit_test(a_stranger_gets_no_further_than_his_key),
		cmocka_unit_test(an_initiation_for_another_key_does_not_open),
		cmocka_unit_test(a_replayed_initiation_is_refused),
		cmocka_unit_test(initiations_in_a_flood_are_refused),
		cmocka_unit_test(any_flipped_byte_of_an_initiation_is_noticed),
		cmocka_unit_test(any_flipped_byte_of_a_response_is_noticed),
		cmocka_unit_test(a_response_counts_once),
		cmocka_unit_test(the_answer_to_an_abandoned_initiation_is_refused),
		cmocka_unit_test(two_ends_that_initiate_at_once_both_finish),
		cmocka_unit_test(keys_of_low_order_are_refused),
		cmocka_unit_test(a_response_needs_both_products),
		cmocka_unit_test(what_is_secret_is_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
