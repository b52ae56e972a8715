/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs everything that handles secrets with the secrets marked as undefined memory. Under
 * valgrind's memcheck, each branch and each address that depends on undefined bits is an
 * error, so what passes here has the same control flow and the same accesses for every
 * secret. test_ct_valgrind.sh builds it, with WGRD_CT_CHECK, and runs it.
 *
 * With the argument "leak" it branches on a secret, to show that this would be seen.
 *
 * Not covered: wg_key_parse(), which looks for the end of its string.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <valgrind/memcheck.h>

#include "proto/crypto/aead_impl.h"
#include "proto/crypto/ct.h"
#include "proto/crypto/hkdf.h"
#include "proto/crypto/x25519.h"
#include "proto/crypto/xchacha.h"
#include "proto/wg/cookie.h"
#include "proto/wg/noise.h"

#define SECRET(p, len) VALGRIND_MAKE_MEM_UNDEFINED(p, len)
#define PUBLIC(p, len) VALGRIND_MAKE_MEM_DEFINED(p, len)

static void expect(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "expected %s to work, seen that it does not\n", what);
	exit(1);
}

/* All randomness is secret. */
static void fill(struct wg_rng *rng, void *dst, size_t len)
{
	static unsigned seed = 1;

	(void)rng;
	for (size_t i = 0; i < len; i++)
		((uint8_t *)dst)[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
	SECRET(dst, len);
}

static struct wg_rng rng = {fill};

/* Packets of these lengths in place; the last is damaged on its way. */
static void check_aead_batch(const struct aead_impl *impl, const size_t *len, size_t n)
{
	enum {
		MAX = 30,
	};
	static uint8_t buf[MAX][1500];
	struct aead_op op[MAX];
	uint8_t key[AEAD_KEY_LEN];

	fill(&rng, key, sizeof(key));
	for (size_t i = 0; i < n; i++) {
		fill(&rng, buf[i], sizeof(buf[i]));
		op[i] = (struct aead_op){buf[i], buf[i], len[i], i, false};
	}
	impl->seal(op, n, key);
	for (size_t i = 0; i < n; i++)
		op[i].len += AEAD_TAG_LEN;
	buf[n - 1][len[n - 1]] ^= 1;
	impl->open(op, n, key);
	for (size_t i = 0; i < n; i++)
		expect(op[i].ok == (i < n - 1), impl->name);
}

/* By name: valgrind does not know AVX-512, and WGRD_CT_CHECK has that code compiled for what
 * it knows. */
static void check_aead(void)
{
	static const struct aead_impl *const impls[] = {
#ifdef __x86_64__
		&aead_ifma,    &aead_avx512, &aead_avx2, &aead_sse41,
#endif
#ifdef AEAD_HAVE_NEON
		&aead_neon,
#endif
		&aead_generic,
	};
	/* The last ones are enough of long packets for a lane each. */
	static const size_t lens[] = {0,   1,   15,  16,  17,  64,  193, 500, 1420, 1420,
				      64,  256, 257, 300, 320, 383, 384, 400, 450,  500,
				      512, 513, 576, 600, 640, 650, 700, 800};
	const size_t n = sizeof(lens) / sizeof(lens[0]);

	for (size_t i = 0; i < sizeof(impls) / sizeof(impls[0]); i++) {
		for (size_t j = 0; j < n; j++) {
			check_aead_batch(impls[i], lens + j, 1);
			check_aead_batch(impls[i], lens, j + 1);
		}
		printf("%s ", impls[i]->name);
	}
}

/* Each implementation by name, because valgrind does not admit to the instructions of all,
 * but it does know ADX, and ifma.h has loops for it. */
static void check_x25519(void)
{
	static const struct x25519_impl *const impls[] = {
#ifdef __x86_64__
		&x25519_ifma,
		&x25519_adx,
#endif
		&x25519_generic,
	};
	uint8_t key[3][X25519_LEN], point[3][X25519_LEN], out[4][X25519_LEN];
	struct x25519_op op[3];

	for (size_t i = 0; i < sizeof(impls) / sizeof(impls[0]); i++) {
		for (size_t j = 0; j < 3; j++) {
			fill(&rng, key[j], sizeof(key[j]));
			fill(&rng, point[j], sizeof(point[j]));
			op[j] = (struct x25519_op){out[j], key[j], point[j], false};
		}
		impls[i]->multiply(op, 3);
		impls[i]->base(point[0], key[0]);
		impls[i]->base(point[1], key[1]);
		op[0].point = point[1];
		op[1].point = point[0];
		impls[i]->multiply(op, 2);
		expect(ct_equal(out[0], out[1], X25519_LEN), impls[i]->name);
		x25519_generic.multiply(op, 1);
		expect(ct_equal(out[0], out[1], X25519_LEN), impls[i]->name);
	}
}

static void check_rest_of_crypto(void)
{
	uint8_t key[32], nonce[XCHACHA_NONCE_LEN], buf[100], out[3][32];

	fill(&rng, key, sizeof(key));
	fill(&rng, buf, sizeof(buf));
	fill(&rng, nonce, sizeof(nonce));
	xchacha_seal(buf, buf, 80, NULL, 0, nonce, key);
	expect(xchacha_open(buf, buf, 96, NULL, 0, nonce, key) == 0, "xchacha");
	blake2s(out[0], 32, key, 32, buf, sizeof(buf));
	hmac_blake2s(out[0], key, 32, buf, sizeof(buf));
	kdf3(out[0], out[1], out[2], key, buf, sizeof(buf));
	x25519_public(out[0], key);
	expect(x25519(out[1], key, out[0]) == 0, "x25519");
}

struct end {
	struct noise_local local;
	struct noise_handshake hs;
	struct wg_cookie_jar jar;
	struct wg_keypair kp;
};

static void make_end(struct end *e)
{
	uint8_t private_key[WG_KEY_LEN];
	char text[WG_KEY_STRLEN];

	memset(e, 0, sizeof(*e));
	wg_key_generate(private_key, &rng);
	wg_key_str(private_key, text);
	noise_local_init(&e->local, private_key);
	PUBLIC(e->local.public_key, sizeof(e->local.public_key));
}

static void send_initiation(struct end *e, struct wg_msg_initiation *msg)
{
	const uint8_t stamp[WG_TAI64N_LEN] = {0x40};

	noise_initiation_create(&e->hs, msg, 11, stamp, &rng);
	wg_mac_sign(&e->jar, msg, sizeof(*msg), e->hs.mac1_key, WG_NS_PER_S);
	PUBLIC(msg, sizeof(*msg));
}

static void check_cookies(struct end *a, struct end *b)
{
	struct wg_cookie_maker maker;
	struct wg_msg_initiation msg;
	struct wg_msg_cookie reply;
	struct ip_addr src;

	expect(ip_addr_parse(&src, "192.0.2.7") == 0, "an address");
	wg_cookie_maker_init(&maker, &rng);
	send_initiation(a, &msg);
	wg_cookie_reply(&maker, &reply, &msg, sizeof(msg), b->local.cookie_key, &src, 1,
			WG_NS_PER_S);
	PUBLIC(&reply, sizeof(reply));
	expect(wg_cookie_consume(&a->jar, &reply, a->hs.cookie_key, WG_NS_PER_S) == 0,
	       "the cookie");
	send_initiation(a, &msg);
	expect(wg_mac2_check(&maker, &msg, sizeof(msg), &src, 1, WG_NS_PER_S), "mac2");
	wg_cookie_maker_fini(&maker);
}

static void check_handshake(struct end *a, struct end *b)
{
	struct wg_msg_initiation initiation;
	struct wg_msg_response response;
	struct noise_initiation in;

	send_initiation(a, &initiation);
	expect(wg_mac1_check(&initiation, sizeof(initiation), b->local.mac1_key), "mac1");
	expect(noise_initiation_peek(&in, &b->local, &initiation) == 0, "peek");
	expect(noise_initiation_finish(&in, &b->hs, WG_NS_PER_S) == 0, "finish");
	expect(noise_response_create(&in, &b->hs, &response, 22, &rng, &b->kp,
				     WG_NS_PER_S) == 0,
	       "the response");
	wg_mac_sign(&b->jar, &response, sizeof(response), b->hs.mac1_key, WG_NS_PER_S);
	PUBLIC(&response, sizeof(response));
	expect(noise_response_consume(&a->hs, &response, &a->kp, WG_NS_PER_S) == 0,
	       "the handshake");
	PUBLIC(a->kp.send_key, sizeof(a->kp.send_key));
	PUBLIC(b->kp.recv_key, sizeof(b->kp.recv_key));
	expect(memcmp(a->kp.send_key, b->kp.recv_key, sizeof(a->kp.send_key)) == 0,
	       "agreement");
}

int main(int argc, char **argv)
{
	uint8_t psk[WG_KEY_LEN];
	struct end a, b;

	fill(&rng, psk, sizeof(psk));
	if (argc > 1 && strcmp(argv[1], "leak") == 0)
		return psk[0] & 1 ? puts("odd") : puts("even"), 0;
	check_aead();
	check_x25519();
	check_rest_of_crypto();
	make_end(&a);
	make_end(&b);
	expect(noise_handshake_init(&a.hs, &a.local, b.local.public_key, psk) == 0, "a");
	expect(noise_handshake_init(&b.hs, &b.local, a.local.public_key, psk) == 0, "b");
	check_cookies(&a, &b);
	check_handshake(&a, &b);
	puts("checked: no branch and no address depends on a secret");
	return 0;
}
