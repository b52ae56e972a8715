/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a commit can change of a data plane that runs, on sockets and threads of the
 * kernel, in a network namespace of the test's own. */

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/dp_lab.h"
#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/io/udp.h"
#include "wgrd/dplane/worker.h"
#include "wgrd/lib/log.h"

struct rig {
	struct loop *loop;
	struct dplane *dp;
	struct dp_device *dev;
	char why[256], waits[256];
};

static char logged[1024];

static void keep(enum log_level level, enum log_subsys s, const char *line)
{
	size_t len = strlen(logged);

	(void)level;
	(void)s;
	snprintf(logged + len, sizeof(logged) - len, "%s\n", line);
}

static int setup_with(void **state, unsigned workers)
{
	const struct dp_options opt = {.workers = workers};
	struct rig *r = xcalloc(1, sizeof(*r));

	logged[0] = '\0';
	log_capture(keep);
	r->loop = loop_new();
	assert_int_equal(dplane_new(r->loop, &opt, &r->dp, r->why, sizeof(r->why)), 0);
	*state = r;
	return 0;
}

static int setup(void **state)
{
	return setup_with(state, 0);
}

static int setup_fixed(void **state)
{
	return setup_with(state, 2);
}

static void add_device(struct rig *r)
{
	struct dp_device_conf conf = {.enabled = true, .mtu = 1420, .private_key = {1}};

	assert_int_equal(
		dp_device_new(r->dp, "wg0", &conf, &r->dev, r->why, sizeof(r->why)), 0);
	dp_device_set(r->dev, &conf);
}

static void remove_device(struct rig *r)
{
	dp_device_stop(r->dev);
	dp_device_free(r->dev);
	r->dev = NULL;
}

static int teardown(void **state)
{
	struct rig *r = *state;

	if (r->dev)
		remove_device(r);
	dplane_free(r->dp);
	loop_free(r->loop);
	free(r);
	log_capture(NULL);
	return 0;
}

static void set(struct rig *r, const struct dp_options *opt)
{
	assert_int_equal(dplane_prepare(r->dp, opt, r->why, sizeof(r->why)), 0);
	dplane_set(r->dp, r->waits, sizeof(r->waits));
}

static unsigned cpus_of(const struct rig *r, unsigned worker, cpu_set_t *set)
{
	assert_int_equal(
		pthread_getaffinity_np(r->dp->worker[worker]->thread, sizeof(*set), set),
		0);
	return (unsigned)CPU_COUNT(set);
}

/* ---- workers ---- */

static void workers_change_while_there_is_no_interface(void **state)
{
	struct rig *r = *state;
	struct dplane_view v;

	set(r, &(struct dp_options){.workers = 5});
	assert_int_equal(dplane_workers(r->dp), 5);
	add_device(r);
	set(r, &(struct dp_options){.workers = 3});
	assert_int_equal(dplane_workers(r->dp), 5);
	assert_string_equal(r->waits,
			    "dataplane: 5 workers until the next start, then 3");
	set(r, &(struct dp_options){.workers = 3}); /* said once */
	assert_string_equal(r->waits, "");
	dplane_view(r->dp, &v);
	assert_int_equal(v.workers, 5);
	assert_int_equal(v.options.workers, 3);
	remove_device(r);
	set(r, &(struct dp_options){.workers = 3});
	assert_int_equal(dplane_workers(r->dp), 3);
	add_device(r);
	assert_int_equal(dplane_workers(r->dp), 3);
}

static void the_command_line_fixes_the_number_of_workers(void **state)
{
	struct rig *r = *state;
	struct dplane_view v;

	set(r, &(struct dp_options){.workers = 5});
	assert_int_equal(dplane_workers(r->dp), 2);
	assert_string_equal(r->waits, "dataplane: 5 workers are configured, the command "
				      "line says 2");
	set(r, &(struct dp_options){0}); /* says nothing: nothing to tell */
	assert_string_equal(r->waits, "");
	dplane_view(r->dp, &v);
	assert_true(v.workers_fixed);
}

