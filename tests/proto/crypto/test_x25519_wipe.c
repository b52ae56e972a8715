/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What X25519 leaves behind in memory. It runs on a stack of its own, with two different
 * keys one after the other; where that stack differs afterwards, something has been left
 * that depends on the key. (There is no heap to look at: proto/ does not allocate.)
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <cmocka.h>

#include "proto/crypto/x25519.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

enum {
	STACK = 1 << 17,
	BATCH = 3, /* a pair and one more */
};

static uint8_t *stack;
static uint8_t key[BATCH][X25519_LEN], out[BATCH][X25519_LEN];
static ucontext_t here, there;

/* ---- what runs on the other stack ---- */

static void leak(void)
{
	uint8_t copy[X25519_LEN];

	memcpy(copy, key[0], sizeof(copy));
	__asm__ volatile("" : : "r"(copy) : "memory");
}

static void one(void)
{
	static const uint8_t point[X25519_LEN] = {11};

	if (x25519(out[0], key[0], point))
		abort();
}

static void batch(void)
{
	static const uint8_t point[X25519_LEN] = {11};
	struct x25519_op op[BATCH];

	for (size_t i = 0; i < BATCH; i++)
		op[i] = (struct x25519_op){out[i], key[i], point, false};
	x25519_batch(op, BATCH);
}

static void base(void)
{
	x25519_public(out[0], key[0]);
}

/* ---- looking ---- */

static void run(void (*f)(void), uint8_t fill)
{
	memset(stack, 0, STACK);
	for (size_t i = 0; i < sizeof(key); i++)
		key[i / X25519_LEN][i % X25519_LEN] = (uint8_t)(fill + i * 37);
	assert_int_equal(getcontext(&there), 0);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = STACK;
	there.uc_link = &here;
	makecontext(&there, f, 0);
	assert_int_equal(swapcontext(&here, &there), 0);
}

/* How many bytes of the stack depend on the key. */
static size_t count_traces(void (*f)(void))
{
	static uint8_t first[STACK];
	size_t traces = 0;

	run(f, 1);
	memcpy(first, stack, STACK);
	run(f, 0x5a);
	for (size_t i = 0; i < STACK; i++)
		traces += first[i] != stack[i];
	return traces;
}

static void nothing_on_the_stack_depends_on_the_key(void **state)
{
	static const struct {
		const char *name;
		void (*f)(void);
	} cases[] = {{"one", one}, {"batch", batch}, {"public key", base}};
	const struct x25519_impl *impl;
	size_t traces;

	(void)state;
	assert_true(count_traces(leak) >= X25519_LEN);
	/* From the fastest to the generic one. */
	while (1) {
		impl = x25519_best();
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			traces = count_traces(cases[i].f);
			if (traces)
				fail_msg("%s, %s: expected no trace of the key, seen %zu "
					 "bytes",
					 impl->name, cases[i].name, traces);
		}
		if (impl == &x25519_generic)
			break;
		x25519_refuse(impl);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_on_the_stack_depends_on_the_key),
	};
	int failed;

#ifdef SANITIZED
	fprintf(stderr, "SKIPPED: sanitizers keep variables elsewhere\n");
	return 77;
#endif
	stack = aligned_alloc(64, STACK);
	if (!stack)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(stack);
	return failed;
}
