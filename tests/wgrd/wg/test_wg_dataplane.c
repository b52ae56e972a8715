/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From lines of configuration to the options of a real data plane. */

#include "wgrd/wg/wg_dataplane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/conf_script.h"
#include "tests/lib/dp_lab.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/dplane/dplane.h"
#include "wgrd/lib/log.h"

struct rig {
	struct loop *loop;
	struct wg_dataplane dataplane;
	struct datastore *ds;
	char why[512];
};

static void quiet(enum log_level level, enum log_subsys s, const char *line)
{
	(void)level;
	(void)s;
	(void)line;
}

static int setup(void **state)
{
	struct rig *r = xcalloc(1, sizeof(*r));

	log_capture(quiet);
	r->loop = loop_new();
	assert_int_equal(dplane_new(r->loop, &(struct dp_options){0},
				    &r->dataplane.dplane, r->why, sizeof(r->why)),
			 0);
	r->ds = conf_script_datastore();
	datastore_subscribe(r->ds, &wg_dataplane_subsys, &r->dataplane);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;

	datastore_free(r->ds);
	dplane_free(r->dataplane.dplane);
	loop_free(r->loop);
	free(r);
	log_capture(NULL);
	return 0;
}

static struct dplane_view view(const struct rig *r)
{
	struct dplane_view v;

	dplane_view(r->dataplane.dplane, &v);
	return v;
}

static void each_setting_reaches_the_data_plane(void **state)
{
	struct rig *r = *state;
	struct dplane_view v;

	conf_script_apply(r->ds, "set dataplane/workers 3\n"
				 "set dataplane/receive-buffer 1048576\n"
				 "set dataplane/send-buffer 2097152\n"
				 "set dataplane/interface-offload false");
	v = view(r);
	assert_int_equal(v.workers, 3);
	assert_int_equal(v.options.receive_buffer_bytes, 1 << 20);
	assert_int_equal(v.options.send_buffer_bytes, 2 << 20);
	assert_true(v.options.no_tun_offload);
	assert_false(v.options.no_udp_offload);
	conf_script_apply(r->ds, "set dataplane/udp-offload false\n"
				 "unset dataplane/interface-offload\n"
				 "unset dataplane/workers");
	v = view(r);
	assert_false(v.options.no_tun_offload);
	assert_true(v.options.no_udp_offload);
	assert_in_range(v.workers, 1, DP_WORKERS_DEFAULT_MAX);
}

static void a_cpu_that_may_not_be_used_is_refused_by_name(void **state)
{
	struct rig *r = *state;
	struct datastore_refusal refusal;
	unsigned cpu = 0, before;
	char value[32];

	while (dplane_may_use_cpu(r->dataplane.dplane, cpu))
		cpu++;
	before = view(r).workers;
	snprintf(value, sizeof(value), "%u", cpu);
	assert_int_equal(
		datastore_set(r->ds, "dataplane/workers", "7", r->why, sizeof(r->why)),
		0);
	datastore_mark_line(r->ds, 4);
	assert_int_equal(datastore_set(r->ds, "dataplane/cpu-affinity", value, r->why,
				       sizeof(r->why)),
			 0);
	assert_int_not_equal(datastore_commit(r->ds, r->why, sizeof(r->why)), 0);
	snprintf(value, sizeof(value), "names CPU %u, which", cpu);
	assert_non_null(strstr(r->why, value));
	refusal = datastore_refused(r->ds);
	assert_string_equal(refusal.word, "cpu-affinity");
	assert_int_equal(refusal.line, 4);
	assert_int_equal(view(r).workers, before);
}

static void what_waits_is_said_once(void **state)
{
	struct rig *r = *state;
	struct dp_device_conf conf = {.enabled = true, .mtu = 1420, .private_key = {1}};
	struct dp_device *dev;

	conf_script_apply(r->ds, "set dataplane/workers 3");
	assert_string_equal(datastore_notice(r->ds), "");
	assert_int_equal(dp_device_new(r->dataplane.dplane, "wg0", &conf, &dev, r->why,
				       sizeof(r->why)),
			 0);
	conf_script_apply(r->ds, "set dataplane/workers 5");
	assert_string_equal(datastore_notice(r->ds),
			    "dataplane: 3 workers until the next start, then 5");
	conf_script_apply(r->ds, "set dataplane/send-buffer 65536");
	assert_string_equal(datastore_notice(r->ds), "");
	dp_device_stop(dev);
	dp_device_free(dev);
}

static int refuse_always(void *ctx, struct conf_change *c, char *why, size_t why_len)
{
	(void)ctx;
	(void)c;
	snprintf(why, why_len, "no");
	return -1;
}

static void what_another_subsystem_refuses_is_undone(void **state)
{
	static const struct conf_subsys stubborn = {
		.name = "stubborn",
		.prepare = refuse_always,
	};
	struct rig *r = *state;
	unsigned before = view(r).workers;

	datastore_subscribe(r->ds, &stubborn, NULL);
	assert_int_equal(
		datastore_set(r->ds, "dataplane/workers", "9", r->why, sizeof(r->why)),
		0);
	assert_int_not_equal(datastore_commit(r->ds, r->why, sizeof(r->why)), 0);
	assert_int_equal(view(r).workers, before);
}

static void the_last_commit_of_the_daemon_changes_nothing(void **state)
{
	struct rig *r = *state;

	conf_script_apply(r->ds, "set dataplane/workers 6");
	r->dataplane.keep = true;
	conf_script_apply(r->ds, "unset dataplane");
	assert_int_equal(view(r).workers, 6);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_setting_reaches_the_data_plane),
		TEST(a_cpu_that_may_not_be_used_is_refused_by_name),
		TEST(what_waits_is_said_once),
		TEST(what_another_subsystem_refuses_is_undone),
		TEST(the_last_commit_of_the_daemon_changes_nothing),
	};

	if (!lab_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
