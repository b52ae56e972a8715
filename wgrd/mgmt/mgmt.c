/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/mgmt/mgmt.h"

#include <stdlib.h>

#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"
#include "wgrd/mgmt/cleared.h"
#include "wgrd/mgmt/mgmt_priv.h"

struct mgmt *mgmt_new(const struct mgmt_deps *deps)
{
	struct mgmt *m = xcalloc(1, sizeof(*m));

	m->deps = *deps;
	m->deps.version = xstrdup(deps->version);
	m->deps.config_path = deps->config_path ? xstrdup(deps->config_path) : NULL;
	m->cleared = cleared_new();
	m->started_ns = loop_now_ns(deps->loop);
	return m;
}

void mgmt_free(struct mgmt *m)
{
	if (!m)
		return;
	cleared_free(m->cleared);
	free((char *)m->deps.version);
	free((char *)m->deps.config_path);
	free(m);
}
