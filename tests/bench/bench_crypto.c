/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times our ciphers and X25519 beside OpenSSL's and libsodium's: `make bench`.
 *
 * The three take turns, many short rounds each, so that whatever else the machine does
 * falls on all of them; the best round says what the processor can do, and the median what
 * was usual. OpenSSL and libsodium have no call for a batch, so theirs is one call a packet.
 * All three seal in place under one key and a new nonce for each packet.
 *
 * usage: bench_crypto [--json] [--rounds N] [OP...]
 *
 *   OP is seal, open, seal-mixed, open-mixed, x25519, x25519-pair (two products in one
 *   call of ours) or x25519-base. Opening is from one buffer to another. Numbers are millions of bytes a second, or
 *   operations a second; the ratio is between best rounds. WGRD_CRYPTO_IMPL and
 *   WGRD_X25519_IMPL choose ours, OPENSSL_ia32cap limits OpenSSL.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/crypto/aead_impl.h"
#include "proto/crypto/bytes.h"
#include "proto/crypto/x25519.h"

#if defined(__has_include) && __has_include(<openssl/evp.h>) && !defined(WGRD_NO_OPENSSL)
#include <openssl/evp.h>
#define HAVE_OPENSSL 1
#else
#define HAVE_OPENSSL 0
#endif
#if defined(__has_include) && __has_include(<sodium.h>) && !defined(WGRD_NO_SODIUM)
#include <sodium.h>
#define HAVE_SODIUM 1
#else
#define HAVE_SODIUM 0
#endif

enum {
	BATCH_MAX = 256,
	LEN_MAX = 1420,
	ROUND_PACKETS = 32, /* of each round, unless the batch is larger */
	ROUND_PRODUCTS = 4,
	ROUNDS_MAX = 10000,
};

enum who {
	OURS,
	OPENSSL,
	SODIUM,
	WHO_COUNT,
};

/* What is timed; the buffers of all batches. */
struct job {
	size_t batch, len[BATCH_MAX], mean; /* mean: of the lengths */
	uint8_t key[AEAD_KEY_LEN], point[X25519_LEN];
	uint8_t sealed[BATCH_MAX][LEN_MAX + AEAD_TAG_LEN];
	uint8_t buf[BATCH_MAX][LEN_MAX + AEAD_TAG_LEN];
	uint64_t nonce;
#if HAVE_OPENSSL
	EVP_CIPHER_CTX *seal, *open;
	EVP_PKEY *private, *public;
	EVP_PKEY_CTX *derive;
#endif
};

static struct job job;
static double took[WHO_COUNT][ROUNDS_MAX];

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_crypto: %s does not work\n", what);
	exit(1);
}

/* ---- ours ---- */

static void our_seal(void)
{
	struct aead_op op[BATCH_MAX];

	for (size_t i = 0; i < job.batch; i++)
		op[i] = (struct aead_op){job.buf[i], job.buf[i], job.len[i], job.nonce++,
					 false};
	aead_best()->seal(op, job.batch, job.key);
}

static void our_open(void)
{
	struct aead_op op[BATCH_MAX];

	for (size_t i = 0; i < job.batch; i++)
		op[i] = (struct aead_op){job.buf[i], job.sealed[i],
					 job.len[i] + AEAD_TAG_LEN, i, false};
	aead_best()->open(op, job.batch, job.key);
	for (size_t i = 0; i < job.batch; i++)
		must(op[i].ok, "our open");
}

static void our_x25519(void)
{
	must(x25519(job.buf[0], job.key, job.point) == 0, "our x25519");
}

/* What each end of a handshake does with the other's message. */
static void our_x25519_pair(void)
{
	struct x25519_op pair[2] = {
		{job.buf[0], job.key, job.point, false},
		{job.buf[1], job.sealed[1], job.point, false},
	};

	x25519_batch(pair, 2);
	must(pair[0].ok && pair[1].ok, "our x25519");
}

