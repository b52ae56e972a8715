/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A datagram from anywhere, taken as far as its bytes get it. The keys are those of
 * vectors.h, and so are the messages in the corpus: the authentic ones go all the way, and
 * nothing else may. mac1 is looked at but not required, since a fuzzer could not get past
 * it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wg/cookie.h"
#include "proto/wg/noise.h"
#include "tests/proto/wg/vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_NS (1000 * WG_NS_PER_S)

enum {
	CASES = sizeof(handshake_vectors) / sizeof(handshake_vectors[0]),
};

/* Both ends of one vector, before their handshake. */
struct rig {
	struct noise_local local_i, local_r;
	struct noise_handshake hs_i, hs_r;
	struct wg_cookie_jar jar_i;
	struct wg_msg_initiation initiation;
	struct wg_msg_response response;
	struct wg_msg_cookie reply;
	uint8_t key_i[AEAD_KEY_LEN], data[256];
	size_t data_len;
};

static struct rig rigs[CASES];

static size_t from_hex(void *dst, size_t size, const char *hex)
{
	uint8_t *p = dst;
	size_t n = 0;

	for (; n < size && hex[2 * n]; n++) {
		char byte[3] = {hex[2 * n], hex[2 * n + 1], '\0'};

		p[n] = (uint8_t)strtoul(byte, NULL, 16);
	}
	return n;
}

/* Plays back the initiator's ephemeral key. */
struct tape {
	struct wg_rng rng;
	const char *hex;
};

static void tape_fill(struct wg_rng *rng, void *dst, size_t len)
{
	from_hex(dst, len, ((struct tape *)rng)->hex);
}

static void set_up(struct rig *rig, const struct handshake_vector *v)
{
	uint8_t private_i[32], private_r[32], psk[32], stamp[WG_TAI64N_LEN];
	struct tape tape = {{tape_fill}, v->ephemeral_i};
	struct wg_msg_initiation sent;
	int err = 0;

	from_hex(private_i, 32, v->private_i);
	from_hex(private_r, 32, v->private_r);
	from_hex(psk, 32, v->psk);
	from_hex(stamp, sizeof(stamp), v->stamp);
	noise_local_init(&rig->local_i, private_i);
	noise_local_init(&rig->local_r, private_r);
	err |= noise_handshake_init(&rig->hs_i, &rig->local_i, rig->local_r.public_key,
				    psk);
	err |= noise_handshake_init(&rig->hs_r, &rig->local_r, rig->local_i.public_key,
				    psk);
	assert(err == 0);
	noise_initiation_create(&rig->hs_i, &sent, v->index_i, stamp, &tape.rng);
	wg_mac_sign(&rig->jar_i, &sent, sizeof(sent), rig->hs_i.mac1_key, NOW_NS);
	from_hex(&rig->initiation, sizeof(rig->initiation), v->initiation);
	from_hex(&rig->response, sizeof(rig->response), v->response);
	from_hex(&rig->reply, sizeof(rig->reply), v->reply);
	from_hex(rig->key_i, sizeof(rig->key_i), v->key_i);
	rig->data_len = from_hex(rig->data, sizeof(rig->data), v->data);
}

static void try_initiation(const struct rig *rig, const struct wg_msg_initiation *msg)
{
	const size_t from = offsetof(struct wg_msg_initiation, ephemeral);
	const size_t to = offsetof(struct wg_msg_initiation, macs);
	struct noise_handshake hs = rig->hs_r;
	struct noise_initiation in;

	wg_mac1_check(msg, sizeof(*msg), rig->local_r.mac1_key);
	if (noise_initiation_peek(&in, &rig->local_r, msg))
		return;
	if (memcmp(in.remote_public, hs.remote_public, WG_KEY_LEN) != 0 ||
	    noise_initiation_finish(&in, &hs, NOW_NS)) {
		noise_initiation_drop(&in);
		return;
	}
	assert(memcmp((const uint8_t *)msg + from,
		      (const uint8_t *)&rig->initiation + from, to - from) == 0);
	noise_initiation_drop(&in);
}

static void try_response(const struct rig *rig, const struct wg_msg_response *msg)
{
	const size_t from = offsetof(struct wg_msg_response, receiver);
	const size_t to = offsetof(struct wg_msg_response, macs);
	struct noise_handshake hs = rig->hs_i;
	struct wg_keypair kp;

	wg_mac1_check(msg, sizeof(*msg), rig->local_i.mac1_key);
	if (noise_response_consume(&hs, msg, &kp, NOW_NS)) {
		assert(hs.state == NOISE_INITIATED);
		return;
	}
	assert(memcmp((const uint8_t *)msg + from, (const uint8_t *)&rig->response + from,
		      to - from) == 0);
}

static void try_cookie(const struct rig *rig, const struct wg_msg_cookie *msg)
{
	const size_t from = offsetof(struct wg_msg_cookie, nonce);
	struct wg_cookie_jar jar = rig->jar_i;

	if (wg_cookie_consume(&jar, msg, rig->hs_i.cookie_key, NOW_NS))
		return;
	assert(memcmp((const uint8_t *)msg + from, (const uint8_t *)&rig->reply + from,
		      sizeof(*msg) - from) == 0);
}

static void try_data(const struct rig *rig, const uint8_t *data, size_t size)
{
	const struct wg_msg_data *msg = (const void *)data;
	struct aead_op op = {.nonce = load64_le(msg->counter)};

	op.src = data + sizeof(*msg);
	op.len = size - sizeof(*msg);
	op.dst = malloc(op.len);
	assert(op.dst);
	aead_best()->open(&op, 1, rig->key_i);
	if (op.ok)
		assert(size == rig->data_len &&
		       memcmp(data + 8, rig->data + 8, size - 8) == 0);
	free(op.dst);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;

	for (int i = 0; i < CASES && !ready; i++)
		set_up(&rigs[i], &handshake_vectors[i]);
	ready = true;
	for (int i = 0; i < CASES; i++)
		switch (wg_msg_classify(data, size)) {
		case WG_MSG_INVALID:
			return 0;
		case WG_MSG_INITIATION:
			try_initiation(&rigs[i], (const void *)data);
			break;
		case WG_MSG_RESPONSE:
			try_response(&rigs[i], (const void *)data);
			break;
		case WG_MSG_COOKIE:
			try_cookie(&rigs[i], (const void *)data);
			break;
		case WG_MSG_DATA:
			try_data(&rigs[i], data, size);
			break;
		}
	wg_msg_receiver(data);
	return 0;
}
