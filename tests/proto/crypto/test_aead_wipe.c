/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What sealing and opening leave behind in memory. A batch runs on a stack of its own, with
 * two keys one after the other; a byte of that stack which differs afterwards depends on
 * the key. (There is no heap to look at: proto/ does not allocate.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

#include <cmocka.h>

#include "proto/crypto/aead.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
	!defined(__OPTIMIZE__)
#define LOOK 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LOOK 0
#endif
#endif
#ifndef LOOK
#define LOOK 1
#endif

enum {
	STACK = 1 << 16,
	BATCH = 21,
	LEN_MAX = 1420,
};

/* Enough long ones for all lanes, which end one after the other. */
static const size_t lens[BATCH] = {0,   50,  64,  1420, 700, 256, 300, 320, 333, 400, 512,
				   513, 576, 600, 640,  700, 720, 777, 800, 900, 1024};
static uint8_t stack[STACK] __attribute__((aligned(64)));
static uint8_t buf[BATCH][LEN_MAX + AEAD_TAG_LEN];
static uint8_t key[AEAD_KEY_LEN];
static struct aead_op op[BATCH];
static const struct aead_impl *impl;
static ucontext_t here, there;

static void leak(void)
{
	uint8_t copy[AEAD_KEY_LEN];

	memcpy(copy, key, sizeof(copy));
	__asm__ volatile("" : : "r"(copy) : "memory");
}

static void seal(void)
{
	impl->seal(op, BATCH, key);
}

static void open_all(void)
{
	impl->open(op, BATCH, key);
}

static void on_own_stack(void (*f)(void))
{
	memset(stack, 0, sizeof(stack));
	assert_int_equal(getcontext(&there), 0);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = sizeof(stack);
	there.uc_link = &here;
	makecontext(&there, f, 0);
	assert_int_equal(swapcontext(&here, &there), 0);
}

/* The bytes of the stack that are not the same after @f with either of two keys. */
static size_t count_traces(void (*f)(void))
{
	static uint8_t first[STACK];
	/* In memory, as a register would be saved on that stack. */
	static volatile int turn;
	size_t n = 0;

	for (turn = 0; turn < 2; turn++) {
		memset(key, turn ? 0x5c : 0x36, sizeof(key));
		memset(buf, 0, sizeof(buf));
		for (size_t i = 0; i < BATCH; i++)
			op[i] = (struct aead_op){buf[i], buf[i], lens[i], i, false};
		if (f == open_all) {
			impl->seal(op, BATCH, key);
			for (size_t i = 0; i < BATCH; i++)
				op[i].len += AEAD_TAG_LEN;
		}
		on_own_stack(f);
		if (turn == 0)
			memcpy(first, stack, sizeof(first));
	}
	for (size_t i = 0; i < STACK; i++)
		n += first[i] != stack[i];
	return n;
}

static void the_search_finds_what_is_left(void **state)
{
	(void)state;
	if (!LOOK)
		skip();
	assert_in_range(count_traces(leak), AEAD_KEY_LEN, STACK);
}

static void nothing_that_depends_on_the_key_stays_on_the_stack(void **state)
{
	static const struct {
		const char *name;
		void (*f)(void);
	} runs[] = {{"seal", seal}, {"open", open_all}};
	size_t worst = 0;

	(void)state;
	if (!LOOK)
		skip();
	for (size_t i = 0; (impl = aead_at(i)) != NULL; i++)
		for (size_t j = 0; j < sizeof(runs) / sizeof(runs[0]); j++) {
			size_t n = count_traces(runs[j].f);

			print_message("%s, %s: %zu bytes\n", impl->name, runs[j].name, n);
			worst = n > worst ? n : worst;
		}
	if (worst)
		fail_msg("expected nothing, seen %zu bytes", worst);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_search_finds_what_is_left),
		cmocka_unit_test(nothing_that_depends_on_the_key_stays_on_the_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
