/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/conf_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "wgrd/conf/confirm.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/mgmt/events.h"

static void count_commit(void *ctx, struct conf_change *c)
{
	struct conf_rig *r = ctx;

	(void)c;
	r->commits++;
}

static const struct conf_subsys counter = {.name = "counter", .apply = count_commit};

void conf_rig_init(struct conf_rig *r, const char *name)
{
	char why[512];

	*r = (struct conf_rig){0};
	temp_dir_make(r->dir, name);
	if (datastore_new(getenv("WGRD_YANG_DIR") ?: "yang", &r->ds, why, sizeof(why))) {
		print_error("%s\n", why);
		abort(); /* also where no test runs yet, as in a fuzz target */
	}
	datastore_subscribe(r->ds, &counter, r);
	r->loop = loop_new();
	r->confirm = confirm_new(r->ds, r->loop);
	r->events = events_new();
}

void conf_rig_fini(struct conf_rig *r)
{
	confirm_free(r->confirm);
	events_free(r->events);
	datastore_free(r->ds);
	loop_free(r->loop);
	temp_dir_remove(r->dir);
}

const char *conf_rig_path(const struct conf_rig *r, const char *name)
{
	static char buf[2][256];
	static unsigned turn;
	char *path = buf[turn++ % 2];

	snprintf(path, sizeof(buf[0]), "%s/%s", r->dir, name);
	return path;
}

void conf_rig_write(const struct conf_rig *r, const char *name, const char *text)
{
	temp_dir_write(conf_rig_path(r, name), text);
}