static void a_refused_commit_leaves_the_workers(void **state)
{
	struct rig *r = *state;
	unsigned before = dplane_workers(r->dp);
	const struct dp_options opt = {.workers = before + 3, .no_udp_offload = true};

	assert_int_equal(dplane_prepare(r->dp, &opt, r->why, sizeof(r->why)), 0);
	add_device(r); /* as wgrd/wg does when it prepares, and undoes */
	remove_device(r);
	dplane_abort(r->dp);
	assert_int_equal(dplane_workers(r->dp), before);
	assert_false(r->dp->options.no_udp_offload);
}

static bool sum(const char *name, const char *what, bool drop, uint64_t value, void *arg)
{
	(void)what;
	(void)drop;
	if (!strcmp(name, "rx-malformed"))
		*(uint64_t *)arg = value;
	return true;
}

static void what_workers_have_counted_stays_when_they_go(void **state)
{
	struct rig *r = *state;
	uint64_t seen = 0;

	dp_drop(&r->dp->worker[0]->counters, DROP_RX_MALFORMED, 7);
	set(r, &(struct dp_options){.workers = dplane_workers(r->dp) + 1});
	dplane_walk_counters(r->dp, sum, &seen);
	assert_int_equal(seen, 7);
}

static void wait_for_idle(const struct rig *r, uint64_t workers)
{
	uint64_t until_ns = r->dp->now_ns() + UINT64_C(10000000000), seen;

	do {
		seen = atomic_load(&r->dp->idle);
		if (r->dp->now_ns() > until_ns)
			fail_msg("workers %#lx wait, expected %#lx", (unsigned long)seen,
				 (unsigned long)workers);
	} while (seen != workers);
}

/* Who waits can be asked to help another; see share.h. */
static void workers_that_came_later_are_known_to_wait(void **state)
{
	struct rig *r = *state;

	set(r, &(struct dp_options){.workers = 5});
	wait_for_idle(r, 0x1f);
	set(r, &(struct dp_options){.workers = 2});
	wait_for_idle(r, 0x3);
	set(r, &(struct dp_options){.workers = 3});
	wait_for_idle(r, 0x7);
}

/* ---- CPUs ---- */

static void workers_are_pinned_in_order_and_let_go_again(void **state)
{
	struct rig *r = *state;
	struct dp_options opt = {.workers = 3};
	unsigned all = cpus_of(r, 0, &(cpu_set_t){0});
	cpu_set_t set_now;

	for (unsigned cpu = 0; cpu < CPU_SETSIZE && opt.cpu_count < 2; cpu++) {
		if (dplane_may_use_cpu(r->dp, cpu))
			opt.cpu[opt.cpu_count++] = (uint16_t)cpu;
	}
	set(r, &opt);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(cpus_of(r, i, &set_now), 1);
		assert_true(CPU_ISSET(opt.cpu[i % opt.cpu_count], &set_now));
	}
	opt.cpu_count = 1; /* while packets could flow */
	add_device(r);
	set(r, &opt);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(cpus_of(r, i, &set_now), 1);
		assert_true(CPU_ISSET(opt.cpu[0], &set_now));
	}
	opt.cpu_count = 0;
	set(r, &opt);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(cpus_of(r, i, &set_now), all);
}

static void a_cpu_that_is_not_there_may_not_be_used(void **state)
{
	struct rig *r = *state;

	assert_false(dplane_may_use_cpu(r->dp, CPU_SETSIZE - 1));
	assert_false(dplane_may_use_cpu(r->dp, CPU_SETSIZE));
	assert_false(dplane_may_use_cpu(r->dp, 65535));
}

/* ---- buffers ---- */

static void open_sockets_get_their_new_buffers(void **state)
{
	struct rig *r = *state;
	struct dplane_view v;

	dplane_view(r->dp, &v);
	assert_int_equal(v.receive_buffer_bytes, 0); /* nothing is open */
	add_device(r);
	dplane_view(r->dp, &v);
	assert_int_equal(v.receive_buffer_bytes, DP_BUFFER_BYTES_DEFAULT);
	assert_int_equal(v.send_buffer_bytes, DP_BUFFER_BYTES_DEFAULT);
	set(r, &(struct dp_options){.receive_buffer_bytes = 9 << 20,
				    .send_buffer_bytes = 1 << 20});
	for (unsigned w = 0; w < dplane_workers(r->dp); w++) {
		const int fd[2] = {dp_port_fd(r->dev->bound, w, AF_INET),
				   dp_port_fd(r->dev->bound, w, AF_INET6)};

		for (unsigned f = 0; f < 2; f++) {
			if (fd[f] < 0)
				continue;
			assert_int_equal(dp_udp_buffers(fd[f]).receive_bytes, 9 << 20);
			assert_int_equal(dp_udp_buffers(fd[f]).send_bytes, 1 << 20);
		}
	}
	assert_string_equal(logged, "");
}

