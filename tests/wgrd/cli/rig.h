/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_CLI_RIG_H
#define WGRD_TESTS_CLI_RIG_H

/*
 * A command line for tests: a conf_rig, and the scene of fake_state.h for everything else.
 */

#include "tests/lib/conf_rig.h"
#include "tests/wgrd/mgmt/fake_state.h"
#include "wgrd/cli/cli_priv.h"
#include "wgrd/cli/session.h"
#include "wgrd/conf/datastore.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/mgmt/mgmt_priv.h"

#define RIG_KEY_A "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define RIG_KEY_B "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="

struct rig {
	CONF_RIG(conf);
	struct mgmt *m;
	struct cli *cli;
	struct cli_session session;
	struct strbuf out; /* of the latest rig_run() */
};

/* cmocka's setup and teardown; *state is the rig. */
int rig_setup(void **state);
int rig_teardown(void **state);

/* One line of the rig's own session. */
enum cli_status rig_run(struct rig *r, const char *line);
/* Lines set apart by newlines; each must succeed without saying anything. */
void rig_must(struct rig *r, const char *lines);
/* "DIR/NAME" in one of two static buffers. */
const char *rig_path(const struct rig *r, const char *name);
void rig_write(const struct rig *r, const char *name, const char *text);
/* The running configuration as text, in r->out. */
const char *rig_running(struct rig *r, bool secrets);

/* Fails with both texts and the first line that differs. */
void rig_assert_text(const char *what, const char *expected, const char *seen);

#endif