static void our_base(void)
{
	x25519_public(job.buf[0], job.key);
}

/* ---- OpenSSL ---- */

#if HAVE_OPENSSL

static void openssl_init(void)
{
	uint8_t zero[AEAD_NONCE_LEN] = {0};
	const EVP_CIPHER *cipher = EVP_chacha20_poly1305();

	job.seal = EVP_CIPHER_CTX_new();
	job.open = EVP_CIPHER_CTX_new();
	must(EVP_EncryptInit_ex(job.seal, cipher, NULL, job.key, zero) == 1, "OpenSSL");
	must(EVP_DecryptInit_ex(job.open, cipher, NULL, job.key, zero) == 1, "OpenSSL");
	job.private = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, job.key, 32);
	job.public = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, job.point, 32);
	job.derive = EVP_PKEY_CTX_new(job.private, NULL);
	must(EVP_PKEY_derive_init(job.derive) == 1, "OpenSSL");
	must(EVP_PKEY_derive_set_peer(job.derive, job.public) == 1, "OpenSSL");
}

static void openssl_seal(void)
{
	uint8_t nonce[AEAD_NONCE_LEN] = {0};
	int n;

	for (size_t i = 0; i < job.batch; i++) {
		store64_le(nonce + 4, job.nonce++);
		EVP_EncryptInit_ex(job.seal, NULL, NULL, NULL, nonce);
		EVP_EncryptUpdate(job.seal, job.buf[i], &n, job.buf[i], (int)job.len[i]);
		EVP_EncryptFinal_ex(job.seal, job.buf[i] + job.len[i], &n);
		EVP_CIPHER_CTX_ctrl(job.seal, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_LEN,
				    job.buf[i] + job.len[i]);
	}
}

static void openssl_open(void)
{
	uint8_t nonce[AEAD_NONCE_LEN] = {0};
	int n;

	for (size_t i = 0; i < job.batch; i++) {
		store64_le(nonce + 4, i);
		EVP_DecryptInit_ex(job.open, NULL, NULL, NULL, nonce);
		EVP_CIPHER_CTX_ctrl(job.open, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_LEN,
				    job.sealed[i] + job.len[i]);
		EVP_DecryptUpdate(job.open, job.buf[i], &n, job.sealed[i],
				  (int)job.len[i]);
		must(EVP_DecryptFinal_ex(job.open, job.buf[i] + job.len[i], &n) == 1,
		     "OpenSSL's open");
	}
}

static void openssl_x25519(void)
{
	size_t n = X25519_LEN;

	must(EVP_PKEY_derive(job.derive, job.buf[0], &n) == 1, "OpenSSL's x25519");
}

static void openssl_x25519_pair(void)
{
	openssl_x25519();
	openssl_x25519();
}

/* The public key is computed when a private key is made. */
static void openssl_base(void)
{
	EVP_PKEY_free(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, job.key, 32));
}

#endif

/* ---- libsodium ---- */

#if HAVE_SODIUM

static void sodium_seal(void)
{
	uint8_t nonce[AEAD_NONCE_LEN] = {0};

	for (size_t i = 0; i < job.batch; i++) {
		store64_le(nonce + 4, job.nonce++);
		crypto_aead_chacha20poly1305_ietf_encrypt(job.buf[i], NULL, job.buf[i],
							  job.len[i], NULL, 0, NULL,
							  nonce, job.key);
	}
}

static void sodium_open(void)
{
	uint8_t nonce[AEAD_NONCE_LEN] = {0};

	for (size_t i = 0; i < job.batch; i++) {
		store64_le(nonce + 4, i);
		must(crypto_aead_chacha20poly1305_ietf_decrypt(
			     job.buf[i], NULL, NULL, job.sealed[i],
			     job.len[i] + AEAD_TAG_LEN, NULL, 0, nonce, job.key) == 0,
		     "libsodium's open");
	}
}

