/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/cli/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wgrd/cli/config_print.h"
#include "wgrd/conf/confirm.h"
#include "wgrd/mgmt/events.h"

static void count_commit(void *ctx, struct conf_change *c)
{
	struct rig *r = ctx;

	(void)c;
	r->commits++;
}

static const struct conf_subsys counter = {.name = "counter", .apply = count_commit};

static void make_cli(struct rig *r)
{
	const struct mgmt_deps deps = {.loop = r->loop,
				       .datastore = r->ds,
				       .confirm = r->confirm,
				       .events = r->events,
				       .rib = FAKE_OBJECT(rib),
				       .wg = FAKE_OBJECT(wg),
				       .tenants = FAKE_OBJECT(tenants),
				       .fib = FAKE_OBJECT(fib),
				       .zclient = FAKE_OBJECT(zclient),
				       .learn = FAKE_OBJECT(learn),
				       .version = "0.1.0",
				       .config_path = rig_path(r, "wgrd.conf")};

	r->m = mgmt_new(&deps);
	r->cli = cli_new(r->m);
	cli_session_init(&r->session, r->cli);
}

int rig_setup(void **state)
{
	struct rig *r = xcalloc(1, sizeof(*r));
	char why[512];

	fake_state = (struct fake_state){0};
	temp_dir_make(r->dir, "cli");
	if (datastore_new(getenv("WGRD_YANG_DIR") ?: "yang", &r->ds, why, sizeof(why))) {
		print_error("%s\n", why);
		return -1;
	}
	datastore_subscribe(r->ds, &counter, r);
	r->loop = loop_new();
	r->confirm = confirm_new(r->ds, r->loop);
	r->events = events_new();
	make_cli(r);
	*state = r;
	return 0;
}

int rig_teardown(void **state)
{
	struct rig *r = *state;

	cli_session_fini(&r->session);
	cli_free(r->cli);
	mgmt_free(r->m);
	confirm_free(r->confirm);
	events_free(r->events);
	datastore_free(r->ds);
	loop_free(r->loop);
	strbuf_free(&r->out);
	temp_dir_remove(r->dir);
	free(r);
	return 0;
}

enum cli_status rig_run(struct rig *r, const char *line)
{
	strbuf_free(&r->out);
	return cli_run(&r->session, line, &r->out);
}

void rig_must(struct rig *r, const char *lines)
{
	char *copy = xstrdup(lines), *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		enum cli_status status = rig_run(r, line);

		if (status != CLI_SUCCESS || r->out.len)
			fail_msg("%s: expected silence, saw status %d and: %s", line,
				 status, strbuf_str(&r->out));
	}
	free(copy);
}

const char *rig_path(const struct rig *r, const char *name)
{
	static char buf[2][256];
	static unsigned turn;
	char *path = buf[turn++ % 2];

	snprintf(path, sizeof(buf[0]), "%s/%s", r->dir, name);
	return path;
}

void rig_write(const struct rig *r, const char *name, const char *text)
{
	temp_dir_write(rig_path(r, name), text);
}

const char *rig_running(struct rig *r, bool secrets)
{
	strbuf_free(&r->out);
	config_print(r->cli->forms, datastore_running(r->ds), secrets, &r->out);
	return strbuf_str(&r->out);
}

void rig_assert_text(const char *what, const char *expected, const char *seen)
{
	unsigned line = 1;
	size_t i = 0;

	if (!strcmp(expected, seen))
		return;
	while (expected[i] && expected[i] == seen[i])
		line += expected[i++] == '\n';
	fail_msg("%s: differs in line %u\n--- expected\n%s\n--- seen\n%s", what, line,
		 expected, seen);
}
