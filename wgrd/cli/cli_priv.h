/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CLI_CLI_PRIV_H
#define WGRD_CLI_CLI_PRIV_H

/* What the files of this folder share. Main thread only. */

#include "wgrd/cli/cli.h"
#include "wgrd/cli/form.h"

struct mgmt;
struct vty_server;

struct cli {
	struct mgmt *m;
	struct cli_forms *forms;
	struct vty_server *server; /* NULL until cli_listen() */
};

#endif
