/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/mgmt/mgmt.h"

#include <assert.h>
#include <stdlib.h>

#include "wgrd/lib/loop.h"
#include "wgrd/mgmt/mgmt_priv.h"
#include "wgrd/mgmt/vty.h"

struct mgmt *mgmt_new(const struct mgmt_deps *deps)
{
	struct mgmt *m = xcalloc(1, sizeof(*m));

	m->deps = *deps;
	m->deps.version = xstrdup(deps->version);
	m->deps.config_path = deps->config_path ? xstrdup(deps->config_path) : NULL;
	m->forms = cli_forms_new();
	m->started_ns = loop_now_ns(deps->loop);
	return m;
}

int mgmt_listen(struct mgmt *m, const char *path, gid_t group, char *why, size_t why_len)
{
	assert(!m->server);
	return vty_server_new(m, path, group, &m->server, why, why_len);
}

void mgmt_free(struct mgmt *m)
{
	if (!m)
		return;
	vty_server_free(m->server);
	free(m->forms);
	free((char *)m->deps.version);
	free((char *)m->deps.config_path);
	free(m);
}
