/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Work shared with idle workers: the threads are those of a real data plane, the work is
 * the test's, which is the worker that shares it. */

#include "wgrd/dplane/share.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/fake_loop.h"
#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/worker.h"

enum {
	WORKERS = 4,
	OPS = 300,
};

static struct dplane *start(struct loop *loop, unsigned workers)
{
	const struct dp_options opt = {.workers = workers};
	struct dplane *dp = NULL;
	char why[256] = "";

	if (dplane_new(loop, &opt, &dp, why, sizeof(why)))
		fail_msg("expected a data plane, saw: %s", why);
	return dp;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static unsigned idle_workers(struct dplane *dp)
{
	return (unsigned)__builtin_popcountll(
		atomic_load_explicit(&dp->idle, memory_order_relaxed));
}

static void wait_for_idle(struct dplane *dp, unsigned n)
{
	const uint64_t end_ns = now_ns() + 10 * NS_PER_S;

	while (idle_workers(dp) != n) {
		if (now_ns() > end_ns)
			fail_msg("expected %u idle workers, saw %u", n, idle_workers(dp));
		usleep(100);
	}
}

/* ---- work ---- */

static pthread_t owner;
static _Atomic unsigned helped; /* packets done by others */
static bool slow;               /* the owner waits until somebody helps */

/* Marks what it does; a second time would show. */
static void mark(struct aead_op *op, size_t n, const uint8_t *key)
{
	if (!pthread_equal(pthread_self(), owner))
		atomic_fetch_add(&helped, (unsigned)n);
	else if (slow)
		for (uint64_t end_ns = now_ns() + 10 * NS_PER_S;
		     !atomic_load(&helped) && now_ns() < end_ns;)
			usleep(100);
	for (size_t i = 0; i < n; i++)
		op[i].nonce += key[0];
}

static void share(struct dplane *dp, struct dp_worker *w, unsigned n)
{
	static const uint8_t key[AEAD_KEY_LEN] = {1};
	struct aead_op op[OPS] = {0};

	w->dp = dp;
	dp_share_run(w, mark, op, n, key);
	for (unsigned i = 0; i < OPS; i++) {
		if (op[i].nonce != (i < n))
			fail_msg("packet %u of %u: expected to be done %d times, saw %u",
				 i, n, i < n, (unsigned)op[i].nonce);
	}
}

static struct dp_worker *new_sharer(void)
{
	struct dp_worker *w = aligned_alloc(64, sizeof(*w));

	memset(w, 0, sizeof(*w));
	w->index = 63;
	owner = pthread_self();
	atomic_store(&helped, 0);
	slow = false;
	return w;
}

static void idle_workers_help_with_a_large_batch(void **state)
{
	struct loop *loop = loop_new();
	struct dplane *dp = start(loop, WORKERS);
	struct dp_worker *w = new_sharer();

	(void)state;
	wait_for_idle(dp, WORKERS);
	slow = true;
	share(dp, w, 256);
	assert_true(atomic_load(&helped) > 0);
	dplane_free(dp);
	loop_free(loop);
	free(w);
}

static void a_small_batch_is_left_to_its_worker(void **state)
{
	struct loop *loop = loop_new();
	struct dplane *dp = start(loop, WORKERS);
	struct dp_worker *w = new_sharer();

	(void)state;
	wait_for_idle(dp, WORKERS);
	for (unsigned n = 1; n < 64; n++)
		share(dp, w, n);
	assert_int_equal(atomic_load(&helped), 0);
	assert_int_equal(idle_workers(dp), WORKERS);
	dplane_free(dp);
	loop_free(loop);
	free(w);
}

/* It stays for what comes next. */
static void the_only_idle_worker_is_not_asked(void **state)
{
	struct loop *loop = loop_new();
	struct dplane *dp = start(loop, 1);
	struct dp_worker *w = new_sharer();

	(void)state;
	wait_for_idle(dp, 1);
	share(dp, w, 256);
	assert_int_equal(atomic_load(&helped), 0);
	dplane_free(dp);
	loop_free(loop);
	free(w);
}

/* Helpers of one batch come late and meet the next. */
static void every_packet_is_done_once_in_any_succession(void **state)
{
	struct loop *loop = loop_new();
	struct dplane *dp = start(loop, WORKERS);
	struct dp_worker *w = new_sharer();
	const char *s = getenv("WGRD_SEED");
	unsigned seed = s ? (unsigned)strtoul(s, NULL, 0) : (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (unsigned round = 0; round < 3000; round++) {
		share(dp, w, 1 + (unsigned)rand() % OPS);
		if (round % 100 == 0)
			usleep(200);
	}
	dplane_free(dp);
	loop_free(loop);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_workers_help_with_a_large_batch),
		cmocka_unit_test(a_small_batch_is_left_to_its_worker),
		cmocka_unit_test(the_only_idle_worker_is_not_asked),
		cmocka_unit_test(every_packet_is_done_once_in_any_succession),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
