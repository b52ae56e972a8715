/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_ACTION_H
#define WGRD_CLI_ACTION_H

/* What the commands do that are not lines of configuration. Main thread only. */

#include "wgrd/cli/session.h"

enum cli_status cli_act(struct cli_session *s, const struct cli_call *call,
			struct strbuf *out);

#endif
