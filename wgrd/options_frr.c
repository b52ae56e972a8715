/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/options_frr.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RUN_DIR  WGRD_RUNSTATEDIR "/frr"
#define CONF_DIR WGRD_SYSCONFDIR "/frr"

struct places {
	struct options *o;
	unsigned used;
};

/* "DIR/PATHSPACE/NAME", unless the option was given. */
static void place(struct places *p, const char **option, const char *dir,
		  const char *name)
{
	const struct options *o = p->o;
	char *path = p->o->path[p->used++];

	assert(p->used <= OPTIONS_PATHS);
	snprintf(path, OPTIONS_PATH_LEN, "%s/%s%s%s", dir, o->pathspace ?: "",
		 o->pathspace ? "/" : "", name);
	*option = *option ?: path;
}

/* As long as paths have room for, and none that leads elsewhere. */
static bool pathspace_is_name(const char *name)
{
	return *name && strlen(name) <= 32 && !strpbrk(name, "/.");
}

bool options_frr_places(struct options *o)
{
	struct places p = {.o = o};
	bool own_file = o->config != NULL;
	const char *frr_conf = NULL;

	if (o->pathspace && !pathspace_is_name(o->pathspace)) {
		fprintf(stderr,
			"wgrd: -N: \"%s\" is not a name without slashes and dots\n",
			o->pathspace);
		return false;
	}
	place(&p, &frr_conf, CONF_DIR, "frr.conf");
	place(&p, &o->config, CONF_DIR, "wgrd.conf");
	place(&p, &o->vty_socket, RUN_DIR, "wgrd.vty");
	place(&p, &o->netconf_socket, RUN_DIR, "wgrd.netconf");
	place(&p, &o->nacm, CONF_DIR, "wgrd-nacm.xml");
	place(&p, &o->pid_file, RUN_DIR, "wgrd.pid");
	place(&p, &o->zserv, RUN_DIR, "zserv.api");
	place(&p, &o->state_dir, WGRD_STATEDIR "-frr", "");
	o->vty_group = o->vty_group ?: "frrvty";
	o->user = o->user ?: "frr";
	o->group = o->group ?: "frr";
	o->config_in_frr = !own_file && !access(frr_conf, F_OK);
	return true;
}
