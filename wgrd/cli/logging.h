/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_LOGGING_H
#define WGRD_CLI_LOGGING_H

/*
 * FRR's `log` commands, which vtysh tells all daemons. They never fail: vtysh would not
 * tell the daemons after this one. A wgrd that FRR's scripts have not started logs where
 * its own options say, and accepts them without effect. Main thread only.
 */

#include "wgrd/cli/session.h"

/* @call is of one of the three CLI_DO_LOG_ actions. */
enum cli_status cli_log(struct cli_session *s, const struct cli_call *call,
			struct strbuf *out);

#endif
