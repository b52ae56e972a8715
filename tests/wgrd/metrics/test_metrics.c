/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/metrics/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/fake_loop.h"
#include "tests/lib/temp_dir.h"
#include "wgrd/conf/conf.h"

/* The linker has metrics.c call this one: a libmicrohttpd that has no memory left. */
struct MHD_Daemon *__wrap_MHD_start_daemon(unsigned flags, uint16_t port,
					   MHD_AcceptPolicyCallback policy,
					   void *policy_arg, MHD_AccessHandlerCallback fn,
					   void *arg, ...);
struct MHD_Daemon *__wrap_MHD_start_daemon(unsigned flags, uint16_t port,
					   MHD_AcceptPolicyCallback policy,
					   void *policy_arg, MHD_AccessHandlerCallback fn,
					   void *arg, ...)
{
	(void)flags;
	(void)port;
	(void)policy;
	(void)policy_arg;
	(void)fn;
	(void)arg;
	return NULL;
}

struct rig {
	char dir[TEMP_DIR_LEN];
	struct loop *loop;
	struct metrics *m;
	struct conf old, new;
	struct conf_change change;
	char why[256];
};

static void rig_begin(struct rig *r)
{
	*r = (struct rig){.loop = loop_new()};
	temp_dir_make(r->dir, "metrics");
	r->m = metrics_new(&(struct metrics_deps){.loop = r->loop});
	r->change = (struct conf_change){.old = &r->old, .new = &r->new};
}

static void rig_end(struct rig *r)
{
	metrics_free(r->m);
	loop_free(r->loop);
	temp_dir_remove(r->dir);
}

static int prepare(struct rig *r)
{
	return metrics_conf_subsys.prepare(r->m, &r->change, r->why, sizeof(r->why));
}

/* The lowest that is free: one that stays open raises it. */
static int next_descriptor(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

static void a_socket_that_nobody_serves_leaves_no_name(void **state)
{
	struct rig r;
	int before;

	(void)state;
	rig_begin(&r);
	snprintf(r.new.metrics.socket, sizeof(r.new.metrics.socket), "%s/metrics.sock",
		 r.dir);
	before = next_descriptor();
	assert_int_equal(prepare(&r), -ENOMEM);
	assert_string_equal(r.why, "metrics socket: cannot be listened on: Cannot "
				   "allocate memory");
	assert_string_equal(r.change.refused.leaf, "socket");
	assert_int_equal(access(r.new.metrics.socket, F_OK), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(next_descriptor(), before);
	rig_end(&r);
}

static void a_port_that_nobody_serves_is_closed(void **state)
{
	struct rig r;
	int before;

	(void)state;
	rig_begin(&r);
	assert_int_equal(ip_addr_parse(&r.new.metrics.listen.addr, "127.0.0.1"), 0);
	before = next_descriptor();
	assert_int_equal(prepare(&r), -ENOMEM);
	assert_string_equal(r.change.refused.leaf, "listen");
	assert_int_equal(next_descriptor(), before);
	rig_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_that_nobody_serves_leaves_no_name),
		cmocka_unit_test(a_port_that_nobody_serves_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
