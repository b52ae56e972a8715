/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wgrd/lib/util.h"

struct outer {
	int before, member, after;
};

static void container_of_finds_the_struct_around_a_member(void **state)
{
	struct outer o;

	(void)state;
	assert_ptr_equal(container_of(&o.member, struct outer, member), &o);
}

static void memory_comes_zeroed_even_if_none_is_asked_for(void **state)
{
	static const char zeroes[64];
	char *p = xcalloc(8, 8), *q = xcalloc(0, 8);

	(void)state;
	assert_memory_equal(p, zeroes, sizeof(zeroes));
	free(p);
	free(q);
}

static void growing_keeps_the_content(void **state)
{
	char *p = xstrdup("abc");

	(void)state;
	p = xrealloc(p, 1000, 10);
	assert_string_equal(p, "abc");
	free(p);
}

/* In a child, because it ends there. */
static void no_memory_ends_the_program(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		const struct rlimit no_core = {0};

		setrlimit(RLIMIT_CORE, &no_core);
		close(STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		free(xrealloc(NULL, SIZE_MAX / 2, 4)); /* the product overflows */
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* a sanitizer's allocator exits by itself */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		fail_msg("expected that xrealloc() does not return");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_of_finds_the_struct_around_a_member),
		cmocka_unit_test(memory_comes_zeroed_even_if_none_is_asked_for),
		cmocka_unit_test(growing_keeps_the_content),
		cmocka_unit_test(no_memory_ends_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
