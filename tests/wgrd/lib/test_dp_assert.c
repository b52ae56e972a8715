/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/dp_assert.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef WGRD_DEBUG
enum {
	DEBUG = true
};
#else
enum {
	DEBUG = false
};
#endif

static unsigned asked;

static bool answer(bool yes)
{
	asked++;
	return yes;
}

static void a_condition_is_evaluated_in_debug_builds_only(void **state)
{
	(void)state;
	dp_assert(answer(true));
	assert_int_equal(asked, DEBUG);
}

static void one_that_does_not_hold_ends_the_program_in_debug_builds_only(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		dp_assert(answer(false));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, DEBUG);
	assert_int_equal(WIFEXITED(status) && WEXITSTATUS(status) == 0, !DEBUG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_condition_is_evaluated_in_debug_builds_only),
		cmocka_unit_test(
			one_that_does_not_hold_ends_the_program_in_debug_builds_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
