/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/cli/cli.h"

#include <assert.h>
#include <stdlib.h>

#include "wgrd/cli/cli_priv.h"
#include "wgrd/cli/vty.h"

struct cli *cli_new(struct mgmt *m)
{
	struct cli *cli = xcalloc(1, sizeof(*cli));

	cli->m = m;
	cli->forms = cli_forms_new();
	return cli;
}

int cli_listen(struct cli *cli, const char *path, gid_t group, char *why, size_t why_len)
{
	assert(!cli->server);
	return vty_server_new(cli, path, group, &cli->server, why, why_len);
}

void cli_free(struct cli *cli)
{
	if (!cli)
		return;
	vty_server_free(cli->server);
	free(cli->forms);
	free(cli);
}