static void sodium_x25519(void)
{
	must(crypto_scalarmult(job.buf[0], job.key, job.point) == 0,
	     "libsodium's x25519");
}

static void sodium_x25519_pair(void)
{
	sodium_x25519();
	sodium_x25519();
}

static void sodium_base(void)
{
	crypto_scalarmult_base(job.buf[0], job.key);
}

#endif

/* ---- the table ---- */

enum kind {
	SIZES,    /* packets, all of one length */
	MIXED,    /* packets, as in mixed_len() */
	PRODUCTS, /* on the curve */
};

static const struct op {
	const char *name;
	enum kind kind;
	void (*run[WHO_COUNT])(void);
} ops[] = {
#if HAVE_OPENSSL && HAVE_SODIUM
#define RUN(what)                                         \
	{                                                 \
		our_##what, openssl_##what, sodium_##what \
	}
#elif HAVE_OPENSSL
#define RUN(what)                                \
	{                                        \
		our_##what, openssl_##what, NULL \
	}
#elif HAVE_SODIUM
#define RUN(what)                               \
	{                                       \
		our_##what, NULL, sodium_##what \
	}
#else
#define RUN(what)                      \
	{                              \
		our_##what, NULL, NULL \
	}
#endif
	{"seal", SIZES, RUN(seal)},           {"open", SIZES, RUN(open)},
	{"seal-mixed", MIXED, RUN(seal)},     {"open-mixed", MIXED, RUN(open)},
	{"x25519", PRODUCTS, RUN(x25519)},    {"x25519-pair", PRODUCTS, RUN(x25519_pair)},
	{"x25519-base", PRODUCTS, RUN(base)},
};

struct result {
	double best[WHO_COUNT], median[WHO_COUNT]; /* per second; 0: not there */
};

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of twelve packets seven are of 64 bytes, four of 576 and one of 1420. */
static size_t mixed_len(size_t i)
{
	static const uint16_t lens[] = {64, 576, 64, 64,   576, 64,
					64, 576, 64, 1420, 64,  576};

	return lens[i % (sizeof(lens) / sizeof(lens[0]))];
}

/* @len is 0 for mixed ones. */
static void prepare(size_t len, size_t batch)
{
	struct aead_op op[BATCH_MAX];
	size_t sum = 0;

	job.batch = batch;
	for (size_t i = 0; i < batch; i++) {
		job.len[i] = len ? len : mixed_len(i);
		sum += job.len[i];
		op[i] = (struct aead_op){job.sealed[i], job.buf[i], job.len[i], i, false};
	}
	job.mean = sum / batch;
	aead_generic.seal(op, batch, job.key);
}

static struct result measure(const struct op *op, unsigned rounds)
{
	size_t calls = ROUND_PRODUCTS;
	double each = ROUND_PRODUCTS;
	struct result r = {0};

	if (op->kind != PRODUCTS) {
		calls = job.batch < ROUND_PACKETS ? ROUND_PACKETS / job.batch : 1;
		each = 0;
		for (size_t i = 0; i < job.batch; i++)
			each += (double)(calls * job.len[i]);
	} else if (op->run[OURS] == our_x25519_pair) {
		each *= 2;
	}
	for (unsigned round = 0; round < rounds; round++)
		for (int who = 0; who < WHO_COUNT; who++) {
			double started;

			if (!op->run[who])
				continue;
			started = now_ns();
			for (size_t i = 0; i < calls; i++)
				op->run[who]();
			took[who][round] = now_ns() - started;
		}
	for (int who = 0; who < WHO_COUNT; who++) {
		if (!op->run[who])
			continue;
		qsort(took[who], rounds, sizeof(took[who][0]), compare);
		r.best[who] = each / took[who][0] * 1e9;
		r.median[who] = each / took[who][rounds / 2] * 1e9;
	}
	return r;
}

static double ratio(const double v[WHO_COUNT], enum who to)
{
	return v[to] > 0 ? v[OURS] / v[to] : 0;
}