/* ---- threads ---- */

static bool add_thread(const struct dplane_thread_view *v, void *arg)
{
	struct dplane_thread_view *sum = arg;

	snprintf(sum->name, sizeof(sum->name), "%s", v->name);
	sum->cpu += v->cpu;
	sum->drops += v->drops;
	sum->tx_packets += v->tx_packets;
	sum->wakeups++; /* threads */
	return true;
}

static void each_thread_is_shown_with_what_it_has_counted(void **state)
{
	struct dplane_thread_view sum = {0};
	struct rig *r = *state;

	dp_drop(&r->dp->worker[0]->counters, DROP_RX_MALFORMED, 7);
	dp_drop(&r->dp->worker[1]->counters, DROP_TX_NO_ROUTE, 2);
	dp_count(&r->dp->worker[1]->counters, DP_TX_PACKETS, 5);
	dplane_walk_threads(r->dp, add_thread, &sum);
	assert_int_equal(sum.wakeups, 3);
	assert_string_equal(sum.name, "wg-hs");
	assert_int_equal(sum.drops, 9);
	assert_int_equal(sum.tx_packets, 5);
	assert_int_equal(sum.cpu, -3);
	set(r, &(struct dp_options){.cpu_count = 1, .cpu = {0}});
	sum = (struct dplane_thread_view){0};
	dplane_walk_threads(r->dp, add_thread, &sum);
	assert_int_equal(sum.cpu, -1); /* the handshake thread's */
}

static void it_is_shown_who_has_offloads(void **state)
{
	struct rig *r = *state;
	struct dplane_view v;

	set(r, &(struct dp_options){.no_udp_offload = true});
	add_device(r);
	set(r, &(struct dp_options){.no_tun_offload = true});
	dplane_view(r->dp, &v);
	assert_true(v.options.no_tun_offload);
	assert_int_equal(v.devices, 1);
	assert_int_equal(v.devices_offloaded, 1);
	assert_int_equal(v.ports, 1);
	assert_int_equal(v.ports_offloaded, 0);
	remove_device(r);
	add_device(r);
	dplane_view(r->dp, &v);
	assert_int_equal(v.devices_offloaded, 0);
	assert_int_equal(v.ports_offloaded, 1);
}

/* ---- offloads ---- */

static void offloads_of_interfaces_there_are_wait_and_say_so(void **state)
{
	struct rig *r = *state;

	set(r, &(struct dp_options){.no_tun_offload = true});
	assert_string_equal(r->waits, ""); /* nothing is there yet */
	add_device(r);
	set(r, &(struct dp_options){0});
	assert_string_equal(r->waits, "dataplane: offloads hold for interfaces and ports "
				      "that are made from now on");
	set(r, &(struct dp_options){0});
	assert_string_equal(r->waits, "");
}

int main(void)
{
#define T(test, with) cmocka_unit_test_setup_teardown(test, with, teardown)
	const struct CMUnitTest tests[] = {
		T(workers_change_while_there_is_no_interface, setup),
		T(the_command_line_fixes_the_number_of_workers, setup_fixed),
		T(a_refused_commit_leaves_the_workers, setup),
		T(what_workers_have_counted_stays_when_they_go, setup),
		T(workers_that_came_later_are_known_to_wait, setup),
		T(workers_are_pinned_in_order_and_let_go_again, setup),
		T(a_cpu_that_is_not_there_may_not_be_used, setup),
		T(open_sockets_get_their_new_buffers, setup),
		T(each_thread_is_shown_with_what_it_has_counted, setup_fixed),
		T(it_is_shown_who_has_offloads, setup),
		T(offloads_of_interfaces_there_are_wait_and_say_so, setup),
	};

	if (!lab_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
