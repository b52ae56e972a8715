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

#include "wgrd/cli/config_print.h"

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

	fake_state = (struct fake_state){0};
	conf_rig_init(&r->conf, "cli");
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
	conf_rig_fini(&r->conf);
	strbuf_free(&r->out);
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
	return conf_rig_path(&r->conf, name);
}

void rig_write(const struct rig *r, const char *name, const char *text)
{
	conf_rig_write(&r->conf, name, text);
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