static void print_json(const struct op *op, const char *impl, const struct result *r)
{
	printf("{\"op\":\"%s\",\"size\":%zu,\"batch\":%zu,\"impl\":\"%s\",\"ours\":%.0f,"
	       "\"openssl\":%.0f,\"sodium\":%.0f,\"ratio_openssl\":%.3f,"
	       "\"ours_median\":%.0f,\"openssl_median\":%.0f,\"sodium_median\":%.0f}\n",
	       op->name, op->kind == PRODUCTS ? 0 : job.mean, job.batch, impl,
	       r->best[OURS], r->best[OPENSSL], r->best[SODIUM], ratio(r->best, OPENSSL),
	       r->median[OURS], r->median[OPENSSL], r->median[SODIUM]);
}

static void print_text(const struct op *op, const char *impl, const struct result *r)
{
	const double unit = op->kind == PRODUCTS ? 1 : 1e6;

	printf("%-11s %5zu %5zu  %-8s %8.0f %8.0f %8.0f  %6.2f %6.2f  %8.0f %8.0f %8.0f\n",
	       op->name, op->kind == PRODUCTS ? 0 : job.mean, job.batch, impl,
	       r->best[OURS] / unit, r->best[OPENSSL] / unit, r->best[SODIUM] / unit,
	       ratio(r->best, OPENSSL), ratio(r->best, SODIUM), r->median[OURS] / unit,
	       r->median[OPENSSL] / unit, r->median[SODIUM] / unit);
}

static void print_header(void)
{
	printf("%-11s %5s %5s  %-8s %26s  %13s  %26s\n", "", "", "", "", "best",
	       "ours to", "median");
	printf("%-11s %5s %5s  %-8s %8s %8s %8s  %6s %6s  %8s %8s %8s\n", "op", "size",
	       "batch", "impl", "ours", "openssl", "sodium", "ossl", "sodium", "ours",
	       "openssl", "sodium");
}

static void run_op(const struct op *op, unsigned rounds, bool json)
{
	static const size_t sizes[] = {64, 512, 1420}, batches[] = {1, 8, 32, 256};
	const char *impl = op->kind == PRODUCTS ? x25519_best()->name : aead_best()->name;
	const size_t rows = op->kind == SIZES ? 12 : op->kind == MIXED ? 4 : 1;

	for (size_t i = 0; i < rows; i++) {
		struct result r;

		prepare(op->kind == SIZES ? sizes[i / 4] : 0, batches[i % 4]);
		r = measure(op, rounds);
		(json ? print_json : print_text)(op, impl, &r);
		fflush(stdout);
	}
}

static void start(void)
{
	for (size_t i = 0; i < sizeof(job.key); i++)
		job.key[i] = (uint8_t)(i * 7 + 1);
	x25519_public(job.point, job.key);
#if HAVE_OPENSSL
	openssl_init();
#else
	fputs("bench_crypto: SKIPPED openssl, it needs the Debian package libssl-dev\n",
	      stderr);
#endif
#if HAVE_SODIUM
	must(sodium_init() >= 0, "libsodium");
#else
	fputs("bench_crypto: SKIPPED sodium, it needs the Debian package libsodium-dev\n",
	      stderr);
#endif
}

int main(int argc, char **argv)
{
	bool json = false, named = false;
	unsigned rounds = 400;

	start();
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--json") == 0)
			json = true;
		else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
			rounds = (unsigned)atoi(argv[++i]);
	if (rounds < 1 || rounds > ROUNDS_MAX)
		rounds = 400;
	if (!json)
		print_header();
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		for (int j = 1; j < argc; j++)
			if (strcmp(argv[j], ops[i].name) == 0) {
				run_op(&ops[i], rounds, json);
				named = true;
			}
	for (size_t i = 0; !named && i < sizeof(ops) / sizeof(ops[0]); i++)
		run_op(&ops[i], rounds, json);
	return 0;
}
